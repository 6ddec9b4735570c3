"""What the rows of every forest plot are made with: wishes, columns, order, limits."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from osler.core.diagnostics import DataError
from osler.core.frames import Table, columns_of
from osler.core.quantiles import normal_quantile
from osler.core.studies import StudyEstimates
from osler.core.wording import capital, level_percent
from osler.publish.plots.contents import (
    Column,
    Content,
    Panel,
    Row,
    described,
)
from osler.publish.plots.layouts import COUNTS, FRACTIONS, PLOT, Layout, layout_of
from osler.publish.plots.lights import judged
from osler.publish.plots.problems import unknown_choice, wrong_length
from osler.publish.plots.showing import Display, display_of, null_of
from osler.publish.plots.tables import Cells, Values, cells_of, study_values
from osler.publish.plots.ticks import asked_limits, limits
from osler.synthesis.model import Synthesis

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
    also: Mapping[str, Any] = field(default_factory=dict)


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
