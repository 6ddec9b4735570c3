"""From a table of what studies report to one effect a study."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from osler.core.arrays import Bools, Floats
from osler.core.diagnostics import DataError
from osler.core.frames import Table, column, columns_of
from osler.effects import problems
from osler.effects.arm_checks import impossible, whole_roles
from osler.effects.cells import labels_of, number_in
from osler.effects.columns import Columns, recognise
from osler.effects.from_table import reported_effect
from osler.effects.measures import (
    MEASURES,
    Measure,
    Options,
    ZeroCells,
    measure_named,
    zero_cells_named,
)
from osler.effects.measures.zero_cells import Additions, usable
from osler.effects.model import Effects, ExcludedStudy
from osler.effects.roles import LABELS, roles_of
from osler.effects.tables import Filled, filled
from osler.effects.unnamed import recognise_unnamed

_CORRECTIONS = ("exact", "approximate", "none")
_CORRECTED = ("SMD", "SMDH", "SMD1", "SMD1H", "SMN", "SMCC", "SMCR", "SMCRH", "D2ORN", "D2ORL")
_WORDS = {
    "DAT003": "is not a number",
    "DAT004": "has a comma",
    "DAT005": "is not reported",
}


def estimate_effects(
    table: Table,
    measure: str | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    zero_cells: str | ZeroCells = "osler",
    variance: str = "",
    correction: str = "exact",
    correlation: float | None = None,
    level: float = 0.95,
) -> Effects:
    """Compute the effect of every study in a table.

    Parameters
    ----------
    table : data frame or mapping of columns
        One row a study; pandas, Polars, PyArrow, or columns by name.
    measure : str, optional
        "RR", "OR", "SMD", "ROM", "PLO", "ZCOR", ...: any of ``osler.MEASURES``, or the name
        of what the table reports as it is ("HR"). Left out: RR from counts, MD from means,
        and from a column of estimates what it is named for.
    columns : mapping of str to str, optional
        Role -> name of its column, ``{"events_treated": "tpos"}``. What is not named is
        recognised by its usual name, also as metafor (ai, n1i, m1i) and meta (event.e,
        n.c) write it.
    zero_cells : str or ZeroCells
        What to do where a cell is empty: "osler" (what pages do: 1/2 to each cell of such
        studies; one in which nobody or everybody had the event gives no ratio and is left
        out), "metafor" (1/2 to each cell in those too), "meta", "revman", "none", "constant"
        (1/2 to every study), "only-needed", "treatment-arm" (by the reciprocal of the other
        arm's size), "empirical" (by the odds ratio of the other studies), or your own rule.
        Measures that exist at zero (AS, PETO, PAS, ...) are left alone unless you give your
        own rule.
    variance : str
        Formula of the variance, where the measure has several: its ``variances``, the first
        where empty. For PHI and RPB "ST" or "CS": how people were sampled.
    correction : {"exact", "approximate", "none"}
        Small-sample factor of standardised differences; "none" gives Cohen's d.
    correlation : float, optional
        Between two measurements of the same people, for studies that do not report it. It is
        an assumption, and named as one: try others.
    level : float
        Of the studies' own intervals.

    Returns
    -------
    Effects
        With every row that gave no effect, and why; nothing is dropped in silence.

    Raises
    ------
    DataError
        Where the measure (EFF001), a role (EFF050), a rule (EFF053) or a formula (EFF056) is
        unknown, columns are missing (EFF057, DAT001) or ambiguous (DAT002), a correlation
        cannot be (EFF058), or no row gives an effect (EFF051).

    Notes
    -----
    Equals metafor's ``escalc`` with the same choices, but: PETO gets nothing added (as in
    ``rma.peto``); a standard deviation of 0 is not believed; ZPCOR has 1/(n - p - 2) for a
    variance; for SMCR and SMCRH "pre" is what metafor calls 1 in ``sd1i`` and 2 in ``m2i``.

    Examples
    --------
    >>> bcg = {"study": ["Aronson", "Ferguson"], "ai": [4, 6], "n1i": [123, 306],
    ...        "ci": [11, 29], "n2i": [139, 303]}
    >>> effects = estimate_effects(bcg, "RR")
    >>> [round(y, 4) for y in effects.estimates], [round(v, 4) for v in effects.variances]
    ([-0.8893, -1.5854], [0.3256, 0.1946])
    """
    data = columns_of(table)
    measure = None if measure is None else str(measure)
    if not 0 < level < 1:
        raise problems.level_unusable(level)
    if measure is None or measure.upper() not in MEASURES:
        return _reported(data, measure, columns, level)
    known = measure_named(measure)
    rule = zero_cells_named(zero_cells)
    choices = _choices(known, variance, correction)
    if correlation is not None and not -1 < correlation < 1:
        raise problems.correlation_unusable(correlation)
    roles = roles_of(list(data), known, columns)
    rows = _Rows(data, roles)
    made = filled(known, rows.numbers(), roles, correlation)
    if made.missing:
        return _without_arms(data, known, columns, made.missing, level)
    return _finish(rows, known, made, rule, choices, level)


def _choices(measure: Measure, variance: str, correction: str) -> Options:
    if variance and variance not in measure.variances:
        raise problems.unknown_choice("variance", measure.name, variance, measure.variances)
    if correction not in _CORRECTIONS:
        raise problems.unknown_choice("correction", measure.name, correction, _CORRECTIONS)
    return Options(variance or measure.variances[0], correction)


# --- rows ---------------------------------------------------------------------------------


@dataclass(slots=True)
class _Rows:
    """The table's rows, and for each that is given up the reason."""

    data: Mapping[str, Sequence[object]]
    roles: Mapping[str, str]
    why: dict[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.data.values()), ()))

    def numbers(self) -> dict[str, Floats]:
        """Every role's column as numbers; NaN where there is none, with the reason kept."""
        out = {}
        for role, name in self.roles.items():
            if role in LABELS:
                column(self.data, name)
                continue
            values = np.full(len(self), np.nan)
            for i, cell in enumerate(column(self.data, name)):
                value = number_in(cell)
                if isinstance(value, float):
                    values[i] = value
                elif value != "DAT005":
                    self.give_up(i, f"{role} {_WORDS[value]} ({cell!r})")
            out[role] = values
        return out

    def give_up(self, row: int, why: str) -> None:
        """Leave a row out; the first reason stands."""
        self.why.setdefault(row, why)

    def give_up_where(self, mask: Bools, why: str) -> None:
        for row in np.flatnonzero(mask):
            self.give_up(int(row), why)

    def kept(self) -> list[int]:
        return [i for i in range(len(self)) if i not in self.why]

    def labels(self) -> list[str]:
        """No two alike: what still agrees is told apart by its row."""
        nothing: list[object] = [None] * len(self)
        parts = [
            self.data[self.roles[role]] if role in self.roles else nothing
            for role in ("study", "year", "study_id")
        ]
        labels = labels_of(*parts)
        seen: set[str] = set()
        for i, label in enumerate(labels):
            if label in seen:
                labels[i] = f"{label} (row {i + 1})"
            seen.add(labels[i])
        return labels

    def effects(
        self,
        measure: str,
        y: Floats,
        v: Floats,
        notes: Sequence[str],
        arms: Mapping[str, Floats],
        conventions: tuple[str, ...],
        level: float,
    ) -> Effects:
        """What is kept as :class:`Effects`; arrays are of all rows."""
        labels, kept = self.labels(), self.kept()
        excluded = tuple(ExcludedStudy(labels[i], self.why[i], i + 1) for i in sorted(self.why))
        if not kept:
            told = [f"{e.label}: {e.why}" for e in excluded]
            raise problems.no_effect_at_all(measure, told)
        return Effects(
            measure,
            tuple(labels[i] for i in kept),
            tuple(float(y[i]) for i in kept),
            tuple(float(v[i]) for i in kept),
            tuple(notes[i] for i in kept),
            {role: _read_only(values[kept]) for role, values in arms.items()},
            {name: tuple(values[i] for i in kept) for name, values in self.data.items()},
            excluded,
            conventions,
            tuple(i + 1 for i in kept),
            level,
        )


