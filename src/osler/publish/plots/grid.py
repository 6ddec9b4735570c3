"""Where everything in a forest plot goes: measured first, set afterwards. All in points."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from osler.publish.plots.contents import Column, Content, Parts, Row, joined
from osler.publish.plots.layouts import PLOT, Layout
from osler.publish.plots.paper import text_width, wrapped

MARGIN = 5.0
_LABEL_SHARE = 0.34
_LEAST_PLOT = 104.0
_LEAST_NOTE = 250.0
_GOOD_PLOT = 185.0
_SMALLEST = 6.0  # points; journals print nothing below


@dataclass(frozen=True, slots=True)
class Slot:
    """A column's place: its edges, its heading in lines, and where parts of estimates end."""

    column: Column
    left: float
    right: float
    head: tuple[str, ...]
    ends: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @property
    def is_plot(self) -> bool:
        return is_plot(self.column)

    @property
    def parted(self) -> bool:
        """Whether the parts of estimates stand below each other."""
        return self.ends[0] < self.ends[1]


@dataclass(frozen=True, slots=True)
class Line:
    """A row with its label broken into lines, and its height."""

    row: Row
    index: int
    label: tuple[str, ...]
    height: float


@dataclass(frozen=True, slots=True)
class Grid:
    """The measured figure; ``lights`` is where the judgements begin, 0 where there are none."""

    size: float
    width: float
    slots: tuple[Slot, ...]
    lines: tuple[Line, ...]
    lights: float
    light_step: float

    @property
    def plots(self) -> tuple[Slot, ...]:
        return tuple(slot for slot in self.slots if slot.is_plot)

    @property
    def note_right(self) -> float:
        """How far the text beside the axis may reach: to the first plot."""
        return self.plots[0].left - 1.6 * self.size

    @property
    def row_height(self) -> float:
        return row_height(self.size)


def is_plot(column: Column) -> bool:
    return column.name.startswith(PLOT)


def row_height(size: float) -> float:
    return 1.62 * size


def line_height(size: float) -> float:
    return 1.25 * size


def grid_of(content: Content, layout: Layout, width: float, size: float) -> Grid:
    """Lay out a figure ``width`` points wide in letters of ``size``.

    Where that is too narrow, letters get smaller down to 6 points; where it still is, the
    figure gets wider, since nothing may be cut or lie on anything else.
    """
    smallest = min(size, _SMALLEST)
    while True:
        taken, slots = _slots(content, layout, size, width)
        plots = sum(is_plot(column) for column in content.columns)
        free = width - taken
        if free >= _LEAST_PLOT * plots or size <= smallest:
            break
        size = max(smallest, size - 0.5)
    width = max(width, taken + _LEAST_PLOT * plots)
    placed, lights = _placed(slots, content, size, (width - taken) / plots)
    bare = Grid(size, width, placed, (), lights, _light_step(size))
    lines = tuple(_line(row, i, bare) for i, row in enumerate(content.rows))
    return Grid(size, width, placed, lines, lights, _light_step(size))


@dataclass(frozen=True, slots=True)
class _Measured:
    column: Column
    width: float
    head: tuple[str, ...]
    parts: tuple[float, float, float] = (0.0, 0.0, 0.0)
    joint: float = 0.0


def _slots(
    content: Content, layout: Layout, size: float, width: float
) -> tuple[float, list[_Measured]]:
    """Every column's width, and how much all but the plots take together."""
    measured = [_measured(column, content, size, width) for column in content.columns]
    measured = _group_room(measured, size)
    first_plot = next(i for i, each in enumerate(measured) if is_plot(each.column))
    block = sum(each.width + _gap(size) for each in measured[:first_plot])
    lack = min(_longest_note(content, size), _LEAST_NOTE * size / 8) - block
    lack = min(lack, width - sum(m.width + 1.2 * _gap(size) for m in measured) - _GOOD_PLOT)
    if lack > 0 and not is_plot(measured[0].column):
        first = measured[0]
        measured[0] = replace(first, width=first.width + lack)
    taken = 2 * MARGIN + sum(m.width for m in measured if not is_plot(m.column))
    taken += sum(_gaps(measured, size))
    taken += len(content.domains) * _light_step(size) + (_gap(size) if content.domains else 0.0)
    return taken, measured


