"""Tables of shaded cells, with names of any length on both sides."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.text import Text

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.publish.plots import palette
from osler.publish.plots.network_keys import stacked
from osler.publish.plots.network_problems import not_finite, nothing_to_show, wrong_shape
from osler.publish.plots.paper import Drawn, font, sheet, text_width, wrapped
from osler.publish.plots.pens import Pen

_MARGIN = 6.0
_GAP = 4.0
_LARGEST_CELL = 34.0
_SMALLEST = 4.5  # letters in points
# Shades nearer to 0 than this can hardly be seen.
FAINT = 0.05
Ramp = Sequence[tuple[float, tuple[float, float, float]]]


def _rgb(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


# From white to the blue that all colour-blind people see as blue, by steps that look even.
BLUES: Ramp = tuple(
    (at, _rgb(color))
    for at, color in (
        (0.0, "#FFFFFF"), (0.25, "#D3E4F1"), (0.5, "#9CC3DF"), (0.75, "#4F97C4"), (1.0, "#0A5A9C"),
    )
)  # fmt: skip
# Blue below 0, white at it, vermilion above.
BOTH: Ramp = tuple(
    (at, _rgb(color))
    for at, color in (
        (-1.0, "#0A5A9C"), (-0.5, "#86B6D8"), (0.0, "#FFFFFF"), (0.5, "#F3B184"), (1.0, "#C24F00"),
    )
)  # fmt: skip


def color_on(ramp: Ramp, value: float) -> str:
    """A colour between those of a ramp; beyond its ends, these.

    Examples
    --------
    >>> color_on(BLUES, 0.0), color_on(BOTH, 2.0)
    ('#ffffff', '#c24f00')
    """
    at = [place for place, _ in ramp]
    parts = [np.interp(value, at, [rgb[i] for _, rgb in ramp]) for i in range(3)]
    return "#" + "".join(f"{round(255 * float(p)):02x}" for p in parts)


def letters_on(fill: str) -> str:
    """Black or white, whichever can be read better on a colour.

    Examples
    --------
    >>> letters_on("#ffffff"), letters_on("#0a5a9c")
    ('#1A1A1A', '#FFFFFF')
    """
    ink, white = ((_bright(color) + 0.05) for color in (palette.INK, palette.WHITE))
    ground = _bright(fill) + 0.05
    return palette.INK if ground / ink > white / ground else palette.WHITE


def _bright(color: str) -> float:
    """Relative luminance, as the Web Content Accessibility Guidelines have it."""
    linear = [((c + 0.055) / 1.055) ** 2.4 if c > 0.04045 else c / 12.92 for c in _rgb(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@dataclass(frozen=True, slots=True)
class Heat:
    """A matrix with its names. ``squares`` (0 to 1) are drawn in the cells, by their area.

    ``signed`` marks cells below 0, which in grey look like those above it, with a minus sign.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    shades: Floats
    ramp: Ramp
    text: Callable[[int, int], str]
    ends: tuple[str, str]
    scale: str
    squares: Floats | None = None
    signed: bool = False
    corner: str = ""
    title: str = ""
    notes: tuple[str, ...] = ()
    description: str = ""


def checked(
    figure: str, values: object, rows: Sequence[object], columns: Sequence[object]
) -> Floats:
    """A matrix that fits its names, without infinite numbers.

    Raises
    ------
    DataError
        FIG013 where it does not fit, FIG014 where it is empty, FIG015 for infinite numbers.
    """
    found = np.asarray(values, float)
    if not len(rows) or not len(columns):
        raise DataError(nothing_to_show(figure, "no rows or no columns"))
    if found.shape != (len(rows), len(columns)):
        raise DataError(wrong_shape(figure, found.shape, rows, columns))
    if np.isinf(found).any():
        raise DataError(not_finite(figure, "infinite numbers"))
    return found


@dataclass(frozen=True, slots=True)
class _Set:
    """Measures of the figure in points."""

    size: float
    label: float
    head: float
    cell: float
    tall: float
    upright: bool  # whether column names stand upright
    heads: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[str, ...], ...]
    width: float


