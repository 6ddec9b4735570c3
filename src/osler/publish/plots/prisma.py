"""The PRISMA 2020 flow diagram, drawn by hand: SVG for pages and files, PDF and PNG from it.

One layout for every review: boxes of one row share their height, and columns that a review
does not have (other methods, a previous version) are not there. For a phone there is a second
one, in which everything stands in one column.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from osler.core.diagnostics import Diagnostic
from osler.publish.figures.drawing import Drawing, Line, Mark, Polygon, Rect, Text
from osler.publish.figures.files import figure_bytes, save
from osler.publish.figures.metrics import wrapped
from osler.publish.figures.svg import stylesheet, svg_standalone
from osler.records.prisma.boxes import Box, Column, Phase, flow_boxes
from osler.records.prisma.model import Flow

DARK: Mapping[str, str] = MappingProxyType(
    {
        "ink": "#e7e9e3",
        "quiet": "#a3b1b0",
        "hair": "#3a4849",
        "accent": "#8fd0cb",
        "second": "#e6a36e",
        "band": "#232d2c",
        "empty": "#3a4849",
        "paper": "#12191a",
    }
)
"""As the pages' style sheet has it for readers who want it dark."""

TITLE = "Flow of records, reports and studies (PRISMA 2020)"
_BOX, _GAP, _ROW_GAP = 244.0, 30.0, 26.0
_PHASE, _HEAD = 104.0, 30.0
_SMALL, _RAIL = 330.0, 14.0  # the width of a phone's column, and where its arrows run
_SMALL_ASIDE = 36.0
_EDGE = 1.0  # so that the lines at the edge are not cut in half
_PAD, _LEADING, _INDENT = 10.0, 17.0, 12.0
_ARROW, _HANGING = 5.0, 6.0
_TIE = "\ue000"  # keeps a count on one line while words are broken into lines
_TIES = 8.0  # by which two of it are measured wider than the spaces that they stand for
_MOST_LINES = 12  # of one line of words, however long a reason is

# The row of each box; boxes beside each other stand level, as in the statement's diagram.
_ROWS = (
    ("previous-studies", "records-identified", "records-removed"),
    ("records-screened", "records-excluded"),
    ("reports-sought", "reports-not-retrieved"),
    ("reports-assessed", "reports-excluded"),
    ("studies-included",),
    ("studies-total",),
)
_STREAMS = (
    ("records-identified", "records-screened", "reports-sought", "reports-assessed"),
    ("others-identified", "others-reports-sought", "others-reports-assessed"),
)


@dataclass(frozen=True, slots=True)
class _Placed:
    box: Box
    x: float
    y: float
    height: float
    lines: tuple[tuple[str, str, float], ...]
    width: float = _BOX

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def centre(self) -> float:
        return self.x + self.width / 2

    @property
    def foot(self) -> float:
        return self.y + self.height


def flow_drawing(flow: Flow, title: str = TITLE, *, small: bool = False) -> Drawing:
    """The diagram as marks, ``small`` for a phone; its description says all numbers in words."""
    if small:
        return _small_drawing(flow, title)
    placed = _placed(flow_boxes(flow))
    width = max(p.x for p in placed.values()) + _BOX
    height = max(p.foot for p in placed.values())
    marks = (*_phases(placed), *_heads(placed), *_arrows(placed), *_boxes(placed.values()))
    return Drawing(width + _EDGE, height + _EDGE, title, describe(flow), marks)


def _small_drawing(flow: Flow, title: str) -> Drawing:
    """One box below the other; what leaves the stream is set in, beside the arrow."""
    y, before = 0.0, None
    marks: list[Mark] = []
    main: _Placed | None = None
    for box in _in_turn(flow_boxes(flow)):
        if box.column is not before:
            y += _GAP if before else 0.0
            marks += _band(0.0, y, _SMALL, box.column.value)
            y, before, main = y + _HEAD + _GAP / 2, box.column, None
        x = _SMALL_ASIDE if box.aside else 0.0
        lines = tuple(_lines(box, _SMALL - x))
        one = _Placed(box, x, y, len(lines) * _LEADING + 2 * _PAD, lines, _SMALL - x)
        if main is not None:
            marks += _beside(main, one) if box.aside else _down(_RAIL, main.foot, one.y)
        main = main if box.aside else one
        marks += _boxes([one])
        y = one.foot + _ROW_GAP
    return Drawing(_SMALL + _EDGE, y - _ROW_GAP + _EDGE, title, describe(flow), tuple(marks))


