"""Where everything in a forest plot goes: wide for paper and desktop, narrow for phones."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from osler.core.wording import level_percent
from osler.effects.scales import Scale
from osler.publish.figures.axes import Axis, axis_of, limits
from osler.publish.figures.drawing import Anchor, Drawing, Line, Mark, Polygon, Rect, Text
from osler.publish.figures.metrics import shortened, text_width, wrapped

WIDE = 760.0
NARROW = 360.0
_GAP = 18.0
_LINE = 16.0
_ROW = 25.0
_LEAST_PLOT = 230.0
_LABEL_SHARE = 0.30
_PHONE_ROW = 42.0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the plot.

    ``kind`` is study, random, common, prediction, subgroup (a subgroup's random effects) or
    heading (a subgroup's name: NaN for numbers, no text).
    """

    kind: str
    label: str
    cells: tuple[str, ...]
    estimate: float
    lower: float
    upper: float
    text: str
    weight: float = 0.0
    weight_text: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """All that a forest plot says; values are on the analysis scale."""

    title: str
    description: str
    scale: Scale
    level: float
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    pooled: tuple[Row, ...]
    sides: tuple[str, str]
    band: tuple[float, float] | None
    notes: tuple[str, ...]

    @property
    def estimate_head(self) -> str:
        name = self.scale.measure or "Estimate"
        return f"{name} ({level_percent(self.level)} CI)"

    @property
    def axis_label(self) -> str:
        name = self.scale.name[:1].upper() + self.scale.name[1:]
        return f"{name}, {self.scale.unit}" if self.scale.unit else name


@dataclass(frozen=True, slots=True)
class _Columns:
    """Right edges of the number columns, and the room for labels and plot."""

    label: float
    cells: tuple[float, ...]
    left: float
    right: float
    text: float
    width: float


def wide(content: Content, *, titled: bool) -> Drawing:
    """One row a study: label, numbers, plot, estimate, weight."""
    columns = _columns(content)
    axis = _axis(content, columns.left, columns.right)
    marks, top = _title(content, titled, columns.width)
    marks += _heads(content, columns, top + 14)
    y = top + 14 + 2 * _LINE - 6
    start = y
    body: list[Mark] = []
    for row in content.rows:
        height = _ROW + _LINE * (len(_label(row, columns)) - 1)
        body += _wide_row(row, columns, axis, y + height / 2, _most(content))
        y += height
    if content.pooled:
        body.append(Line(0, y + 5, columns.width, y + 5, "hair"))
        y += 10
    for row in content.pooled:
        body += _wide_row(row, columns, axis, y + _ROW / 2, _most(content))
        y += _ROW
    marks += [*_ground(content, axis, start - 4, y + 4), *body]
    foot, bottom = _foot(content, axis, y + 4, columns.width)
    return _drawing(content, columns.width, bottom, (*marks, *foot))


def narrow(content: Content, *, titled: bool) -> Drawing:
    """Two lines a study: label and estimate above, plot below, for a screen 360 pixels wide."""
    axis = _axis(content, 14.0, NARROW - 14.0)  # room for the outermost labels
    marks, y = _title(content, titled, NARROW)
    head = Text(NARROW, y + 12, content.estimate_head, "head", "end")
    marks.append(head)
    y += 18
    for row in (*content.rows, *content.pooled):
        if row.kind == "random":
            marks.append(Line(0, y + 3, NARROW, y + 3, "hair"))
            y += 6
        # Behind the plot only: lines through the words above it would be hard to read.
        marks += [*_ground(content, axis, y + 20, y + 40), *_narrow_row(row, axis, y, content)]
        y += _PHONE_ROW
    foot, bottom = _foot(content, axis, y + 2, NARROW)
    return _drawing(content, NARROW, bottom, (*marks, *foot))


def _drawing(content: Content, width: float, bottom: float, marks: Sequence[Mark]) -> Drawing:
    title = content.title or "Forest plot"
    return Drawing(width, round(bottom, 1), title, content.description, tuple(marks))


def _most(content: Content) -> float:
    return max(row.weight for row in content.rows)


