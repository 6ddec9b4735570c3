"""Rows of estimates with intervals beside columns of words: forests of comparisons, not studies."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from osler.publish.plots import palette
from osler.publish.plots.network_keys import KeyItem, draw_keys, keys_height, stacked
from osler.publish.plots.paper import Drawn, sheet, text_width, wrapped
from osler.publish.plots.pens import Pen
from osler.publish.plots.showing import Display
from osler.publish.plots.ticks import Axis, axis_of, limits

_MARGIN = 6.0
_BETWEEN = 10.0
_LINE = 1.72
_LEAST_PLOT = 110.0
_SMALLEST = 5.5
_ARROW = 4.0


Shape: TypeAlias = Literal["square", "diamond", "circle"]


@dataclass(frozen=True, slots=True)
class Mark:
    """An estimate with its interval and a wider one, on the analysis scale; NaN for none."""

    estimate: float
    lower: float
    upper: float
    wide_lower: float = math.nan
    wide_upper: float = math.nan
    color: str = palette.INK
    shape: Shape = "square"


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its name, its mark, its other cells; headings have neither mark nor indent."""

    label: str
    mark: Mark | None = None
    cells: tuple[str, ...] = ()
    heading: bool = False
    indent: bool = False


@dataclass(frozen=True, slots=True)
class RowForest:
    """All that such a figure says. ``heads`` are of the label and of the cells."""

    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    display: Display
    axis_label: str
    sides: tuple[str, str] = ("", "")
    title: str = ""
    notes: tuple[str, ...] = ()
    keys: tuple[KeyItem, ...] = ()
    xlim: tuple[float, float] | None = None
    description: str = field(default="")


@dataclass(frozen=True, slots=True)
class _Columns:
    """Widths in points and the size of letters at which everything finds room."""

    label: float
    cells: tuple[float, ...]
    plot: float
    size: float
    width: float

    @property
    def plot_left(self) -> float:
        return _MARGIN + self.label + _BETWEEN

    @property
    def plot_right(self) -> float:
        return self.plot_left + self.plot


def draw_rows(content: RowForest, wide: float, size: float) -> Drawn:
    """The figure, as tall as its rows need; letters get smaller where columns need more."""
    columns = _columns(content, wide, size)
    size = columns.size
    heads = [head.split("\n") for head in content.heads]
    top = _MARGIN + (1.9 * size if content.title else 0.0)
    first = top + 1.25 * size * max(len(head) for head in heads) + 0.5 * size
    texts = [
        wrapped(line.label, _room(line, columns), size, bold=line.heading) for line in content.lines
    ]
    heights = [_height(line, text, size) for line, text in zip(content.lines, texts, strict=True)]
    axis_y = first + sum(heights) + 0.3 * size
    inner = columns.width - 2 * _MARGIN
    notes = [part for note in content.notes for part in wrapped(note, inner, 0.92 * size)]
    sides = 1.4 * size * any(content.sides)
    below = axis_y + 3.4 * size + sides
    keys = keys_height(content.keys, inner, size)
    height = below + keys + 1.3 * size * len(notes) + _MARGIN
    figure, axes = sheet(columns.width, height)
    pen = Pen(axes, size)
    axis = _axis(content, columns)
    if content.title:
        pen.text(_MARGIN, _MARGIN + size, content.title, bold=True, size=size + 0.5)
    _draw_heads(heads, columns, pen, first - 0.5 * size)
    _ground(axis, first, axis_y, pen)
    y = first
    for line, text, tall in zip(content.lines, texts, heights, strict=True):
        _draw_line(line, text, axis, columns, pen, y + tall / 2)
        y += tall
    _draw_axis(content, axis, axis_y, pen)
    draw_keys(content.keys, pen, _MARGIN, below, inner)
    for i, note in enumerate(notes):
        pen.text(_MARGIN, below + keys + (1.0 + 1.3 * i) * size, note, size=0.92 * size,
                 color=palette.SOFT)  # fmt: skip
    stacked(axes)
    figure.description = content.description
    return figure


def _indent(line: Line, size: float) -> float:
    return 1.2 * size if line.indent else 0.0


def _room(line: Line, columns: _Columns) -> float:
    """Headings run on over the plot."""
    over = _BETWEEN + columns.plot if line.heading else -_indent(line, columns.size)
    return columns.label + over


def _height(line: Line, text: Sequence[str], size: float) -> float:
    return (_LINE + 1.2 * (len(text) - 1) + (0.35 if line.heading else 0.0)) * size


def _columns(content: RowForest, wide: float, size: float) -> _Columns:
    """Letters shrink first, then the figure widens: nothing is cut."""
    while True:
        cells = tuple(_cell_width(content, i, size) for i in range(len(content.heads) - 1))
        names = [
            text_width(x.label, size) + _indent(x, size) for x in content.lines if not x.heading
        ]
        heads = [text_width(part, size, bold=True) for part in content.heads[0].split("\n")]
        label = min(max([*names, *heads], default=0.0) + 1.0, max(0.34 * wide, max(heads)))
        plot = wide - 2 * _MARGIN - label - _BETWEEN - sum(c + _BETWEEN for c in cells)
        if plot >= _LEAST_PLOT or size <= _SMALLEST:
            break
        size -= 0.25
    lacking = max(0.0, _LEAST_PLOT - plot)
    return _Columns(label, cells, plot + lacking, size, wide + lacking)


