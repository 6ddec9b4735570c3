"""Marks on a sheet, in points, with every property said: nothing comes from global settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Polygon, Rectangle
from matplotlib.text import Text

from osler.publish.plots import palette
from osler.publish.plots.paper import font

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws on the frame of a sheet; ``size`` is that of letters, in points."""

    axes: Axes
    size: float

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        align: Literal["left", "center", "right"] = "left",
        size: float | None = None,
        bold: bool = False,
        italic: bool = False,
        color: str = palette.INK,
    ) -> None:
        """Words with their baseline at ``y``; a dollar sign is a dollar sign."""
        if not words:
            return
        self.axes.add_artist(
            Text(
                x,
                y,
                words,
                color=color,
                fontproperties=font(size or self.size, bold=bold, italic=italic),
                horizontalalignment=align,
                verticalalignment="baseline",
                parse_math=False,
                usetex=False,
                antialiased=True,
                clip_on=False,
            )
        )

    def middle(self, y: float, size: float | None = None) -> float:
        """The baseline of words whose capitals are centred on ``y``."""
        return y + 0.36 * (size or self.size)

    def line(
        self,
        points: Sequence[Point],
        *,
        color: str = palette.INK,
        width: float = palette.LINE,
        dashes: tuple[float, ...] | None = None,
        gid: str | None = None,
    ) -> None:
        drawn = Line2D(
            [x for x, _ in points],
            [y for _, y in points],
            color=color,
            linewidth=width,
            linestyle="-" if dashes is None else (0, dashes),
            marker="",
            solid_capstyle="butt",
            dash_capstyle="butt",
            solid_joinstyle="miter",
            antialiased=True,
            clip_on=False,
        )
        drawn.set_gid(gid)
        self.axes.add_artist(drawn)

    def area(
        self,
        points: Sequence[Point],
        *,
        fill: str = palette.INK,
        edge: str | None = None,
        width: float = palette.THIN,
        alpha: float | None = None,
        gid: str | None = None,
    ) -> None:
        drawn = Polygon(
            list(points),
            closed=True,
            facecolor=fill,
            edgecolor=edge or "none",
            linewidth=width if edge else 0.0,
            linestyle="-",
            joinstyle="miter",
            alpha=alpha,
            antialiased=True,
            clip_on=False,
        )
        drawn.set_gid(gid)
        self.axes.add_artist(drawn)

    def box(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        *,
        fill: str,
        edge: str | None = None,
        gid: str | None = None,
    ) -> None:
        drawn = Rectangle(
            (left, top),
            right - left,
            bottom - top,
            facecolor=fill,
            edgecolor=edge or "none",
            linewidth=palette.THIN if edge else 0.0,
            clip_on=False,
        )
        drawn.set_gid(gid)
        self.axes.add_artist(drawn)

    def circle(self, x: float, y: float, radius: float, *, fill: str) -> None:
        self.axes.add_artist(
            Circle((x, y), radius, facecolor=fill, edgecolor="none", linewidth=0.0, clip_on=False)
        )
