import math

import pytest

from osler.core.diagnostics import DataError
from osler.effects import MEASURES, Counts, Moments, Rate, ZeroCells, is_ratio, measure_named
from osler.effects.measures.standardised import small_sample_correction

GOOD_COUNTS = Counts(5, 58)
GOOD_MOMENTS = Moments(30.0, 9.0, 25)


def codes(error: pytest.ExceptionInfo[DataError]) -> list[str]:
    return [d.code for d in error.value.diagnostics]


def test_the_list() -> None:
    assert list(MEASURES)[:5] == ["RR", "OR", "RD", "MD", "SMD"]
    assert len(MEASURES) == len({m.name for m in MEASURES.values()}) == 64
    assert all(m.formula and m.variance_formula and m.source for m in MEASURES.values())
    assert all(m.ratio == (m.back_by == "exp") or m.name in LOGGED for m in MEASURES.values())
    assert is_ratio("IRR") and is_ratio("ROM") and not is_ratio("SMD")


# Proportions, rates and means are brought back by the exponential, yet they are no ratios.
LOGGED = ("PLN", "IRLN", "MNLN")


def test_an_odds_ratio_by_hand() -> None:
    effect = MEASURES["OR"].estimate(treated=Counts(12, 60), control=Counts(5, 58))
    assert math.isclose(effect.estimate, math.log((12 * 53) / (48 * 5)))
    assert math.isclose(effect.variance, 1 / 12 + 1 / 48 + 1 / 5 + 1 / 53)
    assert effect.added == 0


def test_back_to_the_printed_scale() -> None:
    assert MEASURES["RR"].back(math.log(0.5)) == pytest.approx(0.5)
    assert MEASURES["MD"].back(-3.0) == -3.0
    assert MEASURES["OR"].back(1e6) == math.inf


@pytest.mark.parametrize("name", ["RR", "OR", "RD"])
@pytest.mark.parametrize(
    ("treated", "code"),
    [
        (Counts(0, 0), "EFF010"),
        (Counts(0, -3), "EFF010"),
        (Counts(-1, 10), "EFF011"),
        (Counts(31, 29), "EFF012"),
    ],
)
def test_counts_that_cannot_be(name: str, treated: Counts, code: str) -> None:
    with pytest.raises(DataError) as error:
        MEASURES[name].estimate(treated=treated, control=GOOD_COUNTS)
    assert codes(error) == [code]
    assert "treated" in error.value.diagnostics[0].found


def test_both_groups_are_told_at_once() -> None:
    with pytest.raises(DataError) as error:
        MEASURES["RR"].estimate(treated=Counts(31, 29), control=Counts(-1, 10))
    assert codes(error) == ["EFF012", "EFF011"]


@pytest.mark.parametrize("name", ["MD", "SMD"])
@pytest.mark.parametrize(
    ("treated", "code"),
    [
        (Moments(30.0, 0.0, 25), "EFF020"),
        (Moments(30.0, -2.0, 25), "EFF020"),
        (Moments(30.0, math.nan, 25), "EFF020"),
        (Moments(30.0, 9.0, 1), "EFF021"),
        (Moments(math.inf, 9.0, 25), "EFF022"),
    ],
)
def test_moments_that_cannot_be(name: str, treated: Moments, code: str) -> None:
    with pytest.raises(DataError) as error:
        MEASURES[name].estimate(treated=treated, control=GOOD_MOMENTS)
    assert codes(error) == [code]


@pytest.mark.parametrize("name", ["RR", "OR"])
@pytest.mark.parametrize(
    ("treated", "control", "code"),
    [
        (Counts(0, 50), Counts(0, 47), "EFF013"),
        (Counts(50, 50), Counts(47, 47), "EFF014"),
    ],
)
def test_a_ratio_of_nothing_to_nothing(
    name: str, treated: Counts, control: Counts, code: str
) -> None:
    with pytest.raises(DataError) as error:
        MEASURES[name].estimate(treated=treated, control=control)
    assert codes(error) == [code]


@pytest.mark.parametrize("name", ["RR", "OR"])
def test_half_is_added_where_one_cell_is_empty(name: str) -> None:
    effect = MEASURES[name].estimate(treated=Counts(0, 10), control=Counts(3, 12))
    by_hand = {
        "RR": (math.log((0.5 / 11) / (3.5 / 13)), 1 / 0.5 - 1 / 11 + 1 / 3.5 - 1 / 13),
        "OR": (
            math.log((0.5 / 10.5) / (3.5 / 9.5)),
            1 / 0.5 + 1 / 10.5 + 1 / 3.5 + 1 / 9.5,
        ),
    }[name]
    assert (effect.estimate, effect.variance) == pytest.approx(by_hand)
    assert effect.added == 0.5


