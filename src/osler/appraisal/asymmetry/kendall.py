"""Kendall's rank correlation with its exact distribution."""

import math
from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.core.quantiles import normal_two_sided

# Pairs compared at a time.
_CACHED = 1_000_000
# Beyond this the normal distribution serves as well, and the exact one takes long.
EXACT_UP_TO = 200


@dataclass(frozen=True, slots=True)
class Kendall:
    """Kendall's tau-b, the score it is made of (concordant less discordant pairs) and its test.

    ``method`` is "exact", "normal" or "normal, corrected" (for continuity).
    """

    tau: float
    score: float
    score_se: float
    statistic: float
    p_value: float
    method: str
    ties: bool


def kendall(x: Floats, y: Floats, method: str = "auto") -> Kendall:
    """Rank correlation of two arrays of shape (k,), k >= 2.

    Parameters
    ----------
    x, y : array of shape (k,)
    method : {"auto", "exact", "normal", "normal-corrected"}
        "auto" is exact without ties and up to 200 studies, else normal with the variance
        corrected for ties. Ties leave no exact distribution of this form: "exact" then
        becomes normal, as in R's ``cor.test``.

    Examples
    --------
    >>> found = kendall(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 3.0, 2.0, 4.0]))
    >>> round(found.tau, 4), round(found.p_value, 4), found.method
    (0.6667, 0.3333, 'exact')
    """
    k = x.size
    score = _score(x, y)
    x_ties, y_ties = _tie_sizes(x), _tie_sizes(y)
    pairs = k * (k - 1) / 2.0
    free = (pairs - _pairs(x_ties)) * (pairs - _pairs(y_ties))
    se = math.sqrt(_score_variance(k, x_ties, y_ties))
    ties = bool((x_ties > 1).any() or (y_ties > 1).any())
    tau = score / math.sqrt(free) if free > 0 else 0.0
    exact = not ties and (method == "exact" or (method == "auto" and k <= EXACT_UP_TO))
    corrected = method == "normal-corrected"
    if exact:
        return Kendall(tau, score, se, score / se, _exact_p(k, score), "exact", ties)
    shrunk = math.copysign(max(abs(score) - corrected, 0.0), score)
    z = shrunk / se if se > 0 else 0.0
    used = "normal, corrected" if corrected else "normal"
    return Kendall(tau, score, se, z, float(normal_two_sided(z)), used, ties)


def _score(x: Floats, y: Floats) -> float:
    rows = max(1, _CACHED // x.size)
    total = 0.0
    for first in range(0, x.size, rows):
        part = slice(first, first + rows)
        total += float((np.sign(x[part, None] - x[None]) * np.sign(y[part, None] - y[None])).sum())
    return total / 2.0


def _tie_sizes(values: Floats) -> Floats:
    return np.unique(values, return_counts=True)[1].astype(float)


def _pairs(sizes: Floats) -> float:
    return float((sizes * (sizes - 1.0)).sum() / 2.0)


def _score_variance(k: int, x_ties: Floats, y_ties: Floats) -> float:
    """Variance of the score where ranks are unrelated, corrected for ties (Kendall 1970)."""

    def cubic(t: Floats) -> float:
        return float((t * (t - 1.0) * (2.0 * t + 5.0)).sum())

    def triples(t: Floats) -> float:
        return float((t * (t - 1.0) * (t - 2.0)).sum())

    n = np.array([float(k)])
    first = (cubic(n) - cubic(x_ties) - cubic(y_ties)) / 18.0
    second = triples(x_ties) * triples(y_ties) / (9.0 * triples(n)) if k > 2 else 0.0
    third = 2.0 * _pairs(x_ties) * _pairs(y_ties) / (k * (k - 1.0))
    return max(0.0, first + second + third)


def _exact_p(k: int, score: float) -> float:
    """Two-sided, twice the smaller tail, from the distribution of the number of inversions."""
    chance = np.ones(1)
    for i in range(2, k + 1):
        # One more study adds 0 to i - 1 inversions, each alike.
        wide = np.concatenate([chance, np.zeros(i - 1)])
        sums = np.cumsum(wide)
        sums[i:] -= np.cumsum(wide)[:-i]
        chance = sums / i
    concordant = round(score / 2.0 + k * (k - 1) / 4.0)
    # The distribution is symmetric, and small tails are summed from their small end.
    below = float(chance[: min(concordant, chance.size - 1 - concordant) + 1].sum())
    return min(1.0, 2.0 * below)
