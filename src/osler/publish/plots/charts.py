"""Frames with two axes: plain, the same whatever a caller's style sheet says."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

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


def around(values: Iterable[float], share: float = 0.05) -> tuple[float, float]:
    """The range of finite values with some room at both ends."""
    known = [v for v in values if math.isfinite(v)]
    low, high = min(known, default=0.0), max(known, default=1.0)
    room = share * (high - low) or 0.1 * abs(high) or 1.0
    return low - room, high + room


def size_of(font_size: float) -> float:
    """Letters of a chart in points, within reason."""
    return float(min(max(font_size, 4.0), 24.0))
