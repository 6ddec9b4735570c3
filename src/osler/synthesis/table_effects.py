"""Effects of the rows of a file, by any measure that Osler knows."""

from collections.abc import Sequence

from osler.core.diagnostics import Diagnostic, Severity
from osler.effects.arms import Effect
from osler.effects.columns import Columns
from osler.effects.estimate import estimate_effects
from osler.effects.from_table import (
    ExcludedRow,
    RowEffect,
    TableEffects,
    TableRow,
    effects_of_table,
)
from osler.effects.measures import MEASURES
from osler.effects.model import Effects
from osler.effects.roles import LABELS, roles_of

# Measures whose cells are checked and reported one by one.
_CELL_BY_CELL = ("RR", "OR", "RD", "MD", "SMD", "HR")
POOLED_MEASURES = (*_CELL_BY_CELL, *(name for name in MEASURES if name not in _CELL_BY_CELL))
"""Every measure that a table can be pooled by, the usual ones first."""


def effects_of_file(
    header: Sequence[str], rows: Sequence[TableRow], measure: str | None
) -> tuple[TableEffects, tuple[str, ...]]:
    """The effect of each row, and the conventions that it was computed by, in words.

    Raises
    ------
    DataError
        As :func:`osler.effects.from_table.effects_of_table` and :func:`osler.estimate_effects`.
    """
    name = (measure or "").upper()
    if name not in MEASURES or name in _CELL_BY_CELL:
        return effects_of_table(header, rows, measure), ()
    found = estimate_effects(
        {column: [row.values.get(column) for row in rows] for column in header}, name
    )
    roles = roles_of(list(header), MEASURES[name])
    left = [(e, rows[e.row_number - 1]) for e in found.excluded]
    effects = TableEffects(
        name,
        Columns("estimates", roles, name, False, _unused(header, roles)),
        tuple(_studies(found, rows, {r: c for r, c in roles.items() if r not in LABELS})),
        tuple(ExcludedRow(e.label, e.why, row) for e, row in left),
        tuple(_left_out(e.label, e.why, row) for e, row in left),
    )
    return effects, found.conventions


def _unused(header: Sequence[str], roles: dict[str, str]) -> tuple[str, ...]:
    return tuple(column for column in header if column and column not in roles.values())


def _studies(found: Effects, rows: Sequence[TableRow], columns: dict[str, str]) -> list[RowEffect]:
    out = []
    numbers = zip(
        found.studies, found.estimates, found.variances, found.notes, found.row_numbers, strict=True
    )
    for label, y, v, note, at in numbers:
        row = rows[at - 1]
        told = ", ".join(f"{role} {row.values[name]}" for role, name in columns.items())
        said = f"{told} ({note})" if note else told
        out.append(RowEffect(label, Effect(found.measure, y, v), said, row))
    return out


def _left_out(label: str, why: str, row: TableRow) -> Diagnostic:
    return Diagnostic(
        "SYN032",
        Severity.ERROR,
        row.place,
        "the row gives no effect of this measure",
        f"{label}: {why}",
        "the row is left out",
        "correct the number, or fill it in from the report",
    )
