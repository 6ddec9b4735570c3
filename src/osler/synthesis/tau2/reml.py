r"""Restricted maximum likelihood estimator of the between-study variance.

The restricted likelihood of :math:`\tau^2` can have several maxima. Scoring from one
start finds one of them; here the score is followed from 0 to where no maximum can be any
more, in steps too short to pass one, and the highest wins.
"""

import math
from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Bools, Floats
from osler.synthesis.kernel import (
    Alone,
    Block,
    Positions,
    shaped_as,
    sum_of_products,
    weighted_mean,
    weights,
)
from osler.synthesis.tau2.split import CANCELLED, Split

# Bounds of the slope of the log ratio (see `_step`), which rounding may overstep, and of its
# second derivative, which regression/scan.py proves.
_STEEPEST_FALL, _STEEPEST_RISE = -2.0, 1.0
_LEAST_CURVATURE, _MOST_CURVATURE = -0.75, 1.25
# So much in log(1 + tau2) a step goes beyond what is proven: just past the root it has come
# to, and past ground on which two maxima would be one for every purpose.
_PAST_ROOT, _PAST_NOTHING = 1e-8, 2.0**-8
# The columns still searched go on alone once they are no more than this part.
_FEWER = 0.8


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
    if block.k.size == 1:
        return shaped_as(block.k, highest(*maxima_of_one(block)))
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

    group: Positions
    tau2: Floats
    height: Floats

    @property
    def several(self) -> bool:
        return bool(self.height.any())


def restricted_maxima(block: Block) -> Maxima:
    """All maxima, with tau2 on the scale of the data; several are worth a word to the reader."""
    if block.k.size == 1:
        tau2, height = maxima_of_one(block)
        group = np.zeros(len(tau2), np.intp)
        return Maxima(group, np.array(tau2) * block.unit**2, np.array(height))
    found = _maxima(block)
    order = np.lexsort((found.tau2, found.group))
    group = found.group[order]
    return Maxima(group, found.tau2[order] * block.unit[group] ** 2, found.height[order])


def _maxima(block: Block) -> Maxima:
    group, tau2 = _falls(block)
    modes = np.bincount(group, minlength=block.k.size)
    # Where weights differ by 16 digits rounding can hide the turn: 0 is then all one can say.
    none = np.flatnonzero(modes == 0)
    if none.size:
        group, tau2 = np.concatenate([group, none]), np.concatenate([tau2, np.zeros(none.size)])
    height = np.zeros_like(tau2)
    if group.size > block.k.size:
        several = np.flatnonzero(modes.take(group) > 1)
        height[several] = _log_likelihood(block, group[several], tau2[several])
    return Maxima(group, tau2, height)


def maxima_of_one(block: Block) -> tuple[list[float], list[float]]:
    """Every maximum of one group: tau2, ascending and in the block's unit, and its height."""
    studies = Alone.of(block)
    found = _falls_of_one(studies) or [0.0]
    if len(found) == 1:
        return found, [0.0]
    height: list[float] = _heights(studies.y[:, None], studies.v[:, None], np.array(found)).tolist()
    return found, height


def highest(tau2: list[float], height: list[float]) -> float:
    """Of maxima of equal height the smallest."""
    return tau2[height.index(max(height))]


def _falls(block: Block) -> tuple[Positions, Floats]:
    """Groups, and every tau2 at which their score falls through 0, or below it from the start.

    Groups go from 0 to their reach at their own pace; those that have arrived drop out.
    """
    reach, at, y, v = _reach(block), np.arange(block.k.size), block.y, block.v
    if (block.k < 2).any():  # of one study there is no score
        at = np.flatnonzero(block.k > 1)
        reach, y, v = reach.take(at), y.take(at, axis=1), v.take(at, axis=1)
    # As if the score came from above at 0: a maximum there is then like any other.
    before, above = np.zeros_like(reach), np.ones(reach.shape, bool)
    tau2, found = before, [(at[:0], before[:0])]
    while True:
        value, slope = _log_ratio(y, v, tau2)
        positive = value > 0
        fell = np.flatnonzero(above & ~positive)
        if fell.size:
            found.append((at.take(fell), _root(before, tau2, value, slope).take(fell)))
        before, above = tau2, positive
        tau2 = (1.0 + tau2) * np.exp(_step(value, slope, positive)) - 1.0
        going = np.flatnonzero(np.where(positive, before, tau2) < reach)
        tau2 = np.minimum(tau2, reach)
        if not going.size:
            break
        if going.size <= _FEWER * reach.size:
            at, before, above = at.take(going), before.take(going), above.take(going)
            tau2, reach = tau2.take(going), reach.take(going)
            y, v = y.take(going, axis=1), v.take(going, axis=1)
    group, roots = zip(*found, strict=True)
    return np.concatenate(group), np.concatenate(roots)


