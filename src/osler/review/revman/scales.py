"""On which scale a stored estimate stands: as it is shown, or as a log."""

import math
from dataclasses import dataclass
from statistics import NormalDist

# An interval and a standard error agree where they differ by no more than this share: files
# hold rounded numbers.
_NEAR = 0.02
# Estimate, standard error, lower and upper bound; estimate and bounds.
Four = tuple[float, float, float, float]
Three = tuple[float, float, float]
NOT_ESTIMABLE: Four = (math.nan, math.nan, math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class OnScale:
    """What is known of the scale: whether the measure is a ratio, and whether it is known."""

    ratio: bool
    known: bool
    level: float


def pooled_on_scale(ends: Three, ratio: bool) -> Three:
    """A shown estimate and its interval on the analysis scale."""
    if not ratio:
        return ends
    estimate, lower, upper = (math.log(v) if 0 < v < math.inf else math.nan for v in ends)
    return estimate, lower, upper


def on_scale(
    effect: float, se: float, ends: tuple[float, float], scale: OnScale
) -> tuple[Four, bool]:
    """Estimate, standard error and bounds on the analysis scale, and whether they disagree.

    Ratios are stored as shown, their standard errors on the log scale. Where the measure is
    not known, the interval tells: half its width is z standard errors on one of the scales.

    Examples
    --------
    >>> found, disagree = on_scale(0.5, 0.2, (0.3379, 0.7399), OnScale(True, True, 0.95))
    >>> [round(v, 3) for v in found], disagree
    ([-0.693, 0.2, -1.085, -0.301], False)
    """
    shown: Three = (effect, *ends)
    if not all(map(math.isfinite, (*shown, se))) or se <= 0:
        return NOT_ESTIMABLE, True
    z = NormalDist().inv_cdf(0.5 + scale.level / 2)
    logs = pooled_on_scale(shown, ratio=True)
    for ratio, (middle, low, high) in ((True, logs), (False, shown)):
        if scale.known and ratio != scale.ratio:
            continue
        if abs((high - low) / 2 - z * se) <= _NEAR * z * se:
            return (middle, se, low, high), False
    return NOT_ESTIMABLE, True


def logged(o_minus_e: float, variance: float, level: float) -> Four:
    """Log ratio from observed minus expected events and their variance (Peto).

    Examples
    --------
    >>> [round(v, 3) for v in logged(-4.0, 8.0, 0.95)]
    [-0.5, 0.354, -1.193, 0.193]
    """
    if not (math.isfinite(o_minus_e) and 0 < variance < math.inf):
        return NOT_ESTIMABLE
    estimate, se = o_minus_e / variance, 1 / math.sqrt(variance)
    half = NormalDist().inv_cdf(0.5 + level / 2) * se
    return estimate, se, estimate - half, estimate + half
