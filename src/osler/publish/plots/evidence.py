"""Curves of evidence: p-value functions, drapery, profile likelihood of tau2."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.quantiles import (
    chi2_quantile,
    normal_quantile,
    normal_two_sided,
    t_quantile,
    t_two_sided,
)
from osler.core.wording import capital, level_percent, number, p_value, significant
from osler.publish.plots import palette
from osler.publish.plots.benches import own_intervals
from osler.publish.plots.charts import (
    area,
    chart,
    curve,
    effect_axis,
    key,
    key_area,
    key_line,
    label_axes,
    number_axis,
    points,
    size_of,
    spread_labels,
    title_of,
    words,
)
from osler.publish.plots.paper import Drawn
from osler.publish.plots.problems import does_not_fit, too_few, unknown_choice
from osler.publish.plots.showing import display_of, null_of
from osler.publish.plots.ticks import asked_limits, limits
from osler.synthesis.model import Pooled, Synthesis


def p_curve(pooled: Pooled, values: Floats, df: float) -> Floats:
    """Two-sided p-value of each value as the true mean, by the interval's own distribution."""
    statistic = (values - pooled.estimate) / pooled.se
    if pooled.ci_method.casefold() == "wald" or not math.isfinite(df):
        return normal_two_sided(statistic)
    return t_two_sided(statistic, df)


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


def profile_likelihood(
    result: Any,
    *,
    method: str | None = None,
    xlim: tuple[float, float] | None = None,
    title: str = "",
    width: float | str = "single",
    height: float | None = None,
    font_size: float = 8.0,
) -> Drawn:
    """Profile of the (restricted) log-likelihood over tau2: is its peak one, and sharp?

    Parameters
    ----------
    result : Synthesis or Effects
        Of two studies or more.
    method : {"REML", "ML"}, optional
        Which likelihood; that of the result, REML where its estimator is neither.
    xlim : (float, float), optional
        Range of tau2.
    title, width, height, font_size
        As for :func:`~osler.publish.plots.funnels.funnel`.

    Returns
    -------
    matplotlib.figure.Figure
        Relative to the highest peak; the dashed line marks half the chi-squared quantile
        below it, so that the profile-likelihood interval lies where the curve is above.

    Raises
    ------
    DataError
        FIG002 where the result has no studies, FIG003 for another method, FIG006 for a
        single study.

    References
    ----------
    .. [1] Hardy & Thompson (1996). Stat Med 15, 619-629.
       doi:10.1002/(SICI)1097-0258(19960330)15:6<619::AID-SIM188>3.0.CO;2-A

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(["A", "B", "C"], [0.1, 0.3, 0.9], [0.04, 0.02, 0.03], measure="MD")
    >>> profile_likelihood(fit).axes[0].get_xlabel()
    'τ²'
    """
    if not hasattr(result, "estimates"):
        found = type(result).__name__
        raise DataError(does_not_fit("profile_likelihood", found, "a synthesis or effects"))
    y, v = np.array(result.estimates), np.array(result.variances)
    if len(y) < 2:
        raise DataError(too_few("profile_likelihood", len(y), 2))
    spread = getattr(result, "heterogeneity", None)
    own = spread.tau2_method.upper() if spread else "REML"
    method = method or (own if own in ("REML", "ML") else "REML")
    if method not in ("REML", "ML"):
        raise DataError(unknown_choice("likelihood", method, ("REML", "ML")))
    level = float(getattr(result, "level", 0.95))
    cut = float(chi2_quantile(level, 1.0)) / 2
    grid, height_of = _profile(y, v, method, cut, xlim)
    sheet = chart(width, height, size_of(font_size))
    axes = sheet.axes
    lowest = max(float(height_of.min()), -2.2 * cut)
    number_axis(sheet, axes, float(grid[0]), float(grid[-1]))
    number_axis(sheet, axes, lowest, -0.06 * lowest, of="y")
    inside = height_of >= lowest
    first, last = np.flatnonzero(inside)[[0, -1]]
    curve(
        axes,
        grid[first : last + 1],
        np.maximum(height_of, lowest)[first : last + 1],
        color=palette.BLUE,
        width=1.4,
    )
    ends = [float(grid[0]), float(grid[-1])]
    curve(axes, ends, [-cut, -cut], color=palette.SOFT, width=0.6, dashes=(4, 3))
    told = f"{level_percent(level)} limit "
    words(sheet, axes, ends[1], -cut, told, align="right", valign="bottom", color=palette.SOFT)
    for at in _crossings(grid, height_of + cut):
        curve(axes, [at, at], [lowest, -cut], color=palette.SOFT, width=0.6, dashes=(4, 3))
    top = int(np.argmax(height_of))
    points(axes, [float(grid[top])], [0.0], size=4.4)
    estimate = float(spread.tau2) if spread else math.nan
    if spread and own != method and grid[0] <= estimate <= grid[-1]:
        curve(axes, [estimate, estimate], [lowest, 0.0], color=palette.VERMILION, width=0.9)
        key(sheet, axes, [(key_line(palette.VERMILION), f"Estimate by {own}")])
    name = "Restricted log-likelihood" if method == "REML" else "Log-likelihood"
    label_axes(sheet, "τ²", f"{name}, less its maximum")
    title_of(sheet, title)
    peak = significant(float(grid[top]))
    sheet.figure.description = f"Profile of the {name.lower()} of tau2, highest near {peak}."
    return sheet.figure


def _profile(
    y: Floats, v: Floats, method: str, cut: float, xlim: tuple[float, float] | None
) -> tuple[Floats, Floats]:
    """A grid of tau2 as wide as the interval needs, and heights below the maximum."""
    if xlim is not None:
        grid = np.linspace(float(xlim[0]), float(xlim[1]), 1500)
    else:
        typical = float(np.median(v))
        wide = np.r_[0.0, np.geomspace(1e-6, 1e6, 2500) * typical]
        heights = log_likelihood(y, v, wide, method)
        above = wide[heights >= heights.max() - 1.9 * cut]
        grid = np.linspace(0.0, max(float(above.max()), 1e-3 * typical) * 1.05, 1500)
    heights = log_likelihood(y, v, grid, method)
    return grid, heights - heights.max()


def log_likelihood(y: Floats, v: Floats, tau2: Floats, method: str) -> Floats:
    """Profile log-likelihood less its constant, shape of ``tau2``; the mean is maximised over."""
    w = 1 / (v[:, None] + tau2[None, :])
    total = w.sum(axis=0)
    mean = (w * y[:, None]).sum(axis=0) / total
    q = (w * (y[:, None] - mean) ** 2).sum(axis=0)
    height = 0.5 * np.log(w).sum(axis=0) - 0.5 * q
    return np.asarray(height - 0.5 * np.log(total) if method == "REML" else height)


def _crossings(x: Floats, y: Floats) -> list[float]:
    """Where a curve passes 0, by straight lines between its points."""
    at = np.flatnonzero(np.sign(y[:-1]) * np.sign(y[1:]) < 0)
    return [float(x[i] - y[i] * (x[i + 1] - x[i]) / (y[i + 1] - y[i])) for i in at]
