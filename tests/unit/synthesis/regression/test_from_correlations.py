"""Regressions from correlations: what they say and what they refuse."""

from typing import Any

import numpy as np
import pytest

from osler.core.diagnostics import DataError
from osler.synthesis.regression import regress_correlations

PAIRS = [("x", "z"), ("y", "z"), ("x", "y"), ("w", "x")]
R = [0.3, 0.5, 0.4, 0.9]


def test_it_is_told() -> None:
    fit = regress_correlations("z", ["x", "y"], PAIRS, R, n=60)
    told = fit.summary()
    assert max(map(len, told.splitlines())) <= 96
    assert "F(2, 57)" in told and "60 people" in told
    assert "R² was" in fit.text() and fit.columns()["predictor"] == ["x", "y"]
    assert "n - p - 1" in fit.why("x").formula
    by_v = regress_correlations("z", ["x", "y"], PAIRS, R, V=0.01 * np.eye(4))
    assert "chi-squared(2)" in by_v.summary() and "J V(r) J'" in by_v.why("y").formula


def test_one_predictor_is_the_correlation() -> None:
    fit = regress_correlations("z", ["x"], PAIRS, R, V=np.diag([0.04, 1, 1, 1]))
    assert fit.coefficients == (0.3,) and fit.se[0] == pytest.approx(0.2)


def test_the_order_of_pairs_does_not_matter() -> None:
    V = np.array(np.diag([0.01, 0.02, 0.03, 0.04]))
    V[0, 2] = V[2, 0] = 0.005
    order = [2, 3, 0, 1]
    one = regress_correlations("z", ["x", "y"], PAIRS, R, V=V)
    turned = [(b, a) for a, b in (PAIRS[i] for i in order)]
    two = regress_correlations(
        "z", ["x", "y"], turned, [R[i] for i in order], V=V[np.ix_(order, order)]
    )
    assert two.se == pytest.approx(one.se, rel=1e-12)


@pytest.mark.parametrize(
    "options",
    [
        {"predictors": ["x", "v"]},
        {"predictors": ["x", "x"]},
        {"predictors": ["x", "z"]},
        {"predictors": []},
        {"pairs": [*PAIRS[:3], ("y", "x")]},
        {"correlations": [0.9, -0.9, 0.9, 0.1]},
        {"correlations": [0.9, float("nan"), 0.9, 0.1]},
        {"correlations": [0.9, 0.1]},
        {"n": 3},
        {"n": None},
        {"V": np.eye(4)},
        {"n": None, "V": np.eye(3)},
    ],
)
def test_what_is_refused(options: dict[str, Any]) -> None:
    plain = {"predictors": ["x", "y"], "pairs": PAIRS, "correlations": R, "n": 60}
    with pytest.raises(DataError) as error:
        regress_correlations("z", **(plain | options))
    assert error.value.diagnostics[0].code == "REG032"
