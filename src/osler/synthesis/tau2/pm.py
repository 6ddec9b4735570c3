"""Paule and Mandel's estimator, and the search for the tau2 that gives Q a stated value."""

import numpy as np

from osler.core.arrays import Floats
from osler.core.roots import newton_in_bracket
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
    Works on :math:`\log Q` against :math:`s = \log(1 + \tau^2)` (in units of the smallest
    variance), which is nearly straight, so that a few Newton steps suffice from any start.
    :math:`Q(\tau^2) \le R^2 (k - 1) / (2 \tau^2)`, with R the range of the estimates, bounds
    the search: there is no arbitrary upper limit.
    """
    q0, _ = q_statistic(block.y, block.v, np.zeros_like(block.k))
    open_ = q0 > target
    out = np.zeros_like(target)
    if open_.any():
        columns = np.nonzero(open_)[-1]
        out[open_] = _root(block.columns(columns), target[open_], q0[columns])
    return out


def _root(block: Block, target: Floats, q0: Floats) -> Floats:
    goal = np.log(target)

    def gap(s: Floats) -> tuple[Floats, Floats]:
        tau2 = np.expm1(s)
        q, slope = q_statistic(block.y, block.v, tau2)
        return np.log(q) - goal, slope * (1.0 + tau2) / q

    # The bound is widened a little so that rounding cannot leave the root outside.
    top = np.log1p(1.001 * block.reach * (block.k - 1.0) / target)
    start = np.minimum(np.log(q0) - goal, top)
    s = newton_in_bracket(gap, np.zeros_like(top), top, start, np.ones_like(top))
    return np.maximum(0.0, np.expm1(s))
