"""Imprecision minimally and partly contextualised, on the outcome's own and the absolute scale."""

import math
from dataclasses import replace

import pytest

from osler.certainty.information import information_size, needs_information
from osler.certainty.rules import imprecision
from osler.certainty.thresholds import (
    Gauge,
    Limits,
    gauge,
    inside,
    limits,
    size_of,
    trivial_band,
    zone_of,
)
from osler.core.diagnostics import Place
from osler.review.model import Baseline, Threshold
from tests.unit.certainty.sample import PAIN, RECOVERY, case, threshold

PLACE = Place("osler.toml")
PARTLY = {"approach": "partial", "moderate": threshold(20), "large": threshold(30)}


def step_levels(lower: float, upper: float, **outcome: object) -> tuple[int, str]:
    """The levels of a mean difference with this interval; one large trial."""
    half = (upper - lower) / 2 / 1.959963984540054
    review, answer, synthesis = case(PAIN, [(lower + upper) / 2], [half**2], **outcome)
    step = imprecision(review, answer, synthesis)
    return step.levels, step.facts


@pytest.mark.parametrize(
    ("lower", "upper", "levels"),
    [(-19, -12, 0), (-19, -9, 1), (-25, -15, 1), (-25, -5, 2), (-35, -5, 3), (-45, 15, 3)],
)
def test_partly_contextualised_counts_every_threshold_up_to_three(
    lower: float, upper: float, levels: int
) -> None:
    """Thresholds at 10, 20 and 30 points (GRADE guidance 35)."""
    assert step_levels(lower, upper, **PARTLY)[0] == levels


def test_minimally_contextualised_counts_the_smallest_only() -> None:
    minimal = PARTLY | {"approach": "minimal"}
    assert step_levels(-35, -5, **minimal)[0] == 1
    assert step_levels(-25, -15, **minimal)[0] == 0


def test_from_large_benefit_to_large_harm_is_three_levels() -> None:
    assert step_levels(-31, 31, large=threshold(30))[0] == 3
    assert step_levels(-31, 29, large=threshold(30))[0] == 2


def test_the_facts_name_the_interval_and_the_thresholds_inside() -> None:
    _, facts = step_levels(-25, -5, **PARTLY)
    assert facts == "the interval -25 to -5 contains two thresholds (-20, -10)"


def test_an_interval_that_touches_a_threshold_does_not_contain_it() -> None:
    assert Limits(10, 20).edges() == (-10, 10)
    review, answer, synthesis = case(PAIN, [-15.0], [1.0])
    assert imprecision(review, answer, synthesis).levels == 0


@pytest.mark.parametrize(
    ("estimate", "size"),
    [(9.99, "trivial"), (10, "small"), (20, "moderate"), (30, "large"), (-19.9, "small")],
)
def test_a_threshold_belongs_to_the_size_that_begins_there(estimate: float, size: str) -> None:
    assert size_of(estimate, Limits(10, 30, 20)) == size


def test_a_ratio_that_is_exactly_the_threshold_reaches_it() -> None:
    """25 of 50 against 20 of 50: the difference of two logarithms may miss log(1.25) by a hair."""
    for found in (math.log(25 / 50) - math.log(20 / 50), math.log(1.25) * (1 - 1e-15)):
        assert size_of(found, Limits(math.log(1.25), math.inf)) == "important"
        assert zone_of(-found, Limits(math.log(1.25), math.inf)) == -1
    assert inside(-6.0, 10 + 1e-12, Limits(10, math.inf)) == ()


@pytest.mark.parametrize(
    ("lower", "upper", "levels"),
    [(0.62, 194, 2), (0.76, 194, 1), (0.62, 1.24, 1), (0.98, 1.02, 1), (1.3, 1.6, 0)],
)
def test_without_a_threshold_a_ratio_has_the_rough_guide(
    lower: float, upper: float, levels: int
) -> None:
    """No effect inside is one level; 0.75 and 1.25 inside as well are two."""
    ends = math.log(lower), math.log(upper)
    variance = ((ends[1] - ends[0]) / 3.9199279690801081) ** 2
    review, answer, synthesis = case(RECOVERY, [sum(ends) / 2], [variance], mid=None)
    effects = tuple(replace(effect, events=(10, 20, 10, 20), n=9999) for effect in answer.effects)
    step = imprecision(review, replace(answer, effects=effects), synthesis)
    assert step.levels == levels
    assert "0.75 and 1.25" in step.rule


def test_ratios_beyond_all_reason_are_told_as_such() -> None:
    scale = Gauge(Limits(0.2, 1), "RR")
    assert scale.between(-70, 70) == "RR below 0.01 to over 1000"
    assert scale.shown(math.log(999.99)) == "RR 999.99"
    assert scale.shown(math.log(0.006)) == "RR 0.01"


