"""From a table, of arms or of contrasts, to a network and the rows that are left out."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError, Diagnostic
from osler.core.frames import Table, columns_of
from osler.core.quantiles import normal_quantile
from osler.effects.measures import is_ratio
from osler.synthesis.network import problems
from osler.synthesis.network.arms import ARM_MEASURES, Contrasts, StudyArms
from osler.synthesis.network.contrasts import study_of_contrasts
from osler.synthesis.network.data import Network, SameArms
from osler.synthesis.network.model import Excluded

# Usual names of columns, without capitals, spaces and signs; those of netmeta, gemtc, CINeMA.
SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "study": ("study", "studlab", "studyid", "id", "trial", "author", "label", "name", "studies"),
    "treatment": ("treatment", "treat", "trt", "arm", "t", "intervention", "treatments"),
    "treat1": ("treat1", "t1", "treatment1", "trt1", "arm1"),
    "treat2": ("treat2", "t2", "treatment2", "trt2", "arm2", "comparator"),
    "events": ("events", "event", "r", "responders", "xi", "x", "cases"),
    "n": ("n", "ni", "samplesize", "size", "total", "participants"),
    "mean": ("mean", "y", "mi", "m", "average"),
    "sd": ("sd", "sdi", "stddev", "stdev", "standarddeviation"),
    "time": ("time", "ti", "exposure", "persontime", "personyears", "e"),
    "estimate": ("estimate", "te", "yi", "effect", "diff", "es"),
    "se": ("se", "sete", "sei", "stderr", "standarderror"),
    "variance": ("variance", "vi", "v", "var"),
    "ci_lower": ("cilower", "lower", "lci", "lcl"),
    "ci_upper": ("ciupper", "upper", "uci", "ucl"),
}


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
    roles = _roles(list(data), columns or {})
    missing = [role for role in ("study",) if role not in roles]
    by_contrast = {"treat1", "treat2", "estimate"} <= set(roles)
    if missing or not (by_contrast or "treatment" in roles):
        raise DataError(problems.columns_unknown(list(data), sorted(roles)))
    names = [_label(value) for value in data[roles["study"]]]
    sides = ("treat1", "treat2") if by_contrast else ("treatment",)
    arms = [[_label(value) for value in data[roles[side]]] for side in sides]
    _check_names([name for side in arms for name in side if name])
    numbers = {
        role: _numbers(data[name]) for role, name in roles.items() if role not in ("study", *sides)
    }
    rows = _rows_by_study(names)
    if by_contrast:
        found = _Found(
            {s: _contrast_study(s, at, arms, numbers, measure, level) for s, at in rows.items()}
        )
        return found.read(measure)
    chosen = _measure(measure, numbers)
    return _Found(
        {
            s: _arm_study(s, at, arms[0], numbers, chosen, all_studies=all_studies)
            for s, at in rows.items()
        }
    ).read(chosen)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _roles(header: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """From role to column: as told, else by the usual names."""
    strange = [name for name in given.values() if name not in header]
    unknown = [role for role in given if role not in SPELLINGS]
    if strange or unknown:
        raise DataError(problems.columns_unknown(list(header), [*strange, *unknown]))
    plain = {_plain(name): name for name in reversed(header) if name not in given.values()}
    out = dict(given)
    for role, spellings in SPELLINGS.items():
        match = next((plain[s] for s in spellings if s in plain), None)
        if role not in out and match is not None:
            out[role] = match
    return out


def _label(value: object) -> str:
    if value is None or (isinstance(value, float) and value != value):
        return ""
    return str(value).strip()


def _numbers(values: Iterable[object]) -> Floats:
    """NaN where a cell is empty or no number; the study that needs it says so."""

    def number(value: object) -> float:
        try:
            return float(str(value)) if value is not None else np.nan
        except ValueError:
            return np.nan

    return np.array([number(value) for value in values], float)


def _rows_by_study(names: Sequence[str]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        rows.setdefault(name or f"row {i + 1}", []).append(i)
    return rows


def _check_names(names: Sequence[str]) -> None:
    alike: dict[str, dict[str, None]] = {}
    for name in names:
        alike.setdefault(" ".join(name.lower().split()), {})[name] = None
    for spellings in alike.values():
        if len(spellings) > 1:
            raise DataError(problems.names_alike(list(spellings)))


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
    y, v = numbers["estimate"], _variances(numbers, measure, level)
    try:
        arms, found, covariance = study_of_contrasts(study, rows, sides[0], sides[1], y, v)
    except DataError as error:
        return error.diagnostics[0]
    return arms, Contrasts(found, covariance)


def _variances(numbers: Mapping[str, Floats], measure: str, level: float) -> Floats:
    if "variance" in numbers:
        return numbers["variance"]
    if "se" in numbers:
        return np.where(numbers["se"] > 0, numbers["se"] ** 2, np.nan)
    if "ci_lower" in numbers and "ci_upper" in numbers:
        half = (numbers["ci_upper"] - numbers["ci_lower"]) / 2.0
        return np.asarray((half / float(normal_quantile(0.5 + level / 2.0))) ** 2)
    raise DataError(problems.no_spread(is_ratio(measure)))


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


_LEAST = {"events": 0.0, "n": 1.0, "mean": -np.inf, "sd": 0.0, "time": 0.0}


@dataclass(frozen=True, slots=True)
class _Found:
    """What was read of each study: arms with contrasts, or why not."""

    studies: Mapping[str, Read]

    def read(self, measure: str) -> ReadNetwork:
        good = {s: r for s, r in self.studies.items() if not isinstance(r, Diagnostic)}
        bad = {s: r for s, r in self.studies.items() if isinstance(r, Diagnostic)}
        added = [s for s, (_, contrasts) in good.items() if contrasts.added]
        return ReadNetwork(
            _network(good),
            measure,
            tuple(Excluded(study, d.message) for study, d in bad.items()),
            tuple(bad.values()),
            _told(added),
        )


def _told(added: Sequence[str]) -> tuple[str, ...]:
    if not added:
        return ()
    return (
        f"0.5 was added to all cells of studies with an arm without events: {', '.join(added)}",
    )


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
