"""Bubble plots of meta-regressions."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import Table, columns_of
from osler.core.wording import capital, level_percent
from osler.publish.plots import palette
from osler.publish.plots.chart_labels import spread_labels
from osler.publish.plots.chart_marks import band, curve, key, key_area, key_line, points
from osler.publish.plots.charts import (
    around,
    chart,
    effect_axis,
    label_axes,
    number_axis,
    size_of,
    title_of,
)
from osler.publish.plots.paper import Drawn
from osler.publish.plots.problems import does_not_fit, no_column, wrong_length
from osler.publish.plots.showing import display_of, null_of
from osler.publish.plots.ticks import asked_limits

_POINTS = 200


def bubble(
    result: Any,
    moderator: str | None = None,
    *,
    data: Table | None = None,
    at: Mapping[str, float] | None = None,
    prediction: bool = True,
    labels: str = "none",
    axis_label: str | None = None,
    xlim: tuple[float, float] | None = None,
    ylim: tuple[float, float] | None = None,
    title: str = "",
    unit: str = "",
    width: float | str = "middle",
    height: float | None = None,
    font_size: float = 8.0,
) -> Drawn:
    """Bubble plot: estimates against a moderator, with the line of a meta-regression.

    Parameters
    ----------
    result : Regression
    moderator : str, optional
        A coefficient, or with ``data`` a column; without it, the first coefficient that is
        not the intercept.
    data : data frame or mapping, optional
        The moderators of the studies in the regression, in their order: needed where a term
        is made from a moderator ("np.log(year)", a square), so that the line follows it.
    at : mapping of str to float, optional
        Where the other coefficients (columns of ``data``) are held; their means (the most
        frequent value where they are no numbers) elsewhere.
    prediction : bool
        Draw the band in which a new study's true effect is expected.
    labels : {"none", "all"}
    axis_label : str, optional
        Of the moderator; its name elsewhere.
    xlim, ylim : (float, float), optional
        ``ylim`` as shown, ratios as ratios.
    title, unit, width, height, font_size
        As for :func:`~osler.publish.plots.funnels.funnel`.

    Returns
    -------
    matplotlib.figure.Figure
        Areas of the bubbles are in proportion to the weights in the regression.

    Raises
    ------
    DataError
        FIG002 where there is no regression, FIG004 where ``data`` has other rows, FIG005
        where the moderator is not there.

    References
    ----------
    .. [1] Thompson & Higgins (2002). Stat Med 21, 1559-1573. doi:10.1002/sim.1187
    """
    if not (hasattr(result, "predict") and hasattr(result, "design")):
        raise DataError(does_not_fit("bubble", type(result).__name__, "a meta-regression"))
    x, lines, name = _line(result, moderator, data, at or {}, xlim)
    grid, predicted = lines
    y = np.array(result.estimates)
    ends = [*y.tolist(), *predicted.ci_lower, *predicted.ci_upper]
    display = display_of(result.measure, ends, unit)
    sheet = chart(width, height, size_of(font_size), shape=0.75)
    axes = sheet.axes
    known = prediction and math.isfinite(float(result.tau2))
    outer = [*predicted.pred_lower, *predicted.pred_upper] if known else []
    null = [] if null_of(result.measure) is None else [0.0]
    low, high = around([*ends, *outer, *null], 0.04)
    if ylim is not None:
        low, high = asked_limits(ylim, display)
    number_axis(sheet, axes, *(xlim or (float(grid[0]), float(grid[-1]))), most=8)
    effect_axis(sheet, axes, low, high, display, of="y")
    entries: list[tuple[Any, str]] = [(key_line(palette.INK, None, 1.2), "Mean effect")]
    level = level_percent(result.level)
    if known:
        bounds = np.array(predicted.pred_lower), np.array(predicted.pred_upper)
        band(axes, grid, *bounds, fill="#ECECEC", order=0.4)
        entries.append((key_area("#ECECEC"), f"{level} prediction"))
    bounds = np.array(predicted.ci_lower), np.array(predicted.ci_upper)
    band(axes, grid, *bounds, fill="#CFCFCF", order=0.6)
    entries.insert(1, (key_area("#CFCFCF"), f"{level} CI"))
    if null and low < 0 < high:
        curve(axes, [grid[0], grid[-1]], [0, 0], color=palette.SOFT, width=0.6, dashes=(2, 2))
    curve(axes, grid, predicted.estimates, color=palette.INK, width=1.2)
    weight = result.fit.weights
    diameter = (3.0 + 9.0 * np.sqrt(weight / weight.max())) * (1.0 if len(y) <= 60 else 0.65)
    order = np.argsort(-diameter)  # small ones on top
    points(axes, x[order], y[order], size=diameter[order], alpha=0.65, width=0.7)
    unit_of = display.scale.unit
    shown = f"{capital(display.name)}, {unit_of}" if unit_of else capital(display.name)
    label_axes(sheet, axis_label if axis_label is not None else capital(name), shown)
    key(sheet, axes, entries, columns=3)
    if labels == "all":
        places = list(zip(x.tolist(), y.tolist(), strict=True))
        named = [(*place, s) for place, s in zip(places, result.studies, strict=True)]
        spread_labels(sheet, axes, named, avoid=places, least=float(np.median(diameter)) / 2 + 1)
    title_of(sheet, title)
    sheet.figure.description = f"Bubble plot of {len(y)} studies against {name}."
    return sheet.figure


def _line(
    result: Any,
    moderator: str | None,
    data: Table | None,
    at: Mapping[str, float],
    xlim: tuple[float, float] | None,
) -> tuple[Floats, tuple[Floats, Any], str]:
    """Values of the moderator, a grid of it with what is predicted there, and its name."""
    if data is not None:
        return _line_of_table(result, moderator, columns_of(data), at, xlim)
    names, matrix = list(result.names), np.asarray(result.design.matrix, float)
    others = [n for j, n in enumerate(names) if j != result.design.intercept]
    name = moderator if moderator is not None else (others or names)[0]
    if name not in names:
        raise DataError(no_column(name, names))
    j = names.index(name)
    grid = np.linspace(*(xlim or around(matrix[:, j].tolist(), 0.05)), _POINTS)
    rows = np.tile(matrix.mean(axis=0), (_POINTS, 1))
    for other, value in at.items():
        if other not in names:
            raise DataError(no_column(other, names))
        rows[:, names.index(other)] = value
    rows[:, j] = grid
    return matrix[:, j], (grid, _predicted(result, rows)), name


def _predicted(result: Any, rows: Any) -> Any:
    """Predictions; of a location-scale model with the scale's mean row."""
    scale = getattr(result, "scale", None)
    if scale is None:
        return result.predict(rows)
    mean = np.asarray(scale.design.matrix, float).mean(axis=0)
    return result.predict(rows, np.tile(mean, (_POINTS, 1)))


def _line_of_table(
    result: Any,
    moderator: str | None,
    table: dict[str, list[object]],
    at: Mapping[str, float],
    xlim: tuple[float, float] | None,
) -> tuple[Floats, tuple[Floats, Any], str]:
    name = moderator if moderator is not None else next(iter(table), "")
    if name not in table:
        raise DataError(no_column(name, table))
    for column, values in table.items():
        if len(values) != len(result.estimates):
            raise DataError(wrong_length(column, len(values), len(result.estimates)))
    x = np.array([float(str(v)) for v in table[name]])
    grid = np.linspace(*(xlim or around(x.tolist(), 0.05)), _POINTS)
    rows: dict[str, list[object]] = {
        column: [at.get(column, _typical(values))] * _POINTS for column, values in table.items()
    }
    rows[name] = list(grid.tolist())
    return x, (grid, _predicted(result, rows)), name


def _typical(values: list[object]) -> object:
    known = [float(v) for v in values if isinstance(v, int | float)]
    if known and len(known) == len(values):
        return math.fsum(known) / len(known)
    return max(dict.fromkeys(values), key=values.count)