class TestInformation:
    """The information size is asked where an effect is implausibly large, or is none."""

    def test_a_plausible_effect_is_not_asked(self) -> None:
        assert needs_information(-15, Limits(10, 20)) == ""

    @pytest.mark.parametrize("estimate", [-20, 25, 0, 9])
    def test_a_large_or_trivial_effect_is_asked(self, estimate: float) -> None:
        assert needs_information(estimate, Limits(10, 20))

    def test_without_a_threshold_for_large_every_important_effect_is_asked(self) -> None:
        assert needs_information(-15, Limits(10, math.inf))

    def test_a_large_effect_from_few_participants_is_rated_down(self) -> None:
        """100 participants; the variance of 16 stands for SD 20, which asks for 126."""
        review, answer, synthesis = case(PAIN, [-40.0], [16.0], large=threshold(30))
        step = imprecision(review, answer, synthesis)
        assert step.levels == 1
        assert "100 participants against an information size of 126" in step.facts

    def test_the_same_few_participants_and_a_plausible_effect_are_not(self) -> None:
        review, answer, synthesis = case(PAIN, [-20.0], [16.0], large=threshold(30))
        step = imprecision(review, answer, synthesis)
        assert step.levels == 0
        assert "not so large" in step.facts

    def test_for_risks_the_smallest_important_difference_decides(self) -> None:
        """20 of 50 controls: risk 0.4 to 0.3 needs 2 * 7.849 * 0.45 / 0.01 = 706.4."""
        _, answer, _ = case(RECOVERY, [0.1], [0.01], mid=threshold(0.1, "absolute"))
        assert information_size(answer.effects, answer.outcome) == 707

    def test_a_risk_difference_has_its_smallest_important_difference_too(self) -> None:
        """0.4 to 0.2: 2 * 7.849 * (0.24 + 0.16) / 0.04 = 156.98; 25% of 0.4 would need 707."""
        _, answer, _ = case(RECOVERY, [0.1], [0.01], measure="RD", mid=threshold(0.2))
        assert information_size(answer.effects, answer.outcome) == 157

    def test_a_ratio_is_looked_for_as_it_is_declared(self) -> None:
        """0.4 times 1.25 is 0.5, by 1.25 0.32: 2 * 7.849 * (0.24 + 0.2176) / 0.0064 = 1122.4."""
        _, answer, _ = case(RECOVERY, [0.1], [0.01], mid=threshold(1.25))
        assert information_size(answer.effects, answer.outcome) == 1123

    def test_a_ratio_that_would_pass_certainty_is_looked_for_downwards_only(self) -> None:
        """0.4 times 3 is no risk; by 3 it is 0.1333: 15.698 * (0.24 + 0.11556) / 0.07111 = 78.5."""
        _, answer, _ = case(RECOVERY, [0.1], [0.01], mid=threshold(3))
        assert information_size(answer.effects, answer.outcome) == 79

    def test_a_frequent_event_needs_no_more_than_its_own_difference(self) -> None:
        """45 of 50 controls, a MID of RR 1.25: 0.9 to 0.72 needs 15.698 * 0.2916 / 0.0324 = 141.3.

        A quarter of the rarer absence, 0.1 to 0.075, asks for 15.698 * 0.159375 / 0.000625.
        """
        _, answer, _ = case(RECOVERY, [0.1], [0.01], mid=threshold(1.25))
        often = replace(answer.effects[0], events=(45, 50, 45, 50))
        assert information_size([often], answer.outcome) == 142
        assert information_size([often], replace(answer.outcome, mid=None)) == 4003

    @pytest.mark.parametrize(
        ("mid", "variance", "levels"),
        [
            (threshold(1.25), 0.0063, 0),
            (threshold(1.25), 0.0064, 1),
            (None, 0.0105, 0),
            (None, 0.0106, 1),
            (None, 0.036, 2),
        ],
    )
    def test_a_ratio_without_counts_is_held_against_its_standard_error(
        self, mid: Threshold | None, variance: float, levels: int
    ) -> None:
        """log(1.25) / 2.8016 = 0.0796, squared 0.00634; -log(0.75) / 2.8016 = 0.1027: 0.01054."""
        review, answer, synthesis = case(RECOVERY, [-4.0], [variance], measure="HR", mid=mid)
        effects = [replace(effect, events=None) for effect in answer.effects]
        step = imprecision(review, replace(answer, effects=tuple(effects)), synthesis)
        assert step.levels == levels
        assert "not every trial reports its events" in step.facts

    def test_a_difference_beyond_the_risk_itself_can_only_be_a_rise(self) -> None:
        """0.4 to 0.9: 2 * 7.849 * (0.24 + 0.09) / 0.25 = 20.7."""
        _, answer, _ = case(RECOVERY, [0.1], [0.01], mid=threshold(0.5, "absolute"))
        assert information_size(answer.effects, answer.outcome) == 21


