"""Frames with two axes: plain, the same whatever a caller's style sheet says."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from osler.core.arrays import Floats
from osler.publish.plots import palette
from osler.publish.plots.paper import Drawn, figure_of, font, inches, text_width
from osler.publish.plots.showing import Display
from osler.publish.plots.ticks import Axis, even_ticks, number_label, ticks_of

SMALL = 0.92  # of the size of letters: ticks, keys, labels of points


@dataclass(frozen=True, slots=True)
class Sheet:
    """A figure with its frames, left to right and top to bottom."""

    figure: Drawn
    frames: tuple[Axes, ...]
    size: float

    @property
    def axes(self) -> Axes:
        return self.frames[0]


def chart(
    width: float | str,
    height: float | None,
    size: float,
    *,
    rows: int = 1,
    columns: int = 1,
    shape: float = 0.86,
    **grid: Any,
) -> Sheet:
    """A figure with ``rows`` times ``columns`` frames; its height follows from its width."""
    wide = inches(width)
    tall = wide * shape if height is None else inches(height)
    figure = figure_of(wide * palette.INCH, tall * palette.INCH)
    figure.set_layout_engine("constrained", w_pad=0.04, h_pad=0.04, wspace=0.03, hspace=0.03)
    frames = figure.subplots(rows, columns, squeeze=False, **grid)
    for frame in frames.flat:
        plain_frame(frame, size)
    return Sheet(figure, tuple(frames.flat), size)


def plain_frame(axes: Axes, size: float) -> None:
    """Two thin axes, ticks outwards, no grid."""
    axes.set_facecolor(palette.WHITE)
    axes.grid(visible=False, which="both")
    axes.set_autoscale_on(False)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_linewidth(0.6)
        spine.set_color(palette.INK)
    axes.tick_params(
        which="both",
        direction="out",
        length=3.0,
        width=0.6,
        pad=2.5,
        color=palette.INK,
        labelcolor=palette.INK,
        labelsize=size * SMALL,
        labelfontfamily=palette.FONT,
        top=False,
        right=False,
        left=True,
        bottom=True,
        labeltop=False,
        labelright=False,
        labelleft=True,
        labelbottom=True,
        labelrotation=0,
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())


def label_axes(sheet: Sheet, x: str, y: str, axes: Axes | None = None) -> None:
    axes = axes or sheet.axes
    words: dict[str, Any] = {
        "fontproperties": font(sheet.size),
        "color": palette.INK,
        "parse_math": False,
    }
    axes.set_xlabel(x, labelpad=4.0, loc="center", **words)
    axes.set_ylabel(y, labelpad=4.0, loc="center", **words)


def title_of(sheet: Sheet, words: str, axes: Axes | None = None) -> None:
    """A title over a frame, at its left."""
    if not words:
        return
    prop = font(sheet.size + (0.5 if axes is None else 0), bold=True)
    (axes or sheet.axes).set_title(
        words, fontproperties=prop, color=palette.INK, loc="left", pad=5.0, y=None, parse_math=False
    )


def effect_axis(
    sheet: Sheet, axes: Axes, low: float, high: float, display: Display, *, of: str = "x"
) -> None:
    """An axis of the analysis scale with ticks as shown; ``of`` is "x" or "y"."""
    size = sheet.size * SMALL
    length = _length(sheet, axes, of)
    ticks = ticks_of(Axis(low, high, 0.0, length, ()), display, size, math.inf)
    _set_axis(axes, of, (low, high), [v for v, _ in ticks], [label for _, label in ticks])


def number_axis(
    sheet: Sheet, axes: Axes, low: float, high: float, *, of: str = "x", most: int = 6
) -> None:
    """An axis of plain numbers, which may run downwards."""
    choices = even_ticks(min(low, high), max(low, high))
    room = _length(sheet, axes, of)
    for values in choices:
        labels = [number_label(v) for v in values]
        widest = max(text_width(text, sheet.size * SMALL) for text in labels)
        need = (widest + 6) if of == "x" else sheet.size * 1.8
        if len(values) <= most + 1 and need * len(values) <= room:
            break
    _set_axis(axes, of, (low, high), values, labels)


def _length(sheet: Sheet, axes: Axes, of: str) -> float:
    """Points along an axis, roughly: what a frame gets of the figure, less room for words."""
    whole = sheet.figure.get_size_inches()[0 if of == "x" else 1] * palette.INCH
    spec = axes.get_subplotspec()
    if spec is None:
        return float(whole)
    grid = spec.get_gridspec()
    part = spec.colspan if of == "x" else spec.rowspan
    ratios = grid.get_width_ratios() if of == "x" else grid.get_height_ratios()
    shares = np.asarray(ratios, float)
    share = float(shares[list(part)].sum() / shares.sum())
    return float(whole) * share - 42.0


def _set_axis(
    axes: Axes,
    of: str,
    limits: tuple[float, float],
    values: Sequence[float],
    labels: Sequence[str],
) -> None:
    axis = axes.xaxis if of == "x" else axes.yaxis
    (axes.set_xlim if of == "x" else axes.set_ylim)(*limits)
    axis.set_major_locator(FixedLocator(list(values)))
    axis.set_major_formatter(FixedFormatter(list(labels)))


# Marks


def points(
    axes: Axes,
    x: Iterable[float],
    y: Iterable[float],
    *,
    size: float | Sequence[float] | Floats = 4.2,
    fill: str = palette.BLUE,
    edge: str = palette.WHITE,
    marker: str = "o",
    width: float = 0.5,
    alpha: float | None = None,
    order: float = 3.0,
) -> None:
    """Marks of a size (diameter) in points."""
    axes.scatter(
        np.asarray(list(x), float),
        np.asarray(list(y), float),
        s=np.square(np.asarray(size, float)),
        marker=marker,
        facecolors=fill,
        edgecolors=edge,
        linewidths=width,
        alpha=alpha,
        zorder=order,
        clip_on=False,
        plotnonfinite=False,
    )


def curve(
    axes: Axes,
    x: Iterable[float],
    y: Iterable[float],
    *,
    color: str = palette.INK,
    width: float = palette.LINE,
    dashes: tuple[float, ...] | None = None,
    order: float = 2.0,
    steps: bool = False,
    alpha: float | None = None,
) -> Line2D:
    line = Line2D(
        np.asarray(list(x), float),
        np.asarray(list(y), float),
        color=color,
        linewidth=width,
        linestyle="-" if dashes is None else (0, dashes),
        marker="",
        drawstyle="steps-post" if steps else "default",
        antialiased=True,
        solid_capstyle="butt",
        dash_capstyle="butt",
        solid_joinstyle="round",
        zorder=order,
        alpha=alpha,
    )
    axes.add_line(line)
    return line


def area(
    axes: Axes,
    outline: Sequence[tuple[float, float]] | Floats,
    *,
    fill: str,
    order: float = 1.0,
    alpha: float | None = None,
    edge: str = "none",
) -> None:
    axes.add_collection(
        PolyCollection(
            [np.asarray(outline, float)],
            facecolors=fill,
            edgecolors=edge,
            linewidths=0.0 if edge == "none" else 0.5,
            zorder=order,
            alpha=alpha,
            antialiaseds=True,
        ),
        autolim=False,
    )


def band(
    axes: Axes,
    x: Floats,
    lower: Floats,
    upper: Floats,
    *,
    fill: str,
    order: float = 1.0,
    alpha: float | None = None,
) -> None:
    """The area between two curves."""
    outline = np.column_stack([np.r_[x, x[::-1]], np.r_[lower, upper[::-1]]])
    area(axes, outline, fill=fill, order=order, alpha=alpha)


def words(
    sheet: Sheet,
    axes: Axes,
    x: float,
    y: float,
    text: str,
    *,
    align: str = "left",
    valign: str = "baseline",
    color: str = palette.INK,
    size: float | None = None,
    bold: bool = False,
    frame: bool = False,
    order: float = 4.0,
) -> None:
    """Words at a place of the data, or of the frame (0 to 1) where ``frame`` is true."""
    axes.text(
        x,
        y,
        text,
        transform=axes.transAxes if frame else axes.transData,
        fontproperties=font(size or sheet.size * SMALL, bold=bold),
        color=color,
        horizontalalignment=align,
        verticalalignment=valign,
        parse_math=False,
        usetex=False,
        zorder=order,
        clip_on=False,
    )


def key(sheet: Sheet, axes: Axes, entries: Sequence[tuple[Any, str]], *, columns: int = 1) -> None:
    """What marks and areas mean, below the frame."""
    if not entries:
        return
    legend = axes.legend(
        [handle for handle, _ in entries],
        [text for _, text in entries],
        prop=font(sheet.size * SMALL),
        loc="upper center",
        bbox_to_anchor=(0.5, -0.17),
        ncols=columns,
        frameon=False,
        handlelength=1.5,
        handleheight=0.8,
        handletextpad=0.5,
        columnspacing=1.2,
        labelspacing=0.35,
        borderpad=0.0,
        borderaxespad=0.0,
        labelcolor=palette.INK,
    )
    legend.set_zorder(5)


def key_point(fill: str, edge: str = palette.WHITE, marker: str = "o") -> Line2D:
    return Line2D(
        [],
        [],
        linestyle="none",
        marker=marker,
        markersize=4.5,
        markerfacecolor=fill,
        markeredgecolor=edge,
        markeredgewidth=0.7,
    )


def key_line(
    color: str, dashes: tuple[float, ...] | None = None, width: float = palette.LINE
) -> Line2D:
    style: Any = "-" if dashes is None else (0, dashes)
    return Line2D([], [], color=color, linewidth=width, linestyle=style, marker="")


def key_area(fill: str) -> Patch:
    return Patch(facecolor=fill, edgecolor=palette.RULE, linewidth=0.4)


def spread_labels(
    sheet: Sheet,
    axes: Axes,
    places: Sequence[tuple[float, float, str]],
    *,
    avoid: Sequence[tuple[float, float]] = (),
    least: float = 4.0,
) -> None:
    """Names beside points, each on the first of eight sides where it covers nothing.

    A name that finds no free side is left out: better none than two that cannot be read.
    """
    sheet.figure.draw_without_rendering()
    size = sheet.size * SMALL * 0.95
    scale = palette.INCH / sheet.figure.dpi
    frame = np.asarray(axes.get_window_extent().extents) * scale
    at = axes.transData.transform
    taken = [_around(at((x, y)) * scale, least) for x, y in avoid]
    for x, y, name in places:
        px, py = at((x, y)) * scale
        wide, tall = text_width(name, size), size * 0.95
        for dx, dy in _SIDES:
            left = px + dx * (least + 0.5) - (wide if dx < 0 else wide / 2 if dx == 0 else 0)
            low = py + dy * (least + 0.5) - (tall if dy < 0 else tall / 2 if dy == 0 else 0)
            box = (left, low, left + wide, low + tall)
            if _inside(box, frame) and not any(_touch(box, other) for other in taken):
                taken.append(box)
                at_x, at_y = axes.transData.inverted().transform(
                    ((left + wide / 2) / scale, (low + tall / 2) / scale)
                )
                looks: dict[str, Any] = {"align": "center", "valign": "center", "size": size}
                words(sheet, axes, at_x, at_y, name, color=palette.SOFT, **looks)
                break


_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
_Box = tuple[float, float, float, float]


def _around(at: Floats, least: float) -> _Box:
    half = least * 0.75
    return (float(at[0]) - half, float(at[1]) - half, float(at[0]) + half, float(at[1]) + half)


def _inside(box: _Box, frame: Floats) -> bool:
    return bool(
        box[0] >= frame[0] - 1
        and box[2] <= frame[2] + 1
        and box[1] >= frame[1]
        and box[3] <= frame[3] + 2
    )


def _touch(a: _Box, b: _Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def around(values: Iterable[float], share: float = 0.05) -> tuple[float, float]:
    """The range of finite values with some room at both ends."""
    known = [v for v in values if math.isfinite(v)]
    low, high = min(known, default=0.0), max(known, default=1.0)
    room = share * (high - low) or 0.1 * abs(high) or 1.0
    return low - room, high + room


def size_of(font_size: float) -> float:
    """Letters of a chart in points, within reason."""
    return float(min(max(font_size, 4.0), 24.0))
