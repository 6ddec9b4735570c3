"""Figures of growing evidence and of many analyses: sequential, specification curve."""

import math
from typing import Any

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.wording import capital, counted, percent
from osler.publish.plots import palette
from osler.publish.plots.chart_marks import curve, key, key_line, key_point, points, words
from osler.publish.plots.charts import (
    SMALL,
    Sheet,
    around,
    chart,
    effect_axis,
    label_axes,
    number_axis,
    size_of,
    title_of,
)
from osler.publish.plots.paper import Drawn, font, inches
from osler.publish.plots.problems import does_not_fit
from osler.publish.plots.showing import display_of, null_of
from osler.publish.plots.ticks import limits

# Told apart from the path in grey as well.
_BOUNDARY = (6.0, 1.5, 1.5, 1.5)
_CHOICES = {
    "measure": "Measure",
    "zero_cells": "Zero cells",
    "exclusion": "Left out",
    "model": "Model",
    "ci_method": "Interval",
}


def sequential(
    result: Any,
    *,
    favours: tuple[str, str] = ("", ""),
    title: str = "",
    width: float | str = "middle",
    height: float | None = None,
    font_size: float = 8.0,
) -> Drawn:
    """Trial sequential analysis: cumulative z against boundaries that allow for many looks.

    Parameters
    ----------
    result : Sequential
    favours : (str, str)
        What negative and positive z speak for.
    title, width, height, font_size
        As for :func:`~osler.publish.plots.funnels.funnel`.

    Returns
    -------
    matplotlib.figure.Figure
        Information as a share of what is required; beyond the outer lines the evidence is
        firm, between the inner ones (where they were asked for) the relevant effect unlikely.

    Raises
    ------
    DataError
        FIG002 where the result is no sequential analysis.

    References
    ----------
    .. [1] Wetterslev, Thorlund, Brok & Gluud (2008). J Clin Epidemiol 61, 64-75.
       doi:10.1016/j.jclinepi.2007.03.013
    """
    if not (hasattr(result, "fraction") and hasattr(result, "boundary")):
        raise DataError(does_not_fit("sequential", type(result).__name__, "a sequential analysis"))
    fraction = 100 * np.array(result.fraction)
    z, boundary = np.array(result.z), np.array(result.boundary)
    sheet = chart(width, height, size_of(font_size), shape=0.72)
    axes = sheet.axes
    right = max(100.0, float(fraction.max())) * 1.04
    tall = _tallest(z, boundary)
    number_axis(sheet, axes, 0.0, right, most=8)
    number_axis(sheet, axes, -tall, tall, of="y")
    curve(axes, [0, right], [0, 0], color=palette.INK, width=0.6)
    for way in (-1, 1):
        height_ = way * 1.96
        curve(axes, [0, right], [height_, height_], color=palette.SOFT, width=0.6, dashes=(2, 2))
    curve(axes, [100, 100], [-tall, tall], color=palette.SOFT, width=0.8)
    words(
        sheet, axes, 100, -tall * 0.97, "required information ", align="right", color=palette.SOFT
    )
    at, values = _outer(fraction, boundary, float(result.final_boundary))
    for way in (-1, 1):
        shown = np.clip(way * values, -tall, tall)
        curve(axes, at, shown, color=palette.VERMILION, width=1.3, dashes=_BOUNDARY)
        points(axes, at[values < tall], shown[values < tall], size=2.6, fill=palette.VERMILION)
    entries: list[tuple[Any, str]] = [
        (key_line(palette.BLUE, None, 1.3), "Cumulative z"),
        (key_line(palette.VERMILION, _BOUNDARY, 1.3), "Boundary"),
        (key_line(palette.SOFT, (2, 2)), "|z| = 1.96"),
    ]
    futility = np.array(result.futility)
    if futility.size:
        inside = np.isfinite(futility) & (futility >= 0)
        for way in (-1, 1):
            curve(
                axes,
                fraction[inside],
                way * futility[inside],
                color=palette.GREEN,
                width=1.1,
                dashes=(5, 2),
            )
        entries.append((key_line(palette.GREEN, (5, 2), 1.1), "Futility"))
    curve(axes, np.r_[0.0, fraction], np.r_[0.0, z], color=palette.BLUE, width=1.3, order=3)
    points(axes, fraction, z, size=3.8)
    _mark(sheet, result, fraction, z, (right, tall))
    label_axes(sheet, "Information, % of what is required", "Cumulative z")
    # At the right, where the path comes last.
    for told, y, side in ((favours[1], tall * 0.97, "top"), (favours[0], -tall * 0.85, "bottom")):
        words(sheet, axes, 99, y, told, align="right", valign=side, color=palette.INK)
    key(sheet, axes, entries, columns=4)
    title_of(sheet, title)
    sheet.figure.description = f"Sequential analysis. {result.verdict}"
    return sheet.figure