def _beside(main: _Placed, aside: _Placed) -> Iterator[Mark]:
    yield Line(_RAIL, main.foot, _RAIL, aside.middle, "rule")
    yield from _right(_RAIL, aside.x, aside.middle)


def _in_turn(boxes: Sequence[Box]) -> list[Box]:
    """Column by column, in the order in which one reads them."""
    order = list(Column)
    return sorted(boxes, key=lambda box: order.index(box.column))


def describe(flow: Flow) -> str:
    """All boxes as sentences, for who cannot see the diagram.

    Every number stands beside its words, in the order in which one follows the arrows.
    """
    told = []
    for box in flow_boxes(flow):
        counts = [(x.words, "not known" if x.count is None else x.count) for x in box.lines]
        parts = "; ".join(f"{words}: {count}" for words, count in counts)
        told.append(f"{box.head}: {parts}." if box.head else f"{parts}.")
    return " ".join(told)


def flow_svg(flow: Flow, title: str = TITLE) -> str:
    """The diagram as a file of its own, light or dark as its reader has it."""
    dark = f"@media (prefers-color-scheme:dark){{{stylesheet(DARK)}}}"
    svg = svg_standalone(flow_drawing(flow, title))
    return svg.replace("</style>", f"{dark}</style>", 1)


def save_flow(flow: Flow, path: Path, title: str = TITLE) -> tuple[Diagnostic, ...]:
    """Write the diagram as .svg, .pdf or .png, by the ending of the name.

    Raises DataError where that cannot be done (PUB010, PUB011, PUB012).
    """
    drawing = flow_drawing(flow, title)
    if path.suffix.lower() != ".svg":
        return save(drawing, path)
    found = save(drawing, path)  # tells what is wrong with the place
    path.write_text(flow_svg(flow, title), encoding="utf-8")
    return found


def flow_bytes(flow: Flow, suffix: str, title: str = TITLE) -> bytes:
    """What :func:`save_flow` writes to a file with this ending."""
    if suffix.lower() == ".svg":
        return flow_svg(flow, title).encode()
    return figure_bytes(flow_drawing(flow, title), Path(f"flow{suffix}"))


def _placed(boxes: Sequence[Box]) -> Mapping[str, _Placed]:
    """Every box with its place, row by row."""
    lefts = _lefts(boxes)
    y = _HEAD + _GAP / 2
    out: dict[str, _Placed] = {}
    for names in _ROWS:
        row = [box for box in boxes if box.name.removeprefix("others-") in _of_row(names)]
        lines = {box.name: tuple(_lines(box)) for box in row}
        height = max((len(of) for of in lines.values()), default=0) * _LEADING + 2 * _PAD
        for box in row:
            place = lefts[_column(box), box.aside]
            out[box.name] = _Placed(box, place, y, height, lines[box.name])
        y += height + _ROW_GAP if row else 0.0
    return out


def _of_row(names: Sequence[str]) -> set[str]:
    """Names in a row; the boxes of other methods bear those of the databases' boxes."""
    same = {"records-identified": "identified", "records-removed": "removed"}
    return {*names, *(same[name] for name in names if name in same)}


def _column(box: Box) -> Column:
    return Column.DATABASES if box.column is Column.RESULT else box.column


def _lefts(boxes: Sequence[Box]) -> Mapping[tuple[Column, bool], float]:
    x = _PHASE + _GAP
    out: dict[tuple[Column, bool], float] = {}
    there = {(_column(box), box.aside) for box in boxes}
    for column in (Column.PREVIOUS, Column.DATABASES, Column.OTHERS):
        for aside in (False, True):
            if (column, aside) in there:
                out[column, aside] = x
                x += _BOX + _GAP
    return out


def _lines(box: Box, width: float = _BOX) -> Iterator[tuple[str, str, float]]:
    """Text, style and indent of each line of a box, broken to its width."""
    room = width - 2 * _PAD
    if box.head:
        for part in wrapped(f"{box.head}:", "strong", room, lines=_MOST_LINES):
            yield part, "strong", 0.0
    for line in box.lines:
        indent = _INDENT * (line.level + bool(box.head))
        style = "small" if line.level else "label"
        free = room - indent - _HANGING + _TIES
        whole = line.shown.replace("(n = ", f"(n{_TIE}={_TIE}")
        for number, part in enumerate(wrapped(whole, style, free, lines=_MOST_LINES)):
            yield part.replace(_TIE, " "), style, indent + (_HANGING if number else 0.0)