class TestAbsolute:
    """Thresholds as differences between risks, at a baseline risk of 200 per 1000."""

    OUTCOME = {
        "approach": "partial",
        "mid": threshold(0.02, "absolute"),
        "moderate": threshold(0.05, "absolute"),
        "large": threshold(0.10, "absolute"),
        "baselines": (Baseline(0.05, 0.2, 0.4, "guyatt-2011", "", "", PLACE),),
    }

    @pytest.mark.parametrize(
        ("ratio", "size"),
        [(0.92, "trivial"), (0.88, "small"), (0.7, "moderate"), (0.5, "large"), (1.6, "large")],
    )
    def test_the_size_is_that_of_the_difference_between_risks(
        self, ratio: float, size: str
    ) -> None:
        """200 per 1000 times 0.88 is 24 fewer, times 0.7 is 60 fewer, times 0.5 is 100 fewer."""
        _, answer, _ = case(RECOVERY, [math.log(ratio)], [0.01], **self.OUTCOME)
        scale = gauge(answer)
        assert size_of(scale.at(math.log(ratio)), scale.limits) == size

    def test_the_interval_is_held_against_them_at_the_baseline_risk(self) -> None:
        """RR 0.7 (0.53 to 0.92): 94 to 16 fewer per 1000, past 20 and 50 and not 100."""
        review, answer, synthesis = case(RECOVERY, [math.log(0.7)], [0.02], **self.OUTCOME)
        step = imprecision(review, answer, synthesis)
        assert step.levels == 2
        assert step.facts == (
            "the interval -94 to -15 per 1000 contains two thresholds (-50 per 1000, "
            "-20 per 1000) at a baseline risk of 200 per 1000"
        )

    def test_the_same_ratio_is_larger_at_a_higher_baseline_risk(self) -> None:
        outcome = self.OUTCOME | {
            "baselines": (Baseline(None, 0.6, None, "guyatt-2011", "", "", PLACE),)
        }
        _, answer, _ = case(RECOVERY, [math.log(0.7)], [0.02], **outcome)
        scale = gauge(answer)
        assert size_of(scale.at(math.log(0.7)), scale.limits) == "large"

    def test_without_any_baseline_risk_there_is_no_threshold(self) -> None:
        outcome = self.OUTCOME | {"baselines": ()}
        review, answer, synthesis = case(RECOVERY, [math.log(0.7)], [0.02], **outcome)
        effects = tuple(replace(effect, events=None) for effect in answer.effects)
        answer = replace(answer, effects=effects)
        assert gauge(answer).limits.mid == 0
        assert "line of no effect" in imprecision(review, answer, synthesis).facts

    def test_a_risk_difference_is_on_that_scale_already(self) -> None:
        _, answer, _ = case(RECOVERY, [-0.06], [0.0001], measure="RD", mid=threshold(0.05))
        assert limits(answer.outcome).mid == 0.05
        assert gauge(answer).shown(-0.06) == "-60 per 1000"


def test_effects_between_the_thresholds_are_trivial() -> None:
    _, answer, _ = case(PAIN, [-12.0], [4.0])
    assert trivial_band(answer) == (-10, 10)
    _, answer, _ = case(RECOVERY, [0.1], [0.01])
    assert trivial_band(answer) == pytest.approx((math.log(0.8), math.log(1.25)))


def test_a_band_of_risks_is_not_symmetric_for_ratios() -> None:
    """At 200 per 1000, 50 fewer is a ratio of 0.75 and 50 more one of 1.25."""
    outcome = TestAbsolute.OUTCOME | {"mid": threshold(0.05, "absolute")}
    _, answer, _ = case(RECOVERY, [0.1], [0.01], **outcome)
    assert trivial_band(answer) == pytest.approx((math.log(0.75), math.log(1.25)))
    wide = outcome | {"mid": threshold(0.3, "absolute")}
    _, answer, _ = case(RECOVERY, [0.1], [0.01], **wide)
    assert trivial_band(answer) == pytest.approx((-math.inf, math.log(2.5)))


def test_without_a_smallest_difference_there_is_no_band() -> None:
    _, answer, _ = case(PAIN, [-12.0], [4.0], mid=None)
    assert trivial_band(answer) is None
