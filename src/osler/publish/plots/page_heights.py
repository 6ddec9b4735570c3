"""How tall the parts of a forest plot are, and in which lines their words stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from osler.publish.plots.contents import Content, Panel
from osler.publish.plots.grid import (
    MARGIN,
    Grid,
    Line,
    Slot,
    groups,
    line_height,
)
from osler.publish.plots.layouts import Layout
from osler.publish.plots.lights import (
    LIGHTS,
    Key,
    legend_height,
    legend_lines,
)
from osler.publish.plots.paper import text_width, wrapped
from osler.publish.plots.ticks import Axis


@dataclass(frozen=True, slots=True)
class Page:
    """One page's rows among all, and which it is."""

    lines: tuple[Line, ...]
    number: int
    count: int

    @property
    def last(self) -> bool:
        return self.number == self.count


def rows_above(page: Page) -> tuple[Line, ...]:
    """Rows over the axis: all but the notes that close the figure."""
    return page.lines[: len(page.lines) - len(rows_beside(page))]


def rows_beside(page: Page) -> tuple[Line, ...]:
    """The notes after the last result: they stand left of the axis."""
    count = 0
    for line in reversed(page.lines):
        if line.row.kind != "note" or line.row.indent:
            break
        count += 1
    return page.lines[len(page.lines) - count :]


def gaps(page: Page, grid: Grid) -> float:
    """Room taken by the gap before what is pooled, and under the last row."""
    pooled = any(opens_summary(page.lines, i) for i in range(len(page.lines)))
    headings = sum(opens_group(page.lines, i) for i in range(len(page.lines)))
    return (0.55 * pooled + 0.35 * headings + 0.2) * grid.size


def opens_summary(lines: Sequence[Line], i: int) -> bool:
    """Whether the pooled results begin with this row."""
    pooled = ("random", "common", "own")
    before = lines[i - 1].row.kind if i else "heading"
    return lines[i].row.kind in pooled and before not in (*pooled, "prediction")


def opens_group(lines: Sequence[Line], i: int) -> bool:
    return lines[i].row.kind == "heading" and i > 0


def title_lines(content: Content, grid: Grid, page: Page | None) -> tuple[str, ...]:
    if not content.title:
        return ()
    several = f" (page {page.number} of {page.count})" if page and page.count > 1 else ""
    room = grid.width - 2 * MARGIN
    return wrapped(content.title + several, room, grid.size + 1.5, bold=True)


def top_height(content: Content, layout: Layout, grid: Grid) -> float:
    title = len(title_lines(content, grid, None))
    height = MARGIN + (title * line_height(grid.size + 1.5) + 0.4 * grid.size if title else 0.0)
    return height + _head_height(content, layout, grid)


def _head_height(content: Content, layout: Layout, grid: Grid) -> float:
    lines = max([len(slot.head) for slot in grid.slots] + [group_lines(grid)[1]])
    over = [len(plot_head(panel, slot, grid)) for panel, slot in panels_of(content, grid)]
    above = [len(side_lines(p, s, grid, layout)[0]) for p, s in panels_of(content, grid)]
    plots = max(over) + (max(above) if layout.favours == "above" else 0)
    return max(lines, plots) * line_height(grid.size) + 0.75 * grid.size


def panels_of(content: Content, grid: Grid) -> list[tuple[Panel, Slot]]:
    return list(zip(content.panels, grid.plots, strict=True))


def group_lines(grid: Grid) -> tuple[int, int]:
    """Lines of the headings over several columns, and of these with what stands below."""
    most = deepest = 0
    for group, left, right in groups(grid.slots):
        lines = len(wrapped(group, right - left, grid.size, bold=True))
        inside = max(len(s.head) for s in grid.slots if s.column.group == group)
        most, deepest = max(most, lines), max(deepest, lines + inside)
    return most, deepest


def plot_head(panel: Panel, slot: Slot, grid: Grid) -> tuple[str, ...]:
    if not panel.head:
        return ()
    return wrapped(panel.head, slot.right - slot.left, grid.size, bold=True)


def axis_height(content: Content, layout: Layout, grid: Grid) -> float:
    size = grid.size
    labels = max(len(axis_lines(p, s, grid)) for p, s in panels_of(content, grid))
    height = 0.55 * size + 1.35 * size + labels * line_height(size)
    if layout.favours == "below":
        sides = max(
            max(map(len, side_lines(p, s, grid, layout))) for p, s in panels_of(content, grid)
        )
        height += sides * line_height(size)
    return height + 0.4 * size


def axis_lines(panel: Panel, slot: Slot, grid: Grid) -> tuple[str, ...]:
    if not panel.axis_label:
        return ()
    return wrapped(panel.axis_label, slot.right - slot.left + 20, grid.size)


def bottom_height(content: Content, layout: Layout, grid: Grid, *, whole: bool) -> float:
    page = Page(grid.lines, 1, 1)
    foot = foot_height(content, grid, page) if whole else 0.0
    return axis_height(content, layout, grid) + foot + MARGIN + grid.size


def foot_height(content: Content, grid: Grid, page: Page) -> float:
    count = len(foot_lines(content, grid)) if page.last else 0
    legend = legend_of(content, grid) if content.domains else []
    total = count * line_height(grid.size * 0.94) + legend_height(legend, grid.size)
    return total + (0.35 * grid.size if total else 0.0)


def foot_lines(content: Content, grid: Grid) -> list[str]:
    room = grid.width - 2 * MARGIN
    return [line for note in content.notes for line in wrapped(note, room, grid.size * 0.94)]


def short_domains(content: Content, grid: Grid) -> list[str]:
    """Names over the judgements: the domains' own where they are short, D1, D2, ... elsewhere."""
    fit = all(text_width(d, grid.size, True) <= grid.light_step - 2 for d in content.domains)
    if fit:
        return list(content.domains)
    return [f"D{i}" for i in range(1, len(content.domains) + 1)]


def side_lines(
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


def parting(panel: Panel, axis: Axis) -> float:
    """Where the two sides part: at no effect, or the middle where that lies near an end."""
    if panel.null is None:
        return (axis.left + axis.right) / 2
    x = axis.x(panel.null)
    wide = axis.right - axis.left
    return min(max(x, axis.left + 0.3 * wide), axis.right - 0.3 * wide)


def _side_rooms(panel: Panel, axis: Axis, grid: Grid, layout: Layout) -> tuple[float, float]:
    """Points for words on either side: up to what stands next, or to the edge of the paper."""
    x = parting(panel, axis)
    left, right = axis.left - 4, axis.right + 4
    if len(grid.plots) == 1 and layout.favours == "below":
        right = grid.width - MARGIN
        left = min(left, MARGIN + _beside_width(grid) + 1.2 * grid.size)
    return x - left - 3, right - x - 3


def _beside_width(grid: Grid) -> float:
    """How far the notes left of the axis reach, in points; 0 where there are none."""
    notes = rows_beside(Page(grid.lines, 1, 1))
    return max([text_width(w, 0.94 * grid.size) for n in notes for w in n.label] + [0.0])


def legend_of(content: Content, grid: Grid) -> list[list[Key]]:
    """What the lights mean, in lines that fit."""
    used = [name for name in LIGHTS if any(name in row.lights for row in content.rows)]
    keys: list[Key] = [("", "Risk of bias:"), *((name, name) for name in used)]
    short = short_domains(content, grid)
    if short != list(content.domains):
        pairs = zip(short, content.domains, strict=True)
        keys += [("", f"{brief}: {name}") for brief, name in pairs]
    return legend_lines(keys, grid.width, grid.size)
