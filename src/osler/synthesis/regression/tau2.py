r"""Estimators of the variance between studies that moderators leave unexplained.

Each takes a :class:`Problem`, many regressions side by side, and gives one value for each. They
make no assumption about the data; where variances are not too far apart,
:mod:`~osler.synthesis.regression.scan` gives the same in a tenth of the time.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Bools, Floats
from osler.core.quantiles import chi2_quantile
from osler.core.roots import newton_in_bracket
from osler.synthesis.regression.kernel import (
    Projection,
    leverage,
    log_determinant,
    project,
    quadratic,
    residual_q,
    trace_of_product,
)
from osler.synthesis.regression.moments import MOMENTS

# Distance of scan points in log(smallest variance + tau2). Within such a step the log of pull
# over spread, whose second derivative is at most 5/4 (see scan.Scan), can turn and come back
# only where it is within 1% of 0: two maxima that close are one for every purpose.
_SCAN_STEP = 0.25
# Numbers evaluated at a time: what a core's cache holds.
_CACHED = 32_768


@dataclass(frozen=True, slots=True)
class Problem:
    """Regressions side by side, scaled so that the smallest variance of each is 1.

    Attributes
    ----------
    y : array of shape (studies, problems)
        Residuals of the common-effect regression: P y is the same for them as for y.
    v : array of shape (studies, problems)
        Infinite where a study is left out of a problem.
    X : array of shape (coefficients, studies, problems or 1)
        Columns of length 1.
    k : array of shape (problems,)
        Studies in each problem.
    unit : array of shape (problems,)
        ``variance = unit**2 * v``.
    reach : array of shape (problems,)
        The residual sum of squares without weights: no estimator exceeds it.
    full_rank : array of shape (problems,)
    """

    y: Floats
    v: Floats
    X: Floats
    k: Floats
    unit: Floats
    reach: Floats
    full_rank: Bools

    @property
    def p(self) -> int:
        return int(self.X.shape[0])

    @property
    def df(self) -> Floats:
        return self.k - self.p

    def columns(self, wanted: NDArray[np.intp]) -> "Problem":
        """Some of the problems, by position."""
        X = self.X if self.X.shape[2] == 1 else self.X[:, :, wanted]
        return Problem(
            self.y[:, wanted],
            self.v[:, wanted],
            X,
            self.k[wanted],
            self.unit[wanted],
            self.reach[wanted],
            self.full_rank[wanted],
        )


def problem_of(y: Floats, v: Floats, X: Floats) -> Problem:
    r"""Centre and scale.

    Parameters
    ----------
    y, v : array of shape (studies, problems)
        A variance that is infinite leaves the study out.
    X : array of shape (coefficients, studies, problems or 1)

    Notes
    -----
    With :math:`K` an orthonormal complement of :math:`X`, :math:`d_j` the eigenvalues of
    :math:`K'VK` and :math:`z_j` the contrasts along its eigenvectors, twice the restricted
    score is :math:`\sum_j (z_j^2 - d_j - \tau^2) / (d_j + \tau^2)^2`: negative once
    :math:`\tau^2` exceeds :math:`\sum_j z_j^2`, the residual sum of squares of ordinary
    least squares, which is ``reach``. The likelihood's own score lies below it.
    """
    present = np.isfinite(v)
    unit = np.sqrt(v.min(axis=0))
    v = v / (unit * unit)
    length = np.sqrt((X * X).sum(axis=1, keepdims=True))
    X = X / np.where(length > 0, length, 1.0)
    with np.errstate(divide="ignore"):
        weighted = project(np.where(present, y / unit, 0.0), X, 1.0 / v)
    root = np.sqrt(v)
    y = np.where(present, weighted.residuals * np.where(present, root, 0.0), 0.0)
    plain = project(y, X, present.astype(float))
    # Counting rank takes no weights: these may be as small as they like.
    return Problem(y, v, X, present.sum(axis=0) * 1.0, unit, residual_q(plain), plain.full_rank)


def fitted(problem: Problem, tau2: Floats) -> Projection:
    """The weighted fit of each problem at its tau2 (shape (problems,), in its unit)."""
    return project(problem.y, problem.X, 1.0 / (problem.v + tau2))


def _pm(problem: Problem) -> Floats:
    return tau2_where_q_is(problem, problem.df)


def _pmm(problem: Problem) -> Floats:
    return tau2_where_q_is(problem, chi2_quantile(0.5, problem.df))


def tau2_where_q_is(problem: Problem, target: Floats) -> Floats:
    r"""The :math:`\tau^2` at which the residual Q is ``target``; 0 where Q(0) is not above it.

    Parameters
    ----------
    problem : Problem
    target : array of shape (problems,)
        Above 0.

    Notes
    -----
    :math:`Q(\tau^2) = \sum z_j^2 / (d_j + \tau^2)` (symbols as in :func:`problem_of`) is at
    most the residual sum of squares over :math:`\tau^2`, which bounds the root. The search
    is on :math:`\log Q` against :math:`\log(1 + \tau^2)`, nearly a straight line.
    """
    q0 = residual_q(fitted(problem, np.zeros_like(problem.k)))
    out = np.zeros_like(problem.k)
    open_ = np.flatnonzero(q0 > target)
    if not open_.size:
        return out
    part, goal = problem.columns(open_), np.log(target[open_])

    def gap(s: Floats) -> tuple[Floats, Floats]:
        tau2 = np.expm1(s)
        fit = fitted(part, tau2)
        q = residual_q(fit)
        slope = np.einsum("km,km,km->m", fit.weights, fit.residuals, fit.residuals)
        return np.log(q) - goal, -slope * (1.0 + tau2) / q

    top = np.log1p(1.001 * part.reach / target[open_])
    start = np.minimum(np.log(q0[open_]) - goal, top)
    s = newton_in_bracket(gap, np.zeros_like(top), top, start, np.ones_like(top))
    out[open_] = np.maximum(0.0, np.expm1(s))
    return out


def _score(problem: Problem, tau2: Floats, restricted: bool) -> tuple[Floats, Projection, Floats]:
    """Twice the score of the (restricted) likelihood; ``tau2`` may have further axes behind."""
    further = (None,) * (tau2.ndim - 1)
    at = (..., *further)
    fit = project(problem.y[at], problem.X[at], 1.0 / (problem.v[at] + tau2))
    hat = leverage(fit) if restricted else np.zeros_like(fit.weights)
    spread = np.einsum("k...,k...,k...->...", fit.weights, fit.residuals, fit.residuals)
    return spread - np.einsum("k...,k...->...", fit.weights, 1.0 - hat), fit, hat


def _score_and_slope(problem: Problem, tau2: Floats, restricted: bool) -> tuple[Floats, Floats]:
    value, fit, hat = _score(problem, tau2, restricted)
    w = fit.weights
    pulled = w * fit.residuals
    slope = -2.0 * quadratic(fit, pulled, pulled)
    if restricted:
        return value, slope + trace_of_product(fit, w, w, hat)
    return value, slope + np.einsum("k...,k...->...", w, w)


def log_likelihood(problem: Problem, tau2: Floats, restricted: bool) -> Floats:
    """Without constants; for columns of length 1 and the problem's unit."""
    fit = fitted(problem, tau2)
    w = fit.weights
    logs = np.log(w, out=np.zeros_like(w), where=w > 0).sum(axis=0)
    height = 0.5 * logs - 0.5 * residual_q(fit)
    return np.asarray(height - 0.5 * log_determinant(fit) if restricted else height)


