"""Meta-regression with weights of one's own against metafor."""

from typing import Any

import numpy as np
import pytest

from osler.synthesis.regression import Regression, regress_arrays
from tests.reference.regression.test_regression import TESTS, close, matrix, numbers, stored

STORED = stored("own_weights")
CASES: list[dict[str, Any]] = STORED["cases"]
ALL = range(len(CASES))
assert len(CASES) == 14


def fitted(d: dict[str, Any]) -> Regression:
    X = matrix(d)
    return regress_arrays(
        d["y"], d["v"], X, [f"x{j}" for j in range(X.shape[1])],
        weights=d["weights"], tau2_method=d["method"], ci_method=TESTS[d["test"]],
    )  # fmt: skip


@pytest.mark.parametrize("i", ALL)
def test_coefficients_and_tests(i: int) -> None:
    d = CASES[i]
    fit = fitted(d)
    close(fit.tau2, d["tau2"], 1e-8)
    if d["tau2_se"] is not None:
        close(fit.tau2_se, d["tau2_se"], 1e-7)
    close(fit.coefficients, d["b"], 1e-8, 1e-10)
    close(fit.se, d["se"], 1e-8)
    close(fit.vcov, d["vcov"], 1e-7, 1e-12)
    close(fit.p_values, d["p"], 1e-6, 1e-14)
    close((*fit.ci_lower, *fit.ci_upper), np.hstack([d["lower"], d["upper"]]), 1e-8, 1e-10)
    close(fit.residual.statistic, d["qe"], 1e-9)
    if not d["intercept_only"]:
        close((fit.moderators.statistic, fit.moderators.p_value), (d["qm"], d["qm_p"]), 1e-6)
    close((fit.log_likelihood, fit.aic, fit.bic, fit.aicc), [d["fit"][0], *d["fit"][2:]], 1e-8)


@pytest.mark.parametrize("i", ALL)
def test_residuals_and_influence(i: int) -> None:
    d = CASES[i]
    fit = fitted(d)
    residuals, influence = fit.residuals(), fit.influence()
    close(residuals.standardised, d["rstandard"], 1e-6, 1e-8)
    close(residuals.studentised, d["rstudent"], 1e-6, 1e-8)
    close(residuals.studentised_se, d["rstudent_se"], 1e-6)
    close(residuals.leverage, d["hat"], 1e-8)
    close(influence.dffits, d["dffits"], 1e-6, 1e-8)
    close(influence.cook, d["cook"], 1e-6, 1e-10)
    close(influence.cov_ratio, d["cov_ratio"], 1e-6)
    if d["method"] != "FE":
        close(influence.tau2_deleted, d["tau2_deleted"], 1e-6, 1e-9)
    close(influence.q_deleted, d["q_deleted"], 1e-8)
    close(influence.dfbetas, d["dfbetas"], 1e-6, 1e-8)
    close(influence.weights, d["share"], 1e-10)


@pytest.mark.parametrize("i", ALL)
def test_predictions(i: int) -> None:
    told, pred = CASES[i]["pred"], fitted(CASES[i]).predict()
    rows = slice(None, 1 if CASES[i]["intercept_only"] else None)
    close(pred.se[rows], told["se"], 1e-8)
    if CASES[i]["method"] != "FE":  # where metafor predicts nothing
        close(pred.pred_lower[rows], told["lower"], 1e-7, 1e-9)
        close(pred.pred_upper[rows], told["upper"], 1e-7, 1e-9)


@pytest.mark.parametrize("d", STORED["permuted"])
def test_permutations(d: dict[str, Any]) -> None:
    found = fitted(d).permutation_test(n=1000)
    assert found.exact
    np.testing.assert_allclose(found.p_values, numbers(d["p"]), rtol=1e-12)
    if found.omnibus == found.omnibus:
        close(found.omnibus_p_value, d["qm_p"], 1e-12)
