"""Effects of the studies in a table, row by row, with every row that gives none named."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.effects import problems
from osler.effects.arms import Counts, Effect, Moments
from osler.effects.cells import labels_of, number_in
from osler.effects.columns import LABEL_ROLES, LAYOUTS, Columns, Layout, recognise
from osler.effects.folding import one_per_column
from osler.effects.measures import MEASURES, is_ratio
from osler.effects.reported import effect_from_report
from osler.effects.unnamed import recognise_unnamed

_DEFAULT_MEASURE = {"counts": "RR", "means": "MD", "estimates": ""}
# What pages and the command line compare two arms by; tables in Python have all measures.
_COMPARED = ("RR", "OR", "RD", "MD", "SMD")
_KNOWN = (*_COMPARED, "HR")


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: values by column name, and where it and its cells stand."""

    values: Mapping[str, object]
    place: Place
    cells: Mapping[str, tuple[int, int]]

    def at(self, field: str) -> Place:
        """Where the cell of a column stands."""
        start, end = self.cells.get(field, (1, 0))
        return replace(self.place, column=start, end_column=end, field=field)


@dataclass(frozen=True, slots=True)
class RowEffect:
    """One study; ``reported`` says in words what its effect was computed from."""

    label: str
    effect: Effect
    reported: str
    row: TableRow


@dataclass(frozen=True, slots=True)
class ExcludedRow:
    """A row that is not pooled, and why."""

    label: str
    why: str
    row: TableRow


@dataclass(frozen=True, slots=True)
class TableEffects:
    """What a table gives; ``measure`` is empty where the table does not name one."""

    measure: str
    columns: Columns
    studies: tuple[RowEffect, ...]
    excluded: tuple[ExcludedRow, ...]
    diagnostics: tuple[Diagnostic, ...]


def effects_of_table(
    header: Sequence[str], rows: Sequence[TableRow], measure: str | None = None
) -> TableEffects:
    """Recognise the columns and compute the effect of each row.

    Parameters
    ----------
    header : sequence of str
        Column names in order.
    rows : sequence of TableRow
    measure : str, optional
        RR, OR, RD, MD, SMD or HR, in capitals or not. Left out: RR from counts, MD from
        means, and what the column of estimates is named for (nothing for "estimate").

    Raises
    ------
    DataError
        Where the measure is unknown (EFF001) or is not the one the column is named for
        (DAT018), or the columns are not understood (DAT002) or do not hold what the measure
        is computed from (DAT001).

    Notes
    -----
    Estimates with a standard error or variance are taken as they stand, on the analysis
    scale; only a column called "rr", "or" or "hr" holds ratios. Estimates with an interval
    are taken as printed: as ratios where the measure is one, unless the column is called
    "logrr" or the like. Intervals are taken to be 95 % intervals.
    """
    wanted = None if measure is None else _known_measure(measure)
    columns = _recognised(header, wanted)
    chosen = wanted or columns.measure or _DEFAULT_MEASURE[columns.layout]
    if wanted and columns.measure not in ("", wanted):
        name = columns.roles["estimate"]
        raise DataError(problems.other_measure(name, columns.measure, wanted))
    studies: list[RowEffect] = []
    excluded: list[ExcludedRow] = []
    diagnostics: list[Diagnostic] = []
    for label, row in zip(_labels(rows, columns), rows, strict=True):
        try:
            effect, reported, notes = _effect(row, columns, chosen)
        except DataError as error:
            found = _placed(error.diagnostics, row, columns, label)
            excluded.append(ExcludedRow(label, "; ".join(_why(d) for d in found), row))
            diagnostics += found
        else:
            studies.append(RowEffect(label, effect, reported, row))
            diagnostics += _placed(notes, row, columns, label)
    kept, again, said = _without_repeats(studies, columns)
    left_out = sorted([*excluded, *again], key=lambda e: e.row.place.line)
    folded = one_per_column(diagnostics)
    return TableEffects(chosen, columns, kept, tuple(left_out), (*folded, *said))


def _known_measure(name: str) -> str:
    if name.upper() not in _KNOWN:
        raise problems.unknown_measure(name, ", ".join(_KNOWN))
    return name.upper()


def _recognised(header: Sequence[str], measure: str | None) -> Columns:
    """The columns; where they are complete, but not for this measure, that is what is said."""
    if measure is None:
        return recognise_unnamed(header)
    wanted = _layouts(measure)
    try:
        return recognise(header, wanted)
    except DataError as error:
        if error.diagnostics[0].code != "DAT001":
            raise
        others = [layout for layout in LAYOUTS if layout not in wanted]
        try:
            held = recognise(header, others)
        except DataError:
            raise error from None
    kind = {"counts": "binary", "means": "continuous"}[held.layout]
    can = [name for name in _COMPARED if MEASURES[name].kind == kind]
    raise DataError(problems.not_from_these(measure, held.layout, held.said(), can))