@dataclass(frozen=True, slots=True)
class Maxima:
    """Every maximum of the likelihood, by problem and then by ``tau2``, in the unit."""

    problem: NDArray[np.intp]
    tau2: Floats
    height: Floats

    @staticmethod
    def together(
        at_zero: NDArray[np.intp],
        turning: NDArray[np.intp],
        inner: Floats,
        height_of: Callable[[NDArray[np.intp], Floats], Floats],
    ) -> "Maxima":
        """Those at 0 and those inside; ``height_of`` is asked where a problem has several."""
        which = np.concatenate([at_zero, turning])
        tau2 = np.concatenate([np.zeros(at_zero.size), inner])
        order = np.lexsort((tau2, which))
        which, tau2 = which[order], tau2[order]
        height = np.zeros_like(tau2)
        several = np.flatnonzero(np.bincount(which)[which] > 1)
        if several.size:
            height[several] = height_of(which[several], tau2[several])
        return Maxima(which, tau2, height)


def maxima(problem: Problem, restricted: bool) -> Maxima:
    """All maxima of the (restricted) likelihood of tau2, from a scan of all that can hold one."""
    grid, score = _scan(problem, restricted)
    turns = (score[:, :-1] > 0) & (score[:, 1:] <= 0)
    turning, step = np.nonzero(turns)
    at_zero = np.flatnonzero((score[:, 0] <= 0) | ~turns.any(axis=1))
    inner = np.empty(0)
    if turning.size:
        part = problem.columns(turning)
        lower, upper = grid[turning, step], grid[turning, step + 1]
        low, high = score[turning, step], score[turning, step + 1]
        start = lower + (upper - lower) * low / (low - high)
        inner = newton_in_bracket(
            lambda t: _score_and_slope(part, t, restricted), lower, upper, start, 1.0 + upper
        )
    return Maxima.together(
        at_zero,
        turning,
        inner,
        lambda which, tau2: log_likelihood(problem.columns(which), tau2, restricted),
    )


