r"""Exact conditional inference on a common odds ratio or rate ratio.

Given each study's total of events, the events of the treated follow a non-central
hypergeometric law (or, for rates, a binomial one) that has no parameter but the common
log ratio. Their sum over studies is an exponential family with that one parameter: its
most likely value and exact limits need neither large numbers nor a correction of zeros.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from osler.core.arrays import Floats
from osler.synthesis.counts.families import hypergeometric

# Beyond this log ratio every distribution of the sum sits on its edge.
_FAR = 700.0


@dataclass(frozen=True, slots=True)
class Exact:
    """Log ratio with its limits and two-sided p-value; infinite at the edge of what can be."""

    estimate: float
    variance: float
    ci_lower: float
    ci_upper: float
    p_value: float


def exact_or(
    a: Floats, n1: Floats, c: Floats, n2: Floats, level: float, *, mid_p: bool = False
) -> Exact:
    """Conditional maximum likelihood log odds ratio with its exact limits.

    Parameters
    ----------
    a, n1, c, n2 : array of shape (k,)
        Events and participants of both groups.
    level : float
    mid_p : bool
        Count only half of the observed result's probability in each tail: less
        conservative, and no longer certain to cover.

    Notes
    -----
    Equals R's ``mantelhaen.test(exact=TRUE)`` in estimate and limits; the p-value sums the
    probabilities of all sums that are no more probable than the one observed, as there.

    References
    ----------
    .. [1] Gart (1970). Biometrika 57, 471-475. doi:10.1093/biomet/57.3.471
    .. [2] Mehta, Patel & Gray (1985). J Am Stat Assoc 80, 969-973.
       doi:10.1080/01621459.1985.10478212

    Examples
    --------
    >>> found = exact_or(*np.array([[1.0, 0, 5], [50, 40, 60], [3, 4, 9], [50, 40, 60]]), 0.95)
    >>> [round(float(np.exp(x)), 3) for x in (found.estimate, found.ci_lower, found.ci_upper)]
    [0.346, 0.107, 0.971]
    """
    laws = hypergeometric(a, n1, c, n2)
    parts = np.split(laws.log_ways, laws.first[1:])
    return _exact(parts, float((a - laws.lowest).sum()), level, mid_p)


def exact_irr(
    a: Floats, t1: Floats, c: Floats, t2: Floats, level: float, *, mid_p: bool = False
) -> Exact:
    """The same for rates: events ``a`` and ``c`` in person-times ``t1`` and ``t2``."""
    parts = []
    for events, own, total in zip(a, np.log(t1) - np.log(t2), a + c, strict=True):
        j = np.arange(total + 1)
        ways = -special.betaln(j + 1, total - j + 1) + j * own
        parts.append(ways - ways[int(events)])
    return _exact(parts, float(a.sum()), level, mid_p)


def _exact(parts: list[Floats], observed: float, level: float, mid_p: bool) -> Exact:
    s = round(observed)
    log_ways = _summed(parts)
    steps = np.arange(log_ways.size, dtype=float)
    top = log_ways.size - 1
    if top == 0:
        return Exact(math.nan, math.nan, -math.inf, math.inf, 1.0)

    def law(theta: float) -> Floats:
        terms = log_ways + theta * (steps - s)
        weight = np.exp(terms - terms.max())
        return np.asarray(weight / weight.sum())

    def mean_less(theta: float) -> float:
        return float(law(theta) @ steps) - s

    alpha = (1 - level) / 2
    half = 0.5 if mid_p else 1.0

    def upper_tail(theta: float) -> float:
        p = law(theta)
        return float(p[s + 1 :].sum()) + half * float(p[s]) - alpha

    def lower_tail(theta: float) -> float:
        p = law(theta)
        return float(p[:s].sum()) + half * float(p[s]) - alpha

    estimate = -math.inf if s == 0 else math.inf if s == top else _root(mean_less)
    lower = -math.inf if s == 0 else _root(upper_tail)
    upper = math.inf if s == top else _root(lower_tail)
    at_one = law(0.0)
    # 1e-7 is the slack that R allows to probabilities that rounding has made unequal.
    p_value = float(at_one[at_one <= at_one[s] * (1 + 1e-7)].sum())
    if mid_p:
        p_value -= 0.5 * float(at_one[s])
    variance = math.nan
    if math.isfinite(estimate):
        p = law(estimate)
        variance = 1 / float(p @ (steps - s) ** 2)
    return Exact(estimate, variance, lower, upper, min(1.0, p_value))


def _root(function: Callable[[float], float]) -> float:
    """Where a monotone function crosses 0; it does so within the far limits."""
    near = 1.0
    while function(-near) * function(near) > 0 and near < _FAR:
        near *= 2.0
    return float(optimize.brentq(function, -near, near, xtol=1e-13, rtol=1e-14, maxiter=500))


def _summed(parts: list[Floats]) -> Floats:
    """Logs of the ways to every sum, all parts together.

    Direct convolution adds positive numbers only, so even far tails keep their digits;
    each factor is scaled by its largest. What underflows is below 1e-300 of the largest.
    """
    total, log_scale = np.ones(1), 0.0
    tilt = _common_tilt(parts)
    for part in parts:
        leaned = part + tilt * np.arange(part.size)
        top = float(leaned.max())
        total = np.convolve(total, np.exp(leaned - top))
        high = float(total.max())
        total, log_scale = total / high, log_scale + top + math.log(high)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(total) + log_scale - tilt * np.arange(total.size))


def _common_tilt(parts: list[Floats]) -> float:
    """A log ratio that puts the observed counts (log ways 0) in the middle: keeps digits."""
    slopes = [
        (float(part[-1]) - float(part[0])) / (part.size - 1) for part in parts if part.size > 1
    ]
    return -float(np.median(slopes)) if slopes else 0.0