def _group_room(measured: Sequence[_Measured], size: float) -> list[_Measured]:
    """Columns under a common heading are together at least as wide as it."""
    out: list[_Measured] = []
    for group, members in groupby(measured, key=lambda m: m.column.group):
        inside = list(members)
        if group:
            has = sum(m.width for m in inside) + _gap(size) * (len(inside) - 1)
            least = min(text_width(group, size, True), 92.0 * size / 8) + 1
            more = max(0.0, least - has) / len(inside)
            inside = [replace(m, width=m.width + more) for m in inside]
        out += inside
    return out


def _longest_note(content: Content, size: float) -> float:
    return max([text_width(r.label, size * 0.94) for r in content.rows if r.kind == "note"] + [0.0])


def _gap(size: float) -> float:
    return 1.25 * size


def _gaps(measured: Sequence[_Measured], size: float) -> Iterator[float]:
    """The room before each column but the first: more on both sides of a plot."""
    for before, after in pairwise(measured):
        beside = is_plot(before.column) or is_plot(after.column)
        yield _gap(size) * (1.35 if beside else 1.0)


def _light_step(size: float) -> float:
    return 1.75 * size


def _measured(column: Column, content: Content, size: float, width: float) -> _Measured:
    if is_plot(column):
        return _Measured(column, 0.0, ())
    if column.name == "study":
        return _study_column(column, content, size, width)
    parts, joint = _part_widths(column, content.rows, size)
    texts = [(row, row.cells.get(column.name, "")) for row in content.rows]
    whole = [(row, cell) for row, cell in texts if isinstance(cell, str) or row.strong]
    whole = whole if any(parts) else texts
    widest = max([text_width(joined(cell), size, row.strong) for row, cell in whole] + [0.0])
    inside = max(widest, sum(parts))
    room = max(inside, 54.0 * size / 8, _longest_word(column.head, size))
    head = wrapped(column.head, room, size, bold=True) if column.head else ()
    head = _balanced(column.head, head, size)
    needed = max([text_width(line, size, True) for line in head] + [inside])
    return _Measured(column, needed, head, parts, joint)


def _longest_word(text: str, size: float) -> float:
    return max([text_width(word, size, True) for word in text.split()] + [0.0])


def _balanced(text: str, lines: tuple[str, ...], size: float) -> tuple[str, ...]:
    """The same number of lines, as narrow as they can be."""
    if len(lines) < 2:
        return lines
    widest = max(text_width(line, size, True) for line in lines)
    best = lines
    for tenth in range(9, 3, -1):
        tried = wrapped(text, max(widest * tenth / 10, _longest_word(text, size)), size, bold=True)
        if len(tried) > len(lines):
            break
        best = tried
    return best


def _study_column(column: Column, content: Content, size: float, width: float) -> _Measured:
    labels = [
        text_width(row.label, size, row.strong) + (size if row.indent else 0.0)
        for row in content.rows
        if row.kind != "note"
    ]
    needed = min(max([*labels, 0.0]), _LABEL_SHARE * width)
    head = wrapped(column.head, max(needed, 60.0), size, bold=True)
    needed = max([needed] + [text_width(line, size, True) for line in head])
    return _Measured(column, needed, head)


def _part_widths(
    column: Column, rows: Sequence[Row], size: float
) -> tuple[tuple[float, float, float], float]:
    """Widths of estimate, lower and upper end, so that each stands below its like.

    Those of what is pooled are bold, and wider, and set in one: they stand even at the right.
    """
    found: list[Parts] = []
    for row in rows:
        cell = row.cells.get(column.name, "")
        if not isinstance(cell, str) and not row.strong and cell[1]:
            found.append(cell)
    first, second, third = (
        max([text_width(cell[i], size) for cell in found] + [0.0]) for i in range(3)
    )
    if any(_uneven([cell[i] for cell in found], size) for i in range(3)):
        return (0.0, 0.0, 0.0), 0.0
    before = 0.45 * size if first and second else 0.0
    between = 0.33 * size if any(cell[1] and not cell[1].endswith("-") for cell in found) else 0.0
    return (first, second + before + between, third), between


