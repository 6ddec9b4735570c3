r"""Restricted maximum likelihood estimator of the between-study variance.

The restricted likelihood of :math:`\tau^2` can have several maxima. Scoring from one
start finds one of them; here the score is scanned over everything that can hold a
maximum, each is polished, and the highest wins.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats
from osler.core.roots import newton_in_bracket
from osler.synthesis.kernel import Block, weighted_mean, weights

# Distance of scan points in log(smallest variance + tau2). As a function of that the score
# has its nearest singularities at a distance of pi: it has no room to turn twice in a step.
_SCAN_STEP = 0.25
# Numbers evaluated at a time: what a core's cache holds.
_CACHED = 16_384


def restricted_likelihood(block: Block) -> Floats:
    r"""Between-study variance at the highest point of the restricted likelihood.

    .. math:: \ell(\tau^2) = -\tfrac12 \sum \log(v_i + \tau^2) - \tfrac12 \log \sum w_i
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
    Of two maxima of equal height the smaller is given. metafor's Fisher scoring stops at
    the maximum its start leads to, so the two can differ where there are several.

    References
    ----------
    .. [1] Viechtbauer (2005). J Educ Behav Stat 30, 261-293. doi:10.3102/10769986030003261
    """
    found = _maxima(block)
    order = np.lexsort((found.tau2, -found.height, found.group))
    _, first = np.unique(found.group[order], return_index=True)
    return np.asarray(found.tau2[order][first])


@dataclass(frozen=True, slots=True)
class Maxima:
    """Every maximum of the restricted likelihood, by group and then by ``tau2``.

    ``height`` is the log-likelihood without its constants; 0 for a group's only maximum.
    """

    group: NDArray[np.intp]
    tau2: Floats
    height: Floats


def restricted_maxima(block: Block) -> Maxima:
    """All maxima, with tau2 on the scale of the data; several are worth a word to the reader."""
    found = _maxima(block)
    return Maxima(found.group, found.tau2 * block.unit[found.group] ** 2, found.height)


def _maxima(block: Block) -> Maxima:
    grid, score = _scan(block)
    turns = (score[:-1] > 0) & (score[1:] <= 0)
    step, turning = np.nonzero(turns)
    # Where weights differ by 16 digits rounding can hide the turn: 0 is then all one can say.
    at_zero = np.flatnonzero((score[0] <= 0) | ~turns.any(axis=0))
    inner = _polished(block, turning, grid[step, turning], grid[step + 1, turning])
    group = np.concatenate([at_zero, turning])
    tau2 = np.concatenate([np.zeros(at_zero.size), inner])
    order = np.lexsort((tau2, group))
    group, tau2 = group[order], tau2[order]
    height = np.zeros_like(tau2)
    several = np.bincount(group, minlength=block.k.size)[group] > 1
    if several.any():
        height[several] = _log_likelihood(block, group[several], tau2[several])
    return Maxima(group, tau2, height)


def _scan(block: Block) -> tuple[Floats, Floats]:
    """Points of tau2 from 0 to beyond ``reach``, equally spaced in the log, and their scores."""
    top = np.log1p(1.001 * block.reach)
    points = 2 + int(top.max() / _SCAN_STEP)
    grid = np.expm1(np.linspace(0.0, 1.0, points)[:, None] * top)
    score = np.empty_like(grid)
    stride = max(1, _CACHED // block.y.size)
    for first in range(0, points, stride):
        part = slice(first, first + stride)
        score[part] = _score(block.y[:, None], block.v[:, None], grid[part])[0]
    return grid, score


def _score(y: Floats, v: Floats, tau2: Floats) -> tuple[Floats, Floats]:
    """Twice the score, and the residuals times weight from which its slope is made."""
    w = weights(v, tau2)
    total = w.sum(axis=0)
    pulled = w * (y - (w * y).sum(axis=0) / total)
    return (pulled * pulled).sum(axis=0) - total + (w * w).sum(axis=0) / total, pulled


def _score_and_slope(y: Floats, v: Floats, tau2: Floats) -> tuple[Floats, Floats]:
    value, pulled = _score(y, v, tau2)
    w = weights(v, tau2)
    total, squares = w.sum(axis=0), (w * w).sum(axis=0)
    slope = (
        squares
        - 2.0 * (w * w * w).sum(axis=0) / total
        + (squares / total) ** 2
        - 2.0 * (w * pulled * pulled).sum(axis=0)
        + 2.0 * (w * pulled).sum(axis=0) ** 2 / total
    )
    return value, slope


def _polished(block: Block, groups: NDArray[np.intp], lower: Floats, upper: Floats) -> Floats:
    if not groups.size:
        return np.empty(0)
    y, v = block.y[:, groups], block.v[:, groups]
    low, high = _score(y, v, lower)[0], _score(y, v, upper)[0]
    start = lower + (upper - lower) * low / (low - high)
    return newton_in_bracket(
        lambda tau2: _score_and_slope(y, v, tau2), lower, upper, start, 1.0 + upper
    )


def _log_likelihood(block: Block, groups: NDArray[np.intp], tau2: Floats) -> Floats:
    y, v, present = block.y[:, groups], block.v[:, groups], block.present[:, groups]
    w = weights(v, tau2)
    residual = y - weighted_mean(y, w)
    return np.asarray(
        0.5 * np.log(w, out=np.zeros_like(w), where=present).sum(axis=0)
        - 0.5 * np.log(w.sum(axis=0))
        - 0.5 * (w * residual * residual).sum(axis=0)
    )
