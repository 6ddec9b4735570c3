"""Figures of all subsets of studies (GOSH)."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from osler.appraisal.influence.gosh import gosh as gosh_of
from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.wording import capital
from osler.publish.plots import palette
from osler.publish.plots.analyses import asked
from osler.publish.plots.chart_marks import area, band, curve, key, key_point
from osler.publish.plots.charts import (
    Sheet,
    around,
    chart,
    effect_axis,
    label_axes,
    number_axis,
    plain_frame,
    size_of,
    title_of,
)
from osler.publish.plots.paper import Drawn
from osler.publish.plots.problems import unknown_choice
from osler.publish.plots.showing import display_of


def gosh(
    result: Any,
    *,
    study: int | str | None = None,
    y: str = "i2",
    bins: int = 100,
    title: str = "",
    unit: str = "",
    width: float | str = "single",
    height: float | None = None,
    font_size: float = 8.0,
    **options: Any,
) -> Drawn:
    """GOSH plot: pooled estimate and heterogeneity of all subsets of the studies.

    Parameters
    ----------
    result : Gosh, Synthesis or Effects
        Of the last two, :func:`osler.appraisal.influence.gosh` is taken with ``options``.
    study : int or str, optional
        Subsets with and without this study are told apart by colour.
    y : {"i2", "tau2", "q"}
        What is set against the estimate.
    bins : int
        Cells along each axis: many subsets lie on one another, so that counts are shown.
    title, unit, width, height, font_size
        As for :func:`~osler.publish.plots.funnels.funnel`.

    Returns
    -------
    matplotlib.figure.Figure
        With the distribution of each along its axis; darker where more subsets lie.

    References
    ----------
    .. [1] Olkin, Dahabreh & Trikalinos (2012). Res Synth Methods 3, 214-223.
       doi:10.1002/jrsm.1053

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(list("ABCD"), [0.1, 0.3, 0.9, 0.2], [0.04, 0.02, 0.03, 0.02])
    >>> len(gosh(fit).axes)
    3
    """
    found = asked(result, "Gosh", lambda studies: gosh_of(studies, **options))
    if y not in _SPREAD:
        raise DataError(unknown_choice("vertical axis", y, _SPREAD))
    member = _members(found, study)
    sheet = chart(
        width,
        height,
        size_of(font_size),
        rows=2,
        columns=2,
        shape=1.0,
        width_ratios=[4, 1],
        height_ratios=[1, 4],
    )
    top, corner, main, side = sheet.frames
    corner.remove()
    estimates = np.asarray(found.estimate, float)
    spread = np.asarray(getattr(found, y), float) * (100 if y == "i2" else 1)
    display = display_of(found.measure, [float(estimates.min()), float(estimates.max())], unit)
    x_ends = around([float(estimates.min()), float(estimates.max())], 0.03)
    y_ends = (0.0, 100.0) if y == "i2" else (0.0, float(spread.max()) * 1.03 or 1.0)
    effect_axis(sheet, main, *x_ends, display)
    number_axis(sheet, main, *y_ends, of="y")
    groups = (
        [(None, palette.BLUE)]
        if member is None
        else [(~member, palette.BLUE), (member, palette.ORANGE)]
    )
    _density(main, estimates, spread, groups, (x_ends, y_ends), bins)
    _margins(sheet, top, side, estimates, spread, groups, (x_ends, y_ends))
    full = float(found.full_estimate)
    curve(main, [full, full], y_ends, width=0.6, dashes=(4, 3), color=palette.INK)
    label_axes(sheet, capital(display.name), _SPREAD[y], main)
    if member is not None:
        name = found.studies[study] if isinstance(study, int) else str(study)
        entries = [
            (key_point(palette.ORANGE, marker="s"), f"with {name}"),
            (key_point(palette.BLUE, marker="s"), "without"),
        ]
        key(sheet, main, entries, columns=2)
    title_of(sheet, title, top)
    kind = "all" if found.complete else "drawn at random"
    sheet.figure.description = f"GOSH plot of {found.subsets} subsets ({kind})."
    return sheet.figure


_SPREAD = {"i2": "I² (%)", "tau2": "τ²", "q": "Q"}


def _members(found: Any, study: int | str | None) -> Any:
    if study is None:
        return None
    if isinstance(study, str) and study not in found.studies:
        raise DataError(unknown_choice("study", study, found.studies))
    place: int = found.studies.index(study) if isinstance(study, str) else study
    if not 0 <= place < len(found.studies):
        raise DataError(unknown_choice("study", place, map(str, range(len(found.studies)))))
    return np.asarray(found.members(place), bool)


def _density(
    axes: Any,
    x: Floats,
    y: Floats,
    groups: Sequence[tuple[Any, str]],
    ends: tuple[tuple[float, float], tuple[float, float]],
    bins: int,
) -> None:
    """One picture of counts, on a log scale, each group in its own colour."""
    image = np.ones((bins, bins, 3))
    for member, color in groups:
        inside = slice(None) if member is None else member
        # Edges of our own: NumPy refuses ends that differ by rounding alone.
        edges = [np.linspace(*end, bins + 1) for end in ends]
        counts, _, _ = np.histogram2d(x[inside], y[inside], bins=edges)
        most = math.log1p(float(counts.max())) or 1.0
        share = np.where(counts > 0, 0.18 + 0.82 * np.log1p(counts) / most, 0.0).T[..., None]
        ink = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        # Inks lie on one another like paint: where both groups are, both show.
        image *= 1 - share * (1 - ink)
    (left, right), (low, high) = ends
    axes.imshow(
        image,
        extent=(left, right, low, high),
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        zorder=0.8,
    )


def _margins(
    sheet: Sheet,
    top: Any,
    side: Any,
    x: Floats,
    y: Floats,
    groups: Sequence[tuple[Any, str]],
    ends: tuple[tuple[float, float], tuple[float, float]],
) -> None:
    highest = [0.0, 0.0]
    drawn = []
    for member, color in groups:
        inside = slice(None) if member is None else member
        for i, values in enumerate((x[inside], y[inside])):
            edges = np.linspace(*ends[i], 61)
            counts, _ = np.histogram(values, bins=edges)
            highest[i] = max(highest[i], float(counts.max()))
            drawn.append((i, counts, edges, color))
    for frame, of in ((top, "x"), (side, "y")):
        plain_frame(frame, sheet.size)
        frame.set_xticks([])
        frame.set_yticks([])
        other = "left" if of == "x" else "bottom"
        frame.spines[other].set_visible(False)
    top.set_xlim(*ends[0])
    top.set_ylim(0, highest[0] * 1.05)
    side.set_ylim(*ends[1])
    side.set_xlim(0, highest[1] * 1.05)
    for i, counts, edges, color in drawn:
        frame = top if i == 0 else side
        steps = np.repeat(edges, 2)[1:-1]
        tall = np.repeat(counts, 2)
        zero = np.zeros_like(tall)
        if i == 0:
            band(frame, steps, zero, tall.astype(float), fill=color, alpha=0.55)
        else:
            outline = np.column_stack([np.r_[zero, tall[::-1]], np.r_[steps, steps[::-1]]])
            area(frame, outline, fill=color, alpha=0.55)