def _axis(content: Content, left: float, right: float) -> Axis:
    rows = [row for row in (*content.rows, *content.pooled) if row.kind != "heading"]
    low, high = limits([r.estimate for r in rows], [(r.lower, r.upper) for r in rows])
    if content.band:
        ends = [end * 1.15 for end in content.band if math.isfinite(end)]
        low, high = min((low, *ends)), max((high, *ends))
    scale = content.scale
    return axis_of(low, high, left, right, ratio=scale.ratio, factor=scale.factor)


def _columns(content: Content) -> _Columns:
    rows = (*content.rows, *content.pooled)
    needed = max([text_width(r.label, "strong") for r in rows] + [text_width("Study", "head")])
    label = min(needed, WIDE * _LABEL_SHARE)
    cells, x = [], label
    for i, head in enumerate(content.heads):
        inside = max(text_width(r.cells[i], "label") for r in content.rows if r.cells)
        x += _GAP + max(inside, *(text_width(h, "head") for h in _head_lines(head)))
        cells.append(x)
    text = max([text_width(r.text, "strong") for r in rows])
    text = max(text, text_width(content.estimate_head, "head"))
    weight = text_width("Weight", "head")
    left = x + _GAP
    width = max(WIDE, left + _LEAST_PLOT + _GAP + text + _GAP + weight)
    right = width - weight - _GAP - text - _GAP
    return _Columns(label, tuple(cells), left, right, width - weight - _GAP, width)


def _head_lines(head: str) -> tuple[str, ...]:
    return wrapped(head, "head", 92.0)


def _label(row: Row, columns: _Columns) -> tuple[str, ...]:
    return wrapped(row.label, "label" if row.kind == "study" else "strong", columns.label)


def _title(content: Content, titled: bool, width: float) -> tuple[list[Mark], float]:
    """The title's lines, and where what follows begins."""
    if not (titled and content.title):
        return [], 2.0
    lines = wrapped(content.title, "title", width, lines=3)
    return [Text(0, 17 + 20 * i, t, "title") for i, t in enumerate(lines)], 10.0 + 20 * len(lines)


def _heads(content: Content, columns: _Columns, y: float) -> Iterator[Mark]:
    base = y + _LINE - 4
    yield Text(0, base, "Study", "head")
    for head, x in zip(content.heads, columns.cells, strict=True):
        lines = _head_lines(head)
        for i, line in enumerate(lines):
            yield Text(x, base - (len(lines) - 1 - i) * 14, line, "head", "end")
    yield Text(columns.text, base, content.estimate_head, "head", "end")
    yield Text(columns.width, base, "Weight", "head", "end")
    yield Line(0, base + 7, columns.width, base + 7, "rule")


def _wide_row(row: Row, columns: _Columns, axis: Axis, y: float, most: float) -> Iterator[Mark]:
    style = "strong" if row.kind in ("random", "heading") else "label"
    lines = _label(row, columns)
    for i, line in enumerate(lines):
        yield Text(0, y + 4.5 + _LINE * (i - (len(lines) - 1) / 2), line, style)
    for cell, x in zip(row.cells, columns.cells, strict=False):
        yield Text(x, y + 4.5, cell, "label", "end")
    if row.kind == "heading":
        return
    yield from _shape(row, axis, y, most)
    yield Text(columns.text, y + 4.5, row.text, style, "end")
    if row.weight_text:
        yield Text(columns.width, y + 4.5, row.weight_text, "label", "end")


def _narrow_row(row: Row, axis: Axis, y: float, content: Content) -> Iterator[Mark]:
    style = "label" if row.kind == "study" else "strong"
    room = NARROW - text_width(row.text, style) - 10
    yield Text(0, y + 15, shortened(row.label, style, room), style)
    yield Text(NARROW, y + 15, row.text, style, "end")
    yield from _shape(row, axis, y + 30, _most(content))


def _shape(row: Row, axis: Axis, y: float, most: float) -> Iterator[Mark]:
    if row.kind == "study":
        yield from _whisker(row, axis, y, "whisker", "arrow")
        if axis.low <= row.estimate <= axis.high:
            side = 5.0 + 9.0 * (row.weight / most) ** 0.5  # area, not side, follows the weight
            yield Rect(axis.x(row.estimate) - side / 2, y - side / 2, side, side, "square")
    elif row.kind == "prediction":
        yield from _whisker(row, axis, y, "prediction", "prediction-arrow")
    else:
        yield _diamond(row, axis, y)
        yield from _arrows(row, axis, y, "arrow")


