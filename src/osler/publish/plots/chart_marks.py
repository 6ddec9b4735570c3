"""Marks, curves, areas and words in the frame of a chart, and the key that explains them."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from osler.core.arrays import Floats
from osler.publish.plots import palette
from osler.publish.plots.charts import SMALL, Sheet
from osler.publish.plots.paper import font


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
