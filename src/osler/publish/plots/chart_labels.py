"""Names beside points, where they cover nothing."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from osler.core.arrays import Floats
from osler.publish.plots import palette
from osler.publish.plots.chart_marks import words
from osler.publish.plots.charts import SMALL, Sheet
from osler.publish.plots.paper import text_width


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
