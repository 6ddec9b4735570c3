"""Maximum likelihood for models with one random effect a study.

Studies may each have a parameter of their own (an intercept); it meets no other study's, so
it is eliminated from each Newton step study by study, and the work grows with their number.
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from osler.core.arrays import Bools, Floats
from osler.synthesis.counts.quadrature import Marginal, Model, marginal

# Values of tau at which the profile likelihood is looked at before a climb: the climb starts
# from the best, so a second, lower peak cannot catch it.
_SCAN = (0.1, 0.3, 0.6, 1.0, 1.7, 3.0, 6.0)
_SCAN_NODES = 5
_SCAN_STEPS = 2
# Beyond this tau, a log odds ratio varies over all that can be told apart from 0 and 1.
_LARGEST_TAU = 50.0
_MOST_STEPS = 80
_MOST_CUTS = 15
# Steps after which the curvature is taken from differences.
_PATIENCE = 20
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


def fit(model: Model, *, nodes: int | None = None, without: Fit | None = None) -> Fit:
    """The maximum over every parameter.

    Parameters
    ----------
    model : Model
    nodes : int, optional
        Of the quadrature; without it, as many as leave the log-likelihood unchanged to 1e-9.
    without : Fit, optional
        The maximum with tau held at 0, where it is known.
    """
    known = without or fit_without(model)
    flat = _evaluated(model, known.own, known.beta, 0.0, 1)
    flat = replace(flat, converged=known.converged)
    at = _scan(model, flat, nodes or LADDER[0])
    if nodes is not None:
        return _told(model, _best_tau(model, at, nodes, flat), nodes)
    for few, more in pairwise(LADDER):
        best = _best_tau(model, at, few, flat)
        at = _evaluated(model, best.own, best.beta, best.tau, more, best.parts.mode)
        if abs(at.height - best.height) < _STABLE:
            # With so many nodes the curvature of the integral is exact, too.
            return _told(model, best, few, at.parts.curvature[:, 0])
    note = f"the quadrature still moves the log-likelihood with {LADDER[-1]} nodes"
    found = _told(model, _best_tau(model, at, LADDER[-1], flat), LADDER[-1])
    return replace(found, notes=(note, *found.notes))


def fit_without(model: Model, *, own: Floats | None = None, beta: Floats | None = None) -> Fit:
    """The maximum with tau held at 0, no random effect; ``own`` and ``beta`` are where to start."""
    first = np.zeros(model.k) if own is None else own
    start = _evaluated(model, first, np.zeros(model.p) if beta is None else beta, 0.0, 1)
    return _told(model, _newton(model, start, 1, free_tau=False), 1)


def profile(model: Model, at: Fit, *, beta: float | None = None, tau: float | None = None) -> float:
    """Height of the log-likelihood with the first beta or tau held, all else at its best."""
    if tau is not None:
        start = _evaluated(model, at.own, at.beta, tau, at.nodes)
        return _newton(model, start, at.nodes if tau else 1, free_tau=False).height
    betas = at.beta.copy()
    betas[0] = beta
    flat = _newton(model, _evaluated(model, at.own, betas, 0.0, 1), 1, free_tau=False, held=0)
    # Without heterogeneity in the fit nothing tells how much of it there is so far from it.
    start = (
        _evaluated(model, at.own, betas, at.tau, at.nodes)
        if at.tau
        else _scan(model, flat, at.nodes, held=0)
    )
    return _best_tau(model, start, at.nodes, flat, held=0).height


def _evaluated(
    model: Model, own: Floats, beta: Floats, tau: float, nodes: int, mode: Floats | None = None
) -> _At:
    used = nodes if tau else 1
    parts = _marginal(model, own[:, None], beta[None], np.array([tau]), used, mode)
    return _At(own, beta, tau, float(parts.value.sum()), parts, False)


def _marginal(
    model: Model, own: Floats, beta: Floats, tau: Floats, nodes: int, mode: Floats | None
) -> Marginal:
    parts = marginal(model, own, beta, tau, nodes, mode)
    if nodes < _FEW and tau.any():
        # Of few nodes the curvature is not worth much as a guide; the gradient is exact.
        guide = marginal(model, own, beta, tau, LADDER[0], parts.mode)
        parts = replace(parts, curvature=guide.curvature)
    return parts


def _scan(model: Model, flat: _At, nodes: int, held: int | None = None) -> _At:
    """The best of the points looked at, all else near its best for each, with ``nodes``.

    With tau held the log-likelihood is concave in the rest, as the integrand is in all: a
    few of Newton's steps from the fit without random effects, those that climb, will do.
    """
    tau = np.array(_SCAN)
    own, beta = np.repeat(flat.own[:, None], tau.size, 1), np.tile(flat.beta, (tau.size, 1))
    parts = marginal(model, own, beta, tau, _SCAN_NODES)
    length = np.ones(tau.size)
    for _ in range(_SCAN_STEPS):
        step, own_step, _ = _step(model, parts, False, held, 0.0)
        longest = np.maximum(np.abs(step).max(axis=1), np.abs(own_step).max(axis=0))
        short = length * np.minimum(1.0, 4.0 / np.maximum(longest, 1e-300))
        new_own, new_beta = own + short * own_step, beta + short[:, None] * step[:, :-1]
        tried = marginal(model, new_own, new_beta, tau, _SCAN_NODES, parts.mode)
        up = tried.value.sum(axis=0) >= parts.value.sum(axis=0)
        length = np.where(up, 1.0, 0.25 * length)
        own, beta = np.where(up, new_own, own), np.where(up[:, None], new_beta, beta)
        parts = _chosen(up, tried, parts)
    heights = parts.value.sum(axis=0)
    best = int(heights.argmax())
    if heights[best] <= flat.height:
        return flat
    mode = parts.mode[:, best, None]
    return _evaluated(model, own[:, best], beta[best], float(tau[best]), nodes, mode)


def _chosen(up: Bools, tried: Marginal, others: Marginal) -> Marginal:
    """Sets that are ``up`` of those tried, the rest of the others."""
    return Marginal(
        np.where(up, tried.value, others.value),
        np.where(up[:, None], tried.gradient, others.gradient),
        np.where(up[:, None, None], tried.curvature, others.curvature),
        np.where(up, tried.mode, others.mode),
    )


def _best_tau(model: Model, start: _At, nodes: int, flat: _At, held: int | None = None) -> _At:
    """Climb in tau and all else from ``start``; where that ends next to 0, compare with 0."""
    falls = _slope_in_tau2(model, flat) <= 0
    if start.tau == 0:
        if falls:
            return flat
        start = _evaluated(model, flat.own, flat.beta, 0.05, nodes)
    top = _newton(model, start, nodes, free_tau=True, held=held)
    if top.tau < 1e-3 and falls:
        return flat
    return flat if flat.height >= top.height else top


def _slope_in_tau2(model: Model, flat: _At) -> float:
    """Twice the derivative of the log-likelihood by tau2 at tau = 0.

    There the first derivative by tau is 0 and the second is this. Parameters of the studies
    alone do not move it: the mixed derivatives with tau are 0 as well.
    """
    base = model.own[:, None] * flat.own + (model.x @ flat.beta)[:, None]
    _, first, second = model.log_likelihood(base)
    score, info = model.d @ first, -(model.d**2) @ second
    return float((score**2 - info).sum())


def _newton(
    model: Model,
    start: _At,
    nodes: int,
    *,
    free_tau: bool,
    held: int | None = None,
) -> _At:
    """Newton's method on everything free, with steps shortened until they climb."""
    at, ridge = start, 0.0
    for turn in range(_MOST_STEPS):
        if turn >= _PATIENCE and at.tau:
            # With few nodes the curvature of the integral may mislead: that of their sum.
            curvature = _curvature(model, at, nodes)[:, None]
            at = replace(at, parts=replace(at.parts, curvature=curvature))
        steps, own_steps, gains = _step(model, at.parts, free_tau, held, ridge)
        step, own_step, gain = steps[0], own_steps[:, 0], float(gains[0])
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
) -> tuple[Floats, Floats, Floats]:
    """Newton's steps for (beta, tau), (n, p + 1), and for the own parameters, (k, n).

    And the gains they foresee, (n,).
    """
    use = np.ones(model.p + 1, bool)
    use[-1] = free_tau
    if held is not None:
        use[held] = False
    gradient, info = parts.gradient, -parts.curvature
    g, h = gradient[..., 1:].sum(axis=0), info[..., 1:, 1:].sum(axis=0)
    own_step = np.zeros(gradient.shape[:2])
    cross, own_info = info[..., 0, 1:], np.maximum(info[..., 0, 0], 1e-10)
    if model.has_own:
        own_step = gradient[..., 0] / own_info
        g = g - (cross * own_step[..., None]).sum(axis=0)
        h = h - _products(cross, own_info)
    step = np.zeros_like(g)
    if use.any():
        step[:, use] = _uphill(h[:, use][:, :, use], g[:, use], ridge)
    if model.has_own:
        own_step = own_step - (cross * step).sum(axis=-1) / own_info
    gain = (g * step).sum(axis=1)
    if model.has_own:
        gain = gain + (gradient[..., 0] ** 2 / own_info).sum(axis=0)
    return step, own_step, gain


