"""Growing evidence against boundaries: a sensitivity analysis that says so."""

import math
from typing import Any

import numpy as np
import pytest

from osler.appraisal.influence import cumulative
from osler.appraisal.sequential import (
    alpha_boundaries,
    crossing_probabilities,
    diversity,
    futility_boundaries,
    required_information,
    required_participants_binary,
    required_participants_mean,
    sequential,
    spent,
)
from osler.appraisal.sequential.information import effect_of_reduction
from osler.core.diagnostics import DataError
from osler.core.quantiles import normal_quantile
from osler.synthesis import synthesise
from tests.unit.appraisal.influence.sample import BCG, YEARS, Effects, code_of

RELEVANT = {"relevant_effect": math.log(0.7)}
N = (262, 609, 451, 26465, 10877, 2992, 3174, 176782, 14776, 3381, 77972, 4839, 34767)


def test_one_look_at_everything_is_an_ordinary_test() -> None:
    for alpha in (0.05, 0.01, 0.1):
        (only,) = alpha_boundaries([1.0], alpha=alpha)
        assert only == pytest.approx(float(normal_quantile(1 - alpha / 2)), rel=1e-12)
        (early,) = alpha_boundaries([0.4], alpha=alpha)
        expected = float(normal_quantile(1 - spent(0.4, alpha / 2)))
        assert early == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("spending", ["OBF", "Pocock"])
def test_all_of_alpha_is_spent_at_many_uneven_looks(spending: str) -> None:
    times = np.sort(np.random.default_rng(3).uniform(0.01, 1.0, 40))
    times[-1] = 1.0
    bounds = alpha_boundaries(times.tolist(), alpha=0.05, spending=spending)
    above, below = crossing_probabilities(times.tolist(), bounds)
    assert sum(above) + sum(below) == pytest.approx(0.05, abs=1e-12)
    np.testing.assert_allclose(above, below, rtol=1e-9)
    each = [2 * spent(t, 0.025, spending) for t in times]
    np.testing.assert_allclose(np.cumsum(above) + np.cumsum(below), each, rtol=1e-8, atol=1e-30)


def test_simulated_paths_cross_as_often() -> None:
    times = [0.3, 0.6, 1.0]
    bounds = alpha_boundaries(times)
    draw = np.random.default_rng(5)
    steps = draw.standard_normal((200_000, 3)) * np.sqrt(np.diff([0.0, *times]))
    z = (np.cumsum(steps, axis=1) + 3.0 * np.array(times)) / np.sqrt(times)
    above, _ = crossing_probabilities(times, bounds, drift=3.0)
    assert (z > bounds).any(axis=1).mean() == pytest.approx(sum(above), abs=0.004)


def test_looks_that_nearly_coincide_and_very_early_ones() -> None:
    far = alpha_boundaries([0.001, 0.5, 0.500002, 1.0])
    assert far[0] == math.inf and all(map(math.isfinite, far[1:]))
    plain = alpha_boundaries([0.5, 1.0])
    assert far[1] == pytest.approx(plain[0], rel=1e-9)
    assert far[3] == pytest.approx(plain[1], rel=1e-4)


def test_futility_meets_the_boundary_at_the_end() -> None:
    times = [0.25, 0.5, 0.75, 1.0]
    upper = alpha_boundaries(times)
    inner = futility_boundaries(times, upper, drift=3.24, beta=0.1)
    assert inner[-1] == upper[-1] and list(inner) == sorted(inner)
    assert all(0 <= a <= c for a, c in zip(inner, upper, strict=True))
    # Nearly everything may be spent: every path ends at once.
    assert futility_boundaries([0.5, 1.0], [0.1, 2.0], drift=5.0, beta=0.999)[0] == 0.1


@pytest.mark.parametrize(
    ("times", "options", "code"),
    [
        ([], {}, "SEQ005"),
        ([0.5, 0.5], {}, "SEQ005"),
        ([0.5, 0.3], {}, "SEQ005"),
        ([0.0, 1.0], {}, "SEQ005"),
        ([math.nan], {}, "SEQ005"),
        ([0.5, math.inf], {}, "SEQ005"),
        ([1.0, 1.5], {}, "SEQ005"),
        ([1.0], {"alpha": 0.0}, "SEQ001"),
        ([1.0], {"alpha": math.nan}, "SEQ001"),
        ([1.0], {"spending": "Haybittle"}, "SEQ003"),
    ],
)
def test_impossible_looks_are_told(times: list[float], options: Any, code: str) -> None:
    with pytest.raises(DataError) as caught:
        alpha_boundaries(times, **options)
    assert code_of(caught.value) == code


def test_required_information_and_participants() -> None:
    z = float(normal_quantile(0.975) + normal_quantile(0.9))
    assert required_information(0.5) == pytest.approx((z / 0.5) ** 2)
    # Two groups of n / 2: the information on a mean difference is n / (4 sd²).
    n = required_participants_mean(0.5, 2.0)
    assert n / (4 * 2.0**2) == pytest.approx(required_information(0.5))
    n = required_participants_binary(0.2, 0.25, power=0.8)
    z = float(normal_quantile(0.975) + normal_quantile(0.8))
    assert n == pytest.approx(4 * z**2 * 0.175 * 0.825 / 0.05**2)
    odds = effect_of_reduction("OR", 0.2, 0.25)
    assert odds == pytest.approx(math.log((0.15 / 0.85) / (0.2 / 0.8)))