def _scan(problem: Problem, restricted: bool) -> tuple[Floats, Floats]:
    """Points from 0 to where no score is above 0, evenly spaced in the log.

    Both of shape (problems, points); :func:`~osler.synthesis.regression.scan.scanned` has the
    second of the two bounds.
    """
    s2 = problem.reach / np.maximum(problem.df, 1.0)
    largest = np.where(np.isfinite(problem.v), problem.v, 0.0).max(axis=0)
    half = 0.5 * s2 - 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        beyond = half + np.sqrt(np.maximum(half * half + s2 * largest - 1.0, 0.0))
    reach = np.maximum(np.fmin(problem.reach, np.maximum(beyond, 0.0)), 1e-12)
    top = np.log1p(1.001 * reach)
    points = 2 + int(top.max() / _SCAN_STEP)
    grid = np.expm1(np.linspace(0.0, 1.0, points) * top[:, None])
    score = np.empty_like(grid)
    stride = max(1, _CACHED // (problem.y.shape[0] * points))
    for first in range(0, problem.k.size, stride):
        rows = np.arange(first, min(first + stride, problem.k.size))
        score[rows] = _score(problem.columns(rows), grid[rows], restricted)[0]
    return grid, score


def highest(found: Maxima) -> Floats:
    """tau2 of the highest maximum of each problem; of two of equal height the smaller."""
    if not found.height.any():  # worked out only where a problem has several
        return found.tau2
    order = np.lexsort((found.tau2, -found.height, found.problem))
    _, first = np.unique(found.problem[order], return_index=True)
    return np.asarray(found.tau2[order][first])


def _reml(problem: Problem) -> Floats:
    return highest(maxima(problem, restricted=True))


def _ml(problem: Problem) -> Floats:
    return highest(maxima(problem, restricted=False))


_SEARCHES: dict[str, Callable[[Problem], Floats]] = {
    "REML": _reml,
    "ML": _ml,
    "PM": _pm,
    "PMM": _pmm,
    "EB": _pm,
}
TAU2_METHODS = ("REML", "ML", "DL", "HE", "HS", "HSk", "PM", "PMM", "EB", "CE", "SJ")


def estimate_tau2(problem: Problem, method: str, estimates: Floats) -> Floats:
    """tau2 of every problem, on the scale of the data, not below 0; NaN without full rank.

    Parameters
    ----------
    problem : Problem
    method : str
        One of ``TAU2_METHODS``.
    estimates : array of shape (studies, problems)
        As given to :func:`problem_of`.
    """
    out = np.full(problem.k.shape, np.nan)
    usable = np.flatnonzero(problem.full_rank & (problem.df > 0))
    if not usable.size:
        return out
    part = problem.columns(usable)
    if method in MOMENTS:
        found = MOMENTS[method](estimates[:, usable] / part.unit, part.v, part.X)
    else:
        found = _SEARCHES[method](part)
    out[usable] = np.maximum(0.0, found) * part.unit**2
    return out
