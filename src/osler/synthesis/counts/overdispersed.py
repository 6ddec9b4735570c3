r"""Beta-binomial and Poisson-gamma models: studies whose risks scatter as a beta or gamma law.

Every arm of every study has a risk of its own, drawn around the arm's mean with one common
scatter. Arms of a study are not tied to each other, so studies without events take part;
what randomisation within studies gives is not used (Kuss 2015).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import special

from osler.core.arrays import Floats

_MOST_STEPS = 300
_SCATTERS = (0.0, 1e-4, 1e-3, 1e-2, 0.05, 0.2, 0.6, 2.0)


@dataclass(frozen=True, slots=True)
class Scatter:
    """Fitted model.

    Attributes
    ----------
    beta : array of shape (p,)
        Intercept and, with two arms, the effect; logits, or logs of rates.
    scatter : float
        Beta-binomial: rho / (1 - rho), with rho the correlation of two participants of one
        arm. Poisson-gamma: variance of the relative rates. 0 where there is none.
    covariance : array of shape (p, p)
        Of beta, the scatter's uncertainty included where it is above 0.
    log_likelihood, log_likelihood_without : float
        At the fit, and at the best without scatter.
    converged : bool
    """

    beta: Floats
    scatter: float
    covariance: Floats
    log_likelihood: float
    log_likelihood_without: float
    converged: bool

    @property
    def rho(self) -> float:
        """Correlation within arms, of a beta-binomial fit."""
        return self.scatter / (1 + self.scatter)


@dataclass(frozen=True, slots=True)
class _Tails:
    """How many of the counts exceed each j = 0, 1, 2, ...

    Sums over studies of sums over j < count, as every rising factorial has them, become one
    sum over j. Beyond ``_ONE_BY_ONE`` the terms change slowly and ``j`` are nodes of a
    quadrature for the sum, with ``many`` for weights.
    """

    j: Floats
    many: Floats


_ONE_BY_ONE = 4096


def _tails(counts: Floats) -> _Tails:
    """As many terms as the largest count, and no more than some thousands."""
    top = int(counts.max()) if counts.size else 0
    if not top:
        return _Tails(np.zeros(1), np.zeros(1))
    near = min(top, _ONE_BY_ONE)
    ordered = np.sort(counts)
    j = np.arange(near, dtype=float)
    parts = [(j, counts.size - np.searchsorted(ordered, j, side="right").astype(float))]
    edges = np.unique(np.append(counts[counts > near], near)).astype(float)
    for a, b in pairwise(edges):
        many = float((counts > a).sum())
        parts += [(nodes, many * weights) for nodes, weights in _long_sum(float(a), float(b))]
    nodes, weights = zip(*parts, strict=True)
    return _Tails(np.concatenate(nodes), np.concatenate(weights))


def _long_sum(a: float, b: float) -> Iterator[tuple[Floats, Floats]]:
    """Nodes and weights for the sum of f(j) from a to b - 1, by Euler and Maclaurin.

    The terms have their singularity at or below 0. Over a range that no more than doubles,
    16 nodes give the integral to 1e-16; the ends' slopes come from neighbours half a step
    away, which leaves an error of the order of a to the power -3, below 1e-12.
    """
    x, w = np.polynomial.legendre.leggauss(16)
    while a < b:
        e = min(b, 2 * a)
        half = (e - a) / 2
        yield a + half * (x + 1), half * w
        ends = np.array([a, e, e + 0.5, e - 0.5, a + 0.5, a - 0.5])
        yield ends, np.array([0.5, -0.5, 1 / 12, -1 / 12, -1 / 12, 1 / 12])
        a = e


class _Arm(Protocol):
    """Counts of one arm in every study."""

    def value(self, eta: float, g: float) -> tuple[float, Floats, Floats]:
        """Log-likelihood, gradient and curvature by predictor and scatter."""


@dataclass(frozen=True, slots=True)
class _BetaArm:
    """Log-likelihood of one arm's counts by (eta, scatter), with derivatives."""

    x: _Tails
    rest: _Tails
    all: _Tails
    constant: float

    def value(self, eta: float, g: float) -> tuple[float, Floats, Floats]:
        p, q = float(special.expit(eta)), float(special.expit(-eta))
        dp = p * q
        d2p = dp * (q - p)
        up, down = p + self.x.j * g, q + self.rest.j * g
        a, b = self.x.many / up, self.rest.many / down
        base = 1 + self.all.j * g
        height = (
            float(self.x.many @ np.log(up))
            + float(self.rest.many @ np.log(down))
            - float(self.all.many @ np.log(base))
            + self.constant
        )
        by_p = float(a.sum() - b.sum())
        by_pp = -float((a / up).sum() + (b / down).sum())
        aj, bj, cj = a * self.x.j, b * self.rest.j, self.all.many * self.all.j / base
        by_g = float(aj.sum() + bj.sum() - cj.sum())
        by_pg = -float((aj / up).sum() - (bj / down).sum())
        by_gg = -float(
            (aj * self.x.j / up).sum()
            + (bj * self.rest.j / down).sum()
            - (cj * self.all.j / base).sum()
        )
        gradient = np.array([by_p * dp, by_g])
        hessian = np.array([[by_pp * dp * dp + by_p * d2p, by_pg * dp], [by_pg * dp, by_gg]])
        return height, gradient, hessian


