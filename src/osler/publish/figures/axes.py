"""Axes: where a value lies, and which ticks a reader expects."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from osler.core.wording import plain

# For ratios, from sparse to dense; the first that gives four ticks is taken.
_RATIO_TICKS = (
    (0.001, 0.01, 0.1, 1, 10, 100, 1000),
    (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100),
    (0.25, 0.33, 0.5, 0.67, 1, 1.5, 2, 3, 4),
    (0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2),
)
_ENOUGH = 4


@dataclass(frozen=True, slots=True)
class Axis:
    """A stretch of the analysis scale laid on ``left``..``right`` pixels.

    ``ticks`` are on the analysis scale too (logs for ratios), each with its label.
    """

    low: float
    high: float
    left: float
    right: float
    ticks: tuple[tuple[float, str], ...]

    def x(self, value: float) -> float:
        """Pixel of a value; a value outside is put on the edge."""
        inside = min(max(value, self.low), self.high)
        share = (inside - self.low) / (self.high - self.low)
        return self.left + share * (self.right - self.left)


def limits(
    estimates: Sequence[float], intervals: Iterable[tuple[float, float]]
) -> tuple[float, float]:
    """What the axis shows: all estimates and no effect, and intervals unless they go far out.

    An interval may reach three typical (median) half-widths beyond the outermost
    estimate; the figure ends it in an arrow there, so that one very wide interval does
    not press all the others into a line.
    """
    pairs = [(lo, hi) for lo, hi in intervals if math.isfinite(lo) and math.isfinite(hi)]
    halves = sorted((hi - lo) / 2 for lo, hi in pairs)
    typical = halves[len(halves) // 2] if halves else 1.0
    core = (*estimates, 0.0)
    low = max(min([lo for lo, _ in pairs] + [0.0]), min(core) - 3 * typical)
    high = min(max([hi for _, hi in pairs] + [0.0]), max(core) + 3 * typical)
    low, high = min(low, *core), max(high, *core)
    room = 0.04 * (high - low) or 1.0
    return low - room, high + room


def axis_of(
    low: float, high: float, left: float, right: float, *, ratio: bool, factor: float = 1.0
) -> Axis:
    """An axis with ticks; ``factor`` turns the analysis scale into the one that is shown."""
    most = max(3, int((right - left) / 46))
    ticks = _ratio_ticks(low, high, most) if ratio else _even_ticks(low, high, most, factor)
    return Axis(low, high, left, right, ticks)


def _ratio_ticks(low: float, high: float, most: int) -> tuple[tuple[float, str], ...]:
    for choice in _RATIO_TICKS:
        inside = [v for v in choice if low <= math.log(v) <= high]
        if len(inside) >= _ENOUGH:
            return tuple((math.log(v), plain(v)) for v in _thinned(inside, most))
    values = _even(math.exp(low), math.exp(high), most)
    return tuple((math.log(v), plain(v)) for v in values if v > 0)


def _thinned(values: Sequence[float], most: int) -> list[float]:
    """Every second (third, ...) tick, keeping 1."""
    step = -(-len(values) // most)
    centre = values.index(1) if 1 in values else 0
    return [v for i, v in enumerate(values) if (i - centre) % step == 0]


def _even_ticks(low: float, high: float, most: int, factor: float) -> tuple[tuple[float, str], ...]:
    values = _even(low * factor, high * factor, most)
    return tuple((value / factor, plain(value)) for value in values)


def _even(low: float, high: float, most: int) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten) between ``low`` and ``high``."""
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]