def _read_only(values: Floats) -> Floats:
    values.flags.writeable = False
    return values


# --- arms ---------------------------------------------------------------------------------


def _finish(
    rows: _Rows,
    measure: Measure,
    made: Filled,
    rule: ZeroCells,
    choices: Options,
    level: float,
) -> Effects:
    for role in measure.roles:
        rows.give_up_where(np.isnan(made.arms[role]), f"{role} is not reported")
    for mask, why in impossible(measure, made.arms):
        rows.give_up_where(mask, why)
    kept = rows.kept()
    size = len(rows)
    y, v = np.full(size, np.nan), np.full(size, np.nan)
    notes = list(made.notes)
    conventions = [_told_measure(measure)]
    if kept:
        arms = {role: made.arms[role][kept] for role in measure.roles}
        y[kept], v[kept], how = measure.of_arms(arms, choices, rule)
        _take_out(rows, kept, measure, made, how, (y[kept], v[kept]))
        for row, note in zip(kept, _zero_notes(measure, arms, how), strict=True):
            notes[row] = "; ".join(part for part in (notes[row], note) if part)
        conventions += _told_zero_cells(measure, how, rule)
    conventions += _told_choices(measure, choices) + list(made.conventions)
    return rows.effects(
        measure.name,
        y,
        v,
        notes,
        {role: made.arms[role] for role in measure.roles},
        tuple(conventions),
        level,
    )


