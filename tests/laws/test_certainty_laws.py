"""What must hold of thresholds, risks, numbers needed and bases whatever the numbers are."""

import math
import tomllib
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from osler.certainty.baselines import absolute_risk, effect_for_risk
from osler.certainty.ledger import changes
from osler.certainty.model import Absolute
from osler.certainty.numbers_needed import number_needed
from osler.certainty.problems import quoted
from osler.certainty.rules import imprecision, inconsistency
from osler.certainty.statements import SIZES
from osler.certainty.thresholds import Limits, crossed, side_of, size_of, zone_of
from osler.synthesis.pool import synthesise
from tests.unit.certainty.sample import PAIN, case, threshold

EFFECTS = st.floats(-100, 100)
RISKS = st.floats(0.001, 0.999)


@st.composite
def limits(draw: st.DrawFn) -> Limits:
    mid, moderate, large = sorted(draw(st.tuples(*[st.floats(0.1, 50)] * 3)))
    return Limits(mid, large, moderate, draw(st.booleans()))


@given(limits(), EFFECTS, EFFECTS)
def test_a_larger_effect_is_never_called_smaller(limit: Limits, one: float, two: float) -> None:
    small, big = sorted((abs(one), abs(two)))
    ranks = [SIZES.index(size_of(effect, limit)) for effect in (small, big)]
    assert ranks == sorted(ranks)


@given(limits(), EFFECTS)
def test_turning_the_scale_round_turns_the_side_and_keeps_the_size(
    limit: Limits, effect: float
) -> None:
    assert size_of(-effect, limit) == size_of(effect, limit)
    assert side_of(-effect, limit) == -side_of(effect, limit)
    assert zone_of(-effect, limit) == -zone_of(effect, limit)


@given(limits(), EFFECTS, EFFECTS, st.floats(0, 50))
def test_a_wider_interval_never_contains_fewer_thresholds(
    limit: Limits, one: float, two: float, more: float
) -> None:
    low, high = sorted((one, two))
    inner, outer = crossed(low, high, limit), crossed(low - more, high + more, limit)
    assert inner <= outer
    assert crossed(-high, -low, limit) == inner


@given(RISKS, EFFECTS, EFFECTS, st.sampled_from(["RR", "OR", "RD", "HR"]))
def test_a_larger_effect_never_means_a_lower_risk(
    baseline: float, one: float, two: float, measure: str
) -> None:
    low, high = sorted((one, two))
    risks = absolute_risk(baseline, low, measure), absolute_risk(baseline, high, measure)
    assert 0 <= risks[0] <= risks[1] <= 1


@given(RISKS, RISKS, st.sampled_from(["RR", "OR", "RD", "HR"]))
def test_the_effect_for_a_risk_leads_to_that_risk(
    baseline: float, risk: float, measure: str
) -> None:
    effect = effect_for_risk(baseline, risk, measure)
    assert math.isclose(absolute_risk(baseline, effect, measure), risk, rel_tol=1e-9)


@given(RISKS, st.sampled_from(["RR", "OR", "RD", "HR"]))
def test_no_effect_leaves_the_risk_as_it_is(baseline: float, measure: str) -> None:
    assert math.isclose(absolute_risk(baseline, 0.0, measure), baseline, rel_tol=1e-12)


@given(RISKS, st.lists(RISKS, min_size=3, max_size=3))
def test_a_number_needed_is_finite_throughout_only_where_no_effect_is_excluded(
    baseline: float, risks: list[float]
) -> None:
    lower, risk, upper = sorted(risks)
    found = number_needed(Absolute(baseline, risk, lower, upper, ""), "lower")
    holds_none = lower <= baseline <= upper
    assert (
        found.crosses == holds_none
        or math.isclose(lower, baseline, abs_tol=1e-11)
        or (math.isclose(upper, baseline, abs_tol=1e-11))
    )
    assert ("infinity" in found.text()) == found.crosses
    if not found.crosses:
        assert found.best.towards == found.estimate.towards == found.worst.towards


@given(RISKS, st.lists(RISKS, min_size=3, max_size=3))
def test_what_helps_with_fewer_events_harms_with_more(baseline: float, risks: list[float]) -> None:
    lower, risk, upper = sorted(risks)
    absolute = Absolute(baseline, risk, lower, upper, "")
    one, two = number_needed(absolute, "lower"), number_needed(absolute, "higher")
    assert one.best.value == two.worst.value
    turned = {"benefit": "harm", "harm": "benefit", "neither": "neither"}
    assert two.estimate.towards == turned[one.estimate.towards]


STUDIES = st.lists(
    st.tuples(st.floats(-60, 60), st.floats(0.5, 100)), min_size=2, max_size=8, unique=True
)


@given(STUDIES, st.booleans())
def test_the_order_of_the_studies_does_not_change_a_rule(
    studies: list[tuple[float, float]], partial: bool
) -> None:
    outcome = {
        "approach": "partial" if partial else "minimal",
        "moderate": threshold(20),
        "large": threshold(30),
    }
    estimates, variances = zip(*studies, strict=True)
    review, answer, synthesis = case(PAIN, estimates, variances, **outcome)
    turned = synthesise(
        list(synthesis.studies[::-1]), list(estimates[::-1]), list(variances[::-1]), measure="MD"
    )
    back = replace(answer, effects=answer.effects[::-1])
    for rule in (inconsistency, imprecision):
        one, two = rule(review, answer, synthesis), rule(review, back, turned)
        assert (one.levels, one.rule) == (two.levels, two.rule)


@given(st.text())
def test_facts_are_never_stale_against_themselves(text: str) -> None:
    assert changes(text, text) == ""


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"])))
def test_a_basis_survives_being_written_and_read(text: str) -> None:
    assert changes(tomllib.loads(f"basis = {quoted(text)}")["basis"], text) == ""
