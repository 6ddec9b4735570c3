r"""Estimators of tau2 from sums: scanned over all that can hold a root, then interpolated.

They are those of :mod:`~osler.synthesis.regression.tau2`, for many regressions of the same
studies, or one.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Bools, Floats
from osler.core.quantiles import chi2_quantile
from osler.synthesis.regression.interpolation import NODES, WIDEST, falls
from osler.synthesis.regression.sums import Figures, Sums, figures_of
from osler.synthesis.regression.tau2 import Maxima, highest

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


def scanned(sums: Sums, smallest_q: float) -> Scan:
    r"""Evaluate all problems on one grid.

    Parameters
    ----------
    sums : Sums
    smallest_q : float
        The grid reaches to where no problem has a residual Q as large as this.

    Notes
    -----
    The score is negative beyond two bounds: the residual sum of squares S, and, as pull is at
    most :math:`S / (1 + \tau^2)^2` and spread at least :math:`(k - p) / (v_{max} + \tau^2)`,
    the larger root of :math:`(1 + \tau^2)^2 = (v_{max} + \tau^2) S / (k - p)`. Q is at most
    :math:`S / (1 + \tau^2)`.
    """
    s2, df = sums.squares, max(sums.df, 1.0)
    half = 0.5 * s2 / df - 1.0
    beyond = half + max(0.0, half * half + s2 / df * float(sums.v.max()) - 1.0) ** 0.5
    reach = max(min(s2, beyond), s2 / smallest_q if smallest_q > 0 else 0.0, 1e-12)
    top = float(np.log1p(1.001 * reach))
    s = np.linspace(0.0, top, 2 + int(top / WIDEST))
    tau2 = np.expm1(s)
    each = np.arange(sums.problems)
    return Scan(sums, s, tau2, at(sums, tau2[None], np.zeros_like(each), each))


def at(
    sums: Sums, tau2: Floats, row: NDArray[np.intp], problem: NDArray[np.intp]
) -> Figures:
    """Figures of pairs of a row of ``tau2`` (rows, points) and a problem."""
    w = 1.0 / (sums.v + tau2[..., None])
    return figures_of(
        sums.weighted(w, row, problem), sums.weighted(w * w, row, problem), sums.p
    )


def _roots(
    scan: Scan, value: Callable[[Figures, Floats], Floats], doubtful: Bools
) -> tuple[NDArray[np.intp], Floats]:
    """Where values fall through 0: problems and tau2, from steps of the scan in doubt.

    ``value`` takes figures and their tau2, of shapes that broadcast.
    """
    problem, step = np.nonzero(doubtful)
    if not problem.size:
        return problem, np.empty(0)
    row = np.arange(step.size)
    steps = step
    if scan.sums.without is not None:
        # Sums over all studies are shared by the problems.
        steps, row = np.unique(step, return_inverse=True)
    width = scan.s[1]
    tau2 = np.expm1(scan.s[steps, None] + width * NODES)
    inside = value(at(scan.sums, tau2, row, problem), tau2[row])
    ends = value(scan.figures, scan.tau2)
    which, x = falls(inside, ends[problem, step], ends[problem, step + 1])
    return problem[which], np.expm1(scan.s[step[which]] + width * x)


def likelihood_maxima(scan: Scan, restricted: bool) -> Maxima:
    """All maxima of the (restricted) likelihood of tau2; steps that may hide two are searched."""

    def spread(figures: Figures) -> Floats:
        return figures.spread if restricted else figures.total

    def score(figures: Figures, tau2: Floats) -> Floats:
        return (figures.pull - spread(figures)) * (1.0 + tau2)

    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(scan.figures.pull / spread(scan.figures))
    lower, upper = ratio[:, :-1], ratio[:, 1:]
    near = np.minimum(np.abs(lower), np.abs(upper)) <= 0.5 * _CURVATURE * scan.s[1] ** 2
    doubtful = ((lower > 0) & (upper <= 0)) | near
    turning, inner = _roots(scan, score, doubtful)
    none = np.bincount(turning, minlength=scan.sums.problems) == 0
    at_zero = np.flatnonzero(~(ratio[:, 0] > 0) | none)
    return Maxima.together(
        at_zero, turning, inner, lambda which, tau2: _height(scan.sums, which, tau2, restricted)
    )


def _height(sums: Sums, problem: NDArray[np.intp], tau2: Floats, restricted: bool) -> Floats:
    """Log-likelihood without constants."""
    figures = at(sums, tau2[:, None], np.arange(tau2.size), problem)
    logs = np.log(sums.v + tau2[:, None]).sum(axis=1)
    if sums.without is not None:
        logs -= np.log(sums.v[sums.without[problem]] + tau2)
    height = -0.5 * logs - 0.5 * figures.q[:, 0]
    if restricted:
        height -= 0.5 * np.linalg.slogdet(figures.gram[:, 0])[1]
    return np.asarray(height)


def tau2_where_q_is(scan: Scan, target: float) -> Floats:
    """The tau2 at which the residual Q of each problem is ``target``; 0 where Q(0) is not above."""

    def gap(figures: Figures, tau2: Floats) -> Floats:
        return figures.q - target

    out = np.zeros(scan.sums.problems)
    if target > 0:
        above = scan.figures.q > target
        which, found = _roots(scan, gap, above[:, :-1] & ~above[:, 1:])
        out[which] = found
    return out


def estimates(scan: Scan, method: str, crude: Floats) -> Floats:
    """tau2 of every problem in the unit, not below 0.

    Parameters
    ----------
    scan : Scan
    method : str
        One of ``TAU2_METHODS``.
    crude : array of shape (problems,)
        Variance of the estimates about their plain mean, in the unit, for "SJ".
    """
    sums, df = scan.sums, scan.sums.df
    if method in ("REML", "ML"):
        return highest(likelihood_maxima(scan, method == "REML"))
    if method in ("PM", "EB"):
        return tau2_where_q_is(scan, df)
    if method == "PMM":
        return tau2_where_q_is(scan, float(chi2_quantile(0.5, df)))
    if method == "CE":
        return np.zeros(sums.problems)
    found = _SIMPLE[method](scan, crude)
    return np.maximum(0.0, found)


def _dl(scan: Scan, _: Floats) -> Floats:
    return (scan.figures.q[:, 0] - scan.sums.df) / scan.figures.spread[:, 0]


def _he(scan: Scan, _: Floats) -> Floats:
    """Without weights: the residual variance, less what sampling contributes."""
    sums = scan.sums
    each = np.arange(sums.problems)
    first = sums.weighted(np.ones((1, 1, sums.v.size)), np.zeros_like(each), each)
    second = sums.weighted(sums.v[None, None], np.zeros_like(each), each)
    plain = figures_of(first, second, sums.p)
    taken = plain.total - plain.spread
    return np.asarray((plain.q - second[..., -1] + taken)[:, 0] / sums.df)


def _hs(scan: Scan, _: Floats) -> Floats:
    return (scan.figures.q[:, 0] - scan.sums.k) / scan.figures.total[:, 0]


def _hsk(scan: Scan, _: Floats) -> Floats:
    k = scan.sums.k
    return (scan.figures.q[:, 0] * k / scan.sums.df - k) / scan.figures.total[:, 0]


def _sj(scan: Scan, crude: Floats) -> Floats:
    each = np.arange(scan.sums.problems)
    return crude * at(scan.sums, crude[:, None], each, each).q[:, 0] / scan.sums.df


_SIMPLE: dict[str, Callable[[Scan, Floats], Floats]] = {
    "DL": _dl,
    "HE": _he,
    "HS": _hs,
    "HSk": _hsk,
    "SJ": _sj,
}
