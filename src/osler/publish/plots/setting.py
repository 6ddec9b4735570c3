"""Forest plots set on paper: headings, rows, axis, what stands below. All in points."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from osler.publish.plots import palette
from osler.publish.plots.contents import Content, Panel, Row, joined
from osler.publish.plots.grid import (
    MARGIN,
    Grid,
    Line,
    Slot,
    grid_of,
    groups,
    line_height,
    pages,
)
from osler.publish.plots.layouts import Layout
from osler.publish.plots.lights import (
    LIGHTS,
    Key,
    draw_legend,
    draw_light,
    legend_height,
    legend_lines,
)
from osler.publish.plots.marks import draw_row
from osler.publish.plots.paper import Drawn, sheet, text_width, wrapped
from osler.publish.plots.pens import Pen
from osler.publish.plots.ticks import Axis, axis_of


@dataclass(frozen=True, slots=True)
class _Page:
    """One page's rows among all, and which it is."""

    lines: tuple[Line, ...]
    number: int
    count: int

    @property
    def last(self) -> bool:
        return self.number == self.count


@dataclass(frozen=True, slots=True)
class _Foot:
    """Lines of text below the axis, measured beforehand."""

    lines: tuple[str, ...]
    size: float


def set_forest(content: Content, layout: Layout, width: float, size: float) -> Drawn:
    """The whole plot on one sheet, as tall as it needs."""
    grid = grid_of(content, layout, width, size)
    return _set_page(content, layout, grid, _Page(grid.lines, 1, 1))


def set_pages(
    content: Content, layout: Layout, width: float, height: float, size: float
) -> list[Drawn]:
    """The plot on sheets of at most ``height`` points, heading and axis on each."""
    grid = grid_of(content, layout, width, size)
    sides = _top_height(content, layout, grid) + _bottom_height(content, layout, grid, whole=True)
    room = max(height - sides, 6 * grid.row_height)
    parts = pages(grid, room)
    return [
        _set_page(content, layout, grid, _Page(tuple(part), i + 1, len(parts)))
        for i, part in enumerate(parts)
    ]


def _set_page(content: Content, layout: Layout, grid: Grid, page: _Page) -> Drawn:
    top = _top_height(content, layout, grid)
    axis_y = top + sum(line.height for line in _above(page)) + _rise(page, grid)
    below = axis_y + _axis_height(content, layout, grid)
    beside = axis_y + sum(line.height for line in _beside(page)) + 0.3 * grid.size
    height = max(below, beside) + _foot_height(content, grid, page) + MARGIN
    figure, axes = sheet(grid.width, height)
    figure.description = content.description
    pen = Pen(axes, grid.size)
    found = [
        axis_of(*panel.limits, slot.left, slot.right, panel.display, size=0.94 * grid.size)
        for panel, slot in zip(content.panels, grid.plots, strict=True)
    ]
    _ground(content, found, page, (top, axis_y), pen, layout, grid)
    _heads(content, layout, grid, page, found, pen)
    _rows(content, layout, grid, page, found, top, pen)
    for panel, axis in zip(content.panels, found, strict=True):
        _draw_axis(panel, axis, axis_y, pen, layout, grid)
    _foot(content, grid, page, max(below, beside), pen)
    return figure


def _above(page: _Page) -> tuple[Line, ...]:
    """Rows over the axis: all but the notes that close the figure."""
    return page.lines[: len(page.lines) - len(_beside(page))]


def _beside(page: _Page) -> tuple[Line, ...]:
    """The notes after the last result: they stand left of the axis."""
    count = 0
    for line in reversed(page.lines):
        if line.row.kind != "note" or line.row.indent:
            break
        count += 1
    return page.lines[len(page.lines) - count :]