def _products(cross: Floats, own_info: Floats) -> Floats:
    """What eliminating the own parameters takes from the information, (n, p + 1, p + 1)."""
    return np.asarray((cross[..., :, None] * (cross / own_info[..., None])[..., None, :]).sum(0))


def _uphill(info: Floats, gradient: Floats, ridge: float) -> Floats:
    """Newton's steps (n, m), with directions that curve upwards turned round."""
    values, vectors = np.linalg.eigh(info)
    sizes = np.abs(values)
    floor = 1e-8 * np.maximum(1.0, sizes.max(axis=1, keepdims=True))
    scaled = np.maximum(sizes, floor) + ridge * (1 + sizes)
    along = (np.swapaxes(vectors, 1, 2) @ gradient[:, :, None])[:, :, 0] / scaled
    return np.asarray((vectors @ along[:, :, None])[:, :, 0])


def _told(model: Model, at: _At, nodes: int, curvature: Floats | None = None) -> Fit:
    """With the covariance from ``curvature`` (k, P, P), or what the sum over nodes has of it."""
    notes: tuple[str, ...] = ()
    if not at.converged:
        notes = (*notes, "the search for the maximum did not settle: take the result with care")
    if at.tau >= _LARGEST_TAU:
        notes = (*notes, "the likelihood still rises at the largest tau that was tried")
    if curvature is None:
        # Without random effects one node is exact.
        curvature = _curvature(model, at, nodes) if at.tau else at.parts.curvature[:, 0]
    info = -curvature[:, 1:, 1:].sum(axis=0)
    if model.has_own:
        info += _products(curvature[:, 0, 1:], curvature[:, 0, 0])
    size = model.p + 1
    covariance = np.full((size, size), math.nan)
    use = np.arange(size if at.tau > 0 else model.p)
    covariance[np.ix_(use, use)] = np.linalg.pinv(info[np.ix_(use, use)], hermitian=True)
    return Fit(at.own, at.beta, at.tau, at.height, covariance, nodes, at.converged, notes)


def _curvature(model: Model, at: _At, nodes: int) -> Floats:
    """Second derivatives (k, P, P) of the sum over the nodes, however few they are.

    From differences of the exact gradient, of fourth order: right to about 1e-10.
    """
    size, h = model.p + 2, 2e-3
    shifts = np.array([h, -h, 2 * h, -2 * h])[:, None, None] * np.eye(size)
    own, beta, tau = (
        at.own[:, None] + shifts[..., 0].ravel(),
        at.beta + shifts[..., 1:-1].reshape(-1, model.p),
        at.tau + shifts[..., -1].ravel(),
    )
    mode = np.repeat(at.parts.mode, tau.size, axis=1)
    slopes = marginal(model, own, beta, tau, nodes, mode, curved=False).gradient
    one, minus_one, two, minus_two = np.moveaxis(slopes.reshape(model.k, 4, size, size), 1, 0)
    hessian = (8 * (one - minus_one) - (two - minus_two)) / (12 * h)
    return np.asarray(0.5 * (hessian + hessian.transpose(0, 2, 1)))
