"""Interval for the between-study variance from the distribution of Q."""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from osler.core.arrays import Floats, every
from osler.core.quantiles import chi2_quantile
from osler.synthesis.kernel import Block, shaped_as
from osler.synthesis.tau2.pm import roots_of_one, tau2_where_q_is


def q_profile(block: Block, level: float) -> tuple[Floats, Floats]:
    r"""The values of :math:`\tau^2` that Q does not contradict.

    The bounds solve :math:`Q(\tau^2) = \chi^2_{k-1, (1 + \mathrm{level}) / 2}` and
    :math:`Q(\tau^2) = \chi^2_{k-1, (1 - \mathrm{level}) / 2}`; exact where effects are normal.

    Parameters
    ----------
    block : Block
        Meta-analyses side by side.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    lower, upper : array of shape (groups,)
        In the block's unit; both 0 where even tau2 = 0 makes Q unusually small; NaN for
        one study.

    Notes
    -----
    Equals ``confint(fit, type="QP")`` of metafor, whose search, though, stops at a largest
    value (a warning or ">" tells) while this one has no limit. Need not contain every
    estimate of tau2, as it does not depend on the estimator.

    References
    ----------
    .. [1] Viechtbauer (2007). Stat Med 26, 37-52. doi:10.1002/sim.2514
    """
    several = block.k > 1
    if every(several):
        return _ends(block, level)
    lower, upper = np.full_like(block.k, np.nan), np.full_like(block.k, np.nan)
    if several.any():
        lower[several], upper[several] = _ends(block.columns(several), level)
    return lower, upper


def _ends(block: Block, level: float) -> tuple[Floats, Floats]:
    df = block.k - 1.0
    if df.size == 1:
        lower, upper = roots_of_one(block, _remembered(level, df.item()))
        return shaped_as(df, lower), shaped_as(df, upper)
    ends = tau2_where_q_is(block, np.array(_targets(level, df)))
    return ends[0], ends[1]


def _targets(level: float, df: ArrayLike) -> tuple[Floats, Floats]:
    return chi2_quantile(0.5 + level / 2.0, df), chi2_quantile(0.5 - level / 2.0, df)


@lru_cache(maxsize=4096)
def _remembered(level: float, df: float) -> tuple[float, float]:
    """The fits of a session share a few sizes and levels."""
    lower, upper = _targets(level, df)
    return float(lower), float(upper)
