"""Events by arm, design by design: what models without a continuity correction can use."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.core.frames import Columns, Table, columns_of
from osler.synthesis.network import problems
from osler.synthesis.network.cells import count_of, label_of, names_alike, roles_of
from osler.synthesis.network.model import Excluded
from osler.synthesis.network.wide import one_row_an_arm

# More participants than there are people is a slip of the pen.
_MOST = 1e11
_ROLES = ("study", "treatment", "events", "n")


@dataclass(frozen=True, slots=True)
class Design:
    """All studies of one set of treatments.

    Attributes
    ----------
    name : str
        The treatments as they were studied, also those that :attr:`arms` lacks.
    arms : tuple of str, length m
        In alphabetical order.
    studies : tuple of str, length s
    events, n : array of shape (s, m)
    """

    name: str
    arms: tuple[str, ...]
    studies: tuple[str, ...]
    events: Floats
    n: Floats


@dataclass(frozen=True, slots=True)
class ArmCounts:
    """Designs that tell something about odds ratios, and what does not.

    ``excluded`` has studies, and arms of studies, with the reason; ``lost`` the treatments of
    which nothing is left.
    """

    designs: tuple[Design, ...]
    excluded: tuple[Excluded, ...]
    lost: tuple[str, ...]


def read_arm_counts(table: Table, columns: Mapping[str, str] | None = None) -> ArmCounts:
    """Counts by design from a table with one row an arm.

    Studies without any event, or with nothing else, say nothing about an odds ratio. So does an
    arm without events (or without non-events) in all studies of its design together; where that
    leaves one arm, the design is left out.

    Parameters
    ----------
    table : data frame or mapping of columns
        study, treatment, events, n; usual spellings are known.
    columns : mapping of str to str, optional
        From these names to those of the table.

    Raises
    ------
    DataError
        Where a column is absent (NET020), treatments' names differ in capitals or spaces alone
        (NET022), or no study is left (NET050).

    References
    ----------
    .. [1] Efthimiou, Rücker, Schwarzer, Higgins, Egger & Salanti (2019). Stat Med 38,
       2992-3012. doi:10.1002/sim.8158

    Examples
    --------
    >>> found = read_arm_counts({"study": ["Hart", "Hart", "Mill", "Mill"],
    ...     "treatment": ["A", "B", "A", "B"], "events": [1, 3, 0, 0], "n": [40, 41, 20, 20]})
    >>> found.designs[0].studies, found.excluded[0].study
    (('Hart',), 'Mill')
    """
    folded = one_row_an_arm(columns_of(table), columns or {}, beside_contrasts=True)
    data, roles = folded.columns, roles_of(list(folded.columns), folded.given, _ROLES)
    if len(roles) < len(_ROLES):
        raise DataError(problems.columns_unknown(list(data), sorted(roles)))
    excluded: list[Excluded] = []
    whole = _by_design(_usable(_counted(_studies(data, roles), excluded), excluded))
    telling = [_telling(design, excluded) for design in whole]
    kept = tuple(design for design in telling if design is not None)
    if not kept:
        raise DataError(nothing_left(excluded))
    left = {arm for design in kept for arm in design.arms}
    every = dict.fromkeys(label_of(value) for value in data[roles["treatment"]])
    return ArmCounts(kept, tuple(excluded), tuple(sorted(a for a in every if a and a not in left)))


def parts_of(designs: Iterable[Design]) -> list[tuple[str, ...]]:
    """Treatments of each sub-network that designs connect, the largest first."""
    found: list[set[str]] = []
    for design in designs:
        own = set(design.arms)
        touching = [part for part in found if part & own]
        found = [part for part in found if not part & own] + [own.union(*touching)]
    return sorted((tuple(sorted(part)) for part in found), key=lambda part: (-len(part), part))


def nothing_left(excluded: Sequence[Excluded]) -> Diagnostic:
    """NET050: no study tells anything about an odds ratio."""
    told = "; ".join(f"{e.study}: {e.why}" for e in excluded[:6])
    return Diagnostic(
        "NET050",
        Severity.ERROR,
        Place(""),
        "no study is left to compare events in",
        told or "no rows",
        "nothing is pooled",
        "pool the difference of risks (RD), which also uses studies without events",
    )


_Arm = tuple[str, float, float]


def _studies(data: Columns, roles: Mapping[str, str]) -> dict[str, list[_Arm]]:
    """Arms by study, in the order of the treatments' names."""
    out: dict[str, list[_Arm]] = {}
    names: list[str] = []
    for i, row in enumerate(zip(*(data[roles[role]] for role in _ROLES), strict=True), 1):
        arm = label_of(row[1])
        names.append(arm)
        out.setdefault(label_of(row[0]) or f"row {i}", []).append(
            (arm, count_of(row[2]), count_of(row[3]))
        )
    alike = names_alike(names)
    if alike:
        raise DataError(problems.names_alike(alike))
    return {study: sorted(arms) for study, arms in out.items()}


