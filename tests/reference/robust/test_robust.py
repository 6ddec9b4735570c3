"""Against clubSandwich (vcovCR, coef_test, Wald_test) and metafor's own robust()."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osler.synthesis.multilevel import Structured, multilevel
from osler.synthesis.robust import WorkingModel, robust, working_model, working_of

HERE = Path(__file__).parent
NAMES = (
    "assink2016", "bcg", "bcg_weights", "berkey1998", "konstantopoulos2011",
    "konstantopoulos2011_year",
)  # fmt: skip
KINDS: tuple[Any, ...] = ("CR0", "CR1", "CR1p", "CR2")


@cache
def stored(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


@cache
def model_of(name: str) -> WorkingModel:
    case = stored(name)
    X, data = np.array(case["X"], float), case["data"]
    names = [f"b{j + 1}" for j in range(X.shape[1])]
    y = np.array(data["yi"], float)
    if case["model"] in ("regression", "weights"):
        v = np.array(data["vi"]) + case["tau2"][0]
        weights = np.array(data["weights"]) if case["model"] == "weights" else 1.0 / v
        return working_model(names, X, y, weights, variances=v, columns=data)
    if case["model"] == "UN":
        random: Any = Structured("outcome", within="trial", structure="UN")
        hold = {"tau2[AL | trial]": 0.0327, "tau2[PD | trial]": 0.0117, "rho[AL, PD | trial]": 0.6}
    else:
        outer, inner = [key for key in data if key not in ("yi", "vi", "decade", "year")]
        random = [outer, f"{outer}/{inner}"]
        hold = {
            f"sigma2[{outer}]": case["sigma2"][0],
            f"sigma2[{outer}/{inner}]": case["sigma2"][1],
        }
    fit = multilevel(
        X, data, estimate="yi", V=np.array(case["V"]), random=random, hold=hold, names=names
    )
    return working_of(fit)


def close(got: Any, expected: Any, rtol: float = 1e-8) -> None:
    np.testing.assert_allclose(np.array(got, float), np.array(expected, float), rtol=rtol)


def test_the_grid_is_whole() -> None:
    assert {path.stem for path in HERE.glob("*.json")} == {*NAMES, "crossed"}
    for name in NAMES:
        assert set(stored(name)["values"]) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_clubsandwich(name: str, kind: Any) -> None:
    case, model = stored(name), model_of(name)
    expected = case["values"][kind]
    got = robust(model, case["cluster"], kind=kind)
    close(model.beta, case["beta"])
    np.testing.assert_allclose(got.covariance, expected["vcov"], rtol=1e-7, atol=1e-12)
    close([c.se for c in got.coefficients], expected["se"])
    close([c.df for c in got.coefficients], expected["df"], 1e-7)
    close([c.p_value for c in got.coefficients], expected["p"], 1e-7)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_hotelling(name: str, kind: Any) -> None:
    case = stored(name)
    tests = robust(model_of(name), case["cluster"], kind=kind)
    for wald in case["values"][kind]["wald"]:
        got = tests.wald([f"b{j}" for j in wald["which"]])
        if got.df2 > 0:
            close([got.f, got.df2, got.p_value], [wald["f"], wald["df2"], wald["p"]], 1e-6)
        else:
            assert np.isnan(got.p_value)


@pytest.mark.parametrize("kind", ["CR0", "CR1p"])
@pytest.mark.parametrize("name", NAMES)
def test_metafor(name: str, kind: Any) -> None:
    case = stored(name)
    expected = case["metafor"][kind]
    got = robust(model_of(name), case["cluster"], kind=kind, df="residual")
    close([c.se for c in got.coefficients], expected["se"])
    close([c.df for c in got.coefficients], expected["df"])
    close([c.p_value for c in got.coefficients], expected["p"], 1e-7)
    close([c.ci_lower for c in got.coefficients], expected["lower"], 1e-7)
    close([c.ci_upper for c in got.coefficients], expected["upper"], 1e-7)


def test_effects_that_cross_the_clusters() -> None:
    case = stored("crossed")
    hold = dict(zip(("sigma2[district]", "sigma2[year]"), case["sigma2"], strict=True))
    fit = multilevel("yi ~ 1", case["data"], variance="vi", random=["district", "year"], hold=hold)
    got = robust(fit, "district", kind="CR1p").coefficients[0]
    close([got.se, got.df, got.ci_lower], [case["se"], case["df"], case["lower"]])
