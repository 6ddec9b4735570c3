"""Intervals for the true effect of a new study like those pooled."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import cast

import numpy as np

from osler.core.arrays import Floats, every
from osler.core.quantiles import normal_quantile
from osler.synthesis.intervals.kenward_roger import kenward_roger
from osler.synthesis.intervals.mean import MEAN_METHODS, Means, Names, the_same
from osler.synthesis.intervals.predicted_by_draws import prediction_by_draws
from osler.synthesis.intervals.student import student_quantile
from osler.synthesis.kernel import Block

# The interval method whose standard error each takes.
_SE_OF: Mapping[str, str] = MappingProxyType(
    {
        "HK": "HKSJ",
        "HK-PR": "HKSJ",
        "HK-adhoc": "HKSJ-adhoc",
        "HTS": "Wald",
        "V": "Wald",
        "S": "Wald",
        "KR": "KR",
        "KR-PR": "KR",
    }
)
PRED_METHODS = (*_SE_OF, "NNF")
PRED_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "HK": "Hartung and Knapp's standard error, t with k - 1 degrees of freedom",
        "HK-PR": "Hartung and Knapp's standard error, t with k - 2 degrees of freedom",
        "HK-adhoc": "Hartung and Knapp's standard error, not below Wald's, t with k - 1 "
        "degrees of freedom",
        "HTS": "Higgins, Thompson and Spiegelhalter: t with k - 2 degrees of freedom",
        "V": "Wald's standard error, t with k - 1 degrees of freedom",
        "S": "normal distribution",
        "KR": "Kenward and Roger's standard error, t with their degrees of freedom",
        "KR-PR": "Kenward and Roger's standard error, t with one degree of freedom less",
        "NNF": "Nagashima, Noma and Furukawa: draws from the confidence distribution of tau2",
    }
)
# What "auto" takes beside an interval method; "V" where none is named.
_BESIDE = {
    "HKSJ": "HK",
    "HKSJ-hybrid": "HK-adhoc",
    "HKSJ-adhoc": "HK-adhoc",
    "KR": "KR",
    "KR-observed": "KR",
}


def prediction_methods(used: Names, name: str) -> Names:
    """The prediction method of each group; "auto" follows the interval method."""
    if name == "auto" and not (shared := the_same(used)):
        out = np.full(used.shape, "V", "U8")
        for ci_method, beside in _BESIDE.items():
            out[used == ci_method] = beside
        return out
    name = _BESIDE.get(shared, "V") if name == "auto" else name
    return np.full(used.shape, name) if used.ndim else cast(Names, np.str_(name))


def prediction_intervals(
    block: Block,
    tau2: Floats,
    means: Means,
    used: Names,
    chosen: Names,
    level: float,
    seed: int,
) -> tuple[Floats, Floats]:
    """Bounds of each group by its own method; NaN where fewer than three studies were pooled.

    Parameters
    ----------
    block : Block
    tau2 : array of shape (groups,)
        In the block's unit.
    means : Means
        By the interval methods ``used``.
    used, chosen : array of shape (groups,)
        Interval and prediction method of each group.
    level : float
    seed : int
        Of the draws of "NNF".
    """
    if shared := the_same(chosen):
        return _by(shared, block, tau2, means, used, level, seed)
    lower, upper = np.empty_like(tau2), np.empty_like(tau2)
    for name in np.unique(chosen):
        of = chosen == name
        part = Means(*(getattr(means, n)[of] for n in Means.__slots__))
        ends = _by(str(name), block.columns(of), tau2[of], part, used[of], level, seed)
        lower[of], upper[of] = ends
    return lower, upper


def _by(
    name: str, block: Block, tau2: Floats, means: Means, used: Names, level: float, seed: int
) -> tuple[Floats, Floats]:
    if name == "NNF":
        return prediction_by_draws(block, level, seed)
    source = _SE_OF[name]
    # Weights of one's own have their own standard error, kept by Wald and t.
    if _all_of(used, {source, "t"} if source == "Wald" else {source}):
        estimate, se = means.estimate, means.se
    else:
        of_source = MEAN_METHODS[source](block, tau2, level)
        estimate, se = of_source.estimate, of_source.se
    df = _degrees(name, block, tau2)
    return prediction_interval(estimate, se, tau2 * block.unit**2, df, block.k, level)


def _all_of(used: Names, names: set[str]) -> bool:
    """Whether the method of every group is one of these."""
    shared = the_same(used)
    return shared in names if shared else names.issuperset(np.unique(used))


def _degrees(name: str, block: Block, tau2: Floats) -> Floats:
    if name in ("KR", "KR-PR"):
        return kenward_roger(block, tau2).df - (name == "KR-PR")
    if name == "S":
        return np.full_like(tau2, np.inf)
    return block.k - (2.0 if name in ("HTS", "HK-PR") else 1.0)


def prediction_interval(
    estimate: Floats, se: Floats, tau2: Floats, df: Floats, k: Floats, level: float
) -> tuple[Floats, Floats]:
    r"""Bounds :math:`\hat\mu \pm t_{\mathrm{df}} \sqrt{\mathrm{se}^2 + \hat\tau^2}`.

    Parameters
    ----------
    estimate, se : array of shape (groups,)
        Random-effects estimate and its standard error.
    tau2, df : array of shape (groups,)
        ``df`` infinite for the normal distribution.
    k : array of shape (groups,)
        Number of studies; NaN is given below 3, and where ``df`` is below 1.
    level : float

    Notes
    -----
    Degrees of freedom are a convention, and so is the standard error: metafor's ``predict``
    takes k - 1 after ``test="t"`` ("V") and ``"knha"`` ("HK") and the normal distribution
    after ``"z"`` ("S"); Higgins, Thompson and Spiegelhalter (2009) k - 2 ("HTS").

    References
    ----------
    .. [1] Higgins, Thompson & Spiegelhalter (2009). J R Stat Soc A 172, 137-159, section 5.
       doi:10.1111/j.1467-985X.2008.00552.x
    .. [2] Riley, Higgins & Deeks (2011). BMJ 342, d549. doi:10.1136/bmj.d549
    .. [3] Partlett & Riley (2017). Stat Med 36, 301-317. doi:10.1002/sim.7140

    Examples
    --------
    >>> values = [0.5], [0.2], [0.09], [3.0], [4.0]
    >>> lower, upper = prediction_interval(*map(np.array, values), level=0.95)
    >>> lower.round(4), upper.round(4)
    (array([-0.6474]), array([1.6474]))
    """
    side = 0.5 + level / 2.0
    quantile = normal_quantile(side) if every(df == np.inf) else student_quantile(side, df)
    half = quantile * np.sqrt(se * se + tau2)
    if not every(k >= 3):
        half = np.where(k >= 3, half, np.nan)
    return estimate - half, estimate + half
