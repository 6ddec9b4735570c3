"""Interval for the between-study variance from a weighted sum of squares."""

import numpy as np

from osler.core.arrays import Floats
from osler.synthesis.kernel import Block
from osler.synthesis.tau2.generalised_q import tau2_where_q_has_probability


def generalised_q_interval(block: Block, a: Floats, level: float) -> tuple[Floats, Floats]:
    r"""The values of :math:`\tau^2` that the weighted sum of squares does not contradict.

    The bounds are where a sum as large as that observed has the probabilities
    :math:`(1 \mp \mathrm{level}) / 2`, by its exact distribution for normal effects.

    Parameters
    ----------
    block : Block
        Meta-analyses side by side.
    a : array of shape (studies, groups)
        Weights above 0; 0 where a column is padded. ``1 / v`` suits little heterogeneity,
        ``1 / sqrt(v)`` most situations.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    lower, upper : array of shape (groups,)
        In the block's unit; both 0 where even tau2 = 0 makes the sum unusually small; NaN
        for one study.

    Notes
    -----
    Equals ``confint(rma(method="GENQ", weights=a))`` of metafor.

    References
    ----------
    .. [1] Jackson (2013). Res Synth Methods 4, 220-229. doi:10.1002/jrsm.1081
    """
    lower, upper = np.full_like(block.k, np.nan), np.full_like(block.k, np.nan)
    # The probability of a sum no larger than the one observed.
    targets = np.array([0.5 + level / 2.0, 0.5 - level / 2.0])
    for group in np.flatnonzero(block.k > 1):
        ends = tau2_where_q_has_probability(block, a, int(group), targets)
        lower[group], upper[group] = ends
    return lower, upper
