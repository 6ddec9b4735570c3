"""Selection models, p-curve and p-uniform* against metafor and the papers' formulas in R."""

import json
import math
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from osler.appraisal.selection import (
    SelectionModel,
    p_curve,
    p_uniform_star,
    selection_model,
)

HERE = Path(__file__).parent
NAMES = tuple(sorted(path.stem for path in HERE.glob("*.json")))
ALTERNATIVES = {"two.sided": "two-sided"}
KINDS = {
    "halfnorm": "half-normal",
    "negexp": "negative-exponential",
    "negexppow": "negative-exponential-power",
}


@cache
def stored(name: str) -> Any:
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def studies_of(name: str) -> Any:
    data = stored(name)["data"]
    labels = tuple(str(i) for i in range(len(data["yi"])))
    return SimpleNamespace(
        measure=data["measure"],
        studies=labels,
        estimates=tuple(data["yi"]),
        variances=tuple(data["vi"]),
    )


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_the_grid_is_whole() -> None:
    assert len(NAMES) == 27
    assert sum(len(stored(name)["steps"]) for name in NAMES) >= 90
    smooth = [case for name in NAMES for case in stored(name).get("smooth", [])]
    assert {case["type"] for case in smooth} == {
        *("beta", "halfnorm", "negexp", "logistic", "power", "negexppow")
    }
    assert len(smooth) == 54


def agrees(found: SelectionModel, expected: dict[str, Any], free: slice) -> None:
    """Never lower than R's summit; where as high, the same place and the same errors."""
    gap = found.log_likelihood - expected["log_likelihood"]
    assert gap > -1e-7
    assert found.converged
    if gap > 1e-6 or expected["gradient"] > 1e-5:
        return
    mine = [found.estimate, found.tau2, *found.delta[free]]
    errors = [found.se, found.tau2_se, *(part.se for part in found.selection[free])]
    for value, error, theirs, their_error, inside in zip(
        mine, errors, expected["par"], expected["se"], expected["inside"], strict=True
    ):
        # A flat likelihood leaves the place open by about a hundredth of its own error.
        slack = 1e-6 * (their_error or 1.0)
        assert value == pytest.approx(theirs, rel=2e-6, abs=slack + 1e-9)
        if inside and their_error is not None and math.isfinite(error):
            assert error == pytest.approx(their_error, rel=1e-4)


def stepped() -> list[tuple[str, int]]:
    return [(name, i) for name in NAMES for i in range(len(stored(name)["steps"]))]


@pytest.mark.parametrize(("name", "i"), stepped())
def test_step_functions(name: str, i: int) -> None:
    expected = stored(name)["steps"][i]
    common = expected["method"] == "EE"
    found = selection_model(
        studies_of(name),
        steps=expected["steps"],
        alternative=ALTERNATIVES.get(expected["alternative"], expected["alternative"]),
        model="common" if common else "random",
    )
    assert [part.studies for part in found.intervals] == expected["counts"]
    agrees(found, expected, slice(1, None))
    metafor = expected["metafor"]
    if found.log_likelihood - metafor["log_likelihood"] < 1e-7:
        assert found.lr == pytest.approx(metafor["lrt"], abs=1e-6)
        assert found.lr_p_value == pytest.approx(metafor["lrt_p"], abs=1e-6)


def smooth() -> list[tuple[str, int]]:
    return [(name, i) for name in NAMES for i in range(len(stored(name).get("smooth", [])))]


@pytest.mark.parametrize(("name", "i"), smooth())
def test_smooth_functions(name: str, i: int) -> None:
    expected = stored(name)["smooth"][i]
    found = selection_model(
        studies_of(name),
        KINDS.get(expected["type"], expected["type"]),
        alternative=ALTERNATIVES.get(expected["alternative"], expected["alternative"]),
    )
    agrees(found, expected, slice(None))
    assert found.log_likelihood_unselected == pytest.approx(expected["unselected"], abs=1e-7)


@pytest.mark.parametrize("name", [name for name in NAMES if "metafor" in stored(name)])
def test_smooth_functions_by_metafor(name: str) -> None:
    for expected in stored(name)["metafor"]:
        found = selection_model(
            studies_of(name),
            KINDS.get(expected["type"], expected["type"]),
            alternative=expected["alternative"],
        )
        # metafor integrates to about 1e-4 and stops its search at 1e-8 of the likelihood.
        assert found.log_likelihood - expected["log_likelihood"] > -1e-6
        if found.log_likelihood - expected["log_likelihood"] < 1e-4:
            assert found.estimate == pytest.approx(expected["par"][0], abs=0.02 * found.se)


def test_fixed_weights() -> None:
    """Vevea and Woods' table of weights on the ratings of Cohen (1981)."""
    steps = [0.005, 0.01, 0.05, 0.10, 0.25, 0.35, 0.50, 0.65, 0.75, 0.90, 0.95, 0.99, 0.995]
    for expected in stored("cohen1981")["fixed"].values():
        found = selection_model(studies_of("cohen1981"), steps=steps, delta=expected["delta"])
        assert found.log_likelihood == pytest.approx(expected["log_likelihood"], abs=1e-7)
        assert found.estimate == pytest.approx(expected["estimate"], abs=1e-6)
        assert found.tau2 == pytest.approx(expected["tau2"], abs=1e-6)
        assert found.se == pytest.approx(expected["se"], rel=1e-3)
        assert found.lr_df == 0


@pytest.mark.parametrize("name", [n for n in NAMES if stored(n)["p_curve"]["significant"]])
def test_p_curve(name: str) -> None:
    expected = stored(name)["p_curve"]
    found = p_curve(studies_of(name))
    assert (found.significant, found.half) == (expected["significant"], expected["half"])
    for mine, theirs in (
        ("skew_z", "skew_full"),
        ("skew_half_z", "skew_half"),
        ("flat_z", "flat_full"),
        ("flat_half_z", "flat_half"),
    ):
        if expected[theirs] is not None:
            # Conditional probabilities next to 1 keep few figures, in either program.
            assert getattr(found, mine) == pytest.approx(expected[theirs], rel=1e-4), mine
    for mine, theirs in (
        ("power", "power"),
        ("power_ci_lower", "power_lower"),
        ("power_ci_upper", "power_upper"),
    ):
        assert getattr(found, mine) == pytest.approx(expected[theirs], abs=2e-6), mine


@pytest.mark.parametrize("name", [name for name in NAMES if stored(name)["p_uniform"]])
def test_p_uniform_star(name: str) -> None:
    expected = stored(name)["p_uniform"]
    found = p_uniform_star(studies_of(name), side=expected["side"])
    assert found.significant == expected["significant"]
    assert found.log_likelihood >= expected["log_likelihood"] - 1e-7
    if found.log_likelihood < expected["log_likelihood"] + 1e-6:
        assert found.estimate == pytest.approx(expected["estimate"], rel=1e-4, abs=1e-5)
        assert found.tau2 == pytest.approx(expected["tau2"], rel=1e-3, abs=1e-6)
        assert found.tau2_lr == pytest.approx(expected["tau2_lr"], abs=1e-5)
        assert found.effect_lr == pytest.approx(expected["effect_lr"], abs=1e-5)
