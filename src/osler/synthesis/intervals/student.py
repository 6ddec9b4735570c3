"""Student's quantile, remembered: the fits of a session share a few sizes and levels."""

from functools import lru_cache

from osler.core.arrays import Floats
from osler.core.quantiles import t_quantile
from osler.synthesis.kernel import shaped_as


def student_quantile(p: float, df: Floats) -> Floats:
    """As :func:`osler.core.quantiles.t_quantile`; one value at a time is looked up.

    Examples
    --------
    >>> import numpy as np
    >>> student_quantile(0.975, np.array([12.0])).round(6)
    array([2.178813])
    """
    if df.size != 1:
        return t_quantile(p, df)
    return shaped_as(df, _remembered(p, df.item()))


@lru_cache(maxsize=4096)
def _remembered(p: float, df: float) -> float:
    return float(t_quantile(p, df))