def _counted(studies: Mapping[str, list[_Arm]], excluded: list[Excluded]) -> dict[str, list[_Arm]]:
    """Without arms whose numbers are missing, where two of the study are left."""
    out = dict(studies)
    for study, arms in studies.items():
        told = [arm for arm in arms if not np.isnan(arm[1] + arm[2])]
        if 1 < len(told) < len(arms):
            out[study] = told
            left = ", ".join(name for name, events, n in arms if np.isnan(events + n))
            excluded.append(Excluded(study, f"no numbers of {left}; the other arms stay"))
    return out


def _usable(studies: Mapping[str, list[_Arm]], excluded: list[Excluded]) -> dict[str, list[_Arm]]:
    why = {study: _wrong(arms) for study, arms in studies.items()}
    excluded.extend(Excluded(study, told) for study, told in why.items() if told)
    return {study: arms for study, arms in studies.items() if not why[study]}


def _wrong(arms: Sequence[_Arm]) -> str:
    """What keeps a study from being used, if anything."""
    names = [name for name, _, _ in arms]
    if "" in names:
        return "an arm has no treatment"
    if len(names) < 2:
        return f"one arm alone ({names[0]})"
    for i, (name, events, n) in enumerate(arms):
        if name in names[:i]:
            return f"two arms of one treatment ({name})"
        if not (1 <= n <= _MOST and 0 <= events <= n):
            return f"an arm's numbers cannot be used ({name}: {events:g} events of {n:g})"
    if all(events == 0 for _, events, _ in arms):
        return "no events in any arm"
    return "only events in all arms" if all(events == n for _, events, n in arms) else ""


def _by_design(studies: Mapping[str, list[_Arm]]) -> list[Design]:
    groups: dict[tuple[str, ...], list[str]] = {}
    for study, arms in studies.items():
        groups.setdefault(tuple(name for name, _, _ in arms), []).append(study)
    return [
        Design(
            " : ".join(arms),
            arms,
            tuple(names),
            np.array([[arm[1] for arm in studies[name]] for name in names]),
            np.array([[arm[2] for arm in studies[name]] for name in names]),
        )
        for arms, names in groups.items()
    ]


def _telling(design: Design, excluded: list[Excluded]) -> Design | None:
    """Without the arms that have only one outcome; None where fewer than two are left."""
    none = design.events.sum(axis=0) == 0
    only = (design.n - design.events).sum(axis=0) == 0
    silent = none | only
    if not silent.any():
        return design
    whole = np.count_nonzero(~silent) < 2
    told = [f"{'no' if none[i] else 'only'} events under {design.arms[i]}"
            for i in np.flatnonzero(silent)]  # fmt: skip
    why = f"{' and '.join(told)} in the studies of {design.name}"
    so = why if whole else f"{why}; the other arms stay"
    excluded.extend(Excluded(study, so) for study in design.studies)
    if whole:
        return None
    arms = tuple(arm for arm, gone in zip(design.arms, silent.tolist(), strict=True) if not gone)
    return replace(design, arms=arms, events=design.events[:, ~silent], n=design.n[:, ~silent])
