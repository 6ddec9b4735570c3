"""Profiles of likelihoods: is a variance well known?"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.quantiles import (
    chi2_quantile,
)
from osler.core.wording import significant
from osler.publish.plots import palette
from osler.publish.plots.chart_marks import curve, key, key_line
from osler.publish.plots.charts import (
    chart,
    label_axes,
    size_of,
    title_of,
)
from osler.publish.plots.component_profiles import profile_components
from osler.publish.plots.paper import Drawn
from osler.publish.plots.problems import does_not_fit, too_few, unknown_choice
from osler.publish.plots.profile_curves import Curve, crossings, draw_profile

_OF_FRAMES = ("components", "title", "width", "height", "font_size")


def profile_likelihood(
    result: Any,
    *,
    method: str | None = None,
    components: str | Sequence[str] | None = None,
    xlim: tuple[float, float] | None = None,
    title: str = "",
    width: float | str | None = None,
    height: float | None = None,
    font_size: float = 8.0,
) -> Drawn:
    """Profile of the (restricted) log-likelihood over tau2: is its peak one, and sharp?

    Parameters
    ----------
    result : Synthesis, Effects, Multilevel or Profile
        Of two studies or more. Of a multilevel model every component has a frame, in which the
        others are at their best for each of its values.
    method : {"REML", "ML"}, optional
        Which likelihood; that of the result, REML where its estimator is neither. A multilevel
        model has its own.
    components : str or sequence of str, optional
        Which components of a multilevel model; all that were estimated without it.
    xlim : (float, float), optional
        Range of tau2, where there is one.
    title, height, font_size
        As for :func:`~osler.publish.plots.funnels.funnel`.
    width : float or {"single", "middle", "double"}, optional
        "single" for one frame, "double" for three and more, unless given.

    Returns
    -------
    matplotlib.figure.Figure
        Relative to the highest peak; the dashed line marks half the chi-squared quantile
        below it, so that the profile-likelihood interval lies where the curve is above.

    Raises
    ------
    DataError
        FIG002 where the result has no studies, or is a regression, FIG003 for another method
        or component, FIG006 for a single study.

    Notes
    -----
    The profile of a component goes through the points that :meth:`Multilevel.profile` gives and
    through the bounds of its intervals at several levels; between them it is interpolated.

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
    if hasattr(result, "component_interval") or hasattr(result, "log_likelihoods"):
        if method is not None or xlim is not None:
            given = "method" if method is not None else "xlim"
            raise DataError(unknown_choice("option of a multilevel profile", given, _OF_FRAMES))
        return profile_components(
            result, components, title=title, width=width, height=height, font_size=font_size
        )
    # A regression has estimates of studies, and its tau2 is what the moderators leave.
    if not hasattr(result, "estimates") or hasattr(result, "coefficients"):
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
    grid, heights = _profile(y, v, method, cut, xlim)
    top = int(np.argmax(heights))
    peak = float(grid[top])
    profile = Curve(grid, heights, peak, crossings(grid, heights + cut), cut, level)
    sheet = chart(width or "single", height, size_of(font_size))
    draw_profile(sheet, sheet.axes, profile)
    estimate = float(spread.tau2) if spread else math.nan
    if spread and own != method and grid[0] <= estimate <= grid[-1]:
        line, ends = palette.VERMILION, [profile.lowest, 0.0]
        curve(sheet.axes, [estimate, estimate], ends, color=line, width=0.9)
        key(sheet, sheet.axes, [(key_line(line), f"Estimate by {own}")])
    name = "Restricted log-likelihood" if method == "REML" else "Log-likelihood"
    label_axes(sheet, "τ²", f"{name}, less its maximum")
    title_of(sheet, title)
    told = f"Profile of the {name.lower()} of tau2, highest near {significant(peak)}."
    sheet.figure.description = told
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