def _rise(page: _Page, grid: Grid) -> float:
    """Room taken by the gap before what is pooled, and under the last row."""
    pooled = any(_opens_summary(page.lines, i) for i in range(len(page.lines)))
    headings = sum(_opens_group(page.lines, i) for i in range(len(page.lines)))
    return (0.55 * pooled + 0.35 * headings + 0.2) * grid.size


def _opens_summary(lines: Sequence[Line], i: int) -> bool:
    """Whether the pooled results begin with this row."""
    pooled = ("random", "common")
    before = lines[i - 1].row.kind if i else "heading"
    return lines[i].row.kind in pooled and before not in (*pooled, "prediction")


def _opens_group(lines: Sequence[Line], i: int) -> bool:
    return lines[i].row.kind == "heading" and i > 0


def _title_lines(content: Content, grid: Grid, page: _Page | None) -> tuple[str, ...]:
    if not content.title:
        return ()
    several = f" (page {page.number} of {page.count})" if page and page.count > 1 else ""
    room = grid.width - 2 * MARGIN
    return wrapped(content.title + several, room, grid.size + 1.5, bold=True)


def _top_height(content: Content, layout: Layout, grid: Grid) -> float:
    title = len(_title_lines(content, grid, None))
    height = MARGIN + (title * line_height(grid.size + 1.5) + 0.4 * grid.size if title else 0.0)
    return height + _head_height(content, layout, grid)


def _head_height(content: Content, layout: Layout, grid: Grid) -> float:
    lines = max([len(slot.head) for slot in grid.slots] + [_group_lines(grid)[1]])
    over = [len(_plot_head(panel, slot, grid)) for panel, slot in _pairs(content, grid)]
    above = [len(_side_lines(p, s, grid, layout)[0]) for p, s in _pairs(content, grid)]
    plots = max(over) + (max(above) if layout.favours == "above" else 0)
    return max(lines, plots) * line_height(grid.size) + 0.75 * grid.size


def _pairs(content: Content, grid: Grid) -> list[tuple[Panel, Slot]]:
    return list(zip(content.panels, grid.plots, strict=True))


def _group_lines(grid: Grid) -> tuple[int, int]:
    """Lines of the headings over several columns, and of these with what stands below."""
    most = deepest = 0
    for group, left, right in groups(grid.slots):
        lines = len(wrapped(group, right - left, grid.size, bold=True))
        inside = max(len(s.head) for s in grid.slots if s.column.group == group)
        most, deepest = max(most, lines), max(deepest, lines + inside)
    return most, deepest


def _plot_head(panel: Panel, slot: Slot, grid: Grid) -> tuple[str, ...]:
    if not panel.head:
        return ()
    return wrapped(panel.head, slot.right - slot.left, grid.size, bold=True)


def _axis_height(content: Content, layout: Layout, grid: Grid) -> float:
    size = grid.size
    labels = max(len(_axis_lines(p, s, grid)) for p, s in _pairs(content, grid))
    height = 0.55 * size + 1.35 * size + labels * line_height(size)
    if layout.favours == "below":
        sides = max(
            max(map(len, _side_lines(p, s, grid, layout))) for p, s in _pairs(content, grid)
        )
        height += sides * line_height(size)
    return height + 0.4 * size


def _axis_lines(panel: Panel, slot: Slot, grid: Grid) -> tuple[str, ...]:
    if not panel.axis_label:
        return ()
    return wrapped(panel.axis_label, slot.right - slot.left + 20, grid.size)


def _bottom_height(content: Content, layout: Layout, grid: Grid, *, whole: bool) -> float:
    page = _Page(grid.lines, 1, 1)
    foot = _foot_height(content, grid, page) if whole else 0.0
    return _axis_height(content, layout, grid) + foot + MARGIN + grid.size


def _foot_height(content: Content, grid: Grid, page: _Page) -> float:
    count = len(_foot_lines(content, grid)) if page.last else 0
    legend = _legend(content, grid) if content.domains else []
    total = count * line_height(grid.size * 0.94) + legend_height(legend, grid.size)
    return total + (0.35 * grid.size if total else 0.0)