def _layouts(measure: str) -> tuple[Layout, ...]:
    """From what a measure can be had, best first."""
    known = MEASURES.get(measure)
    if known is None:
        return ("estimates",)
    return ("counts", "estimates") if known.kind == "binary" else ("means", "estimates")


def _labels(rows: Sequence[TableRow], columns: Columns) -> list[str]:
    """What to call each row."""
    asked = [columns.roles.get(role, "") for role in ("study", "year", "study_id")]
    names, years, numbers = ([row.values.get(name) for row in rows] for name in asked)
    return labels_of(names, years, numbers)


def _effect(
    row: TableRow, columns: Columns, measure: str
) -> tuple[Effect, str, tuple[Diagnostic, ...]]:
    numbers = _numbers(row, columns)
    if columns.layout == "counts":
        treated, control = (_counts(numbers, group) for group in ("treated", "control"))
        effect = MEASURES[measure].estimate(treated=treated, control=control)
        said = f"{treated.events}/{treated.n} against {control.events}/{control.n}"
        return effect, said, ()
    if columns.layout == "means":
        left, right = (_moments(numbers, group) for group in ("treated", "control"))
        effect = MEASURES[measure].estimate(treated=left, control=right)
        said = " against ".join(f"{m.mean:g} (SD {m.sd:g}, n {m.n})" for m in (left, right))
        return effect, said, ()
    return reported_effect(numbers, columns, measure)


def _counts(numbers: Mapping[str, float], group: str) -> Counts:
    events = int(numbers[f"events_{group}"])
    if f"n_{group}" in numbers:
        return Counts(events, int(numbers[f"n_{group}"]))
    others = int(numbers[f"nonevents_{group}"])
    if others < 0:
        raise DataError(problems.negative_count(group, others))
    return Counts(events, events + others)


def _moments(numbers: Mapping[str, float], group: str) -> Moments:
    return Moments(numbers[f"mean_{group}"], numbers[f"sd_{group}"], int(numbers[f"n_{group}"]))


def reported_effect(
    numbers: Mapping[str, float], columns: Columns, measure: str
) -> tuple[Effect, str, tuple[Diagnostic, ...]]:
    """Effect of a row with an estimate of its own, what it was made from, and remarks."""
    estimate = numbers["estimate"]
    if "ci_lower" not in numbers:
        variance = numbers.get("variance")
        if variance is not None and variance <= 0:
            raise problems.variance_not_positive(variance)
        se = numbers["se"] if variance is None else math.sqrt(variance)
        if columns.as_ratio and estimate <= 0:
            raise problems.ratio_not_positive(measure, estimate)
        on_scale = math.log(estimate) if columns.as_ratio else estimate
        effect, _ = effect_from_report("", estimate=on_scale, se=se)
        effect = Effect(measure, effect.estimate, effect.variance)
        return effect, f"{estimate:g} (SE {se:.4g})", ()
    printed = columns.as_ratio or (is_ratio(measure) and not columns.measure)
    lower, upper = numbers["ci_lower"], numbers["ci_upper"]
    effect, note = effect_from_report(
        measure if printed else "", estimate=estimate, ci_lower=lower, ci_upper=upper
    )
    said = f"{estimate:g} ({lower:g} to {upper:g})"
    notes = (_off_centre(note, said),) if note else ()
    return replace(effect, measure=measure), said, notes


# --- cells --------------------------------------------------------------------------------


def _numbers(row: TableRow, columns: Columns) -> dict[str, float]:
    """Every number the layout needs; all cells that hold none are told together."""
    numbers: dict[str, float] = {}
    bad: dict[str, str] = {}
    for role, name in columns.roles.items():
        if role in LABEL_ROLES:
            continue
        value = number_in(row.values.get(name))
        if isinstance(value, str):
            bad[role] = value
        elif role.startswith(("events", "nonevents", "n_")) and not _is_count(value):
            bad[role] = "DAT009"
        else:
            numbers[role] = value
    if bad:
        raise DataError(*_bad_cells(bad, row, columns))
    return numbers


def _bad_cells(bad: Mapping[str, str], row: TableRow, columns: Columns) -> Iterator[Diagnostic]:
    """A finding a cell, in order; but one for all those that nobody filled in."""
    empty = [role for role, code in bad.items() if code == "DAT005"]
    for role, code in bad.items():
        if role not in empty[1:]:
            told = _bad_cell(code, role, row, columns.roles[role])
            yield _of_all(told, empty, row, columns) if role in empty and empty[1:] else told


def _of_all(first: Diagnostic, empty: Sequence[str], row: TableRow, columns: Columns) -> Diagnostic:
    names = [columns.roles[role] for role in empty]
    return replace(
        first,
        message=f"{', '.join(empty[:-1])} and {empty[-1]} are empty",
        found=", ".join(f"{name} is {row.values.get(name)!r}" for name in names),
        help="find the numbers in the report; the row cannot be used without them",
    )


