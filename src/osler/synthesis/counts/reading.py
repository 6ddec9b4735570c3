"""From a table or from effects to the counts that are pooled."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from osler.core.arrays import Bools, Floats
from osler.core.frames import Table, columns_of, numbers
from osler.effects.columns import spellings
from osler.synthesis.counts import problems
from osler.synthesis.counts.mixed import Arms

BINARY = ("OR", "RR", "RD")
RATES = ("IRR", "IRD")
SINGLE = ("PLO", "IRLN")
MEASURES = (*BINARY, *RATES, *SINGLE)

# For each measure the roles of its columns: events and sizes, treated before control.
_ROLES = {
    **dict.fromkeys(BINARY, ("events_treated", "n_treated", "events_control", "n_control")),
    **dict.fromkeys(RATES, ("events_treated", "time_treated", "events_control", "time_control")),
    "PLO": ("events", "n"),
    "IRLN": ("events", "time"),
}
# Names that stand for a role only where it is asked for: "n" alone is no one's otherwise.
_SPELLED = {
    "time_treated": ("t1i", "timee", "timetreated", "persontimetreated", "timetreatment"),
    "time_control": ("t2i", "timec", "timecontrol", "persontimecontrol"),
    "events": ("events", "event", "xi", "x", "cases", "deaths", "responders", "ni1"),
    "n": ("n", "ni", "total", "size", "participants", "samplesize", "patients"),
    "time": ("time", "ti", "t", "persontime", "personyears", "exposure"),
}


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
        recognised by their usual spellings.

    Raises
    ------
    DataError
        Where a count is not there (CNT006) or cannot be (CNT003, CNT004).

    Examples
    --------
    >>> counts = read_counts({"trial": ["A", "B"], "xi": [1, 0], "ni": [9, 8]}, "PLO")
    >>> counts.labels, counts.arms.events.ravel()
    (('A', 'B'), array([1., 0.]))
    """
    labels, found, notes = _found(data, measure, columns or {})
    values = np.column_stack([found[role] for role in _ROLES[measure]])
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
    data: HasArms | Table, measure: str, named: Mapping[str, str]
) -> tuple[tuple[str, ...], dict[str, Floats], tuple[str, ...]]:
    roles = _ROLES[measure]
    if isinstance(data, HasArms):
        arms = {role: np.asarray(values, float) for role, values in data.arms.items()}
        arms = _with_sizes(arms)
        _all_there(roles, arms, measure, list(data.arms))
        return tuple(data.studies), arms, _of_excluded(data)
    table = columns_of(data)
    where = {role: name for role, name in _recognised(list(table)).items() if name} | dict(named)
    found = {
        role: numbers(table, name)
        for role, name in where.items()
        if role in (*roles, "nonevents_treated", "nonevents_control", "nonevents")
    }
    found = _with_sizes(found)
    _all_there(roles, found, measure, list(table))
    size = len(next(iter(table.values()), []))
    labels = [str(v) for v in table[where["study"]]] if "study" in where else []
    return _distinct(labels or [f"study {i}" for i in range(1, size + 1)]), found, ()


def _of_excluded(data: HasArms) -> tuple[str, ...]:
    out = getattr(data, "excluded", ())
    if not out:
        return ()
    labels = [str(e.label) for e in out]
    shown = problems.named(labels, np.ones(len(labels), bool))
    return (f"the effects had already left out {shown}; pool the table itself to count them",)


def _recognised(header: Sequence[str]) -> dict[str, str]:
    known = dict(spellings())
    for role, names in _SPELLED.items():
        known |= dict.fromkeys(names, role)
    roles = {role: role for role in header}
    out: dict[str, str] = {}
    for name in header:
        role = roles[name] if name in _EVERY_ROLE else known.get(_key(name), "")
        if role and role not in out:
            out[role] = name
    return out


_EVERY_ROLE = frozenset(
    {role for roles in _ROLES.values() for role in roles}
    | {"study", "nonevents_treated", "nonevents_control"}
)


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", name.lower())


def _with_sizes(found: dict[str, Floats]) -> dict[str, Floats]:
    """Group sizes, where a table has those without the event instead."""
    out = dict(found)
    for arm in ("_treated", "_control"):
        if f"n{arm}" not in out and f"nonevents{arm}" in out and f"events{arm}" in out:
            out[f"n{arm}"] = out[f"events{arm}"] + out[f"nonevents{arm}"]
    return out


def _all_there(
    roles: Sequence[str], found: Mapping[str, object], measure: str, there: Sequence[str]
) -> None:
    missing = [role for role in roles if role not in found]
    if missing:
        raise problems.columns_missing(missing, measure, there)


def _distinct(labels: Sequence[str]) -> tuple[str, ...]:
    """Labels, numbered where two are alike."""
    seen: dict[str, int] = {}
    out = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        out.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return tuple(out)


def double_zero(arms: Arms) -> Bools:
    """Studies in which no one, or (of participants) everyone, had the event in each arm."""
    none = (arms.events == 0).all(axis=1)
    if arms.rates:
        return np.asarray(none)
    return np.asarray(none | (arms.events == arms.size).all(axis=1))
