"""Figures that ask which studies stand out: Baujat, influence, Q-Q."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from osler.appraisal.influence.baujat import baujat as baujat_of
from osler.appraisal.influence.measures import influence as influence_of
from osler.appraisal.influence.residual_quantiles import residual_quantiles
from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.quantiles import normal_quantile
from osler.core.wording import capital, level_percent
from osler.publish.plots import palette
from osler.publish.plots.analyses import STUDIES, asked
from osler.publish.plots.chart_labels import spread_labels
from osler.publish.plots.chart_marks import band, curve, points
from osler.publish.plots.charts import (
    SMALL,
    Sheet,
    around,
    chart,
    label_axes,
    number_axis,
    size_of,
    title_of,
)
from osler.publish.plots.paper import Drawn
from osler.publish.plots.problems import does_not_fit


def baujat(
    result: Any,
    *,
    labels: str = "most",
    title: str = "",
    width: float | str = "single",
    height: float | None = None,
    font_size: float = 8.0,
    **options: Any,
) -> Drawn:
    """Baujat plot: which studies make the heterogeneity, and which move the pooled result.

    Parameters
    ----------
    result : Baujat, Synthesis, Effects, Regression or other studies with estimates
        Of the last four, :func:`osler.appraisal.influence.baujat` is taken with ``options``.
    labels : {"none", "most", "all"}
        "most" names studies that contribute more than an even share to one of the two.
    title, width, height, font_size
        As for :func:`~osler.publish.plots.funnels.funnel`.

    Returns
    -------
    matplotlib.figure.Figure
        Of a regression without studies that alone carry a coefficient; the description tells.

    References
    ----------
    .. [1] Baujat, Mahé, Pignon & Hill (2002). Stat Med 21, 2641-2652. doi:10.1002/sim.1221

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(["A", "B", "C"], [0.1, 0.3, 0.9], [0.04, 0.02, 0.03], measure="MD")
    >>> baujat(fit).axes[0].get_xlabel()
    'Contribution to Q'
    """
    found = asked(result, "Baujat", lambda studies: baujat_of(studies, **options))
    places = np.array([found.contribution, found.influence])
    has_place = np.isfinite(places).all(axis=0)
    x, y = places[:, has_place]
    if not x.size:
        raise DataError(does_not_fit("baujat", "model that no study can be taken out of", STUDIES))
    studies = [name for name, has in zip(found.studies, has_place, strict=True) if has]
    sheet = chart(width, height, size_of(font_size))
    number_axis(sheet, sheet.axes, 0.0, float(x.max()) * 1.1 or 1.0)
    number_axis(sheet, sheet.axes, 0.0, float(y.max()) * 1.1 or 1.0, of="y")
    points(sheet.axes, x, y)
    large = (x > 1.5 * x.mean()) | (y > 1.5 * y.mean())
    named = [
        (float(x[i]), float(y[i]), name)
        for i, name in enumerate(studies)
        if labels == "all" or (labels == "most" and large[i])
    ]
    named.sort(key=lambda place: -place[0] / (x.max() or 1) - place[1] / (y.max() or 1))
    spread_labels(sheet, sheet.axes, named, avoid=list(zip(x.tolist(), y.tolist(), strict=True)))
    label_axes(sheet, "Contribution to Q", f"Influence on the {found.pulled}")
    title_of(sheet, title)
    more = len(found.studies) - len(x)
    left = f" {more} that alone carry a coefficient are not drawn." if more else ""
    sheet.figure.description = f"Baujat plot of {len(x)} studies.{left}"
    return sheet.figure


@dataclass(frozen=True, slots=True)
class _Measure:
    """One panel of the influence plot; ``lines`` are values beyond which a study stands out."""

    name: str
    values: Floats
    lines: tuple[float, ...]
    centre: float | None


def influence(
    result: Any,
    *,
    title: str = "",
    width: float | str = "double",
    height: float | None = None,
    font_size: float = 8.0,
    **options: Any,
) -> Drawn:
    """Eight measures of what each study does to the synthesis, side by side.

    Parameters
    ----------
    result : Influence, Synthesis, Effects or other studies with estimates
        Of the last three, :func:`osler.appraisal.influence.influence` is taken with
        ``options``.
    title, width, height, font_size
        As for :func:`~osler.publish.plots.funnels.funnel`.

    Returns
    -------
    matplotlib.figure.Figure
        Influential studies are orange diamonds. Studies are numbered in their order; up to
        30 are named beside the first column, more are told in the description alone.

    References
    ----------
    .. [1] Viechtbauer & Cheung (2010). Res Synth Methods 1, 112-125. doi:10.1002/jrsm.11

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(list("ABCD"), [0.1, 0.3, 0.9, 0.2], [0.04, 0.02, 0.03, 0.02])
    >>> len(influence(fit).axes)
    8
    """
    found = asked(result, "Influence", lambda studies: influence_of(studies, **options))
    k = len(found.studies)
    size = size_of(font_size)
    named = k <= 40
    tall = height or max(2.2, 2 * (0.62 + k * size * (1.5 if named else 0.55) / 72))
    sheet = chart(width, tall, size, rows=2, columns=4, sharey=False)
    place = np.arange(k, 0, -1, dtype=float)
    outstanding = np.array(found.influential, bool)
    for i, (frame, measure) in enumerate(zip(sheet.frames, _measures(found), strict=True)):
        _influence_panel(sheet, frame, measure, place, outstanding)
        frame.set_ylim(0.3, k + 0.7)
        if named:
            texts = list(found.studies) if i % 4 == 0 else [""] * k
            frame.set_yticks(place, texts)
            frame.tick_params(axis="y", length=0 if i % 4 else 2, labelsize=size * SMALL * 0.95)
            for label in frame.get_yticklabels():
                label.set_fontfamily(palette.FONT)
                label.set_parse_math(False)
        elif i % 4 == 0:
            shown = [n for n in range(1, k + 1) if n == 1 or n % _every(k) == 0]
            frame.set_yticks([k + 1 - n for n in shown], [str(n) for n in shown])
        else:
            frame.set_yticks([])
    names = [s for s, bad in zip(found.studies, outstanding, strict=True) if bad]
    told = f"Influential: {', '.join(names)}." if names else "No study is influential."
    sheet.figure.description = f"Influence of {k} studies. {told}"
    if title:
        title_of(sheet, title)
    return sheet.figure


def _every(k: int) -> int:
    return 10 if k <= 100 else 50 if k <= 500 else 10 ** max(len(str(k)) - 2, 2)


def _measures(found: Any) -> list[_Measure]:
    k = len(found.studies)
    cut = 3 * math.sqrt(1 / max(k - 1, 1))
    z = float(normal_quantile(0.975))
    return [
        _Measure("Studentised residual", np.array(found.studentised), (-z, z), 0.0),
        _Measure("DFFITS", np.array(found.dffits), (-cut, cut), 0.0),
        _Measure("Cook's distance", np.array(found.cooks_distance), (0.455,), 0.0),
        _Measure("Covariance ratio", np.array(found.covariance_ratio), (), 1.0),
        _Measure("τ² without", np.array(found.tau2_deleted), (), float(found.tau2)),
        _Measure("Q without", np.array(found.q_deleted), (), float(found.q)),
        _Measure("DFBETAS", np.array(found.dfbetas), (-1.0, 1.0), 0.0),
        _Measure("Weight (%)", 100 * np.array(found.weight), (), 100 / k),
    ]


def _influence_panel(
    sheet: Sheet, frame: Any, measure: _Measure, place: Floats, outstanding: Any
) -> None:
    values = measure.values
    finite = values[np.isfinite(values)]
    near = [v for v in measure.lines if finite.size and abs(v) < 3 * np.abs(finite).max()]
    centre = [] if measure.centre is None else [measure.centre]
    low, high = around([*finite.tolist(), *near, *centre], 0.08)
    number_axis(sheet, frame, low, high, most=4)
    for value in near:
        ends = [0.3, len(place) + 0.7]
        curve(frame, [value, value], ends, color=palette.SOFT, width=0.6, dashes=(3, 3))
    for value in centre:
        curve(frame, [value, value], [0.3, len(place) + 0.7], color=palette.RULE, width=0.5)
    curve(frame, values, place, color=palette.HAIR, width=0.8)
    points(frame, values[~outstanding], place[~outstanding], size=3.8)
    looks: dict[str, Any] = {"fill": palette.VERMILION, "marker": "D", "size": 4.2}
    points(frame, values[outstanding], place[outstanding], **looks)
    title_of(sheet, measure.name, frame)


def qq(
    result: Any,
    *,
    rng: Any = None,
    labels: str = "outside",
    title: str = "",
    width: float | str = "single",
    height: float | None = None,
    font_size: float = 8.0,
    **options: Any,
) -> Drawn:
    """Normal quantile-quantile plot of the residuals, with a simulated envelope.

    Parameters
    ----------
    result : ResidualQuantiles, Synthesis, Effects, Regression or other studies with estimates
        Of the last four, :func:`osler.appraisal.influence.residual_quantiles` is taken with
        ``options``; it needs ``rng``.
    rng : numpy.random.Generator, optional
        Draws the envelope; without one, a generator with seed 1, so that the same studies
        always give the same figure.
    labels : {"none", "outside", "all"}
    title, width, height, font_size
        As for :func:`~osler.publish.plots.funnels.funnel`.

    Returns
    -------
    matplotlib.figure.Figure

    References
    ----------
    .. [1] Cook & Weisberg (1982). Residuals and Influence in Regression, chapter 2.
       ISBN 978-0-412-24280-9

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(list("ABCD"), [0.1, 0.3, 0.9, 0.2], [0.04, 0.02, 0.03, 0.02])
    >>> qq(fit, repetitions=200).axes[0].get_xlabel()
    'Normal quantile'
    """
    generator = np.random.default_rng(1) if rng is None else rng
    found = asked(
        result, "ResidualQuantiles", lambda s: residual_quantiles(s, rng=generator, **options)
    )
    x, y = np.array(found.quantiles), np.array(found.residuals)
    lower, upper = np.array(found.lower), np.array(found.upper)
    sheet = chart(width, height, size_of(font_size), shape=0.92)
    number_axis(sheet, sheet.axes, *around(x.tolist(), 0.08))
    number_axis(sheet, sheet.axes, *around([*y, *lower, *upper], 0.05), of="y")
    if np.isfinite(lower).all():
        band(sheet.axes, x, lower, upper, fill="#E6E6E6")
    ends = np.array(sheet.axes.get_xlim())
    curve(sheet.axes, ends, ends, width=0.7)
    outside = (y < lower) | (y > upper)
    points(sheet.axes, x[~outside], y[~outside])
    looks: dict[str, Any] = {"fill": palette.VERMILION, "marker": "D", "size": 4.4}
    points(sheet.axes, x[outside], y[outside], **looks)
    named = [
        (float(x[i]), float(y[i]), name)
        for i, name in enumerate(found.studies)
        if labels == "all" or (labels == "outside" and outside[i])
    ]
    spread_labels(sheet, sheet.axes, named, avoid=list(zip(x.tolist(), y.tolist(), strict=True)))
    label_axes(sheet, "Normal quantile", f"{capital(found.kind)} residual")
    title_of(sheet, title)
    level = level_percent(found.level)
    sheet.figure.description = f"Q-Q plot of {len(x)} residuals with a {level} envelope."
    return sheet.figure
