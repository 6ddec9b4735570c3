"""Every finding of a review: the pooled answers, how certain they are, what may be said."""

import math
import re
from statistics import median

from osler.certainty.model import Absolute, Certainty, Evidence, Finding, Level, Step
from osler.certainty.rules import RULES
from osler.certainty.statements import statement
from osler.certainty.thresholds import direction_of, limits, size_of
from osler.review.model import Review
from osler.synthesis.answers import Answer, answers
from osler.synthesis.model import Synthesis

_RANDOMISED = re.compile(r"\brcts?\b|\brandom(?:i[sz](?:ed|ation)|ly)?\b")
_NOT_RANDOMISED = re.compile(r"\b(?:non|not|un|quasi|pseudo)[\s-]?random|\bnon-?rct")


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
            found[key] = _finding(review, key, answer, answer.synthesis)
    return Evidence(found, unanswered)


def _finding(review: Review, key: str, answer: Answer, synthesis: Synthesis) -> Finding:
    certainty = grade(review, key, answer, synthesis)
    limit = limits(answer.outcome)
    estimate = synthesis.random.estimate
    size = size_of(estimate, limit)
    direction = direction_of(estimate, answer.outcome, limit)
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
        absolute=_absolute(answer, synthesis),
        statement=statement(answer.comparison, answer.outcome, certainty.level, size, direction),
    )


def grade(review: Review, key: str, answer: Answer, synthesis: Synthesis) -> Certainty:
    """The ledger of one finding: a step for each of GRADE's five reasons to rate down.

    Starts high for randomised trials and low where any study was not randomised.
    """
    designs = [review.studies[effect.study].design for effect in answer.effects]
    start = Level.HIGH if all(map(randomised, designs)) else Level.LOW
    steps = tuple(_judged(review, key, rule(review, answer, synthesis)) for rule in RULES)
    level = max(1, start - sum(step.levels for step in steps))
    return Certainty(start, steps, Level(level))


def randomised(design: str) -> bool:
    """Whether a design, in the words of studies.csv, says that chance decided who got what.

    Anything that does not say so counts as not randomised, so that "cohort" or "before and
    after" cannot start at high certainty.

    Examples
    --------
    >>> [randomised(d) for d in ("parallel RCT", "Cluster-randomised trial", "cohort study")]
    [True, True, False]
    >>> [randomised(d) for d in ("non-randomised", "quasi-randomized", "not randomised")]
    [False, False, False]
    """
    words = design.lower()
    if _NOT_RANDOMISED.search(words):
        return False
    return bool(_RANDOMISED.search(words))


def _judged(review: Review, key: str, step: Step) -> Step:
    """The step with a person's judgement in place of the rule's, where there is one."""
    for judgement in review.judgements:
        if judgement.about == key and judgement.reason == step.reason:
            return Step(
                step.reason, judgement.levels, step.rule_levels, step.rule, step.facts, judgement
            )
    return step


def _absolute(answer: Answer, synthesis: Synthesis) -> Absolute | None:
    """Risks with the intervention at the median risk of the comparator groups."""
    risks = [e.events[2] / e.events[3] for e in answer.effects if e.events is not None]
    baseline = median(risks) if risks else 0.0
    # Nobody had the event, or everybody: a ratio then says nothing about absolute numbers.
    if answer.outcome.kind != "binary" or not 0 < baseline < 1:
        return None
    pooled = synthesis.random
    ends = [
        _risk(baseline, x, answer.outcome.measure)
        for x in (pooled.estimate, pooled.ci_lower, pooled.ci_upper)
    ]
    groups = "group" if len(risks) == 1 else f"groups of {len(risks)} trials"
    source = f"the {'' if len(risks) == 1 else 'median of the '}comparator {groups}"
    return Absolute(baseline, ends[0], ends[1], ends[2], source)


def _risk(baseline: float, effect: float, measure: str) -> float:
    if measure == "RD":
        risk = baseline + effect
    elif measure == "OR":
        odds = baseline / (1 - baseline) * math.exp(effect)
        risk = odds / (1 + odds)
    else:
        risk = baseline * math.exp(effect)
    return min(1.0, max(0.0, risk))
