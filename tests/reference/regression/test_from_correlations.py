"""Regressions from correlations against metafor's ``matreg`` and least squares."""

from typing import Any

import pytest

from osler.synthesis.covariance import correlation_covariance
from osler.synthesis.regression import CorrelationRegression, regress_correlations
from tests.reference.regression.test_regression import close, stored

CASES: list[dict[str, Any]] = stored("from_correlations")["cases"]
assert len(CASES) == 4


def fitted(case: dict[str, Any], **source: Any) -> CorrelationRegression:
    first, second = ([x] if isinstance(x, str) else x for x in (case["first"], case["second"]))
    r = case["r"] if isinstance(case["r"], list) else [case["r"]]
    pairs = list(zip(first, second, strict=True))
    *predictors, outcome = case["names"]
    return regress_correlations(outcome, predictors, pairs, r, **source)


@pytest.mark.parametrize("case", CASES)
def test_with_the_covariance_of_the_correlations(case: dict[str, Any]) -> None:
    m = len(case["first"]) if isinstance(case["first"], list) else 1
    fit = fitted(case, V=[[case["V"]]] if m == 1 else case["V"])
    close(fit.coefficients, case["b"], 1e-10, 1e-12)
    close(fit.se, case["se"], 1e-9)
    close(fit.vcov, case["vb"], 1e-9, 1e-13)
    close(fit.statistics, case["z"], 1e-9)
    close(fit.p_values, case["p"], 1e-8)
    close((*fit.ci_lower, *fit.ci_upper), [*flat(case["lower"]), *flat(case["upper"])], 1e-9)
    close(fit.r2, case["r2"], 1e-10)
    close((fit.test.statistic, fit.test.p_value), (case["qm"], case["qm_p"]), 1e-8)


@pytest.mark.parametrize("case", CASES)
def test_of_one_study_as_least_squares_on_its_data(case: dict[str, Any]) -> None:
    fit, told = fitted(case, n=case["n"]), case["least_squares"]
    close(fit.coefficients, told["b"], 1e-9)
    close(fit.se, told["se"], 1e-9)
    close(fit.statistics, told["t"], 1e-9)
    close(fit.p_values, told["p"], 1e-8)
    close(fit.r2, told["r2"], 1e-9)
    close((fit.test.statistic, fit.test.p_value), (told["f"], told["f_p"]), 1e-7)


@pytest.mark.parametrize("case", CASES[:2])
def test_the_covariance_is_that_of_olkin_and_finn(case: dict[str, Any]) -> None:
    k = len(case["r"])
    V = correlation_covariance(
        case["r"], case["first"], case["second"], [case["n"]] * k, ["one"] * k
    )
    close(V.matrix, case["V"], 1e-10, 1e-15)


def flat(value: Any) -> list[float]:
    return value if isinstance(value, list) else [value]
