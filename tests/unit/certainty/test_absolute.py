"""Absolute effects at stated baseline risks, and numbers needed to treat."""

import math
from dataclasses import replace

import pytest

from osler.certainty.baselines import absolute_risk, absolutes, baseline_risks
from osler.certainty.model import Absolute
from osler.certainty.numbers_needed import number_needed
from osler.core.diagnostics import Place
from osler.review.model import Baseline
from tests.unit.certainty.sample import PAIN, RECOVERY, case, finding, review_of
from tests.unit.review.folders import RESULTS, TOML

BASELINES = """
[[baselines]]
outcome = "recovery"
low = 0.1
median = 0.3
high = 0.5
source = "guyatt-2011"
note = "a cohort"

[[baselines]]
outcome = "recovery"
comparison = "rest vs usual care"
median = 0.2
source = "guyatt-2011"
"""


def baseline(
    low: float | None, median: float, high: float | None, comparison: str = ""
) -> Baseline:
    return Baseline(low, median, high, "guyatt-2011", "", comparison, Place("osler.toml"))


@pytest.mark.parametrize(
    ("measure", "effect", "risk"),
    [
        ("RR", math.log(0.5), 0.15),
        ("OR", math.log(0.5), 0.3 / 1.7),  # odds of 3/7 halved: 3/14, so 3/17
        ("RD", -0.1, 0.2),
        ("HR", math.log(2), 1 - 0.7**2),
        ("HR", math.log(0.5), 1 - math.sqrt(0.7)),
        ("RR", math.log(10), 1.0),
        ("RD", -0.5, 0.0),
    ],
)
def test_risks_by_measure(measure: str, effect: float, risk: float) -> None:
    assert absolute_risk(0.3, effect, measure) == pytest.approx(risk)


@pytest.mark.parametrize("measure", ["RR", "OR", "RD", "HR"])
@pytest.mark.parametrize("effect", [-1e6, 1e6])
def test_the_widest_interval_stays_a_risk(measure: str, effect: float) -> None:
    assert absolute_risk(0.3, effect, measure) == pytest.approx(float(effect > 0))


def test_the_lowest_the_median_and_the_highest_of_the_groups() -> None:
    found = finding(RECOVERY, review_of())
    assert [(a.name, a.baseline) for a in found.absolutes] == [
        ("low", 0.25),
        ("median", pytest.approx(0.325)),
        ("high", 0.4),
    ]
    assert found.absolute == found.absolutes[1]
    assert found.absolutes[0].baseline_source == "the lowest of the comparator groups of 2 trials"
    for a in found.absolutes:
        assert a.risk_lower < a.risk < a.risk_upper <= 1


def test_declared_risks_come_before_those_of_the_groups() -> None:
    toml = TOML + BASELINES.partition("\n\n")[0]
    found = finding(RECOVERY, review_of(osler_toml=toml))
    assert [(a.name, a.baseline) for a in found.absolutes] == [
        ("low", 0.1),
        ("median", 0.3),
        ("high", 0.5),
    ]
    assert {a.baseline_source for a in found.absolutes} == {"a cohort"}


def test_those_of_the_comparison_come_before_those_for_all() -> None:
    found = finding(RECOVERY, review_of(osler_toml=TOML + BASELINES))
    assert [(a.name, a.baseline) for a in found.absolutes] == [("median", 0.2)]
    assert found.absolute is not None
    assert found.absolute.baseline_source == "guyatt-2011"


def test_groups_that_are_alike_have_one_risk() -> None:
    alike = RESULTS.replace("6,,20,50", "6,,20,80").replace("6,,25,50", "6,,25,80")
    found = finding(RECOVERY, review_of(results_csv=alike))
    assert [(a.name, a.baseline) for a in found.absolutes] == [("median", 0.25)]


def test_a_mean_has_no_risk() -> None:
    assert finding(PAIN, review_of()).absolutes == ()


