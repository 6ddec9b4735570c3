r"""Models in which both the studies' base risks and their effects are random.

.. math:: \eta_{ij} = \alpha + x_j \mu + \sigma v_i
          + x_j \tau (\rho v_i + \sqrt{1 - \rho^2} \, u_i)

with v and u standard normal. Each study's likelihood is averaged over both by adaptive
Gauss-Hermite quadrature on a square of nodes. Derivatives are taken with a complex step,
which leaves no error of differences: the function is analytic in its parameters.
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

from osler.core.arrays import Floats
from osler.synthesis.counts.quadrature import hermite

# Real for heights, complex where a derivative rides on the imaginary part.
Numbers: TypeAlias = NDArray[Any]

_STEP = 1e-20
_MOST_STEPS = 100
_TAU_STARTS = (0.1, 0.4, 1.0, 2.0)
# Nodes along each axis, tried in turn; see ``fitting.LADDER``.
LADDER = (7, 13, 21, 31)
_STABLE = 1e-8
_LARGEST = 30.0


@dataclass(frozen=True, slots=True)
class TwoArms:
    """Events of both arms, each of shape (k, 2): treated, control.

    ``size`` are participants where ``rates`` is false, person-time where it is true. ``x``
    is what an arm's predictor has of the effect: (1/2, -1/2) or (1, 0) or (0, -1).
    """

    events: Floats
    size: Floats
    rates: bool
    x: tuple[float, float]
    correlated: bool

    @property
    def names(self) -> tuple[str, ...]:
        """Parameters in their order; the last only where correlated."""
        return ("alpha", "mu", "sigma", "tau", "atanh rho")[: 5 if self.correlated else 4]

    def constant(self) -> Floats:
        """What the likelihood has without the parameters, shape (k,)."""
        y, m = self.events, self.size
        if self.rates:
            return np.asarray((y * np.log(m) - special.gammaln(y + 1)).sum(axis=1))
        return np.asarray((-special.betaln(y + 1, m - y + 1) - np.log1p(m)).sum(axis=1))


@dataclass(frozen=True, slots=True)
class TwoFit:
    """The highest point found; ``parameters`` are (alpha, mu, sigma, tau[, atanh rho])."""

    parameters: Floats
    covariance: Floats
    log_likelihood: float
    nodes: int
    converged: bool
    notes: tuple[str, ...] = ()


def log_likelihood(arms: TwoArms, phi: Numbers, nodes: int, modes: Floats) -> Numbers:
    """Log-likelihoods of the studies at several sets of parameters at once.

    Parameters
    ----------
    phi : array of shape (sets, P)
    modes : array of shape (k, 2)
        Modes at the sets' common real part, or near them.

    Returns
    -------
    array of shape (sets, k)
    """
    base, load = _predictor(arms, phi)
    v = np.broadcast_to(modes.astype(phi.dtype), (phi.shape[0], *modes.shape))
    for _ in range(3):  # from the real mode each squares the error
        gradient, minus = _slopes(arms, base, load, v)
        v = v + _solved(minus, gradient)
    _, minus = _slopes(arms, base, load, v)
    # -H = L L'; nodes at v + L'^-1 z
    l11 = np.sqrt(minus[..., 0])
    l21 = minus[..., 1] / l11
    l22 = np.sqrt(minus[..., 2] - l21 * l21)
    z, log_w = hermite(nodes)
    z1, z2 = (grid.ravel() for grid in np.meshgrid(z, z, indexing="ij"))
    log_w2 = (log_w[:, None] + log_w[None, :]).ravel()
    d2 = z2 / l22[..., None]
    d1 = (z1 - l21[..., None] * d2) / l11[..., None]
    v1, v2 = v[..., 0, None] + d1, v[..., 1, None] + d2
    terms = -0.5 * (v1 * v1 + v2 * v2) + 0.5 * (z1 * z1 + z2 * z2) + log_w2
    for j in (0, 1):
        s = load[:, j]
        eta = base[:, j, None, None] + s[:, 0, None, None] * v1 + s[:, 1, None, None] * v2
        y, m = arms.events[:, j, None], arms.size[:, j, None]
        terms = terms + y * eta - m * (np.exp(eta) if arms.rates else _softplus(eta))
    top = terms.real.max(axis=-1)
    total = np.exp(terms - top[..., None]).sum(axis=-1)
    out: Numbers = np.log(total) + top - np.log(l11) - np.log(l22) + arms.constant()
    return out


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
    starts = [_full(arms, start, tau) for tau in (max(start[3], 0.05), *_TAU_STARTS)]
    starts.sort(key=lambda s: -_height(arms, s, first))
    tried = [_climb(arms, s, first, most=8) for s in starts[:2]]
    best = max(tried, key=lambda f: f.log_likelihood)
    if nodes is not None:
        return _finished(arms, _climb(arms, best.parameters, nodes), ())
    for few, more in pairwise(LADDER):
        best = _climb(arms, best.parameters, few)
        modes = _real_modes(arms, best.parameters)
        again = log_likelihood(arms, best.parameters[None], more, modes)
        if abs(float(again.sum()) - best.log_likelihood) < _STABLE:
            return _finished(arms, best, ())
    note = f"the quadrature still moves the log-likelihood with {LADDER[-1]} nodes an axis"
    return _finished(arms, _climb(arms, best.parameters, LADDER[-1]), (note,))


def _height(arms: TwoArms, parameters: Floats, nodes: int) -> float:
    modes = _real_modes(arms, parameters)
    return float(log_likelihood(arms, parameters[None], nodes, modes).sum())


def _full(arms: TwoArms, start: Floats, tau: float) -> Floats:
    out = np.zeros(len(arms.names))
    out[:4] = start[:4]
    out[2], out[3] = max(start[2], 0.05), tau
    return out


def _predictor(arms: TwoArms, phi: Numbers) -> tuple[Numbers, Numbers]:
    """Fixed parts (sets, 2) and loadings (sets, 2 arms, 2 effects) of the predictors."""
    x = np.array(arms.x)
    alpha, mu, sigma, tau = (phi[:, i, None] for i in range(4))
    rho = np.tanh(phi[:, 4, None]) if arms.correlated else 0.0 * sigma
    one = np.ones_like(x)
    load = np.stack([sigma * one + x * tau * rho, x * tau * np.sqrt(1 - rho * rho)], axis=-1)
    return alpha + x * mu, load


def _slopes(arms: TwoArms, base: Numbers, load: Numbers, v: Numbers) -> tuple[Numbers, Numbers]:
    """Gradient (sets, k, 2) of the log integrand, and minus its curvature as (11, 21, 22)."""
    gradient: Numbers = -v
    minus: Numbers = np.zeros((*v.shape[:2], 3), dtype=v.dtype) + np.array([1.0, 0.0, 1.0])
    for j in (0, 1):
        s1, s2 = load[:, j, 0, None], load[:, j, 1, None]
        eta = base[:, j, None] + s1 * v[..., 0] + s2 * v[..., 1]
        y, m = arms.events[:, j], arms.size[:, j]
        if arms.rates:
            mean, weight = m * np.exp(eta), m * np.exp(eta)
        else:
            p = _expit(eta)
            mean, weight = m * p, m * p * (1 - p)
        gradient = gradient + np.stack([(y - mean) * s1, (y - mean) * s2], axis=-1)
        minus = minus + np.stack([weight * s1 * s1, weight * s1 * s2, weight * s2 * s2], axis=-1)
    return gradient, minus


def _solved(minus: Numbers, gradient: Numbers) -> Numbers:
    a, b, d = minus[..., 0], minus[..., 1], minus[..., 2]
    det = a * d - b * b
    g1, g2 = gradient[..., 0], gradient[..., 1]
    out: Numbers = np.stack([(d * g1 - b * g2) / det, (a * g2 - b * g1) / det], axis=-1)
    return out


def _real_modes(arms: TwoArms, parameters: Floats) -> Floats:
    base, load = _predictor(arms, parameters[None])
    v = np.zeros((1, arms.events.shape[0], 2))
    height = _integrand(arms, base, load, v)
    for _ in range(_MOST_STEPS):
        gradient, minus = _slopes(arms, base, load, v)
        step = _solved(minus, gradient)
        longest = np.abs(step).max(axis=-1, keepdims=True)
        step = step * np.minimum(1.0, 10.0 / np.maximum(longest, 1e-300))
        for _ in range(60):
            tried = _integrand(arms, base, load, v + step)
            low = ~(tried >= height - 1e-9 * (1 + np.abs(height)))
            if not low.any():
                break
            step = np.where(low[..., None], 0.5 * step, step)
        v, height = v + step, tried
        if np.abs(step).max() < 1e-7:
            break
    return np.asarray(v[0].real)


def _integrand(arms: TwoArms, base: Numbers, load: Numbers, v: Numbers) -> Floats:
    out = -0.5 * (v.real**2).sum(axis=-1)
    for j in (0, 1):
        eta = (
            base[:, j, None] + load[:, j, 0, None] * v[..., 0] + load[:, j, 1, None] * v[..., 1]
        ).real
        y, m = arms.events[:, j], arms.size[:, j]
        expected = np.exp(np.minimum(eta, 600.0)) if arms.rates else np.logaddexp(0.0, eta)
        out = out + y * eta - m * expected
    return np.asarray(out)


def _softplus(x: Numbers) -> Numbers:
    """log(1 + exp(x)) without overflow, for complex x."""
    up = x.real > 0
    out: Numbers = np.where(up, x, 0) + np.log1p(np.exp(np.where(up, -x, x)))
    return out


def _expit(x: Numbers) -> Numbers:
    up = x.real > 0
    e = np.exp(np.where(up, -x, x))
    out: Numbers = np.where(up, 1 / (1 + e), e / (1 + e))
    return out


# Differences of the exact gradient, (weight, step): a coarse slope leads the search, one of
# fourth order gives the standard errors.
_COARSE = ((-1e6, 0.0), (1e6, 1e-6))
_FINE = tuple((w / 0.024, s) for w, s in ((8.0, 2e-3), (-8.0, -2e-3), (-1.0, 4e-3), (1.0, -4e-3)))


def _gradient_and_curvature(
    arms: TwoArms,
    parameters: Floats,
    nodes: int,
    modes: Floats,
    differences: tuple[tuple[float, float], ...],
) -> tuple[float, Floats, Floats]:
    """Log-likelihood, its gradient without error of differences, and differences of that."""
    size = parameters.size
    eye = np.eye(size)
    steps = [(w, s) for w, s in differences if s]
    points = [parameters + s * eye[a] for a in range(size) for _, s in steps]
    phi = np.stack([parameters, *points])[:, None, :] + 1j * _STEP * eye
    # Modes at a shifted point are near those in the middle; Newton's steps take them there.
    values = log_likelihood(arms, phi.reshape(-1, size), nodes, modes).sum(axis=1)
    gradients = (values.imag / _STEP).reshape(-1, size)
    rows = gradients[1:].reshape(size, len(steps), size)
    hessian = np.einsum("s,asb->ab", np.array([w for w, _ in steps]), rows)
    hessian += sum(w for w, s in differences if not s) * gradients[0]
    return float(values[0].real), gradients[0], 0.5 * (hessian + hessian.T)


def profile_two(arms: TwoArms, at: TwoFit, mu: float) -> float:
    """Height of the log-likelihood with the effect held, all else at its best."""
    start = at.parameters.copy()
    start[1] = mu
    return _climb(arms, start, at.nodes, held=1).log_likelihood


def _climb(
    arms: TwoArms, start: Floats, nodes: int, most: int = 60, held: int | None = None
) -> TwoFit:
    """Newton's method; directions that curve upwards are turned, steps climb."""
    x, value, converged = start, -math.inf, False
    modes = _real_modes(arms, x)
    use = np.arange(x.size) != (-1 if held is None else held)
    for _ in range(most):
        value, gradient, hessian = _gradient_and_curvature(arms, x, nodes, modes, _COARSE)
        step = np.zeros_like(x)
        step[use] = _uphill(-hessian[np.ix_(use, use)], gradient[use])
        if float(np.abs(step).max()) < 1e-9 or float(gradient @ step) < 1e-15:
            converged = True
            break
        for _ in range(30):
            new = np.clip(x + step, -_LARGEST, _LARGEST)
            new_modes = _real_modes(arms, new)
            height = float(log_likelihood(arms, new[None], nodes, new_modes).sum())
            if height >= value - 1e-13 * (1 + abs(value)):
                break
            step = step * 0.3
        x, modes, value = new, new_modes, height
    return TwoFit(_signed(x), np.empty((0, 0)), value, nodes, converged)


def _uphill(info: Floats, gradient: Floats) -> Floats:
    values, vectors = np.linalg.eigh(info)
    floor = 1e-7 * max(1.0, float(np.abs(values).max()))
    step = vectors @ ((vectors.T @ gradient) / np.maximum(np.abs(values), floor))
    return np.asarray(step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300)))


def _signed(x: Floats) -> Floats:
    """The same point with both standard deviations above 0: only rho can tell a sign."""
    out = x.copy()
    out[4:] *= np.sign(x[2]) * np.sign(x[3]) or 1.0
    out[2:4] = np.abs(x[2:4])
    return out


def _finished(arms: TwoArms, at: TwoFit, notes: tuple[str, ...]) -> TwoFit:
    modes = _real_modes(arms, at.parameters)
    value, _, hessian = _gradient_and_curvature(arms, at.parameters, at.nodes, modes, _FINE)
    if not at.converged:
        notes = (*notes, "the search for the maximum did not settle: take the result with care")
    covariance = np.asarray(np.linalg.pinv(-hessian, hermitian=True), float)
    return replace(at, covariance=covariance, log_likelihood=value, notes=notes)