def _foot_lines(content: Content, grid: Grid) -> list[str]:
    room = grid.width - 2 * MARGIN
    return [line for note in content.notes for line in wrapped(note, room, grid.size * 0.94)]


def _heads(
    content: Content,
    layout: Layout,
    grid: Grid,
    page: _Page,
    axes: Sequence[Axis],
    pen: Pen,
) -> None:
    y = MARGIN
    for line in _title_lines(content, grid, page):
        y += line_height(grid.size + 1.5)
        pen.text(MARGIN, y - 0.3 * grid.size, line, size=grid.size + 1.5, bold=True)
    bottom = _top_height(content, layout, grid)
    base = bottom - 0.75 * grid.size
    step = line_height(grid.size)
    for slot in grid.slots:
        _head(slot, base, step, pen)
    _group_heads(grid, base, step, pen)
    for (panel, slot), axis in zip(_pairs(content, grid), axes, strict=True):
        lift = 0
        if layout.favours == "above":
            lines = _side_lines(panel, slot, grid, layout)
            lift = max(map(len, lines))
            _sides(panel, axis, slot, base - (lift - 1) * step, pen, layout, grid)
        over = _plot_head(panel, slot, grid)
        for i, line in enumerate(over):
            at = base - (lift + len(over) - 1 - i) * step
            pen.text((slot.left + slot.right) / 2, at, line, align="center", bold=True)
    _light_heads(content, grid, base, pen)
    rule = bottom - 0.3 * grid.size
    pen.line(((MARGIN, rule), (grid.width - MARGIN, rule)), width=palette.LINE)


def _head(slot: Slot, base: float, step: float, pen: Pen) -> None:
    lines = slot.head
    for i, line in enumerate(lines):
        y = base - (len(lines) - 1 - i) * step
        if slot.column.align == "left":
            pen.text(slot.left, y, line, bold=True)
        else:
            pen.text(slot.right, y, line, align="right", bold=True)


def _group_heads(grid: Grid, base: float, step: float, pen: Pen) -> None:
    for group, left, right in groups(grid.slots):
        inside = max(len(s.head) for s in grid.slots if s.column.group == group)
        lines = wrapped(group, right - left, grid.size, bold=True)
        y = base - inside * step
        for i, line in enumerate(lines):
            at = y - (len(lines) - 1 - i) * step - 0.12 * grid.size
            pen.text((left + right) / 2, at, line, align="center", bold=True)
        rule = y + 0.16 * grid.size
        pen.line(((left, rule), (right, rule)), color=palette.RULE, width=palette.THIN)


def _ground(
    content: Content,
    axes: Sequence[Axis],
    page: _Page,
    reach: tuple[float, float],
    pen: Pen,
    layout: Layout,
    grid: Grid,
) -> None:
    """What lies behind the rows: stripes, trivial differences, no effect, the pooled result."""
    top, bottom = reach
    if layout.stripes:
        _stripes(page, top, pen, grid)
    for panel, axis in zip(content.panels, axes, strict=True):
        if panel.band:
            left, right = axis.x(panel.band[0]), axis.x(panel.band[1])
            pen.box(left, top - 0.3 * grid.size, right, bottom, fill="#E6E6E6", gid="band")
        if panel.null is not None and axis.low <= panel.null <= axis.high:
            x = axis.x(panel.null)
            pen.line(((x, top - 0.3 * grid.size), (x, bottom)), color=layout.null, width=0.6)
        for guide in panel.guides:
            if axis.low <= guide <= axis.high:
                x = axis.x(guide)
                ends = ((x, top), (x, bottom))
                pen.line(ends, color=palette.SOFT, width=palette.THIN, dashes=(4, 3))