@pytest.mark.parametrize(
    ("treated", "control"),
    [
        (Counts(0, 50), Counts(0, 47)),
        (Counts(50, 50), Counts(47, 47)),
        (Counts(0, 50), Counts(47, 47)),
    ],
)
def test_a_risk_difference_without_spread_keeps_its_estimate(
    treated: Counts, control: Counts
) -> None:
    effect = MEASURES["RD"].estimate(treated=treated, control=control)
    assert effect.estimate == treated.events / treated.n - control.events / control.n
    assert effect.added == 0.5
    p, q = (0.5 / (g.n + 1) for g in (treated, control))
    assert effect.variance == pytest.approx(p * (1 - p) / 51 + q * (1 - q) / 48)


def test_a_risk_difference_with_one_empty_cell_is_left_alone() -> None:
    effect = MEASURES["RD"].estimate(treated=Counts(0, 50), control=Counts(5, 50))
    assert effect.added == 0
    assert effect.variance == pytest.approx(0.1 * 0.9 / 50)


def test_a_measure_wants_its_own_kind_of_data() -> None:
    for name, arm in (("RR", GOOD_MOMENTS), ("SMD", GOOD_COUNTS)):
        with pytest.raises(DataError) as error:
            MEASURES[name].estimate(treated=arm, control=arm)
        assert codes(error) == ["EFF002"]


def test_names_are_found_in_any_case() -> None:
    assert measure_named("or") is MEASURES["OR"]
    with pytest.raises(DataError) as error:
        measure_named("XY")
    assert codes(error) == ["EFF001"]
    assert is_ratio("hr")
    assert not is_ratio("whatever")


def test_the_correction_for_small_samples() -> None:
    """Against the gamma function itself, and near 1 - 3/(4m - 1) for large m."""
    for m in (2, 3, 10, 57):
        exact = math.gamma(m / 2) / (math.sqrt(m / 2) * math.gamma((m - 1) / 2))
        assert small_sample_correction(m) == pytest.approx(exact, rel=1e-12)
    assert small_sample_correction(100_000) == pytest.approx(1 - 3 / (4 * 100_000 - 1), rel=1e-9)


def test_the_approximate_correction_is_named_and_near() -> None:
    arms = {"treated": Moments(55, 47, 155), "control": Moments(75, 64, 156)}
    exact = MEASURES["SMD"].estimate(**arms)
    near = MEASURES["SMD"].estimate(**arms, correction="approximate")
    cohen = MEASURES["SMD"].estimate(**arms, correction="none")
    assert exact.estimate != near.estimate
    assert exact.estimate == pytest.approx(near.estimate, rel=1e-5)
    assert abs(cohen.estimate) > abs(exact.estimate)


def test_every_measure_of_two_arms_takes_its_own_kind() -> None:
    kinds = {
        "binary": (Counts(12, 60), Counts(5, 58)),
        "rates": (Rate(12, 60.5), Rate(5, 58.0)),
        "continuous": (Moments(30.0, 9.0, 25), Moments(25.0, 8.0, 30)),
        "spreads": (Moments(30.0, 9.0, 25), Moments(25.0, 8.0, 30)),
    }
    for measure in MEASURES.values():
        if not measure.two_arms:
            continue
        treated, control = kinds[measure.kind]
        effect = measure.estimate(treated=treated, control=control)
        assert effect.variance > 0, measure.name
        assert math.isfinite(effect.estimate)
        wrong = GOOD_COUNTS if measure.kind != "binary" else GOOD_MOMENTS
        with pytest.raises(DataError) as error:
            measure.estimate(treated=wrong, control=wrong)
        assert codes(error) == ["EFF002"]


def test_peto_needs_nothing_added() -> None:
    effect = MEASURES["PETO"].estimate(treated=Counts(0, 10), control=Counts(3, 12))
    assert effect.added == 0
    expected = 10 * 3 / 22
    v = 10 * 12 * 3 * 19 / (22**2 * 21)
    assert effect.estimate == pytest.approx(-expected / v)
    with pytest.raises(DataError) as error:
        MEASURES["PETO"].estimate(treated=Counts(0, 10), control=Counts(0, 12))
    assert codes(error) == ["EFF013"]


def test_a_ratio_of_means_of_unlike_sign_is_refused() -> None:
    with pytest.raises(DataError) as error:
        MEASURES["ROM"].estimate(treated=Moments(-2, 1, 10), control=Moments(3, 1, 10))
    assert codes(error) == ["EFF052"]


def test_rates_that_cannot_be() -> None:
    with pytest.raises(DataError) as error:
        MEASURES["IRR"].estimate(treated=Rate(3, 0.0), control=Rate(-1, 9.0))
    assert codes(error) == ["EFF059", "EFF011"]
    with pytest.raises(DataError) as error:
        MEASURES["IRR"].estimate(treated=Rate(0, 10.0), control=Rate(0, 9.0))
    assert codes(error) == ["EFF013"]


@pytest.mark.parametrize("amount", [-0.5, math.inf, math.nan])
def test_an_impossible_amount_to_add(amount: float) -> None:
    with pytest.raises(DataError) as error:
        ZeroCells(add=amount)
    assert codes(error) == ["EFF055"]
