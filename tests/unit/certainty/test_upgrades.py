"""Rating up: only studies that were not randomised, and only where nothing lowered them."""

import math
from dataclasses import replace

import pytest

from osler.certainty.ledger import grade
from osler.certainty.model import Certainty, Level
from osler.certainty.upgrades import large_effect
from osler.review.model import Judgement, Review
from osler.synthesis.pool import synthesise
from tests.unit.certainty.sample import (
    PAIN,
    RECOVERY,
    case,
    finding,
    judged,
    judgement,
    review_of,
    with_bias,
)
from tests.unit.review.folders import STUDIES

COHORT = STUDIES.replace("parallel RCT", "cohort study")
DOWN = ("risk of bias", "inconsistency", "indirectness", "imprecision", "publication bias")


def cohort(ratio: float = 1.5, *judgements: Judgement) -> tuple[Review, Certainty]:
    """A large, precise cohort at low risk of bias."""
    review = with_bias(review_of(studies_csv=COHORT), one="low", two="low")
    review = judged(review, *judgements)
    answer = finding(RECOVERY, review).answer
    big = [replace(e, n=50_000, events=(e.events or (1, 2, 1, 2))) for e in answer.effects]
    answer = replace(answer, effects=tuple(big))
    exact = synthesise(["one", "two"], [math.log(ratio)] * 2, [1e-4] * 2, measure="RR")
    return review, grade(review, RECOVERY, answer, exact)


@pytest.mark.parametrize(
    ("ratio", "levels", "level"),
    [
        (1.5, 0, Level.LOW),
        (2.1, 1, Level.MODERATE),
        (0.45, 1, Level.MODERATE),
        (1.99, 0, Level.LOW),
        (5.1, 2, Level.HIGH),
        (0.19, 2, Level.HIGH),
    ],
)
def test_a_large_effect_raises_by_one_or_two(ratio: float, levels: int, level: Level) -> None:
    """Risk ratios beyond 2 or 0.5, and beyond 5 or 0.2 (GRADE guidelines 9)."""
    _, certainty = cohort(ratio)
    step = next(s for s in certainty.steps if s.reason == "large effect")
    assert (step.levels, step.way, certainty.level) == (levels, "up", level)


def test_it_never_rises_above_high() -> None:
    more = [judgement(RECOVERY, r, 1) for r in ("dose-response", "plausible confounding")]
    assert cohort(6.0, *more)[1].level is Level.HIGH


def test_a_person_may_see_a_dose_response() -> None:
    _, certainty = cohort(1.5, judgement(RECOVERY, "dose-response", 1))
    assert certainty.level is Level.MODERATE


def test_nothing_is_raised_where_a_reason_lowered() -> None:
    doubt = judgement(RECOVERY, "indirectness", 1)
    _, certainty = cohort(6.0, doubt, judgement(RECOVERY, "dose-response", 1))
    assert certainty.level is Level.VERY_LOW
    up = [s for s in certainty.steps if s.way == "up"]
    assert [s.levels for s in up] == [0, 0, 0]
    assert [s.rule_levels for s in up] == [0, 0, 0]
    told = "; not counted, as the certainty was lowered for indirectness"
    assert all(s.facts.endswith(told) for s in up)
    # The person's own number stays visible beside what counts.
    assert [s.judgement.levels for s in up if s.judgement] == [1]


def test_randomised_trials_have_no_steps_up() -> None:
    reasons = [s.reason for s in finding(RECOVERY, review_of()).certainty.steps]
    assert tuple(reasons) == DOWN


def test_an_odds_ratio_is_told_as_a_risk_ratio_first() -> None:
    """Groups of 10/40 and 20/50, median 0.325: odds of 3 times make 0.591, a ratio of 1.82."""
    review, answer, synthesis = case(RECOVERY, [math.log(3)], [0.01], measure="OR")
    events = finding(RECOVERY, review).answer.effects
    answer = replace(answer, effects=(*answer.effects[:0], *events))
    step = large_effect(review, answer, synthesis)
    assert step.facts == "RR 1.82 at a baseline risk of 325 per 1000"
    assert step.levels == 0


def test_a_risk_difference_that_leaves_no_risk_raises_nothing() -> None:
    review, answer, synthesis = case(RECOVERY, [-0.9], [0.01], measure="RD")
    step = large_effect(review, answer, synthesis)
    assert (step.levels, step.facts[:15]) == (0, "no risk is left")


def test_a_mean_raises_nothing() -> None:
    step = large_effect(*case(PAIN, [-60.0], [1.0]))
    assert (step.levels, "left to a person" in step.facts) == (0, True)


def test_without_a_baseline_an_odds_ratio_raises_nothing() -> None:
    review, answer, synthesis = case(RECOVERY, [math.log(30)], [0.01], measure="OR")
    answer = replace(answer, effects=tuple(replace(e, events=None) for e in answer.effects))
    step = large_effect(review, answer, synthesis)
    assert step.levels == 0
    assert "no baseline risk" in step.facts