def _stripes(page: _Page, top: float, pen: Pen, grid: Grid) -> None:
    for i, (line, y) in enumerate(_placed(page, top, grid)):
        if i % 2 and line in _above(page):
            edges = (MARGIN, y, grid.width - MARGIN, y + line.height)
            pen.box(*edges, fill=palette.WASH, gid="stripe")


def _placed(page: _Page, top: float, grid: Grid) -> list[tuple[Line, float]]:
    """Each row with the upper edge of its place."""
    y = top
    out: list[tuple[Line, float]] = []
    for i, line in enumerate(page.lines):
        if _opens_summary(page.lines, i):
            y += 0.55 * grid.size
        if _opens_group(page.lines, i):
            y += 0.35 * grid.size
        if line in _beside(page) and line is _beside(page)[0]:
            y += 0.5 * grid.size
        out.append((line, y))
        y += line.height
    return out


def _rows(
    content: Content,
    layout: Layout,
    grid: Grid,
    page: _Page,
    axes: Sequence[Axis],
    top: float,
    pen: Pen,
) -> None:
    for i, (line, y) in enumerate(_placed(page, top, grid)):
        if _opens_summary(page.lines, i):
            rule = y - 0.25 * grid.size
            right = grid.width - MARGIN
            pen.line(((MARGIN, rule), (right, rule)), color=palette.RULE, width=palette.THIN)
        _row(line, y, grid, pen)
        for panel, axis in zip(content.panels, axes, strict=True):
            row = panel.rows[line.index]
            draw_row(row, panel, axis, y + line.height / 2, pen, layout)


def _row(line: Line, y: float, grid: Grid, pen: Pen) -> None:
    row = line.row
    size = grid.size * (0.94 if row.kind == "note" else 1.0)
    step = line_height(size)
    middle = y + line.height / 2
    left = MARGIN + (grid.size if row.indent else 0.0)
    color = palette.SOFT if row.kind == "note" else palette.INK
    for i, words in enumerate(line.label):
        at = pen.middle(middle, size) + step * (i - (len(line.label) - 1) / 2)
        pen.text(left, at, words, size=size, bold=row.strong, color=color)
    for slot in grid.slots[1:]:
        _cell(row, slot, pen.middle(middle), pen)
    for j, judgement in enumerate(row.lights):
        draw_light(judgement, grid.lights + (j + 0.5) * grid.light_step, middle, pen)


def _cell(row: Row, slot: Slot, y: float, pen: Pen) -> None:
    cell = row.cells.get(slot.column.name, "")
    if isinstance(cell, str) or row.strong or not slot.parted:
        words, left = joined(cell), slot.column.align == "left"
        x = slot.left if left else slot.right
        pen.text(x, y, words, align="left" if left else "right", bold=row.strong)
        return
    for words, x in zip(cell, slot.ends, strict=True):
        pen.text(x, y, words, align="right")


def _short_domains(content: Content, grid: Grid) -> list[str]:
    """Names over the judgements: the domains' own where they are short, D1, D2, ... elsewhere."""
    fit = all(text_width(d, grid.size, True) <= grid.light_step - 2 for d in content.domains)
    if fit:
        return list(content.domains)
    return [f"D{i}" for i in range(1, len(content.domains) + 1)]


def _light_heads(content: Content, grid: Grid, base: float, pen: Pen) -> None:
    size = grid.size
    names = _short_domains(content, grid) if content.domains else []
    while any(text_width(n, size, True) > grid.light_step - 1.5 for n in names):
        size -= 0.25
    for i, name in enumerate(names):
        x = grid.lights + (i + 0.5) * grid.light_step
        pen.text(x, base, name, align="center", bold=True, size=size)


