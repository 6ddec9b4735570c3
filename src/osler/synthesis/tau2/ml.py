r"""Maximum likelihood estimator of the between-study variance.

Like the restricted likelihood, the likelihood of :math:`\tau^2` with the mean profiled out
can have several peaks; all are found and the highest wins.
"""

import numpy as np

from osler.core.arrays import Floats
from osler.synthesis.kernel import Block, weighted_mean, weights
from osler.synthesis.tau2.peaks import highest


def maximum_likelihood(block: Block) -> Floats:
    r"""Between-study variance at the highest point of the likelihood.

    .. math:: \ell(\tau^2) = -\tfrac12 \sum \log(v_i + \tau^2)
              - \tfrac12 \sum w_i (y_i - \hat\mu)^2

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
    Too small on average, because the mean is taken as if it were known; "REML" corrects
    that. metafor's Fisher scoring stops at the maximum its start leads to.

    References
    ----------
    .. [1] Hardy & Thompson (1996). Stat Med 15, 619-629.
       doi:10.1002/(SICI)1097-0258(19960330)15:6<619::AID-SIM188>3.0.CO;2-A
    .. [2] Viechtbauer (2005). J Educ Behav Stat 30, 261-293. doi:10.3102/10769986030003261
    """
    # Below the restricted score everywhere, so that it is negative beyond ``reach`` too.
    return highest(block.y, block.v, block.reach, score_and_slope, log_likelihood)[0]


def score_and_slope(y: Floats, v: Floats, tau2: Floats) -> tuple[Floats, Floats]:
    """Twice the derivative of the profile likelihood, and that of the former; shape (..., n)."""
    w = weights(v, tau2)
    total, squares = w.sum(axis=0), (w * w).sum(axis=0)
    pulled = w * (y - (w * y).sum(axis=0) / total)
    value = (pulled * pulled).sum(axis=0) - total
    slope = squares - 2.0 * (w * pulled * pulled).sum(axis=0)
    return value, slope + 2.0 * (w * pulled).sum(axis=0) ** 2 / total


def log_likelihood(y: Floats, v: Floats, tau2: Floats) -> Floats:
    """The profile likelihood's log without its constant; padded studies add nothing."""
    w = weights(v, tau2)
    residual = y - weighted_mean(y, w)
    return np.asarray(0.5 * _logs(w).sum(axis=0) - 0.5 * (w * residual * residual).sum(axis=0))


def restricted_log_likelihood(y: Floats, v: Floats, tau2: Floats) -> Floats:
    """The restricted likelihood's log without its constant."""
    return np.asarray(log_likelihood(y, v, tau2) - 0.5 * np.log(weights(v, tau2).sum(axis=0)))


def score_with_known_mean(y: Floats, v: Floats, tau2: Floats) -> tuple[Floats, Floats]:
    """As :func:`score_and_slope` where the true mean is 0."""
    w = weights(v, tau2)
    pulled = w * y
    value = (pulled * pulled).sum(axis=0) - w.sum(axis=0)
    return value, (w * w).sum(axis=0) - 2.0 * (w * pulled * pulled).sum(axis=0)


def log_likelihood_with_known_mean(y: Floats, v: Floats, tau2: Floats) -> Floats:
    """As :func:`log_likelihood` where the true mean is 0."""
    w = weights(v, tau2)
    return np.asarray(0.5 * _logs(w).sum(axis=0) - 0.5 * (w * y * y).sum(axis=0))


def _logs(w: Floats) -> Floats:
    return np.log(w, out=np.zeros_like(w), where=w > 0)
