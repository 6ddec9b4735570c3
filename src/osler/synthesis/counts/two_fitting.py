"""Maximum likelihood for models with random base risks and random effects."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from osler.core.arrays import Bools, Floats
from osler.synthesis.counts.two_effects import Averaged, TwoArms, averaged

_TAU_STARTS = (0.1, 0.4, 1.0, 2.0)
# Least standard deviations from which a profile is climbed, beside those of the fit.
_RAISED = 0.3
# Nodes along each axis, tried in turn; see ``fitting.LADDER``.
LADDER = (7, 13, 21, 31)
_STABLE = 1e-8
_LARGEST = 30.0
# The inverse hyperbolic tangent of a correlation that is 1 to seven digits.
_PERFECT = 8.0
# A gain in log-likelihood that rounding would hide, relative to its size.
_NO_GAIN = 1e-15
# Of fewer nodes an axis the curvature is not worth much as a guide.
_FEW = 4


@dataclass(frozen=True, slots=True)
class TwoFit:
    """The highest point found; ``parameters`` are (alpha, mu, sigma, tau[, atanh rho]).

    ``modes`` (k, 1, 2) are those of the studies' integrands there.
    """

    parameters: Floats
    covariance: Floats
    log_likelihood: float
    nodes: int
    converged: bool
    modes: Floats
    notes: tuple[str, ...] = ()


def fit_two(arms: TwoArms, start: Floats, nodes: int | None = None) -> TwoFit:
    """The maximum of the likelihood in the inside of its parameters' range.

    Parameters
    ----------
    start : array of shape (4,)
        alpha, mu, sigma, tau to begin with; several other tau are tried as well.
    nodes : int, optional
        Along each axis; without it as many as leave the log-likelihood unchanged to 1e-8.
    """
    first = nodes or LADDER[0]
    starts = np.array([_full(arms, start, tau) for tau in (max(start[3], 0.05), *_TAU_STARTS)])
    ranked = np.argsort(-averaged(arms, starts, first, curved=False).value, kind="stable")
    chosen = starts[ranked[:2]]
    best = _climb(arms, chosen, _guided(arms, chosen, first, None), first, most=10)
    x, at = best.parameters[None], _guided(arms, best.parameters[None], first, best.modes)
    if nodes is not None:
        best = _climb(arms, x, at, nodes)
        return _finished(best, _curvature(arms, best), ())
    for few, more in pairwise(LADDER):
        best = _climb(arms, x, at, few)
        x, at = best.parameters[None], averaged(arms, best.parameters[None], more, best.modes)
        if abs(float(at.value[0]) - best.log_likelihood) < _STABLE:
            # With so many nodes the curvature of the integral is exact, too.
            return _finished(best, at.curvature[0], ())
    note = f"the quadrature still moves the log-likelihood with {LADDER[-1]} nodes an axis"
    best = _climb(arms, x, at, LADDER[-1])
    return _finished(best, _curvature(arms, best), (note,))


def _full(arms: TwoArms, start: Floats, tau: float) -> Floats:
    out = np.zeros(len(arms.names))
    out[:4] = start[:4]
    out[2], out[3] = max(start[2], 0.05), tau
    return out


def profile_two(arms: TwoArms, at: TwoFit, mu: float) -> float:
    """Height of the log-likelihood with the effect held, all else at its best."""
    starts = np.array([at.parameters, at.parameters])
    starts[:, 1] = mu
    # Without heterogeneity the slope in both deviations is 0, whether more of it is better or not.
    starts[1, 2:4] = np.maximum(starts[1, 2:4], _RAISED)
    begun = _guided(arms, starts, at.nodes, np.repeat(at.modes, 2, axis=1))
    return _climb(arms, starts, begun, at.nodes, held=1).log_likelihood


def _guided(arms: TwoArms, x: Floats, nodes: int, modes: Floats | None) -> Averaged:
    found = averaged(arms, x, nodes, modes)
    if nodes >= _FEW:
        return found
    guide = averaged(arms, x, LADDER[0], found.modes)
    return replace(found, curvature=guide.curvature)


def _climb(
    arms: TwoArms,
    starts: Floats,
    at: Averaged,
    nodes: int,
    *,
    most: int = 100,
    held: int | None = None,
) -> TwoFit:
    """Newton's method from each of ``starts`` (n, P), side by side; the highest point found.

    ``at`` is the likelihood there.
    Directions that curve upwards are turned, and steps shortened until they climb.
    """
    x, length = starts, np.ones(len(starts))
    use = np.arange(x.shape[1]) != (-1 if held is None else held)
    for _ in range(most):
        free = use & ~((np.abs(x) >= _LARGEST) & (at.gradient * x > 0))
        step = _uphill(-at.curvature, at.gradient * free, free)
        gain = (at.gradient * step).sum(axis=1)
        arrived = (np.abs(step).max(axis=1) < 1e-9) | (gain < _NO_GAIN * (1 + np.abs(at.value)))
        if arrived.all():
            x = x + step  # too little to be seen in the height: taken on trust
            break
        new = np.clip(x + length[:, None] * step, -_LARGEST, _LARGEST)
        tried = _guided(arms, new, nodes, at.modes)
        up = tried.value >= at.value - 1e-13 * (1 + np.abs(at.value))
        length = np.where(up, 1.0, 0.3 * length)
        x = np.where(up[:, None], new, x)
        at = Averaged(
            np.where(up, tried.value, at.value),
            np.where(up[:, None], tried.gradient, at.gradient),
            np.where(up[:, None, None], tried.curvature, at.curvature),
            np.where(up[:, None], tried.modes, at.modes),
        )
    best = int(at.value.argmax())
    value, there = float(at.value[best]), at.modes[:, best, None]
    settled = bool(arrived[best]) and float(np.abs(x[best]).max()) < _LARGEST
    return TwoFit(_signed(x[best]), np.empty((0, 0)), value, nodes, settled, there)


def _uphill(info: Floats, gradient: Floats, free: Bools) -> Floats:
    """Newton's steps in what is free, (n, P), in units of each parameter's own curvature.

    A correlation near 1 hardly bends the likelihood, and would not move beside the others.
    """
    info = np.where(free[:, :, None] & free[:, None, :], info, np.eye(gradient.shape[1]))
    own = np.abs(np.diagonal(info, axis1=1, axis2=2))
    unit = np.sqrt(np.maximum(own, 1e-14 * np.maximum(1.0, own.max(axis=1, keepdims=True))))
    values, vectors = np.linalg.eigh(info / (unit[:, :, None] * unit[:, None, :]))
    sizes = np.maximum(np.abs(values), 1e-7)
    along = (np.swapaxes(vectors, 1, 2) @ (gradient / unit)[:, :, None])[:, :, 0] / sizes
    step = (vectors @ along[:, :, None])[:, :, 0] / unit * free
    longest = np.abs(step).max(axis=1, keepdims=True)
    return np.asarray(step * np.minimum(1.0, 2.0 / np.maximum(longest, 1e-300)))


def _signed(x: Floats) -> Floats:
    """The same point with both standard deviations above 0: only rho can tell a sign."""
    out = x.copy()
    out[4:] *= np.sign(x[2]) * np.sign(x[3]) or 1.0
    out[2:4] = np.abs(x[2:4])
    return out


def _curvature(arms: TwoArms, at: TwoFit) -> Floats:
    """Second derivatives (P, P) of the sum over the nodes, however few they are.

    From differences of the exact gradient, of fourth order.
    """
    size, h = at.parameters.size, 2e-3
    shifts = np.array([1.0, -1.0, 2.0, -2.0])[:, None, None] * h * np.eye(size)
    points = (at.parameters + shifts).reshape(-1, size)
    modes = np.repeat(at.modes, len(points), axis=1)
    slopes = averaged(arms, points, at.nodes, modes, curved=False).gradient
    one, minus_one, two, minus_two = slopes.reshape(4, size, size)
    hessian = (8 * (one - minus_one) - (two - minus_two)) / (12 * h)
    return np.asarray(0.5 * (hessian + hessian.T))


def _finished(at: TwoFit, curvature: Floats, notes: tuple[str, ...]) -> TwoFit:
    if not at.converged:
        notes = (*notes, "the search for the maximum did not settle: take the result with care")
    if at.parameters.size == 5 and abs(at.parameters[4]) > _PERFECT:
        notes = (*notes, "base risks and effects are estimated to be perfectly correlated")
    covariance = np.linalg.pinv(-curvature, hermitian=True)
    return replace(at, covariance=np.asarray(covariance, float), notes=notes)
