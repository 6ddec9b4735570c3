"""Power of a synthesis, and the studies it needs."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from osler.core.diagnostics import DataError
from osler.synthesis import synthesise_many
from osler.synthesis.planning import (
    Power,
    detectable_effect,
    heterogeneity_power,
    power,
    slope_power,
    studies_needed,
    study_variance,
    subgroup_power,
)

TEN = {"n_treated": 10, "n_control": 10}


def test_the_example_of_metapower() -> None:
    """Its README: d = 0.3, 20 participants a study, 10 studies, fixed effects: 0.5594533."""
    assert round(power(0.3, k=10, **TEN).power, 7) == 0.5594533


def test_no_effect_is_found_at_the_rate_of_alpha() -> None:
    for test in ("Wald", "HKSJ"):
        assert power(0.0, k=8, variance=0.1, test=test).power == pytest.approx(0.05, rel=1e-9)
        assert power(0.0, k=8, variance=0.1, test=test, sides=1).power == pytest.approx(0.05)
    same = subgroup_power([0.2, 0.2], k=[4, 5], variance=0.1)
    assert same.power == pytest.approx(0.05, rel=1e-9)
    assert slope_power(0.0, x=[0, 1, 2], variance=0.1).power == pytest.approx(0.05, rel=1e-9)
    assert heterogeneity_power(k=9, variance=0.1).power == pytest.approx(0.05, rel=1e-9)


def test_simulated_syntheses_reject_as_often() -> None:
    draw = np.random.default_rng(11)
    v, tau2, effect = 0.1, 0.05, 0.25
    y = effect + draw.standard_normal((8, 20_000)) * math.sqrt(v + tau2)
    many = synthesise_many(y, np.full_like(y, v), tau2_method="DL", ci_method="HKSJ")
    got = power(effect, k=8, variance=v, tau2=tau2, test="HKSJ").power
    assert (many.p_value < 0.05).mean() == pytest.approx(got, abs=0.011)
    found = heterogeneity_power(k=8, variance=v, tau2=tau2).power
    assert (many.q_p_value < 0.05).mean() == pytest.approx(found, abs=0.011)


def test_heterogeneity_among_unequal_studies() -> None:
    draw = np.random.default_rng(12)
    v = np.array([0.02, 0.05, 0.1, 0.2, 0.4, 0.05])
    y = draw.standard_normal((6, 20_000)) * np.sqrt(v + 0.1)[:, None]
    many = synthesise_many(y, np.repeat(v[:, None], 20_000, axis=1), tau2_method="DL")
    got = heterogeneity_power(k=6, variance=v.tolist(), tau2=0.1).power
    assert (many.q_p_value < 0.05).mean() == pytest.approx(got, abs=0.02)


@pytest.mark.parametrize("test", ["Wald", "HKSJ"])
@pytest.mark.parametrize("sides", [1, 2])
@pytest.mark.parametrize("i2", [0.0, 0.5, 0.8])
def test_the_fewest_studies_are_the_fewest(test: str, sides: int, i2: float) -> None:
    options: Any = {"i2": i2, "test": test, "sides": sides, **TEN}
    needed = studies_needed(0.3, **options)
    assert needed.power >= 0.8 and needed.solved == "k"
    assert power(0.3, k=needed.k - 1, **options).power < 0.8


def test_the_smallest_effect_is_found_with_the_wanted_power() -> None:
    for options in (TEN, {"variance": 0.1}, {"variance": [0.1, 0.2, 0.3, 0.1, 0.2]}):
        found = detectable_effect(k=5, power=0.9, i2=0.4, **options)  # type: ignore[arg-type]
        assert found.power == pytest.approx(0.9, abs=1e-9)
        again = power(found.effect, k=5, i2=0.4, **options)  # type: ignore[arg-type]
        assert again.power == pytest.approx(0.9, abs=1e-9)


def test_one_pair_of_subgroups_is_a_test_of_a_difference() -> None:
    pair = subgroup_power([0.1, 0.5], k=[6, 9], variance=0.08, tau2=0.02)
    indicator = [0] * 6 + [1] * 9
    slope = slope_power(0.4, x=indicator, variance=0.08, tau2=0.02)
    assert pair.power == pytest.approx(slope.power, rel=1e-9)


def test_variances_of_studies() -> None:
    sizes: Any = {"n_treated": 40, "n_control": 60}
    assert study_variance("MD", 5.0, sd=10.0, **sizes) == pytest.approx(100 / 40 + 100 / 60)
    assert study_variance("RD", -0.1, control_risk=0.3, **sizes) == pytest.approx(
        0.2 * 0.8 / 40 + 0.3 * 0.7 / 60
    )
    # Expected counts: 8 of 40 and 18 of 60.
    assert study_variance("RR", math.log(0.2 / 0.3), control_risk=0.3, **sizes) == pytest.approx(
        1 / 8 - 1 / 40 + 1 / 18 - 1 / 60
    )
    odds = math.log((8 / 32) / (18 / 42))
    assert study_variance("OR", odds, control_risk=0.3, **sizes) == pytest.approx(
        1 / 8 + 1 / 32 + 1 / 18 + 1 / 42
    )


@pytest.mark.parametrize(
    "found",
    [
        power(0.3, k=10, i2=0.5, **TEN),  # type: ignore[arg-type]
        studies_needed(0.3, **TEN),  # type: ignore[arg-type]
        detectable_effect(k=12, variance=0.2),
        heterogeneity_power(k=10, variance=1e-80, i2=0.3),
        subgroup_power([0.1, 0.2, 0.4], k=[3, 4, 5], variance=0.1),
        slope_power(0.1, x=[1, 2, 3, 4], variance=0.1, i2=0.2),
    ],
    ids=lambda found: f"{found.question}, {found.solved}",
)
def test_it_explains_itself(found: Power) -> None:
    assert max(map(len, found.summary().splitlines())) <= 96
    assert "Pigott" in found.summary() and "tau²" in found.summary()
    assert found.text().endswith(".") and "%" in found.text()
    assert "Pigott" in str(found.why("power")) and found.columns()["power"] == [found.power]


CASES: list[tuple[Callable[[], Power], str]] = [
    (lambda: power(math.nan, k=3, variance=0.1), "POW001"),
    (lambda: studies_needed(0.0, variance=0.1), "POW001"),
    (lambda: power(0.3, k=3, variance=0.1, alpha=5.0), "POW002"),
    (lambda: studies_needed(0.3, power=80.0, variance=0.1), "POW002"),
    (lambda: studies_needed(0.3, power=0.01, variance=0.1), "POW002"),
    (lambda: power(0.3, k=3), "POW003"),
    (lambda: power(0.3, k=3, variance=0.0), "POW003"),
    (lambda: power(0.3, k=3, n_treated=0, n_control=5), "POW003"),
    (lambda: power(0.3, k=3, measure="MD", **TEN), "POW003"),  # type: ignore[arg-type]
    (lambda: power(0.3, k=3, measure="RR", **TEN), "POW003"),  # type: ignore[arg-type]
    (lambda: power(0.9, k=3, measure="RD", control_risk=0.2, **TEN), "POW003"),  # type: ignore[arg-type]
    (lambda: power(0.3, k=3, variance=0.1, i2=1.0), "POW004"),
    (lambda: power(0.3, k=3, variance=0.1, tau2=-1.0), "POW004"),
    (lambda: power(0.3, k=3, variance=0.1, tau2=0.1, i2=0.1), "POW004"),
    (lambda: power(0.3, k=0, variance=0.1), "POW005"),
    (lambda: power(0.3, k=3, variance=[0.1, 0.2]), "POW005"),
    (lambda: power(0.3, k=1, variance=0.1, test="HKSJ"), "POW005"),
    (lambda: heterogeneity_power(k=1, variance=0.1), "POW005"),
    (lambda: subgroup_power([0.1], k=[4], variance=0.1), "POW005"),
    (lambda: slope_power(0.1, x=[1, 1, 1], variance=0.1), "POW005"),
    (lambda: power(0.3, k=3, variance=0.1, sides=3), "POW006"),
    (lambda: power(0.3, k=3, variance=0.1, test="t"), "POW006"),
    (lambda: power(0.3, k=3, measure="ROM", **TEN), "POW006"),  # type: ignore[arg-type]
    (lambda: studies_needed(1e-9, variance=1.0), "POW007"),
]


@pytest.mark.parametrize(("call", "code"), CASES)
def test_what_cannot_be_planned_is_told(call: Callable[[], Power], code: str) -> None:
    with pytest.raises(DataError) as caught:
        call()
    assert caught.value.diagnostics[0].code == code


@pytest.mark.parametrize("k", [0, -1, 1.5, math.nan, math.inf, None, "3", True, 10**9])
def test_numbers_of_studies_that_cannot_be(k: Any) -> None:
    with pytest.raises(DataError, match="POW005"):
        power(0.3, k=k, variance=0.1)


@pytest.mark.parametrize("test", ["Wald", "HKSJ"])
def test_a_small_alpha_keeps_its_digits(test: str) -> None:
    """1 - 1e-20 is 1, whose quantile is infinite."""
    found = power(20.0, k=50, variance=0.1, alpha=1e-20, test=test)
    assert math.isfinite(found.critical) and found.power > 0.99
