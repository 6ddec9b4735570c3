"""The marks of a forest plot: squares, whiskers, diamonds, arrows where something is cut."""

import math

from osler.publish.plots import palette
from osler.publish.plots.contents import Panel, Row
from osler.publish.plots.layouts import Layout
from osler.publish.plots.pens import Pen, Point
from osler.publish.plots.ticks import Axis

_ARROW = 4.2  # points


def draw_row(row: Row, panel: Panel, axis: Axis, y: float, pen: Pen, layout: Layout) -> None:
    """The marks of one row, centred on ``y``."""
    if row.kind in ("heading", "note") or math.isnan(row.estimate):
        return
    if row.kind == "study":
        _study(row, panel, axis, y, pen, layout)
    elif row.kind == "step":
        _whisker(row, axis, y, pen, layout.whisker, palette.LINE)
        _square(row, axis, y, pen, layout.random[1], 0.36 * pen.size)
    elif row.kind == "prediction":
        _prediction(row, axis, y, pen, layout)
    else:
        _diamond(row, axis, y, pen, layout)


def _study(row: Row, panel: Panel, axis: Axis, y: float, pen: Pen, layout: Layout) -> None:
    color = (
        layout.square
        if panel.display.ratio or panel.display.measure == "RD"
        else (layout.square_other)
    )
    half = (0.16 + 0.40 * math.sqrt(max(row.weight, 0.0))) * pen.size
    if layout.mark != "square":
        _raindrop(row, axis, y, pen, color, weighed=layout.mark == "rain")
        return
    _whisker(row, axis, y, pen, layout.whisker, palette.LINE)
    _square(row, axis, y, pen, color, half)
    shown = [v for v in (row.lower, row.upper) if axis.low <= v <= axis.high]
    middle = axis.x(row.estimate)
    if len(shown) == 2 and all(abs(axis.x(v) - middle) < half for v in shown):
        # An interval narrower than the square would be hidden by it.
        ends = ((axis.x(row.lower), y), (axis.x(row.upper), y))
        pen.line(ends, color=palette.WHITE, width=palette.LINE)


def _raindrop(row: Row, axis: Axis, y: float, pen: Pen, color: str, *, weighed: bool) -> None:
    """The log-likelihood of a study from end to end of its interval, as a drop.

    Weighed, taller drops and deeper colour are studies that count for more.
    """
    tall = 0.62 * pen.size * (0.25 + 0.75 * math.sqrt(max(row.weight, 0.0)) if weighed else 1.0)
    layers = _LAYERS if weighed else (1.0,)
    for share in layers:
        points = _drop(row, axis, y, tall, share)
        if points:
            alpha = 0.14 + 0.22 * max(row.weight, 0.0) if weighed else None
            pen.area(points, fill=color, alpha=alpha, gid="raindrop")
    _arrows(row, axis, y, pen, color)
    if axis.low <= row.estimate <= axis.high:
        x = axis.x(row.estimate)
        half = 0.5 * tall
        pen.line(((x, y - half), (x, y + half)), color=palette.WHITE, width=0.7)


_LAYERS = (1.0, 0.8, 0.6, 0.4, 0.2)


def _drop(row: Row, axis: Axis, y: float, tall: float, share: float) -> tuple[Point, ...]:
    """Outline where the log-likelihood lies above a share of its fall; cut at the axis."""
    reach = math.sqrt(share)
    low = row.estimate - reach * (row.estimate - row.lower)
    high = row.estimate + reach * (row.upper - row.estimate)
    start, stop = max(low, axis.low), min(high, axis.high)
    if not stop > start:
        return ()
    outline = []
    for i in range(41):
        value = start + (stop - start) * i / 40
        end = row.lower if value < row.estimate else row.upper
        away = (value - row.estimate) / (end - row.estimate) if end != row.estimate else 0.0
        outline.append((axis.x(value), tall * max(0.0, share - away**2)))
    upper = [(x, y - h) for x, h in outline]
    return (*upper, *((x, y + h) for x, h in reversed(outline)))


def _square(row: Row, axis: Axis, y: float, pen: Pen, color: str, half: float) -> None:
    if not axis.low <= row.estimate <= axis.high:
        return
    x = axis.x(row.estimate)
    pen.box(x - half, y - half, x + half, y + half, fill=color, gid="square")