def draw_heat(heat: Heat, wide: float, size: float) -> Drawn:
    """The figure; cells are as wide as the paper lets them be."""
    found = _set_of(heat, wide, size)
    top = _MARGIN + (2.0 * size if heat.title else 0.0)
    first = top + found.head + _GAP
    bottom = first + found.tall * len(heat.rows)
    left = _MARGIN + found.label + _GAP
    inner = found.width - 2 * _MARGIN
    notes = [line for note in heat.notes for line in wrapped(note, inner, 0.9 * size)]
    low = bottom + (2.0 if _scale_fits(heat, size, found.width) else 3.5) * size
    height = low + 1.3 * size * len(notes) + _MARGIN
    figure, axes = sheet(found.width, height)
    pen = Pen(axes, found.size)
    if heat.title:
        pen.text(_MARGIN, _MARGIN + size, heat.title, bold=True, size=size + 0.5)
    _draw_names(heat, found, pen, left, first)
    _draw_cells(heat, found, pen, left, first)
    _draw_scale(heat, pen, left, bottom + 1.1 * size, size, found.width)
    for i, note in enumerate(notes):
        y = low + (0.9 + 1.3 * i) * size
        pen.text(_MARGIN, y, note, size=0.9 * size, color=palette.SOFT)
    stacked(axes)
    figure.description = heat.description
    return figure


def _set_of(heat: Heat, wide: float, size: float) -> _Set:
    while True:
        limit = 0.36 * wide
        rows = tuple(wrapped(name, limit, size) for name in heat.rows)
        label = max(text_width(line, size) for lines in rows for line in lines)
        corner = text_width(heat.corner, size, bold=True) if heat.corner else 0.0
        label = max(label, corner)
        cell = min((wide - 2 * _MARGIN - label - _GAP) / len(heat.columns), 2.6 * _LARGEST_CELL)
        upright, heads, head = _heads(heat, cell, size)
        if cell >= 1.25 * size or size <= _SMALLEST:
            break
        size -= 0.25
    cell = max(cell, 1.25 * size)
    lines = max(len(row) for row in rows)
    tall = max(1.2 * size * lines + 0.35 * size, min(cell, 2.0 * size))
    if heat.squares is not None:  # cells of the squares are square
        cell = tall = max(1.25 * size, tall, min(cell, _LARGEST_CELL))
        upright, heads, head = _heads(heat, cell, size)
    elif upright:  # names that stand upright need no more than a narrow cell
        cell = min(cell, max(2.6 * size, _widest(heat, size) + 6.0))
    width = max(wide, 2 * _MARGIN + label + _GAP + cell * len(heat.columns))
    return _Set(size, label, head, cell, tall, upright, heads, rows, width)


def _widest(heat: Heat, size: float) -> float:
    n, m = heat.shades.shape
    texts = {heat.text(i, j) for i in range(n) for j in range(m)}
    return max(text_width(text, 0.9 * size) for text in texts)


def _heads(heat: Heat, cell: float, size: float) -> tuple[bool, tuple[tuple[str, ...], ...], float]:
    """Names of columns level where each finds room in three lines at most, else upright."""
    words = [word for name in heat.columns for word in name.split(" ")]
    level = [wrapped(name, cell - 4, size) for name in heat.columns]
    if max(text_width(w, size) for w in words) <= cell - 4 and max(map(len, level)) <= 3:
        return False, tuple(level), 1.2 * size * max(map(len, level))
    upright = tuple((name,) for name in heat.columns)
    return True, upright, max(text_width(name, size) for name in heat.columns)


def _draw_names(heat: Heat, found: _Set, pen: Pen, left: float, top: float) -> None:
    size = found.size
    if heat.corner:
        pen.text(_MARGIN, top - _GAP, heat.corner, bold=True)
    for i, lines in enumerate(found.rows):
        middle = top + found.tall * (i + 0.5) - 0.6 * size * (len(lines) - 1)
        for j, line in enumerate(lines):
            y = pen.middle(middle + 1.2 * size * j)
            pen.text(left - _GAP, y, line, align="right")
    for j, lines in enumerate(found.heads):
        x = left + found.cell * (j + 0.5)
        if found.upright:
            _upright(pen, x, top - _GAP, lines[0])
            continue
        for i, line in enumerate(reversed(lines)):
            pen.text(x, top - _GAP - 1.2 * size * i, line, align="center")


