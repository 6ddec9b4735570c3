"""Tables with all arms of a study in one row, folded into one row an arm."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from osler.core.diagnostics import DataError
from osler.core.frames import Columns
from osler.synthesis.network import problems
from osler.synthesis.network.cells import label_of, number_of, roles_of

# As treat1, event.2, "n 3" and, of BUGS, t[,1].
_NUMBERED = re.compile(r"^(.+?)[ ._,[-]*([1-9][0-9]?)\]?$")
_NUMBERS = ("events", "n", "mean", "sd", "time", "se")


@dataclass(frozen=True, slots=True)
class ArmRows:
    """A table with one row an arm, and for each the row (from 0) of the table it comes from.

    ``nameless`` are rows, from 1, that name no study and so count as one each.
    """

    columns: Columns
    rows: Sequence[int]
    nameless: Sequence[str] = ()


def one_row_an_arm(data: Columns, given: Mapping[str, str]) -> ArmRows:
    """Columns such as treat1, event1, n1, treat2, event2, n2 as study, treatment, events, n.

    Any other table stays as it is. Rows that repeat an arm with the same numbers, as tables of
    pairwise comparisons do, make one arm.

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
    arms = [] if given else _columns_by_arm(list(data))
    as_it_is = ArmRows(data, range(len(next(iter(data.values()), []))))
    if len(arms) < 2:
        return as_it_is
    whole = roles_of(list(data), {}, ("study", "treatment", "treat1", "treat2", "estimate"))
    if "treatment" in whole or {"treat1", "treat2", "estimate"} <= set(whole):
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
    return ArmRows(out, rows, nameless)


def _cell(data: Columns, arm: Mapping[str, str], role: str, row: int) -> object:
    return data[arm[role]][row] if role in arm else None


def _nothing(value: object) -> bool:
    return bool(np.isnan(number_of(value)))


def _columns_by_arm(header: Sequence[str]) -> list[dict[str, str]]:
    """From role to column for each numbered arm that has a treatment and a number."""
    by_number: dict[str, dict[str, str]] = {}
    for column in header:
        found = _NUMBERED.match(column)
        if found is None:
            continue
        roles = roles_of([found[1]], {}, ("treatment", *_NUMBERS))
        for role in roles:
            own = by_number.setdefault(found[2], {})
            if role in own:
                raise DataError(problems.columns_several(role, [own[role], column]))
            own[role] = column
    arms = [own for _, own in sorted(by_number.items(), key=lambda item: int(item[0]))]
    return [own for own in arms if "treatment" in own and len(own) > 1]
