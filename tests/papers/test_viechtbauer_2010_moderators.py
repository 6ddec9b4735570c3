"""Viechtbauer (2010), J Stat Softw 36(3): the BCG trials with latitude and year as moderators.

The numbers are those of the article's mixed-effects example. Its search for tau2 ended at a step of
1e-5, which moves the fourth decimal of what follows from it.
"""

import pytest

from osler.synthesis.regression import Regression, regress
from tests.unit.synthesis.regression.trials import bcg


@pytest.fixture(scope="module")
def fit() -> Regression:
    return regress("ablat + year", bcg(), measure="RR", ci_method="Wald")


def test_mixed_effects_model_residual_heterogeneity(fit: Regression) -> None:
    assert round(fit.tau2, 4) == 0.1108
    assert round(fit.tau2_se, 4) == 0.0845
    assert round(100 * fit.i2, 2) == 71.98
    assert round(fit.h2, 2) == 3.57
    assert round(fit.residual.statistic, 4) == 28.3251
    assert fit.residual.df1 == 10
    assert round(fit.residual.p_value, 4) == 0.0016


def test_mixed_effects_model_test_of_moderators(fit: Regression) -> None:
    assert fit.moderators.df1 == 2
    assert fit.moderators.statistic == pytest.approx(12.2043, abs=3e-4)
    assert round(fit.moderators.p_value, 4) == 0.0022


def test_mixed_effects_model_coefficients(fit: Regression) -> None:
    assert fit.coefficients == pytest.approx([-3.5455, -0.0280, 0.0019], abs=1.5e-4)
    assert fit.se == pytest.approx([29.0959, 0.0102, 0.0147], abs=1.5e-4, rel=2e-5)
    assert fit.statistics == pytest.approx([-0.1219, -2.7371, 0.1299], abs=1.5e-4)
    assert fit.p_values == pytest.approx([0.9030, 0.0062, 0.8966], abs=1.5e-4)


def test_prediction_with_latitude_alone() -> None:
    """Risk ratios at latitudes from 0 to 60: 1.29 falls to 0.22 (text on predict)."""
    found = regress("ablat", bcg(), ci_method="Wald").predict({"ablat": [0, 60]})
    assert [round(2.718281828459045**b, 2) for b in found.estimates] == [1.29, 0.22]
