"""The highest point of a likelihood of tau2 that may have several peaks."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats
from osler.core.roots import newton_in_bracket

# From y, v of shape (studies, n) and tau2 of shape (n,), each of shape (n,).
ScoreAndSlope: TypeAlias = Callable[[Floats, Floats, Floats], tuple[Floats, Floats]]
Height: TypeAlias = Callable[[Floats, Floats, Floats], Floats]

# Distance of scan points in log(smallest variance + tau2). As a function of that the score
# has its nearest singularities at a distance of pi: it has no room to turn twice in a step.
_SCAN_STEP = 0.25
# Numbers evaluated at a time: what a core's cache holds.
_CACHED = 16_384


def highest(
    y: Floats, v: Floats, reach: Floats, score: ScoreAndSlope, height: Height
) -> tuple[Floats, NDArray[np.intp]]:
    """The highest of all maxima from 0 up to ``reach``, and how many maxima there are.

    Parameters
    ----------
    y, v : array of shape (studies, n)
        Estimates and variances, the smallest near 1; 0 and infinity where padded.
    reach : array of shape (n,)
        Beyond it the score is negative.
    score, height : callable
        A multiple of the score with its slope, and the log-likelihood; of two maxima of
        equal height the smaller is given.

    Returns
    -------
    tau2 : array of shape (n,)
    modes : array of shape (n,)
        Number of maxima, at least 1.
    """
    group, tau2 = _maxima(y, v, reach, score)
    modes = np.bincount(group, minlength=reach.size)
    order = np.lexsort((tau2, group))
    group, tau2 = group[order], tau2[order]
    several = modes[group] > 1
    level = np.zeros_like(tau2)
    if several.any():
        chosen = group[several]
        level[several] = height(y[:, chosen], v[:, chosen], tau2[several])
    order = np.lexsort((tau2, -level, group))
    _, first = np.unique(group[order], return_index=True)
    return np.asarray(tau2[order][first]), modes


def scan_points(top: Floats) -> Floats:
    """Points of tau2 from 0 to ``top``, equally spaced in log(1 + tau2); shape (points, n)."""
    end = np.log1p(top)
    points = 2 + int(end.max(initial=0.0) / _SCAN_STEP)
    return np.asarray(np.expm1(np.linspace(0.0, 1.0, points)[:, None] * end))


def _maxima(
    y: Floats, v: Floats, reach: Floats, score: ScoreAndSlope
) -> tuple[NDArray[np.intp], Floats]:
    grid = scan_points(1.001 * reach)
    values = np.empty_like(grid)
    stride = max(1, _CACHED // y.size)
    for first in range(0, grid.shape[0], stride):
        part = slice(first, first + stride)
        values[part] = score(y[:, None], v[:, None], grid[part])[0]
    turns = (values[:-1] > 0) & (values[1:] <= 0)
    step, turning = np.nonzero(turns)
    # Where weights differ by 16 digits rounding can hide the turn: 0 is then all one can say.
    at_zero = np.flatnonzero((values[0] <= 0) | ~turns.any(axis=0))
    lower, upper = grid[step, turning], grid[step + 1, turning]
    low, high = values[step, turning], values[step + 1, turning]
    if turning.size:
        y, v = y[:, turning], v[:, turning]
        start = lower + (upper - lower) * low / (low - high)
        inner = newton_in_bracket(lambda t: score(y, v, t), lower, upper, start, 1.0 + upper)
    else:
        inner = np.empty(0)
    return np.concatenate([at_zero, turning]), np.concatenate([np.zeros(at_zero.size), inner])
