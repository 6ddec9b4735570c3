"""Profiles of the variance components of multilevel models, a frame each."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.interpolate import PchipInterpolator

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.quantiles import chi2_quantile
from osler.core.wording import significant
from osler.publish.plots import palette
from osler.publish.plots.charts import chart, label_axes, size_of, title_of
from osler.publish.plots.paper import Drawn, font
from osler.publish.plots.problems import does_not_fit, unknown_choice
from osler.publish.plots.profile_curves import Curve, crossings, draw_profile

_POINTS = 25
# Intervals at these levels give points of the curve beyond the engine's grid.
_LEVELS = (0.8, 0.98, 0.99, 0.998)


def profile_components(
    result: Any,
    components: str | Sequence[str] | None,
    *,
    title: str,
    width: float | str | None,
    height: float | None,
    font_size: float,
) -> Drawn:
    """See :func:`~osler.publish.plots.likelihoods.profile_likelihood`."""
    names, curves, unknown = curves_of(result, components)
    columns = min(len(names), 3)
    rows = math.ceil(len(names) / columns)
    wide = width or {1: "single", 2: "middle"}.get(columns, "double")
    shape = {1: 0.86, 2: 0.5, 3: 0.38}[columns] * rows
    sheet = chart(wide, height, size_of(font_size), rows=rows, columns=columns, shape=shape)
    kind = "Restricted log-likelihood" if _restricted(result) else "Log-likelihood"
    joint = "," if columns == 1 else ",\n"
    for name, profile, axes in zip(names, curves, sheet.frames, strict=False):
        draw_profile(sheet, axes, profile)
        label_axes(sheet, name, f"{kind}{joint} less its maximum".replace("\n ", "\n"), axes)
    for axes in sheet.frames[len(names) :]:
        axes.set_visible(False)
    if title and len(names) == 1:
        title_of(sheet, title)
    elif title:
        words = sheet.figure.suptitle(title, x=0.01, ha="left", color=palette.INK)
        words.set_fontproperties(font(sheet.size + 0.5, bold=True))
        words.set_parse_math(False)
    told = [
        f"{name}, highest at {significant(each.peak)}{', flat' if name in unknown else ''}"
        for name, each in zip(names, curves, strict=True)
    ]
    sheet.figure.description = f"Profiles of the {kind.lower()}: {'; '.join(told)}."
    return sheet.figure


def _restricted(result: Any) -> bool:
    return str(getattr(result, "method", "")) == "REML"


def curves_of(
    result: Any, components: str | Sequence[str] | None
) -> tuple[list[str], list[Curve], set[str]]:
    if hasattr(result, "log_likelihoods"):
        profiles = [result]
        level = 0.95
    else:
        names = _chosen(result, components)
        profiles = [result.profile(name, points=_POINTS)[0] for name in names]
        level = float(result.level)
    curves = [_curve(result, profile, level) for profile in profiles]
    flat = {profile.component for profile in profiles if not profile.identified}
    return [profile.component for profile in profiles], curves, flat


def _chosen(result: Any, components: str | Sequence[str] | None) -> list[str]:
    known = [each.name for each in result.components if not each.held]
    if not known:
        needs = "a model with a component that was estimated"
        raise DataError(does_not_fit("profile_likelihood", "model without components", needs))
    asked = [components] if isinstance(components, str) else list(components or known)
    for name in asked:
        if name not in known:
            raise DataError(unknown_choice("component", name, known))
    return asked


def _curve(result: Any, profile: Any, level: float) -> Curve:
    """The profile through all that was computed, and further out where the interval ends."""
    cut = float(chi2_quantile(level, 1.0)) / 2
    at = dict(zip(profile.values, profile.log_likelihoods, strict=True))
    at[profile.estimate] = profile.highest
    bounds: list[float] = []
    if hasattr(result, "component_interval"):
        kinds = {each.name: each.kind for each in result.components}
        for each in (*_LEVELS, level):
            found = result.component_interval(profile.component, each)
            drop = float(chi2_quantile(each, 1.0)) / 2
            ends = _on_the_curve(found, profile, kinds[profile.component])
            at |= dict.fromkeys(ends, profile.highest - drop)
            bounds = list(ends)
    x = np.array(sorted(value for value, height in at.items() if math.isfinite(height)))
    heights = np.array([at[value] for value in x.tolist()])
    values, heights = _smooth(x, heights - heights.max(), -2.2 * cut)
    ends = tuple(bounds) or crossings(values, heights + cut)
    return Curve(values, heights, profile.estimate, ends, cut, level)


def _on_the_curve(found: Any, profile: Any, kind: str) -> tuple[float, ...]:
    """Bounds at which the likelihood has fallen as far as it should: not ends of the range."""
    first, last = profile.values[0], profile.values[-1]
    inside = [v for v in (found.lower, found.upper) if math.isfinite(v) and v > first]
    return tuple(v for v in inside if v < last or kind == "variance")


def _smooth(x: Floats, heights: Floats, lowest: float) -> tuple[Floats, Floats]:
    """The part of a curve that is shown, drawn through its points without new peaks."""
    above = np.flatnonzero(heights >= lowest)
    first, last = max(above[0] - 1, 0), min(above[-1] + 1, len(x) - 1)
    x, heights = x[first : last + 1], heights[first : last + 1]
    if len(x) < 3:
        return x, heights
    fine = np.unique(np.r_[np.linspace(x[0], x[-1], 600), x])
    smooth = np.asarray(PchipInterpolator(x, heights)(fine))
    shown = np.flatnonzero(smooth >= lowest)
    inside = slice(shown[0], shown[-1] + 1)
    return fine[inside], smooth[inside]