def _whisker(row: Row, axis: Axis, y: float, pen: Pen, color: str, width: float) -> None:
    """The interval, cut at the ends of the axis, with a head where it goes on."""
    lower = -math.inf if math.isnan(row.lower) else row.lower
    upper = math.inf if math.isnan(row.upper) else row.upper
    if math.isnan(row.lower) and math.isnan(row.upper):
        return
    left, right = axis.x(lower), axis.x(upper)
    # The line ends within the head, so that no blunt end shows at its tip.
    start = left + (_ARROW / 2 if lower < axis.low else 0.0)
    stop = right - (_ARROW / 2 if upper > axis.high else 0.0)
    if upper >= axis.low and lower <= axis.high and stop > start:
        pen.line(((start, y), (stop, y)), color=color, width=width, gid="whisker")
    _arrows(row, axis, y, pen, color)


def _arrows(row: Row, axis: Axis, y: float, pen: Pen, color: str) -> None:
    if not row.lower >= axis.low:
        pen.area(_head(axis.left, y, -1), fill=color, gid="arrow-left")
    if not row.upper <= axis.high:
        pen.area(_head(axis.right, y, 1), fill=color, gid="arrow-right")


def _head(x: float, y: float, way: int) -> tuple[Point, ...]:
    """An arrow's head with its tip at ``x``, pointing left (-1) or right (1)."""
    base = x - way * _ARROW
    return ((x, y), (base, y - 0.55 * _ARROW), (base, y + 0.55 * _ARROW))


def _prediction(row: Row, axis: Axis, y: float, pen: Pen, layout: Layout) -> None:
    color = layout.prediction
    shape = layout.prediction_shape
    left, right = axis.x(row.lower), axis.x(row.upper)
    if shape == "bar":
        half = 0.13 * pen.size
        pen.box(left, y - half, right, y + half, fill=color, gid="prediction")
    elif shape == "diamond":
        outline = diamond(row, axis, y, 0.34 * pen.size)
        pen.area(outline, fill=palette.WHITE, edge=color, width=palette.LINE, gid="prediction")
    else:
        pen.line(((left, y), (right, y)), color=color, width=palette.THICK, gid="prediction")
        for x, inside in ((left, row.lower >= axis.low), (right, row.upper <= axis.high)):
            if inside:
                tall = 0.28 * pen.size
                pen.line(((x, y - tall), (x, y + tall)), color=color, width=palette.THICK)
    _arrows(row, axis, y, pen, color)


def _diamond(row: Row, axis: Axis, y: float, pen: Pen, layout: Layout) -> None:
    fill, edge = getattr(layout, row.kind)
    half = (0.40 if row.kind in ("subtotal", "own") else 0.52) * pen.size
    points = diamond(row, axis, y, half)
    if points:
        pen.area(points, fill=fill, edge=edge, width=palette.LINE, gid=f"diamond-{row.kind}")
    _arrows(row, axis, y, pen, edge)


def diamond(row: Row, axis: Axis, y: float, half: float) -> tuple[Point, ...]:
    """A diamond from end to end of an interval, cut straight where the axis ends.

    At least 1.2 points to each side: a very narrow interval would not be seen.
    """
    if row.upper < axis.low or row.lower > axis.high:
        return ()
    span = axis.high - axis.low
    least = 1.2 * span / (axis.right - axis.left)
    low = min(_finite(row.lower, row.estimate - span), row.estimate - least)
    high = max(_finite(row.upper, row.estimate + span), row.estimate + least)
    corners = [(low, 0.0), (row.estimate, half), (high, 0.0)]
    edge = [
        (v, _height(v, corners))
        for v in sorted({low, row.estimate, high, axis.low, axis.high})
        if axis.low <= v <= axis.high and low <= v <= high
    ]
    upper = [(axis.x(v), y - h) for v, h in edge]
    lower = [(axis.x(v), y + h) for v, h in reversed(edge) if h > 0]
    return (*upper, *lower)


def _finite(value: float, instead: float) -> float:
    return value if math.isfinite(value) else instead


def _height(value: float, corners: list[tuple[float, float]]) -> float:
    (low, _), (top, half), (high, _) = corners
    if value <= top:
        return half * (value - low) / (top - low) if top > low else half
    return half * (high - value) / (high - top) if high > top else half
