"""Newton's method uphill within bounds, from several starts at once."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Bools, Floats

# Heights (n,), gradients (n, m) and second derivatives (n, m, m) at points of shape (n, m).
Hill = Callable[[Floats], tuple[Floats, Floats, Floats]]
_MOST_STEPS = 400


@dataclass(frozen=True, slots=True)
class Summit:
    """Where a climb ended; ``arrived`` is False where it gave up."""

    at: Floats
    height: float
    arrived: bool


def climb(hill: Hill, starts: Floats, lower: Floats, upper: Floats) -> list[Summit]:
    """The maxima uphill from ``starts``, shape (n, m), between ``lower`` and ``upper``, (m,).

    Directions that curve upwards are taken by the size of their curvature, and steps are
    damped until they lead up. All climb side by side, so that the hill is worked out at once
    where each stands. A start at which the hill is not finite is given up.

    Examples
    --------
    >>> def hill(x):
    ...     d = x - 2.0
    ...     return -(d * d).sum(1), -2.0 * d, np.broadcast_to(-2.0 * np.eye(2), (len(x), 2, 2))
    >>> top, = climb(hill, np.zeros((1, 2)), np.full(2, -9.0), np.array([9.0, 1.0]))
    >>> top.at.round(6), top.arrived
    (array([2., 1.]), True)
    """
    x = np.clip(starts, lower, upper)
    height, gradient, hessian = (np.array(part) for part in hill(x))
    damping, stalled = np.full(len(x), 1e-3), np.zeros(len(x), int)
    done = ~np.isfinite(height)
    for _ in range(_MOST_STEPS):
        free = _free(x, gradient, lower, upper)
        done |= _steepest(gradient, free) < 1e-9
        i = np.flatnonzero(~done)
        if not i.size:
            break
        step = _step(hessian[i], gradient[i], free[i], damping[i])
        new = np.clip(x[i] + step, lower, upper)
        tried = hill(new)
        gain = tried[0] - height[i]
        up = np.isfinite(tried[0]) & (gain >= -1e-12 * np.abs(height[i]))
        still = np.abs(new - x[i]).max(1) < 1e-11
        level = up & (np.abs(gain) <= 1e-13 * np.maximum(1.0, np.abs(height[i])))
        stalled[i] = np.where(level, stalled[i] + 1, 0)
        less = np.where(damping[i] < 1e-12, 0.0, 0.1 * damping[i])
        damping[i] = np.where(up, less, np.maximum(10.0 * damping[i], 1e-6))
        done[i] = still | (stalled[i] >= 4) | (damping[i] >= 1e12)
        j = i[up]
        x[j], height[j], gradient[j], hessian[j] = new[up], *(part[up] for part in tried)
    # Rounding may hide the last of the slope.
    arrived = done & (_steepest(gradient, _free(x, gradient, lower, upper)) < 1e-5)
    return [Summit(x[i], float(height[i]), bool(arrived[i])) for i in range(len(x))]


def _free(x: Floats, gradient: Floats, lower: Floats, upper: Floats) -> Bools:
    """All but the parameters at a bound with the slope leading out."""
    held = ((x <= lower) & (gradient <= 0)) | ((x >= upper) & (gradient >= 0))
    return np.asarray(~held)


def _steepest(gradient: Floats, free: Bools) -> Floats:
    return np.asarray(np.abs(gradient * free).max(1))


def _step(hessian: Floats, gradient: Floats, free: Bools, damping: Floats) -> Floats:
    """Newton's step in the free parameters, all curvature taken downwards."""
    both = free[:, :, None] & free[:, None, :]
    values, vectors = np.linalg.eigh(np.where(both, hessian, np.eye(gradient.shape[1])))
    sizes = np.maximum(np.abs(values), 1e-10) + damping[:, None]
    along = np.swapaxes(vectors, 1, 2) @ (gradient * free)[:, :, None]
    return np.asarray((vectors @ (along / sizes[:, :, None]))[:, :, 0] * free)
