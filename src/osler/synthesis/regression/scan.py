r"""Estimators of tau2 from sums: scanned over all that can hold a root, then interpolated.

They are those of :mod:`~osler.synthesis.regression.tau2`, for many regressions of the same
studies, or one.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Bools, Floats
from osler.core.quantiles import chi2_quantile
from osler.synthesis.regression.interpolation import NODES, WIDEST, falls
from osler.synthesis.regression.sums import Figures, Sums
from osler.synthesis.regression.tau2 import Maxima, highest

Positions: TypeAlias = NDArray[np.intp]

# Bound of the second derivative of log(pull / spread), see Scan.
_CURVATURE = 1.25


@dataclass(frozen=True, slots=True)
class Scan:
    r"""Regressions at tau2 from 0 to beyond the largest that is possible.

    Attributes
    ----------
    sums : Sums
    s : array of shape (points,)
        Evenly spaced values of log(1 + tau2), at most ``WIDEST`` apart; the first is 0.
    tau2 : array of shape (points,)
    figures : Figures
        Arrays of shape (problems, points, ...).

    Notes
    -----
    With :math:`K` an orthonormal complement of :math:`X`, :math:`d_j \geq 1` the eigenvalues
    of :math:`K'VK` and :math:`z_j` the contrasts along its eigenvectors, pull is
    :math:`\sum z_j^2 / (d_j + \tau^2)^2` and spread :math:`\sum 1 / (d_j + \tau^2)`.
    Let :math:`u_j = (1 + \tau^2) / (d_j + \tau^2)`, between 0 and 1, and E its mean weighted
    by the terms of a sum. In s the logarithm of pull has the second derivative
    :math:`-2 E[u(1 - u)] + 4 \mathrm{Var}(u)`, that of spread
    :math:`-E[u(1 - u)] + \mathrm{Var}(u)`. As :math:`E[u(1 - u)] + \mathrm{Var}(u)` is
    :math:`E[u](1 - E[u]) \leq 1/4`, the former lies between -1/2 and 1, the latter between
    -1/4 and 1/4: that of the logarithm of their ratio is never beyond 5/4. The likelihood
    that is not restricted has the sum of the weights for spread, of the same form.
    """

    sums: Sums
    s: Floats
    tau2: Floats
    figures: Figures


def scanned(sums: Sums, smallest_q: float = np.inf) -> Scan:
    r"""Evaluate all problems on one grid.

    Parameters
    ----------
    sums : Sums
    smallest_q : float, optional
        The grid reaches to where no problem has a residual Q as large as this.

    Notes
    -----
    The score is negative beyond two bounds: the residual sum of squares S, and, as pull is at
    most :math:`S / (1 + \tau^2)^2` and spread at least :math:`(k - p) / (v_{max} + \tau^2)`,
    the larger root of :math:`(1 + \tau^2)^2 = (v_{max} + \tau^2) S / (k - p)`. Q is at most
    :math:`S / (1 + \tau^2)`.
    """
    s2 = sums.squares / max(float(sums.df.min()), 1.0)
    half = 0.5 * s2 - 1.0
    beyond = half + max(0.0, half * half + s2 * float(sums.v.max()) - 1.0) ** 0.5
    reach = max(min(sums.squares, beyond), sums.squares / smallest_q, 1e-12)
    top = math.log1p(1.001 * reach)
    points = 2 + int(top / WIDEST)
    s: Floats = np.arange(points, dtype=float) * (top / (points - 1))
    tau2: Floats = np.expm1(s)
    each = np.arange(sums.problems)
    return Scan(sums, s, tau2, _at(sums, tau2[None], np.zeros_like(each), each))


def _at(sums: Sums, tau2: Floats, row: Positions, problem: Positions) -> Figures:
    """Figures of pairs of a row of ``tau2`` (rows, points) and a problem."""
    w = 1.0 / (sums.v + tau2[..., None])
    first = sums.weighted(w, row, problem)
    return sums.figures(first, sums.weighted(w * w, row, problem))


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: where a value falls through 0, and the steps that may hold that.

    ``value`` takes figures of pairs, their tau2 and problems; shapes (pairs, points) or
    (points,) for the tau2 and (pairs,). ``doubtful`` has the shape (problems, steps).
    """

    value: Callable[[Figures, Floats, Positions], Floats]
    doubtful: Bools


def _roots(scan: Scan, search: Search) -> tuple[Positions, Floats]:
    """Problems, and the tau2 found in them."""
    each = np.arange(scan.sums.problems)
    problem, step = np.nonzero(search.doubtful)
    if not problem.size:
        return problem, np.empty(0)
    # Steps in which several problems look are evaluated once.
    steps = sorted(set(step.tolist()))
    row = np.searchsorted(steps, step)
    width = scan.s[1]
    tau2: Floats = np.expm1(scan.s[steps, None] + width * NODES)
    inside = search.value(_at(scan.sums, tau2, row, problem), tau2[row], problem)
    ends = search.value(scan.figures, scan.tau2, each)
    which, x = falls(inside, ends[problem, step], ends[problem, step + 1])
    return problem[which], np.expm1(scan.s[step[which]] + width * x)


def _score(figures: Figures, tau2: Floats, _: Positions) -> Floats:
    return (figures.pull - figures.spread) * (1.0 + tau2)


