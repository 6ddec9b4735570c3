"""Interval for the true effect of a new study like those pooled."""

import numpy as np

from osler.core.arrays import Floats
from osler.core.quantiles import t_quantile


def prediction_interval(
    estimate: Floats, se: Floats, tau2: Floats, k: Floats, level: float
) -> tuple[Floats, Floats]:
    r"""Bounds :math:`\hat\mu \pm t_{k-1} \sqrt{\mathrm{se}^2 + \hat\tau^2}`.

    Parameters
    ----------
    estimate, se : array of shape (groups,)
        Random-effects estimate and its standard error, from the interval method in use.
    tau2 : array of shape (groups,)
    k : array of shape (groups,)
        Number of studies; NaN is given below 3.
    level : float

    Notes
    -----
    Degrees of freedom are a convention: k - 1 here, as metafor's ``predict`` after
    ``test="t"`` or ``"knha"``; k - 2 in Higgins, Thompson and Spiegelhalter (2009) and in
    older releases of meta. After ``test="z"`` metafor takes the normal distribution.

    References
    ----------
    .. [1] Riley, Higgins & Deeks (2011). BMJ 342, d549. doi:10.1136/bmj.d549
    .. [2] Partlett & Riley (2017). Stat Med 36, 301-317. doi:10.1002/sim.7140

    Examples
    --------
    >>> values = [0.5], [0.2], [0.09], [4.0]
    >>> lower, upper = prediction_interval(*map(np.array, values), level=0.95)
    >>> lower.round(4), upper.round(4)
    (array([-0.6474]), array([1.6474]))
    """
    half = t_quantile(0.5 + level / 2.0, np.where(k >= 3, k - 1.0, np.nan)) * np.sqrt(se**2 + tau2)
    return estimate - half, estimate + half
