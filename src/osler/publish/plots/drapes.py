"""Drapery plots: the p-value function of every study and of what they give together."""

import math
from typing import Any

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.quantiles import (
    normal_quantile,
    normal_two_sided,
    t_two_sided,
)
from osler.core.wording import capital, number
from osler.publish.plots import palette
from osler.publish.plots.benches import own_intervals
from osler.publish.plots.chart_labels import spread_labels
from osler.publish.plots.chart_marks import area, curve, key, key_area, key_line, words
from osler.publish.plots.charts import (
    chart,
    effect_axis,
    label_axes,
    number_axis,
    size_of,
    title_of,
)
from osler.publish.plots.p_values import p_curve
from osler.publish.plots.paper import Drawn
from osler.publish.plots.problems import does_not_fit, unknown_choice
from osler.publish.plots.showing import display_of, null_of
from osler.publish.plots.ticks import asked_limits, limits
from osler.synthesis.model import Pooled, Synthesis


def drapery(
    result: Any,
    *,
    y: str = "p",
    labels: str = "none",
    prediction: bool = True,
    xlim: tuple[float, float] | None = None,
    title: str = "",
    unit: str = "",
    width: float | str = "middle",
    height: float | None = None,
    font_size: float = 8.0,
) -> Drawn:
    """Drapery plot: the p-value function of every study and of what they give together.

    Parameters
    ----------
    result : Synthesis or Effects
    y : {"p", "z"}
        p-values, or the statistic they belong to, which shows the tails.
    labels : {"none", "all"}
        Name studies at their peaks.
    prediction : bool
        Shade the range in which a new study's true effect is expected, at every level.
    xlim : (float, float), optional
        As shown.
    title, unit, width, height, font_size
        As for :func:`~osler.publish.plots.funnels.funnel`.

    Returns
    -------
    matplotlib.figure.Figure
        Where a curve lies above a p-value, its interval at that level holds the value. Of
        the studies, the weightier are darker.

    Raises
    ------
    DataError
        FIG002 where the result has no studies, FIG003 for an unknown choice.

    References
    ----------
    .. [1] Rücker & Schwarzer (2021). Res Synth Methods 12, 3-11. doi:10.1002/jrsm.1410

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(["A", "B", "C"], [0.1, 0.3, 0.9], [0.04, 0.02, 0.03], measure="MD")
    >>> drapery(fit).axes[0].get_ylabel()
    'p-value'
    """
    if y not in ("p", "z"):
        raise DataError(unknown_choice("vertical axis", y, ("p", "z")))
    if not hasattr(result, "estimates"):
        raise DataError(does_not_fit("drapery", type(result).__name__, "a synthesis or effects"))
    level = float(getattr(result, "level", 0.95))
    intervals = own_intervals(result, level)
    display = display_of(result.measure, [end for pair in intervals for end in pair], unit)
    low, high = limits(result.estimates, intervals, null=null_of(result.measure))
    if xlim is not None:
        low, high = asked_limits(xlim, display)
    sheet = chart(width, height, size_of(font_size), shape=0.72)
    axes = sheet.axes
    effect_axis(sheet, axes, low, high, display)
    number_axis(sheet, axes, *((0.0, 1.02) if y == "p" else (-4.0, 0.0)), of="y")
    grid = np.linspace(low, high, 1500)
    _drape(axes, result, grid, y)
    entries: list[tuple[Any, str]] = []
    if isinstance(result, Synthesis):
        entries = _pooled_drapes(axes, result, grid, y, prediction=prediction)
    p = 1 - level
    at = p if y == "p" else -float(normal_quantile(1 - p / 2))
    curve(axes, [low, high], [at, at], color=palette.SOFT, width=0.5, dashes=(2, 2))
    words(sheet, axes, high, at, f" {number(p, 2)}", valign="center", color=palette.SOFT)
    if null_of(result.measure) is not None and low < 0 < high:
        ends = [0.0, 1.0] if y == "p" else [-4.0, 0.0]
        curve(axes, [0, 0], ends, color=palette.INK, width=0.6)
    label_axes(sheet, capital(display.name), "p-value" if y == "p" else "−|z|")
    key(sheet, axes, entries, columns=3)
    if labels == "all":
        top = 1.0 if y == "p" else 0.0
        peaks = [(v, top, name) for v, name in zip(result.estimates, result.studies, strict=True)]
        spread_labels(sheet, axes, [p for p in peaks if low < p[0] < high], least=2.0)
    title_of(sheet, title)
    sheet.figure.description = f"Drapery plot of {len(result.studies)} studies."
    return sheet.figure


def _heights(p: Floats, y: str) -> Floats:
    with np.errstate(divide="ignore"):
        return p if y == "p" else -np.minimum(normal_quantile(1 - p / 2), 40.0)


def _drape(axes: Any, studies: Any, grid: Floats, y: str) -> None:
    weight = np.array(getattr(studies, "random_weights", ()) or 1 / np.array(studies.variances))
    share = weight / weight.max()
    for i, (estimate, variance) in enumerate(
        zip(studies.estimates, studies.variances, strict=True)
    ):
        z = (grid - estimate) / math.sqrt(variance)
        heights = normal_two_sided(z) if y == "p" else -np.abs(z)
        inside = heights >= -4
        alpha = 0.25 + 0.5 * float(share[i])
        curve(axes, grid[inside], heights[inside], color="#7F8C99", width=0.6, alpha=alpha)


def _pooled_drapes(
    axes: Any, fit: Synthesis, grid: Floats, y: str, *, prediction: bool
) -> list[tuple[Any, str]]:
    entries: list[tuple[Any, str]] = []
    floor = 0.0 if y == "p" else -4.0
    spread = fit.random
    if prediction and math.isfinite(spread.pred_lower) and fit.heterogeneity.tau2 > 0:
        se = math.sqrt(spread.se**2 + fit.heterogeneity.tau2)
        p = t_two_sided((grid - spread.estimate) / se, fit.k - 1)
        heights = np.maximum(_heights(p, y), floor)
        outline = np.column_stack(
            [np.r_[grid, grid[::-1]], np.r_[np.full_like(grid, floor), heights[::-1]]]
        )
        area(axes, outline, fill="#F3DCC9", order=0.4)
        entries.append((key_area("#F3DCC9"), "Prediction"))
    looks: tuple[tuple[str, Pooled, str, tuple[float, ...] | None], ...] = (
        ("Common effect", fit.common, palette.INK, (5, 2)),
        ("Random effects", fit.random, palette.BLUE, None),
    )
    for name, pooled, color, dashes in looks:
        heights = _heights(p_curve(pooled, grid, pooled.df), y)
        inside = heights >= floor
        curve(axes, grid[inside], heights[inside], color=color, width=1.5, dashes=dashes, order=3)
        entries.append((key_line(color, dashes, 1.5), name))
    return entries
