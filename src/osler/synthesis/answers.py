"""From a review to the pooled answer of each question, with everything left out named."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from osler.core.diagnostics import Diagnostic, Place
from osler.effects.model import Effect
from osler.review.model import Comparison, Outcome, Review, Study, about
from osler.synthesis.candidates import Candidate, Reported, Sides, candidates, reported, sides
from osler.synthesis.model import Synthesis
from osler.synthesis.pool import synthesise


@dataclass(frozen=True, slots=True)
class StudyEffect:
    """One study's contribution to one question.

    ``reported`` says in words what the effect was computed from ("32/47 against 8/46"
    or "MD -16.0 (-21.3 to -10.6), as reported"); ``scaling`` names a rescaling
    ("0-10 to 0-100") and is empty where none was made. ``n`` is the number of
    participants in both groups, None where not reported. ``events`` is (events, n,
    comparator events, comparator n) for counts, None otherwise.
    """

    study: str
    label: str
    effect: Effect
    reported: str
    instrument: str
    weeks: float | None
    scaling: str
    n: int | None
    events: tuple[int, int, int, int] | None
    places: tuple[Place, ...]
    source: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A study or a row that is not part of this answer, and why.

    ``diagnostics`` are there where numbers that stand in the tables cannot be used.
    """

    study: str
    label: str
    what: str
    why: str
    place: Place
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """All that the trials say to one question.

    ``synthesis`` is None where no study could be used.
    """

    comparison: Comparison
    outcome: Outcome
    effects: tuple[StudyEffect, ...]
    left_out: tuple[LeftOut, ...]
    synthesis: Synthesis | None


def answer(review: Review, comparison: Comparison, outcome: Outcome) -> Answer:
    """What the trials of a review say to one question.

    One effect a study: of several results, the first outcome name in ``outcome.accepts``,
    then the week nearest ``prefer_week``, then counts before contrasts (binary) or
    contrasts before means (continuous), adjusted before unadjusted. All others, and all
    that could not be used, are in ``left_out`` with the reason.
    """
    return _answer(review, comparison, outcome, _matching(review, reported(review), comparison))


def answers(review: Review) -> dict[str, Answer]:
    """The answer to every question (comparison x outcome) of a review, by its about."""
    studies = reported(review)
    found = {}
    for comparison in review.comparisons.values():
        matching = _matching(review, studies, comparison)
        for outcome in review.outcomes.values():
            key = about(comparison.name, outcome.name)
            found[key] = _answer(review, comparison, outcome, matching)
    return found


_Matching: TypeAlias = list[tuple[Study, Reported, Sides]]


def _matching(review: Review, studies: Mapping[str, Reported], comparison: Comparison) -> _Matching:
    """The studies with arms on both sides of a comparison."""
    out: _Matching = []
    for study in review.studies.values():
        arms = sides(studies[study.id].arms, comparison)
        if arms is not None:
            out.append((study, studies[study.id], arms))
    return out


def _answer(
    review: Review, comparison: Comparison, outcome: Outcome, matching: _Matching
) -> Answer:
    effects: list[StudyEffect] = []
    left_out: list[LeftOut] = []
    for study, rows, arms in matching:
        if not study.included:
            left_out.append(LeftOut(study.id, study.label, "study", study.reason, study.place))
            continue
        found = candidates(review, rows, arms, outcome)
        if not found:
            why = "no result for this outcome could be read"
            left_out.append(LeftOut(study.id, study.label, "study", why, study.place))
            continue
        if found[0].effect is not None:
            effects.append(_used(study, found[0]))
        left_out += _others(study, found)
    return Answer(
        comparison, outcome, tuple(effects), tuple(left_out), _pooled(review, outcome, effects)
    )


def _used(study: Study, best: Candidate) -> StudyEffect:
    if best.effect is None:
        raise ValueError("a candidate without an effect cannot be used")
    return StudyEffect(
        study.id,
        study.label,
        best.effect,
        best.reported,
        best.instrument,
        best.weeks,
        best.scaling,
        best.n,
        best.events,
        best.places,
        best.source,
    )


def _others(study: Study, found: tuple[Candidate, ...]) -> list[LeftOut]:
    best = found[0]
    out = []
    for other in found[1:] if best.effect is not None else found:
        why = other.problem or f"not needed: {best.what} of the same study is used"
        place, problems = other.places[0], other.diagnostics
        out.append(LeftOut(study.id, study.label, other.what, why, place, problems))
    return out


def _pooled(review: Review, outcome: Outcome, effects: list[StudyEffect]) -> Synthesis | None:
    if not effects:
        return None
    return synthesise(
        [e.label for e in effects],
        [e.effect.estimate for e in effects],
        [e.effect.variance for e in effects],
        measure=outcome.measure,
        tau2_method=review.model.tau2_method,
        ci_method=review.model.ci_method,
        level=review.model.level,
    )
