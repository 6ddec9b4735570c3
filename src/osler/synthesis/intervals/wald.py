"""The normal interval of a pooled estimate."""

from functools import lru_cache

from osler.core.arrays import Floats
from osler.core.quantiles import normal_quantile, normal_two_sided


def wald_interval(estimate: Floats, se: Floats, level: float) -> tuple[Floats, Floats, Floats]:
    """Lower and upper bound and two-sided p-value, taking tau2 as known.

    Parameters
    ----------
    estimate, se : array of shape (groups,)
        Pooled estimate and its standard error, the root of one over the sum of weights.
    level : float
        Confidence level, between 0 and 1.

    Notes
    -----
    Too narrow with few studies and heterogeneity; equals metafor's ``test="z"``.

    Examples
    --------
    >>> import numpy as np
    >>> lower, upper, p = wald_interval(np.array([0.5]), np.array([0.2]), 0.95)
    >>> lower.round(4), upper.round(4), p.round(4)
    (array([0.108]), array([0.892]), array([0.0124]))
    """
    half = _quantile(level) * se
    return estimate - half, estimate + half, normal_two_sided(estimate / se)


@lru_cache(maxsize=256)
def _quantile(level: float) -> float:
    """The fits of a session share a few levels."""
    return float(normal_quantile(0.5 + level / 2.0))
