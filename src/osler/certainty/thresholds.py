"""Where an effect becomes important: an outcome's thresholds, and the scale they are held on."""

import math
from dataclasses import dataclass

from osler.certainty.baselines import absolute_risk, baseline_risks, effect_for_risk
from osler.certainty.model import Direction, Size
from osler.review.model import Outcome, Threshold
from osler.synthesis.answers import Answer

RATIOS = ("RR", "OR", "HR")

SAME = 1e-9
"""Relative difference below which an effect lies on a threshold: 25 of 50 against 20 of 50 is a
ratio of 1.25, and its logarithm may miss that of 1.25 in the last place."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Distances from no effect; ``mid`` is 0 where none is declared.

    ``moderate`` and ``large`` are infinite where no threshold is declared for them.
    ``partial`` tells that all of them count for imprecision, not ``mid`` alone.
    """

    mid: float
    large: float
    moderate: float = math.inf
    partial: bool = False

    def edges(self) -> tuple[float, ...]:
        """The thresholds that an interval is held against, in ascending order.

        Examples
        --------
        >>> Limits(10, 20).edges()
        (-10, 10)
        >>> Limits(5, 20, 10, partial=True).edges()
        (-20, -10, -5, 5, 10, 20)
        """
        sizes = self.sizes()
        return (*(-size for size in reversed(sizes)), *sizes) if self.mid else (0.0,)

    def sizes(self) -> tuple[float, ...]:
        """Distances from no effect that count, the smallest first; (0,) where none does."""
        sizes = (self.mid, self.moderate, self.large) if self.partial else (self.mid,)
        return tuple(size for size in sizes if math.isfinite(size))


@dataclass(frozen=True, slots=True)
class Gauge:
    """How an effect is held against the thresholds.

    Without a ``baseline`` on the analysis scale; with one as the difference that the effect
    makes to that risk.
    """

    limits: Limits
    measure: str
    baseline: float | None = None

    def at(self, effect: float) -> float:
        """An effect of the analysis scale on the scale of the thresholds."""
        if self.baseline is None:
            return effect
        return absolute_risk(self.baseline, effect, self.measure) - self.baseline

    def effect(self, value: float) -> float | None:
        """The effect of the analysis scale that lies at a value: the reverse of ``at``.

        None where no effect reaches it, because a risk ends at 0 and at 1.
        """
        if self.baseline is None:
            return value
        risk = self.baseline + value
        return effect_for_risk(self.baseline, risk, self.measure) if 0 < risk < 1 else None

    def shown(self, value: float) -> str:
        """A value of the thresholds' scale in words: a ratio, people per 1000, or points.

        Examples
        --------
        >>> Gauge(Limits(0.2, 1), "RR").shown(0.6931)
        'RR 2.00'
        >>> Gauge(Limits(0.05, 1), "RR", 0.2).shown(-0.04)
        '-40 per 1000'
        """
        if self.baseline is not None or self.measure == "RD":
            return f"{_whole(1000 * value)} per 1000"
        if self.measure in RATIOS:
            return f"{self.measure} {_ratio(math.exp(min(value, 700.0)))}"
        return f"{value + 0.0:.3g}"

    def between(self, lower: float, upper: float) -> str:
        """An interval in words, its scale named once.

        Examples
        --------
        >>> Gauge(Limits(0.2, 1), "RR").between(-0.6931, 0.6931)
        'RR 0.50 to 2.00'
        >>> Gauge(Limits(10, 20), "MD").between(-21.3, -10.6)
        '-21.3 to -10.6'
        """
        low, high = self.shown(lower), self.shown(upper)
        if low.endswith(" per 1000"):
            return f"{low.removesuffix(' per 1000')} to {high}"
        return f"{low} to {high.removeprefix(f'{self.measure} ')}"


def _whole(value: float) -> str:
    return f"{round(value) + 0:d}"


def _ratio(value: float) -> str:
    if value < 0.005:
        return "below 0.01"
    return f"{value:.2f}" if value < 1000 else "over 1000"


