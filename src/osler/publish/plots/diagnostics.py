"""Figures that ask which studies stand out: radial, L'Abbé, Baujat, GOSH, influence, Q-Q."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from osler.appraisal.influence.baujat import baujat as baujat_of
from osler.appraisal.influence.gosh import gosh as gosh_of
from osler.appraisal.influence.measures import influence as influence_of
from osler.appraisal.influence.radial import radial as radial_of
from osler.appraisal.influence.residual_quantiles import residual_quantiles
from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import Table
from osler.core.quantiles import normal_quantile
from osler.core.wording import capital, level_percent
from osler.publish.plots import palette
from osler.publish.plots.charts import (
    SMALL,
    Sheet,
    area,
    around,
    band,
    chart,
    curve,
    effect_axis,
    key,
    key_line,
    key_point,
    label_axes,
    number_axis,
    plain_frame,
    points,
    size_of,
    spread_labels,
    title_of,
    words,
)
from osler.publish.plots.paper import Drawn
from osler.publish.plots.problems import does_not_fit, no_counts, unknown_choice
from osler.publish.plots.showing import Display, display_of
from osler.publish.plots.tables import study_values
from osler.publish.plots.ticks import Axis, ticks_of

_STUDIES = "a synthesis, effects, or the result of the analysis itself"


def _asked(result: Any, kind: str, make: Callable[[Any], Any]) -> Any:
    """The analysis itself, or what it gives of the studies."""
    if type(result).__name__ == kind:
        return result
    if not hasattr(result, "estimates") or not hasattr(result, "variances"):
        raise DataError(does_not_fit(kind, type(result).__name__, _STUDIES))
    return make(result)


def radial(
    result: Any,
    *,
    labels: str = "outside",
    title: str = "",
    unit: str = "",
    width: float | str = "single",
    height: float | None = None,
    font_size: float = 8.0,
    **options: Any,
) -> Drawn:
    """Galbraith's radial plot, with an arc on which estimates are read.

    Parameters
    ----------
    result : Radial, Synthesis, Effects or other studies with estimates
        Of the last three, :func:`osler.appraisal.influence.radial` is taken with ``options``.
    labels : {"none", "outside", "all"}
        Which studies are named: those outside the band, or all.
    title, unit, width, height, font_size
        As for :func:`~osler.publish.plots.funnels.funnel`.

    Returns
    -------
    matplotlib.figure.Figure
        A line from 0 through a study meets the arc at the study's estimate.

    References
    ----------
    .. [1] Galbraith (1988). Technometrics 30, 271-281. doi:10.1080/00401706.1988.10488400

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(["A", "B", "C"], [0.1, 0.3, 0.9], [0.04, 0.02, 0.03], measure="MD")
    >>> radial(fit).axes[0].get_ylabel()
    'Estimate / standard error'
    """
    found = _asked(result, "Radial", lambda studies: radial_of(studies, **options))
    x, y = np.array(found.x), np.array(found.y)
    display = display_of(found.measure, list(found.estimates), unit)
    sheet = chart(width, height, size_of(font_size), shape=0.9)
    arc = _arc_of(found)
    reach, high = float(x.max()) * 1.04, arc.tall
    number_axis(sheet, sheet.axes, 0.0, arc.radius * 1.17)
    number_axis(sheet, sheet.axes, -high, high, of="y")
    line = np.array([0.0, reach])
    centre = found.slope * line
    band(sheet.axes, line, centre - found.band, centre + found.band, fill="#E9E9E9")
    curve(sheet.axes, line, centre, color=palette.INK)
    curve(sheet.axes, line, [0, 0], color=palette.RULE, width=0.5, dashes=(2, 2))
    marked = _draw_arc(sheet, arc, display)
    outside = np.array(found.outside, bool)
    points(sheet.axes, x[~outside], y[~outside])
    points(sheet.axes, x[outside], y[outside], fill=palette.VERMILION, marker="D", size=4.4)
    label_axes(sheet, "Precision (1 / standard error)", "Estimate / standard error")
    if found.tau2 > 0:
        sheet.axes.set_xlabel("Precision (1 / √(variance + τ²))")
    named = [
        (float(x[i]), float(y[i]), name)
        for i, name in enumerate(found.studies)
        if labels == "all" or (labels == "outside" and outside[i])
    ]
    every = [*zip(x.tolist(), y.tolist(), strict=True), *marked]
    spread_labels(sheet, sheet.axes, named, avoid=every)
    title_of(sheet, title)
    sheet.figure.description = f"Radial plot of {len(x)} studies, {int(outside.sum())} outside."
    return sheet.figure


@dataclass(frozen=True, slots=True)
class _Arc:
    """An arc outside all studies, round on paper; ``steep`` x-units are as long as one of y."""

    radius: float
    steep: float
    low: float
    high: float
    tall: float

    def at(self, slope: float, far: float = 1.0) -> tuple[float, float]:
        """Where the line of a slope meets the arc, or ``far`` times as far out."""
        angle = math.atan(slope * self.steep)
        out = far * self.radius
        return out * math.cos(angle), out / self.steep * math.sin(angle)


def _arc_of(found: Any) -> _Arc:
    x, y = np.array(found.x), np.array(found.y)
    highest = max(float(np.abs(y).max()), abs(found.slope) * float(x.max()), found.band) * 1.05
    steep = float(x.max()) / highest
    radius = float(np.hypot(x, y * steep).max()) * 1.06
    low, high = around([*(y / x).tolist(), found.slope, 0.0], 0.05)
    # Steeper than 80 degrees, estimates of the smallest studies would crowd at the ends.
    most = math.tan(math.radians(76)) / steep
    low, high = max(low, -most), min(high, most)
    bare = _Arc(radius, steep, low, high, 0.0)
    ends = [abs(bare.at(slope)[1]) for slope in (low, high)]
    return _Arc(radius, steep, low, high, max(*ends, highest) * 1.1)


def _draw_arc(sheet: Sheet, arc: _Arc, display: Display) -> list[tuple[float, float]]:
    """The arc with its ticks; where these stand."""
    line = [arc.at(s) for s in np.linspace(arc.low, arc.high, 200)]
    curve(sheet.axes, [x for x, _ in line], [y for _, y in line], width=0.7)
    tall = float(sheet.figure.get_size_inches()[1]) * 0.72 * palette.INCH
    marked: list[tuple[float, float]] = []
    # Spaced as on a straight axis of the same height; where the arc turns, some are left out.
    bare = Axis(arc.low, arc.high, 0.0, tall, ())
    for value, text in ticks_of(bare, display, sheet.size * SMALL):
        (x0, y0), (x1, y1), (x2, y2) = arc.at(value), arc.at(value, 1.02), arc.at(value, 1.045)
        room = 2 * arc.tall * 1.5 * sheet.size / tall
        if any(abs(y2 - other) < room for _, other in marked):
            continue
        curve(sheet.axes, [x0, x1], [y0, y1], width=0.6)
        words(sheet, sheet.axes, x2, y2, text, valign="center_baseline")
        marked.append((x2, y2))
    name = capital(display.name)
    words(sheet, sheet.axes, 1.0, 1.0, name, align="right", valign="top", frame=True)
    return marked


def labbe(
    result: Any,
    *,
    data: Table | None = None,
    arms: tuple[str, str] = ("treated", "control"),
    curves: bool = True,
    labels: str = "none",
    title: str = "",
    width: float | str = "single",
    height: float | None = None,
    font_size: float = 8.0,
) -> Drawn:
    """L'Abbé plot: the risk in one arm against the risk in the other.

    Parameters
    ----------
    result : Synthesis or Effects
        Of the measures OR, RR and RD the pooled effect is drawn as the curve on which it lies.
    data : data frame or mapping, optional
        With ``events_treated``, ``n_treated``, ``events_control`` and ``n_control``, where
        the result does not hold them itself.
    arms : (str, str)
        Names of the arms, on the axes.
    curves : bool
        Draw the pooled effects.
    labels : {"none", "all"}
    title, width, height, font_size
        As for :func:`~osler.publish.plots.funnels.funnel`.

    Returns
    -------
    matplotlib.figure.Figure
        Circles grow in area with the weight of the study (participants where not pooled).

    Raises
    ------
    DataError
        FIG009 where the counts are not known.

    References
    ----------
    .. [1] L'Abbé, Detsky & O'Rourke (1987). Ann Intern Med 107, 224-233.
       doi:10.7326/0003-4819-107-2-224

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(["A", "B"], [-0.4, -0.2], [0.1, 0.2], measure="RR")
    >>> counts = {"events_treated": [4, 9], "n_treated": [40, 60],
    ...           "events_control": [6, 11], "n_control": [40, 60]}
    >>> labbe(fit, data=counts).axes[0].get_xlabel()
    'Risk, control (%)'
    """
    needed = ("events_treated", "n_treated", "events_control", "n_control")
    if not hasattr(result, "studies"):
        raise DataError(does_not_fit("labbe", type(result).__name__, _STUDIES))
    values = study_values(result, result.studies, data)
    if any(name not in values for name in needed):
        raise DataError(no_counts("labbe", needed, values))
    e1, n1, e2, n2 = (np.array([float(str(v)) for v in values[name]]) for name in needed)
    treated, control = 100 * e1 / n1, 100 * e2 / n2
    sheet = chart(width, height, size_of(font_size), shape=1.06 if curves else 1.0)
    high = min(100.0, max(float(treated.max()), float(control.max())) * 1.1 + 0.5)
    for of in ("x", "y"):
        number_axis(sheet, sheet.axes, 0.0, high, of=of)
    sheet.axes.set_aspect("equal", adjustable="box")
    curve(sheet.axes, [0, high], [0, high], color=palette.SOFT, width=0.6, dashes=(2, 2))
    entries = _risk_curves(sheet, result, high) if curves else []
    weight = np.array(getattr(result, "random_weights", ()) or n1 + n2)
    diameter = 3.0 + 8.0 * np.sqrt(weight / weight.max()) * (1 if len(weight) < 40 else 0.6)
    points(sheet.axes, control, treated, size=diameter, fill=palette.BLUE, alpha=0.6, width=0.7)
    label_axes(sheet, f"Risk, {arms[1]} (%)", f"Risk, {arms[0]} (%)")
    key(sheet, sheet.axes, [*entries, (key_line(palette.SOFT, (2, 2), 0.6), "No difference")])
    if labels == "all":
        places = list(zip(control.tolist(), treated.tolist(), strict=True))
        names = [(*place, name) for place, name in zip(places, result.studies, strict=True)]
        spread_labels(sheet, sheet.axes, names, avoid=places, least=float(np.median(diameter)) / 2)
    title_of(sheet, title)
    sheet.figure.description = f"L'Abbé plot of {len(weight)} studies."
    return sheet.figure


def _risk_curves(sheet: Sheet, result: Any, high: float) -> list[tuple[Any, str]]:
    entries: list[tuple[Any, str]] = []
    risk = np.linspace(0.0, high / 100, 300)
    looks: tuple[tuple[str, str, tuple[float, ...] | None], ...] = (
        ("random", palette.VERMILION, None),
        ("common", palette.INK, (5, 2)),
    )
    for model, color, dashes in looks:
        pooled = getattr(result, model, None)
        shape = _risk_shapes().get(result.measure)
        if pooled is None or shape is None:
            continue
        changed = shape(risk, float(pooled.estimate))
        inside = (changed >= 0) & (changed <= high / 100)
        x, y = 100 * risk[inside], 100 * changed[inside]
        curve(sheet.axes, x, y, color=color, width=1.1, dashes=dashes)
        entries.append(
            (
                key_line(color, dashes, 1.1),
                f"{capital(model)} effects" if model == "random" else "Common effect",
            )
        )
    return entries


def _risk_shapes() -> Mapping[str, Callable[[Floats, float], Floats]]:
    """Risk in the treated arm for a risk in the control arm and an effect."""
    return {
        "RR": lambda risk, effect: risk * math.exp(effect),
        "RD": lambda risk, effect: risk + effect,
        "OR": _by_odds,
    }


def _by_odds(risk: Floats, effect: float) -> Floats:
    odds = math.exp(effect) * risk
    return np.asarray(odds / (1 - risk + odds))


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
    result : Baujat, Synthesis, Effects or other studies with estimates
        Of the last three, :func:`osler.appraisal.influence.baujat` is taken with ``options``.
    labels : {"none", "most", "all"}
        "most" names studies that contribute more than an even share to one of the two.
    title, width, height, font_size
        As for :func:`~osler.publish.plots.funnels.funnel`.

    Returns
    -------
    matplotlib.figure.Figure

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
    found = _asked(result, "Baujat", lambda studies: baujat_of(studies, **options))
    x, y = np.array(found.contribution), np.array(found.influence)
    sheet = chart(width, height, size_of(font_size))
    number_axis(sheet, sheet.axes, 0.0, float(x.max()) * 1.1 or 1.0)
    number_axis(sheet, sheet.axes, 0.0, float(y.max()) * 1.1 or 1.0, of="y")
    points(sheet.axes, x, y)
    large = (x > 1.5 * x.mean()) | (y > 1.5 * y.mean())
    named = [
        (float(x[i]), float(y[i]), name)
        for i, name in enumerate(found.studies)
        if labels == "all" or (labels == "most" and large[i])
    ]
    named.sort(key=lambda place: -place[0] / (x.max() or 1) - place[1] / (y.max() or 1))
    spread_labels(sheet, sheet.axes, named, avoid=list(zip(x.tolist(), y.tolist(), strict=True)))
    label_axes(sheet, "Contribution to Q", "Influence on the pooled estimate")
    title_of(sheet, title)
    sheet.figure.description = f"Baujat plot of {len(x)} studies."
    return sheet.figure


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
    found = _asked(result, "Gosh", lambda studies: gosh_of(studies, **options))
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
        else [(~member, palette.BLUE), (member, palette.VERMILION)]
    )
    _density(main, estimates, spread, groups, (x_ends, y_ends), bins)
    _margins(sheet, top, side, estimates, spread, groups, (x_ends, y_ends))
    full = float(found.full_estimate)
    curve(main, [full, full], y_ends, width=0.6, dashes=(4, 3), color=palette.INK)
    label_axes(sheet, capital(display.name), _SPREAD[y], main)
    if member is not None:
        name = found.studies[study] if isinstance(study, int) else str(study)
        entries = [
            (key_point(palette.VERMILION, marker="s"), f"with {name}"),
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
    found = _asked(result, "Influence", lambda studies: influence_of(studies, **options))
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
    result : ResidualQuantiles, Synthesis, Effects or other studies with estimates
        Of the last three, :func:`osler.appraisal.influence.residual_quantiles` is taken with
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
    found = _asked(
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
