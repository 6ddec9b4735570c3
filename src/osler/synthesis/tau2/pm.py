"""Paule and Mandel's estimator, and the search for the tau2 that gives Q a stated value."""

from collections.abc import Sequence

import numpy as np

from osler.core.arrays import Floats
from osler.core.quantiles import chi2_quantile
from osler.synthesis.kernel import Alone, Block, Positions, q_statistic

# Newton's step squares the error: one this small, relative to 1 + tau2, is the last.
_LAST_STEP, _MOST_STEPS = 1e-7, 200
# The columns still searched go on alone once they are no more than this part.
_FEWER = 0.8


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
    Newton's method on 1 / Q, which is straight in :math:`\tau^2` where all variances are equal
    and nearly so elsewhere. With :math:`d_j` and :math:`z_j` as in regression/scan.py Q is
    :math:`\sum z_j^2 / (d_j + \tau^2)`; by Cauchy and Schwarz
    :math:`Q'^2 \le Q Q'' / 2`, so that 1 / Q is concave: from 0 no step passes the root.
    """
    if block.k.size == 1:
        return np.array(roots_of_one(block, target.ravel().tolist())).reshape(target.shape)
    q, slope = q_statistic(block.y, block.v, np.zeros_like(block.k))
    open_ = q > target
    out = np.zeros_like(target)
    if open_.any():
        out[open_] = _root(block, np.nonzero(open_)[-1], target[open_], q, slope)
    return out


def _root(block: Block, columns: Positions, target: Floats, q: Floats, slope: Floats) -> Floats:
    """From Q and its slope at 0 in all columns of the block, the roots in some of them."""
    tau2 = _step(q.take(columns), slope.take(columns), target)
    roots = tau2
    at = np.arange(columns.size)
    y, v = block.y.take(columns, axis=1), block.v.take(columns, axis=1)
    for _ in range(_MOST_STEPS):
        step = _step(*q_statistic(y, v, tau2), target)
        tau2 = tau2 + step
        roots[at] = tau2
        going = np.flatnonzero(step > _LAST_STEP * (1.0 + tau2))
        if not going.size:
            break
        if going.size <= _FEWER * tau2.size:
            at, tau2, target = at.take(going), tau2.take(going), target.take(going)
            y, v = y.take(going, axis=1), v.take(going, axis=1)
    return roots


def _step(q: Floats, slope: Floats, target: Floats) -> Floats:
    """Newton's step for 1 / Q."""
    return q * (target - q) / (target * slope)


def roots_of_one(block: Block, target: Sequence[float]) -> list[float]:
    """The same for one group: what belongs to each target."""
    studies = Alone.of(block)
    at_0 = _q_of_one(studies, 0.0)
    found = []
    for goal in target:
        tau2, (q, slope) = 0.0, at_0
        for _ in range(_MOST_STEPS):
            step = q * (goal - q) / (goal * slope) if q > goal else 0.0
            tau2 += step
            if step <= _LAST_STEP * (1.0 + tau2):
                break
            q, slope = _q_of_one(studies, tau2)
        found.append(tau2)
    return found


def _q_of_one(studies: Alone, tau2: float) -> tuple[float, float]:
    w = np.divide(1.0, studies.v + tau2, out=studies.w)
    total, product, _, _ = studies.of_weights.dot(w).tolist()
    residual = np.subtract(studies.y, product / total, out=studies.again)
    pulled = np.multiply(w, residual, out=studies.pulled)
    _, squares, q = studies.of_pulled.dot(pulled).tolist()
    return q, -squares
