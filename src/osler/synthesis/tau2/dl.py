"""DerSimonian and Laird's moment estimator of the between-study variance."""

import numpy as np

from osler.core.arrays import Floats
from osler.synthesis.kernel import Block, quotient, sum_of_products
from osler.synthesis.tau2.split import spread_of_weights


def dersimonian_laird(block: Block) -> Floats:
    r"""Between-study variance by one step of moments, cut off at 0.

    .. math:: \hat\tau^2 = \max\left(0, \frac{Q - (k - 1)}{\sum w_i - \sum w_i^2 / \sum w_i}\right)

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
    Too small on average where heterogeneity is large or studies are few; kept because
    most published meta-analyses used it.

    References
    ----------
    .. [1] DerSimonian & Laird (1986). Control Clin Trials 7, 177-188.
       doi:10.1016/0197-2456(86)90046-2
    """
    w = 1.0 / block.v
    # The block is centred on the common-effect estimate.
    q = sum_of_products(w * block.y, block.y)
    return np.maximum(0.0, quotient(q - (block.k - 1.0), spread_of_weights(w), 0.0))
