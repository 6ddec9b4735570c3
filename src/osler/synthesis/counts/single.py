"""Intervals for one proportion or one rate: what stands beside each study in a forest."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from osler.core.arrays import Bools, Floats
from osler.core.quantiles import normal_quantile
from osler.synthesis.counts import problems

PROPORTION_METHODS = ("Clopper-Pearson", "Wilson", "Agresti-Coull", "Jeffreys")
RATE_METHODS = ("exact",)


def proportion_interval(
    events: ArrayLike, n: ArrayLike, *, level: float = 0.95, method: str = "Clopper-Pearson"
) -> tuple[Floats, Floats]:
    r"""Limits for proportions, each study on its own.

    Parameters
    ----------
    events, n : array of shape (k,)
        0 <= events <= n, n >= 1.
    level : float
        Between 0 and 1.
    method : {"Clopper-Pearson", "Wilson", "Agresti-Coull", "Jeffreys"}
        Clopper-Pearson covers at least as often as it says, mostly more; Wilson as often
        on the average.

    Returns
    -------
    lower, upper : array of shape (k,)
        Within [0, 1].

    Raises
    ------
    DataError
        For impossible counts (CNT003), an unknown method (CNT001) or level (CNT002).

    Notes
    -----
    Equals R's ``binom.test`` (Clopper-Pearson) and ``prop.test(correct=FALSE)`` (Wilson).

    References
    ----------
    .. [1] Clopper & Pearson (1934). Biometrika 26, 404-413. doi:10.1093/biomet/26.4.404
    .. [2] Brown, Cai & DasGupta (2001). Stat Sci 16, 101-133. doi:10.1214/ss/1009213286

    Examples
    --------
    >>> lower, upper = proportion_interval([0, 16], [10, 17])
    >>> lower.round(4), upper.round(4)
    (array([0.    , 0.7131]), array([0.3085, 0.9985]))
    """
    x, m = np.asarray(events, float), np.asarray(n, float)
    problems.check_level(level)
    problems.check_proportions(x, m)
    if method == "Clopper-Pearson":
        return _beta_limits(x, m - x + 1, x + 1, m - x, level, x > 0, x < m)
    if method == "Jeffreys":
        return _beta_limits(x + 0.5, m - x + 0.5, x + 0.5, m - x + 0.5, level, x > 0, x < m)
    z = float(normal_quantile(0.5 + level / 2))
    middle = (x + z * z / 2) / (m + z * z)
    if method == "Wilson":
        half = z * np.sqrt(x * (m - x) / m + z * z / 4) / (m + z * z)
    elif method == "Agresti-Coull":
        half = z * np.sqrt(middle * (1 - middle) / (m + z * z))
    else:
        raise problems.unknown("interval method", method, PROPORTION_METHODS)
    lower, upper = np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)
    if method == "Wilson":  # exact at the edges, where rounding would leave 1e-17
        lower, upper = np.where(x == 0, 0.0, lower), np.where(x == m, 1.0, upper)
    return lower, upper


def _beta_limits(
    a1: Floats, b1: Floats, a2: Floats, b2: Floats, level: float, low: Bools, high: Bools
) -> tuple[Floats, Floats]:
    """Quantiles of two beta distributions; 0 and 1 where there is nothing below or above."""
    alpha = (1 - level) / 2
    tiny = 1e-300
    lower = special.betaincinv(np.maximum(a1, tiny), b1, alpha)
    upper = special.betaincinv(a2, np.maximum(b2, tiny), 1 - alpha)
    return np.where(low, lower, 0.0), np.where(high, upper, 1.0)


def rate_interval(
    events: ArrayLike, time: ArrayLike, *, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Exact limits for rates of events per unit of time, each study on its own.

    Parameters
    ----------
    events, time : array of shape (k,)
        events >= 0, time > 0.

    Returns
    -------
    lower, upper : array of shape (k,)

    Notes
    -----
    Equals R's ``poisson.test``.

    References
    ----------
    .. [1] Garwood (1936). Biometrika 28, 437-442. doi:10.1093/biomet/28.3-4.437

    Examples
    --------
    >>> lower, upper = rate_interval([0, 7], [10.0, 1.344])
    >>> lower.round(4), upper.round(4)
    (array([0.   , 2.094]), array([ 0.3689, 10.7312]))
    """
    x, t = np.asarray(events, float), np.asarray(time, float)
    problems.check_level(level)
    problems.check_rates(x, t)
    alpha = (1 - level) / 2
    lower = np.where(x > 0, special.gammaincinv(np.maximum(x, math.ulp(0.0)), alpha), 0.0)
    return lower / t, special.gammaincinv(x + 1, 1 - alpha) / t