def gauge(answer: Answer) -> Gauge:
    """The scale on which an answer meets its thresholds.

    Absolute thresholds need a baseline risk; without one there is no threshold to hold the
    answer against but no effect.
    """
    outcome = answer.outcome
    if not is_absolute(outcome):
        return Gauge(limits(outcome), outcome.measure)
    risks = {risk.name: risk.risk for risk in baseline_risks(answer)}
    if "median" not in risks:
        return Gauge(Limits(0.0, math.inf), outcome.measure)
    return Gauge(limits(outcome), outcome.measure, risks["median"])


def trivial_band(answer: Answer) -> tuple[float, float] | None:
    """Between which effects, on the analysis scale, a difference is trivial.

    Infinite on a side where no effect can be important; None where no smallest important
    difference is declared or can be applied.
    """
    scale = gauge(answer)
    mid = scale.limits.mid
    if mid == 0:
        return None
    lower, upper = scale.effect(-mid), scale.effect(mid)
    return (-math.inf if lower is None else lower, math.inf if upper is None else upper)


def is_absolute(outcome: Outcome) -> bool:
    """Whether the thresholds are differences between risks and the effect is a ratio."""
    first = outcome.mid or outcome.moderate or outcome.large
    return first is not None and first.scale == "absolute"


def limits(outcome: Outcome) -> Limits:
    """The outcome's thresholds: logs for ratios, as declared otherwise."""
    ratio = outcome.measure in RATIOS and not is_absolute(outcome)

    def scaled(threshold: Threshold | None, none: float) -> float:
        if threshold is None:
            return none
        return abs(math.log(threshold.value)) if ratio else threshold.value

    return Limits(
        scaled(outcome.mid, 0.0),
        scaled(outcome.large, math.inf),
        scaled(outcome.moderate, math.inf),
        outcome.approach == "partial",
    )


def size_of(estimate: float, limit: Limits) -> Size:
    """The size class: trivial below the smallest important difference, large from ``large`` on.

    Examples
    --------
    >>> size_of(-12, Limits(10, 20)), size_of(-12, Limits(10, 20, 15))
    ('important', 'small')
    """
    distance = abs(estimate)
    if distance == 0 or not _reaches(distance, limit.mid):
        return "trivial"
    if _reaches(distance, limit.large):
        return "large"
    if math.isinf(limit.moderate):
        return "important"
    return "moderate" if _reaches(distance, limit.moderate) else "small"


def _reaches(distance: float, threshold: float) -> bool:
    return distance >= threshold or math.isclose(distance, threshold, rel_tol=SAME)


def side_of(estimate: float, limit: Limits) -> int:
    """-1 or 1 where the estimate is important in that direction, 0 where it is trivial."""
    if size_of(estimate, limit) == "trivial":
        return 0
    return 1 if estimate > 0 else -1


def zone_of(estimate: float, limit: Limits) -> int:
    """How many of the thresholds that count an estimate is beyond, negative below no effect.

    Examples
    --------
    >>> limit = Limits(5, 20, 10, partial=True)
    >>> [zone_of(x, limit) for x in (-25, -5, 4, 12)]
    [-3, -1, 0, 2]
    """
    beyond = sum(_reaches(abs(estimate), size) for size in limit.sizes()) if estimate else 0
    return -beyond if estimate < 0 else beyond


def direction_of(estimate: float, outcome: Outcome, limit: Limits) -> Direction:
    """Whether the estimate is better, worse or no different for the patient."""
    side = side_of(estimate, limit)
    if side == 0:
        return "none"
    good = side > 0 if outcome.better == "higher" else side < 0
    return "better" if good else "worse"


def inside(lower: float, upper: float, limit: Limits) -> tuple[float, ...]:
    """The thresholds strictly inside an interval, in ascending order.

    Without a declared difference the only threshold is no effect.

    Examples
    --------
    >>> inside(-21.3, -10.6, Limits(15, float("inf")))
    (-15,)
    """
    return tuple(
        edge
        for edge in limit.edges()
        if lower < edge < upper
        and not any(math.isclose(end, edge, rel_tol=SAME) for end in (lower, upper))
    )


def crossed(lower: float, upper: float, limit: Limits) -> int:
    """How many thresholds lie strictly inside an interval."""
    return len(inside(lower, upper, limit))