@dataclass(frozen=True, slots=True)
class _GammaArm:
    """The same for events in person-time: negative binomial counts."""

    x: _Tails
    y: Floats
    time: Floats

    def value(self, eta: float, g: float) -> tuple[float, Floats, Floats]:
        mean = self.time * math.exp(min(eta, 600.0))
        up = 1 + self.x.j * g
        height = float(self.x.many @ np.log(up)) + float(
            (self.y * np.log(mean) - special.gammaln(self.y + 1)).sum()
        )
        share = self.x.many * self.x.j / up
        by_g, by_gg = float(share.sum()), -float((share * self.x.j / up).sum())
        gm = g * mean
        # (y + 1/g) log(1 + g mean), with its derivatives; series where g mean is small
        tail, tail_g, tail_gg = _log1p_over(gm)
        height -= float((self.y * np.log1p(gm) + mean * tail).sum())
        by_g -= float((self.y * mean / (1 + gm) + mean * mean * tail_g).sum())
        by_gg -= float((-self.y * (mean / (1 + gm)) ** 2 + mean**3 * tail_gg).sum())
        by_eta = float(((self.y - mean) / (1 + gm)).sum())
        by_eta2 = -float((mean * (1 + g * self.y) / (1 + gm) ** 2).sum())
        by_both = -float(((self.y - mean) * mean / (1 + gm) ** 2).sum())
        return height, np.array([by_eta, by_g]), np.array([[by_eta2, by_both], [by_both, by_gg]])


def _log1p_over(z: Floats) -> tuple[Floats, Floats, Floats]:
    """log(1 + z) / z and its first two derivatives, also next to 0."""
    small = z < 0.02
    big = np.where(small, 1.0, z)
    log = np.log1p(big)
    first = (big / (1 + big) - log) / big**2
    second = (-1 / (1 + big) ** 2 - 2 * first) / big
    n = np.arange(0, 12)
    sign = (-1.0) ** n
    powers = z[..., None] ** n
    series0 = (powers * sign / (n + 1)).sum(axis=-1)
    series1 = (powers * (-sign) * (n + 1) / (n + 2)).sum(axis=-1)
    series2 = (powers * sign * (n + 1) * (n + 2) / (n + 3)).sum(axis=-1)
    return (
        np.where(small, series0, log / big),
        np.where(small, series1, first),
        np.where(small, series2, second),
    )


def beta_binomial(events: Floats, n: Floats) -> Scatter:
    r"""Maximum likelihood with logit link and one correlation for all arms.

    Parameters
    ----------
    events, n : array of shape (k, arms)
        One or two arms; with two the first is the treated.

    Notes
    -----
    .. math:: \ell = \sum_{ij} \Big[ \sum_{s < x} \log(\pi_j + s\gamma) + \sum_{s < n - x}
              \log(1 - \pi_j + s\gamma) - \sum_{s < n} \log(1 + s\gamma) \Big] + c

    In this form nothing goes wrong as :math:`\gamma = \rho / (1 - \rho)` falls to 0, where
    the model is binomial.

    References
    ----------
    .. [1] Kuss (2015). Stat Med 34, 1097-1116. doi:10.1002/sim.6383
    .. [2] Griffiths (1973). Biometrics 29, 637-648. doi:10.2307/2529131

    Examples
    --------
    >>> fit = beta_binomial(np.array([[1.0, 3], [0, 4], [5, 9]]), np.full((3, 2), 50.0))
    >>> fit.beta.round(4), round(fit.rho, 4)
    (array([-2.0963, -1.1719]), 0.0214)
    """
    arms: list[_Arm] = []
    for x, m in zip(events.T, n.T, strict=True):
        constant = float((-special.betaln(x + 1, m - x + 1) - np.log1p(m)).sum())
        arms.append(_BetaArm(_tails(x), _tails(m - x), _tails(m), constant))
    return _fitted(
        arms, [_logit(float(x.sum()), float(m.sum())) for x, m in zip(events.T, n.T, strict=True)]
    )


