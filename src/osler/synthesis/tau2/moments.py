r"""Estimators that set one weighted sum of squares equal to what it should be.

With any fixed weights :math:`a_i` and :math:`\bar y_a = \sum a_i y_i / \sum a_i`,

.. math:: E \sum a_i (y_i - \bar y_a)^2
          = \Big(\sum a_i v_i - \frac{\sum a_i^2 v_i}{\sum a_i}\Big)
          + \tau^2 \Big(\sum a_i - \frac{\sum a_i^2}{\sum a_i}\Big)

and the estimators differ only in the weights. All are cut off at 0.
"""

import numpy as np

from osler.core.arrays import Floats
from osler.synthesis.kernel import Block, q_statistic, weighted_mean, weights
from osler.synthesis.tau2.dl import dersimonian_laird
from osler.synthesis.tau2.split import Split, spread_of_weights


def generalised_moments(block: Block, a: Floats) -> Floats:
    r"""Between-study variance from a weighted sum of squares with stated weights, at least 0.

    .. math:: \hat\tau^2 = \max\left(0, \frac{\sum a_i (y_i - \bar y_a)^2
              - (\sum a_i v_i - \sum a_i^2 v_i / \sum a_i)}{\sum a_i - \sum a_i^2 / \sum a_i}
              \right)

    Parameters
    ----------
    block : Block
        Meta-analyses side by side.
    a : array of shape (studies, groups)
        Weights above 0; 0 where a column is padded. Only their ratios matter.

    Returns
    -------
    array of shape (groups,)
        In the block's unit; 0 for one study.

    Notes
    -----
    Equals metafor's ``rma(method="GENQ", weights=a)$tau2``.

    References
    ----------
    .. [1] DerSimonian & Kacker (2007). Contemp Clin Trials 28, 105-114, equation 6.
       doi:10.1016/j.cct.2006.04.004
    .. [2] Jackson (2013). Res Synth Methods 4, 220-229. doi:10.1002/jrsm.1081
    """
    split = Split.of(a)
    residual = block.y - weighted_mean(block.y, a)
    q = (a * residual * residual).sum(axis=0)
    av = a * np.where(block.present, block.v, 0.0)
    by_chance = (av * split.shares_of_others()).sum(axis=0)
    per_tau2 = spread_of_weights(a)
    several = block.k > 1
    excess = np.divide(q - by_chance, per_tau2, out=np.zeros_like(q), where=several)
    return np.asarray(np.maximum(0.0, excess))


def equal_weights(block: Block) -> Floats:
    """Weight 1 for every study, 0 where a column is padded; shape (studies, groups)."""
    return block.present.astype(float)


def hedges(block: Block) -> Floats:
    r"""Variance of the estimates less the mean of the sampling variances, at least 0.

    Known as Hedges' or Hedges and Olkin's, as the variance component estimator and as
    Cochran's ANOVA estimator. All studies count the same, so that a few small ones can
    carry it; unbiased before it is cut off.

    Parameters
    ----------
    block : Block
        Meta-analyses side by side.

    Returns
    -------
    array of shape (groups,)
        In the block's unit; 0 for one study.

    References
    ----------
    .. [1] Hedges (1983). Psychol Bull 93, 388-395. doi:10.1037/0033-2909.93.2.388
    .. [2] Cochran (1954). Biometrics 10, 101-129. doi:10.2307/3001666
    """
    return generalised_moments(block, equal_weights(block))


def two_step_dersimonian_laird(block: Block) -> Floats:
    """Moments with the random-effects weights of DerSimonian and Laird's estimate ("DL2").

    One step on the way from "DL" to "PM", which is where further steps lead.

    References
    ----------
    .. [1] DerSimonian & Kacker (2007). Contemp Clin Trials 28, 105-114.
       doi:10.1016/j.cct.2006.04.004
    """
    return generalised_moments(block, weights(block.v, dersimonian_laird(block)))


def two_step_hedges(block: Block) -> Floats:
    """Moments with the random-effects weights of Hedges' estimate ("HE2"; CA2 in the source).

    References
    ----------
    .. [1] DerSimonian & Kacker (2007). Contemp Clin Trials 28, 105-114.
       doi:10.1016/j.cct.2006.04.004
    """
    return generalised_moments(block, weights(block.v, hedges(block)))


def hunter_schmidt(block: Block) -> Floats:
    r"""Weighted variance of the estimates less the weighted mean of the sampling variances.

    .. math:: \hat\tau^2 = \max\left(0, \frac{Q - k}{\sum w_i}\right), \quad w_i = 1 / v_i

    Parameters
    ----------
    block : Block
        Meta-analyses side by side.

    Returns
    -------
    array of shape (groups,)
        In the block's unit; 0 for one study.

    Notes
    -----
    Too small on average, most of all with few studies: the mean that is estimated costs a
    degree of freedom that is not counted. :func:`hunter_schmidt_corrected` counts it.

    References
    ----------
    .. [1] Viechtbauer (2005). J Educ Behav Stat 30, 261-293, equation 21.
       doi:10.3102/10769986030003261
    """
    q, total = _q_and_weight(block)
    return np.maximum(0.0, (q - block.k) / total)


def hunter_schmidt_corrected(block: Block) -> Floats:
    r"""Hunter and Schmidt's estimator with the observed variance times :math:`k / (k - 1)`.

    .. math:: \hat\tau^2 = \max\left(0, \frac{k}{k - 1} \cdot \frac{Q - (k - 1)}{\sum w_i}
              \right)

    References
    ----------
    .. [1] Brannick, Potter, Benitez & Morris (2019). Organ Res Methods 22, 490-514.
       doi:10.1177/1094428117741967
    """
    q, total = _q_and_weight(block)
    df = block.k - 1.0
    ratio = np.divide(block.k, df, out=np.zeros_like(df), where=df > 0)
    return np.maximum(0.0, ratio * (q - df) / total)


def _q_and_weight(block: Block) -> tuple[Floats, Floats]:
    zero = np.zeros_like(block.k)
    return q_statistic(block.y, block.v, zero)[0], weights(block.v, zero).sum(axis=0)