def _take_out(
    rows: _Rows,
    kept: Sequence[int],
    measure: Measure,
    made: Filled,
    how: Additions,
    found: tuple[Floats, Floats],
) -> None:
    """Give up the rows without a result."""
    fine = usable(*found)
    for place, row in enumerate(kept):
        if how.uninformative[place] or (how.double_zero[place] and not fine[place]):
            nobody = made.arms["events_treated"][row] == 0
            who = "no events in either group" if nobody else "events in everybody in both groups"
            rows.give_up(row, f"{who}: {measure.name} is not known")
        elif not fine[place]:
            told = ", ".join(f"{r} {made.arms[r][row]:g}" for r in measure.roles)
            rows.give_up(row, f"{measure.name} cannot be had from these numbers ({told})")


def _zero_notes(measure: Measure, arms: Mapping[str, Floats], how: Additions) -> list[str]:
    """What was added in each study, in words."""
    out = []
    for i, (added, double) in enumerate(zip(how.added, how.double_zero, strict=True)):
        nobody = double and arms["events_treated"][i] == 0
        who = "no events in either group" if nobody else "events in everybody in both groups"
        told = (who if double else "", _told_added(measure, added, how))
        out.append("; ".join(part for part in told if part))
    return out


def _told_added(measure: Measure, added: Floats, how: Additions) -> str:
    if not added.any():
        return ""
    where = " for the variance" if how.variance_only else ""
    distinct = np.unique(added)
    if len(distinct) == 1:
        cells = "to the events" if measure.kind in ("rates", "rate") else "to every cell"
        return f"{_amount(distinct[0])} added {cells}{where}"
    if (added == 0).any():
        return f"{_amount(added.max())} added to events and totals"
    first, last = _amount(added[0]), _amount(added[-1])
    return f"{first} added to the cells of the treated group, {last} of the control group"


def _amount(value: float) -> str:
    return "1/2" if value == 0.5 else f"{value:.4g}"


# --- words --------------------------------------------------------------------------------


def _told_measure(measure: Measure) -> str:
    log = ", analysed as its logarithm" if measure.ratio else ""
    source = f" ({measure.source})" if measure.source else ""
    return f"{measure.name}, {measure.label}{log}: {measure.formula}{source}"


def _told_zero_cells(measure: Measure, how: Additions, rule: ZeroCells) -> list[str]:
    if not whole_roles(measure.kind):
        return []
    if measure.defined_at_zero and not rule.everywhere:
        return [f"empty cells: {measure.name} exists with them, nothing is added"]
    name = f' (rule "{rule.name}")' if rule.name else ""
    told = rule.said()
    if measure.difference and rule.differences != "alike":
        told = "1/2 in each cell, for the variance alone, " + (
            "where it would be 0" if rule.differences == "needed" else "where a cell is empty"
        )
    out = [f"empty cells: {told}{name}"]
    out[0] += "" if how.added.any() else "; no study needed it"
    if rule.drop_double_zero and not measure.difference and measure.two_arms:
        out.append("studies in which nobody, or everybody, had the event are left out")
    return out