def _whisker(row: Row, axis: Axis, y: float, style: str, arrow: str) -> Iterator[Mark]:
    yield Line(axis.x(row.lower), y, axis.x(row.upper), y, style)
    yield from _arrows(row, axis, y, arrow)


def _arrows(row: Row, axis: Axis, y: float, style: str) -> Iterator[Mark]:
    """A head at each end that lies outside the axis."""
    if row.lower < axis.low:
        x = axis.left
        yield Polygon(((x - 3, y), (x + 6, y - 4.5), (x + 6, y + 4.5)), style)
    if row.upper > axis.high:
        x = axis.right
        yield Polygon(((x + 3, y), (x - 6, y - 4.5), (x - 6, y + 4.5)), style)


def _diamond(row: Row, axis: Axis, y: float) -> Mark:
    style = "diamond-common" if row.kind == "common" else "diamond"
    half = 5 if row.kind == "subgroup" else 7
    middle = axis.x(row.estimate)
    # At least 3 px to each side, or a very narrow interval would not be seen.
    left, right = min(axis.x(row.lower), middle - 3), max(axis.x(row.upper), middle + 3)
    return Polygon(((left, y), (middle, y - half), (right, y), (middle, y + half)), style)


def _ground(content: Content, axis: Axis, top: float, bottom: float) -> Iterator[Mark]:
    """What lies behind the rows: the band of trivial effects, no effect, the pooled estimate."""
    if content.band:
        left, right = axis.x(content.band[0]), axis.x(content.band[1])
        yield Rect(left, top, right - left, bottom - top, "band")
    yield Line(axis.x(0), top, axis.x(0), bottom, "null")
    for row in content.pooled:
        if row.kind == "random":
            x = axis.x(row.estimate)
            yield Line(x, top, x, bottom, "guide")


def _foot(content: Content, axis: Axis, y: float, width: float) -> tuple[tuple[Mark, ...], float]:
    """Axis, its label, favours labels, the band's key and the heterogeneity line."""
    marks: list[Mark] = [Line(axis.left, y, axis.right, y, "axis")]
    for value, label in axis.ticks:
        x = axis.x(value)
        marks += [Line(x, y, x, y + 5, "axis"), Text(x, y + 18, label, "small", "middle")]
    middle = (axis.left + axis.right) / 2
    marks.append(Text(middle, y + 36, content.axis_label, "small", "middle"))
    sides, y = _sides(content, axis, y + 54, width)
    marks += sides
    if content.band:
        marks += [Rect(0, y - 1, 14, 11, "band"), *_key(content, y + 9)]
        y += 20
    for line in (one for note in content.notes for one in wrapped(note, "small", width, lines=3)):
        marks.append(Text(0, y + 9, line, "small"))
        y += _LINE
    return tuple(marks), y + 4


def _key(content: Content, y: float) -> Iterator[Mark]:
    yield Text(20, y, "Shaded: less than the smallest important difference", "small")


def _sides(content: Content, axis: Axis, y: float, width: float) -> tuple[list[Mark], float]:
    """The favours labels, each on its side, in as many lines as it needs.

    They part at no effect, or nearer to the middle where one side would have no room.
    """
    zero = min(max(axis.x(0), 0.35 * width), 0.65 * width)
    left, right = content.sides
    marks: list[Mark] = []
    most = 0
    sides: tuple[tuple[str, float, Anchor, float], ...] = (
        (f"←\u00a0{left}" if left else "", zero - 10, "end", zero - 10),
        (f"{right}\u00a0→" if right else "", zero + 10, "start", width - zero - 10),
    )
    for text, x, anchor, room in sides:
        lines = wrapped(text, "small", room, lines=3) if text else ()
        for i, line in enumerate(lines):
            marks.append(Text(x, y + i * _LINE, line, "small", anchor))
        most = max(most, len(lines))
    return marks, y + most * _LINE - 2