def _falls_of_one(studies: Alone) -> list[float]:
    """The same for one group, step by step."""
    reach = _reach_of_one(studies)
    before = tau2 = 0.0
    above, found = True, []
    while True:
        value, slope = _log_ratio_of_one(studies, tau2)
        positive = value > 0
        if above and not positive:
            back = value / slope if slope else 0.0
            found.append(max(min(tau2 - (1.0 + tau2) * back, tau2), before))
        before, above = tau2, positive
        bend, past = (
            (-_LEAST_CURVATURE, _PAST_ROOT) if positive else (-_MOST_CURVATURE, _PAST_NOTHING)
        )
        slope = min(max(slope, _STEEPEST_FALL), _STEEPEST_RISE)
        root = math.copysign(math.sqrt(slope * slope + 2.0 * bend * value), bend)
        step = max((slope + root) / bend, 0.5 * abs(value)) + past
        tau2 = (1.0 + tau2) * math.exp(step) - 1.0
        if (before if positive else tau2) >= reach:
            return found
        tau2 = min(tau2, reach)


def _step(value: Floats, slope: Floats, positive: Bools) -> Floats:
    r"""How far in :math:`s = \log(1 + \tau^2)` the log ratio cannot be 0 again, and a little more.

    It stays beyond the parabola with its value, its slope and the bound of its curvature; and
    beyond a line: as no weight exceeds :math:`e^{-s}`, the logarithm of the pull falls with a
    slope between 0 and -2, that of the spread with one between 0 and -1.
    """
    bend = positive * (_MOST_CURVATURE - _LEAST_CURVATURE) - _MOST_CURVATURE
    slope = np.minimum(np.maximum(slope, _STEEPEST_FALL), _STEEPEST_RISE)
    with np.errstate(invalid="ignore"):
        root = np.sqrt(slope * slope + 2.0 * bend * value)
        step = (slope + np.copysign(root, bend)) / bend
    proven = np.fmax(step, 0.5 * np.abs(value))
    return np.asarray(proven + (positive * (_PAST_ROOT - _PAST_NOTHING) + _PAST_NOTHING))


def _root(before: Floats, tau2: Floats, value: Floats, slope: Floats) -> Floats:
    """Newton's step back to a root that ``tau2`` has hardly left behind, not below ``before``."""
    with np.errstate(divide="ignore", invalid="ignore"):
        root = tau2 - (1.0 + tau2) * (value / slope)
    return np.asarray(np.fmax(np.fmin(root, tau2), before))


def _reach(block: Block) -> Floats:
    r"""Beyond this tau2 the score is negative; the smaller of two bounds.

    The spread is :math:`\sum 1 / (d_j + \tau^2)` over k - 1 numbers whose mean is that of the
    variances (regression/scan.py), so at least :math:`(k - 1) / (\bar v + \tau^2)`; the pull
    is at most :math:`\sum y_i^2 / (1 + \tau^2)^2`, wherever y is centred, as 1 is the smallest
    variance. The one exceeds the other where
    :math:`(1 + \tau^2)^2 > s^2 (\bar v + \tau^2)`, with :math:`s^2 = \sum y_i^2 / (k - 1)`.
    """
    s2 = sum_of_products(block.y, block.y) / np.maximum(block.k - 1.0, 1.0)
    mean = np.add.reduce(block.v, axis=0) / block.k
    if np.isinf(mean).any():
        mean = np.where(block.present, block.v, 0.0).sum(axis=0) / block.k
    half = 0.5 * s2 - 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        beyond = half + np.sqrt(np.maximum(half * half + s2 * mean - 1.0, 0.0))
    return np.asarray(np.maximum(1.001 * np.fmin(block.reach, np.maximum(beyond, 0.0)), 1e-12))


