"""What the rows of every forest plot are made with: wishes, columns, study rows, pooled rows."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from osler.core.diagnostics import DataError
from osler.core.frames import Table, columns_of
from osler.core.quantiles import normal_quantile
from osler.core.studies import StudyEstimates
from osler.core.wording import capital, level_percent, number, percent
from osler.publish.plots import telling
from osler.publish.plots.contents import (
    Column,
    Content,
    Kind,
    Panel,
    Row,
    described,
    estimate_parts,
)
from osler.publish.plots.layouts import COUNTS, FRACTIONS, PLOT, Layout, layout_of
from osler.publish.plots.lights import judged
from osler.publish.plots.problems import unknown_choice, wrong_length
from osler.publish.plots.showing import Display, display_of, null_of
from osler.publish.plots.tables import Cells, Values, cells_of, study_values, sum_text
from osler.publish.plots.ticks import asked_limits, limits
from osler.synthesis.model import Pooled, Synthesis

OWN = ("study", "estimate", "weight", "weight_random", "weight_common", PLOT)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks of a forest plot; see :func:`osler.publish.plots.forest`."""

    layout: str = "osler"
    columns: Sequence[str] | None = None
    extra: Sequence[str] = ()
    heads: Mapping[str, str] = field(default_factory=dict)
    data: Table | None = None
    arms: tuple[str, str] | None = None
    labels: Sequence[str] | None = None
    sort: str | None = None
    pooled: Sequence[str] | None = None
    prediction: bool = True
    bias: Table | None = None
    title: str = ""
    sides: tuple[str, str] = ("", "")
    axis_label: str | None = None
    unit: str = ""
    xlim: tuple[float, float] | None = None
    band: tuple[float, float] | None = None
    notes: bool = True
    remarks: Sequence[str] = ()
    overall: Synthesis | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """All that the rows of one figure are made with."""

    wish: Wish
    layout: Layout
    display: Display
    level: float
    cells: Cells
    lights: tuple[tuple[str, ...], ...]


def own_intervals(studies: StudyEstimates, level: float) -> tuple[tuple[float, float], ...]:
    """Each study's own normal interval, on the analysis scale."""
    z = float(normal_quantile(0.5 + level / 2))
    return tuple(
        (y - z * math.sqrt(v), y + z * math.sqrt(v))
        for y, v in zip(studies.estimates, studies.variances, strict=True)
    )


def bench_of(result: StudyEstimates, wish: Wish, whole: Any = None) -> Bench:
    layout = layout_of(wish.layout)
    level = float(getattr(whole or result, "level", 0.95))
    ends = [end for pair in own_intervals(result, level) for end in pair]
    display = display_of(result.measure, [*result.estimates, *ends], wish.unit)
    values = study_values(result, result.studies, wish.data)
    arms = wish.arms or (layout.word("treated"), layout.word("control"))
    pooled = whole is not None or isinstance(result, Synthesis)
    named = wish.columns or _columns_of(layout, wish, pooled=pooled)
    cells = cells_of([n for n in named if n not in OWN], values, layout, arms, wish.heads)
    columns = _ordered(named, cells, layout, wish, display, level)
    return Bench(
        wish, layout, display, level, replace(cells, columns=columns), _lights(result, wish)
    )


def _columns_of(layout: Layout, wish: Wish, *, pooled: bool) -> tuple[str, ...]:
    """The layout's columns, with those asked for besides after the study's name."""
    names = [name for name in layout.columns if pooled or not name.startswith("weight")]
    return (names[0], *wish.extra, *names[1:])


def _ordered(
    named: Sequence[str], cells: Cells, layout: Layout, wish: Wish, display: Display, level: float
) -> tuple[Column, ...]:
    """Own columns and those of the data in the order in which they are named."""
    known = {column.name: column for column in cells.columns}
    out: list[Column] = []
    for name in named:
        if name in (COUNTS, FRACTIONS):
            out += [c for c in cells.columns if c.group and c not in out]
        elif name in known:
            out.append(known[name])
        else:
            out.append(own_column(name, layout, wish, display, level))
    return tuple(out)


def own_column(name: str, layout: Layout, wish: Wish, display: Display, level: float) -> Column:
    if name == PLOT:
        return Column(PLOT, "")
    if name in wish.heads:
        return Column(name, wish.heads[name], align="left" if name == "study" else "right")
    if name == "estimate":
        return Column("estimate", interval_head(layout, wish, display, level), align="right")
    if name == "study":
        return Column("study", layout.word("study"), align="left")
    return Column(name, layout.word(name))


def interval_head(layout: Layout, wish: Wish, display: Display, level: float) -> str:
    """What stands over estimates and intervals: "RR (95% CI)"."""
    if "estimate" in wish.heads:
        return wish.heads["estimate"]
    pooled = wish.pooled or layout.pooled
    return layout.word("interval").format(
        measure=_short_name(display),
        full=capital(display.name),
        level=level_percent(level),
        model="Random" if "random" in pooled else "Common",
    )


