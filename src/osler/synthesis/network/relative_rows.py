"""Studies from gemtc's table of relative effects: arms as differences from the first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.frames import Columns
from osler.synthesis.network import problems
from osler.synthesis.network.cells import label_of, number_of

# A cell that holds nothing; any other text is no missing number.
_EMPTY = ("", "na", "n/a", "n.a.", "nan", "none", "null", ".", "-")


@dataclass(frozen=True, slots=True)
class Relative:
    """Contrasts between all arms, as columns of a table; and the studies that give none."""

    columns: Columns
    wrong: Mapping[str, Diagnostic] = field(default_factory=dict)


def is_relative(data: Columns, roles: Mapping[str, str]) -> bool:
    """Whether rows are arms of which some have an estimate and others, the baselines, none."""
    if not {"study", "treatment", "estimate", "se"} <= set(roles):
        return False
    if {"treat2", "mean", "events"} & set(roles):
        return False
    return any(np.isnan(number_of(value)) for value in data[roles["estimate"]])


def relative_contrasts(data: Columns, roles: Mapping[str, str]) -> Relative:
    """The differences from each study's baseline, as contrasts between all arms."""
    rows: dict[str, list[tuple[str, float, float]]] = {}
    wrong: dict[str, Diagnostic] = {}
    values = (data[roles[role]] for role in ("study", "treatment", "estimate", "se"))
    for i, (study, arm, diff, se) in enumerate(zip(*values, strict=True), 1):
        name = label_of(study) or f"row {i}"
        rows.setdefault(name, []).append((label_of(arm), number_of(diff), number_of(se)))
        if np.isnan(number_of(diff)) and label_of(diff).lower() not in _EMPTY:
            wrong[name] = _unclear(name, f"diff of {label_of(arm)} is {diff!r}")
    out: Columns = {name: [] for name in ("study", "treat1", "treat2", "estimate", "variance")}
    for name, arms in rows.items():
        problem = wrong.get(name) or _unfit(name, arms)
        if problem is not None:
            wrong[name] = problem
            continue
        for row in _contrasts_of(arms):
            for column, value in zip(out.values(), (name, *row), strict=True):
                column.append(value)
    return Relative(out, wrong)


def _unfit(study: str, arms: Sequence[tuple[str, float, float]]) -> Diagnostic | None:
    """What keeps the rows of a study from being contrasts, if anything."""
    base = [se for _, diff, se in arms if np.isnan(diff)]
    if not all(name for name, _, _ in arms):
        return problems.nameless(study)
    if len(arms) < 2:
        return problems.one_arm(study, arms[0][0])
    if len(base) != 1:
        return _unclear(study, f"{len(base)} rows without diff")
    if len(arms) > 2 and not base[0] > 0:
        return _unclear(study, f"{len(arms)} arms, no std.err of the one without diff")
    return None


def _contrasts_of(
    arms: Sequence[tuple[str, float, float]],
) -> list[tuple[str, str, float, float]]:
    """Each arm against each later one: estimate and variance."""
    base = next(i for i, (_, diff, _) in enumerate(arms) if np.isnan(diff))
    shared = arms[base][2] ** 2 if len(arms) > 2 else 0.0
    y = np.array([0.0 if i == base else diff for i, (_, diff, _) in enumerate(arms)])
    # Of each arm's own mean; the baseline's is what the contrasts share.
    own = np.array([shared if i == base else se**2 - shared for i, (_, _, se) in enumerate(arms)])
    return [
        (arms[i][0], arms[j][0], float(y[i] - y[j]), float(own[i] + own[j]))
        for i in range(len(arms))
        for j in range(i + 1, len(arms))
    ]


def _unclear(study: str, found: str) -> Diagnostic:
    return Diagnostic(
        "NET053",
        Severity.ERROR,
        Place(""),
        "differences of a study have no clear baseline",
        f"{study}: {found}",
        "the study is left out",
        "leave diff empty in one row of each study; give its std.err where there are more arms",
    )
