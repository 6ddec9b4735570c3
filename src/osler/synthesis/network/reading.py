"""From a table, of arms or of contrasts, to a network and the rows that are left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError, Diagnostic
from osler.core.frames import Table, columns_of
from osler.core.quantiles import normal_quantile
from osler.effects.measures import MEASURES, is_ratio
from osler.synthesis.asked import checked_level
from osler.synthesis.network import problems
from osler.synthesis.network.arms import ARM_MEASURES, Contrasts, StudyArms
from osler.synthesis.network.cells import check_names, label_of, numbers_of, roles_of
from osler.synthesis.network.contrasts import study_of_contrasts
from osler.synthesis.network.data import Network, SameArms
from osler.synthesis.network.model import Excluded


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
) -> ReadNetwork:
    """Read a table with one row an arm, or one row a contrast.

    Parameters
    ----------
    table : data frame or mapping of columns
        Arms: study, treatment, and events with n, mean with sd and n, or events with time.
        Contrasts: study, treat1, treat2, estimate (treat1 against treat2; ratios as logs)
        with se, variance, or ci_lower and ci_upper. Usual spellings are known.
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

    Raises
    ------
    DataError
        Where columns are not recognised (NET020), a measure cannot be had from them (NET021),
        or treatments' names differ in capitals or spaces alone (NET022). What is wrong with
        one study leaves that study out, and is told in the result.
    """
    data = columns_of(table)
    measure = _known_name(measure)
    roles = roles_of(list(data), columns or {})
    missing = [role for role in ("study",) if role not in roles]
    by_contrast = {"treat1", "treat2", "estimate"} <= set(roles)
    if missing or not (by_contrast or "treatment" in roles):
        raise DataError(problems.columns_unknown(list(data), sorted(roles)))
    names = [label_of(value) for value in data[roles["study"]]]
    sides = ("treat1", "treat2") if by_contrast else ("treatment",)
    arms = [[label_of(value) for value in data[roles[side]]] for side in sides]
    check_names([name for side in arms for name in side if name])
    numbers = {
        role: numbers_of(data[name])
        for role, name in roles.items()
        if role not in ("study", *sides)
    }
    rows = _rows_by_study(names)
    nameless = [str(i + 1) for i, name in enumerate(names) if not name]
    if by_contrast:
        found = _Found(
            {s: _contrast_study(s, at, arms, numbers, measure, level) for s, at in rows.items()}
        )
        return found.read(measure, nameless)
    chosen = _measure(measure, numbers)
    return _Found(
        {
            s: _arm_study(s, at, arms[0], numbers, chosen, all_studies=all_studies)
            for s, at in rows.items()
        }
    ).read(chosen, nameless)


def _known_name(measure: object) -> str:
    """The measure as Osler spells it; a name that it does not know stays as it is."""
    name = "" if measure is None else str(measure).strip()
    return name.upper() if name.upper() in MEASURES or is_ratio(name) else name


def _rows_by_study(names: Sequence[str]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        rows.setdefault(name or f"row {i + 1}", []).append(i)
    return rows


def _measure(asked: str, numbers: Mapping[str, Floats]) -> str:
    """The measure, or the usual one of what the arms have."""
    name = asked.upper()
    if not name:
        usual = (("IRR", ("events", "time")), ("OR", ("events", "n")), ("MD", ("mean", "sd", "n")))
        name = next((m for m, needs in usual if set(needs) <= set(numbers)), "")
    if name not in ARM_MEASURES:
        raise DataError(problems.measure_unknown(asked, sorted(numbers), list(ARM_MEASURES)))
    lacking = [need for need in ARM_MEASURES[name].needs if need not in numbers]
    if lacking:
        raise DataError(problems.measure_lacks(name, lacking))
    return name


Read = tuple[tuple[str, ...], Contrasts] | Diagnostic


def _contrast_study(
    study: str,
    rows: Sequence[int],
    sides: Sequence[Sequence[str]],
    numbers: Mapping[str, Floats],
    measure: str,
    level: float,
) -> Read:
    if any(not side[i] for side in sides for i in rows):
        return problems.nameless(study)
    y, v = numbers["estimate"], _variances(numbers, measure, level)
    outside = _outside(study, rows, sides, y, numbers)
    if outside is not None:
        return outside
    try:
        arms, found, covariance = study_of_contrasts(study, rows, sides[0], sides[1], y, v)
    except DataError as error:
        return error.diagnostics[0]
    return arms, Contrasts(found, covariance)


def _outside(
    study: str,
    rows: Sequence[int],
    sides: Sequence[Sequence[str]],
    y: Floats,
    numbers: Mapping[str, Floats],
) -> Diagnostic | None:
    """An estimate that its own interval does not hold."""
    if not {"ci_lower", "ci_upper"} <= set(numbers):
        return None
    for i in rows:
        low, high = float(numbers["ci_lower"][i]), float(numbers["ci_upper"][i])
        if y[i] < low or y[i] > high:
            return problems.outside_interval(
                study, sides[0][i], sides[1][i], float(y[i]), low, high
            )
    return None


def _variances(numbers: Mapping[str, Floats], measure: str, level: float) -> Floats:
    if "variance" in numbers:
        if "se" in numbers and not _agree(numbers["se"], numbers["variance"]):
            raise DataError(problems.columns_several("variance", ["variance", "se"]))
        return numbers["variance"]
    if "se" in numbers:
        return np.where(numbers["se"] > 0, numbers["se"] ** 2, np.nan)
    if "ci_lower" in numbers and "ci_upper" in numbers:
        half = (numbers["ci_upper"] - numbers["ci_lower"]) / 2.0
        z = float(normal_quantile(0.5 + checked_level(level) / 2.0))
        return np.where(half > 0, (half / z) ** 2, np.nan)
    raise DataError(problems.no_spread(is_ratio(measure)))


def _agree(se: Floats, variance: Floats) -> bool:
    both = ~np.isnan(se) & ~np.isnan(variance)
    return bool(np.allclose(se[both] ** 2, variance[both], rtol=1e-2))


def _arm_study(
    study: str,
    rows: Sequence[int],
    treatments: Sequence[str],
    numbers: Mapping[str, Floats],
    name: str,
    *,
    all_studies: bool,
) -> Read:
    arms = tuple(treatments[i] for i in rows)
    if "" in arms:
        return problems.nameless(study)
    if len(arms) < 2:
        return problems.one_arm(study, arms[0])
    if len(set(arms)) < len(arms):
        twice = next(arm for arm in arms if arms.count(arm) > 1)
        return problems.arm_twice(study, twice)
    measure = ARM_MEASURES[name]
    nothing = np.full(len(rows), np.nan)
    held = StudyArms(*(numbers.get(r, np.full(0, 0.0))[rows] if r in numbers else nothing
                       for r in StudyArms.__slots__))  # fmt: skip
    wrong = _wrong(study, arms, held, measure.needs, name)
    if wrong is not None:
        return wrong
    if measure.silent(held) and not all_studies:
        return problems.says_nothing(study, name)
    return arms, measure.contrasts(held)


def _wrong(
    study: str, arms: Sequence[str], held: StudyArms, needs: Sequence[str], name: str
) -> Diagnostic | None:
    """What keeps the numbers of a study from being used, if anything."""
    if name == "SMD" and held.n.sum() - held.n.size < _LEAST_FREEDOM:
        return problems.arm_unusable(study, arms[0], "n", float(held.n[0]))
    for i, arm in enumerate(arms):
        values = {need: float(getattr(held, need)[i]) for need in needs}
        bad = [
            need for need, value in values.items() if not np.isfinite(value) or value < _LEAST[need]
        ]
        if "n" in values and "events" in values and values["events"] > values["n"]:
            bad.append("events")
        if name == "ROM" and values["mean"] <= 0:
            bad.append("mean")
        bad += [need for need in ("sd", "time") if values.get(need, 1.0) <= 0]
        if bad:
            return problems.arm_unusable(study, arm, bad[0], values[bad[0]])
    return None


# A standardised difference needs so many degrees of freedom for its correction to exist.
_LEAST_FREEDOM = 2
_LEAST = {"events": 0.0, "n": 1.0, "mean": -np.inf, "sd": 0.0, "time": 0.0}


@dataclass(frozen=True, slots=True)
class _Found:
    """What was read of each study: arms with contrasts, or why not."""

    studies: Mapping[str, Read]

    def read(self, measure: str, nameless: Sequence[str]) -> ReadNetwork:
        good = {s: r for s, r in self.studies.items() if not isinstance(r, Diagnostic)}
        bad = {s: r for s, r in self.studies.items() if isinstance(r, Diagnostic)}
        added = [s for s, (_, contrasts) in good.items() if contrasts.added]
        return ReadNetwork(
            _network(good),
            measure,
            tuple(Excluded(study, d.message) for study, d in bad.items()),
            tuple(bad.values()),
            _told(added, nameless),
        )


def _told(added: Sequence[str], nameless: Sequence[str]) -> tuple[str, ...]:
    notes = []
    if added:
        studies = ", ".join(added)
        notes.append(f"0.5 was added to all cells of studies with an empty cell: {studies}")
    if nameless:
        rows = ", ".join(nameless[:12]) + (", ..." if len(nameless) > 12 else "")
        notes.append(f"rows without a study's name each count as a study of their own: {rows}")
    return tuple(notes)


def _network(found: Mapping[str, tuple[tuple[str, ...], Contrasts]]) -> Network:
    treatments = tuple(sorted({arm for arms, _ in found.values() for arm in arms}))
    code = {name: i for i, name in enumerate(treatments)}
    sizes: dict[int, list[tuple[int, list[int], Floats, Floats]]] = {}
    for s, (arms, contrasts) in enumerate(found.values()):
        row = (s, [code[arm] for arm in arms], contrasts.y, contrasts.v)
        sizes.setdefault(len(arms), []).append(row)
    groups = []
    for size in sorted(sizes):
        study, arms_, y, v = zip(*sizes[size], strict=True)
        groups.append(SameArms(np.array(study), np.array(arms_), np.array(y), np.array(v)))
    return Network(treatments, tuple(found), tuple(groups))