def _lights(result: StudyEstimates, wish: Wish) -> tuple[tuple[str, ...], ...]:
    """Judgements of each study, a domain after another."""
    if wish.bias is None:
        return ()
    table = {name: v for name, v in _bias_columns(result, wish.bias).items() if name != "study"}
    return tuple(zip(*(judged(values) for values in table.values()), strict=True))


def _bias_columns(result: StudyEstimates, bias: Table) -> Values:
    return study_values(object(), result.studies, bias)


def order_of(result: StudyEstimates, wish: Wish, values: Values | None = None) -> list[int]:
    """The order of the studies: as given, or by what is asked for; "-name" turns it round."""
    rows = list(range(len(result.studies)))
    if wish.labels is not None and len(wish.labels) != len(rows):
        raise DataError(wrong_length("labels", len(wish.labels), len(rows)))
    if wish.sort is None:
        return rows
    name = wish.sort.removeprefix("-")
    known: Values = {
        "estimate": list(result.estimates),
        "precision": [1 / v for v in result.variances],
        "study": list(result.studies),
        **(values if values is not None else study_values(result, result.studies, wish.data)),
    }
    if name not in known:
        raise DataError(unknown_choice("order", name, known))
    key = _sort_key(known[name])
    return sorted(rows, key=key, reverse=wish.sort.startswith("-"))


def _sort_key(values: Sequence[object]) -> Callable[[int], tuple[bool, float, str]]:
    """Numbers before texts; what is missing last."""

    def key(i: int) -> tuple[bool, float, str]:
        value = values[i]
        if isinstance(value, int | float):
            return (False, float(value), "")
        return (value is None, 0.0, str(value).casefold())

    return key


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
    for name, model in (("weight", _weighing(bench)), ("weight_random", "random")):
        cells[name] = _weight(weights[model][i : i + 1], bench.layout)
    cells["weight_common"] = _weight(weights["common"][i : i + 1], bench.layout)
    return cells


def _weighing(bench: Bench) -> str:
    pooled = bench.wish.pooled or bench.layout.pooled
    return "random" if "random" in pooled else "common"


def _weight(share: Sequence[float], layout: Layout) -> str:
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
        weight = _weight([share], bench.layout)
        which = {"random": "weight_random", "common": "weight_common"}.get(kind, "")
        names = [which] if which else ["weight_random"]
        names += ["weight"] if kind == "subtotal" or kind == _weighing(bench) else []
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
    kind = _weighing(bench)
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


def content_of(rows: Sequence[Row], notes: Sequence[str], bench: Bench) -> Content:
    wish, layout, display = bench.wish, bench.layout, bench.display
    domains: tuple[str, ...] = ()
    if wish.bias is not None:
        domains = tuple(name for name in columns_of(wish.bias) if name != "study")
    panel = panel_of(rows, display, layout, wish, bench.level)
    return Content(
        title=wish.title,
        description=described(rows),
        columns=bench.cells.columns,
        rows=tuple(rows),
        panels=(panel,),
        domains=domains,
        notes=tuple(notes),
    )


def _short_name(display: Display) -> str:
    """What stands over a column: "RR", but "Proportion" where a logit is behind it."""
    if display.scale.back or not display.measure:
        return capital(display.name)
    return display.measure


def panel_of(
    rows: Sequence[Row], display: Display, layout: Layout, wish: Wish, level: float
) -> Panel:
    """What is drawn beside the rows, and within which limits."""
    drawn = [row for row in rows if row.kind not in ("heading", "note")]
    null = null_of(display.measure)
    ends = [(row.lower, row.upper) for row in drawn]
    low, high = limits([row.estimate for row in drawn], ends, null=null)
    band = None if wish.band is None else asked_limits(wish.band, display)
    if band:
        room = 0.03 * (high - low)
        low, high = min(low, band[0] - room), max(high, band[1] + room)
    if wish.xlim is not None:
        low, high = asked_limits(wish.xlim, display)
    elif null is not None and layout.frame and display.ratio:
        # As wide to both sides, as Review Manager does.
        low, high = -max(-low, high), max(-low, high)
    guides = tuple(row.estimate for row in rows if row.kind == "random") if layout.guide else ()
    return Panel(
        display=display,
        rows=tuple(rows),
        limits=(low, high),
        null=null,
        axis_label=_axis_label(wish, layout, display),
        head=interval_head(layout, wish, display, level) if layout.head_over_plot else "",
        sides=wish.sides,
        guides=guides[:1],
        band=band,
    )


def _axis_label(wish: Wish, layout: Layout, display: Display) -> str:
    if wish.axis_label is not None:
        return wish.axis_label
    name = capital(display.name)
    full = f"{name}, {display.scale.unit}" if display.scale.unit else name
    return layout.word("axis").format(name=full)
