"""Sunset funnel plots: with which power could each study have found the effect?"""

from typing import Any

import numpy as np
from scipy import special

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.quantiles import normal_quantile
from osler.core.wording import percent
from osler.publish.plots import palette
from osler.publish.plots.chart_marks import band, curve, key, key_area, key_line
from osler.publish.plots.charts import Sheet, chart, size_of, title_of
from osler.publish.plots.funnel_places import (
    Funnel,
    draw_axes,
    draw_studies,
    funnel_of,
    limits_of,
    name_studies,
)
from osler.publish.plots.paper import Drawn
from osler.publish.plots.problems import unknown_choice

_POWERS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def sunset(
    result: Any,
    *,
    effect: float | None = None,
    alpha: float = 0.05,
    labels: str = "none",
    title: str = "",
    unit: str = "",
    width: float | str = "single",
    height: float | None = None,
    font_size: float = 8.0,
) -> Drawn:
    """Sunset funnel plot: with which power could each study have found the effect?

    Parameters
    ----------
    result : Synthesis, Effects or other studies with estimates
    effect : float, optional
        The true effect that power is computed for, as shown (ratios as ratios); without
        one, the common-effect estimate.
    alpha : float
        Level of the two-sided test.
    labels, title, unit, width, height, font_size
        As for :func:`funnel`.

    Returns
    -------
    matplotlib.figure.Figure
        Bands from dark (power below 10%) to light; the median power is told below.

    Raises
    ------
    DataError
        FIG002 where the result has no studies, FIG003 where ``alpha`` is not between 0 and 1.

    References
    ----------
    .. [1] Kossmeier, Tran & Voracek (2020). Z Psychol 228, 43-49.
       doi:10.1027/2151-2604/a000392

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(["A", "B", "C"], [0.1, 0.3, 0.9], [0.04, 0.02, 0.03], measure="SMD")
    >>> sunset(fit).description[:11]
    'Sunset plot'
    """
    if not 0 < alpha < 1:
        raise DataError(unknown_choice("alpha", alpha, ("a level between 0 and 1",)))
    what = funnel_of(result, "se", "common" if effect is None else effect, None, None, unit)
    sheet = chart(width, height, size_of(font_size), shape=1.0)
    low, high, top, bottom = limits_of(what, None)
    draw_axes(sheet, what, (low, high), (bottom, top))
    entries = _draw_power(sheet, what, alpha, (low, high), bottom)
    x = [what.centre, what.centre]
    curve(sheet.axes, x, [bottom, top], color=palette.INK, width=0.7)
    z = float(normal_quantile(1 - alpha / 2))
    se = np.linspace(0.0, bottom, 200)
    for way in (-1, 1):
        curve(sheet.axes, way * z * se, se, color=palette.INK, width=0.6, dashes=(2, 2))
    draw_studies(sheet, what)
    key(sheet, sheet.axes, entries, columns=3)
    median = float(np.median(power(what.centre, what.se, alpha)))
    name_studies(sheet, what, labels)
    title_of(sheet, title)
    told = f"Sunset plot of {len(what.studies)} studies; median power {percent(median)}."
    sheet.figure.description = told
    return sheet.figure


def power(effect: float, se: Floats, alpha: float) -> Floats:
    """Power of a two-sided normal test of no effect, shape of ``se``."""
    z = float(normal_quantile(1 - alpha / 2))
    ratio = effect / se
    return np.asarray(special.ndtr(ratio - z) + special.ndtr(-ratio - z))


def _draw_power(
    sheet: Sheet, what: Funnel, alpha: float, x: tuple[float, float], bottom: float
) -> list[tuple[Any, str]]:
    """Bands of equal power: from above, studies large enough, downwards to hopeless ones."""
    se = np.geomspace(bottom * 1e-4, bottom, 4000)
    values = power(what.centre, se, alpha)  # falls as the standard error grows
    median = float(np.median(power(what.centre, what.se, alpha)))
    entries: list[tuple[Any, str]] = []
    ends, above = np.array([x[0], x[1]]), 0.0
    for i, least in reversed(list(enumerate((0.0, *_POWERS)))):
        inside = values >= least
        below = float(se[inside].max()) if inside.any() else 0.0
        if below > above:
            y0, y1 = np.array([above, above]), np.array([below, below])
            band(sheet.axes, ends, y0, y1, fill=_SUNSET[i], order=0.5)
            told = f"{percent(least)} to {percent(least + 0.1)}"
            entries.append((key_area(_SUNSET[i]), told))
            above = below
    return [*entries, (key_line(palette.WHITE), f"Median power {percent(median)}")]


# From red over yellow to green would be lost on many; this runs from dark to light.
_SUNSET = (
    *("#C98B6B", "#D39B7C", "#DDAC8F", "#E5BCA3", "#EBCAB5"),
    *("#F0D6C6", "#F4E1D5", "#F7EAE1", "#FAF2EC", "#FDF9F7"),
)