def test_nobody_or_everybody_is_no_baseline() -> None:
    none = RESULTS.replace("6,,10,40", "6,,0,40")
    found = finding(RECOVERY, review_of(results_csv=none))
    # 0/40 is no low risk to speak of; the median of 0 and 0.4 is.
    assert [(a.name, a.baseline) for a in found.absolutes] == [("median", 0.2), ("high", 0.4)]


def test_a_hazard_ratio_at_three_baselines() -> None:
    _, answer, synthesis = case(
        RECOVERY, [math.log(0.5)], [0.04], measure="HR", baselines=(baseline(0.1, 0.2, 0.4),)
    )
    assert [risk.risk for risk in baseline_risks(answer)] == [0.1, 0.2, 0.4]
    half = [round(a.risk, 4) for a in absolutes(answer, synthesis)]
    assert half == [round(1 - math.sqrt(1 - p), 4) for p in (0.1, 0.2, 0.4)]


def at(baseline_risk: float, risk: float, lower: float, upper: float) -> Absolute:
    return Absolute(baseline_risk, risk, lower, upper, "an example")


class TestNumberNeeded:
    def test_altman_1998_an_interval_that_crosses_no_effect(self) -> None:
        """A reduction of 10%, from a rise of 5% to a fall of 25%: 10, 4 to infinity to harm 20."""
        found = number_needed(at(0.40, 0.30, 0.15, 0.45), "lower")
        assert found.text() == "NNTB 10 (NNTB 4 to infinity to NNTH 20)"
        assert found.crosses

    @pytest.mark.parametrize(
        ("control", "treated", "shown"), [(0.20, 0.12, "NNTB 13"), (0.015, 0.009, "NNTB 167")]
    )
    def test_cook_and_sackett_1995(self, control: float, treated: float, shown: str) -> None:
        """Stroke in moderate and mild hypertension; BMJ 310, 452-454: 13 and 167."""
        found = number_needed(at(control, treated, treated, treated), "lower")
        assert found.estimate.shown == shown

    def test_grade_6_a_reduction_in_strokes(self) -> None:
        """1.3% (0.6% to 2.0%): 77 (50 to 167), Guyatt 2011, J Clin Epidemiol 64, 1283-1293."""
        found = number_needed(at(0.10, 0.087, 0.080, 0.094), "lower")
        assert found.text() == "NNTB 77 (NNTB 50 to NNTB 167)"
        assert not found.crosses

    def test_a_gain_where_more_is_better_and_a_harm(self) -> None:
        assert number_needed(at(0.2, 0.3, 0.25, 0.4), "higher").text() == (
            "NNTB 10 (NNTB 5 to NNTB 20)"
        )
        assert number_needed(at(0.2, 0.3, 0.25, 0.4), "lower").text() == (
            "NNTH 10 (NNTH 20 to NNTH 5)"
        )

    def test_an_interval_that_ends_at_no_effect_ends_at_infinity(self) -> None:
        assert number_needed(at(0.2, 0.15, 0.1, 0.2), "lower").text() == (
            "NNTB 20 (NNTB 10 to infinity)"
        )
        assert number_needed(at(0.2, 0.2, 0.1, 0.3), "lower").text() == (
            "infinity (NNTB 10 to infinity to NNTH 10)"
        )
        assert number_needed(at(0.2, 0.15, 0.1, 0.2), "lower").crosses

    def test_a_benefit_is_rounded_up_and_a_harm_down(self) -> None:
        assert number_needed(at(0.2, 0.35, 0.35, 0.35), "higher").estimate.shown == "NNTB 7"
        assert number_needed(at(0.2, 0.35, 0.35, 0.35), "lower").estimate.shown == "NNTH 6"

    def test_a_whole_number_is_not_rounded_up_by_the_last_digit(self) -> None:
        assert number_needed(at(0.5, *[0.5 - 1 / 49] * 3), "lower").estimate.shown == "NNTB 49"

    def test_it_keeps_the_baseline_risk_that_it_belongs_to(self) -> None:
        found = number_needed(replace(at(0.2, 0.1, 0.1, 0.1), baseline_source="a cohort"), "lower")
        assert (found.baseline, found.baseline_source) == (0.2, "a cohort")
