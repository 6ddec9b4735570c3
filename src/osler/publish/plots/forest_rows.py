"""The rows of a forest plot: studies, what they give together, the lines of tests."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from osler.core.diagnostics import DataError
from osler.core.studies import StudyEstimates
from osler.core.wording import level_percent, number, percent
from osler.publish.plots import telling
from osler.publish.plots.benches import Bench, own_intervals
from osler.publish.plots.contents import (
    Kind,
    Row,
    estimate_parts,
)
from osler.publish.plots.layouts import Layout
from osler.publish.plots.problems import unknown_choice
from osler.publish.plots.showing import null_of
from osler.publish.plots.tables import sum_text
from osler.synthesis.model import Pooled, Synthesis


def study_rows(
    result: StudyEstimates,
    bench: Bench,
    order: Sequence[int],
    shares: Mapping[str, tuple[float, ...]] | None = None,
    *,
    indent: bool = False,
) -> list[Row]:
    weights = shares or {
        "random": tuple(getattr(result, "random_weights", ()) or ()),
        "common": tuple(getattr(result, "common_weights", ()) or ()),
    }
    labels = bench.wish.labels or result.studies
    ends = own_intervals(result, bench.level)
    sizes = _sizes(result, weights)
    return [
        Row(
            "study",
            labels[i],
            result.estimates[i],
            *ends[i],
            weight=sizes[i],
            cells=_study_cells(i, result.estimates[i], ends[i], bench, weights),
            lights=bench.lights[i] if bench.lights else (),
            indent=indent,
        )
        for i in order
    ]


def _sizes(result: StudyEstimates, weights: Mapping[str, tuple[float, ...]]) -> list[float]:
    """The weights that the squares show; precision where nothing was pooled."""
    shown = weights["random"] or [1 / v for v in result.variances]
    most = max(shown, default=1.0) or 1.0
    return [w / most for w in shown]


def _study_cells(
    i: int,
    estimate: float,
    ends: tuple[float, float],
    bench: Bench,
    weights: Mapping[str, tuple[float, ...]],
) -> dict[str, str | tuple[str, str, str]]:
    cells: dict[str, str | tuple[str, str, str]] = {
        name: texts[i] for name, texts in bench.cells.texts.items()
    }
    cells["estimate"] = estimate_parts(bench.display, estimate, *ends, bench.layout.brackets)
    for name, model in (("weight", weighing(bench)), ("weight_random", "random")):
        cells[name] = weight_cell(weights[model][i : i + 1], bench.layout)
    cells["weight_common"] = weight_cell(weights["common"][i : i + 1], bench.layout)
    return cells


def weighing(bench: Bench) -> str:
    pooled = bench.wish.pooled or bench.layout.pooled
    return "random" if "random" in pooled else "common"


def weight_cell(share: Sequence[float], layout: Layout) -> str:
    if not share or not math.isfinite(share[0]):
        return ""
    if "%" in layout.word("weight"):  # said in the head
        return number(share[0] * 100, layout.weight_decimals)
    return percent(share[0], layout.weight_decimals)


def summary_rows(fit: Any, bench: Bench, above: Sequence[Row]) -> list[Row]:
    """The pooled results asked for; a single study has none."""
    asked = bench.wish.pooled if bench.wish.pooled is not None else bench.layout.pooled
    rows: list[Row] = []
    for model in asked:
        if model not in ("random", "common"):
            raise DataError(unknown_choice("pooled result", model, ("random", "common")))
        if fit.k < 2:
            continue
        pooled = fit.random if model == "random" else fit.common
        if pooled is None:  # a method that gives the other one alone
            continue
        kind: Kind = "random" if model == "random" else "common"
        totals = not rows
        rows.append(pooled_row(kind, bench.layout.word(model), pooled, bench, totals=totals))
        if model == "random" and bench.wish.prediction:
            rows += prediction_row(pooled, bench)
    return rows


def pooled_row(
    kind: Kind,
    label: str,
    pooled: Pooled,
    bench: Bench,
    *,
    totals: bool = True,
    inside: Sequence[int] | None = None,
    share: float | None = 1.0,
) -> Row:
    ends = (pooled.ci_lower, pooled.ci_upper)
    parts = estimate_parts(bench.display, pooled.estimate, *ends, bench.layout.brackets)
    cells: dict[str, str | tuple[str, str, str]] = {"estimate": parts}
    if totals and bench.layout.totals:
        cells |= _sums(bench, inside)
    if share is not None:
        weight = weight_cell([share], bench.layout)
        which = {"random": "weight_random", "common": "weight_common"}.get(kind, "")
        names = [which] if which else ["weight_random"]
        names += ["weight"] if kind == "subtotal" or kind == weighing(bench) else []
        cells |= dict.fromkeys(names, weight)
    text = label.format(level=level_percent(bench.level))
    return Row(kind, text, pooled.estimate, *ends, cells=cells)


def _sums(bench: Bench, inside: Sequence[int] | None) -> dict[str, str]:
    """Totals of participants and events, where every study has them."""
    if inside is None:
        return {name: sum_text(total) for name, total in bench.cells.sums.items()}
    out = {}
    for name in bench.cells.sums:
        rows = [bench.cells.texts[name][i].replace("\u202f", "").split("/") for i in inside]
        out[name] = sum_text(
            [math.fsum(float(v) for v in each) for each in zip(*rows, strict=True)]
        )
    return out


def prediction_row(pooled: Pooled, bench: Bench) -> list[Row]:
    lower, upper = pooled.pred_lower, pooled.pred_upper
    if not (math.isfinite(lower) and math.isfinite(upper)):
        return []
    parts = estimate_parts(bench.display, math.nan, lower, upper, bench.layout.brackets)
    label = bench.layout.word("prediction").format(level=level_percent(bench.level))
    # The number of the mean belongs to the row above: here stands the interval alone.
    cells = {"estimate": ("", *parts[1:])}
    return [Row("prediction", label, pooled.estimate, lower, upper, cells=cells)]


def subtotal_rows(
    fit: Synthesis,
    bench: Bench,
    inside: Sequence[int],
    shares: Mapping[str, tuple[float, ...]],
) -> list[Row]:
    """A subgroup's own result, and its heterogeneity; a single study is its own."""
    if fit.k < 2:
        return []
    kind = weighing(bench)
    pooled = fit.random if kind == "random" else fit.common
    share = math.fsum(shares[kind][i] for i in inside)
    label = bench.layout.word("subtotal")
    row = pooled_row("subtotal", label, pooled, bench, inside=inside, share=share)
    line = telling.heterogeneity_line(fit, bench.layout, short=True)
    notes = [Row("note", line, indent=True)] if line and bench.wish.notes else []
    return [replace(row, indent=True), *notes]


def overall_lines(fit: Synthesis, bench: Bench) -> list[str]:
    if not bench.wish.notes or fit.k < 2:
        return []
    asked = bench.wish.pooled if bench.wish.pooled is not None else bench.layout.pooled
    model = "random" if "random" in asked else "common"
    lines = [telling.heterogeneity_line(fit, bench.layout)]
    if asked and null_of(fit.measure) is not None:
        lines.append(telling.effect_line(fit, bench.layout, model))
    if bench.layout.name == "osler" and model == "random" and asked:
        lines.append(telling.method_line(fit))
    return lines


def with_lines(
    rows: Sequence[Row], lines: Sequence[str], bench: Bench
) -> tuple[list[Row], list[str]]:
    """Lines as rows beside the axis, or as one paragraph below the figure."""
    told = [line for line in lines if line]
    remarks = list(bench.wish.remarks)
    if bench.layout.notes == "left":
        return [*rows, *(Row("note", line) for line in told)], remarks
    return list(rows), [" ".join(told), *remarks] if told else remarks
