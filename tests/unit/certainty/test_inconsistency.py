"""Inconsistency: I2, tau2 and the prediction interval against the thresholds."""

import math
from dataclasses import replace

import pytest

from osler.certainty.rules import inconsistency
from tests.unit.certainty.sample import PAIN, RECOVERY, case, threshold


def levels(estimates: list[float], variance: float, **outcome: object) -> tuple[int, str]:
    review, answer, synthesis = case(PAIN, estimates, [variance] * len(estimates), **outcome)
    step = inconsistency(review, answer, synthesis)
    assert step.levels == step.rule_levels
    return step.levels, step.facts


def test_a_prediction_interval_that_reaches_a_threshold_counts() -> None:
    """Estimates all beyond 10, mean -20, tau about 5.4: new trials may fall short of 10."""
    found, facts = levels([-11, -15, -18, -20, -22, -25, -29] * 2, 1.0)
    assert found == 1
    assert "on one side" in facts
    assert "prediction interval -32" in facts


def test_few_studies_that_agree_are_not_inconsistent_however_wide_the_prediction() -> None:
    """Three studies: t with one degree of freedom makes the prediction reach 10 from -6."""
    found, facts = levels([-6.0, -6.1, -5.9], 9.0)
    assert found == 0
    assert "I2 0%, tau2 0;" in facts


def test_what_the_confidence_interval_contains_is_imprecision_not_inconsistency() -> None:
    """The mean's own interval holds -10 already, so the spread adds nothing."""
    found, _ = levels([-3.0, -10.5, -18.0], 50.0)
    assert found == 0


def test_much_spread_on_one_side_of_every_threshold_does_not_matter() -> None:
    found, facts = levels([-60.0, -50.0, -40.0, -55.0, -45.0], 1.0)
    assert found == 0
    assert "I2 9" in facts


def test_important_benefit_and_important_harm_are_two_levels() -> None:
    assert levels([-30.0, 30.0, -28.0, 31.0], 4.0)[0] == 2


def test_one_small_study_on_the_other_side_is_no_second_level() -> None:
    """Mean about -24 and tau about 14: 1% of the true effects beyond 10, and 13 +- 20 may be 0."""
    review, answer, synthesis = case(
        PAIN, [-40.0, -28.0, -35.0, -20.0, -10.5, 13.0], [4.0, 4.0, 4.0, 4.0, 4.0, 100.0]
    )
    step = inconsistency(review, answer, synthesis)
    assert (step.levels, "different sides" in step.facts) == (1, True)
    assert "each direction" not in step.facts


def test_the_fringe_of_widely_spread_benefit_is_no_harm() -> None:
    """Mean -40, tau about 27: the middle 95% ends at 13, beyond 10 lie 3% of the true effects."""
    found, facts = levels([-80.0, -60.0, -40.0, -20.0, -11.0, -65.0, -5.0], 1.0)
    assert found == 1
    assert "true effects -9" in facts
    assert "each direction" not in facts


@pytest.mark.parametrize(("estimate", "level"), [(13.8, 1), (14.1, 2)])
def test_two_whole_intervals_on_opposite_sides_are_two_levels(estimate: float, level: int) -> None:
    """Two studies, SE 2, MID 10: an interval lies wholly beyond from 13.92 on."""
    found, facts = levels([-30.0, estimate], 4.0)
    assert found == level
    assert ("whole intervals important in each direction" in facts) == (level == 2)


def test_a_prediction_that_reaches_counts_only_where_the_studies_disagree() -> None:
    """Both predictions reach -10 and both tau do not; only the second I2 is 50% or more."""
    estimates = [-19.0, -20.0, -21.0, -20.0]
    agreeing, facts = levels(estimates, 60.0)
    assert (agreeing, facts[:6]) == (0, "I2 0%,")
    assert "prediction interval -32.3 to -7.67" in facts
    apart, facts = levels([-16.0, -20.0, -24.0], 5.0)
    assert apart == 1
    assert "on one side" in facts
    assert "prediction interval -37.4 to -2.61" in facts
    assert "true effects -26.5 to -13.5" in facts


def test_true_effects_that_reach_count_whatever_i2_is() -> None:
    """Imprecise studies: I2 under 50%, and a tau of 8 around a mean of -20."""
    found, facts = levels([-35.0, -32.0, -20.0, -8.0, -5.0] * 4, 90.0)
    assert "I2 4" in facts
    assert found == 1


def test_trivial_effects_that_spread_into_both_directions_are_two_levels() -> None:
    """No estimate is important, and one true effect in three is: mean 0, tau about 9.8."""
    found, facts = levels([-9.5, 9.5] * 7, 0.5)
    assert "on one side" in facts
    assert found == 2


def test_what_the_mean_itself_may_be_is_not_counted_again() -> None:
    """Three studies from -9.9 to 9.9: the mean's own interval holds both thresholds."""
    assert levels([-9.9, 0.0, 9.9], 0.1)[0] == 0


def test_a_spread_of_next_to_nothing_is_told_as_none() -> None:
    review, answer, synthesis = case(PAIN, [-20.0, -21.0, -19.0], [9.0] * 3)
    spread = replace(synthesis.heterogeneity, i2=1e-5, tau2=1e-7)
    step = inconsistency(review, answer, replace(synthesis, heterogeneity=spread))
    assert step.facts.startswith("I2 0%, tau2 0;")


def test_in_the_partial_approach_sizes_count_as_sides() -> None:
    """12 and 35 are both important; small and large where 20 and 30 are declared."""
    estimates = [-12.0, -35.0]
    partly = {"approach": "partial", "moderate": threshold(20), "large": threshold(30)}
    assert levels(estimates, 4.0)[0] == 0
    assert levels(estimates, 4.0, **partly)[0] == 1


def test_absolute_thresholds_are_held_at_the_baseline_risk() -> None:
    """Ratios of 0.4 and 0.9 at the groups' 325 per 1000: 195 and 33 fewer, on both sides of 50."""
    estimates = [math.log(0.4), math.log(0.9)]
    review, answer, synthesis = case(
        RECOVERY, estimates, [0.01, 0.01], mid=threshold(0.05, "absolute")
    )
    step = inconsistency(review, answer, synthesis)
    assert step.levels == 1
    wide = case(RECOVERY, estimates, [0.01, 0.01], mid=threshold(0.01, "absolute"))
    assert inconsistency(*wide).levels == 0


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_studies_say_so(count: int) -> None:
    _, facts = levels([-20.0] * count, 4.0)
    assert ("one study" in facts) if count == 1 else ("fewer than three" in facts)
