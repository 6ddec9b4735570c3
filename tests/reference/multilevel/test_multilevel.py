"""Against metafor, taken on to where the slope of the likelihood vanishes (see make.R)."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osler.synthesis.multilevel import (
    Intercept,
    Multilevel,
    Related,
    Slopes,
    Structured,
    multilevel,
)

HERE = Path(__file__).parent
NAMES = tuple(sorted(path.stem for path in HERE.glob("*.json")))


@cache
def stored(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = _nulls(json.loads((HERE / f"{name}.json").read_text("utf-8")))
    return loaded


def _nulls(value: Any) -> Any:
    """R's NULL, which is written as {}, as None."""
    if isinstance(value, dict):
        return {key: _nulls(each) for key, each in value.items()} or None
    return [_nulls(each) for each in value] if isinstance(value, list) else value


def terms_of(case: dict[str, Any]) -> list[Any]:
    out: list[Any] = []
    for term in case["random"]:
        if "groups" in term:
            groups = term["groups"]
            out.append(Intercept(*([groups] if isinstance(groups, str) else groups)))
        elif "species" in term:
            relation = case["relationship"]
            R = np.array(relation["matrix"], float)
            out.append(Related(term["species"], R, relation["names"], "none"))
        elif term["struct"] == "GEN":
            out.append(Slopes(term["inner"].split(" + "), term["outer"]))
        else:
            out.append(Structured(term["inner"], term["outer"], term["struct"]))
    return out


@cache
def fitted(name: str) -> Multilevel:
    case = stored(name)
    data = case["data"]
    options: dict[str, Any] = {}
    if case["V"] is not None:
        options["V"] = np.array(case["V"], float)
    else:
        data = data | {"vi": case["variances"]}
        options["variance"] = "vi"
    if case["rho"] is not None:
        inner, outer = case["random"][0]["inner"], case["random"][0]["outer"]
        options["hold"] = {f"rho[{inner} | {outer}]": case["rho"]}
    X = np.array(case["X"], float)
    names = ["Intercept" if np.all(x == 1) else f"b{j}" for j, x in enumerate(X.T)]
    return multilevel(
        X, data, random=terms_of(case), estimate="yi", method=case["method"], names=names,
        test=case["test"], df=case["dfs"], **options,
    )  # fmt: skip


def close(got: Any, expected: Any, rtol: float, atol: float = 0.0) -> None:
    expected = np.array(expected, float)
    np.testing.assert_allclose(np.array(got, float), expected, rtol=rtol, atol=atol)


def test_the_grid_is_whole() -> None:
    assert len(NAMES) == 48
    structures = {stored(name)["struct"] for name in NAMES}
    assert structures == {
        "CS", "HCS", "UN", "ID", "DIAG", "AR", "HAR", "CAR", "SPEXP", "SPGAU", "SPRAT", "GEN",
    }  # fmt: skip
    for name in NAMES:
        values = stored(name)["values"]
        for key in ("log_likelihood", "beta", "se", "q", "qm", "aic", "bic", "aicc"):
            assert values[key] is not None, (name, key)


@pytest.mark.parametrize("name", NAMES)
def test_the_likelihood_is_as_high(name: str) -> None:
    values = stored(name)["values"]
    got = fitted(name).criteria.log_likelihood
    assert got >= values["log_likelihood"] - 1e-9 * max(1.0, abs(got))
    close(got, values["log_likelihood"], 1e-8, 1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_components(name: str) -> None:
    values = stored(name)["values"]
    got = {kind: [c.value for c in fitted(name).components if c.name.startswith(kind)]
           for kind in ("sigma2", "tau2", "rho", "range")}  # fmt: skip
    scale = max([*got["sigma2"], *got["tau2"], 0.0])
    rtol = 1e-6 if values["polished"] else 1e-4
    for kind in ("sigma2", "tau2"):
        if values[kind] is not None:
            close(got[kind], values[kind], rtol, 1e-7 * scale)
    told = all(c.identified for c in fitted(name).components)
    if values["rho"] is not None and told and stored(name)["struct"] not in ("ID", "DIAG"):
        close(got["rho"] + got["range"], values["rho"], rtol, 1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_coefficients(name: str) -> None:
    values, fit = stored(name)["values"], fitted(name)
    for mine, theirs in (
        ("estimate", "beta"), ("se", "se"), ("statistic", "statistic"), ("p_value", "p_value"),
        ("ci_lower", "ci_lower"), ("ci_upper", "ci_upper"), ("df", "df"),
    ):  # fmt: skip
        if values[theirs] is not None:
            close([getattr(c, mine) for c in fit.coefficients], values[theirs], 1e-6, 1e-8)
    close(fit.covariance, values["vcov"], 1e-6, 1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_tests_and_criteria(name: str) -> None:
    values, fit = stored(name)["values"], fitted(name)
    close(fit.q, values["q"], 1e-9)
    close(fit.q_p_value, values["q_p"], 1e-7, 1e-300)
    statistic = fit.omnibus.q / (fit.omnibus.df1 if fit.test == "t" else 1)
    close(statistic, values["qm"], 1e-6)
    close(fit.omnibus.p_value, values["qm_p"], 1e-5, 1e-15)
    for criterion in ("aic", "bic", "aicc"):
        close(getattr(fit.criteria, criterion), values[criterion], 1e-6, 1e-6)
    assert fit.criteria.estimated == values["parms"]


@pytest.mark.parametrize("name", NAMES)
def test_random_effects(name: str) -> None:
    values, fit = stored(name)["values"], fitted(name)
    if values["ranef"] is None or not values["ranef"]:
        # metafor gives none for random slopes, and there are none without random terms.
        assert stored(name)["struct"] == "GEN" or not fit.components
        return
    effects = fit.random_effects()
    assert len(effects) == len(values["ranef"])
    for mine, theirs in zip(effects, values["ranef"], strict=True):
        scale = max(abs(e) for e in theirs["estimate"]) + 1e-12
        close(sorted(mine.estimates), sorted(theirs["estimate"]), 1e-5, 1e-6 * scale)
        close(sorted(mine.se), sorted(theirs["se"]), 1e-5, 1e-6 * scale)
