"""p-value functions: confidence intervals at every level."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.quantiles import (
    normal_quantile,
    normal_two_sided,
    t_quantile,
    t_two_sided,
)
from osler.core.wording import capital, level_percent, p_value
from osler.publish.plots import palette
from osler.publish.plots.chart_marks import curve, key, key_line, points, words
from osler.publish.plots.charts import (
    chart,
    effect_axis,
    label_axes,
    number_axis,
    size_of,
    title_of,
)
from osler.publish.plots.paper import Drawn
from osler.publish.plots.problems import does_not_fit
from osler.publish.plots.showing import display_of, null_of
from osler.publish.plots.ticks import asked_limits
from osler.synthesis.model import Pooled, Synthesis


def p_curve(pooled: Pooled, values: Floats, df: float) -> Floats:
    """Two-sided p-value of each value as the true mean, by the interval's own distribution."""
    statistic = (values - pooled.estimate) / pooled.se
    if pooled.ci_method.casefold() == "wald" or not math.isfinite(df):
        return normal_two_sided(statistic)
    return t_two_sided(statistic, df)


def p_value_function(
    result: Any,
    *,
    levels: Sequence[float] = (0.5, 0.8, 0.9, 0.95, 0.99),
    common: bool = True,
    xlim: tuple[float, float] | None = None,
    title: str = "",
    unit: str = "",
    width: float | str = "single",
    height: float | None = None,
    font_size: float = 8.0,
) -> Drawn:
    """p-value function of the pooled estimate: its confidence intervals at every level.

    Parameters
    ----------
    result : Synthesis
    levels : sequence of float
        Intervals at these levels are drawn across the curve.
    common : bool
        Draw the common-effect estimate too.
    xlim : (float, float), optional
        As shown.
    title, unit, width, height, font_size
        As for :func:`~osler.publish.plots.funnels.funnel`.

    Returns
    -------
    matplotlib.figure.Figure
        On the left the p-value of every value as the true mean, on the right one less it,
        the confidence level whose interval just ends there.

    Raises
    ------
    DataError
        FIG002 where nothing was pooled.

    Notes
    -----
    Every level's interval is that of the result's own method, with its degrees of freedom.

    References
    ----------
    .. [1] Infanger & Schmidt-Trucksäss (2019). Stat Med 38, 4189-4197. doi:10.1002/sim.8293

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(["A", "B", "C"], [0.1, 0.3, 0.9], [0.04, 0.02, 0.03], measure="MD")
    >>> p_value_function(fit).axes[0].get_ylabel()
    'p-value'
    """
    if not isinstance(result, Synthesis):
        raise DataError(does_not_fit("p_value_function", type(result).__name__, "a synthesis"))
    pooled = result.random
    ends = [_interval(result, level) for level in levels if 0 < level < 1]
    display = display_of(result.measure, [pooled.ci_lower, pooled.ci_upper], unit)
    reach = _interval(result, 0.995)
    if xlim is not None:
        low, high = asked_limits(xlim, display)
    else:
        null = [] if null_of(result.measure) is None else [0.0]
        low, high = min([reach[0], *null]), max([reach[1], *null])
        low, high = low - 0.04 * (high - low), high + 0.04 * (high - low)
    sheet = chart(width, height, size_of(font_size), shape=0.85)
    axes = sheet.axes
    effect_axis(sheet, axes, low, high, display)
    number_axis(sheet, axes, 0.0, 1.0, of="y")
    grid = np.unique(np.r_[np.linspace(low, high, 1200), pooled.estimate])
    entries: list[tuple[Any, str]] = []
    if low < 0 < high and null_of(result.measure) is not None:
        curve(axes, [0, 0], [0, 1], color=palette.SOFT, width=0.6, dashes=(2, 2))
        told = p_value(pooled.p_value)
        entries = [(key_line(palette.SOFT, (2, 2), 0.6), f"No effect: {told}")]
    # Levels are told on the side where the other curve is not.
    way = -1 if result.common.estimate >= pooled.estimate else 1
    for pair, level in zip(ends, [v for v in levels if 0 < v < 1], strict=True):
        height_ = 1 - level
        inside = [min(max(v, low), high) for v in pair]
        curve(axes, inside, [height_, height_], color=palette.RULE, width=0.6)
        if level in (0.5, 0.8, 0.9, 0.95):
            x = inside[0 if way < 0 else 1] + way * 0.015 * (high - low)
            align = "right" if way < 0 else "left"
            words(
                sheet,
                axes,
                x,
                height_,
                level_percent(level),
                align=align,
                valign="center",
                color=palette.SOFT,
            )
    if common:
        p = p_curve(result.common, grid, result.common.df)
        curve(axes, grid, p, color=palette.INK, width=0.9, dashes=(5, 2))
        lines = [(key_line(palette.BLUE, None, 1.5), "Random effects")]
        entries = [*lines, (key_line(palette.INK, (5, 2), 0.9), "Common effect"), *entries]
    curve(axes, *_random_curve(result, grid), color=palette.BLUE, width=1.5, order=3)
    points(axes, [pooled.estimate], [1.0], size=4.0)
    label_axes(sheet, capital(display.name), "p-value")
    key(sheet, axes, entries, columns=2)
    title_of(sheet, title)
    told = f"p-value function; estimate {display.text(pooled.estimate)}."
    sheet.figure.description = told
    return sheet.figure


def _interval(fit: Synthesis, level: float) -> tuple[float, float]:
    """The random-effects interval at another level, of the same method."""
    pooled, df = fit.random, fit.random.df
    if not _symmetric(fit):
        found = fit.ci(level)
        return found.lower, found.upper
    q = _quantile(pooled, df, level)
    return pooled.estimate - q * pooled.se, pooled.estimate + q * pooled.se


def _quantile(pooled: Pooled, df: float, level: float) -> float:
    normal = pooled.ci_method.casefold() == "wald" or not math.isfinite(df)
    p = 0.5 + level / 2
    return float(normal_quantile(p)) if normal else float(t_quantile(p, df))


def _symmetric(fit: Synthesis) -> bool:
    """Whether the interval is so many standard errors to each side: not for likelihoods."""
    pooled = fit.random
    half = _quantile(pooled, pooled.df, fit.level) * pooled.se
    ends = (pooled.estimate - half - pooled.ci_lower, pooled.estimate + half - pooled.ci_upper)
    return all(abs(end) <= 1e-6 * half for end in ends)


def _random_curve(fit: Synthesis, grid: Floats) -> tuple[Floats, Floats]:
    """Values and their p-values: by formula, or through the intervals of many levels."""
    if _symmetric(fit):
        return grid, p_curve(fit.random, grid, fit.random.df)
    levels = 1 - np.geomspace(0.004, 0.98, 60)
    ends = [_interval(fit, float(level)) for level in levels]
    lower, upper = (np.array(side) for side in zip(*ends, strict=True))
    x = np.r_[lower, fit.random.estimate, upper[::-1]]
    p = np.r_[1 - levels, 1.0, (1 - levels)[::-1]]
    inside = (x >= grid[0]) & (x <= grid[-1])
    return x[inside], p[inside]