def _upright(pen: Pen, x: float, y: float, words: str) -> None:
    pen.axes.add_artist(
        Text(
            x + 0.36 * pen.size, y, words, color=palette.INK, fontproperties=font(pen.size),
            horizontalalignment="right", verticalalignment="bottom", rotation=90.0,
            rotation_mode="default", parse_math=False, usetex=False, antialiased=True,
            clip_on=False,
        )
    )  # fmt: skip


def _draw_cells(heat: Heat, found: _Set, pen: Pen, left: float, top: float) -> None:
    size = 0.9 * found.size
    shows = _widest(heat, found.size) <= found.cell - 1.5
    for i in range(len(heat.rows)):
        for j in range(len(heat.columns)):
            value = float(heat.shades[i, j])
            x, y = left + found.cell * j, top + found.tall * i
            edges = (x, y, x + found.cell, y + found.tall)
            fill = palette.WASH if math.isnan(value) else color_on(heat.ramp, value)
            pen.box(*edges, fill=fill, edge=palette.WHITE if found.cell > 5 else None, gid="cell")
            _square(heat, i, j, pen, edges)
            if heat.signed and value < -FAINT:
                _minus(pen, edges, letters_on(fill))
            text = heat.text(i, j)
            if text and shows:
                at = (x + found.cell / 2, pen.middle(y + found.tall / 2, size))
                pen.text(*at, text, align="center", size=size, color=letters_on(fill))
    right, bottom = left + found.cell * len(heat.columns), top + found.tall * len(heat.rows)
    outline = ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
    pen.line(outline, color=palette.RULE, width=palette.THIN)


def _minus(pen: Pen, edges: tuple[float, float, float, float], color: str) -> None:
    """In the upper left corner, beside all but the largest squares."""
    x, y, right, _ = edges
    step = 0.08 * (right - x)
    pen.line(((x + step, y + 1.5 * step), (x + 4 * step, y + 1.5 * step)), color=color, gid="minus")


def _square(heat: Heat, i: int, j: int, pen: Pen, edges: tuple[float, float, float, float]) -> None:
    if heat.squares is None or not heat.squares[i, j] > 0:
        return
    x0, y0, x1, y1 = edges
    half = 0.46 * min(x1 - x0, y1 - y0) * math.sqrt(min(float(heat.squares[i, j]), 1.0))
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    pen.box(x - half, y - half, x + half, y + half, fill="#8A8A8A", gid="square")


_SCALE = 90.0  # points along the ramp


def _scale_need(heat: Heat, size: float) -> float:
    parts = (*heat.ends, heat.scale)
    return _SCALE + 16.0 + sum(text_width(part, 0.9 * size) for part in parts)


def _scale_fits(heat: Heat, size: float, width: float) -> bool:
    return _scale_need(heat, size) <= width - 2 * _MARGIN


def _draw_scale(heat: Heat, pen: Pen, left: float, y: float, size: float, width: float) -> None:
    """The ramp with its ends, and what it shows."""
    steps, small = 40, 0.9 * size
    low, high = heat.ramp[0][0], heat.ramp[-1][0]
    fits = _scale_fits(heat, size, width)
    need = _scale_need(heat, size) - (0 if fits else text_width(heat.scale, small))
    x = max(min(left, width - _MARGIN - need), _MARGIN)
    pen.text(x, pen.middle(y, small), heat.ends[0], size=small)
    x += text_width(heat.ends[0], small) + 4.0
    for i in range(steps):
        fill = color_on(heat.ramp, low + (high - low) * (i + 0.5) / steps)
        start = x + _SCALE * i / steps
        pen.box(start, y - 0.45 * size, start + _SCALE / steps + 0.2, y + 0.45 * size, fill=fill)
    up, down, end = y - 0.45 * size, y + 0.45 * size, x + _SCALE
    pen.line(((x, up), (end, up), (end, down), (x, down), (x, up)), color=palette.RULE, width=0.4)
    x = end + 4.0
    pen.text(x, pen.middle(y, small), heat.ends[1], size=small)
    x += text_width(heat.ends[1], small) + 8.0
    at = (x, pen.middle(y, small)) if fits else (_MARGIN, y + 1.9 * size)
    pen.text(*at, heat.scale, size=small, color=palette.SOFT)