def _uneven(texts: Sequence[str], size: float) -> bool:
    """Whether texts differ so much in width that setting them below each other tears rows."""
    widths = [text_width(text, size) for text in texts if text]
    return bool(widths) and max(widths) - min(widths) > 2 * size


def _placed(
    measured: Sequence[_Measured], content: Content, size: float, plot: float
) -> tuple[tuple[Slot, ...], float]:
    x = MARGIN
    gaps = [*_gaps(measured, size), 0.0]
    slots: list[Slot] = []
    for each, gap in zip(measured, gaps, strict=True):
        wide = plot if is_plot(each.column) else each.width
        # Parts stand together at the right edge of their column.
        second = x + wide - each.parts[2]
        ends = (second - each.parts[1], second - each.joint, x + wide)
        ends = ends if any(each.parts) else (0.0, 0.0, 0.0)
        slots.append(Slot(each.column, x, x + wide, each.head, ends))
        x += wide + gap
    lights = x + _gap(size) if content.domains else 0.0
    return tuple(slots), lights


def _line(row: Row, index: int, grid: Grid) -> Line:
    """A label in as many lines as it needs beside the row's first cell."""
    size = grid.size * (0.94 if row.kind == "note" else 1.0)
    room = label_room(row, grid)
    lines = wrapped(row.label, room, size, bold=row.strong) if row.label else ()
    height = row_height(grid.size) + line_height(size) * max(0, len(lines) - 1)
    if row.kind == "note":
        height = 1.42 * grid.size + line_height(size) * max(0, len(lines) - 1)
    return Line(row, index, lines, height)


def label_room(row: Row, grid: Grid) -> float:
    """Points between the left of a label and what stands next in its row."""
    left = MARGIN + (grid.size if row.indent else 0.0)
    if row.kind == "note":
        return max(grid.note_right - left, 40.0)
    if row.kind in ("study", "step"):
        return grid.slots[0].right - left + 0.5
    right = grid.note_right
    for slot in grid.slots[1:]:
        if slot.is_plot:
            break
        if row.cells.get(slot.column.name):
            right = _cell_left(row, slot, grid.size) - 0.6 * grid.size
            break
    return max(right - left, 40.0)


def _cell_left(row: Row, slot: Slot, size: float) -> float:
    cell = row.cells[slot.column.name]
    if slot.parted and not (isinstance(cell, str) or row.strong):
        left = next((x for words, x in zip(cell, slot.ends, strict=True) if words), slot.right)
        return left - text_width(next((words for words in cell if words), ""), size)
    if slot.column.align == "left":
        return slot.left
    return slot.right - text_width(joined(cell), size, row.strong)


def groups(slots: Sequence[Slot]) -> Iterator[tuple[str, float, float]]:
    """Headings over several columns, each with the stretch that it covers."""
    for group, members in groupby(slots, key=lambda slot: slot.column.group):
        inside = list(members)
        if group:
            yield group, inside[0].left, inside[-1].right


def pages(grid: Grid, room: float) -> list[list[Line]]:
    """Rows for each page of ``room`` points.

    A heading stays with its first study, a subgroup's result with its last, and all that is
    pooled together with one another.
    """
    done: list[list[Line]] = [[]]
    used = 0.0
    for block in _blocks(grid.lines):
        height = sum(line.height for line in block)
        if done[-1] and used + height > room:
            done.append([])
            used = 0.0
        done[-1] += block
        used += height
    return done


def _blocks(lines: Sequence[Line]) -> list[list[Line]]:
    blocks: list[list[Line]] = []
    join_next = False
    for line in lines:
        kind = line.row.kind
        joins = kind in ("subtotal", "note", "prediction", "common") and bool(blocks)
        before = blocks[-1][-1].row.kind if blocks else ""
        if kind == "random" and before in ("common", "prediction"):
            joins = True
        if kind == "own" and before in ("random", "common", "prediction"):
            joins = True
        if joins or join_next:
            blocks[-1].append(line)
        else:
            blocks.append([line])
        join_next = kind == "heading"
    return blocks
