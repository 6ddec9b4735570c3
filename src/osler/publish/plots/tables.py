"""The columns beside a forest plot: what the studies' data hold, as texts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from osler.core.diagnostics import DataError
from osler.core.frames import Table, columns_of
from osler.core.wording import capital, number, plain
from osler.publish.plots.contents import Column
from osler.publish.plots.layouts import COUNTS, FRACTIONS, Layout
from osler.publish.plots.problems import no_column, wrong_length

Values = dict[str, list[object]]

_EVENTS = ("events_{}", "n_{}")
_MEANS = ("mean_{}", "sd_{}", "n_{}")
_RATES = ("events_{}", "time_{}")
_ARMS = ("treated", "control")
_HEADS = {
    "events": "Events",
    "n": "Total",
    "mean": "Mean",
    "sd": "SD",
    "time": "Person-time",
}


@dataclass(frozen=True, slots=True)
class Cells:
    """Columns with a text for each study, and totals where a sum makes sense."""

    columns: tuple[Column, ...]
    texts: Mapping[str, tuple[str, ...]]
    sums: Mapping[str, tuple[float, ...]]


def study_values(result: object, labels: Sequence[str], data: Table | None) -> Values:
    """Every column known of the studies, in their order: of the result, then of ``data``.

    A table with a column "study" whose names are those of the result is put in the result's
    order; any other must have one row a study, in order.

    Raises
    ------
    DataError
        Where a table has another number of rows (FIG004).
    """
    found: Values = {}
    source = getattr(result, "effects", None) or result
    for part in ("arms", "data"):
        table = getattr(source, part, None)
        if table is not None and not callable(table):
            found |= {name: v for name, v in columns_of(table).items() if len(v) == len(labels)}
    if data is not None:
        found |= _aligned(columns_of(data), labels)
    return found


def _aligned(table: Values, labels: Sequence[str]) -> Values:
    names = [str(name) for name in table.get("study", ())]
    if len(set(names)) == len(names) and set(labels) <= set(names):
        order = [names.index(label) for label in labels]
        return {name: [values[i] for i in order] for name, values in table.items()}
    for name, values in table.items():
        if len(values) != len(labels):
            raise DataError(wrong_length(name, len(values), len(labels)))
    return table


def cells_of(
    names: Sequence[str],
    values: Values,
    layout: Layout,
    arms: tuple[str, str],
    heads: Mapping[str, str],
) -> Cells:
    """Texts for the columns that are named; "counts" and "fractions" stand for what there is.

    Raises
    ------
    DataError
        Where a column is named that the data do not have (FIG005).
    """
    columns: list[Column] = []
    texts: dict[str, tuple[str, ...]] = {}
    sums: dict[str, tuple[float, ...]] = {}
    for name in names:
        if name in (COUNTS, FRACTIONS):
            found = _arm_columns(name, values, layout, arms)
        elif name in values:
            found = [(_column(name, values[name], heads), tuple(map(cell_text, values[name])), ())]
        else:
            raise DataError(no_column(name, values))
        for column, cells, total in found:
            columns.append(column)
            texts[column.name] = cells
            if total:
                sums[column.name] = total
    return Cells(tuple(columns), texts, sums)


_Found = list[tuple[Column, tuple[str, ...], tuple[float, ...]]]


def _column(name: str, values: Sequence[object], heads: Mapping[str, str]) -> Column:
    words = any(isinstance(v, str) for v in values)
    head = heads.get(name, capital(name.replace("_", " ")))
    return Column(name, head, align="left" if words else "right")


def cell_text(value: object) -> str:
    r"""A value of the data as a cell.

    Examples
    --------
    >>> cell_text(13598), cell_text(2.5), cell_text(None), cell_text(1948)
    ('13\u202f598', '2.5', '', '1948')
    """
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, int | float):
        if not math.isfinite(value):
            return ""
        if float(value).is_integer():  # four figures may be a year
            return number(value, 0) if abs(value) >= 10000 else plain(float(value))
        return plain(round(float(value), 4))
    return str(value)


def _arm_columns(kind: str, values: Values, layout: Layout, arms: tuple[str, str]) -> _Found:
    for pattern in (_EVENTS, _MEANS, _RATES):
        names = {arm: [p.format(arm) for p in pattern] for arm in _ARMS}
        if all(name in values for each in names.values() for name in each):
            make = _counted if kind == COUNTS else _fractions
            return make(values, names, dict(zip(_ARMS, arms, strict=True)))
    return []


def _counted(
    values: Values, names: Mapping[str, Sequence[str]], words: Mapping[str, str]
) -> _Found:
    """A column for each count, mean and SD, grouped by arm."""
    found: _Found = []
    for arm, each in names.items():
        for name in each:
            what = name.partition("_")[0]
            decimals = _decimals_of(values[name]) if what in ("mean", "sd") else 0
            cells = tuple(_fixed(v, decimals) for v in values[name])
            total = _total(values[name]) if what in ("events", "n") else ()
            found.append((Column(name, _HEADS[what], words[arm]), cells, total))
    return found


def _fractions(
    values: Values, names: Mapping[str, Sequence[str]], words: Mapping[str, str]
) -> _Found:
    """One column an arm: "4/123", or "12.1 (3.4)" with the number of participants."""
    found: _Found = []
    for arm, each in names.items():
        if each[0].startswith("mean"):
            mean, sd, n = (values[name] for name in each)
            decimals = _decimals_of(mean)
            texts = tuple(
                f"{_fixed(m, decimals)} ({_fixed(s, decimals)})" if m is not None else ""
                for m, s in zip(mean, sd, strict=True)
            )
            counts = tuple(_fixed(v, 0) for v in n)
            found.append((Column(f"n_{arm}", "n", words[arm]), counts, _total(n)))
            found.append((Column(arm, "Mean (SD)", words[arm]), texts, ()))
            continue
        above, below = (values[name] for name in each)
        texts = tuple(f"{_fixed(a, 0)}/{_fixed(b, 0)}" for a, b in zip(above, below, strict=True))
        total = (*_total(above), *_total(below))
        head = "events/n" if each[1].startswith("n_") else "events/person-time"
        found.append((Column(arm, head, words[arm]), texts, total))
    return found


def sum_text(total: Sequence[float]) -> str:
    r"""Totals as a cell: one, or two with a stroke.

    Examples
    --------
    >>> sum_text((4.0, 123.0)), sum_text((20000.0,))
    ('4/123', '20\u202f000')
    """
    return "/".join(number(v, 0) for v in total)


def _total(values: Sequence[object]) -> tuple[float, ...]:
    known = [float(v) for v in values if isinstance(v, int | float)]
    return (math.fsum(known),) if len(known) == len(values) else ()


def _fixed(value: object, decimals: int) -> str:
    if not isinstance(value, int | float):
        return "–"
    whole = decimals == 0 and not float(value).is_integer()
    return number(float(value), 1 if whole else decimals)


def _decimals_of(values: Sequence[object]) -> int:
    """As many decimals as the data have, two at most."""
    known = [float(v) for v in values if isinstance(v, int | float)]
    for decimals in (0, 1):
        if all(abs(v - round(v, decimals)) < 1e-9 for v in known):
            return decimals
    return 2