def _tallest(z: Floats, boundary: Floats) -> float:
    finite = boundary[np.isfinite(boundary)]
    most = max(4.0, 1.15 * float(np.abs(z).max()))
    usual = min(8.0, 1.05 * float(finite.max())) if finite.size else 0.0
    return max(most, usual)


def _outer(fraction: Floats, boundary: Floats, final: float) -> tuple[Floats, Floats]:
    """The boundary at looks that test, and at the end of the plan where that is to come."""
    tested = np.isfinite(boundary)
    at, values = fraction[tested], boundary[tested]
    if math.isfinite(final) and (not at.size or at[-1] < 100):
        at, values = np.r_[at, 100.0], np.r_[values, final]
    return at, values


def _mark(
    sheet: Sheet, result: Any, fraction: Floats, z: Floats, ends: tuple[float, float]
) -> None:
    """Name the look that first crossed a boundary."""
    if not result.crossed:
        return
    i = result.crossed - 1
    points(
        sheet.axes,
        fraction[i : i + 1],
        z[i : i + 1],
        size=6.0,
        fill=palette.VERMILION,
        marker="D",
        order=4,
    )
    left = fraction[i] > 0.6 * ends[0]
    x = fraction[i] + (-0.015 if left else 0.015) * ends[0]
    y = z[i] + (0.03 if z[i] > 0 else -0.03) * ends[1]
    side = "bottom" if z[i] > 0 else "top"
    align = "right" if left else "left"
    words(sheet, sheet.axes, x, y, result.studies[i], align=align, valign=side)


def specification_curve(
    result: Any,
    *,
    title: str = "",
    width: float | str = "double",
    height: float | None = None,
    font_size: float = 8.0,
) -> Drawn:
    """Specification curve: what every reasonable analysis gives, and which choices make it.

    Parameters
    ----------
    result : Multiverse
    title, width, height, font_size
        As for :func:`~osler.publish.plots.funnels.funnel`.

    Returns
    -------
    matplotlib.figure.Figure
        Above, the estimates in rising order with their intervals (z where measures differ);
        below, which options each comes from. The main specification is a diamond.

    Raises
    ------
    DataError
        FIG002 where the result is no multiverse.

    References
    ----------
    .. [1] Voracek, Kossmeier & Tran (2019). Z Psychol 227, 64-82.
       doi:10.1027/2151-2604/a000357
    .. [2] Simonsohn, Simmons & Nelson (2020). Nat Hum Behav 4, 1208-1214.
       doi:10.1038/s41562-020-0912-z
    """
    if not (hasattr(result, "specifications") and hasattr(result, "curve")):
        kind = type(result).__name__
        raise DataError(does_not_fit("specification_curve", kind, "a multiverse analysis"))
    order = list(result.curve())
    found = [result.specifications[i] for i in order]
    rows = _options(found)
    size = size_of(font_size)
    below = max(len(rows) + 0.6 * len({choice for choice, _ in rows}), 1) * size * 1.45 / 72
    wide = inches(width)
    tall = height or 2.6 + below
    ratios = [max(tall - below - 0.3, 1.2), below + 0.1]
    sheet = chart(wide, tall, size, rows=2, columns=1, height_ratios=ratios)
    top, bottom = sheet.frames
    _estimates(sheet, top, result, found, order.index(0))
    _grid_of_options(sheet, bottom, found, rows, order.index(0))
    title_of(sheet, title, top)
    total = len(found)
    told = f"{percent(result.holds() / total)} of {counted(total, 'specification')} agree with it."
    sheet.figure.description = f"Specification curve around the main specification. {told}"
    return sheet.figure


