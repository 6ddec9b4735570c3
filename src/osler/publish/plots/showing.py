"""How values of the analysis scale are shown on axes and in cells: ratios, per cent, bent scales.

Ratios are drawn on a logarithmic axis and written as ratios; proportions from logits,
correlations from Fisher's z and the like are drawn as analysed, with ticks and numbers as
people think of them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from osler.effects.back import back
from osler.effects.measures import MEASURES
from osler.effects.scales import Scale, interval, scale_of, shown

# One value a study, not a comparison: nothing on the axis means "no effect".
_SINGLE = ("proportion", "rate", "mean", "spread", "reliability")


@dataclass(frozen=True, slots=True)
class Display:
    """A measure as it is shown."""

    scale: Scale

    @property
    def measure(self) -> str:
        return self.scale.measure

    @property
    def ratio(self) -> bool:
        return self.scale.ratio

    @property
    def name(self) -> str:
        """In running text; without "(logit)" where no logit is shown."""
        if self.scale.back or self.ratio:
            return self.scale.name.partition(" (")[0]
        return self.scale.name

    def outward(self, value: float) -> float:
        """A value of the analysis scale as shown."""
        if self.ratio:
            return math.exp(value) if value < 700 else math.inf
        if self.scale.back:
            return float(back(self.measure, value))
        return value * self.scale.factor

    def inward(self, value: float, low: float, high: float) -> float:
        """A shown value on the analysis scale; for bent scales sought between two ends."""
        if self.ratio:
            return math.log(value)
        if not self.scale.back:
            return value / self.scale.factor
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if self.outward(middle) < value else (low, middle)
        return (low + high) / 2

    def text(self, value: float) -> str:
        """One value as a reader sees it."""
        return shown(self.scale, value)

    def ends(self, lower: float, upper: float) -> tuple[str, str]:
        """Both ends of an interval, with as many decimals."""
        low, _, high = interval(self.scale, lower, upper).partition(" to ")
        return low, high


def display_of(measure: str, values: Sequence[float], unit: str = "") -> Display:
    """How a measure is shown, with decimals to suit the values where it sets none itself.

    Examples
    --------
    >>> display_of("RR", [0.2]).text(0.0), display_of("MD", [0.012, 0.03]).text(0.0123)
    ('1.00', '0.012')
    """
    display = Display(scale_of(measure, unit=unit))
    scale = display.scale
    sizes = sorted(abs(display.outward(v)) for v in values if math.isfinite(v) and v)
    if scale.ratio or not sizes:
        return display
    typical = max(sizes[len(sizes) // 2], 1e-12)
    needed = min(max(1 - math.floor(math.log10(typical)), 0), 6)  # two figures that tell
    least = scale.decimals if measure in ("RD", "SMD") else 2 if scale.back else 0
    return Display(replace(scale, decimals=max(least, needed)))


def null_of(measure: str) -> float | None:
    """No effect on the analysis scale; None where a measure compares nothing."""
    known = MEASURES.get(measure)
    return None if known is not None and known.kind in _SINGLE else 0.0
