"""From a result to what a forest plot of it says."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from osler.appraisal.influence.studies import model_line
from osler.core.studies import StudyEstimates
from osler.core.wording import capital, level_percent, number, percent, significant
from osler.publish.plots import telling
from osler.publish.plots.benches import OWN, Bench, Wish, bench_of, content_of, order_of, own_column
from osler.publish.plots.contents import (
    Column,
    Content,
    Kind,
    Panel,
    Row,
    estimate_parts,
)
from osler.publish.plots.forest_rows import (
    overall_lines,
    study_rows,
    subtotal_rows,
    summary_rows,
    with_lines,
)
from osler.publish.plots.layouts import PLOT, layout_of, p_text
from osler.publish.plots.own_rows import own_rows
from osler.publish.plots.showing import display_of
from osler.publish.plots.tables import Cells, study_values
from osler.synthesis.model import Synthesis
from osler.synthesis.pool import synthesise
from osler.synthesis.subgroups import Subgroups


def content_of_studies(result: StudyEstimates, wish: Wish) -> Content:
    """A synthesis, or effects that are not pooled."""
    order = order_of(result, wish)
    bench = bench_of(result, wish)
    rows = study_rows(result, bench, order)
    notes: list[str] = []
    if isinstance(result, Synthesis):
        rows += summary_rows(result, bench, rows) + own_rows(bench)
        rows, notes = with_lines(rows, overall_lines(result, bench), bench)
    else:
        rows += own_rows(bench)
    return content_of(rows, notes, bench)


def content_of_subgroups(by: Subgroups, wish: Wish) -> Content:
    """Studies under the names of their subgroups, each of which ends in its own result."""
    whole = wish.overall or getattr(by, "overall", None) or _pooled_whole(by)
    fits = list(by.results.values())
    together = _Together(
        fits[0].measure,
        tuple(s for fit in fits for s in fit.studies),
        tuple(y for fit in fits for y in fit.estimates),
        tuple(v for fit in fits for v in fit.variances),
    )
    bench = bench_of(together, wish, whole)
    order = order_of(together, wish, values=study_values(together, together.studies, wish.data))
    shares = _shares_of(whole, together)
    rows: list[Row] = []
    start = 0
    for name, fit in by.results.items():
        inside = [i for i in order if start <= i < start + fit.k]
        start += fit.k
        studies = study_rows(together, bench, inside, shares, indent=True)
        rows.append(Row("heading", name))
        rows += studies
        rows += subtotal_rows(fit, bench, inside, shares)
    rows += summary_rows(whole, bench, rows) + own_rows(bench)
    lines = [*overall_lines(whole, bench), telling.between_line(by, bench.layout)]
    rows, notes = with_lines(rows, lines if wish.notes else [], bench)
    return content_of(rows, notes, bench)


def content_of_steps(result: Any, wish: Wish) -> Content:
    """A synthesis after each step: studies added one by one, or each left out."""
    layout = layout_of(wish.layout)
    added = not hasattr(result, "full")
    ends = [end for row in result.rows for end in (row.ci_lower, row.ci_upper)]
    display = display_of(result.measure, ends, wish.unit)
    names = wish.columns or ("study", "k", PLOT, "estimate", "p_value", "i2", "tau2")
    heads = {"k": "Studies", "p_value": "p", "i2": "I²", "tau2": "τ²", **wish.heads}
    heads = {"study": "Study added" if added else "Study left out", **heads}
    told = replace(wish, heads=heads)
    columns = tuple(
        own_column(name, layout, told, display, result.level)
        if name in OWN
        else Column(name, heads.get(name, name))
        for name in names
        if name in OWN or name in _STEP_CELLS
    )
    bench = Bench(told, layout, display, result.level, Cells(columns, {}, {}), ())
    labels = wish.labels or result.studies
    keys = getattr(result, "keys", ("",) * len(labels))
    order = order_of(result, wish)
    rows = [_step_row("step", _keyed(labels[i], keys[i]), result.rows[i], bench) for i in order]
    if not added:
        rows.append(_step_row("random", "All studies", result.full, bench))
    rows += own_rows(bench)
    note = f"Each row is pooled by the {model_line(result.model, result.tau2_method)}."
    notes = [note, *result.notes] if wish.notes else []
    return content_of(rows, [*notes, *wish.remarks], bench)


_STEP_CELLS = ("k", "p_value", "i2", "tau2", "se", "q")


def _keyed(label: str, key: str) -> str:
    return f"{label} ({key})" if key and key not in label.split() else label


def _step_row(kind: Kind, label: str, refit: Any, bench: Bench) -> Row:
    ends = (refit.ci_lower, refit.ci_upper)
    cells: dict[str, str | tuple[str, str, str]] = {
        "estimate": estimate_parts(bench.display, refit.estimate, *ends, bench.layout.brackets),
        "k": str(refit.k),
        "p_value": telling.bare_p(refit.p_value, bench.layout),
        "i2": percent(refit.i2) if math.isfinite(refit.i2) else "",
        "tau2": significant(refit.tau2) if math.isfinite(refit.tau2) else "",
        "se": significant(refit.se),
        "q": number(refit.q, 2),
    }
    return Row(kind, label, refit.estimate, *ends, cells=cells)


def content_of_panels(results: Mapping[str, StudyEstimates], wish: Wish) -> Content:
    """Several results of the same studies, or of some of them, side by side."""
    layout = layout_of(wish.layout)
    single = [
        content_of_studies(
            result, replace(wish, columns=("study", PLOT, "estimate"), sides=("", ""))
        )
        for result in results.values()
    ]
    keys = list(dict.fromkeys(_key_of(row) for content in single for row in content.rows))
    # Studies, then what is pooled, then notes, which are told below instead.
    keys.sort(key=lambda key: ("study", "random", "prediction", "common", "note").index(key[0]))
    columns = [single[0].columns[0]]
    panels: list[Panel] = []
    cells: dict[tuple[Kind, str], dict[str, str | tuple[str, str, str]]] = {k: {} for k in keys}
    for i, (name, content) in enumerate(zip(results, single, strict=True)):
        known = {_key_of(row): row for row in content.rows}
        rows = tuple(known.get(key, Row("note", "")) for key in keys)
        label = content.panels[0].axis_label
        panel = replace(content.panels[0], rows=rows, axis_label=label, sides=wish.sides)
        panels.append(replace(panel, head=""))
        columns.append(Column(f"{PLOT}:{i}", "", group=name))
        columns.append(replace(content.columns[2], name=f"estimate:{i}", group=name))
        for key, row in known.items():
            if "estimate" in row.cells:
                cells[key][f"estimate:{i}"] = row.cells["estimate"]
    shown = tuple(Row(key[0], key[1], cells=cells[key]) for key in keys)
    notes = [
        f"{name}: {note}"
        for name, content in zip(results, single, strict=True)
        for note in [*content.notes, *(r.label for r in content.rows if r.kind == "note")]
    ]
    told = " ".join(f"{name}: {c.description}" for name, c in zip(results, single, strict=True))
    shown = tuple(row for row in shown if row.kind != "note")
    panels = [replace(p, rows=p.rows[: len(shown)]) for p in panels]
    told = f"{layout.name} forest plots side by side. {told}"
    return Content(wish.title, told, tuple(columns), shown, tuple(panels), (), tuple(notes))


def _key_of(row: Row) -> tuple[Kind, str]:
    return (row.kind, row.label)


@dataclass(frozen=True, slots=True)
class _Together:
    """The studies of all subgroups, in the order of the figure."""

    measure: str
    studies: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]


def _pooled_whole(by: Subgroups) -> Synthesis:
    """All studies together, by the methods of the subgroups."""
    fits = list(by.results.values())
    return synthesise(
        [s for fit in fits for s in fit.studies],
        [y for fit in fits for y in fit.estimates],
        [v for fit in fits for v in fit.variances],
        measure=fits[0].measure,
        tau2_method=fits[0].heterogeneity.tau2_method,
        level=fits[0].level,
    )


def _shares_of(whole: Synthesis, together: _Together) -> dict[str, tuple[float, ...]]:
    """Weights in the whole synthesis: they follow from the variance alone."""
    out = {}
    for name, weights in (("random", whole.random_weights), ("common", whole.common_weights)):
        known = dict(zip(whole.variances, weights, strict=True))
        out[name] = tuple(known.get(v, math.nan) for v in together.variances)
    return out


@dataclass(frozen=True, slots=True)
class _Counted:
    """A synthesis of counts as rows are made of any synthesis."""

    measure: str
    studies: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]
    random_weights: tuple[float, ...]
    common_weights: tuple[float, ...]
    arms: Mapping[str, Sequence[float]]
    level: float


_BY = {"MH": "M-H", "PETO": "Peto"}


def content_of_counts(fit: Any, wish: Wish) -> Content:
    """A synthesis made from counts: studies without an effect of their own stay in."""
    layout = layout_of(wish.layout)
    models = [model for model in ("random", "common") if getattr(fit, model) is not None]
    asked = [model for model in (wish.pooled or layout.pooled) if model in models] or models
    shares = fit.weights if all(map(math.isfinite, fit.weights)) else ()
    studies = _Counted(
        fit.measure,
        fit.studies,
        fit.study_estimates,
        fit.study_variances,
        shares,
        shares,
        _arms_of(fit),
        fit.level,
    )
    columns = wish.columns or [
        name
        for name in (layout.columns[0], *wish.extra, *layout.columns[1:])
        if shares or not name.startswith("weight")
    ]
    how = _BY.get(fit.method.upper(), fit.method)
    heads = dict(wish.heads)
    if layout.head_over_plot and "estimate" not in heads:
        full = capital(display_of(fit.measure, []).name)
        heads["estimate"] = f"{full}\n{how}, {capital(asked[0])}, {level_percent(fit.level)} CI"
    told = replace(wish, pooled=asked, columns=columns, heads=heads)
    bench = bench_of(studies, told)
    rows = study_rows(studies, bench, order_of(studies, told))
    rows += summary_rows(fit, bench, rows) + own_rows(bench)
    rows, notes = with_lines(rows, _count_lines(fit, bench) if wish.notes else [], bench)
    return content_of(rows, notes, bench)


def _arms_of(fit: Any) -> dict[str, Sequence[float]]:
    """Counts as reported, by the names that the columns of a forest plot go by."""
    times = fit.measure.startswith("IR")
    size = "time" if times else "n"
    arms = ("treated", "control") if len(fit.events[0]) == 2 else ("",)
    out: dict[str, Sequence[float]] = {}
    for i, arm in enumerate(arms):
        end = f"_{arm}" if arm else ""
        out[f"events{end}"] = [float(row[i]) for row in fit.events]
        out[f"{size}{end}"] = [float(row[i]) for row in fit.sizes]
    return out


def _count_lines(fit: Any, bench: Bench) -> list[str]:
    """Heterogeneity and the test of no effect, as far as the method gives them."""
    spread = fit.heterogeneity
    parts = []
    if math.isfinite(spread.i2):
        parts.append(f"I² = {percent(spread.i2)}")
    if math.isfinite(spread.tau2):
        parts.append(f"τ² = {significant(spread.tau2)}")
    for name, test in (("Q", spread.q), ("Wald", spread.wald)):
        if test is not None:
            p = p_text(test.p_value, bench.layout)
            parts.append(f"{name} = {number(test.statistic, 2)}, df = {test.df}, {p}")
            break
    lines = [f"Method: {fit.method}."]
    if parts:
        lines.insert(0, f"Heterogeneity: {', '.join(parts)}.")
    p = p_text(fit.pooled.p_value, bench.layout)
    return [telling.unbroken(line) for line in [lines[0], f"Overall effect: {p}.", *lines[1:]]]
