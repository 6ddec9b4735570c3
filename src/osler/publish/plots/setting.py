"""Forest plots set on paper: headings, rows, axis, what stands below. All in points."""

from collections.abc import Sequence

from osler.publish.plots import palette
from osler.publish.plots.contents import Content, Row, joined
from osler.publish.plots.grid import (
    MARGIN,
    Grid,
    Line,
    Slot,
    grid_of,
    line_height,
    pages,
)
from osler.publish.plots.layouts import Layout
from osler.publish.plots.lights import (
    draw_legend,
    draw_light,
)
from osler.publish.plots.marks import draw_row
from osler.publish.plots.page_edges import draw_axis, draw_heads
from osler.publish.plots.page_heights import (
    Page,
    axis_height,
    bottom_height,
    foot_height,
    foot_lines,
    gaps,
    legend_of,
    opens_group,
    opens_summary,
    rows_above,
    rows_beside,
    top_height,
)
from osler.publish.plots.paper import Drawn, sheet
from osler.publish.plots.pens import Pen
from osler.publish.plots.ticks import Axis, axis_of


def set_forest(content: Content, layout: Layout, width: float, size: float) -> Drawn:
    """The whole plot on one sheet, as tall as it needs."""
    grid = grid_of(content, layout, width, size)
    return _set_page(content, layout, grid, Page(grid.lines, 1, 1))


def set_pages(
    content: Content, layout: Layout, width: float, height: float, size: float
) -> list[Drawn]:
    """The plot on sheets of at most ``height`` points, heading and axis on each."""
    grid = grid_of(content, layout, width, size)
    sides = top_height(content, layout, grid) + bottom_height(content, layout, grid, whole=True)
    room = max(height - sides, 6 * grid.row_height)
    parts = pages(grid, room)
    return [
        _set_page(content, layout, grid, Page(tuple(part), i + 1, len(parts)))
        for i, part in enumerate(parts)
    ]


def _set_page(content: Content, layout: Layout, grid: Grid, page: Page) -> Drawn:
    top = top_height(content, layout, grid)
    axis_y = top + sum(line.height for line in rows_above(page)) + gaps(page, grid)
    below = axis_y + axis_height(content, layout, grid)
    beside = axis_y + sum(line.height for line in rows_beside(page)) + 0.3 * grid.size
    height = max(below, beside) + foot_height(content, grid, page) + MARGIN
    figure, axes = sheet(grid.width, height)
    figure.description = content.description
    pen = Pen(axes, grid.size)
    found = [
        axis_of(*panel.limits, slot.left, slot.right, panel.display, size=0.94 * grid.size)
        for panel, slot in zip(content.panels, grid.plots, strict=True)
    ]
    _ground(content, found, page, (top, axis_y), pen, layout, grid)
    draw_heads(content, layout, grid, page, found, pen)
    _rows(content, layout, grid, page, found, top, pen)
    for panel, axis in zip(content.panels, found, strict=True):
        draw_axis(panel, axis, axis_y, pen, layout, grid)
    _foot(content, grid, page, max(below, beside), pen)
    return figure


def _ground(
    content: Content,
    axes: Sequence[Axis],
    page: Page,
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


def _stripes(page: Page, top: float, pen: Pen, grid: Grid) -> None:
    for i, (line, y) in enumerate(_placed(page, top, grid)):
        if i % 2 and line in rows_above(page):
            edges = (MARGIN, y, grid.width - MARGIN, y + line.height)
            pen.box(*edges, fill=palette.WASH, gid="stripe")


def _placed(page: Page, top: float, grid: Grid) -> list[tuple[Line, float]]:
    """Each row with the upper edge of its place."""
    y = top
    out: list[tuple[Line, float]] = []
    for i, line in enumerate(page.lines):
        if opens_summary(page.lines, i):
            y += 0.55 * grid.size
        if opens_group(page.lines, i):
            y += 0.35 * grid.size
        if line in rows_beside(page) and line is rows_beside(page)[0]:
            y += 0.5 * grid.size
        out.append((line, y))
        y += line.height
    return out


def _rows(
    content: Content,
    layout: Layout,
    grid: Grid,
    page: Page,
    axes: Sequence[Axis],
    top: float,
    pen: Pen,
) -> None:
    for i, (line, y) in enumerate(_placed(page, top, grid)):
        if opens_summary(page.lines, i):
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


def _foot(content: Content, grid: Grid, page: Page, y: float, pen: Pen) -> None:
    size = grid.size * 0.94
    if page.last:
        for line in foot_lines(content, grid):
            y += line_height(size)
            pen.text(MARGIN, y - 0.2 * size, line, size=size, color=palette.SOFT)
    if content.domains:
        draw_legend(legend_of(content, grid), y + 0.2 * size, pen)
