"""Studies from a table with one row an arm."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.synthesis.network import problems
from osler.synthesis.network.arms import ARM_MEASURES, STANDARDISED, StudyArms
from osler.synthesis.network.study_read import Read, StudyRead, Unusable

# A standardised difference needs so many degrees of freedom for its correction to exist.
_LEAST_FREEDOM = 2
_LEAST = {"events": 0.0, "n": 1.0, "mean": -np.inf, "sd": 0.0, "time": 0.0}


# Of other programs: the arcsine difference.
_ALSO = {"ASD": "AS"}


def with_spread(numbers: Mapping[str, Floats]) -> dict[str, Floats]:
    """With a mean and a standard deviation of each arm, where its estimate and se are told.

    Examples
    --------
    >>> found = with_spread({"mean": np.array([2.0]), "se": np.array([0.5]), "n": np.array([16.0])})
    >>> found["sd"]
    array([2.])
    """
    out = dict(numbers)
    if "mean" not in out and "events" not in out and "estimate" in out:
        out["mean"] = out["estimate"]
    if "sd" not in out and {"mean", "se"} <= set(out):
        # Without sizes a standard error is the standard deviation of one.
        out.setdefault("n", np.ones_like(out["se"]))
        out["sd"] = out["se"] * np.sqrt(np.maximum(out["n"], 0.0))
    return out


def measure_of_arms(asked: str, numbers: Mapping[str, Floats]) -> str:
    """The measure, or the usual one of what the arms have.

    Raises
    ------
    DataError
        Where arms cannot give it, or lack a number for it (NET021).
    """
    name = _ALSO.get(asked.upper(), asked.upper())
    if not name:
        usual = (("IRR", ("events", "time")), ("OR", ("events", "n")), ("MD", ("mean", "sd", "n")))
        name = next((m for m, needs in usual if set(needs) <= set(numbers)), "")
    if name not in ARM_MEASURES:
        raise DataError(problems.measure_unknown(asked, sorted(numbers), list(ARM_MEASURES)))
    lacking = [need for need in ARM_MEASURES[name].needs if need not in numbers]
    if lacking:
        raise DataError(problems.measure_lacks(name, lacking))
    return name


def study_of_arms(
    study: str,
    rows: Sequence[int],
    treatments: Sequence[str],
    numbers: Mapping[str, Floats],
    name: str,
    *,
    all_studies: bool,
    smd: str = "d",
) -> Read:
    """One study: its arms, without those that have no numbers where two are left that have."""
    arms = tuple(treatments[i] for i in rows)
    problem = _misnamed(study, arms, rows)
    if problem is not None:
        return problem
    measure = STANDARDISED[smd] if name == "SMD" else ARM_MEASURES[name]
    empty = [need for need in measure.needs if np.isnan(numbers[need][list(rows)]).any()]
    told = [i for i in rows if not any(np.isnan(numbers[need][i]) for need in empty)]
    if empty and len(told) > 1:
        lacking = [i for i in rows if i not in told]
        found = study_of_arms(
            study, told, treatments, numbers, name, all_studies=all_studies, smd=smd
        )
        if isinstance(found, Unusable):
            return found
        left = problems.arms_empty(study, [treatments[i] for i in lacking], empty)
        return replace(found, partly=Unusable(left, lacking[0], empty[0]))
    nothing = np.full(len(rows), np.nan)
    held = StudyArms(
        *(numbers[r][list(rows)] if r in numbers else nothing for r in StudyArms.__slots__)
    )
    wrong = _wrong(study, arms, held, measure.needs, name)
    if wrong is not None:
        return replace(wrong, row=rows[wrong.row])
    if measure.silent(held) and not all_studies:
        return Unusable(problems.says_nothing(study, name), rows[0])
    contrasts = measure.contrasts(held)
    if not _positive(contrasts.v):
        told_so = replace(problems.variances_contradict(study, arms), so="the study is left out")
        return Unusable(told_so, rows[0])
    return StudyRead(arms, contrasts)


def _misnamed(study: str, arms: Sequence[str], rows: Sequence[int]) -> Unusable | None:
    """An arm without a treatment, alone, or there twice."""
    if "" in arms:
        return Unusable(problems.nameless(study), rows[arms.index("")], "treatment")
    if len(arms) < 2:
        return Unusable(problems.one_arm(study, arms[0]), rows[0])
    for n, arm in enumerate(arms):
        if arm in arms[:n]:
            return Unusable(problems.arm_twice(study, arm), rows[n], "treatment")
    return None


def _positive(v: Floats) -> bool:
    """Whether it is a covariance: of one contrast a variance above 0."""
    if len(v) == 1:
        return bool(v[0, 0] > 0)
    return bool(np.linalg.eigvalsh(v).min() > 1e-10 * np.diag(v).max())


def _wrong(
    study: str, arms: Sequence[str], held: StudyArms, needs: Sequence[str], name: str
) -> Unusable | None:
    """What keeps the numbers of a study from being used, if anything; ``row`` is the arm's."""
    if name == "SMD" and held.n.sum() - held.n.size < _LEAST_FREEDOM:
        return Unusable(problems.arm_unusable(study, arms[0], "n", float(held.n[0])), 0, "n")
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
            told = problems.arm_unusable(study, arm, bad[0], values[bad[0]])
            return Unusable(told, i, bad[0])
    return None
