"""Predictions and profile intervals, against metafor's predict() and confint()."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osler.synthesis.multilevel import Multilevel, Predictions, Structured, multilevel

HERE = Path(__file__).parent / "intervals"
NAMES = ("assink2016", "berkey1998", "konstantopoulos2011")
# Osler's name of each component, by data set and by metafor's.
COMPONENTS = {
    "assink2016": {"study": "sigma2[study]", "esid": "sigma2[study/esid]"},
    "berkey1998": {
        "AL": "tau2[AL | trial]", "PD": "tau2[PD | trial]", "rho": "rho[AL, PD | trial]",
    },
    "konstantopoulos2011": {"district": "sigma2[district]", "school": "sigma2[district/school]"},
}  # fmt: skip


@cache
def stored(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


@cache
def fitted(name: str) -> Multilevel:
    case = stored(name)
    data = case["data"]
    if name == "berkey1998":
        random = Structured("outcome", within="trial", structure="UN")
        return multilevel("yi ~ 0 + outcome", data, random=random, V=case["V"], test="z")
    inner = {"assink2016": "study/esid", "konstantopoulos2011": "district/school"}[name]
    return multilevel("yi ~ 1", data, random=f"~ 1 | {inner}", variance="vi", test="z")


def check(got: Predictions, expected: dict[str, list[float]]) -> None:
    for mine, theirs in (
        ("estimates", "pred"), ("se", "se"), ("ci_lower", "ci.lb"), ("ci_upper", "ci.ub"),
        ("pred_lower", "pi.lb"), ("pred_upper", "pi.ub"),
    ):  # fmt: skip
        np.testing.assert_allclose(getattr(got, mine), expected[theirs], rtol=1e-5, atol=1e-6)


def test_the_grid_is_whole() -> None:
    assert tuple(sorted(path.stem for path in HERE.glob("*.json"))) == NAMES
    assert {name: set(stored(name)["intervals"]) for name in NAMES} == {
        name: set(known) for name, known in COMPONENTS.items()
    }


@pytest.mark.parametrize(
    ("name", "component"), [(name, each) for name in NAMES for each in COMPONENTS[name]]
)
def test_profile_interval(name: str, component: str) -> None:
    expected = stored(name)["intervals"][component]
    got = fitted(name).component_interval(COMPONENTS[name][component])
    for side in ("lower", "upper"):
        np.testing.assert_allclose(getattr(got, side), expected[side], rtol=2e-4, atol=1e-6)


def test_prediction_of_the_mean() -> None:
    check(fitted("konstantopoulos2011").predict(), stored("konstantopoulos2011")["mean"])


def test_prediction_by_moderator() -> None:
    case = stored("konstantopoulos2011")
    decade = [(year - 1985) / 10 for year in case["data"]["year"]]
    fit = multilevel(
        "yi ~ decade", case["data"] | {"decade": decade}, random="~ 1 | district/school",
        variance="vi",
    )  # fmt: skip
    check(fit.predict({"decade": [-0.9, 0.0, 1.5]}), case["year"])


def test_prediction_by_level() -> None:
    fit = fitted("berkey1998")
    check(fit.predict({"outcome": ["AL", "PD"]}), stored("berkey1998")["levels"])


def test_profile_of_a_correlation() -> None:
    case = stored("berkey1998")
    held = [
        multilevel(
            "yi ~ 0 + outcome", case["data"], V=case["V"], hold={"rho[AL, PD | trial]": rho},
            random=Structured("outcome", within="trial", structure="UN"),
        ).criteria.log_likelihood
        for rho in np.linspace(-0.6, 0.6, 5)
    ]  # fmt: skip
    np.testing.assert_allclose(held, case["profile"]["rho"], atol=1e-6)
