"""Small reviews to grade, and findings made of numbers alone."""

from collections.abc import Sequence
from dataclasses import replace

from osler.certainty.evidence import gather_evidence
from osler.certainty.model import Finding
from osler.core.diagnostics import Place
from osler.effects import Effect
from osler.review.model import Bias, BiasJudgement, Judgement, Outcome, Review, Threshold
from osler.review.reading import parse_review
from osler.synthesis.answers import Answer, StudyEffect
from osler.synthesis.model import Synthesis
from osler.synthesis.pool import synthesise
from tests.unit.review.folders import small_folder

PAIN = "rest vs usual care / leg pain"
RECOVERY = "rest vs usual care / recovery"


def review_of(**changed: str | bytes | None) -> Review:
    review, _ = parse_review(small_folder(**changed))
    assert review is not None
    return review


def finding(question: str, review: Review) -> Finding:
    return gather_evidence(review).findings[question]


def with_bias(review: Review, domain: str = "overall", **judgements: BiasJudgement) -> Review:
    rows = [
        Bias(study, domain, judgement, "stated", "", Place("bias.csv"))
        for study, judgement in judgements.items()
    ]
    return replace(review, bias=tuple(rows))


def judged(review: Review, *judgements: Judgement) -> Review:
    return replace(review, judgements=judgements)


def judgement(about: str, reason: str, levels: int, basis: str = "") -> Judgement:
    place = Place("certainty.toml", 3)
    return Judgement(about, reason, levels, "a reason", "A reviewer", "2026-01-31", place, basis)


def threshold(value: float, scale: str = "own") -> Threshold:
    return Threshold(
        value, "between groups", "guyatt-2011", "", "absolute" if scale == "absolute" else "own"
    )


def case(
    question: str, estimates: Sequence[float], variances: Sequence[float], **outcome: object
) -> tuple[Review, Answer, Synthesis]:
    """What a rule takes, for made-up effects; ``outcome`` changes the outcome's fields."""
    review = review_of()
    found = finding(question, review)
    changed: Outcome = replace(found.outcome, **outcome)  # type: ignore[arg-type]
    synthesis = synthesise(
        [f"S{i}" for i in range(len(estimates))],
        list(estimates),
        list(variances),
        measure=changed.measure,
    )
    effects = [
        made(found.answer.effects[-1], f"S{i}", y, v, changed.measure)
        for i, (y, v) in enumerate(zip(estimates, variances, strict=True))
    ]
    return review, replace(found.answer, outcome=changed, effects=tuple(effects)), synthesis


def made(
    like: StudyEffect, name: str, estimate: float, variance: float, measure: str
) -> StudyEffect:
    return replace(like, study="two", label=name, effect=Effect(measure, estimate, variance))
