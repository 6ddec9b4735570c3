"""A meta-regression in every subset of its studies."""

import itertools
import math
from typing import Any

import numpy as np
import pytest

import osler
from osler.appraisal.influence.regression_gosh import RegressionGosh
from osler.core.diagnostics import DataError
from osler.synthesis.regression import Regression, regress
from tests.unit.synthesis.regression.trials import bcg

SIX: dict[str, Any] = {name: values[:6] for name, values in bcg().items()}


@pytest.fixture(scope="module")
def fit() -> Regression:
    return regress("ablat", SIX, measure="RR")


@pytest.fixture(scope="module")
def cloud(fit: Regression) -> RegressionGosh:
    return osler.gosh(fit)


def test_each_is_the_regression_of_its_studies(cloud: RegressionGosh) -> None:
    inside = np.column_stack([cloud.members(j) for j in range(6)])
    assert cloud.subsets == sum(math.comb(6, k) for k in range(3, 7)) - without_spread()
    for at in (0, 7, cloud.subsets - 1):
        rows = np.flatnonzero(inside[at]).tolist()
        one = regress("ablat", {name: [values[i] for i in rows] for name, values in SIX.items()})
        assert cloud.coefficients[at] == pytest.approx(one.coefficients, rel=1e-8)
        assert cloud.tau2[at] == pytest.approx(one.tau2, rel=1e-6, abs=1e-9)
        assert (cloud.q[at], cloud.i2[at]) == pytest.approx(
            (one.residual.statistic, one.i2), rel=1e-6, abs=1e-9
        )


def without_spread() -> int:
    """Subsets of three or more in which all latitudes are the same."""
    subsets = (s for k in range(3, 7) for s in itertools.combinations(SIX["ablat"], k))
    return sum(len(set(s)) == 1 for s in subsets)


def test_all_studies_are_the_last_subset(fit: Regression, cloud: RegressionGosh) -> None:
    assert cloud.coefficients[-1] == pytest.approx(fit.coefficients, rel=1e-8)
    assert cloud.full == fit.coefficients


def test_it_is_told(cloud: RegressionGosh) -> None:
    told = cloud.summary()
    assert max(map(len, told.splitlines())) <= 96
    assert "ablat with" in told and "do not have the model" in told
    assert "REML" in cloud.text() and len(cloud.columns()["ablat"]) == cloud.subsets
    assert cloud.why("coefficients[-1]").inputs[0][1] == list(cloud.studies)
    assert len(cloud.shifts()["ablat without"]) == 6


def test_subsets_can_be_drawn(fit: Regression) -> None:
    drawn = osler.gosh(fit, 20, rng=4)
    assert drawn.subsets + drawn.without_model == 20 and not drawn.complete
    again = osler.gosh(fit, 20, rng=4)
    np.testing.assert_array_equal(drawn.coefficients, again.coefficients)


def test_weights_of_ones_own_are_kept() -> None:
    fit = regress("ablat", SIX, weights=[1, 2, 3, 4, 5, 6])
    cloud = osler.gosh(fit)
    assert cloud.coefficients[-1] == pytest.approx(fit.coefficients, rel=1e-9)
    part = {name: values[1:] for name, values in SIX.items()}
    one = regress("ablat", part, weights=[2, 3, 4, 5, 6])
    at = int(np.flatnonzero(~cloud.members(0) & (cloud.k == 5))[0])
    assert cloud.coefficients[at] == pytest.approx(one.coefficients, rel=1e-8)


def test_a_common_effect_has_no_tau2() -> None:
    cloud = osler.gosh(regress("ablat", SIX, tau2_method="CE"))
    assert (cloud.tau2 == 0).all() and (cloud.i2 >= 0).all()


def test_what_is_refused(fit: Regression) -> None:
    calls = {
        "INF012": lambda: osler.gosh(fit, tau2_method="DL"),  # type: ignore[call-overload]
        "INF006": lambda: osler.gosh(fit, 0),
        "INF007": lambda: osler.gosh(fit, 5),
        "REG025": lambda: osler.gosh(regress("ablat", bcg(), scale="year")),
    }
    for code, call in calls.items():
        with pytest.raises(DataError) as error:
            call()
        assert error.value.diagnostics[0].code == code
