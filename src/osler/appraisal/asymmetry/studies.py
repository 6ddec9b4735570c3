"""The studies as arrays, checked once for every method of this package."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

import numpy as np
from numpy.typing import ArrayLike

from osler.appraisal.asymmetry import problems
from osler.core.arrays import Floats
from osler.core.frames import numbers_of as given_numbers
from osler.core.studies import StudyEstimates, check_studies
from osler.core.wording import level_percent, p_value
from osler.effects.scales import interval, scale_of, shown

MINIMUM_STUDIES = 10
"""With fewer, tests of asymmetry have too little power (Sterne et al. 2011, BMJ 343, d4002)."""

FEW = (
    "Fewer than {least} studies ({k}): chance cannot be told from small-study effects, "
    "and a result that shows nothing rules nothing out."
)

COUNTS = ("events_treated", "n_treated", "events_control", "n_control")
SIZES = ("n_treated", "n_control")

Arms = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class StudyNumbers:
    """Labels, and estimates and variances of shape (k,)."""

    measure: str
    labels: tuple[str, ...]
    y: Floats
    v: Floats

    @property
    def k(self) -> int:
        return len(self.labels)

    @property
    def se(self) -> Floats:
        return np.asarray(np.sqrt(self.v))


def numbers_of(effects: StudyEstimates, what: str, least: int) -> StudyNumbers:
    """Arrays of the studies.

    Raises
    ------
    DataError
        Where these are no effects of studies, but a table (INF010) or a meta-regression
        (INF013), where there are fewer than ``least`` (ASY001), or a number cannot be used
        (ASY002).
    """
    check_studies(effects)
    labels = tuple(str(label) for label in effects.studies)
    y = given_numbers(effects.estimates, "estimates")
    v = given_numbers(effects.variances, "variances")
    if not len(labels) == y.size == v.size:
        raise problems.lengths_disagree(f"{len(labels)} studies, {y.size} and {v.size} numbers")
    with np.errstate(invalid="ignore"):
        sound = (np.abs(y) <= 1e100) & (v >= 1e-100) & (v <= 1e100)
    for i in np.flatnonzero(~sound):
        raise problems.unusable_number(labels[i], y[i], v[i])
    if len(labels) < least:
        raise problems.too_few(what, len(labels), least)
    return StudyNumbers(effects.measure, labels, y, v)


def few_studies(k: int) -> tuple[str, ...]:
    """The warning, where it is due."""
    return (FEW.format(least=MINIMUM_STUDIES, k=k),) if k < MINIMUM_STUDIES else ()


def noted(notes: Sequence[str]) -> list[str]:
    """Notes as lines of a summary, none wider than a terminal."""
    return [
        f"  {'!' if i == 0 else ' '} {line}"
        for note in notes
        for i, line in enumerate(wrap(note, 90))
    ]


def arm_numbers(
    effects: StudyEstimates, arms: Arms | None, names: Sequence[str], what: str
) -> dict[str, Floats]:
    """Counts or sizes by role, each of shape (k,).

    ``arms`` where given, else what the effects carry.

    Raises
    ------
    DataError
        Where one is missing, of another length, not finite or impossible (ASY004).
    """
    known = arms if arms is not None else _carried(effects)
    missing = [name for name in names if known is None or name not in known]
    if known is None or missing:
        raise problems.missing_numbers(what, missing or names)
    labels = effects.studies
    found = {name: _checked(labels, known[name], name) for name in names}
    for events, n in (("events_treated", "n_treated"), ("events_control", "n_control")):
        if events in found:
            _check_counts(labels, found[events], found[n], events)
    return found


def _carried(effects: StudyEstimates) -> Arms | None:
    """Counts that effects have, or the effects that a synthesis was made of."""
    made_of = getattr(effects, "effects", None)
    found: Arms | None = getattr(effects, "arms", None) or getattr(made_of, "arms", None)
    return found


def model_named(given: str) -> str:
    """The documented name of a model: "random" and "common" stand for it in short.

    Examples
    --------
    >>> model_named("random"), model_named("common_effect")
    ('random_effects', 'common_effect')
    """
    return {"random": "random_effects", "common": "common_effect"}.get(given, given)


def ci(level: float) -> str:
    """ "95% CI"."""
    return f"{level_percent(level)} CI"


def with_ci(
    measure: str, estimate: float, lower: float, upper: float, level: float, p: float | None = None
) -> str:
    """An estimate as a paper gives it.

    Examples
    --------
    >>> with_ci("MD", -16.0, -21.3, -10.6, 0.95, 0.0004)
    '−16.0 (95% CI −21.3 to −10.6; p < 0.001)'
    """
    scale = scale_of(measure)
    unit = f" {scale.unit}" if scale.unit else ""
    tested = "" if p is None else f"; {p_value(p)}"
    limits = interval(scale, lower, upper)
    return f"{shown(scale, estimate)}{unit} ({ci(level)} {limits}{tested})"


def effect_words(measure: str) -> str:
    """What is estimated: "odds ratio"; "estimate" where the measure is not known."""
    return scale_of(measure).name


def model_words(model: str) -> str:
    """ "random-effects model" for "random_effects"."""
    return f"{model.replace('_', '-')} model"


def sample_sizes(
    effects: StudyEstimates, arms: Arms | None, n: ArrayLike | None, what: str
) -> Floats:
    """Participants of each study, shape (k,): ``n``, or the sum of both arms."""
    if n is not None:
        return _checked(effects.studies, n, "n")
    both = arm_numbers(effects, arms, SIZES, what)
    return np.asarray(both["n_treated"] + both["n_control"])


def _checked(labels: Sequence[str], values: ArrayLike, name: str) -> Floats:
    numbers = np.asarray(values, float)
    if numbers.shape != (len(labels),):
        raise problems.unusable_arm_number(name, f"{numbers.size} values for {len(labels)} studies")
    size = not name.startswith("events")
    for i in np.flatnonzero(~(np.isfinite(numbers) & (numbers > 0 if size else numbers >= 0))):
        raise problems.unusable_arm_number(labels[int(i)], f"{name} = {numbers[i]:g}")
    return numbers


def _check_counts(labels: Sequence[str], events: Floats, n: Floats, name: str) -> None:
    for i in np.flatnonzero(events > n):
        raise problems.unusable_arm_number(labels[int(i)], f"{name} = {events[i]:g} of {n[i]:g}")
