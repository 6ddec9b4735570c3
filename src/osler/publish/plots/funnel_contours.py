"""Shades of a funnel plot: the p-value of a study against no effect."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.quantiles import normal_quantile
from osler.core.wording import number
from osler.publish.plots import palette
from osler.publish.plots.chart_marks import area, curve, key_area
from osler.publish.plots.charts import Sheet
from osler.publish.plots.funnel_places import Funnel
from osler.publish.plots.problems import unknown_choice

# From the middle outwards; told apart in grey as well.
SHADES = (palette.WHITE, "#C9C9C9", "#E0E0E0", "#F2F2F2")


def errors_along(what: Funnel, bottom: float, top: float) -> Floats:
    """Standard errors along the vertical axis; none where it shows participants."""
    if what.height == "n":
        return np.array([])
    place = np.linspace(bottom, top, 400)
    if what.height == "precision":
        return np.asarray(1 / place)
    return np.asarray(np.sqrt(place) if what.height == "variance" else place)


def draw_contours(
    sheet: Sheet,
    what: Funnel,
    se: Floats,
    levels: Sequence[float],
    x: tuple[float, float],
) -> list[tuple[Any, str]]:
    """Shades by p-value against no effect, and what they mean."""
    if not se.size or what.null is None:
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
    if count == len(SHADES) - 1:
        return SHADES
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