def _cell_width(content: RowForest, i: int, size: float) -> float:
    head = max(text_width(part, size, bold=True) for part in content.heads[i + 1].split("\n"))
    found = (text_width(line.cells[i], size) for line in content.lines if i < len(line.cells))
    return max(head, *found, 0.0)


def _axis(content: RowForest, columns: _Columns) -> Axis:
    marks = [line.mark for line in content.lines if line.mark is not None]
    ends = [
        (mark.wide_lower, mark.wide_upper)
        if math.isfinite(mark.wide_lower)
        else (mark.lower, mark.upper)
        for mark in marks
    ]
    low, high = content.xlim or limits([mark.estimate for mark in marks], ends)
    size = 0.94 * columns.size
    return axis_of(low, high, columns.plot_left, columns.plot_right, content.display, size=size)


def _draw_heads(heads: Sequence[Sequence[str]], columns: _Columns, pen: Pen, bottom: float) -> None:
    rights = _rights(columns)
    for i, parts in enumerate(heads):
        for j, part in enumerate(reversed(parts)):
            y = bottom - 0.45 * pen.size - 1.25 * pen.size * j
            if i == 0:
                pen.text(_MARGIN, y, part, bold=True)
            else:
                pen.text(rights[i - 1], y, part, bold=True, align="right")
    ends = ((_MARGIN, bottom), (columns.width - _MARGIN, bottom))
    pen.line(ends, color=palette.INK, width=palette.THIN)


def _rights(columns: _Columns) -> list[float]:
    out, x = [], columns.plot_right
    for cell in columns.cells:
        x += _BETWEEN + cell
        out.append(x)
    return out


def _ground(axis: Axis, top: float, bottom: float, pen: Pen) -> None:
    if axis.low <= 0 <= axis.high:
        line = ((axis.x(0.0), top), (axis.x(0.0), bottom))
        pen.line(line, color=palette.RULE, width=palette.LINE, gid="null")


def _draw_line(
    line: Line, text: Sequence[str], axis: Axis, columns: _Columns, pen: Pen, y: float
) -> None:
    start = y - 0.6 * pen.size * (len(text) - 1) + (0.15 * pen.size if line.heading else 0.0)
    for i, part in enumerate(text):
        at = pen.middle(start + 1.2 * pen.size * i)
        pen.text(_MARGIN + _indent(line, pen.size), at, part, bold=line.heading)
    for right, cell in zip(_rights(columns), line.cells, strict=False):
        pen.text(right, pen.middle(y), cell, align="right")
    if line.mark is not None and math.isfinite(line.mark.estimate):
        _draw_mark(line.mark, axis, pen, y)


def _draw_mark(mark: Mark, axis: Axis, pen: Pen, y: float) -> None:
    if math.isfinite(mark.wide_lower):
        _span(mark.wide_lower, mark.wide_upper, axis, pen, y, palette.VERMILION, 0.7)
        for end in (mark.wide_lower, mark.wide_upper):
            if axis.low <= end <= axis.high:
                x = axis.x(end)
                pen.line(((x, y - 2.0), (x, y + 2.0)), color=palette.VERMILION, width=0.7)
    _span(mark.lower, mark.upper, axis, pen, y, mark.color, 1.5)
    if not axis.low <= mark.estimate <= axis.high:
        return
    x, half = axis.x(mark.estimate), 0.36 * pen.size
    if mark.shape == "square":
        pen.box(x - half, y - half, x + half, y + half, fill=mark.color, gid="estimate")
    elif mark.shape == "circle":
        pen.circle(x, y, half, fill=mark.color)
    else:
        far = 1.35 * half
        corners = ((x - far, y), (x, y - far), (x + far, y), (x, y + far))
        pen.area(corners, fill=mark.color, edge=palette.WHITE, gid="estimate")


def _span(
    low: float, high: float, axis: Axis, pen: Pen, y: float, color: str, width: float
) -> None:
    left, right = axis.x(low), axis.x(high)
    start = left + (_ARROW / 2 if low < axis.low else 0.0)
    stop = right - (_ARROW / 2 if high > axis.high else 0.0)
    if stop > start:
        pen.line(((start, y), (stop, y)), color=color, width=width, gid="interval")
    for beyond, x, way in ((low < axis.low, axis.left, -1), (high > axis.high, axis.right, 1)):
        if beyond:
            base = x - way * _ARROW
            pen.area(((x, y), (base, y - 2.2), (base, y + 2.2)), fill=color, gid="arrow")


def _draw_axis(content: RowForest, axis: Axis, y: float, pen: Pen) -> None:
    size = 0.94 * pen.size
    pen.line(((axis.left, y), (axis.right, y)), width=0.6)
    for value, text in axis.ticks:
        x = axis.x(value)
        pen.line(((x, y), (x, y + 3.0)), width=0.6)
        pen.text(x, y + 3.6 + size, text, align="center", size=size)
    down = y + 3.6 + 2.4 * size
    middle = (axis.left + axis.right) / 2
    if any(content.sides):
        centre = axis.x(0.0) if axis.low < 0 < axis.high else middle
        for text, way in zip(content.sides, (-1, 1), strict=True):
            if text:
                _side(text, centre, way, down, pen)
        down += 1.4 * pen.size
    pen.text(middle, down, content.axis_label, align="center")


def _side(text: str, centre: float, way: int, y: float, pen: Pen) -> None:
    size = 0.92 * pen.size
    x = centre + way * 6.0
    arrowed = f"{text} →" if way > 0 else f"← {text}"
    pen.text(x, y, arrowed, align="left" if way > 0 else "right", size=size, color=palette.SOFT)
