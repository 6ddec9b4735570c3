"""The variance between studies that the moderators of one regression leave."""

import math
from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.core.quantiles import chi2_quantile
from osler.synthesis.regression.kernel import leverage, residual_q
from osler.synthesis.regression.scan import found_by, scanned
from osler.synthesis.regression.sums import (
    LARGEST_SQUARES,
    Sums,
    basis_of,
    basis_of_mean,
    far_apart,
    sums_of,
)
from osler.synthesis.regression.tau2 import (
    estimate_tau2,
    fitted,
    highest,
    maxima,
    problem_of,
    q_profile,
)


@dataclass(frozen=True, slots=True)
class Between:
    """On the scale of the data.

    Attributes
    ----------
    tau2 : float
    alone : float
        tau2 of the mean alone, where that was wanted, else NaN.
    maxima : tuple of float
        Where the likelihood is highest in its surroundings, for "REML" and "ML".
    lower, upper : float
        Q-profile interval; NaN without residual degrees of freedom.
    q : float
        Weighted sum of squared residuals at tau2 = 0.
    trace : float
        tr(P) at tau2 = 0: residual degrees of freedom over it are the typical variance.
    """

    tau2: float
    alone: float
    maxima: tuple[float, ...]
    lower: float
    upper: float
    q: float
    trace: float


def between(
    y: Floats, v: Floats, X: Floats, method: str, level: float, *, alone: bool = False
) -> Between:
    """Everything about tau2 that a regression tells.

    Parameters
    ----------
    y, v : array of shape (k,)
    X : array of shape (k, p)
        Of full rank.
    method : str
        One of ``TAU2_METHODS``.
    level : float
    alone : bool
        Whether tau2 of the mean alone is wanted too.

    Notes
    -----
    From sums of products where variances are not too far apart, else from bases made anew
    for every tau2.
    """
    sums = None if far_apart(v) else _sums(y, v, X, alone)
    if sums is None or not sums.squares < LARGEST_SQUARES:
        return _between_of_any(y, v, X, method, level, alone)
    df = y.size - X.shape[1]
    ends = [float(chi2_quantile(0.5 + side * level / 2.0, df)) for side in (1.0, -1.0)]
    # The estimator by the median of chi-squared asks for no less than 0.45 times its mean.
    scan = scanned(sums, min(ends[1], 0.45 * df) if df else np.inf)
    unit2 = float(v.min())
    only_first = np.where(np.arange(sums.problems) > 0, np.nan, 1.0)
    also = [end * only_first for end in ends] if df else []
    crude = np.full(sums.problems, y.var() / unit2)
    found = found_by(scan, method, crude, also)
    profile = [float(end[0]) * unit2 for end in found.also] or [math.nan, math.nan]
    tops = found.maxima.tau2[found.maxima.problem == 0] * unit2 if found.maxima else crude[:0]
    return Between(
        tau2=float(found.tau2[0]) * unit2,
        alone=float(found.tau2[1]) * unit2 if alone else math.nan,
        maxima=tuple(tops.tolist()),
        lower=profile[0],
        upper=profile[1],
        q=float(scan.figures.q[0, 0]),
        trace=float(scan.figures.spread[0, 0]) / unit2,
    )


def _sums(y: Floats, v: Floats, X: Floats, alone: bool) -> Sums:
    basis = basis_of(y, v, X)
    return sums_of(basis, basis_of_mean(y, v)) if alone else sums_of(basis)


def _between_of_any(
    y: Floats, v: Floats, X: Floats, method: str, level: float, alone: bool
) -> Between:
    column, variances = y[:, None], v[:, None]
    problem = problem_of(column, variances, np.ascontiguousarray(X.T)[:, :, None])
    unit2 = float(problem.unit[0]) ** 2
    tau2, tops = float(estimate_tau2(problem, method, column)[0]), ()
    if method in ("REML", "ML"):
        found = maxima(problem, method == "REML")
        tau2, tops = float(highest(found)[0]) * unit2, tuple((found.tau2 * unit2).tolist())
    mean = math.nan
    if alone:
        mean_only = problem_of(column, variances, np.ones((1, y.size, 1)))
        mean = float(estimate_tau2(mean_only, method, column)[0])
    lower, upper = math.nan, math.nan
    if problem.df[0] > 0:
        lower, upper = (float(end[0]) for end in q_profile(problem, level))
    made = fitted(problem, np.zeros(1))
    q, free = float(residual_q(made)[0]), made.weights * (1.0 - leverage(made))
    return Between(tau2, mean, tops, lower, upper, q, float(free.sum()) / unit2)