def poisson_gamma(events: Floats, time: Floats) -> Scatter:
    """Maximum likelihood with log link and one variance of relative rates for all arms.

    Parameters
    ----------
    events, time : array of shape (k, arms)
        One or two arms; with two the first is the treated.

    References
    ----------
    .. [1] Lawless (1987). Can J Stat 15, 209-225. doi:10.2307/3314912

    Examples
    --------
    >>> fit = poisson_gamma(np.array([[7.0, 11], [8, 8], [3, 14]]), np.full((3, 2), 1500.0))
    >>> fit.beta.round(4), round(fit.scatter, 4)
    (array([-4.9153, -0.6061]), 0.0)
    """
    arms = [_GammaArm(_tails(x), x, t) for x, t in zip(events.T, time.T, strict=True)]
    starts = [
        math.log(float(x.sum()) / float(t.sum())) for x, t in zip(events.T, time.T, strict=True)
    ]
    return _fitted(arms, starts)


def _logit(x: float, n: float) -> float:
    return math.log(x) - math.log(n - x)


def _fitted(arms: Sequence[_Arm], eta: list[float]) -> Scatter:
    """From the crude fit, the best scatter of several, then Newton's method.

    Worked out by predictors of the arms (last first: control is the intercept).
    """
    start = np.array([*eta, 0.0])
    without, _, _ = _total(arms, start)
    best = max(
        (_newton(arms, np.array([*eta, g]), False)[0] for g in _SCATTERS),
        key=lambda at: _total(arms, at)[0],
    )
    _, gradient, _ = _total(arms, start)
    if best[-1] == 0 and gradient[-1] > 0:
        best[-1] = 1e-6
    converged = True
    if best[-1] > 0:
        best, converged = _newton(arms, best, True)
        if best[-1] <= 0 or _total(arms, best)[0] <= without:
            best, converged = start, True
    return _told(arms, best, without, converged)


def _told(arms: Sequence[_Arm], at: Floats, without: float, converged: bool) -> Scatter:
    value, _, hessian = _total(arms, at)
    use = np.arange(len(at) if at[-1] > 0 else len(at) - 1)
    cov = np.linalg.pinv(-hessian[np.ix_(use, use)], hermitian=True)[: len(arms), : len(arms)]
    turn = np.array([[0.0, 1.0], [1.0, -1.0]]) if len(arms) == 2 else np.eye(1)
    return Scatter(turn @ at[:-1], float(at[-1]), turn @ cov @ turn.T, value, without, converged)


def _total(arms: Sequence[_Arm], at: Floats) -> tuple[float, Floats, Floats]:
    size = len(at)
    height, gradient, hessian = 0.0, np.zeros(size), np.zeros((size, size))
    for i, arm in enumerate(arms):
        value, g, h = arm.value(float(at[i]), float(at[-1]))
        index: NDArray[np.intp] = np.array([i, size - 1])
        height += value
        gradient[index] += g
        hessian[np.ix_(index, index)] += h
    return height, gradient, hessian


def _newton(arms: Sequence[_Arm], start: Floats, free: bool) -> tuple[Floats, bool]:
    """Newton's method, in the log of the scatter where it is free."""
    at = start.copy()
    height, gradient, hessian = _total(arms, at)
    size = len(at) if free else len(at) - 1
    for _ in range(_MOST_STEPS):
        g, h = gradient.copy(), hessian.copy()
        if free:  # by log scatter
            s = at[-1]
            h[-1, :] *= s
            h[:, -1] *= s
            h[-1, -1] += g[-1] * s
            g[-1] *= s
        values, vectors = np.linalg.eigh(-h[:size, :size])
        floor = 1e-9 * max(1.0, float(np.abs(values).max()))
        step = vectors @ ((vectors.T @ g[:size]) / np.maximum(np.abs(values), floor))
        step *= min(1.0, 3.0 / max(float(np.abs(step).max()), 1e-300))
        for _ in range(40):
            new = at.copy()
            new[: len(arms)] += step[: len(arms)]
            if free:
                new[-1] = at[-1] * math.exp(step[-1])
            tried = _total(arms, new)
            if tried[0] >= height - 1e-13 * (1 + abs(height)):
                break
            step = step * 0.3
        at, (height, gradient, hessian) = new, tried
        if float(np.abs(step).max()) < 1e-10:
            return at, True
        if free and at[-1] < 1e-12:
            at[-1] = 0.0
            return at, True
    return at, False
