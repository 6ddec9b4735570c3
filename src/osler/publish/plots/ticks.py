"""Ticks that a reader expects: round numbers, ratios at their usual values, never crowded."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from osler.core.diagnostics import DataError
from osler.core.wording import MINUS, number, plain
from osler.publish.plots.paper import text_width
from osler.publish.plots.problems import bad_limits
from osler.publish.plots.showing import Display

_DECADES = range(-12, 13)
# For ratios, from dense to sparse; the first whose labels find room is taken.
_RATIOS: tuple[tuple[float, ...], ...] = (
    (0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2),
    (0.5, 0.67, 0.8, 1, 1.25, 1.5, 2),
    (0.25, 0.33, 0.5, 0.67, 1, 1.5, 2, 3, 4),
    tuple(m * 10.0**d for d in range(-3, 4) for m in (1, 2, 5)),
    (0.125, 0.25, 0.5, 1, 2, 4, 8),
    tuple(m * 10.0**d for d in range(-3, 4) for m in (1, 3)),
    tuple(10.0**d for d in _DECADES),
    tuple(10.0**d for d in _DECADES if d % 2 == 0),
    tuple(10.0**d for d in _DECADES if d % 3 == 0),
    tuple(10.0**d for d in _DECADES if d % 4 == 0),
    tuple(10.0**d for d in _DECADES if d % 6 == 0),
)
_MOST = 9
_FEW = 4
_FAR = 40.0  # where every bent scale has come to its end
_GAP = 5.0  # points between two labels
_OVERHANG = 5.0


@dataclass(frozen=True, slots=True)
class Axis:
    """A stretch ``low``..``high`` of the analysis scale laid on ``left``..``right`` points.

    ``ticks`` are on the analysis scale (logs for ratios), each with its label.
    """

    low: float
    high: float
    left: float
    right: float
    ticks: tuple[tuple[float, str], ...]

    def x(self, value: float) -> float:
        """Where a value lies; a value outside is put on the edge."""
        inside = min(max(value, self.low), self.high)
        share = (inside - self.low) / (self.high - self.low)
        return self.left + share * (self.right - self.left)


def axis_of(
    low: float, high: float, left: float, right: float, display: Display, *, size: float
) -> Axis:
    """An axis whose labels of ``size`` points do not touch."""
    bare = Axis(low, high, left, right, ())
    return Axis(low, high, left, right, ticks_of(bare, display, size))


def ticks_of(
    axis: Axis, display: Display, size: float, overhang: float = _OVERHANG
) -> tuple[tuple[float, str], ...]:
    """Ticks between the ends of an axis, on the analysis scale, with labels as shown.

    A label may reach ``overhang`` points beyond an end of the axis.
    """
    choices = _choices(axis, display)
    if display.scale.back:  # round numbers crowd where the scale bends: a few first
        choices = [*sorted(choices, key=lambda values: (len(values) < _FEW, len(values)))]
    for values in choices:
        all_ticks = [
            (display.inward(value, axis.low, axis.high), number_label(value)) for value in values
        ]
        ticks = tuple(tick for tick in all_ticks if _held(axis, tick, size, overhang))
        if display.scale.back:
            ticks = _thinned(axis, ticks, size)
        if ticks and len(ticks) <= _MOST and _roomy(axis, ticks, size):
            return ticks
    return ((_middle(axis), ""),)


def _held(axis: Axis, tick: tuple[float, str], size: float, overhang: float) -> bool:
    half, x = text_width(tick[1], size) / 2, axis.x(tick[0])
    return x - half >= axis.left - overhang and x + half <= axis.right + overhang


def _thinned(
    axis: Axis, ticks: Sequence[tuple[float, str]], size: float
) -> tuple[tuple[float, str], ...]:
    """Ticks from the left, without those whose labels would touch the one before."""
    kept: list[tuple[float, str]] = []
    for tick in ticks:
        if not kept or _roomy(axis, [kept[-1], tick], size):
            kept.append(tick)
    return tuple(kept)


def _choices(axis: Axis, display: Display) -> list[list[float]]:
    if display.ratio:
        low, high = axis.low - 1e-9, axis.high + 1e-9
        found = [[v for v in choice if low <= math.log(v) <= high] for choice in _RATIOS]
        # Hardly wider than one tick: round numbers between the ends, spaced evenly.
        many = [values for values in found if len(values) >= 3]
        few = [values for values in found if 0 < len(values) < 3]
        if axis.high < 300 and axis.low > -300:
            even = [v for v in even_ticks(math.exp(axis.low), math.exp(axis.high)) if min(v) > 0]
        else:
            even = []
        return [*many, *even, *few] if _narrow(axis) else [*many, *few, *even]
    return even_ticks(display.outward(axis.low), display.outward(axis.high))


def _narrow(axis: Axis) -> bool:
    return axis.high - axis.low < math.log(20)


def _middle(axis: Axis) -> float:
    return (axis.low + axis.high) / 2


def number_label(value: float) -> str:
    """Short: powers of ten beyond a million and below a hundred-thousandth."""
    if value and not 1e-5 <= abs(value) < 1e6:
        power = math.floor(math.log10(abs(value)) + 1e-9)
        lead = abs(value) / 10.0**power
        sign = MINUS if value < 0 else ""
        head = "" if abs(lead - 1) < 1e-9 else f"{plain(round(lead, 3))}×"
        return f"{sign}{head}10{_raised(power)}"
    return number(value, 0) if abs(value) >= 10000 else plain(value)


def _raised(power: int) -> str:
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _roomy(axis: Axis, ticks: Sequence[tuple[float, str]], size: float) -> bool:
    half = [text_width(label, size) / 2 for _, label in ticks]
    at = [axis.x(value) for value, _ in ticks]
    return all(at[i + 1] - half[i + 1] - at[i] - half[i] >= _GAP for i in range(len(ticks) - 1))


def even_ticks(low: float, high: float) -> list[list[float]]:
    """Round numbers (1, 2 or 5 times a power of ten) between two, from dense to sparse.

    Examples
    --------
    >>> even_ticks(-0.1, 1.05)[2]
    [0.0, 0.5, 1.0]
    """
    spread = high - low
    if not (math.isfinite(spread) and spread > 0):
        return [[low]]
    power = math.floor(math.log10(spread))
    steps = [m * 10.0**p for p in (power - 1, power) for m in (1, 2, 5)]
    return [values for step in steps if (values := _multiples(low, high, step))]


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if last - first > 100:
        return []
    digits = max(0, 2 - math.floor(math.log10(step)))
    return [round(i * step, digits) + 0.0 for i in range(first, last + 1)]


def limits(
    estimates: Sequence[float],
    intervals: Sequence[tuple[float, float]],
    *,
    null: float | None = 0.0,
) -> tuple[float, float]:
    """What an axis shows: all estimates and no effect, and intervals unless they go far out.

    An interval may reach three typical (median) half-widths beyond the outermost estimate;
    the figure ends it in an arrow there, so that one very wide interval does not press all
    the others into a line. For that reason an estimate that itself lies far from all the
    others, with an interval as wide, does not set the range either.
    """
    known = [(y, lo, hi) for y, (lo, hi) in zip(estimates, intervals, strict=True) if _known(y)]
    pairs = [(lo, hi) for _, lo, hi in known if math.isfinite(lo) and math.isfinite(hi)]
    halves = sorted((hi - lo) / 2 for lo, hi in pairs)
    typical = halves[len(halves) // 2] if halves else 1.0
    core = [y for y, lo, hi in known if not _far(y, lo, hi, known, typical)]
    core += [] if null is None else [null]
    core = core or [0.0]
    low = max(min([lo for lo, _ in pairs] + core), min(core) - 3 * typical)
    high = min(max([hi for _, hi in pairs] + core), max(core) + 3 * typical)
    room = 0.03 * (high - low) or 1.0
    return low - room, high + room


def _known(value: float) -> bool:
    return math.isfinite(value)


def _far(
    y: float, lo: float, hi: float, known: Sequence[tuple[float, float, float]], typical: float
) -> bool:
    """Whether a wide interval alone holds an estimate out there."""
    if not hi - lo > 8 * typical:
        return False
    middle = sorted(one for one, _, _ in known)[len(known) // 2]
    return abs(y - middle) > 8 * typical


def asked_limits(xlim: tuple[float, float], display: Display) -> tuple[float, float]:
    """Limits that a person gave as shown (ratios as ratios), on the analysis scale.

    Raises
    ------
    DataError
        Where they are not two rising numbers (FIG007).

    Examples
    --------
    >>> from osler.publish.plots.showing import display_of
    >>> asked_limits((-20.0, 5.0), display_of("RD", []))
    (-0.2, 0.05)
    """
    try:
        low, high = (float(v) for v in xlim)
    except (TypeError, ValueError):
        raise DataError(bad_limits(xlim)) from None
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise DataError(bad_limits(xlim))
    if display.ratio and low <= 0:
        raise DataError(bad_limits(xlim))
    return display.inward(low, -_FAR, _FAR), display.inward(high, -_FAR, _FAR)
