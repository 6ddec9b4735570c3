"""From a table, of arms or of contrasts, to a network and the rows that are left out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from osler.core.diagnostics import DataError, Diagnostic, Place
from osler.core.frames import Table, columns_of
from osler.effects.measures import MEASURES, is_ratio
from osler.synthesis.asked import checked_name
from osler.synthesis.network import problems
from osler.synthesis.network.arm_rows import measure_of_arms, study_of_arms, with_spread
from osler.synthesis.network.arms import STANDARDISED
from osler.synthesis.network.cells import (
    CONTRAST_ROLES,
    COUNTS,
    label_of,
    measure_told,
    names_alike,
    numbers_of,
    roles_of,
)
from osler.synthesis.network.contrast_rows import contrast_rows
from osler.synthesis.network.contrasts import StudyContrasts, together
from osler.synthesis.network.data import Network
from osler.synthesis.network.model import Excluded
from osler.synthesis.network.relative_rows import Relative, is_relative, relative_contrasts
from osler.synthesis.network.study_read import Read, StudyRead, Unusable
from osler.synthesis.network.wide import one_row_an_arm

# A table of arms has some of these.
_ARM_NUMBERS = {"events", "n", "mean", "sd", "time", "estimate"}
_KINDS = {
    "d": "standardised mean differences are Cohen's d, by one standard deviation of all arms",
    "g": "standardised mean differences are Hedges' g, by one standard deviation of all arms",
}
# Of rows without a study's name so many are listed.
_MOST_NAMES = 12


@dataclass(frozen=True, slots=True)
class ReadNetwork:
    """A network, its measure, and what could not be used.

    ``diagnostics`` say why a study was left out, one for each of ``excluded``; ``notes`` what
    was added to cells.
    """

    network: Network
    measure: str
    excluded: tuple[Excluded, ...]
    diagnostics: tuple[Diagnostic, ...]
    notes: tuple[str, ...]


def read_network(
    table: Table,
    measure: str = "",
    *,
    columns: Mapping[str, str] | None = None,
    level: float = 0.95,
    all_studies: bool = False,
    smd: str = "d",
    where: Callable[[int, str], Place] | None = None,
) -> ReadNetwork:
    """Read a table with one row an arm, or one row a contrast.

    Parameters
    ----------
    table : data frame or mapping of columns
        Arms: study, treatment, and events with n, mean with sd and n (or with se), or events
        with time; or all arms of a study in one row, numbered (treat1, event1, n1, treat2, ...).
        Contrasts: study, treat1, treat2, estimate (treat1 against treat2; ratios as logs)
        with se, variance, or ci_lower and ci_upper; columns named OR, RR, HR or IRR hold ratios,
        with their interval. Relative effects as gemtc has them: study, treatment, diff and
        std.err, diff empty for the baseline. Usual spellings are known.
    measure : str
        From arms "OR", "RR", "RD", "AS", "MD", "SMD", "ROM", "IRR" or "IRD"; where left out OR
        from counts, MD from means, IRR from rates. From contrasts any name.
    columns : mapping of str to str, optional
        From the names above to those of the table.
    level : float
        Of intervals in the table.
    all_studies : bool
        Keep studies in which no arm had an event (or every person had one), with 0.5 added to
        their cells; otherwise they say nothing about a ratio, and are left out by name.
    smd : {"d", "g"}
        What a standardised mean difference from arms is: Cohen's d, as netmeta has it, or
        Hedges' g. Either takes one standard deviation for all arms of a study.
    where : callable, optional
        From a row of the table, from 0, and the name of a column ("" for the whole row) to where
        it stands, for what is said about it.

    Raises
    ------
    DataError
        Where columns are not recognised (NET020), a measure cannot be had from them (NET021),
        treatments' names differ in capitals or spaces alone (NET022), or ``smd`` is neither
        (SYN005). What is wrong with one study leaves that study out, and is told in the result.
    """
    checked_name("smd", smd, STANDARDISED)
    folded = one_row_an_arm(columns_of(table), columns or {})
    data = folded.columns
    roles = _roles(list(data), folded.given)
    told = _Telling(where or _nowhere, roles, folded.rows, folded.nameless)
    measure = _known_name(measure)
    if is_relative(data, roles):
        return _read_relative(relative_contrasts(data, roles), measure, level, told)
    by_contrast = {"treat1", "treat2", "estimate"} <= set(roles)
    by_arm = "treatment" in roles and bool(set(roles) & _ARM_NUMBERS)
    if "study" not in roles or not (by_contrast or by_arm):
        raise DataError(problems.columns_unknown(list(data), sorted(roles)))
    names = [label_of(value) for value in data[roles["study"]]]
    sides = ("treat1", "treat2") if by_contrast else ("treatment",)
    arms = [[label_of(value) for value in data[roles[side]]] for side in sides]
    _check_names(arms, sides, told)
    numbers = {
        role: numbers_of(data[name], counts=role in COUNTS)
        for role, name in roles.items()
        if role not in ("study", *sides)
    }
    rows = _rows_by_study(names)
    told = replace(
        told,
        treatments=sorted({name for side in arms for name in side if name}),
        nameless=[*told.nameless, *(str(i + 1) for i, name in enumerate(names) if not name)],
    )
    if by_contrast:
        contrasts = contrast_rows(arms, numbers, list(data), roles["estimate"], measure, level)
        return _read(contrasts.studies(rows), measure or measure_told(roles["estimate"]), told)
    numbers = with_spread(numbers)
    chosen = measure_of_arms(measure, numbers)
    found = {
        study: study_of_arms(study, at, arms[0], numbers, chosen, all_studies=all_studies, smd=smd)
        for study, at in rows.items()
    }
    return _read(found, chosen, told, _KINDS[smd] if chosen == "SMD" else "")


def _roles(header: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """From role to column: of contrasts where the table has them, whatever else stands beside."""
    if set(given) <= set(CONTRAST_ROLES):
        roles = roles_of(header, given, CONTRAST_ROLES)
        if {"treat1", "treat2", "estimate"} <= set(roles):
            return roles
    return roles_of(header, given)


def _nowhere(row: int, column: str) -> Place:
    return Place("")


@dataclass(frozen=True, slots=True)
class _Telling:
    """What a message about a row needs: its place, and how the table's columns are named.

    ``rows`` has the table's own row for each that is read, ``treatments`` all names in it.
    """

    where: Callable[[int, str], Place]
    roles: Mapping[str, str]
    rows: Sequence[int]
    nameless: Sequence[str] = ()
    treatments: Sequence[str] = ()

    def placed(self, found: Unusable) -> Diagnostic:
        place = self.where(self.rows[found.row], self.roles.get(found.role, ""))
        return replace(found.diagnostic, place=place)


def _check_names(arms: Sequence[Sequence[str]], sides: Sequence[str], told: _Telling) -> None:
    """Raise where names differ in capitals, spaces or hidden signs alone (NET022)."""
    alike = names_alike([name for side in arms for name in side if name])
    if alike:
        side, row = next((s, own.index(alike[1])) for s, own in enumerate(arms) if alike[1] in own)
        raise DataError(told.placed(Unusable(problems.names_alike(alike), row, sides[side])))


def _read_relative(relative: Relative, measure: str, level: float, told: _Telling) -> ReadNetwork:
    own = [told.rows[row] for row in relative.rows]
    read = read_network(
        relative.columns, measure, level=level, where=lambda row, _: told.where(own[row], "")
    )
    wrong = {study: told.placed(found) for study, found in relative.wrong.items()}
    return replace(
        read,
        excluded=(*read.excluded, *(Excluded(s, d.message) for s, d in wrong.items())),
        diagnostics=(*read.diagnostics, *wrong.values()),
    )


def _known_name(measure: object) -> str:
    """The measure as Osler spells it; a name that it does not know stays as it is."""
    name = "" if measure is None else str(measure).strip()
    return name.upper() if name.upper() in MEASURES or is_ratio(name) else name


def _rows_by_study(names: Sequence[str]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        rows.setdefault(name or f"row {i + 1}", []).append(i)
    return rows


def _read(found: Mapping[str, Read], measure: str, told: _Telling, kind: str = "") -> ReadNetwork:
    good = {s: r for s, r in found.items() if isinstance(r, StudyRead)}
    wrong = [(s, r if isinstance(r, Unusable) else r.partly) for s, r in found.items()]
    left = [(s, told.placed(problem)) for s, problem in wrong if problem is not None]
    network = together({study: _contrasts(read) for study, read in good.items()})
    lost = [name for name in told.treatments if name not in network.treatments]
    return ReadNetwork(
        network,
        measure,
        tuple(Excluded(study, d.message) for study, d in left),
        tuple(d for _, d in left),
        (*filter(None, [kind]), *_notes(good, measure, told.nameless, lost)),
    )


def _contrasts(read: StudyRead) -> StudyContrasts:
    return StudyContrasts(read.arms, read.contrasts.y, read.contrasts.v, read.contrasts.slack)


def _notes(
    found: Mapping[str, StudyRead], measure: str, nameless: Sequence[str], lost: Sequence[str]
) -> tuple[str, ...]:
    where = "all cells" if measure in ("OR", "RD") else "the events of all arms"
    notes = (
        (f"0.5 was added to {where} of studies with an empty cell",
         [study for study, read in found.items() if read.contrasts.added]),
        ("contrasts of these studies miss each other by rounding, and were fitted to each other",
         [study for study, read in found.items() if read.contrasts.slack is not None]),
        ("rows without a study's name each count as a study of their own", _some(nameless)),
        ("no study is left of these treatments, so nothing is told about them", lost),
    )  # fmt: skip
    return tuple(f"{note}: {', '.join(which)}" for note, which in notes if which)


def _some(names: Sequence[str]) -> list[str]:
    return [*names[:_MOST_NAMES], *(["..."] if len(names) > _MOST_NAMES else [])]
