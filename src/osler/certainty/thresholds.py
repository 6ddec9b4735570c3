"""Where an effect becomes important: an outcome's thresholds on the analysis scale."""

import math
from dataclasses import dataclass

from osler.certainty.model import Direction, Size
from osler.review.model import Outcome

RATIOS = ("RR", "OR", "HR")


@dataclass(frozen=True, slots=True)
class Limits:
    """Distances from no effect on the analysis scale; ``mid`` is 0 where none is declared.

    ``large`` is infinite where no threshold for a large effect is declared.
    """

    mid: float
    large: float


def limits(outcome: Outcome) -> Limits:
    """The outcome's thresholds: logs for ratios, as declared otherwise."""
    ratio = outcome.measure in RATIOS

    def scaled(value: float) -> float:
        return abs(math.log(value)) if ratio else value

    mid = scaled(outcome.mid.value) if outcome.mid else 0.0
    return Limits(mid, scaled(outcome.large.value) if outcome.large else math.inf)


def size_of(estimate: float, limit: Limits) -> Size:
    """Trivial below the smallest important difference, large from the large one on."""
    if abs(estimate) < limit.mid or estimate == 0:
        return "trivial"
    return "large" if abs(estimate) >= limit.large else "important"


def side_of(estimate: float, limit: Limits) -> int:
    """-1 or 1 where the estimate is important in that direction, 0 where it is trivial."""
    if size_of(estimate, limit) == "trivial":
        return 0
    return 1 if estimate > 0 else -1


def direction_of(estimate: float, outcome: Outcome, limit: Limits) -> Direction:
    """Whether the estimate is better, worse or no different for the patient."""
    side = side_of(estimate, limit)
    if side == 0:
        return "none"
    good = side > 0 if outcome.better == "higher" else side < 0
    return "better" if good else "worse"


def crossed(lower: float, upper: float, limit: Limits) -> int:
    """How many thresholds of importance lie strictly inside an interval: 0, 1 or 2.

    Without a declared difference the only threshold is no effect.
    """
    edges = (-limit.mid, limit.mid) if limit.mid > 0 else (0.0,)
    return sum(lower < edge < upper for edge in edges)