def _is_count(value: float) -> bool:
    """Whole, and below 2^53, from where on whole numbers are no longer told apart."""
    return value.is_integer() and abs(value) <= 2**53


_CELL_MESSAGES = {
    "DAT003": ("is not a number", "write digits with a point, without units or signs"),
    "DAT004": ("has a comma", "write 0.52 rather than 0,52, and 1200 rather than 1,200"),
    "DAT005": ("is empty", "find the number in the report; the row cannot be used without it"),
    "DAT009": (
        "is not a whole number of participants",
        "give participants, not percentages or person-years",
    ),
}


def _bad_cell(code: str, role: str, row: TableRow, name: str) -> Diagnostic:
    message, help_ = _CELL_MESSAGES[code]
    return Diagnostic(
        code,
        Severity.ERROR,
        row.at(name),
        f"{role} {message}",
        found=f"{name} is {row.values.get(name)!r}",
        so="the row is left out",
        help=help_,
    )


# --- what is said -------------------------------------------------------------------------


def _placed(
    diagnostics: Sequence[Diagnostic], row: TableRow, columns: Columns, label: str
) -> list[Diagnostic]:
    """The diagnostics at their row, naming the study."""
    out = []
    for d in diagnostics:
        place = d.place if d.place.field else row.at(_guilty(d, columns))
        out.append(replace(d, place=place, found=f"{label}: {d.found}" if d.found else label))
    return out


def _guilty(diagnostic: Diagnostic, columns: Columns) -> str:
    """The column that a diagnostic about values points at, as far as its words tell."""
    role = {
        "EFF010": "n_",
        "EFF011": "events_",
        "EFF012": "events_",
        "EFF020": "sd_",
        "EFF021": "n_",
        "EFF013": "events_treated",
        "EFF014": "events_treated",
        "EFF031": "se",
        "EFF032": "ci_lower",
        "EFF037": "variance",
    }.get(diagnostic.code, "estimate")
    if role.endswith("_"):
        role += "control" if diagnostic.found.startswith("control") else "treated"
    return columns.roles.get(role, "")


def _why(diagnostic: Diagnostic) -> str:
    found = diagnostic.found.split(": ", 1)[-1]
    return f"{diagnostic.message} ({found})" if found else diagnostic.message


def _off_centre(note: str, found: str) -> Diagnostic:
    return Diagnostic(
        "EFF034",
        Severity.WARNING,
        Place(""),
        note,
        found,
        "its standard error is taken from the width of the interval",
        "check the extraction; the trial may have adjusted, or used another method",
    )


# --- repeats ------------------------------------------------------------------------------


def _without_repeats(
    studies: Sequence[RowEffect], columns: Columns
) -> tuple[tuple[RowEffect, ...], tuple[ExcludedRow, ...], tuple[Diagnostic, ...]]:
    """Rows once each. The same study with other numbers stays, told apart by its line."""
    kept: list[RowEffect] = []
    excluded: list[ExcludedRow] = []
    said: list[Diagnostic] = []
    by_name: dict[str, list[RowEffect]] = {}
    named = "study" in columns.roles
    for study in studies:
        twins = [k for k in by_name.get(study.label, ()) if named and k.row is not study.row]
        same = [k for k in twins if (k.effect, k.reported) == (study.effect, study.reported)]
        if same:
            line = same[0].row.place.line
            excluded.append(ExcludedRow(study.label, f"repeats line {line}", study.row))
            said.append(_repeat(study, columns, line))
        elif twins:
            line = study.row.place.line
            said.append(_same_study(study, columns, twins[0].row.place.line))
            kept.append(replace(study, label=f"{study.label} (line {line})"))
            by_name[study.label].append(kept[-1])
        else:
            kept.append(study)
            by_name.setdefault(study.label, []).append(study)
    return tuple(kept), tuple(excluded), tuple(said)


def _repeat(study: RowEffect, columns: Columns, line: int) -> Diagnostic:
    return Diagnostic(
        "DAT006",
        Severity.ERROR,
        study.row.at(columns.roles["study"]),
        f"the row repeats line {line}",
        found=f"{study.label}: {study.reported}",
        so="the row is left out",
        help="remove it, or correct its numbers",
    )


def _same_study(study: RowEffect, columns: Columns, line: int) -> Diagnostic:
    return Diagnostic(
        "DAT007",
        Severity.WARNING,
        study.row.at(columns.roles["study"]),
        f"the study stands in line {line} too, with other numbers",
        found=f"{study.label}: {study.reported}",
        so="both rows are pooled as if they were two studies",
        help="if they share participants, keep one row, or combine the groups first; "
        "if not, give them different names",
    )
