"""Funnel plots: are small studies told apart from large ones by their results?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import special

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import Table
from osler.core.quantiles import normal_quantile
from osler.core.wording import capital, number, percent
from osler.publish.plots import palette
from osler.publish.plots.charts import (
    Sheet,
    area,
    around,
    band,
    chart,
    curve,
    effect_axis,
    key,
    key_area,
    key_line,
    key_point,
    label_axes,
    number_axis,
    points,
    size_of,
    spread_labels,
    title_of,
)
from osler.publish.plots.paper import Drawn
from osler.publish.plots.problems import does_not_fit, no_column, unknown_choice, wrong_length
from osler.publish.plots.showing import Display, display_of, null_of
from osler.publish.plots.tables import study_values

_AXES = {
    "se": "Standard error",
    "precision": "Precision (1 / standard error)",
    "variance": "Variance",
    "n": "Participants",
}
# From the middle outwards; told apart in grey as well.
_SHADES = (palette.WHITE, "#C9C9C9", "#E0E0E0", "#F2F2F2")
_POWERS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class _Funnel:
    """What is drawn: studies with their places on both axes."""

    display: Display
    studies: tuple[str, ...]
    estimates: Floats
    se: Floats
    filled: tuple[bool, ...]
    centre: float
    level: float
    height: str
    sizes: Floats

    def place(self, se: Floats) -> Floats:
        """Where a standard error stands on the vertical axis."""
        return {"se": se, "precision": 1 / se, "variance": se * se}.get(self.height, self.sizes)


def funnel(
    result: Any,
    *,
    y: str = "se",
    contours: Sequence[float] | bool = False,
    reference: str | float = "random",
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
    result : Synthesis, Effects, TrimAndFill, AsymmetryTest or other studies with estimates
        Studies that trim-and-fill added are drawn hollow; an asymmetry test adds its line.
    y : {"se", "precision", "variance", "n"}
        What stands on the vertical axis. Large studies are always above. "n" needs the
        participants.
    contours : bool or sequence of float
        Shade by the p-value of a study against no effect; True for 0.10, 0.05 and 0.01.
        The lines of the funnel are left out then.
    reference : {"random", "common", "none"} or float
        Where the funnel stands: a pooled estimate of the result, or a value as shown.
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
    apart: they take no heterogeneity in, as in metafor's default. Asymmetry has many causes
    besides unpublished studies. [1]_

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
    if y not in _AXES:
        raise DataError(unknown_choice("vertical axis", y, _AXES))
    what = _funnel(result, y, reference, n, data, unit)
    sheet = chart(width, height, size_of(font_size), shape=0.95 if contours else 0.86)
    low, high, top, bottom = _limits(what, xlim)
    _axes(sheet, what, (low, high), (bottom, top))
    entries: list[tuple[Any, str]] = []
    grid = _errors(what, bottom, top)
    if contours is not False:
        levels = (0.10, 0.05, 0.01) if contours is True else tuple(contours)
        entries += _draw_contours(sheet, what, grid, levels, (low, high))
    elif grid.size and math.isfinite(what.centre):
        _draw_funnel(sheet, what, grid)
    if math.isfinite(what.centre):
        x = [what.centre, what.centre]
        curve(sheet.axes, x, [bottom, top], color=palette.INK, width=0.7)
    entries += _draw_test(sheet, what, result, (low, high), (bottom, top))
    _draw_studies(sheet, what)
    entries += _filled_key(what)
    key(sheet, sheet.axes, entries, columns=2)
    _name(sheet, what, labels)
    title_of(sheet, title)
    count = len(what.studies)
    sheet.figure.description = f"Funnel plot of {count} studies: {what.display.name} against {y}."
    return sheet.figure


def _funnel(
    result: Any,
    y: str,
    reference: str | float,
    n: Sequence[float] | None,
    data: Table | None,
    unit: str,
) -> _Funnel:
    studies = getattr(result, "refitted", None) or result
    if not hasattr(studies, "estimates") or not hasattr(studies, "variances"):
        if not hasattr(result, "limit_estimate"):
            raise DataError(does_not_fit("funnel", type(result).__name__, "a synthesis or effects"))
        return _of_test(result, y, unit)
    estimates = np.array(studies.estimates, float)
    se = np.sqrt(np.array(studies.variances, float))
    z = float(normal_quantile(0.975))
    ends = [*(estimates - z * se).tolist(), *(estimates + z * se).tolist()]
    display = display_of(studies.measure, ends, unit)
    return _Funnel(
        display,
        tuple(studies.studies),
        estimates,
        se,
        tuple(getattr(result, "filled", ())) or (False,) * len(se),
        _centre(studies, reference, display),
        float(getattr(studies, "level", 0.95)),
        y,
        _sizes(studies, n, data) if y == "n" else se,
    )


def _of_test(test: Any, y: str, unit: str) -> _Funnel:
    """The studies behind an asymmetry test, where it regressed estimates on standard errors."""
    if test.predictor != "se" or test.outcome != "estimate":
        found = f"{type(test).__name__} of the predictor {test.predictor!r}"
        raise DataError(does_not_fit("funnel", found, "the synthesis or effects themselves"))
    se = np.sqrt(np.array(test.v, float))
    display = display_of(test.measure, list(test.y), unit)
    none = (False,) * len(se)
    studies = tuple(test.studies)
    centre = math.nan
    return _Funnel(display, studies, np.array(test.y, float), se, none, centre, test.level, y, se)


def _centre(studies: Any, reference: str | float, display: Display) -> float:
    if not isinstance(reference, str):
        return display.inward(float(reference), -40.0, 40.0)
    if reference not in ("random", "common", "none"):
        raise DataError(unknown_choice("reference", reference, ("random", "common", "none")))
    pooled = getattr(studies, reference, None)
    if pooled is None and reference != "none":  # effects that are not pooled: by precision
        w = 1 / np.array(studies.variances)
        return float((w * np.array(studies.estimates)).sum() / w.sum())
    return math.nan if pooled is None else float(pooled.estimate)


def _sizes(studies: Any, n: Sequence[float] | None, data: Table | None) -> Floats:
    if n is None:
        values = study_values(studies, studies.studies, data)
        arms = [values[name] for name in ("n_treated", "n_control") if name in values]
        single = [values["n"]] if "n" in values else []
        found = arms if len(arms) == 2 else single
        if not found:
            raise DataError(no_column("n", values))
        n = np.sum([[float(str(v)) for v in each] for each in found], axis=0).tolist()
    sizes = np.asarray(n, float)
    if sizes.shape != (len(studies.studies),):
        raise DataError(wrong_length("n", sizes.size, len(studies.studies)))
    return sizes


def _limits(what: _Funnel, xlim: tuple[float, float] | None) -> tuple[float, float, float, float]:
    """Ends of the axes: left, right, top (large studies) and bottom."""
    place = what.place(what.se)
    if what.height in ("se", "variance"):
        top, bottom = 0.0, float(place.max()) * 1.06
    elif what.height == "n":
        top, bottom = float(place.max()) * 1.05, 0.0
    else:
        room = 0.06 * float(place.max() - place.min()) or 0.1 * float(place.max())
        top, bottom = float(place.max()) + room, max(float(place.min()) - room, 1e-9)
    if xlim is not None:
        ends = (what.display.inward(v, -40.0, 40.0) for v in xlim)
        low, high = ends
        return low, high, top, bottom
    reach: list[float] = [*what.estimates.tolist()]
    if math.isfinite(what.centre) and what.height != "n":
        z = float(normal_quantile(0.5 + what.level / 2))
        worst = float(what.se.max()) * 1.04
        reach += [what.centre - z * worst, what.centre + z * worst]
    elif math.isfinite(what.centre):
        reach.append(what.centre)
    low, high = around(reach, 0.04)
    return low, high, top, bottom


def _axes(sheet: Sheet, what: _Funnel, x: tuple[float, float], y: tuple[float, float]) -> None:
    effect_axis(sheet, sheet.axes, *x, what.display)
    number_axis(sheet, sheet.axes, *y, of="y")
    unit = what.display.scale.unit
    name = capital(what.display.name)
    label_axes(sheet, f"{name}, {unit}" if unit else name, _AXES[what.height])


def _errors(what: _Funnel, bottom: float, top: float) -> Floats:
    """Standard errors along the vertical axis; none where it shows participants."""
    if what.height == "n":
        return np.array([])
    place = np.linspace(bottom, top, 400)
    if what.height == "precision":
        return np.asarray(1 / place)
    return np.asarray(np.sqrt(place) if what.height == "variance" else place)


def _draw_funnel(sheet: Sheet, what: _Funnel, se: Floats) -> None:
    z = float(normal_quantile(0.5 + what.level / 2))
    with np.errstate(divide="ignore"):
        place = what.place(se)
    for way in (-1, 1):
        x = what.centre + way * z * se
        curve(sheet.axes, x, place, color=palette.SOFT, width=0.7, dashes=(4, 3))


def _draw_contours(
    sheet: Sheet,
    what: _Funnel,
    se: Floats,
    levels: Sequence[float],
    x: tuple[float, float],
) -> list[tuple[Any, str]]:
    """Shades by p-value against no effect, and what they mean."""
    if not se.size or null_of(what.display.measure) is None:
        return []
    cuts = sorted({float(p) for p in levels}, reverse=True)
    for p in cuts:
        if not 0 < p < 1:
            raise DataError(unknown_choice("contour", p, ("p-values between 0 and 1",)))
    with np.errstate(divide="ignore"):
        place = what.place(se)
    shades = _shades(len(cuts))
    wide = [float(normal_quantile(1 - p / 2)) * se for p in cuts]
    far = np.full_like(se, max(abs(x[0]), abs(x[1])) * 1.01)
    edges = [*wide, np.maximum(far, wide[-1])]
    for i, shade in enumerate(shades[1:]):
        for way in (-1, 1):
            inner, outer = way * edges[i], way * edges[i + 1]
            outline = np.column_stack([np.r_[inner, outer[::-1]], np.r_[place, place[::-1]]])
            _clip_area(sheet, outline, shade)
    curve(sheet.axes, [0, 0], [place[0], place[-1]], color=palette.SOFT, width=0.5, dashes=(1, 2))
    return list(zip(map(key_area, shades), _shade_words(cuts), strict=True))


def _clip_area(sheet: Sheet, outline: Floats, fill: str) -> None:
    x, y = outline[:, 0], outline[:, 1]
    half = len(x) // 2
    low, high = sorted(sheet.axes.get_xlim())
    left, right = np.clip(x[:half], low, high), np.clip(x[half:][::-1], low, high)
    both = np.column_stack([np.r_[left, right[::-1]], np.r_[y[:half], y[:half][::-1]]])
    area(sheet.axes, both, fill=fill, order=0.5)


def _shades(count: int) -> tuple[str, ...]:
    if count == len(_SHADES) - 1:
        return _SHADES
    greys = np.linspace(0.79, 0.96, count)
    return (
        palette.WHITE,
        *(f"#{round(255 * g):02X}{round(255 * g):02X}{round(255 * g):02X}" for g in greys),
    )


def _shade_words(cuts: Sequence[float]) -> list[str]:
    told = [f"p > {_p(cuts[0])}"]
    told += [f"{_p(b)} < p ≤ {_p(a)}" for a, b in pairwise(cuts)]
    return [*told, f"p ≤ {_p(cuts[-1])}"]


def _p(value: float) -> str:
    return number(value, 3 if value < 0.01 else 2)


def _draw_test(
    sheet: Sheet, what: _Funnel, test: Any, x: tuple[float, float], y: tuple[float, float]
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


def _draw_studies(sheet: Sheet, what: _Funnel) -> None:
    place = what.place(what.se)
    filled = np.array(what.filled)
    diameter = 4.6 if len(place) <= 60 else 3.6
    points(sheet.axes, what.estimates[~filled], place[~filled], size=diameter)
    if filled.any():
        hollow: dict[str, Any] = {"fill": palette.WHITE, "edge": palette.VERMILION, "width": 1.0}
        points(sheet.axes, what.estimates[filled], place[filled], size=diameter, **hollow)


def _filled_key(what: _Funnel) -> list[tuple[Any, str]]:
    if not any(what.filled):
        return []
    hollow = key_point(palette.WHITE, palette.VERMILION)
    return [(key_point(palette.BLUE), "Studies"), (hollow, "Filled in")]


def _name(sheet: Sheet, what: _Funnel, labels: str) -> None:
    if labels not in ("none", "outside", "all"):
        raise DataError(unknown_choice("labels", labels, ("none", "outside", "all")))
    if labels == "none":
        return
    z = float(normal_quantile(0.5 + what.level / 2))
    place = what.place(what.se)
    centre = what.centre if math.isfinite(what.centre) else float(np.median(what.estimates))
    outside = np.abs(what.estimates - centre) > z * what.se
    named = [
        (float(what.estimates[i]), float(place[i]), name)
        for i, name in enumerate(what.studies)
        if (labels == "all" or outside[i]) and not what.filled[i]
    ]
    every = list(zip(what.estimates.tolist(), place.tolist(), strict=True))
    spread_labels(sheet, sheet.axes, named, avoid=every)


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
    what = _funnel(result, "se", "common" if effect is None else effect, None, None, unit)
    sheet = chart(width, height, size_of(font_size), shape=1.0)
    low, high, top, bottom = _limits(what, None)
    _axes(sheet, what, (low, high), (bottom, top))
    entries = _draw_power(sheet, what, alpha, (low, high), bottom)
    x = [what.centre, what.centre]
    curve(sheet.axes, x, [bottom, top], color=palette.INK, width=0.7)
    z = float(normal_quantile(1 - alpha / 2))
    se = np.linspace(0.0, bottom, 200)
    for way in (-1, 1):
        curve(sheet.axes, way * z * se, se, color=palette.INK, width=0.6, dashes=(2, 2))
    _draw_studies(sheet, what)
    key(sheet, sheet.axes, entries, columns=3)
    median = float(np.median(power(what.centre, what.se, alpha)))
    _name(sheet, what, labels)
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
    sheet: Sheet, what: _Funnel, alpha: float, x: tuple[float, float], bottom: float
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
