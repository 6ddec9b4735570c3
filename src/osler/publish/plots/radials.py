"""Radial plots: standardised effects against precision, and the arc they are read from."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from osler.appraisal.influence.radial import radial as radial_of
from osler.core.wording import capital
from osler.publish.plots import palette
from osler.publish.plots.analyses import asked
from osler.publish.plots.chart_labels import spread_labels
from osler.publish.plots.chart_marks import band, curve, points, words
from osler.publish.plots.charts import (
    SMALL,
    Sheet,
    around,
    chart,
    label_axes,
    number_axis,
    size_of,
    title_of,
)
from osler.publish.plots.paper import Drawn
from osler.publish.plots.showing import Display, display_of
from osler.publish.plots.ticks import Axis, ticks_of


def radial(
    result: Any,
    *,
    labels: str = "outside",
    title: str = "",
    unit: str = "",
    width: float | str = "single",
    height: float | None = None,
    font_size: float = 8.0,
    **options: Any,
) -> Drawn:
    """Galbraith's radial plot, with an arc on which estimates are read.

    Parameters
    ----------
    result : Radial, Synthesis, Effects or other studies with estimates
        Of the last three, :func:`osler.appraisal.influence.radial` is taken with ``options``.
    labels : {"none", "outside", "all"}
        Which studies are named: those outside the band, or all.
    title, unit, width, height, font_size
        As for :func:`~osler.publish.plots.funnels.funnel`.

    Returns
    -------
    matplotlib.figure.Figure
        A line from 0 through a study meets the arc at the study's estimate.

    References
    ----------
    .. [1] Galbraith (1988). Technometrics 30, 271-281. doi:10.1080/00401706.1988.10488400

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(["A", "B", "C"], [0.1, 0.3, 0.9], [0.04, 0.02, 0.03], measure="MD")
    >>> radial(fit).axes[0].get_ylabel()
    'Estimate / standard error'
    """
    found = asked(result, "Radial", lambda studies: radial_of(studies, **options))
    x, y = np.array(found.x), np.array(found.y)
    display = display_of(found.measure, list(found.estimates), unit)
    sheet = chart(width, height, size_of(font_size), shape=0.9)
    arc = _arc_of(found)
    reach, high = float(x.max()) * 1.04, arc.tall
    number_axis(sheet, sheet.axes, 0.0, arc.radius * 1.17)
    number_axis(sheet, sheet.axes, -high, high, of="y")
    line = np.array([0.0, reach])
    centre = found.slope * line
    band(sheet.axes, line, centre - found.band, centre + found.band, fill="#E9E9E9")
    curve(sheet.axes, line, centre, color=palette.INK)
    curve(sheet.axes, line, [0, 0], color=palette.RULE, width=0.5, dashes=(2, 2))
    marked = _draw_arc(sheet, arc, display)
    outside = np.array(found.outside, bool)
    points(sheet.axes, x[~outside], y[~outside])
    points(sheet.axes, x[outside], y[outside], fill=palette.VERMILION, marker="D", size=4.4)
    label_axes(sheet, "Precision (1 / standard error)", "Estimate / standard error")
    if found.tau2 > 0:
        sheet.axes.set_xlabel("Precision (1 / √(variance + τ²))")
    named = [
        (float(x[i]), float(y[i]), name)
        for i, name in enumerate(found.studies)
        if labels == "all" or (labels == "outside" and outside[i])
    ]
    every = [*zip(x.tolist(), y.tolist(), strict=True), *marked]
    spread_labels(sheet, sheet.axes, named, avoid=every)
    title_of(sheet, title)
    sheet.figure.description = f"Radial plot of {len(x)} studies, {int(outside.sum())} outside."
    return sheet.figure


@dataclass(frozen=True, slots=True)
class _Arc:
    """An arc outside all studies, round on paper; ``steep`` x-units are as long as one of y."""

    radius: float
    steep: float
    low: float
    high: float
    tall: float

    def at(self, slope: float, far: float = 1.0) -> tuple[float, float]:
        """Where the line of a slope meets the arc, or ``far`` times as far out."""
        angle = math.atan(slope * self.steep)
        out = far * self.radius
        return out * math.cos(angle), out / self.steep * math.sin(angle)


def _arc_of(found: Any) -> _Arc:
    x, y = np.array(found.x), np.array(found.y)
    highest = max(float(np.abs(y).max()), abs(found.slope) * float(x.max()), found.band) * 1.05
    steep = float(x.max()) / highest
    radius = float(np.hypot(x, y * steep).max()) * 1.06
    low, high = around([*(y / x).tolist(), found.slope, 0.0], 0.05)
    # Steeper than 80 degrees, estimates of the smallest studies would crowd at the ends.
    most = math.tan(math.radians(76)) / steep
    low, high = max(low, -most), min(high, most)
    bare = _Arc(radius, steep, low, high, 0.0)
    ends = [abs(bare.at(slope)[1]) for slope in (low, high)]
    return _Arc(radius, steep, low, high, max(*ends, highest) * 1.1)


def _draw_arc(sheet: Sheet, arc: _Arc, display: Display) -> list[tuple[float, float]]:
    """The arc with its ticks; where these stand."""
    line = [arc.at(s) for s in np.linspace(arc.low, arc.high, 200)]
    curve(sheet.axes, [x for x, _ in line], [y for _, y in line], width=0.7)
    tall = float(sheet.figure.get_size_inches()[1]) * 0.72 * palette.INCH
    marked: list[tuple[float, float]] = []
    # Spaced as on a straight axis of the same height; where the arc turns, some are left out.
    bare = Axis(arc.low, arc.high, 0.0, tall, ())
    for value, text in ticks_of(bare, display, sheet.size * SMALL):
        (x0, y0), (x1, y1), (x2, y2) = arc.at(value), arc.at(value, 1.02), arc.at(value, 1.045)
        room = 2 * arc.tall * 1.5 * sheet.size / tall
        if any(abs(y2 - other) < room for _, other in marked):
            continue
        curve(sheet.axes, [x0, x1], [y0, y1], width=0.6)
        words(sheet, sheet.axes, x2, y2, text, valign="center_baseline")
        marked.append((x2, y2))
    name = capital(display.name)
    words(sheet, sheet.axes, 1.0, 1.0, name, align="right", valign="top", frame=True)
    return marked
