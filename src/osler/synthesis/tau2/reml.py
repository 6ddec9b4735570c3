r"""Restricted maximum likelihood estimator of the between-study variance.

The restricted likelihood of :math:`\tau^2` can have several maxima. Scoring from one
start finds one of them; here the score is scanned over everything that can hold a
maximum, each is polished, and the highest wins.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Bools, Floats
from osler.core.roots import Function, newton_in_bracket
from osler.synthesis.kernel import Block, sum_of_products, weighted_mean, weights

# Width of the steps in log(smallest variance + tau2) that the scan begins with, of those in
# which a fall through 0 is taken to be the only one, and of those in which two maxima would
# be one for every purpose.
_FIRST_STEP, _ONE_TURN, _LAST_STEP = 0.5, 0.25, 2.0**-8
# The second derivative of the log ratio lies between -3/4 and 5/4: regression/scan.py proves it.
_CURVATURE = 1.25
# Numbers evaluated at a time; what costs little more than one; and the most points of a scan.
_AT_A_TIME, _SMALL, _MOST_POINTS = 262_144, 1_024, 96


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
    best = np.empty_like(block.k)
    # Of several maxima the one written last stays: the highest, and of equals the smallest.
    order = np.lexsort((-found.tau2, found.height)) if found.several else slice(None)
    best[found.group[order]] = found.tau2[order]
    return best


@dataclass(frozen=True, slots=True)
class Maxima:
    """Every maximum of the restricted likelihood, by group and then by ``tau2``.

    ``height`` is the log-likelihood without its constants; 0 for a group's only maximum.
    """

    group: NDArray[np.intp]
    tau2: Floats
    height: Floats

    @property
    def several(self) -> bool:
        return bool(self.height.any())


def restricted_maxima(block: Block) -> Maxima:
    """All maxima, with tau2 on the scale of the data; several are worth a word to the reader."""
    found = _maxima(block)
    order = np.lexsort((found.tau2, found.group))
    group = found.group[order]
    return Maxima(group, found.tau2[order] * block.unit[group] ** 2, found.height[order])


def _maxima(block: Block) -> Maxima:
    steps, falls_at_zero = _scan(block)
    turning = steps.group
    # Where weights differ by 16 digits rounding can hide the turn: 0 is then all one can say.
    none = np.bincount(turning, minlength=block.k.size) == 0
    at_zero = np.flatnonzero(falls_at_zero | none)
    inner = _polished(block, steps)
    group = np.concatenate([at_zero, turning])
    tau2 = np.concatenate([np.zeros(at_zero.size), inner])
    height = np.zeros_like(tau2)
    several = np.bincount(group, minlength=block.k.size)[group] > 1
    if several.any():
        height[several] = _log_likelihood(block, group[several], tau2[several])
    return Maxima(group, tau2, height)


def _scan(block: Block) -> tuple["_Steps", Bools]:
    r"""Steps in which the score falls through 0, and whether it is below 0 at tau2 = 0.

    Twice the score is pull - spread. In :math:`s = \log(1 + \tau^2)` the logarithm of the
    pull falls with a slope between 0 and -2, that of the spread between 0 and -1, because no
    weight exceeds :math:`e^{-s}`. So the log of their ratio has a slope between -2 and 1, and
    a step whose ends lie far enough from 0 holds no root; only those in doubt are halved.
    """
    reach = _reach(block)
    points = 2 + int(np.log1p(reach.max()) / _FIRST_STEP)
    # A call costs as much for a few numbers as for a thousand: a small block is scanned so
    # finely that hardly a step is left to be halved.
    points = max(points, min(_MOST_POINTS, _SMALL // block.y.size))
    width = np.log1p(reach) / (points - 1)
    ratio = np.exp(width)
    tau2 = np.multiply.accumulate(np.full((points, ratio.size), ratio)) / ratio - 1.0
    tau2[-1] = np.maximum(tau2[-1], reach)
    log_ratio = _log_ratio_on(block, tau2)
    at, group = np.nonzero(_in_doubt(log_ratio[:-1], log_ratio[1:], width))
    steps = _Steps(
        group, tau2[at, group], tau2[at + 1, group], log_ratio[at, group], log_ratio[at + 1, group]
    )
    found = []
    while steps.group.size:
        wide = width[steps.group]
        falls = (steps.at_lower > 0) & (steps.at_upper <= 0)
        found.append(steps.those(falls & (wide <= _ONE_TURN)))
        steps = steps.those(np.where(falls, wide > _ONE_TURN, wide > _LAST_STEP))
        if steps.group.size:
            part = block.columns(steps.group)
            middle = np.sqrt((1.0 + steps.lower) * (1.0 + steps.upper)) - 1.0
            width = 0.5 * width
            steps = steps.halved(middle, _log_ratio(part.y, part.v, middle), width)
    return _Steps.together(found), log_ratio[0] <= 0


def _reach(block: Block) -> Floats:
    r"""Beyond this tau2 the score is negative; the smaller of two bounds.

    The spread is at least :math:`(k - 1) / (v_{max} + \tau^2)`, as it grows with every
    weight; the pull at most :math:`\sum y_i^2 / (1 + \tau^2)^2`, wherever y is centred, as
    1 is the smallest variance. The one exceeds the other where
    :math:`(1 + \tau^2)^2 > s^2 (v_{max} + \tau^2)`, with :math:`s^2 = \sum y_i^2 / (k - 1)`.
    """
    s2 = sum_of_products(block.y, block.y) / np.maximum(block.k - 1.0, 1.0)
    largest = np.where(block.present, block.v, 0.0).max(axis=0)
    half = 0.5 * s2 - 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        beyond = half + np.sqrt(np.maximum(half * half + s2 * largest - 1.0, 0.0))
    return np.asarray(np.maximum(1.001 * np.fmin(block.reach, np.maximum(beyond, 0.0)), 1e-12))


def _in_doubt(lower: Floats, upper: Floats, width: Floats) -> Bools:
    """Whether the log ratio, with slopes between -2 and 1, can be 0 between two points.

    From two values above 0 it can sink to (lower + 2 upper - 2 width) / 3, from two below
    0 rise to (2 lower + upper + 2 width) / 3. Two roots within a step also need both ends
    to be no farther from 0 than half the curvature times the width squared.
    """
    with np.errstate(invalid="ignore"):
        sinks = (lower + 2.0 * upper <= 2.0 * width) & (lower > 0)
        rises = (2.0 * lower + upper >= -2.0 * width) & (lower <= 0)
        near = np.maximum(np.abs(lower), np.abs(upper)) <= 0.5 * _CURVATURE * width * width
    return np.asarray(((sinks | rises) & near) | ((lower > 0) & (upper <= 0)))


@dataclass(frozen=True, slots=True)
class _Steps:
    """Steps of the scan that may hold a root: their ends, and the log ratio at both."""

    group: NDArray[np.intp]
    lower: Floats
    upper: Floats
    at_lower: Floats
    at_upper: Floats

    def halved(self, middle: Floats, log_ratio: Floats, width: Floats) -> "_Steps":
        """Both halves of every step, less those that cannot hold a root."""
        halves = _Steps(
            np.tile(self.group, 2),
            np.concatenate([self.lower, middle]),
            np.concatenate([middle, self.upper]),
            np.concatenate([self.at_lower, log_ratio]),
            np.concatenate([log_ratio, self.at_upper]),
        )
        return halves.those(_in_doubt(halves.at_lower, halves.at_upper, width[halves.group]))

    def those(self, wanted: Bools) -> "_Steps":
        return _Steps(*(getattr(self, f.name)[wanted] for f in fields(self)))

    @staticmethod
    def together(parts: "list[_Steps]") -> "_Steps":
        if len(parts) == 1:
            return parts[0]
        none = np.empty(0)
        several = [_Steps(np.empty(0, np.intp), none, none, none, none), *parts]
        columns = ([getattr(part, f.name) for part in several] for f in fields(_Steps))
        return _Steps(*(np.concatenate(column) for column in columns))


def _log_ratio_on(block: Block, grid: Floats) -> Floats:
    """On a grid of shape (points, groups)."""
    out = np.empty_like(grid)
    stride = max(1, _AT_A_TIME // block.y.size)
    for first in range(0, grid.shape[0], stride):
        part = slice(first, first + stride)
        out[part] = _log_ratio(block.y, block.v, grid[part, None])
    return out


def _log_ratio(y: Floats, v: Floats, tau2: Floats) -> Floats:
    r"""Log of pull over spread, the two parts of twice the score.

    :math:`\sum w_i^2 (y_i - \hat\mu)^2` and :math:`\sum w_i - \sum w_i^2 / \sum w_i`.
    """
    w = weights(v, tau2)
    total = np.add.reduce(w, axis=-2, keepdims=True)
    squares = np.add.reduce(np.multiply(w, w, out=(square := np.empty_like(w))), axis=-2)
    mean = np.add.reduce(np.multiply(w, y, out=square), axis=-2, keepdims=True) / total
    np.subtract(y, mean, out=square)
    w *= square
    pull, whole = sum_of_products(w, w), total[..., 0, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(pull / (whole - squares / whole)))


def _polished(block: Block, steps: _Steps) -> Floats:
    if not steps.group.size:
        return np.empty(0)
    part = block.columns(steps.group)
    low, high = 1.0 - np.exp(-steps.at_lower), 1.0 - np.exp(-steps.at_upper)
    start = steps.lower + (steps.upper - steps.lower) * low / (low - high)
    return newton_in_bracket(
        _gap_of(part),
        steps.lower,
        steps.upper,
        start,
        1.0 + steps.upper,
        among=lambda at: _gap_of(part.columns(at)),
    )


def _gap_of(block: Block) -> Function:
    return lambda tau2: _gap(block.y, block.v, tau2)


def _gap(y: Floats, v: Floats, tau2: Floats) -> tuple[Floats, Floats]:
    """1 - spread / pull, which is straight in tau2 where all variances are equal; its slope."""
    w = weights(v, tau2)
    total, w2 = np.add.reduce(w, axis=0), w * w
    squares, cubes = np.add.reduce(w2, axis=0), sum_of_products(w2, w)
    residual = y - sum_of_products(w, y) / total
    pulled = w2 * residual
    pull, slide = sum_of_products(pulled, residual), np.add.reduce(pulled, axis=0)
    steep = np.einsum("ij,ij,ij->j", pulled, residual, w)
    spread = total - squares / total
    pull_slope = 2.0 * (slide * slide / total - steep)
    spread_slope = 2.0 * cubes / total - squares - (squares / total) ** 2
    return 1.0 - spread / pull, (spread * pull_slope / pull - spread_slope) / pull


def _log_likelihood(block: Block, groups: NDArray[np.intp], tau2: Floats) -> Floats:
    y, v, present = block.y[:, groups], block.v[:, groups], block.present[:, groups]
    w = weights(v, tau2)
    residual = y - weighted_mean(y, w)
    return np.asarray(
        0.5 * np.log(w, out=np.zeros_like(w), where=present).sum(axis=0)
        - 0.5 * np.log(w.sum(axis=0))
        - 0.5 * (w * residual * residual).sum(axis=0)
    )
