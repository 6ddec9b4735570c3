"""Tables with all arms of a study in one row, folded into one row an arm."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from osler.core.diagnostics import DataError
from osler.core.frames import Columns
from osler.synthesis.network import problems
from osler.synthesis.network.cells import label_of, number_of, roles_of

# As treat1, event.2, "n 3" and, of BUGS, t[,1].
_NUMBERED = re.compile(r"^(.+?)[ ._,[-]*([1-9][0-9]?)\]?$")
_NUMBERS = ("events", "n", "mean", "sd", "time", "se")
_PARTS = ("treatment", *_NUMBERS)


@dataclass(frozen=True, slots=True)
class ArmRows:
    """A table with one row an arm, and for each the row (from 0) of the table it comes from.

    ``given`` tells what columns are called, where that is not known by their usual names;
    ``nameless`` are rows, from 1, that name no study and so count as one each.
    """

    columns: Columns
    rows: Sequence[int]
    given: Mapping[str, str]
    nameless: Sequence[str] = ()


def one_row_an_arm(
    data: Columns, given: Mapping[str, str], *, beside_contrasts: bool = False
) -> ArmRows:
    """Columns such as treat1, event1, n1, treat2, event2, n2 as study, treatment, events, n.

    Any other table stays as it is: one with treatments in one column, and one with contrasts,
    beside which arms may stand. Rows that repeat an arm with the same numbers, as tables of
    pairwise comparisons do, make one arm. ``given`` may name columns without their number:
    events="remi" for remi1, remi2. ``beside_contrasts`` asks for the arms even so.

    Raises
    ------
    DataError
        Where two columns could play one part of an arm (NET029).

    Examples
    --------
    >>> wide = {"study": ["Hart"], "t1": ["rest"], "r1": [4], "n1": [100],
    ...     "t2": ["yoga"], "r2": [2], "n2": [98]}
    >>> found = one_row_an_arm(wide, {})
    >>> found.columns["treatment"], found.columns["events"], found.rows
    (['rest', 'yoga'], [4, 2], [0, 0])
    """
    as_it_is = ArmRows(data, range(len(next(iter(data.values()), []))), given)
    if not isinstance(given, Mapping):
        return as_it_is
    told = {role: name for role, name in given.items() if name in data}
    without_numbers = {role: name for role, name in given.items() if role not in told}
    known = set(without_numbers) <= set(_PARTS) and {*without_numbers.values()} <= {*_stems(data)}
    if not (known and set(told) <= {"study"}):
        return as_it_is
    whole = roles_of(list(data), told, ("study", "treatment", "treat1", "treat2", "estimate"))
    has_contrasts = {"treat1", "treat2", "estimate"} <= set(whole)
    if "treatment" in whole or (has_contrasts and not beside_contrasts):
        return as_it_is
    arms = _columns_by_arm(list(data), without_numbers)
    if len(arms) < 2:
        return as_it_is
    # Where no column names the studies each row is one.
    studies = data[whole["study"]] if "study" in whole else [None] * len(as_it_is.rows)
    names = [role for role in _NUMBERS if role in arms[0]]
    out: Columns = {role: [] for role in ("study", "treatment", *names)}
    rows: list[int] = []
    seen: set[tuple[object, ...]] = set()
    for i, study in enumerate(map(label_of, studies)):
        for arm in arms:
            row = [
                study or f"row {i + 1}",
                *(_cell(data, arm, r, i) for r in ("treatment", *names)),
            ]
            key = (*map(label_of, row),)
            if key in seen or (not label_of(row[1]) and all(map(_nothing, row[2:]))):
                continue
            seen.add(key)
            rows.append(i)
            for column, value in zip(out.values(), row, strict=True):
                column.append(value)
    nameless = [str(i + 1) for i, study in enumerate(studies) if not label_of(study)]
    return ArmRows(out, rows, {}, nameless)


def _cell(data: Columns, arm: Mapping[str, str], role: str, row: int) -> object:
    return data[arm[role]][row] if role in arm else None


def _nothing(value: object) -> bool:
    return bool(np.isnan(number_of(value)))


def _stems(header: Iterable[str]) -> list[str]:
    """Names of numbered columns, without their number."""
    return [name for name, number in map(_parted, header) if number]


def _parted(column: str) -> tuple[str, str]:
    """A column's name without the number of an arm, and the number; ("events", "2") of events2."""
    found = _NUMBERED.match(column)
    return (found[1], found[2]) if found else (column, "")


def _columns_by_arm(header: Sequence[str], given: Mapping[str, str]) -> list[dict[str, str]]:
    """From role to column for each numbered arm that has a treatment and a number."""
    by_number: dict[str, dict[str, str]] = {}
    as_told = {name: role for role, name in given.items()}
    for column, (name, number) in zip(header, map(_parted, header), strict=True):
        if not number:
            continue
        usual = [role for role in roles_of([name], {}, _PARTS) if role not in given]
        for role in [as_told[name]] if name in as_told else usual:
            own = by_number.setdefault(number, {})
            if role in own:
                raise DataError(problems.columns_several(role, [_parted(own[role])[0], name]))
            own[role] = column
    arms = [own for _, own in sorted(by_number.items(), key=lambda item: int(item[0]))]
    return [own for own in arms if "treatment" in own and len(own) > 1]
