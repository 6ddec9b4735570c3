"""Paule and Mandel's estimator, and the search for the tau2 that gives Q a stated value."""

import numpy as np

from osler.core.arrays import Floats
from osler.core.quantiles import chi2_quantile
from osler.core.roots import Function, newton_in_bracket
from osler.synthesis.kernel import Block, q_statistic


def paule_mandel(block: Block) -> Floats:
    r"""Between-study variance at which Q meets its expectation.

    The root of :math:`Q(\tau^2) = k - 1`, which is unique because Q falls; 0 where
    :math:`Q(0) \le k - 1`. Makes no assumption of normal effects. The same estimate is
    known as empirical Bayes.

    Parameters
    ----------
    block : Block
        Meta-analyses side by side.

    Returns
    -------
    array of shape (groups,)
        In the block's unit.

    References
    ----------
    .. [1] Paule & Mandel (1982). J Res Natl Bur Stand 87, 377-385. doi:10.6028/jres.087.022
    .. [2] DerSimonian & Kacker (2007). Contemp Clin Trials 28, 105-114.
       doi:10.1016/j.cct.2006.04.004
    """
    return tau2_where_q_is(block, block.k - 1.0)


def median_paule_mandel(block: Block) -> Floats:
    r"""Between-study variance at which Q is the median of its distribution ("PMM").

    The root of :math:`Q(\tau^2) = \chi^2_{k-1, 0.5}`: too large as often as too small, but
    for the cut at 0.

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
    .. [1] Viechtbauer (2021). Median-unbiased estimators for the amount of heterogeneity in
       meta-analysis. European Congress of Methodology, Valencia.
    """
    # The median of chi-squared without degrees of freedom is 0, as is Q of one study.
    return tau2_where_q_is(block, chi2_quantile(0.5, np.maximum(block.k - 1.0, 0.5)))


def tau2_where_q_is(block: Block, target: Floats) -> Floats:
    r"""The :math:`\tau^2` at which Q equals ``target``, 0 where Q(0) does not exceed it.

    Parameters
    ----------
    block : Block
        Meta-analyses side by side.
    target : array of shape (groups,) or (n, groups)
        Above 0 wherever there are two studies or more.

    Returns
    -------
    array of the shape of ``target``
        In the block's unit.

    Notes
    -----
    Works on 1 / Q, which is straight in :math:`\tau^2` where all variances are equal and
    nearly so elsewhere: a few Newton steps suffice.
    :math:`Q(\tau^2) \le R^2 (k - 1) / (2 \tau^2)`, with R the range of the estimates, bounds
    the search: there is no arbitrary upper limit.
    """
    q0, slope0 = q_statistic(block.y, block.v, np.zeros_like(block.k))
    open_ = q0 > target
    out = np.zeros_like(target)
    if open_.any():
        columns = np.nonzero(open_)[-1]
        start = q0[columns] * (1.0 - q0[columns] / target[open_]) / slope0[columns]
        out[open_] = _root(block.columns(columns), target[open_], start)
    return out


def _root(block: Block, target: Floats, start: Floats) -> Floats:
    # The bound is widened a little so that rounding cannot leave the root outside.
    top = 1.001 * block.reach * (block.k - 1.0) / target
    return newton_in_bracket(
        _gap_of(block, target),
        np.zeros_like(top),
        top,
        np.minimum(start, top),
        1.0 + start,
        among=lambda at: _gap_of(block.columns(at), target[at]),
    )


def _gap_of(block: Block, target: Floats) -> Function:
    def gap(tau2: Floats) -> tuple[Floats, Floats]:
        q, slope = q_statistic(block.y, block.v, tau2)
        return 1.0 - target / q, target * slope / (q * q)

    return gap
