r"""What the exact distribution of a weighted sum of squares says of tau2."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from scipy.special import ndtri

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.synthesis import problems
from osler.synthesis.kernel import Block
from osler.synthesis.tau2.quadratic_form import q_distribution

Curve: TypeAlias = Callable[[Floats], Floats]

# Below this part of the largest weight a study's own would be lost in rounding.
LEAST_WEIGHT = 1e-9

# Probabilities nearer to 0 or 1 than rounding can tell apart.
_TINY = 1e-15
_MOST_STEPS = 200


def inverse_standard_errors(block: Block) -> Floats:
    r"""Weights :math:`1 / \sqrt{v_i}`, which suit much and little heterogeneity alike.

    References
    ----------
    .. [1] Jackson (2013). Res Synth Methods 4, 220-229. doi:10.1002/jrsm.1081
    """
    return 1.0 / np.sqrt(block.v)


def median_generalised(block: Block, a: Floats) -> Floats:
    r"""Between-study variance at which the observed weighted sum of squares is the median.

    Parameters
    ----------
    block : Block
        Meta-analyses side by side.
    a : array of shape (studies, groups)
        Weights above 0; 0 where a column is padded.

    Returns
    -------
    array of shape (groups,)
        In the block's unit; 0 where even tau2 = 0 makes the sum smaller than its median,
        and for one study.

    Notes
    -----
    Too large as often as too small (but for the cut at 0). metafor calls it "GENQM".

    References
    ----------
    .. [1] Jackson (2013). Res Synth Methods 4, 220-229. doi:10.1002/jrsm.1081
    """
    half = np.array([0.5])
    found = [
        tau2_where_q_has_probability(block, a, group, half)[0] if k > 1 else 0.0
        for group, k in enumerate(block.k)
    ]
    return np.array(found)


def tau2_where_q_has_probability(block: Block, a: Floats, group: int, target: Floats) -> Floats:
    r"""The tau2 at which a sum of squares as large as observed, or smaller, has a probability.

    That probability falls as tau2 grows.

    Parameters
    ----------
    block : Block
    a : array of shape (studies, groups)
    group : int
        Which meta-analysis; of two studies or more.
    target : array of shape (n,)
        Probabilities between 0 and 1.

    Returns
    -------
    array of shape (n,)
        In the block's unit; 0 where the probability at 0 does not exceed the target.
    """
    below = probability_of_q(block, a, group)
    goal = ndtri(target)

    def gap(s: Floats) -> Floats:
        return np.asarray(ndtri(np.clip(below(np.expm1(s)), _TINY, 1.0 - _TINY)) - goal)

    low = np.zeros(target.shape)
    at_low = gap(low)
    high = np.full(target.shape, 1.0 + np.log1p(block.reach[group]))
    at_high = gap(high)
    while (at_high > 0).any():
        high = np.where(at_high > 0, high + 2.0, high)
        at_high = gap(high)
    s = _root(gap, low, high, np.maximum(at_low, 0.0), at_high)
    return np.where(at_low > 0, np.expm1(s), 0.0)


def probability_of_q(block: Block, a: Floats, group: int) -> Curve:
    """Function of tau2, shape (n,): how probable so small a sum of squares is."""
    here = block.present[:, group]
    y, v, weight = block.y[here, group], block.v[here, group], a[here, group]
    weight = weight / weight.max()
    if weight.min() < LEAST_WEIGHT:
        raise DataError(problems.weights_far_apart(float(1.0 / weight.min())))
    residual = y - (weight * y).sum() / weight.sum()
    observed = (weight * residual * residual).sum()

    def below(tau2: Floats) -> Floats:
        return q_distribution(weight, v[:, None] + tau2, np.full(tau2.shape, observed))

    return below


def regula_falsi(curve: Curve, outside: Floats, inside: Floats) -> Floats:
    """Where a curve crosses 0 between a point where it is negative and one where it is not.

    An end that stays twice counts half (the Illinois rule); where the ends meet, that point.
    """
    at_out, at_in = curve(outside), curve(inside)
    return _root(curve, inside, outside, np.maximum(at_in, 0.0), at_out)


def _root(curve: Curve, low: Floats, high: Floats, at_low: Floats, at_high: Floats) -> Floats:
    side = np.zeros(low.shape)
    at = low
    for turn in range(_MOST_STEPS):
        gap = at_high - at_low
        with np.errstate(invalid="ignore", divide="ignore"):
            new = (low * at_high - high * at_low) / gap
        # Halved now and then: curves that bend sharply are not left to creep.
        new = np.where((gap != 0) & (turn % 4 != 3), new, 0.5 * (low + high))
        new = np.clip(new, np.minimum(low, high), np.maximum(low, high))
        moved, at = np.abs(new - at), new
        value = curve(at)
        up = value > 0
        at_high = np.where(up & (side > 0), 0.5 * at_high, at_high)
        at_low = np.where(~up & (side < 0), 0.5 * at_low, at_low)
        low, at_low = np.where(up, at, low), np.where(up, value, at_low)
        high, at_high = np.where(up, high, at), np.where(up, at_high, value)
        side = np.where(up, 1.0, -1.0)
        small = np.abs(high - low) <= 1e-15 * (1.0 + np.abs(at))
        if (small | (np.abs(value) < 1e-14) | ((moved == 0) & (turn > 3))).all():
            break
    return at
