"""Forests of networks: each treatment against the reference; direct against indirect evidence."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from osler.core.diagnostics import DataError
from osler.core.quantiles import normal_quantile
from osler.core.wording import capital, counted, level_percent, number, p_value, percent
from osler.effects.scales import interval, shown
from osler.publish.plots import palette
from osler.publish.plots.charts import size_of
from osler.publish.plots.network_keys import KeyItem
from osler.publish.plots.network_problems import not_in_network, nothing_to_show
from osler.publish.plots.paper import Drawn, inches
from osler.publish.plots.problems import does_not_fit, unknown_choice
from osler.publish.plots.row_forest import Line, Mark, RowForest, Shape, draw_rows
from osler.publish.plots.showing import Display, display_of
from osler.publish.plots.ticks import asked_limits

_SORTS = ("given", "estimate", "-estimate", "name", "p_score")
_KINDS: tuple[tuple[str, str, str, Shape], ...] = (
    ("direct", "Direct", palette.BLUE, "square"),
    ("indirect", "Indirect", palette.VERMILION, "circle"),
    ("network", "Network", palette.INK, "diamond"),
)


def network_forest(
    result: Any,
    *,
    reference: str = "",
    sort: str = "estimate",
    ranking: Any = None,
    common: bool = False,
    prediction: bool = True,
    labels: Mapping[str, str] | None = None,
    favours: tuple[str, str] = ("", ""),
    axis_label: str | None = None,
    xlim: tuple[float, float] | None = None,
    unit: str = "",
    title: str = "",
    notes: bool = True,
    width: float | str = "double",
    font_size: float = 8.0,
) -> Drawn:
    """Forest of a network: every treatment against one, by all evidence together.

    Parameters
    ----------
    result : NetworkSynthesis
    reference : str
        Against which treatment; that of the result where left out.
    sort : {"estimate", "-estimate", "name", "given", "p_score"}
        The last needs ``ranking``.
    ranking : Ranking, optional
        Its P-scores are shown in a column.
    common : bool
        By the common-effect model, which has no prediction intervals.
    prediction : bool
        Draw prediction intervals, thin, behind the confidence intervals.
    labels : mapping of str to str, optional
        Other names for treatments.
    favours, axis_label, xlim, unit, title, notes, width, font_size
        As for :func:`~osler.publish.plots.forests.forest`.

    Returns
    -------
    matplotlib.figure.Figure
        As tall as its rows need.

    Raises
    ------
    DataError
        FIG002 where the result is no network, NET010 where it has no such reference, FIG003
        for an unknown order, FIG007 for limits that are no range, FIG012 for a ranking of
        other treatments, FIG014 where there is nothing to compare.

    Examples
    --------
    >>> import numpy as np
    >>> from osler.synthesis.network.contrasts import network_of
    >>> from osler.synthesis.network.fit import fit_network
    >>> trials = network_of(
    ...     ["s1", "s2"], ["A", "B"], ["C", "C"], np.array([0.1, 0.2]), np.array([0.1, 0.1])
    ... )
    >>> network_forest(fit_network(trials, reference="C", measure="MD")).description
    'Forest plot of a network against C. A: 0.10 (−0.52 to 0.72); B: 0.20 (−0.42 to 0.82).'
    """
    if not (hasattr(result, "effect") and hasattr(result, "treatments")):
        raise DataError(does_not_fit("network_forest", type(result).__name__, "a network's result"))
    base = result.treatments[result.place(reference)] if reference else result.reference
    found = [result.effect(name, base, common=common) for name in result.treatments if name != base]
    if not found:
        raise DataError(nothing_to_show("network_forest", "the network has one treatment"))
    predicted = prediction and not common and math.isfinite(found[0].pred_lower)
    scores = _scores(ranking, result.treatments)
    ends = [end for e in found for end in (e.ci_lower, e.ci_upper)]
    display = display_of(result.measure, ends, unit)
    names = {name: str((labels or {}).get(name, name)) for name in result.treatments}
    lines = tuple(
        _against(e, names[e.treatment], display, scores, predicted=predicted)
        for e in _sorted(found, sort, scores)
    )
    level = level_percent(result.level)
    heads = [f"Against {names[base]}", f"{display.measure or 'Estimate'}\n({level} CI)"]
    heads += [f"{level} prediction\ninterval"] if predicted else []
    heads += ["P-score"] if scores else []
    keys = [KeyItem("thin", "Prediction interval", palette.VERMILION)] if predicted else []
    told = "; ".join(f"{line.label}: {line.cells[0]}" for line in lines)
    content = RowForest(
        tuple(heads), lines, display, capital(display.name) if axis_label is None else axis_label,
        favours, title, tuple(_notes(result, common=common) if notes else ()), tuple(keys),
        asked_limits(xlim, display) if xlim else None,
        f"Forest plot of a network against {names[base]}. {told}.",
    )  # fmt: skip
    return draw_rows(content, inches(width) * palette.INCH, size_of(font_size))


def _scores(ranking: Any, treatments: Sequence[str]) -> dict[str, float]:
    if ranking is None:
        return {}
    if set(ranking.treatments) != set(treatments):
        raise DataError(not_in_network("ranked treatments", ranking.treatments, treatments))
    return dict(zip(ranking.treatments, ranking.p_scores, strict=True))


def _sorted(found: Sequence[Any], sort: str, scores: Mapping[str, float]) -> list[Any]:
    if sort not in _SORTS or (sort == "p_score" and not scores):
        known = _SORTS if scores else _SORTS[:-1]
        raise DataError(unknown_choice("order", sort, known))
    if sort == "given":
        return list(found)
    if sort == "name":
        return sorted(found, key=lambda e: e.treatment.casefold())
    if sort == "p_score":
        return sorted(found, key=lambda e: -scores[e.treatment])
    return sorted(found, key=lambda e: e.estimate, reverse=sort.startswith("-"))


def _against(
    e: Any, name: str, display: Display, scores: Mapping[str, float], *, predicted: bool
) -> Line:
    cells = [_cell(display, e.estimate, e.ci_lower, e.ci_upper)]
    wide = (math.nan, math.nan)
    if predicted:
        wide = (e.pred_lower, e.pred_upper)
        cells.append(interval(display.scale, *wide))
    if scores:
        cells.append(number(scores[e.treatment], 2))
    return Line(name, Mark(e.estimate, e.ci_lower, e.ci_upper, *wide), tuple(cells))


def _cell(display: Display, estimate: float, lower: float, upper: float) -> str:
    bounds = interval(display.scale, lower, upper)
    return f"{shown(display.scale, estimate)} ({bounds})"


def _notes(result: Any, *, common: bool) -> list[str]:
    parts = [f"{counted(len(result.network.studies), 'study', 'studies')}"]
    if common:
        parts.append("common-effect model")
    else:
        parts.append(f"random effects, τ² = {number(result.tau2, 3)} ({result.tau2_method})")
    parts.append(f"I² = {percent(result.i2)}")
    parts.append(f"Q = {number(result.q, 2)}, df = {result.df}")
    out = ["; ".join(parts) + "."]
    if result.others:
        apart = "; ".join(", ".join(part) for part in result.others)
        out.append(f"Not connected with these by any study: {apart}.")
    return out


def node_split(
    result: Any,
    *,
    comparisons: Sequence[tuple[str, str]] | None = None,
    favours: tuple[str, str] = ("", ""),
    axis_label: str | None = None,
    xlim: tuple[float, float] | None = None,
    unit: str = "",
    title: str = "",
    width: float | str = "double",
    font_size: float = 8.0,
) -> Drawn:
    """Forest of direct, indirect and network estimates of each comparison.

    Parameters
    ----------
    result : NetworkSplit
    comparisons : sequence of (str, str), optional
        Which to show, in this order; either way round. Without them, all that have both direct
        and indirect evidence.
    favours, axis_label, xlim, unit, title, width, font_size
        As for :func:`~osler.publish.plots.forests.forest`.

    Returns
    -------
    matplotlib.figure.Figure
        With the share of direct evidence, and the p-value of the difference between the two.

    Raises
    ------
    DataError
        FIG002 where the result is no split network, FIG012 where it has no such comparison,
        FIG014 where no comparison has evidence of both kinds.

    References
    ----------
    .. [1] Dias, Welton, Caldwell & Ades (2010). Stat Med 29, 932-944. doi:10.1002/sim.3767
    """
    if not (hasattr(result, "comparisons") and hasattr(result, "testable")):
        raise DataError(does_not_fit("node_split", type(result).__name__, "a split network"))
    chosen = result.testable if comparisons is None else _chosen(result, comparisons)
    if not chosen:
        why = "no comparison has both direct and indirect evidence"
        raise DataError(nothing_to_show("node_split", why))
    z = float(normal_quantile(0.5 + result.level / 2.0))
    values = [getattr(c, kind) for c in chosen for kind, *_ in _KINDS]
    display = display_of(result.measure, values, unit)
    lines = [line for c in chosen for line in _split_lines(c, display, z)]
    level = level_percent(result.level)
    head = f"{display.measure or 'Estimate'}\n({level} CI)"
    told = "; ".join(
        f"{c.treatment} against {c.comparator}: p of the difference {p_value(c.p_value)}"
        for c in chosen
    )
    note = (
        "p: of the difference between direct and indirect evidence; such tests have little "
        "power, and of many some are low by chance."
    )
    content = RowForest(
        ("Comparison", "Studies", "Direct\nevidence", head, "p"), tuple(lines), display,
        capital(display.name) if axis_label is None else axis_label, favours, title, (note,), (),
        asked_limits(xlim, display) if xlim else None,
        f"Direct, indirect and network estimates. {told}.",
    )  # fmt: skip
    return draw_rows(content, inches(width) * palette.INCH, size_of(font_size))


def _chosen(result: Any, wanted: Sequence[tuple[str, str]]) -> list[Any]:
    known = {frozenset((c.treatment, c.comparator)): c for c in result.comparisons}
    absent = [" vs ".join(pair) for pair in wanted if frozenset(pair) not in known]
    if absent:
        names = [f"{c.treatment} vs {c.comparator}" for c in result.comparisons]
        raise DataError(not_in_network("comparisons", absent, names))
    return [known[frozenset(pair)] for pair in wanted]


def _split_lines(c: Any, display: Display, z: float) -> list[Line]:
    p = p_value(c.p_value).removeprefix("p ").removeprefix("= ") if c.p_value >= 0 else ""
    head = Line(f"{c.treatment} vs {c.comparator}", None, ("", "", "", p), heading=True)
    out = [head]
    for kind, word, color, shape in _KINDS:
        estimate, se = float(getattr(c, kind)), float(getattr(c, f"{kind}_se"))
        low, high = estimate - z * se, estimate + z * se
        if not math.isfinite(estimate):
            out.append(Line(word, None, ("", "", "none"), indent=True))
            continue
        facts = (str(c.studies), percent(c.share)) if kind == "direct" else ("", "")
        mark = Mark(estimate, low, high, color=color, shape=shape)
        out.append(Line(word, mark, (*facts, _cell(display, estimate, low, high)), indent=True))
    return out