def _reach_of_one(studies: Alone) -> float:
    """The same for one group."""
    k = studies.y.size
    s2 = float(studies.y.dot(studies.y)) / max(k - 1.0, 1.0)
    mean = float(np.add.reduce(studies.v)) / k
    half = 0.5 * s2 - 1.0
    beyond = half + math.sqrt(max(half * half + s2 * mean - 1.0, 0.0))
    return max(1.001 * min(float(studies.reach), max(beyond, 0.0)), 1e-12)


def _log_ratio(y: Floats, v: Floats, tau2: Floats) -> tuple[Floats, Floats]:
    r"""Log of pull over spread, the two parts of twice the score, and its slope.

    The pull is :math:`\sum w_i^2 (y_i - \hat\mu)^2`, the spread
    :math:`\sum w_i - \sum w_i^2 / \sum w_i`; the slope is in :math:`\log(1 + \tau^2)`. Sums
    are of :math:`(1 + \tau^2) w_i`, of which none is above 1.
    """
    scale = 1.0 + tau2
    w = v + tau2
    np.divide(scale, w, out=w)
    squared = w * w
    total, squares = np.add.reduce(w, axis=0), np.add.reduce(squared, axis=0)
    average = squares / total
    spread = total - average
    spread_slope = 2.0 * sum_of_products(squared, w) / total - squares - average * average
    if (spread < CANCELLED * total).any():
        spread, spread_slope = _spread_beside_one(w)
    pulled = y - sum_of_products(w, y) / total
    pulled *= w
    again = np.multiply(pulled, w, out=squared)
    pull, slide = sum_of_products(pulled, pulled), np.add.reduce(again, axis=0)
    pull_slope = 2.0 * (slide * slide / total - sum_of_products(pulled, again))
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = pull_slope / pull - spread_slope / spread
        return np.log(pull / (spread * scale)), np.asarray(slope)


def _log_ratio_of_one(studies: Alone, tau2: float) -> tuple[float, float]:
    """The same for one group."""
    scale = 1.0 + tau2
    w = np.divide(scale, studies.v + tau2, out=studies.w)
    np.multiply(w, w, out=studies.squared)
    total, product, cubes, squares = studies.of_weights.dot(w).tolist()
    average = squares / total
    spread = total - average
    spread_slope = 2.0 * cubes / total - squares - average * average
    if spread < CANCELLED * total:
        spread, spread_slope = (each.item() for each in _spread_beside_one(w[:, None]))
    pulled = np.multiply(w, studies.y - product / total, out=studies.pulled)
    np.multiply(pulled, w, out=studies.again)
    slide, pull, falling = studies.of_pulled.dot(pulled).tolist()
    if not (pull and spread):
        return -math.inf, -1.0
    pull_slope = 2.0 * (slide * slide / total - falling)
    return math.log(pull / (spread * scale)), pull_slope / pull - spread_slope / spread


def _spread_beside_one(w: Floats) -> tuple[Floats, Floats]:
    """The spread and its slope where one study may outweigh all others by far."""
    split = Split.of(w)
    top, rest, squares = split.top, split.rest(w), split.rest(w * w)
    total, pairs = top + rest, split.pairs(w)
    falling = 2.0 * (top * top * rest + (top + rest) * squares - split.rest(w * w * w))
    return pairs / total, (pairs / total * (top * top + squares) - falling) / total


def _log_likelihood(block: Block, groups: Positions, tau2: Floats) -> Floats:
    return _heights(block.y[:, groups], block.v[:, groups], tau2)


def _heights(y: Floats, v: Floats, tau2: Floats) -> Floats:
    w = weights(v, tau2)
    residual = y - weighted_mean(y, w)
    return np.asarray(
        0.5 * np.log(w, out=np.zeros_like(w), where=w > 0).sum(axis=0)
        - 0.5 * np.log(w.sum(axis=0))
        - 0.5 * (w * residual * residual).sum(axis=0)
    )
