"""Funnel plots: are small studies told apart from large ones by their results?"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import Table
from osler.core.quantiles import normal_quantile
from osler.publish.plots import palette
from osler.publish.plots.chart_marks import (
    curve,
    key,
    key_line,
    key_point,
)
from osler.publish.plots.charts import (
    Sheet,
    chart,
    size_of,
    title_of,
)
from osler.publish.plots.funnel_contours import draw_contours, errors_along
from osler.publish.plots.funnel_places import (
    HEIGHTS,
    Funnel,
    draw_axes,
    draw_studies,
    funnel_of,
    limits_of,
    name_studies,
)
from osler.publish.plots.paper import Drawn
from osler.publish.plots.problems import unknown_choice


def funnel(
    result: Any,
    *,
    y: str = "se",
    contours: Sequence[float] | bool = False,
    reference: str | float = "random",
    residuals: str = "standardised",
    n: Sequence[float] | None = None,
    data: Table | None = None,
    labels: str = "none",
    xlim: tuple[float, float] | None = None,
    title: str = "",
    unit: str = "",
    width: float | str = "single",
    height: float | None = None,
    font_size: float = 8.0,
) -> Drawn:
    """Funnel plot: each study's estimate against how precise it is.

    Parameters
    ----------
    result : Synthesis, Effects, TrimAndFill, AsymmetryTest, Regression or other studies
        Studies that trim-and-fill added are drawn hollow; an asymmetry test adds its line. Of
        a regression the residuals are drawn, against their own standard errors.
    y : {"se", "precision", "variance", "n"}
        What stands on the vertical axis. Large studies are always above. "n" needs the
        participants.
    contours : bool or sequence of float
        Shade by the p-value of a study against no effect; True for 0.10, 0.05 and 0.01.
        The lines of the funnel are left out then.
    reference : {"random", "common", "none"} or float
        Where the funnel stands: a pooled estimate of the result, or a value as shown. That
        of residuals stands at 0 (ratios at 1), and knows no "common".
    residuals : {"standardised", "studentised"}
        Of a regression: from the model with each study in it, or without it.
    n : sequence of float, optional
        Participants of each study, where the result has none.
    data : data frame or mapping, optional
        With a column "n", or the arms' "n_treated" and "n_control".
    labels : {"none", "outside", "all"}
        Which studies are named.
    xlim : (float, float), optional
        As shown, ratios as ratios.
    title, unit : str
    width : float or {"single", "middle", "double"}
        In inches, or a journal's columns.
    height : float, optional
        In inches.
    font_size : float
        In points.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    DataError
        FIG002 where the result has no studies, FIG003 for an unknown choice, FIG004 where
        ``n`` has another length, FIG005 where it is not known.

    Notes
    -----
    The lines hold ``level`` of the studies around the reference if only chance told them
    apart: they take no heterogeneity in, as in metafor's default. Around residuals, whose
    standard errors hold tau2, they hold ``level`` of the studies if the model is right.
    Asymmetry has many causes besides unpublished studies. [1]_

    References
    ----------
    .. [1] Sterne et al. (2011). BMJ 343, d4002. doi:10.1136/bmj.d4002
    .. [2] Peters et al. (2008). J Clin Epidemiol 61, 991-996.
       doi:10.1016/j.jclinepi.2007.11.010

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(["A", "B", "C"], [0.1, 0.3, 0.9], [0.04, 0.02, 0.03], measure="MD")
    >>> funnel(fit, contours=True).axes[0].get_ylabel()
    'Standard error'
    """
    if y not in HEIGHTS:
        raise DataError(unknown_choice("vertical axis", y, HEIGHTS))
    what = funnel_of(result, y, reference, n, data, unit, residuals)
    sheet = chart(width, height, size_of(font_size), shape=0.95 if contours else 0.86)
    low, high, top, bottom = limits_of(what, xlim)
    draw_axes(sheet, what, (low, high), (bottom, top))
    entries: list[tuple[Any, str]] = []
    grid = errors_along(what, bottom, top)
    if contours is not False:
        levels = (0.10, 0.05, 0.01) if contours is True else tuple(contours)
        entries += draw_contours(sheet, what, grid, levels, (low, high))
    elif grid.size and math.isfinite(what.centre):
        _draw_funnel(sheet, what, grid)
    if math.isfinite(what.centre):
        x = [what.centre, what.centre]
        curve(sheet.axes, x, [bottom, top], color=palette.INK, width=0.7)
    entries += _draw_test(sheet, what, result, (low, high), (bottom, top))
    draw_studies(sheet, what)
    entries += _filled_key(what)
    entries += [(key_line(palette.WHITE), what.remark)] if what.remark else []
    key(sheet, sheet.axes, entries, columns=2)
    name_studies(sheet, what, labels)
    title_of(sheet, title)
    count, over = len(what.studies), f". {what.remark}." if what.remark else "."
    shown = what.name if hasattr(result, "residuals") else what.display.name
    sheet.figure.description = f"Funnel plot of {count} studies: {shown} against {y}{over}"
    return sheet.figure


def _draw_funnel(sheet: Sheet, what: Funnel, se: Floats) -> None:
    z = float(normal_quantile(0.5 + what.level / 2))
    with np.errstate(divide="ignore"):
        place = what.place(se)
    for way in (-1, 1):
        x = what.centre + way * z * se
        curve(sheet.axes, x, place, color=palette.SOFT, width=0.7, dashes=(4, 3))


def _draw_test(
    sheet: Sheet, what: Funnel, test: Any, x: tuple[float, float], y: tuple[float, float]
) -> list[tuple[Any, str]]:
    """The line of an asymmetry test, from an endlessly large study to the smallest."""
    if not hasattr(test, "limit_estimate") or what.height != "se":
        return []
    se = np.linspace(0.0, y[0], 200)
    line = test.limit_estimate + test.slope * se
    inside = (line >= x[0]) & (line <= x[1])
    color = palette.VERMILION
    curve(sheet.axes, line[inside], se[inside], color=color, width=1.2)
    return [(key_line(color, width=1.2), "Line of the test")]


def _filled_key(what: Funnel) -> list[tuple[Any, str]]:
    if not any(what.filled):
        return []
    hollow = key_point(palette.WHITE, palette.VERMILION)
    return [(key_point(palette.BLUE), "Studies"), (hollow, "Filled in")]