def _options(found: list[Any]) -> list[tuple[str, str]]:
    """Choices with several options, and these, as they first appear."""
    rows: list[tuple[str, str]] = []
    for choice in _CHOICES:
        options = list(dict.fromkeys(str(getattr(s, choice)) for s in found))
        if len(options) > 1:
            rows += [(choice, option) for option in sorted(options)]
    return rows


def _estimates(sheet: Sheet, axes: Any, result: Any, found: list[Any], main: int) -> None:
    x = np.arange(len(found), dtype=float)
    by_z = result.shares_of != "estimate"
    middle = np.array([s.z if by_z else s.estimate for s in found])
    lower = middle if by_z else np.array([s.ci_lower for s in found])
    upper = middle if by_z else np.array([s.ci_upper for s in found])
    room = 0.02 * len(found) + 0.6
    if by_z:
        number_axis(sheet, axes, *around([*middle, 0.0], 0.08), of="y")
        label = "z"
    else:
        measure = found[0].measure
        display = display_of(measure, [*lower, *upper])
        pairs = list(zip(lower.tolist(), upper.tolist(), strict=True))
        ends = limits(middle.tolist(), pairs, null=null_of(measure))
        effect_axis(sheet, axes, *ends, display, of="y")
        label = capital(display.name)
    axes.set_xlim(-room, len(found) - 1 + room)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    curve(axes, [-room, len(found) - 1 + room], [0, 0], color=palette.SOFT, width=0.6)
    low, high = axes.get_ylim()
    firm = np.array([s.excludes_no_effect for s in found], bool)
    thin = min(1.2, max(0.3, 180.0 / len(found)))
    for chosen, color in ((firm, palette.BLUE), (~firm, "#9A9A9A")):
        if not by_z:
            axes.vlines(
                x[chosen],
                np.clip(lower[chosen], low, high),
                np.clip(upper[chosen], low, high),
                colors=color,
                linewidths=thin,
                alpha=0.55,
                zorder=1.5,
            )
        dot = min(3.6, max(1.2, 500.0 / len(found)))
        points(axes, x[chosen], middle[chosen], size=dot, fill=color, edge="none", width=0.0)
    points(axes, [x[main]], [middle[main]], size=5.5, fill=palette.VERMILION, marker="D")
    label_axes(sheet, "", label, axes)
    _key_above(sheet, axes)


def _key_above(sheet: Sheet, axes: Any) -> None:
    entries = [
        (key_point(palette.VERMILION, marker="D"), "main specification"),
        (key_point(palette.BLUE), "excludes the null, same direction"),
        (key_point("#9A9A9A"), "does not"),
    ]
    key(sheet, axes, entries, columns=3)
    axes.get_legend().set_bbox_to_anchor((0.5, -0.02))


def _grid_of_options(
    sheet: Sheet, axes: Any, found: list[Any], rows: list[tuple[str, str]], main: int
) -> None:
    room = 0.02 * len(found) + 0.6
    axes.set_xlim(-room, len(found) - 1 + room)
    axes.set_xticks([])
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    places, labels, y, before = [], [], 0.0, ""
    heads = []
    for choice, option in rows:
        if choice != before:
            y += 0.6 if before else 0.0
            heads.append((y, _CHOICES[choice]))
        before = choice
        x = [i for i, s in enumerate(found) if str(getattr(s, choice)) == option]
        _ticks(axes, np.array(x, float), y, len(found))
        places.append(y)
        labels.append(option or "nothing")
        y += 1.0
    axes.set_ylim(max(y - 0.4, 0.6), -0.6)
    axes.set_yticks(places, labels)
    axes.tick_params(axis="y", length=0, labelsize=sheet.size * SMALL)
    for label in axes.get_yticklabels():
        label.set_fontproperties(font(sheet.size * SMALL))
        label.set_parse_math(False)
    for at, head in heads:
        words(
            sheet,
            axes,
            len(found) - 1 + room * 1.1,
            at,
            head,
            valign="center",
            color=palette.SOFT,
            bold=True,
        )
    curve(axes, [main, main], [-0.6, y - 0.4], color=palette.VERMILION, width=0.6, dashes=(2, 2))


def _ticks(axes: Any, x: Floats, y: float, total: int) -> None:
    """A mark for each specification, as wide as there is room."""
    width = min(2.2, max(0.35, 250.0 / total))
    axes.vlines(x, y - 0.32, y + 0.32, colors=palette.INK, linewidths=width, zorder=2)
