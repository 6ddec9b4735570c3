"""Maximum likelihood for models with one random effect a study.

Studies may each have a parameter of their own (an intercept); it meets no other study's, so
it is eliminated from each Newton step study by study, and the work grows with their number.
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from osler.core.arrays import Floats
from osler.synthesis.counts.quadrature import Marginal, Model, marginal

# Values of tau at which the profile likelihood is looked at before a climb: the climb starts
# from the best, so a second, lower peak cannot catch it.
_SCAN = (0.1, 0.3, 0.6, 1.0, 1.7, 3.0, 6.0)
_SCAN_NODES = 5
# Beyond this tau, a log odds ratio varies over all that can be told apart from 0 and 1.
_LARGEST_TAU = 50.0
_MOST_STEPS = 80
_MOST_CUTS = 15
# A gain in log-likelihood that rounding would hide, relative to its size.
_NO_GAIN = 1e-14
# Nodes tried in turn; the first whose log-likelihood the next does not change is kept.
LADDER = (11, 21, 41, 81)
_STABLE = 1e-9
_FEW = 4


@dataclass(frozen=True, slots=True)
class Fit:
    """The highest point found.

    ``covariance`` is that of (beta..., tau) with tau's row NaN where tau was held fixed or
    is 0; ``converged`` whether the last Newton step was below rounding.
    """

    own: Floats
    beta: Floats
    tau: float
    log_likelihood: float
    covariance: Floats
    nodes: int
    converged: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _At:
    own: Floats
    beta: Floats
    tau: float
    height: float
    parts: Marginal
    converged: bool


def fit(model: Model, *, nodes: int | None = None, own: Floats | None = None) -> Fit:
    """The maximum over every parameter.

    Parameters
    ----------
    model : Model
    nodes : int, optional
        Of the quadrature; without it, as many as leave the log-likelihood unchanged to 1e-9.
    own : array of shape (k,), optional
        Where the studies' own parameters start.
    """
    flat = _flat(model, np.zeros(model.k) if own is None else own)
    best = _scan(model, flat)
    if nodes is not None:
        return _with_covariance(model, _best_tau(model, best, nodes, flat), nodes, ())
    for few, more in pairwise(LADDER):
        best = _best_tau(model, best, few, flat)
        again = marginal(model, best.own, best.beta, best.tau, more, best.parts.mode)
        if abs(float(again.value.sum()) - best.height) < _STABLE:
            return _with_covariance(model, best, few, ())
    note = f"the quadrature still moves the log-likelihood with {LADDER[-1]} nodes"
    return _with_covariance(model, _best_tau(model, best, LADDER[-1], flat), LADDER[-1], (note,))


def fit_without(model: Model, *, own: Floats | None = None) -> Fit:
    """The maximum with tau held at 0: no random effect."""
    flat = _flat(model, np.zeros(model.k) if own is None else own)
    return _with_covariance(model, flat, 1, ())


def profile(model: Model, at: Fit, *, beta: float | None = None, tau: float | None = None) -> float:
    """Height of the log-likelihood with the first beta or tau held, all else at its best."""
    betas = at.beta.copy()
    if beta is not None:
        betas[0] = beta
    start = _evaluated(model, at.own, betas, at.tau if tau is None else tau, at.nodes)
    if tau is not None:
        nodes = at.nodes if tau else 1
        return _newton(model, start, nodes, free_tau=False).height
    flat = _newton(model, _evaluated(model, at.own, betas, 0.0, 1), 1, free_tau=False, held=0)
    return _best_tau(model, start, at.nodes, flat, held=0).height


def _evaluated(
    model: Model, own: Floats, beta: Floats, tau: float, nodes: int, mode: Floats | None = None
) -> _At:
    parts = marginal(model, own, beta, tau, nodes, mode)
    if nodes < _FEW and tau > 0:
        # Of few nodes the curvature is not worth much as a guide; the gradient is exact.
        guide = marginal(model, own, beta, tau, LADDER[0], parts.mode)
        parts = replace(parts, curvature=guide.curvature)
    return _At(own, beta, tau, float(parts.value.sum()), parts, False)


def _flat(model: Model, own: Floats) -> _At:
    """The maximum with tau held at 0."""
    start = _evaluated(model, own, np.zeros(model.p), 0.0, 1)
    return _newton(model, start, 1, free_tau=False)


def _scan(model: Model, flat: _At) -> _At:
    """The best of the points looked at, all else near its best for each."""
    at = best = flat
    for tau in _SCAN:
        at = _evaluated(model, at.own, at.beta, tau, _SCAN_NODES)
        at = _newton(model, at, _SCAN_NODES, free_tau=False, most=2)
        if at.height > best.height:
            best = at
    return best


def _best_tau(model: Model, start: _At, nodes: int, flat: _At, held: int | None = None) -> _At:
    """Climb in tau and all else; where that ends next to 0, compare with 0 itself."""
    falls = _slope_in_tau2(model, flat) <= 0
    if start.tau == 0:
        if falls:
            return flat
        start = _evaluated(model, flat.own, flat.beta, 0.05, nodes)
    again = _evaluated(model, start.own, start.beta, start.tau, nodes)
    top = _newton(model, again, nodes, free_tau=True, held=held)
    if top.tau < 1e-3 and falls:
        return flat
    return flat if flat.height >= top.height else top


def _slope_in_tau2(model: Model, flat: _At) -> float:
    """Twice the derivative of the log-likelihood by tau2 at tau = 0.

    There the first derivative by tau is 0 and the second is this. Parameters of the studies
    alone do not move it: the mixed derivatives with tau are 0 as well.
    """
    score, info = np.zeros(model.k), np.zeros(model.k)
    for row in model.rows:
        base = row.own * flat.own + float(np.dot(row.x, flat.beta))
        _, first, second = (part[:, 0] for part in row.family.log_likelihood(base[:, None]))
        score += row.d * first
        info -= row.d**2 * second
    return float((score**2 - info).sum())


def _newton(
    model: Model,
    start: _At,
    nodes: int,
    *,
    free_tau: bool,
    held: int | None = None,
    most: int = _MOST_STEPS,
) -> _At:
    """Newton's method on everything free, with steps shortened until they climb."""
    at, ridge = start, 0.0
    for _ in range(most):
        step, own_step, gain = _step(model, at.parts, free_tau, held, ridge)
        longest = max(np.max(np.abs(step), initial=0.0), np.max(np.abs(own_step), initial=0.0))
        if gain < _NO_GAIN * (1 + abs(at.height)) and longest < 1e-3:
            # Too little to be seen in the height: the last step is taken on trust.
            last = _moved(model, at, step, own_step, nodes)
            return replace(last, converged=True)
        length = min(1.0, 4.0 / longest)
        climbed = None
        for _ in range(_MOST_CUTS):
            new = _moved(model, at, step * length, own_step * length, nodes)
            if new.height >= at.height - 1e-13 * (1 + abs(at.height)):
                climbed = new
                break
            length *= 0.25
        if climbed is None and ridge > 1e6:
            break
        ridge = max(100 * ridge, 1e-2) if climbed is None else 0.01 * ridge * (ridge > 1e-4)
        at = climbed or at
        if at.tau >= _LARGEST_TAU:
            break
    return at