def _draw_axis(panel: Panel, axis: Axis, y: float, pen: Pen, layout: Layout, grid: Grid) -> None:
    size = grid.size
    pen.line(((axis.left, y), (axis.right, y)), width=0.6, gid="axis")
    for value, label in axis.ticks:
        x = axis.x(value)
        pen.line(((x, y), (x, y + 0.4 * size)), width=0.6, gid="tick")
        pen.text(x, y + 1.5 * size, label, align="center", size=0.94 * size)
    at = y + 1.5 * size
    slot = next(s for s in grid.plots if s.left == axis.left)
    middle = (axis.left + axis.right) / 2
    for line in _axis_lines(panel, slot, grid):
        at += line_height(size)
        pen.text(middle, at, line, align="center")
    if layout.favours == "below":
        _sides(panel, axis, slot, at + line_height(size), pen, layout, grid)


def _side_lines(
    panel: Panel, slot: Slot, grid: Grid, layout: Layout
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words left and right of no effect, in lines that find room on their side."""
    bare = Axis(*panel.limits, slot.left, slot.right, ())
    left, right = panel.sides
    rooms = _side_rooms(panel, bare, grid, layout)
    size = grid.size * 0.94
    return (
        wrapped(f"←\u00a0{left}", rooms[0], size) if left else (),
        wrapped(f"{right}\u00a0→", rooms[1], size) if right else (),
    )


def _split(panel: Panel, axis: Axis) -> float:
    """Where the two sides part: at no effect, or the middle where that lies near an end."""
    if panel.null is None:
        return (axis.left + axis.right) / 2
    x = axis.x(panel.null)
    wide = axis.right - axis.left
    return min(max(x, axis.left + 0.3 * wide), axis.right - 0.3 * wide)


def _side_rooms(panel: Panel, axis: Axis, grid: Grid, layout: Layout) -> tuple[float, float]:
    """Points for words on either side: up to what stands next, or to the edge of the paper."""
    x = _split(panel, axis)
    left, right = axis.left - 4, axis.right + 4
    if len(grid.plots) == 1 and layout.favours == "below":
        right = grid.width - MARGIN
        left = min(left, MARGIN + _beside_width(grid) + 1.2 * grid.size)
    return x - left - 3, right - x - 3


def _beside_width(grid: Grid) -> float:
    """How far the notes left of the axis reach, in points; 0 where there are none."""
    notes = _beside(_Page(grid.lines, 1, 1))
    return max([text_width(w, 0.94 * grid.size) for n in notes for w in n.label] + [0.0])


def _sides(
    panel: Panel, axis: Axis, slot: Slot, y: float, pen: Pen, layout: Layout, grid: Grid
) -> None:
    left, right = _side_lines(panel, slot, grid, layout)
    x = _split(panel, axis)
    size, step = grid.size * 0.94, line_height(grid.size)
    deep = max(len(left), len(right)) if layout.favours == "above" else 0
    both: tuple[tuple[tuple[str, ...], float, Literal["left", "right"]], ...] = (
        (left, x - 3, "right"),
        (right, x + 3, "left"),
    )
    for lines, at, align in both:
        top = y + max(0, deep - len(lines)) * step
        for i, line in enumerate(lines):
            pen.text(at, top + i * step, line, align=align, size=size)


def _foot(content: Content, grid: Grid, page: _Page, y: float, pen: Pen) -> None:
    size = grid.size * 0.94
    if page.last:
        for line in _foot_lines(content, grid):
            y += line_height(size)
            pen.text(MARGIN, y - 0.2 * size, line, size=size, color=palette.SOFT)
    if content.domains:
        draw_legend(_legend(content, grid), y + 0.2 * size, pen)


def _legend(content: Content, grid: Grid) -> list[list[Key]]:
    """What the lights mean, in lines that fit."""
    used = [name for name in LIGHTS if any(name in row.lights for row in content.rows)]
    keys: list[Key] = [("", "Risk of bias:"), *((name, name) for name in used)]
    short = _short_domains(content, grid)
    if short != list(content.domains):
        pairs = zip(short, content.domains, strict=True)
        keys += [("", f"{brief}: {name}") for brief, name in pairs]
    return legend_lines(keys, grid.width, grid.size)