def _score_of_ml(figures: Figures, tau2: Floats, _: Positions) -> Floats:
    return (figures.pull - figures.total) * (1.0 + tau2)


def _likelihood_search(scan: Scan, restricted: bool) -> Search:
    """Steps that a maximum lies in, or that are too near to a root to exclude two."""
    figures = scan.figures
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(figures.pull / (figures.spread if restricted else figures.total))
    # Between two points a distance h apart the log departs from a straight line by no more
    # than _CURVATURE h² / 8; and where it has three roots there, between which its slope is 0
    # twice, its ends are no farther from 0 than _CURVATURE h² / 2.
    above, far = ratio > 0, np.abs(ratio)
    before, after = above[:, :-1], above[:, 1:]
    bend = _CURVATURE * scan.s[1] ** 2
    touching = (before == after) & (np.minimum(far[:, :-1], far[:, 1:]) <= bend / 8.0)
    rising = after & ~before & (np.maximum(far[:, :-1], far[:, 1:]) <= bend / 2.0)
    doubtful = (before & ~after) | touching | rising
    return Search(_score if restricted else _score_of_ml, doubtful)


def _q_search(scan: Scan, target: Floats) -> Search:
    """Where the residual Q of each problem is as expected."""
    above = scan.figures.q > target[:, None]

    def gap(figures: Figures, _: Floats, problem: Positions) -> Floats:
        return figures.q - target[problem, None]

    return Search(gap, above[:, :-1] & ~above[:, 1:])


def _height(sums: Sums, problem: Positions, tau2: Floats, restricted: bool) -> Floats:
    """Log-likelihood without constants."""
    figures = _at(sums, tau2[:, None], np.arange(tau2.size), problem)
    logs = np.log(sums.v + tau2[:, None]).sum(axis=1)
    if sums.without is not None:
        logs -= np.log(sums.v[sums.without[problem]] + tau2)
    height = -0.5 * logs - 0.5 * figures.q[:, 0]
    if restricted:
        height -= 0.5 * np.linalg.slogdet(figures.gram[:, 0])[1]
    return np.asarray(height)


def found_by(scan: Scan, method: str, crude: Floats) -> Floats:
    """Estimates of tau2, in the unit and not below 0; shape (problems,).

    Parameters
    ----------
    scan : Scan
    method : str
        One of ``TAU2_METHODS``.
    crude : array of shape (problems,)
        Variance of the estimates about their plain mean, in the unit, for "SJ".
    """
    if method in ("REML", "ML"):
        return highest(likelihood_maxima(scan, method == "REML"))
    if method in _TARGETS:
        problem, tau2 = _roots(scan, _q_search(scan, _TARGETS[method](scan.sums.df)))
        out = np.zeros(scan.sums.problems)
        out[problem] = tau2
        return out
    return np.maximum(0.0, _SIMPLE[method](scan, crude))


def likelihood_maxima(scan: Scan, restricted: bool) -> Maxima:
    """All maxima of the (restricted) likelihood of tau2."""
    turning, inner = _roots(scan, _likelihood_search(scan, restricted))
    figures = scan.figures
    spread = figures.spread if restricted else figures.total
    none = np.bincount(turning, minlength=scan.sums.problems) == 0
    at_zero = np.flatnonzero((figures.pull[:, 0] <= spread[:, 0]) | none)
    return Maxima.together(
        at_zero, turning, inner, lambda which, tau2: _height(scan.sums, which, tau2, restricted)
    )


_TARGETS: dict[str, Callable[[Floats], Floats]] = {
    "PM": lambda df: df,
    "EB": lambda df: df,
    "PMM": lambda df: chi2_quantile(0.5, df),
}


def _dl(scan: Scan, _: Floats) -> Floats:
    return (scan.figures.q[:, 0] - scan.sums.df) / scan.figures.spread[:, 0]


def _he(scan: Scan, _: Floats) -> Floats:
    """Without weights: the residual variance, less what sampling contributes."""
    sums = scan.sums
    each = np.arange(sums.problems)
    first = sums.weighted(np.ones((1, 1, sums.v.size)), np.zeros_like(each), each)
    second = sums.weighted(sums.v[None, None], np.zeros_like(each), each)
    plain = sums.figures(first, second)
    taken = plain.total - plain.spread
    return np.asarray((plain.q - second[..., -1] + taken)[:, 0] / sums.df)


def _hs(scan: Scan, _: Floats) -> Floats:
    return (scan.figures.q[:, 0] - scan.sums.k) / scan.figures.total[:, 0]


def _hsk(scan: Scan, _: Floats) -> Floats:
    k = scan.sums.k
    return (scan.figures.q[:, 0] * k / scan.sums.df - k) / scan.figures.total[:, 0]


def _sj(scan: Scan, crude: Floats) -> Floats:
    each = np.arange(scan.sums.problems)
    return crude * _at(scan.sums, crude[:, None], each, each).q[:, 0] / scan.sums.df


def _ce(scan: Scan, _: Floats) -> Floats:
    return np.zeros(scan.sums.problems)


_SIMPLE: dict[str, Callable[[Scan, Floats], Floats]] = {
    "CE": _ce,
    "DL": _dl,
    "HE": _he,
    "HS": _hs,
    "HSk": _hsk,
    "SJ": _sj,
}
