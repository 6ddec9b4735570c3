"""Every finding of a review: the pooled answers, how certain they are, what may be said."""

from osler.certainty.baselines import absolutes
from osler.certainty.ledger import grade
from osler.certainty.model import Evidence, Finding
from osler.certainty.statements import statement
from osler.certainty.thresholds import direction_of, gauge, size_of
from osler.review.model import Review
from osler.synthesis.answers import Answer, answers
from osler.synthesis.model import Synthesis


def gather_evidence(review: Review) -> Evidence:
    """Answers every question of a review and grades each answer.

    Questions that no study can answer are in ``unanswered``, with the reasons in their
    ``left_out``.
    """
    found: dict[str, Finding] = {}
    unanswered: dict[str, Answer] = {}
    for key, answer in answers(review).items():
        if answer.synthesis is None:
            unanswered[key] = answer
        else:
            found[key] = finding_of(review, key, answer, answer.synthesis)
    return Evidence(found, unanswered)


def finding_of(review: Review, key: str, answer: Answer, synthesis: Synthesis) -> Finding:
    """One answer with its certainty, its size against the thresholds and its sentence."""
    certainty = grade(review, key, answer, synthesis)
    scale = gauge(answer)
    estimate = scale.at(synthesis.random.estimate)
    size = size_of(estimate, scale.limits)
    direction = direction_of(estimate, answer.outcome, scale.limits)
    absolute = absolutes(answer, synthesis)
    return Finding(
        about=key,
        comparison=answer.comparison,
        outcome=answer.outcome,
        answer=answer,
        synthesis=synthesis,
        certainty=certainty,
        direction=direction,
        size=size,
        conclusive=synthesis.random.ci_lower > 0 or synthesis.random.ci_upper < 0,
        absolute=next((a for a in absolute if a.name == "median"), None),
        statement=statement(answer.comparison, answer.outcome, certainty.level, size, direction),
        absolutes=absolute,
    )
