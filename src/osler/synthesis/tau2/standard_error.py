r"""Standard errors of the estimators of the between-study variance.

For estimators made of one weighted sum of squares :math:`y' A y` the variance of normal
effects is exact but for the cut at 0, with tau2 put in for itself:
:math:`2\, \mathrm{tr}(A M A M)`, M the diagonal matrix of :math:`v_i + \hat\tau^2`. For the
likelihoods it is the inverse of the expected information. All agree with metafor's
``se.tau2``; "DL2" and "HE2", which metafor has not, take their weights as fixed.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from osler.core.arrays import Floats, every
from osler.synthesis.kernel import Block, sum_of, sum_of_products, weights
from osler.synthesis.tau2.dl import dersimonian_laird
from osler.synthesis.tau2.moments import equal_weights, hedges
from osler.synthesis.tau2.sj import first_guess
from osler.synthesis.tau2.split import CANCELLED, Split, spread_of_weights


def of_moments(block: Block, a: Floats, tau2: Floats) -> Floats:
    """Of :func:`osler.synthesis.tau2.moments.generalised_moments` with weights ``a``.

    References
    ----------
    .. [1] Jackson (2013). Res Synth Methods 4, 220-229. doi:10.1002/jrsm.1081
    """
    return np.asarray(_spread(block, a, tau2) / spread_of_weights(a))


def _spread(block: Block, a: Floats, tau2: Floats) -> Floats:
    """Standard deviation of the weighted sum of squares; exact for normal estimates."""
    am = a * np.where(block.present, block.v + tau2, 0.0)
    unit = am.max(axis=0)
    return np.asarray(unit * np.sqrt(2.0 * _trace(a / a.max(axis=0), am / unit)))


def _trace(a: Floats, am: Floats) -> Floats:
    r""":math:`\mathrm{tr}(A M A M)` from the weights, and the weights times the variances."""
    total, squares, cross = sum_of(a), sum_of_products(am, am), sum_of_products(a, am)
    trace: Floats = squares - 2.0 * sum_of_products(a, am * am) / total + (cross / total) ** 2
    # Where one weight exceeds all others by far, what is left over is mostly rounding.
    if every(trace > CANCELLED * squares):
        return trace
    split = Split.of(a)
    own = am * split.shares_of_others()
    return np.asarray(sum_of_products(own, own) + split.pairs(a * am) / (total * total))


def _dl(block: Block, tau2: Floats) -> Floats:
    return of_moments(block, 1.0 / block.v, tau2)


def _he(block: Block, tau2: Floats) -> Floats:
    return of_moments(block, equal_weights(block), tau2)


def _dl2(block: Block, tau2: Floats) -> Floats:
    return of_moments(block, weights(block.v, dersimonian_laird(block)), tau2)


def _he2(block: Block, tau2: Floats) -> Floats:
    return of_moments(block, weights(block.v, hedges(block)), tau2)


def _hs(block: Block, tau2: Floats) -> Floats:
    w = 1.0 / block.v
    return np.asarray(_spread(block, w, tau2) / w.sum(axis=0))


def _hsk(block: Block, tau2: Floats) -> Floats:
    return _hs(block, tau2) * block.k / (block.k - 1.0)


def _sj(block: Block, tau2: Floats) -> Floats:
    """NaN where all estimates are the same."""
    first = first_guess(block)
    known = np.where(first > 0, first, 1.0)
    ratio = np.where(block.present, known / (block.v + known), 0.0)
    se = _spread(block, ratio, tau2) / (block.k - 1.0)
    return np.where(first > 0, se, np.nan)


def _of_expected_q(block: Block, tau2: Floats) -> Floats:
    r""":math:`\sqrt{2 k^2 / (k - 1)} / \sum w_i`, for the estimators that solve Q = constant.

    References
    ----------
    .. [1] Berkey, Hoaglin, Mosteller & Colditz (1995). Stat Med 14, 395-411.
       doi:10.1002/sim.4780140406
    """
    return np.asarray(np.sqrt(2.0 / (block.k - 1.0)) * block.k / weights(block.v, tau2).sum(axis=0))


def _ml(block: Block, tau2: Floats) -> Floats:
    return np.asarray(np.sqrt(2.0 / (weights(block.v, tau2) ** 2).sum(axis=0)))


def _reml(block: Block, tau2: Floats) -> Floats:
    return np.sqrt(2.0 / trace_pp(weights(block.v, tau2)))


def trace_pp(w: Floats) -> Floats:
    r""":math:`\mathrm{tr}(PP)`, twice the expected information about tau2 in the residuals."""
    return _trace(w, w)


STANDARD_ERRORS: Mapping[str, Callable[[Block, Floats], Floats]] = MappingProxyType(
    {
        "DL": _dl,
        "DL2": _dl2,
        "EB": _of_expected_q,
        "HE": _he,
        "HE2": _he2,
        "HS": _hs,
        "HSk": _hsk,
        "ML": _ml,
        "PM": _of_expected_q,
        "PMM": _of_expected_q,
        "REML": _reml,
        "SJ": _sj,
        "SJIT": _of_expected_q,
    }
)


def tau2_standard_error(method: str, block: Block, tau2: Floats, a: Floats) -> Floats:
    """Standard error of tau2 in the block's unit; NaN for one study.

    Parameters
    ----------
    method : str
        A name of ``TAU2_METHODS``.
    block : Block
    tau2 : array of shape (groups,)
        The estimate, in the block's unit.
    a : array of shape (studies, groups)
        Weights of "GENQ" and "GENQM".
    """
    several = block.k > 1
    if every(several):
        return _of_several(method, block, tau2, a)
    out = np.full_like(tau2, np.nan)
    if several.any():
        out[several] = _of_several(method, block.columns(several), tau2[several], a[:, several])
    return out


def _of_several(method: str, block: Block, tau2: Floats, a: Floats) -> Floats:
    if method in STANDARD_ERRORS:
        return STANDARD_ERRORS[method](block, tau2)
    return of_moments(block, a, tau2)
