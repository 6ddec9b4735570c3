r"""Models in which both the studies' base risks and their effects are random.

.. math:: \eta_{ij} = \alpha + x_j \mu + \sigma v_i
          + x_j \tau (\rho v_i + \sqrt{1 - \rho^2} \, u_i)

with v and u standard normal. Each study's likelihood is averaged over both by adaptive
Gauss-Hermite quadrature on a square of nodes, with the gradient of that sum itself: nodes
move with the parameters. Predictors are linear in the nodes, so all derivatives follow from
a few moments of the residuals over them. Several sets of parameters are worked on at once.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from osler.core.arrays import Floats
from osler.synthesis.counts.quadrature import hermite, summed

_MOST_STEPS = 100
# Numbers in one block of work: more sets of parameters at once than this leaves are split.
_BLOCK = 1 << 17


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
class _Predictor:
    """Predictors ``base + load @ effects`` at n sets of P parameters, with their derivatives.

    ``base`` (n, arms), ``load`` (n, arms, effects); ``by_base`` (arms, P), ``by_load`` and
    ``bent`` (n, arms, effects, P) and with a second P.
    """

    base: Floats
    load: Floats
    by_base: Floats
    by_load: Floats
    bent: Floats


def _predictor(arms: TwoArms, phi: Floats) -> _Predictor:
    n, size = phi.shape
    x = np.array(arms.x)
    alpha, mu, sigma, tau = phi.T[:4, :, None]
    rho = np.tanh(phi[:, 4:5]) if arms.correlated else np.zeros((n, 1))
    rest = np.sqrt(1 - rho * rho)
    by_base = np.zeros((2, size))
    by_base[:, 0], by_base[:, 1] = 1.0, x
    by_load, bent = np.zeros((n, 2, 2, size)), np.zeros((n, 2, 2, size, size))
    by_load[:, :, 0, 2], by_load[:, :, 0, 3], by_load[:, :, 1, 3] = 1.0, x * rho, x * rest
    if arms.correlated:  # the last parameter is atanh rho
        slopes = np.stack([x * rest * rest, -x * rho * rest], axis=-1)
        by_load[..., 4] = tau[:, :, None] * slopes
        bent[..., 3, 4] = bent[..., 4, 3] = slopes
        bent[:, :, 0, 4, 4] = -2 * x * tau * rho * rest * rest
        bent[:, :, 1, 4, 4] = -x * tau * rest * (1 - 2 * rho * rho)
    load = np.stack([sigma + x * tau * rho, x * tau * rest], axis=-1)
    return _Predictor(alpha + x * mu, load, by_base, by_load, bent)


@dataclass(frozen=True, slots=True)
class Averaged:
    """Log-likelihoods of n sets, shape (n,), gradients (n, P) and curvature (n, P, P).

    The curvature is that of the integral (Louis 1982), which the quadrature's nears with the
    number of nodes. ``modes`` (k, n, 2) are where the next search may start.
    """

    value: Floats
    gradient: Floats
    curvature: Floats
    modes: Floats


def averaged(
    arms: TwoArms, phi: Floats, nodes: int, modes: Floats | None = None, *, curved: bool = True
) -> Averaged:
    """Average each study's likelihood over both effects, at ``phi`` of shape (n, P).

    Without ``curved`` the curvature is left at 0.

    References
    ----------
    .. [1] Liu & Pierce (1994). Biometrika 81, 624-629. doi:10.1093/biomet/81.3.624
    .. [2] Louis (1982). J R Stat Soc B 44, 226-233.
    """
    at_once = max(1, _BLOCK // (2 * nodes * nodes * len(arms.events)))
    start = np.zeros((len(arms.events), len(phi), 2)) if modes is None else modes
    parts = [
        _averaged(arms, phi[i : i + at_once], nodes, start[:, i : i + at_once], curved)
        for i in range(0, len(phi), at_once)
    ]
    if len(parts) == 1:
        return parts[0]
    return Averaged(
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.gradient for part in parts]),
        np.concatenate([part.curvature for part in parts]),
        np.concatenate([part.modes for part in parts], axis=1),
    )


def _averaged(arms: TwoArms, phi: Floats, nodes: int, start: Floats, curved: bool) -> Averaged:
    at = _predictor(arms, phi)
    around = _around(arms, at, _modes(arms, at, start))
    z, log_w, products = _square(nodes)
    v = around.mode[..., None] + around.spread @ z  # (k, n, effects, nodes)
    middle = at.base + _along(at.load, around.mode)
    loads = (at.load[..., None, :] @ around.spread[:, :, None])[..., 0, :]
    eta = middle[..., None] + loads @ z  # (k, n, arms, nodes)
    y, m = arms.events[:, None, :, None], arms.size[:, None, :, None]
    cumulant, mean, variance = _moments(arms.rates, eta)
    terms = log_w - 0.5 * (v * v).sum(axis=2) + (y * eta - m * cumulant).sum(axis=2)
    top = terms.max(axis=-1)
    share = np.exp(terms - top[..., None])
    total = share.sum(axis=-1)
    share /= total[..., None]
    value = np.log(total) + top - around.log_width + arms.constant()[:, None]
    gradient, curvature = _slopes(
        at, around, share, y - m * mean, -m * variance if curved else None, products
    )
    return Averaged(value.sum(axis=0), gradient, curvature, around.mode)


@lru_cache(maxsize=16)
def _square(nodes: int) -> tuple[Floats, Floats, Floats]:
    """Nodes (2, N), log weights over their normal density (N,), and products of (1, z) (N, 9)."""
    one, log_w = hermite(nodes)
    z = np.stack(np.meshgrid(one, one, indexing="ij")).reshape(2, -1)
    with_one = np.concatenate([np.ones((1, z.shape[1])), z])
    products = (with_one[:, None] * with_one[None]).reshape(9, -1)
    weights = (log_w[:, None] + log_w).ravel() + 0.5 * (z * z).sum(axis=0)
    return z, weights, np.ascontiguousarray(products.T)


def _slopes(
    at: _Predictor,
    around: "_Around",
    share: Floats,
    r: Floats,
    second: Floats | None,
    products: Floats,
) -> tuple[Floats, Floats]:
    """Gradient (n, P) and curvature (n, P, P), all studies summed; see ``quadrature.summed``."""
    spread = np.swapaxes(around.spread, 2, 3)
    by_z = spread[:, :, None] @ at.by_load
    coefficients = np.concatenate([around.by_middle[:, :, :, None], by_z], axis=3)
    place = np.concatenate([around.mode[:, :, None], spread], axis=2)
    by_spread = np.swapaxes(around.by_spread, 2, 3)
    moves = np.concatenate([around.by_mode[:, :, None], by_spread], axis=2)
    gradient, curvature, of_r = summed(
        share, r, second, products, coefficients, at.load, place, moves
    )
    if second is not None and at.bent.any():
        curvature += np.einsum("knjc,knce,njepq->knpq", of_r, place, at.bent)
    return (gradient - around.by_log_width).sum(axis=0), curvature.sum(axis=0)


@dataclass(frozen=True, slots=True)
class _Around:
    """Modes, the spread of the nodes around them, and how both move with the parameters.

    ``mode`` (k, n, effects), ``spread`` (k, n, effects, z), ``log_width`` (k, n) the log of
    one over its determinant, ``by_middle`` (k, n, arms, P) derivatives of the predictors.
    """

    mode: Floats
    spread: Floats
    log_width: Floats
    by_middle: Floats
    by_mode: Floats
    by_spread: Floats
    by_log_width: Floats


def _around(arms: TwoArms, at: _Predictor, v: Floats) -> _Around:
    m = arms.size[:, None]
    eta = at.base + _along(at.load, v)
    _, mean, variance = _moments(arms.rates, eta)
    r, w = arms.events[:, None] - m * mean, m * variance
    third = w if arms.rates else w * (1 - 2 * mean)
    by_middle = at.by_base + (at.by_load * v[:, :, None, :, None]).sum(axis=3)
    cross = (-w[..., None] * by_middle)[:, :, :, None] * at.load[..., None]
    cross = (cross + r[..., None, None] * at.by_load).sum(axis=2)
    minus = _curved(at, w)
    by_mode = np.linalg.solve(minus, cross)
    # minus = L L', with derivatives; nodes lie at v + L'^-1 z.
    along = by_middle + (at.load[..., None] * by_mode[:, :, None]).sum(axis=3)
    bent = at.load[..., :, None, None] * at.by_load[..., None, :, :]
    bent = bent + np.swapaxes(bent, 2, 3)
    squared = at.load[..., :, None] * at.load[..., None, :]
    by_minus = (third[..., None] * along)[:, :, :, None, None] * squared[..., None]
    by_minus = (by_minus + w[..., None, None, None] * bent).sum(axis=2)
    l11 = np.sqrt(minus[..., 0, 0])
    l21 = minus[..., 1, 0] / l11
    l22 = np.sqrt(minus[..., 1, 1] - l21 * l21)
    a, b, d = l11[..., None], l21[..., None], l22[..., None]
    by_a = by_minus[..., 0, 0, :] / (2 * a)
    by_b = (by_minus[..., 1, 0, :] - b * by_a) / a
    by_d = (by_minus[..., 1, 1, :] - 2 * b * by_b) / (2 * d)
    spread, by_spread = (
        np.zeros((*l11.shape, 2, 2)),
        np.zeros((*by_a.shape[:2], 2, 2, by_a.shape[2])),
    )
    spread[..., 0, 0], spread[..., 1, 1], spread[..., 0, 1] = 1 / l11, 1 / l22, -l21 / (l11 * l22)
    by_spread[..., 0, 0, :], by_spread[..., 1, 1, :] = -by_a / a**2, -by_d / d**2
    by_spread[..., 0, 1, :] = (b * (by_a / a + by_d / d) - by_b) / (a * d)
    return _Around(v, spread, np.log(l11 * l22), by_middle, by_mode, by_spread, by_a / a + by_d / d)


def _along(load: Floats, v: Floats) -> Floats:
    """What the effects (k, n, effects) add to the predictors, (k, n, arms)."""
    return np.asarray((load * v[:, :, None]).sum(axis=-1))


def _curved(at: _Predictor, w: Floats) -> Floats:
    """Minus the curvature of the log integrands, (k, n, effects, effects)."""
    weighted = w[..., None] * at.load
    return np.asarray(np.swapaxes(weighted, 2, 3) @ at.load + np.eye(2))


def _moments(rates: bool, eta: Floats) -> tuple[Floats, Floats, Floats]:
    """Cumulant, mean and variance of one participant's event, or of one unit of time's."""
    if rates:
        mean = np.exp(np.minimum(eta, 600.0))
        return mean, mean, mean
    e = np.exp(-np.abs(eta))
    q = 1 / (1 + e)
    p = np.where(eta > 0, q, e * q)
    return np.maximum(eta, 0.0) + np.log1p(e), p, e * q * q


def _modes(arms: TwoArms, at: _Predictor, start: Floats) -> Floats:
    """Highest points of the log-concave integrands: Newton's steps, halved until they climb."""
    y, m, v = arms.events[:, None], arms.size[:, None], start
    eta = at.base + _along(at.load, v)
    cumulant, mean, variance = _moments(arms.rates, eta)
    height = (y * eta - m * cumulant).sum(axis=-1) - 0.5 * (v * v).sum(axis=-1)
    for _ in range(_MOST_STEPS):
        gradient = ((y - m * mean)[..., None] * at.load).sum(axis=2) - v
        step = np.linalg.solve(_curved(at, m * variance), gradient[..., None])[..., 0]
        longest = np.abs(step).max(axis=-1, keepdims=True)
        step *= np.minimum(1.0, 10.0 / np.maximum(longest, 1e-300))
        for _ in range(60):
            new = v + step
            eta = at.base + _along(at.load, new)
            cumulant, mean, variance = _moments(arms.rates, eta)
            tried = (y * eta - m * cumulant).sum(axis=-1) - 0.5 * (new * new).sum(axis=-1)
            low = ~(tried >= height - 1e-9 * (1 + np.abs(height)))
            if not low.any():
                break
            step = np.where(low[..., None], 0.5 * step, step)
        v, height = new, tried
        # Newton's step squares the error: after one this small only rounding is left.
        if np.abs(step).max() < 1e-7:
            break
    return v
