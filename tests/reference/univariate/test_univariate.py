"""Estimators of tau2, intervals and predictions against R; see README.md for what and why."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osler.synthesis import Synthesis, synthesise
from osler.synthesis.permutation import permutation_test

HERE = Path(__file__).parent
NAMES = tuple(sorted(path.stem for path in HERE.glob("*.json")))
METHODS = (
    *("DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM", "PMM", "SJIT"),
    *("GENQ", "DL2", "HE2"),
)
# Osler's interval method, its prediction, and the ``test=`` of metafor that gives both.
TESTS = {"z": ("Wald", "S"), "t": ("t", "V"), "knha": ("HKSJ", "HK")}
TESTS["adhoc"] = ("HKSJ-adhoc", "HK-adhoc")


@cache
def stored(name: str) -> dict[str, Any]:
    return dict(json.loads((HERE / f"{name}.json").read_text(encoding="utf-8")))


def fitted(name: str, **methods: Any) -> Synthesis:
    y, v = stored(name)["y"], stored(name)["v"]
    return synthesise([str(i) for i in range(len(y))], y, v, **methods)


def close(got: object, expected: object, rtol: float = 1e-8, atol: float = 1e-13) -> None:
    np.testing.assert_allclose(np.asarray(got, float), np.asarray(expected, float), rtol, atol)


def test_the_grid_is_whole() -> None:
    assert len(NAMES) == 71
    for name in NAMES:
        values = stored(name)
        k = len(values["y"])
        assert set(values["methods"]) == set(METHODS), name
        for method in METHODS:
            found = values["methods"][method]
            numbers = [found[n] for n in ("tau2", "se", "i2", "h2")]
            assert all(np.isfinite(numbers)), (name, method)
            for test in TESTS:
                assert np.isfinite(found[test]).all() and len(found[test]) == 7, (name, method)
        for interval in ("QP", "PL_REML", "PL_ML", "HC", "own_weights"):
            assert np.isfinite(values[interval]).all(), (name, interval)
        assert (values["GENQ"] is not None) == (8 <= k <= 16), name
        assert (values["PL_mean"] is not None) == (k <= 24), name
        assert (values["permutation"] is not None) == (k <= 6), name
        assert values["program"]["metafor"] == "3.8.1"
    assert sum(stored(name)["GENQ"] is not None for name in NAMES) >= 20


# Where tau2 is estimated as 0 in the limit of many steps, R's last step is a little above.
STEPS = {"SJIT": 1e-9}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", NAMES)
def test_estimator_and_tests(name: str, method: str) -> None:
    expected = stored(name)["methods"][method]
    scale = float(np.var(stored(name)["y"]))
    atol = STEPS.get(method, 1e-11) * scale
    for test, (ci_method, pred_method) in TESTS.items():
        fit = fitted(
            name,
            tau2_method=method,
            ci_method=ci_method,
            pred_method=pred_method,
            tau2_ci_method="none",
        )
        got, h = fit.random, fit.heterogeneity
        if test == "z":
            close(h.tau2, expected["tau2"], atol=atol)
            close(h.tau2_se, expected["se"], rtol=1e-7)
            close(h.i2, expected["i2"], rtol=1e-7, atol=1e-7)
            close(h.h2, expected["h2"], rtol=1e-7)
        found = [got.estimate, got.se, got.ci_lower, got.ci_upper, got.p_value]
        close(found, expected[test][:5], rtol=1e-7, atol=1e-10)
        if fit.k > 2:
            close([got.pred_lower, got.pred_upper], expected[test][5:], rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_intervals_of_tau2(name: str) -> None:
    values = stored(name)
    for method in ("QP", "PL-REML", "PL-ML"):
        h = fitted(name, tau2_ci_method=method).heterogeneity
        expected = values[method.replace("-", "_")]
        close([h.tau2_ci_lower, h.tau2_ci_upper], expected, rtol=1e-7, atol=1e-11)
    if values["GENQ"]:
        h = fitted(name, tau2_method="GENQM", tau2_ci_method="GENQ").heterogeneity
        expected = [values["GENQ"][end] for end in ("lower", "upper", "median")]
        close([h.tau2_ci_lower, h.tau2_ci_upper, h.tau2], expected, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("name", NAMES)
def test_kenward_and_roger(name: str) -> None:
    values = stored(name)
    expected = fitted(name, ci_method="KR").random
    close([expected.se, expected.df], list(values["KR"].values()))
    if values["KR_observed"]:
        observed = fitted(name, ci_method="KR-observed").random
        # By a numerical derivative in R.
        close([observed.se, observed.df], list(values["KR_observed"].values()), rtol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_other_intervals_of_the_mean(name: str) -> None:
    values = stored(name)
    copas = fitted(name, tau2_method="DL", ci_method="HC").random
    estimate, se, lower, upper = values["HC"]
    close([copas.estimate, copas.se], [estimate, se])
    # metafor integrates to four digits or so; what is compared is the half-width.
    half = [copas.estimate - copas.ci_lower, copas.ci_upper - copas.estimate]
    close(half, [estimate - lower, upper - estimate], rtol=1e-5)
    k = len(values["y"])
    own = fitted(name, weights=np.sqrt(np.arange(1, k + 1)).tolist()).random
    close([own.estimate, own.se, own.ci_lower, own.ci_upper], values["own_weights"])
    if values["PL_mean"]:
        fit = fitted(name, tau2_method="ML", ci_method="PL").random
        expected = [values["PL_mean"][n] for n in ("lower", "upper", "p_value")]
        close([fit.ci_lower, fit.ci_upper, fit.p_value], expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_predictions(name: str) -> None:
    for method, expected in stored(name)["predictions"].items():
        if expected is not None:
            got = fitted(name, pred_method=method).random
            close([got.pred_lower, got.pred_upper], expected, atol=1e-9)


@pytest.mark.parametrize("statistic", ["Wald", "HKSJ"])
@pytest.mark.parametrize("name", [name for name in NAMES if stored(name)["permutation"]])
def test_permutations(name: str, statistic: str) -> None:
    expected = stored(name)["permutation"][statistic]
    close(permutation_test(fitted(name), statistic=statistic).p_value, expected)
