"""Newton's method uphill within bounds, from a gradient alone."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Bools, Floats

Height = Callable[[Floats], tuple[float, Floats]]
_MOST_STEPS = 200
# Steps of the differences from which curvature is made: near the cube root of rounding.
_STEP = 1e-5


@dataclass(frozen=True, slots=True)
class Summit:
    """Where a climb ended; ``arrived`` is False where it gave up."""

    at: Floats
    height: float
    gradient: Floats
    arrived: bool


def climb(function: Height, start: Floats, lower: Floats, upper: Floats) -> Summit:
    """The maximum uphill from ``start`` between ``lower`` and ``upper``, each of shape (m,).

    Curvature comes from differences of the gradient; directions that curve upwards are taken
    by the size of their curvature, and steps are damped until they lead up.

    Examples
    --------
    >>> def hill(x):
    ...     return -float((x - 2.0) @ (x - 2.0)), -2.0 * (x - 2.0)
    >>> summit = climb(hill, np.zeros(2), np.full(2, -9.0), np.array([9.0, 1.0]))
    >>> summit.at.round(6), summit.arrived
    (array([2., 1.]), True)
    """
    x = np.clip(start, lower, upper)
    height, gradient = function(x)
    damping, stalled = 1e-3, 0
    for _ in range(_MOST_STEPS):
        free = ~_held(x, gradient, lower, upper)
        if not free.any() or float(np.abs(gradient[free]).max()) < 1e-9:
            return Summit(x, height, gradient, True)
        sizes, vectors = _curved(function, x, free)
        pull = vectors.T @ gradient[free]
        while damping < 1e12:
            step = np.zeros_like(x)
            step[free] = vectors @ (pull / (sizes + damping))
            new = np.clip(x + step, lower, upper)
            new_height, new_gradient = function(new)
            if np.isfinite(new_height) and new_height >= height - 1e-12 * abs(height):
                break
            damping = max(10.0 * damping, 1e-6)
        else:
            return Summit(x, height, gradient, float(np.abs(gradient[free]).max()) < 1e-5)
        gain, moved = new_height - height, float(np.abs(new - x).max())
        x, height, gradient = new, new_height, new_gradient
        damping = 0.0 if damping < 1e-12 else 0.1 * damping
        stalled = stalled + 1 if abs(gain) <= 1e-13 * max(1.0, abs(height)) else 0
        if moved < 1e-11 or stalled >= 4:
            free = ~_held(x, gradient, lower, upper)
            rest = float(np.abs(gradient[free]).max()) if free.any() else 0.0
            return Summit(x, height, gradient, rest < 1e-5)
    return Summit(x, height, gradient, False)


def _held(x: Floats, gradient: Floats, lower: Floats, upper: Floats) -> Bools:
    """Parameters at a bound, with the slope leading out."""
    return np.asarray(((x <= lower) & (gradient <= 0)) | ((x >= upper) & (gradient >= 0)))


def _curved(function: Height, x: Floats, free: Bools) -> tuple[Floats, Floats]:
    h = hessian(lambda part: _part(function, x, free, part), x[free], _STEP)
    values, vectors = np.linalg.eigh(h)
    return np.maximum(np.abs(values), 1e-10), vectors


def _part(function: Height, x: Floats, free: Bools, part: Floats) -> Floats:
    whole = x.copy()
    whole[free] = part
    return function(whole)[1][free]


def hessian(gradient: Callable[[Floats], Floats], x: Floats, step: float) -> Floats:
    """Second derivatives by central differences of the gradient, made symmetric."""
    m = x.size
    rows = np.empty((m, m))
    for i in range(m):
        h = np.zeros(m)
        h[i] = step * max(1.0, abs(float(x[i])))
        rows[i] = (gradient(x + h) - gradient(x - h)) / (2.0 * h[i])
    return 0.5 * (rows + rows.T)


def fine_hessian(gradient: Callable[[Floats], Floats], x: Floats, scale: Floats) -> Floats:
    """Second derivatives by differences of four points, steps in proportion to ``scale``."""
    m = x.size
    rows = np.empty((m, m))
    for i in range(m):
        h = np.zeros(m)
        h[i] = 1e-3 * scale[i]
        one = gradient(x + h) - gradient(x - h)
        two = gradient(x + 2.0 * h) - gradient(x - 2.0 * h)
        three = gradient(x + 3.0 * h) - gradient(x - 3.0 * h)
        rows[i] = (45.0 * one - 9.0 * two + three) / (60.0 * h[i])
    return 0.5 * (rows + rows.T)
