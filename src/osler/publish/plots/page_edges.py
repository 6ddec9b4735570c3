"""What stands over and under the rows of a forest plot: title, heads, axis."""

from collections.abc import Sequence
from typing import Literal

from osler.publish.plots import palette
from osler.publish.plots.contents import Content, Panel
from osler.publish.plots.grid import (
    MARGIN,
    Grid,
    Slot,
    groups,
    line_height,
)
from osler.publish.plots.layouts import Layout
from osler.publish.plots.page_heights import (
    Page,
    axis_lines,
    panels_of,
    parting,
    plot_head,
    short_domains,
    side_lines,
    title_lines,
    top_height,
)
from osler.publish.plots.paper import text_width, wrapped
from osler.publish.plots.pens import Pen
from osler.publish.plots.ticks import Axis


def draw_heads(
    content: Content,
    layout: Layout,
    grid: Grid,
    page: Page,
    axes: Sequence[Axis],
    pen: Pen,
) -> None:
    y = MARGIN
    for line in title_lines(content, grid, page):
        y += line_height(grid.size + 1.5)
        pen.text(MARGIN, y - 0.3 * grid.size, line, size=grid.size + 1.5, bold=True)
    bottom = top_height(content, layout, grid)
    base = bottom - 0.75 * grid.size
    step = line_height(grid.size)
    for slot in grid.slots:
        _head(slot, base, step, pen)
    _group_heads(grid, base, step, pen)
    for (panel, slot), axis in zip(panels_of(content, grid), axes, strict=True):
        lift = 0
        if layout.favours == "above":
            lines = side_lines(panel, slot, grid, layout)
            lift = max(map(len, lines))
            draw_sides(panel, axis, slot, base - (lift - 1) * step, pen, layout, grid)
        over = plot_head(panel, slot, grid)
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


def _light_heads(content: Content, grid: Grid, base: float, pen: Pen) -> None:
    size = grid.size
    names = short_domains(content, grid) if content.domains else []
    while any(text_width(n, size, True) > grid.light_step - 1.5 for n in names):
        size -= 0.25
    for i, name in enumerate(names):
        x = grid.lights + (i + 0.5) * grid.light_step
        pen.text(x, base, name, align="center", bold=True, size=size)


def draw_axis(panel: Panel, axis: Axis, y: float, pen: Pen, layout: Layout, grid: Grid) -> None:
    size = grid.size
    pen.line(((axis.left, y), (axis.right, y)), width=0.6, gid="axis")
    for value, label in axis.ticks:
        x = axis.x(value)
        pen.line(((x, y), (x, y + 0.4 * size)), width=0.6, gid="tick")
        pen.text(x, y + 1.5 * size, label, align="center", size=0.94 * size)
    at = y + 1.5 * size
    slot = next(s for s in grid.plots if s.left == axis.left)
    middle = (axis.left + axis.right) / 2
    for line in axis_lines(panel, slot, grid):
        at += line_height(size)
        pen.text(middle, at, line, align="center")
    if layout.favours == "below":
        draw_sides(panel, axis, slot, at + line_height(size), pen, layout, grid)


def draw_sides(
    panel: Panel, axis: Axis, slot: Slot, y: float, pen: Pen, layout: Layout, grid: Grid
) -> None:
    left, right = side_lines(panel, slot, grid, layout)
    x = parting(panel, axis)
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
