"""From a table or from effects to the counts that are pooled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast, runtime_checkable

import numpy as np

from osler.core.arrays import Bools, Floats
from osler.core.frames import Table, column, columns_of, numbers
from osler.effects.cells import labels_of, text_in
from osler.effects.measures import Measure, measure_named
from osler.effects.roles import LABELS, roles_of
from osler.effects.tables import filled
from osler.synthesis.counts import problems
from osler.synthesis.counts.mixed import Arms

BINARY = ("OR", "RR", "RD")
RATES = ("IRR", "IRD")
SINGLE = ("PLO", "IRLN")
MEASURES = (*BINARY, *RATES, *SINGLE)

# More studies with a remark of their own than a reader wants to see are counted.
_MOST_NOTED = 6


@runtime_checkable
class HasArms(Protocol):
    """Effects that still know the counts they came from."""

    @property
    def studies(self) -> tuple[str, ...]: ...

    @property
    def arms(self) -> Mapping[str, Floats]: ...


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of k studies, and what was left out for want of a number."""

    labels: tuple[str, ...]
    arms: Arms
    incomplete: tuple[str, ...]
    notes: tuple[str, ...] = ()


def read_counts(
    data: HasArms | Table, measure: str, columns: Mapping[str, str] | None = None
) -> Counts:
    """The counts that a measure is made of.

    Parameters
    ----------
    data : Effects, mapping of columns, or a data frame of any library
    measure : str
        One of ``MEASURES``.
    columns : mapping of role to column name, optional
        Roles: events_treated, n_treated, events_control, n_control, time_treated,
        time_control; for one group events, n, time; study for labels. Those not named are
        recognised by their usual spellings, as :func:`osler.estimate_effects` does.

    Raises
    ------
    DataError
        Where a count is not there (CNT006) or cannot be (CNT003, CNT004), a role is unknown
        (EFF050), two columns could hold one (DAT002), or a cell is no number (FRM002).

    Notes
    -----
    Where a table has those with and those without the event and a size that disagrees with
    them, the former count and a note says so: it may be the size at randomisation.

    Examples
    --------
    >>> counts = read_counts({"trial": ["A", "B"], "xi": [1, 0], "ni": [9, 8]}, "PLO")
    >>> counts.labels, counts.arms.events.ravel()
    (('A', 'B'), array([1., 0.]))
    """
    known = measure_named(measure)
    labels, found, notes = _found(data, known, columns)
    values = np.column_stack([found[role] for role in known.roles])
    whole = np.asarray(~np.isnan(values).any(axis=1), bool)
    used = tuple(label for label, yes in zip(labels, whole, strict=True) if yes)
    missing = tuple(label for label, yes in zip(labels, whole, strict=True) if not yes)
    values = values[whole]
    events, size = values[:, 0::2], values[:, 1::2]
    rates = "IR" in measure
    check = problems.check_rates if rates else problems.check_proportions
    for j in range(events.shape[1]):
        check(events[:, j], size[:, j], used)
    if not used:
        raise problems.nothing_left("no study has all of its counts")
    return Counts(used, Arms(events, size, rates), missing, notes)


def _found(
    data: HasArms | Table, measure: Measure, named: Mapping[str, str] | None
) -> tuple[tuple[str, ...], dict[str, Floats], tuple[str, ...]]:
    """Labels, an array for each role, and what a reader should know, as for effects."""
    own = data if isinstance(data, HasArms) else getattr(data, "effects", None)
    if isinstance(own, HasArms):
        arms = {role: np.asarray(values, float) for role, values in own.arms.items()}
        made = filled(measure, arms, {}, None)
        _all_there(made.missing, measure, list(own.arms))
        return tuple(own.studies), made.arms, _of_excluded(own)
    table = columns_of(cast("Table", data))
    roles = roles_of(list(table), measure, named)
    labels = _labels(table, roles)
    cells = {role: _numbers(table, name) for role, name in roles.items() if role not in LABELS}
    made = filled(measure, cells, roles, None)
    _all_there(made.missing, measure, list(table))
    return labels, made.arms, _noted(labels, made.notes)


def _numbers(table: Mapping[str, Sequence[object]], name: str) -> Floats:
    """A column's numbers; NaN where it says in words that there is none ("NR")."""
    return numbers({name: [v if text_in(v) else None for v in column(table, name)]}, name)


def _labels(table: Mapping[str, Sequence[object]], roles: Mapping[str, str]) -> tuple[str, ...]:
    """What effects of the same table would be called; no two alike."""
    size = len(next(iter(table.values()), ()))
    none: Sequence[object] = (None,) * size
    parts = [
        column(table, roles[role]) if role in roles else none
        for role in ("study", "year", "study_id")
    ]
    seen: set[str] = set()
    out = []
    for i, label in enumerate(labels_of(*parts), 1):
        out.append(f"{label} (row {i})" if label in seen else label)
        seen.add(out[-1])
    return tuple(out)


def _noted(labels: Sequence[str], notes: Sequence[str]) -> tuple[str, ...]:
    """What was done to have the counts of single studies: a total that its parts belie."""
    told = [f"{label}: {note}" for label, note in zip(labels, notes, strict=True) if note]
    more = len(told) - _MOST_NOTED
    if more <= 0:
        return tuple(told)
    return (*told[:_MOST_NOTED], f"the same in {more} more of the studies")


def _of_excluded(data: HasArms) -> tuple[str, ...]:
    out = getattr(data, "excluded", ())
    if not out:
        return ()
    labels = [str(e.label) for e in out]
    shown = problems.named(labels, np.ones(len(labels), bool))
    return (f"the effects had already left out {shown}; pool the table itself to count them",)


def _all_there(missing: Sequence[str], measure: Measure, there: Sequence[str]) -> None:
    if missing:
        raise problems.columns_missing(missing, measure.name, there)


def double_zero(arms: Arms) -> Bools:
    """Studies in which no one, or (of participants) everyone, had the event in each arm."""
    none = (arms.events == 0).all(axis=1)
    if arms.rates:
        return np.asarray(none)
    return np.asarray(none | (arms.events == arms.size).all(axis=1))