def _told_choices(measure: Measure, choices: Options) -> list[str]:
    out = [f"variance: {measure.variance_formula}"]
    if len(measure.variances) > 1:
        first = choices.variance == measure.variances[0]
        out = [f"variance: {choices.variance}" + (f", {measure.variance_formula}" if first else "")]
    if measure.name in _CORRECTED:
        told = {
            "exact": "exact (gamma function)",
            "approximate": "approximate, 1 - 3/(4m - 1)",
            "none": "none: Cohen's d rather than Hedges' g",
        }[choices.correction]
        out.append(f"small-sample correction: {told}")
    return out


# --- reported -----------------------------------------------------------------------------


def _without_arms(
    data: Mapping[str, Sequence[object]],
    measure: Measure,
    given: Mapping[str, str] | None,
    missing: Sequence[str],
    level: float,
) -> Effects:
    """The table may hold the measure itself, as reported; else say what is missing."""
    header = list(data)
    if given:
        raise problems.columns_missing(measure.name, missing, header)
    try:
        recognise(header, ("estimates",))
    except DataError:
        raise problems.columns_missing(measure.name, missing, header) from None
    return _reported(data, measure.name, None, level)


def _reported(
    data: Mapping[str, Sequence[object]],
    measure: str | None,
    given: Mapping[str, str] | None,
    level: float,
) -> Effects:
    """Effects as studies report them, with standard error, variance or interval."""
    renamed, back = _as_named(data, given)
    found = _understood(renamed, measure)
    if found.layout != "estimates":
        default = {"counts": "RR", "means": "MD"}[found.layout]
        return estimate_effects(data, default, columns=given, level=level)
    wanted = (measure or found.measure or "").upper()
    if found.measure and measure and found.measure != wanted:
        raise DataError(problems.other_measure(found.roles["estimate"], found.measure, wanted))
    roles = {role: back.get(name, name) for role, name in found.roles.items()}
    rows = _Rows(data, roles)
    numbers = rows.numbers()
    size = len(rows)
    y, v, notes = np.full(size, np.nan), np.full(size, np.nan), [""] * size
    for role, values in numbers.items():
        rows.give_up_where(np.isnan(values), f"{role} is not reported")
    for i in rows.kept():
        row = {role: float(values[i]) for role, values in numbers.items()}
        _one_reported(rows, i, row, found, wanted, y, v, notes)
    for i in np.flatnonzero(~usable(y, v)).tolist():  # what was given up before keeps its reason
        rows.give_up(i, f"its variance is out of range ({v[i]:g})")
    how = ", ".join(role for role in roles if role not in LABELS)
    told = (f"{wanted or 'estimates'} as reported, from {how}",)
    return rows.effects(wanted, y, v, notes, {}, told, level)


def _understood(header: Sequence[str], measure: str | None) -> Columns:
    """What the columns hold; an unknown measure that the table does not report is a mistake."""
    if measure is None:
        return recognise_unnamed(header)
    try:
        return recognise(header, ("estimates",))
    except DataError:
        if measure.upper() in (*MEASURES, "HR"):
            raise
        raise problems.unknown_measure(measure, ", ".join((*MEASURES, "HR"))) from None


def _one_reported(
    rows: _Rows,
    i: int,
    row: Mapping[str, float],
    columns: Columns,
    measure: str,
    y: Floats,
    v: Floats,
    notes: list[str],
) -> None:
    try:
        effect, _, remarks = reported_effect(row, columns, measure)
    except DataError as error:
        rows.give_up(i, "; ".join(f"{d.message} ({d.found})" for d in error.diagnostics))
        return
    y[i], v[i] = effect.estimate, effect.variance
    notes[i] = "; ".join(d.message for d in remarks)


def _as_named(
    data: Mapping[str, Sequence[object]], given: Mapping[str, str] | None
) -> tuple[list[str], dict[str, str]]:
    """The header with columns called by the roles they are given, and the way back."""
    turned = {name: role for role, name in (given or {}).items()}
    for name in turned:
        column(data, name)
    return [turned.get(n, n) for n in data], {role: n for n, role in turned.items()}