def _boxes(placed: Iterable[_Placed]) -> Iterator[Mark]:
    for one in placed:
        yield from _frame(one)
        top = one.middle - len(one.lines) * _LEADING / 2
        for number, (text, style, indent) in enumerate(one.lines):
            baseline = top + number * _LEADING + 0.72 * _LEADING
            yield Text(one.x + _PAD + indent, baseline, text, style)


def _frame(one: _Placed) -> Iterator[Mark]:
    if not one.box.aside:
        yield Rect(one.x, one.y, one.width, one.height, "diamond-common", 4.0)
        return
    # What leaves the stream has a quiet frame.
    yield Rect(one.x, one.y, one.width, one.height, "paper")
    right = one.x + one.width
    corners = ((one.x, one.y), (right, one.y), (right, one.foot), (one.x, one.foot))
    for start, end in zip(corners, (*corners[1:], corners[0]), strict=True):
        yield Line(*start, *end, "axis")


def _heads(placed: Mapping[str, _Placed]) -> Iterator[Mark]:
    for column in (Column.PREVIOUS, Column.DATABASES, Column.OTHERS):
        of_column = [p for p in placed.values() if p.box.column is column]
        if of_column:
            left = min(p.x for p in of_column)
            right = max(p.x for p in of_column) + _BOX
            yield from _band(left, 0.0, right - left, column.value)


def _band(x: float, y: float, width: float, words: str) -> Iterator[Mark]:
    yield Rect(x, y, width, _HEAD, "band", 4.0)
    yield Text(x + width / 2, y + 0.66 * _HEAD, words, "strong", "middle")


def _phases(placed: Mapping[str, _Placed]) -> Iterator[Mark]:
    for phase in Phase:
        of_phase = [p for p in placed.values() if p.box.phase is phase]
        top, foot = min(p.y for p in of_phase), max(p.foot for p in of_phase)
        yield Rect(0.0, top, _PHASE, foot - top, "band", 4.0)
        yield Text(_PHASE / 2, (top + foot) / 2 + 4.5, phase.value, "strong", "middle")


def _arrows(placed: Mapping[str, _Placed]) -> Iterator[Mark]:
    for stream in _STREAMS:
        chain = [placed[name] for name in stream if name in placed]
        for one, following in pairwise(chain):
            yield from _down(one.centre, one.foot, following.y)
    for one in placed.values():
        for beside in placed.values() if not one.box.aside else ():
            if beside.box.aside and beside.y == one.y and beside.box.column is one.box.column:
                yield from _right(one.x + _BOX, beside.x, one.middle)
    yield from _to_the_result(placed)


def _to_the_result(placed: Mapping[str, _Placed]) -> Iterator[Mark]:
    result = placed["studies-included"]
    yield from _down(result.centre, placed["reports-assessed"].foot, result.y)
    other = placed.get("others-reports-assessed")
    if other is not None:
        yield Line(other.centre, other.foot, other.centre, result.middle, "rule")
        yield from _left(other.centre, result.x + _BOX, result.middle)
    before, total = placed.get("previous-studies"), placed.get("studies-total")
    if before is not None and total is not None:
        yield Line(before.centre, before.foot, before.centre, total.middle, "rule")
        yield from _right(before.centre, total.x, total.middle)
        yield from _down(total.centre, result.foot, total.y)


def _down(x: float, top: float, foot: float) -> Iterator[Mark]:
    yield Line(x, top, x, foot - _ARROW, "rule")
    back = foot - 2 * _ARROW
    yield Polygon(((x - _ARROW, back), (x + _ARROW, back), (x, foot)), "arrow")


def _right(left: float, right: float, y: float) -> Iterator[Mark]:
    yield Line(left, y, right - _ARROW, y, "rule")
    back = right - 2 * _ARROW
    yield Polygon(((back, y - _ARROW), (back, y + _ARROW), (right, y)), "arrow")


def _left(right: float, left: float, y: float) -> Iterator[Mark]:
    yield Line(right, y, left + _ARROW, y, "rule")
    back = left + 2 * _ARROW
    yield Polygon(((back, y - _ARROW), (back, y + _ARROW), (left, y)), "arrow")
