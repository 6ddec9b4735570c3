"""Weight functions of selection models: how likely a study is seen, given its p-value."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.wording import level_percent
from osler.publish.plots import palette
from osler.publish.plots.chart_marks import area, band, curve, key, key_area, key_line, words
from osler.publish.plots.charts import (
    SMALL,
    Sheet,
    chart,
    label_axes,
    number_axis,
    size_of,
    title_of,
)
from osler.publish.plots.paper import Drawn, text_width
from osler.publish.plots.problems import bad_limits, does_not_fit, unknown_choice
from osler.publish.plots.ticks import number_label

_SCALES = ("root", "even")
_LINES = (
    (palette.BLUE, None),
    (palette.VERMILION, (5.0, 2.0)),
    (palette.GREEN, (1.5, 1.5)),
    (palette.PURPLE, (6.0, 2.0, 1.5, 2.0)),
    (palette.ORANGE, (3.0, 1.5)),
)
_SHADE = "#D6E6F2"
# Labels that an axis of p-values has where there is room, those that matter most first.
_TICKS = (0.05, 0.5, 0.2, 0.01, 0.1, 0.3, 0.75)
_SIDED = {
    "greater": "One-sided p-value, small for large estimates",
    "less": "One-sided p-value, small for small estimates",
    "two-sided": "Two-sided p-value",
}
# Weights of the beta family may grow without end towards p = 0 and 1: heights are taken between.
_FROM, _TO = 0.002, 0.98


def selection_weights(
    result: Any,
    others: Mapping[str, Any] | None = None,
    *,
    name: str = "",
    interval: bool = True,
    relative_to: float | None = None,
    scale: str = "root",
    xlim: tuple[float, float] = (0.0, 1.0),
    title: str = "",
    width: float | str = "single",
    height: float | None = None,
    font_size: float = 8.0,
) -> Drawn:
    """Weight function of a selection model: the chance of being seen at each p-value.

    Parameters
    ----------
    result : SelectionModel
    others : mapping of str to SelectionModel, optional
        Drawn in the same frame under these names: other weight functions of the same studies.
    name : str
        Of ``result`` beside others; its kind of weight function without one.
    interval : bool
        Shade the interval of the weights, where it is known: of a step function the one of
        each step, of a smooth function with one free parameter those of the ends of its
        interval. Two parameters have no such band. Only where nothing stands beside.
    relative_to : float, optional
        A p-value at which every weight function is set to 1, so that their shapes compare:
        the height of a beta function means nothing by itself.
    scale : {"root", "even"}
        Of the p-values: square roots, which give room to the small ones that selection is
        about, or even steps.
    xlim : (float, float)
        From which p-value to which.
    title, width, height, font_size
        As for :func:`~osler.publish.plots.funnels.funnel`.

    Returns
    -------
    matplotlib.figure.Figure
        The weight is relative: to the first step, or to where the function is 1. The thin line
        at 1 is what no selection would give. Over the steps stands how many studies have such
        p-values. Where imprecision plays a part, it is that of the least precise study.

    Raises
    ------
    DataError
        FIG002 where it is no selection model, FIG003 for an unknown scale or models of
        different p-values, FIG007 for limits that are no range of p-values.

    References
    ----------
    .. [1] Vevea & Hedges (1995). Psychometrika 60, 419-435. doi:10.1007/BF02294384

    Examples
    --------
    >>> from osler.appraisal.selection import selection_model
    >>> from osler.synthesis.pool import synthesise
    >>> y = [0.1, 0.5, 0.6, 0.75, 0.9, 0.2, 1.1, 0.45, 0.05, 0.7]
    >>> v = [0.01, 0.05, 0.06, 0.11, 0.16, 0.03, 0.28, 0.04, 0.02, 0.1]
    >>> fitted = selection_model(synthesise(list("ABCDEFGHIJ"), y, v), "half-normal")
    >>> selection_weights(fitted).axes[0].get_ylabel()
    'Relative chance of being seen'
    """
    models = {name or _kind(result): result, **dict(others or {})}
    _check(models, scale, xlim)
    sheet = chart(width, height, size_of(font_size), shape=0.86)
    axes = sheet.axes
    p = _grid(models, scale, xlim)
    shaded = interval_of(result, p, relative_to, wanted=interval and len(models) == 1)
    weights = {shown: _weight(model, p, relative_to) for shown, model in models.items()}
    top = _top(list(weights.values()), p, shaded)
    number_axis(sheet, axes, 0.0, top, of="y")
    _p_axis(sheet, axes, result, scale, xlim)
    x = _placed(p, scale)
    curve(axes, x[[0, -1]], [1.0, 1.0], color=palette.SOFT, width=0.6, dashes=(2, 2))
    entries: list[tuple[Any, str]] = []
    if shaded is not None:
        _shade(axes, result, x, p, shaded, scale)
        entries.append((key_area(_SHADE), f"{level_percent(result.level)} interval"))
    for (shown, heights), (color, dashes) in zip(weights.items(), _LINES, strict=False):
        curve(axes, x, heights, color=color, width=1.4, dashes=dashes, order=3)
        entries.append((key_line(color, dashes, 1.4), shown))
    entries.append((key_line(palette.SOFT, (2, 2), 0.6), "No selection"))
    if len(models) == 1:
        _counts(sheet, axes, result, scale, xlim)
    label_axes(sheet, _SIDED[result.alternative], "Relative chance of being seen")
    key(sheet, axes, entries, columns=1 if max(len(text) for _, text in entries) > 22 else 2)
    title_of(sheet, title)
    sheet.figure.description = _told(result, models)
    return sheet.figure


def _kind(result: Any) -> str:
    if getattr(result, "kind", "") == "step":
        return "Step function"
    return f"{str(getattr(result, 'kind', '')).replace('-', ' ').capitalize()} function"


def _check(models: Mapping[str, Any], scale: str, xlim: tuple[float, float]) -> None:
    for model in models.values():
        if not hasattr(model, "weight") or not hasattr(model, "selection"):
            found = type(model).__name__
            raise DataError(does_not_fit("selection_weights", found, "a selection model"))
    if scale not in _SCALES:
        raise DataError(unknown_choice("scale", scale, _SCALES))
    sides = {model.alternative for model in models.values()}
    if len(sides) > 1:
        found = ", ".join(sorted(sides))
        raise DataError(unknown_choice("alternative beside another", found, ("the same",)))
    if len(models) > len(_LINES):
        raise DataError(unknown_choice("number of models", len(models), ("1 to 5",)))
    low, high = xlim
    if not 0 <= low < high <= 1:
        raise DataError(bad_limits(xlim))


def _placed(p: Any, scale: str) -> Floats:
    return np.asarray(np.sqrt(p) if scale == "root" else p, float)


def _grid(models: Mapping[str, Any], scale: str, xlim: tuple[float, float]) -> Floats:
    """p-values to draw at, both sides of every step among them."""
    low, high = xlim
    ends = _placed([low, high], scale)
    even = np.linspace(ends[0], ends[1], 600)
    p = even**2 if scale == "root" else even
    cuts = np.array([step for model in models.values() for step in model.steps])
    both = np.r_[cuts, np.nextafter(cuts, 2.0)]
    return np.unique(np.clip(np.r_[p, low, high, both[(both > low) & (both < high)]], low, high))


def _weight(model: Any, p: Floats, relative_to: float | None) -> Floats:
    heights = np.array(model.weight(p.tolist()))
    if relative_to is None:
        return heights
    if not 0 < relative_to < 1:
        raise DataError(unknown_choice("relative_to", relative_to, ("a p-value within 0 and 1",)))
    return np.asarray(heights / model.weight([relative_to])[0])


def interval_of(
    model: Any, p: Floats, relative_to: float | None, *, wanted: bool
) -> tuple[Floats, Floats] | None:
    """Bounds of the weights at these p-values; None where they are not known."""
    free = [part for part in model.selection if not part.fixed]
    known = [part for part in free if math.isfinite(part.ci_upper)]
    if not wanted or not known or (model.kind != "step" and len(free) > 1):
        return None
    ends = []
    for bound in ("ci_lower", "ci_upper"):
        moved = tuple(
            replace(part, estimate=getattr(part, bound)) if part in known else part
            for part in model.selection
        )
        ends.append(_weight(replace(model, selection=moved), p, relative_to))
    return np.minimum(*ends), np.maximum(*ends)


def _top(weights: Sequence[Floats], p: Floats, shaded: tuple[Floats, Floats] | None) -> float:
    """The upper end of the axis: all weights, and intervals up to 2.5 times the largest."""
    inside = (p >= min(_FROM, p[-1])) & (p <= max(_TO, p[0]))
    most = max(1.0, *(float(w[inside].max()) for w in weights))
    if shaded is None:
        return 1.12 * most
    return 1.12 * max(most, min(float(shaded[1][inside].max()), 2.5 * most))


def _shade(
    axes: Axes, model: Any, x: Floats, p: Floats, bounds: tuple[Floats, Floats], scale: str
) -> None:
    lower, upper = bounds
    if model.kind != "step":
        band(axes, x, lower, upper, fill=_SHADE, order=0.5)
        return
    edges = [p[0], *(s for s in model.steps if p[0] < s < p[-1]), p[-1]]
    for low, high in pairwise(edges):
        at = int(np.searchsorted(p, (low + high) / 2))
        left, right = _placed([low, high], scale)
        corners = [(left, lower[at]), (right, lower[at]), (right, upper[at]), (left, upper[at])]
        if upper[at] > lower[at]:
            area(axes, corners, fill=_SHADE, order=0.5)


def _p_axis(sheet: Sheet, axes: Axes, model: Any, scale: str, xlim: tuple[float, float]) -> None:
    """Ticks at both ends and at the steps first, then where there is room."""
    low, high = xlim
    left, right = _placed([low, high], scale)
    points = sheet.figure.get_size_inches()[0] * palette.INCH - 50.0
    taken: list[tuple[float, float, float, str]] = []
    for value in (low, high, *model.steps, *_TICKS):
        if not low <= value <= high:
            continue
        label = number_label(float(value))
        middle = float(_placed(value, scale) - left) / float(right - left) * points
        half = text_width(label, sheet.size * SMALL) / 2 + 2.5
        if all(middle + half <= a or middle - half >= b for a, b, *_ in taken):
            taken.append((middle - half, middle + half, float(_placed(value, scale)), label))
    taken.sort()
    axes.set_xlim(left, right)
    axes.xaxis.set_major_locator(FixedLocator([at for *_, at, _ in taken]))
    axes.xaxis.set_major_formatter(FixedFormatter([label for *_, label in taken]))


def _counts(sheet: Sheet, axes: Axes, model: Any, scale: str, xlim: tuple[float, float]) -> None:
    """How many studies have p-values of each step, where the words find room."""
    left, right = _placed(xlim, scale)
    points = sheet.figure.get_size_inches()[0] * palette.INCH - 50.0
    for part in model.intervals if len(model.intervals) > 1 else ():
        low, high = max(part.lower, xlim[0]), min(part.upper, xlim[1])
        if high <= low:
            continue
        a, b = ((float(_placed(v, scale)) - left) / (right - left) for v in (low, high))
        told = f"k = {part.studies}"
        if (b - a) * points < text_width(told, sheet.size * SMALL) + 4:
            told = str(part.studies)
        if (b - a) * points >= text_width(told, sheet.size * SMALL) + 2:
            looks: dict[str, Any] = {"align": "center", "valign": "top", "frame": True}
            words(sheet, axes, (a + b) / 2, 0.985, told, color=palette.SOFT, **looks)


def _told(result: Any, models: Mapping[str, Any]) -> str:
    if result.kind == "step":
        pairs = zip(result.selection, result.intervals, strict=False)
        parts = [f"{part.estimate:.2f} up to p = {where.upper:g}" for part, where in pairs]
        weights = f" Weights: {', '.join(parts)}."
    else:
        at = result.weight([0.05, 0.5])
        weights = f" Weight {at[0]:.2f} at p = 0.05, {at[1]:.2f} at p = 0.5."
    several = f" with {len(models) - 1} beside it" if len(models) > 1 else ""
    return f"Weight function of a selection model{several}: {_kind(result).lower()}.{weights}"