def _moved(model: Model, at: _At, step: Floats, own_step: Floats, nodes: int) -> _At:
    tau = min(abs(at.tau + float(step[-1])), _LARGEST_TAU)
    return _evaluated(model, at.own + own_step, at.beta + step[:-1], tau, nodes, at.parts.mode)


def _step(
    model: Model, parts: Marginal, free_tau: bool, held: int | None, ridge: float
) -> tuple[Floats, Floats, float]:
    """Newton's step for (beta, tau) and for the own parameters, and the gain it foresees."""
    use = np.ones(model.p + 1, bool)
    use[-1] = free_tau
    if held is not None:
        use[held] = False
    gradient, info = parts.gradient, -parts.curvature
    g, h = gradient[:, 1:].sum(axis=0), info[:, 1:, 1:].sum(axis=0)
    own_step = np.zeros(model.k)
    cross, own_info = info[:, 0, 1:], np.maximum(info[:, 0, 0], 1e-10)
    if model.has_own:
        own_step = gradient[:, 0] / own_info
        g = g - (cross * own_step[:, None]).sum(axis=0)
        h = h - np.einsum("kp,kr->pr", cross / own_info[:, None], cross)
    step = np.zeros(model.p + 1)
    if use.any():
        step[use] = _uphill(h[np.ix_(use, use)], g[use], ridge)
    if model.has_own:
        own_step = own_step - (cross * step).sum(axis=1) / own_info
    gain = float(g @ step)
    if model.has_own:
        gain += float((gradient[:, 0] ** 2 / own_info).sum())
    return step, own_step, gain


def _uphill(info: Floats, gradient: Floats, ridge: float) -> Floats:
    """Newton's step, with directions that curve upwards turned round."""
    values, vectors = np.linalg.eigh(info)
    floor = 1e-8 * max(1.0, float(np.abs(values).max()))
    scaled = np.maximum(np.abs(values), floor) + ridge * (1 + np.abs(values))
    return np.asarray(vectors @ ((vectors.T @ gradient) / scaled))


def _with_covariance(model: Model, at: _At, nodes: int, notes: tuple[str, ...]) -> Fit:
    if not at.converged:
        notes = (*notes, "the search for the maximum did not settle: take the result with care")
    if at.tau >= _LARGEST_TAU:
        notes = (*notes, "the likelihood still rises at the largest tau that was tried")
    info = observed_information(model, at.own, at.beta, at.tau, nodes)
    size = model.p + 1
    covariance = np.full((size, size), math.nan)
    use = np.arange(size if at.tau > 0 else model.p)
    covariance[np.ix_(use, use)] = np.linalg.pinv(info[np.ix_(use, use)], hermitian=True)
    return Fit(at.own, at.beta, at.tau, at.height, covariance, nodes, at.converged, notes)


def observed_information(model: Model, own: Floats, beta: Floats, tau: float, nodes: int) -> Floats:
    """Minus the second derivatives by (beta, tau), the own parameters eliminated.

    From differences of the exact gradient, of fourth order: right to about 1e-10.
    """
    size = model.p + 2
    h = 2e-3
    hessian = np.zeros((model.k, size, size))
    for a in range(size):
        if a == 0 and not model.has_own:
            continue
        if a == size - 1 and tau == 0:
            continue
        for weight, shift in ((8.0, h), (-8.0, -h), (-1.0, 2 * h), (1.0, -2 * h)):
            o = own + shift * (a == 0)
            b = beta + shift * (np.arange(1, model.p + 1) == a)
            t = tau + shift * (a == size - 1)
            hessian[:, a] += weight * marginal(model, o, b, t, nodes).gradient
        hessian[:, a] /= 12 * h
    info = -0.5 * (hessian + hessian.transpose(0, 2, 1))
    out = info[:, 1:, 1:].sum(axis=0)
    if model.has_own:
        cross = info[:, 0, 1:]
        out = out - np.einsum("kp,kr->pr", cross / info[:, 0, 0, None], cross)
    return np.asarray(out)
