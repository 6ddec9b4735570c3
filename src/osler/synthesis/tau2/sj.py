"""Sidik and Jonkman's estimator of the between-study variance."""

import numpy as np

from osler.core.arrays import Floats
from osler.synthesis.kernel import Block, q_statistic
from osler.synthesis.tau2.moments import equal_weights


def sidik_jonkman(block: Block) -> Floats:
    r"""Between-study variance as a residual variance, from a crude first guess.

    .. math:: \hat\tau_0^2 = \frac1k \sum (y_i - \bar y)^2, \quad
              \hat\tau^2 = \frac{\hat\tau_0^2\, Q(\hat\tau_0^2)}{k - 1}

    Parameters
    ----------
    block : Block
        Meta-analyses side by side.

    Returns
    -------
    array of shape (groups,)
        In the block's unit; 0 for one study and where all estimates are the same.

    Notes
    -----
    Never 0 otherwise, and too large where studies differ by chance alone. Repeating the
    step until nothing changes leads to Paule and Mandel's estimate, which "SJIT" gives.

    References
    ----------
    .. [1] Sidik & Jonkman (2005). J R Stat Soc C 54, 367-384.
       doi:10.1111/j.1467-9876.2005.00489.x
    """
    first = first_guess(block)
    q, _ = q_statistic(block.y, block.v, first)
    df = block.k - 1.0
    return np.divide(first * q, df, out=np.zeros_like(q), where=df > 0)


def first_guess(block: Block) -> Floats:
    """Mean squared distance of the estimates from their plain mean; shape (groups,)."""
    ones = equal_weights(block)
    residual = ones * (block.y - (ones * block.y).sum(axis=0) / block.k)
    return np.asarray((residual * residual).sum(axis=0) / block.k)
