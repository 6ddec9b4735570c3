"""Results that are known to exist and are not in the synthesis."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain

from osler.review.model import Contrast, Outcome, Result, Review
from osler.synthesis.answers import Answer, LeftOut

NOTHING_TO_ESTIMATE = frozenset({"EFF013", "EFF014"})
"""Nobody, or everybody, had the event: the result is there, and a ratio cannot be had of it."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What an answer lacks.

    ``known`` are labels of studies with a row for this outcome and time that cannot be
    pooled; ``silent`` how many more studies of the comparison have no result for it;
    ``set_aside`` how many studies.csv leaves out, with its reason.
    ``share`` is the part of all participants that the pooled studies hold, 1 where nothing
    is known to be missing.
    """

    known: tuple[str, ...]
    silent: int
    set_aside: int
    share: float


def missing_results(review: Review, answer: Answer) -> Missing:
    """What is known to be missing from an answer, by the tables of the folder."""
    used = {effect.study for effect in answer.effects}
    left = [row for row in answer.left_out if row.study in review.studies and row.study not in used]
    of_study = {row.study for row in left if row.what == "study"}
    aside = {study for study in of_study if not review.studies[study].included}
    known = _known(review, answer, [row for row in left if row.study not in aside])
    silent = of_study - aside - set(known)
    return Missing(tuple(known.values()), len(silent), len(aside), _share(review, answer, known))


def _known(review: Review, answer: Answer, left: Sequence[LeftOut]) -> dict[str, str]:
    """Labels of studies with a row for the outcome and its time that gives no effect."""
    unusable = [
        row
        for row in left
        if row.what != "study" and not _nothing_to_estimate({d.code for d in row.diagnostics})
    ]
    rows = _rows(review, {row.study for row in unusable})
    return {
        row.study: row.label
        for row in unusable
        if _in_time(rows.get((row.place.file, row.place.line)), answer.outcome)
    }


def _nothing_to_estimate(codes: Set[str]) -> bool:
    return bool(codes) and codes <= NOTHING_TO_ESTIMATE


def _rows(review: Review, studies: Set[str]) -> Mapping[tuple[str, int], Result | Contrast]:
    """The rows of some studies by their place; a row left out does not tell its week."""
    if not studies:
        return {}
    rows: Iterable[Result | Contrast] = chain(review.results, review.contrasts)
    return {(row.place.file, row.place.line): row for row in rows if row.study in studies}


def _in_time(row: Result | Contrast | None, outcome: Outcome) -> bool:
    """Whether a row is of the time that the outcome asks for."""
    if row is None:
        return False
    if row.weeks is None:
        return outcome.weeks_unknown
    return outcome.weeks[0] <= row.weeks <= outcome.weeks[1]


def _share(review: Review, answer: Answer, known: Mapping[str, str]) -> float:
    """The pooled studies' part of the participants; a size not reported counts as the mean."""
    sizes = [effect.n for effect in answer.effects if effect.n]
    typical = sum(sizes) / len(sizes) if sizes else 1.0
    pooled = sum(effect.n or typical for effect in answer.effects)
    missing = sum(_size(review, study) or typical for study in known)
    return pooled / (pooled + missing) if pooled else 1.0


def _size(review: Review, study: str) -> int:
    """Participants of a study: those randomised, or else those of its arms; 0 where not told."""
    arms = [arm.n or 0 for arm in review.arms if arm.study == study]
    return review.studies[study].randomised or sum(arms)
