"""Weights of one's own: what they do, and where they are refused."""

import math
from typing import Any

import numpy as np
import pytest

from osler.core.diagnostics import DataError
from osler.synthesis import synthesise
from osler.synthesis.regression import regress, regress_arrays
from osler.synthesis.robust.working import working_of_regression
from tests.unit.synthesis.regression.trials import bcg

TRIALS = bcg()
SIZES = [math.sqrt(i + 3.0) for i in range(13)]


def test_inverse_variances_as_weights_change_nothing() -> None:
    plain = regress("ablat + C(alloc)", TRIALS, tau2_method="DL")
    w = 1.0 / (plain.fit.v + plain.tau2)
    own = regress("ablat + C(alloc)", TRIALS, tau2_method="DL", weights=7.0 * w)
    for name in ("coefficients", "se", "p_values", "tau2", "log_likelihood"):
        assert getattr(own, name) == pytest.approx(getattr(plain, name), rel=1e-9)
    ours, theirs = own.residuals(), plain.residuals()
    assert ours.standardised == pytest.approx(theirs.standardised, rel=1e-9)
    assert ours.leverage == pytest.approx(theirs.leverage, rel=1e-9)


def test_equal_weights_are_least_squares() -> None:
    fit = regress("ablat", TRIALS, weights=[2.0] * 13)
    slope, intercept = np.polyfit(TRIALS["ablat"], TRIALS["yi"], 1)
    assert fit.coefficients == pytest.approx((intercept, slope), rel=1e-10)


def test_without_moderators_it_is_the_pooled_mean() -> None:
    fit = regress("1", TRIALS, weights=SIZES, ci_method="t")
    pooled = synthesise(
        TRIALS["author"], TRIALS["yi"], TRIALS["vi"], weights=SIZES, ci_method="t"
    ).random
    assert fit.coefficients[0] == pytest.approx(pooled.estimate, rel=1e-12)
    assert fit.se[0] == pytest.approx(pooled.se, rel=1e-9)


def test_a_column_may_hold_them_and_a_gap_is_listed() -> None:
    table = TRIALS | {"size": [*SIZES[:12], None]}
    fit = regress("ablat", table, weights="size")
    assert [(o.study, o.why) for o in fit.omitted] == [("Comstock-3", "no value of weight")]
    assert any("Weights are as given" in note for note in fit.notes)
    assert "BW⁻¹B'" in fit.why("ablat").how


def test_a_robust_variance_keeps_the_weights() -> None:
    fit = regress("ablat", TRIALS, weights=SIZES)
    assert working_of_regression(fit).beta == pytest.approx(fit.coefficients, rel=1e-9)


@pytest.mark.parametrize("factor", [1e-90, 1e90])
def test_only_ratios_matter(factor: float) -> None:
    one = regress("ablat", TRIALS, weights=SIZES)
    two = regress("ablat", TRIALS, weights=[factor * a for a in SIZES])
    assert two.se == pytest.approx(one.se, rel=1e-12)


def test_a_study_that_alone_carries_a_coefficient() -> None:
    X = np.column_stack([np.ones(6), [0, 0, 0, 0, 0, 1.0]])
    fit = regress_arrays(
        [0.1, 0.4, 0.2, 0.9, 0.3, 1.0], [0.1] * 6, X, ["a", "b"], weights=[1, 2, 3, 4, 5, 6]
    )
    assert math.isnan(fit.residuals().standardised[5])
    assert math.isnan(fit.influence().cook[5])
    assert not any(math.isnan(c) for c in fit.influence().cook[:5])


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"weights": [0.0, *SIZES[1:]]}, "SYN012"),
        ({"weights": [-1.0, *SIZES[1:]]}, "SYN012"),
        ({"weights": [math.inf, *SIZES[1:]]}, "SYN012"),
        ({"weights": SIZES[1:]}, "REG011"),
        ({"weights": SIZES, "scale": "ablat"}, "REG025"),
    ],
)
def test_weights_that_cannot_be_used(options: dict[str, Any], code: str) -> None:
    with pytest.raises(DataError) as error:
        regress("ablat", TRIALS, **options)
    assert error.value.diagnostics[0].code == code


def test_arrays_of_another_length() -> None:
    with pytest.raises(DataError) as error:
        regress_arrays([0.1, 0.2, 0.3], [1.0] * 3, [[1.0]] * 3, ["a"], weights=[1.0, 2.0])
    assert error.value.diagnostics[0].code == "REG011"


def test_likelihoods_of_other_weights_are_not_compared() -> None:
    small = regress("1", TRIALS, tau2_method="ML", weights=SIZES)
    large = regress("ablat", TRIALS, tau2_method="ML")
    with pytest.raises(DataError) as error:
        large.compare(small)
    assert error.value.diagnostics[0].code == "REG024"