def test_the_plan_on_information() -> None:
    found = sequential(BCG, "year", **RELEVANT)
    grown = cumulative(BCG, "year", ci_method="Wald")
    assert found.estimate == tuple(row.estimate for row in grown.rows)
    fit = synthesise(BCG.studies, BCG.estimates, BCG.variances, ci_method="Wald")
    share = diversity(fit.common.se**2, fit.random.se**2)
    assert found.plan.heterogeneity == pytest.approx(share, rel=1e-9)
    # At the last look: the random-effects information over the unadjusted requirement.
    expected = 1 / fit.random.se**2 / required_information(math.log(0.7))
    assert found.fraction[-1] == pytest.approx(expected, rel=1e-9)
    assert found.boundary[0] == math.inf and found.ended == 0
    assert found.crossed == 13 and "TPT Madras" in found.verdict


def test_after_the_end_of_the_plan_there_is_no_boundary() -> None:
    found = sequential(BCG, YEARS, heterogeneity="none", **RELEVANT)
    assert found.ended == 3 and found.fraction[2] > 1
    assert all(map(math.isnan, found.boundary[3:]))
    assert found.crossed == 3


def test_participants_and_a_risk_reduction() -> None:
    found = sequential(
        BCG,
        YEARS,
        control_risk=0.02,
        reduction=0.3,
        participants=N,
        basis="participants",
        heterogeneity=0.5,
        futility=True,
    )
    assert found.plan.effect == pytest.approx(math.log(0.7))
    assert found.plan.required == pytest.approx(2 * required_participants_binary(0.02, 0.3))
    assert found.information[-1] == sum(N) and found.information[0] == 262
    assert len(found.futility) == 13 and "Futility" in found.summary()


def test_inconclusive_futile_and_conventional_only() -> None:
    small = Effects((-0.35, -0.38), (0.06, 0.06))
    found = sequential(small, heterogeneity=0.25, **RELEVANT, power=0.99)
    assert found.crossed == 0 and found.ended == 0 and "inconclusive" in found.verdict
    assert any("passed 1.96" in note for note in found.notes)
    nothing = Effects((0.0, 0.01, -0.01, 0.0), (0.02,) * 4)
    found = sequential(nothing, heterogeneity="none", futility=True, relevant_effect=0.25)
    assert found.futile > 0 and ("futility" in found.verdict or found.ended)
    whole = sequential(nothing, heterogeneity="none", relevant_effect=0.5)
    assert "reached without crossing" in whole.verdict


def test_it_says_what_it_is() -> None:
    found = sequential(BCG, "year", futility=True, **RELEVANT)
    summary = found.summary()
    assert max(map(len, summary.splitlines())) <= 96
    assert "sensitivity only" in summary and "Cochrane discourages" in summary
    assert "discouraged" in found.text() and "sensitivity" in found.text()
    for name in found.reasons():
        assert str(found.why(name))
    assert len(found.columns()["boundary"]) == 13
    assert 0.85 < found.power_reached < 0.95


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({}, "SEQ002"),
        ({"relevant_effect": 0.0}, "SEQ002"),
        ({"relevant_effect": math.nan}, "SEQ002"),
        ({"control_risk": 0.2}, "SEQ002"),
        ({"control_risk": 20.0, "reduction": 0.2}, "SEQ006"),
        ({"control_risk": 0.2, "reduction": 1.0}, "SEQ006"),
        ({"control_risk": 0.2, "reduction": 0.0}, "SEQ002"),
        ({**RELEVANT, "alpha": 5.0}, "SEQ001"),
        ({**RELEVANT, "power": 0.01}, "SEQ001"),
        ({**RELEVANT, "heterogeneity": 1.0}, "SEQ004"),
        ({**RELEVANT, "heterogeneity": -0.1}, "SEQ004"),
        ({**RELEVANT, "heterogeneity": "I2"}, "SEQ004"),
        ({**RELEVANT, "basis": "events"}, "SEQ003"),
        ({**RELEVANT, "basis": "participants"}, "SEQ002"),
        ({**RELEVANT, "basis": "participants", "sd": 1.0}, "SEQ007"),
        ({**RELEVANT, "basis": "participants", "sd": 1.0, "participants": [1.0]}, "SEQ007"),
        ({**RELEVANT, "basis": "participants", "sd": -1.0, "participants": N}, "SEQ002"),
        ({**RELEVANT, "order": "years"}, "INF005"),
    ],
)
def test_a_plan_that_cannot_be_is_told(options: dict[str, Any], code: str) -> None:
    with pytest.raises(DataError) as caught:
        sequential(BCG, **options)
    assert code_of(caught.value) == code


def test_one_study_and_extreme_precision() -> None:
    one = sequential(Effects((0.3,), (0.01,)), **RELEVANT)
    assert len(one.boundary) == 1 and one.summary()
    huge = sequential(Effects((0.3, 0.2), (1e-20, 1.0)), **RELEVANT)
    assert huge.ended == 1 and math.isnan(huge.boundary[1])
    tiny = sequential(Effects((0.3, 0.2), (1e12, 1e12)), **RELEVANT)
    assert tiny.boundary == (math.inf, math.inf) and tiny.crossed == 0 and tiny.summary()


def test_a_look_without_a_boundary_says_why() -> None:
    found = sequential(BCG, **RELEVANT)
    early = next(j for j, bound in enumerate(found.boundary) if math.isinf(bound))
    assert "too little information" in found.why(f"boundary[{early}]").how
    long = sequential(Effects((0.5,) * 8, (0.001,) * 8), relevant_effect=0.5)
    after = next(j for j, bound in enumerate(long.boundary) if math.isnan(bound))
    assert "end of the plan" in long.why(f"boundary[{after}]").how
