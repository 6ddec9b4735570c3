"""Studies from gemtc's table of relative effects: arms as differences from the first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.frames import Columns
from osler.synthesis.network import problems
from osler.synthesis.network.cells import label_of, number_of
from osler.synthesis.network.study_read import Unusable

# A cell that holds nothing; any other text is no missing number.
_EMPTY = ("", "na", "n/a", "n.a.", "nan", "none", "null", ".", "-")


@dataclass(frozen=True, slots=True)
class Relative:
    """Contrasts between all arms, as columns of a table; and the studies that give none.

    ``rows`` tells from which row (from 0) each contrast is, the one of its first arm.
    """

    columns: Columns
    rows: Sequence[int]
    wrong: Mapping[str, Unusable] = field(default_factory=dict)


def is_relative(data: Columns, roles: Mapping[str, str]) -> bool:
    """Whether rows are arms of which some have an estimate and others, the baselines, none."""
    if not {"study", "treatment", "estimate", "se"} <= set(roles):
        return False
    if {"treat2", "mean", "events"} & set(roles):
        return False
    return any(np.isnan(number_of(value)) for value in data[roles["estimate"]])


def relative_contrasts(data: Columns, roles: Mapping[str, str]) -> Relative:
    """The differences from each study's baseline, as contrasts between all arms."""
    rows: dict[str, list[_Arm]] = {}
    wrong: dict[str, Unusable] = {}
    values = (data[roles[role]] for role in ("study", "treatment", "estimate", "se"))
    for i, (study, treatment, diff, se) in enumerate(zip(*values, strict=True)):
        name = label_of(study) or f"row {i + 1}"
        arm = _Arm(i, label_of(treatment), number_of(diff), number_of(se))
        rows.setdefault(name, []).append(arm)
        if np.isnan(arm.diff) and label_of(diff).lower() not in _EMPTY:
            wrong[name] = _unclear(name, f"diff of {arm.name} is {diff!r}", i)
    out: Columns = {name: [] for name in ("study", "treat1", "treat2", "estimate", "variance")}
    of: list[int] = []
    for name, arms in rows.items():
        problem = wrong.get(name) or _unfit(name, arms)
        if problem is not None:
            wrong[name] = problem
            continue
        for row, *contrast in _contrasts_of(arms):
            of.append(row)
            for column, value in zip(out.values(), (name, *contrast), strict=True):
                column.append(value)
    return Relative(out, of, wrong)


@dataclass(frozen=True, slots=True)
class _Arm:
    """One row: its place in the table, the arm, and how it differs from the baseline."""

    row: int
    name: str
    diff: float
    se: float


def _unfit(study: str, arms: Sequence[_Arm]) -> Unusable | None:
    """What keeps the rows of a study from being contrasts, if anything."""
    first, base = arms[0].row, [arm for arm in arms if np.isnan(arm.diff)]
    nameless = [arm.row for arm in arms if not arm.name]
    if nameless:
        return Unusable(problems.nameless(study), nameless[0], "treatment")
    if len(arms) < 2:
        return Unusable(problems.one_arm(study, arms[0].name), first)
    if len(base) != 1:
        return _unclear(study, f"{len(base)} rows without diff", first)
    if len(arms) > 2 and not base[0].se > 0:
        found = f"{len(arms)} arms, no std.err of the one without diff"
        return _unclear(study, found, base[0].row, "se")
    return None


def _contrasts_of(arms: Sequence[_Arm]) -> list[tuple[int, str, str, float, float]]:
    """Each arm against each later one: its row, the two, estimate and variance."""
    base = next(i for i, arm in enumerate(arms) if np.isnan(arm.diff))
    shared = arms[base].se ** 2 if len(arms) > 2 else 0.0
    y = np.array([0.0 if i == base else arm.diff for i, arm in enumerate(arms)])
    # Of each arm's own mean; the baseline's is what the contrasts share.
    own = np.array([shared if i == base else a.se**2 - shared for i, a in enumerate(arms)])
    return [
        (a.row, a.name, b.name, float(y[i] - y[j]), float(own[i] + own[j]))
        for i, a in enumerate(arms)
        for j, b in enumerate(arms[i + 1 :], i + 1)
    ]


def _unclear(study: str, found: str, row: int, role: str = "estimate") -> Unusable:
    told = Diagnostic(
        "NET053",
        Severity.ERROR,
        Place(""),
        "differences of a study have no clear baseline",
        f"{study}: {found}",
        "the study is left out",
        "leave diff empty in one row of each study; give its std.err where there are more arms",
    )
    return Unusable(told, row, role)
