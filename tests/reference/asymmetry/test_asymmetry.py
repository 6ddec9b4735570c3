"""Small-study effects against metafor, and against the papers' formulas in base R."""

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from osler.appraisal.asymmetry import (
    asymmetry_test,
    excess_significance,
    fail_safe_n,
    limit_meta_analysis,
    pet_peese,
    rank_test,
    trim_and_fill,
    weighted_average,
)

HERE = Path(__file__).parent
NAMES = tuple(sorted(path.stem for path in HERE.glob("*.json")))
CLOSED, SEARCHED = 1e-9, 1e-7


@dataclass(frozen=True)
class Studies:
    measure: str
    studies: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]


@cache
def stored(name: str) -> Any:
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def studies_of(name: str) -> Studies:
    data = stored(name)["data"]
    labels = tuple(str(i) for i in range(len(data["yi"])))
    return Studies(data["measure"], labels, tuple(data["yi"]), tuple(data["vi"]))


def close(value: float, reference: float, rel: float = CLOSED) -> bool:
    return value == pytest.approx(reference, rel=rel, abs=1e-11)


def test_the_grid_is_whole() -> None:
    assert len(NAMES) == 27
    for name in NAMES:
        found = stored(name)
        assert {"se", "variance"} <= set(found["regressions"])
        assert set(found["regressions"]["se"]) == {
            *("multiplicative", "REML", "ML", "DL", "HE", "PM", "FE", "HKSJ")
        }
        assert len(found["trim_and_fill"]) >= 10, name
    counted = [name for name in NAMES if stored(name)["counts"]]
    assert len(counted) >= 8
    assert len([name for name in NAMES if stored(name)["sizes"]]) >= 14


def cases() -> list[tuple[str, str, str]]:
    return [
        (name, predictor, model)
        for name in NAMES
        for predictor, models in stored(name)["regressions"].items()
        for model in models
    ]


@pytest.mark.parametrize(("name", "predictor", "model"), cases())
def test_regtest(name: str, predictor: str, model: str) -> None:
    expected = stored(name)["regressions"][predictor][model]
    choices: dict[str, Any] = {"model": "additive", "tau2_method": model}
    if model == "HKSJ":
        choices = {"model": "additive", "ci_method": "HKSJ"}
    if model in ("multiplicative", "FE"):
        choices = {"model": "common" if model == "FE" else model}
    n = stored(name)["data"].get("ni")
    test = asymmetry_test(studies_of(name), predictor=predictor, n=n, **choices)
    rel = CLOSED if model in ("multiplicative", "FE", "DL", "HE") else SEARCHED
    assert close(test.slope, expected["slope"], rel)
    assert close(test.se, expected["se"], rel)
    assert close(test.statistic, expected["statistic"], rel)
    assert close(test.p_value, expected["p_value"], 10 * rel)
    if predictor not in ("n", "sqrt(n)"):
        assert close(test.limit_estimate, expected["limit"], rel)
        assert close(test.limit_ci_lower, expected["limit_lower"], rel)
        assert close(test.limit_ci_upper, expected["limit_upper"], rel)
    if "tau2" in expected:
        assert close(test.tau2, expected["tau2"], rel)


@pytest.mark.parametrize("kind", ["peters", "macaskill", "harbord", "deeks", "arcsine"])
@pytest.mark.parametrize("name", [name for name in NAMES if stored(name)["counts"]])
def test_tests_of_counts(name: str, kind: str) -> None:
    expected = stored(name)["counts"][kind]
    arms = stored(name)["data"]["counts"]
    test = asymmetry_test(studies_of(name), kind, arms=arms)
    for mine, theirs in (
        ("slope", "slope"),
        ("se", "se"),
        ("statistic", "statistic"),
        ("p_value", "p_value"),
    ):
        assert close(getattr(test, mine), expected[theirs]), mine
    if test.predictor != "n":
        assert close(test.limit_estimate, expected["limit"])
        assert close(test.limit_ci_lower, expected["limit_lower"])


@pytest.mark.parametrize("name", [name for name in NAMES if stored(name)["sizes"]])
def test_pustejovsky_and_rodgers(name: str) -> None:
    expected = stored(name)["sizes"]["pustejovsky_rodgers"]
    data = stored(name)["data"]
    arms = data.get("sizes") or data["counts"]
    test = asymmetry_test(studies_of(name), "pustejovsky-rodgers", arms=arms)
    assert close(test.slope, expected["slope"])
    assert close(test.statistic, expected["statistic"])
    assert close(test.p_value, expected["p_value"])


@pytest.mark.parametrize("name", [name for name in NAMES if stored(name)["counts"]])
def test_schwarzer(name: str) -> None:
    expected = stored(name)["counts"]["schwarzer"]
    test = rank_test(studies_of(name), "schwarzer", arms=stored(name)["data"]["counts"])
    assert close(test.tau, expected["tau"])
    assert close(test.p_value, expected["p_value"])


@pytest.mark.parametrize("name", NAMES)
def test_ranktest(name: str) -> None:
    test = rank_test(studies_of(name))
    assert close(test.tau, stored(name)["rank"]["tau"])
    assert close(test.p_value, stored(name)["rank"]["p_value"])


@pytest.mark.parametrize("name", NAMES)
def test_trimfill(name: str) -> None:
    for call, expected in stored(name)["trim_and_fill"].items():
        method, estimator, side = call.split("_")
        common = method == "FE"
        found = trim_and_fill(
            studies_of(name),
            estimator,
            side=side,
            trim_model="common" if common else "random",
            tau2_method="REML" if common else method,
            ci_method="Wald",
        )
        assert not [n for n in found.notes if "settle" in n], call
        assert found.missing == expected["missing"], call
        assert found.side == expected["side"], call
        if expected["missing_se"] is None:
            assert math.isnan(found.missing_se), call
        else:
            assert close(found.missing_se, expected["missing_se"]), call
        if estimator == "R0":
            assert close(found.missing_p_value, expected["p_value"]), call
        pooled = found.refitted.common if common else found.refitted.random
        rel = CLOSED if method in ("FE", "DL") else SEARCHED
        assert close(pooled.estimate, expected["estimate"], rel), call
        assert close(pooled.se, expected["se"], rel), call
        assert close(pooled.ci_lower, expected["lower"], rel), call
        if not common:
            assert close(found.refitted.heterogeneity.tau2, expected["tau2"], rel), call
        filled = [y for y, f in zip(found.estimates, found.filled, strict=True) if f]
        theirs = (
            expected["filled"] if isinstance(expected["filled"], list) else [expected["filled"]]
        )
        assert sorted(filled) == pytest.approx(sorted(theirs), rel=rel, abs=1e-9), call


@pytest.mark.parametrize("name", NAMES)
def test_fsn(name: str) -> None:
    expected, studies = stored(name)["fail_safe"], studies_of(name)
    target = expected["orwin_target"]["target"]
    for found, reference in (
        (fail_safe_n(studies), expected["rosenthal"]),
        (fail_safe_n(studies, alpha=0.01), expected["rosenthal_01"]),
        (fail_safe_n(studies, "orwin"), expected["orwin"]),
        (fail_safe_n(studies, "orwin", target=target), expected["orwin_target"]),
        (fail_safe_n(studies, "orwin", target=target, weighted=True), expected["orwin_weighted"]),
        (fail_safe_n(studies, "rosenberg"), expected["rosenberg"]),
    ):
        assert found.n == reference["fsnum"], found.kind
        if "pval" in reference:
            assert close(found.p_value, reference["pval"]), found.kind
        if "meanes" in reference:
            assert close(found.mean, reference["meanes"]), found.kind
    assert fail_safe_n(studies, "general").n == stored(name)["general"]


TES: dict[str, dict[str, Any]] = {
    "chi2": {"test": "chi2"},
    "binom": {"test": "binomial"},
    "exact": {"test": "exact"},
    "greater": {"test": "chi2", "direction": "greater"},
    "less": {"test": "chi2", "alternative": "less"},
    "two_sided": {"test": "chi2", "alternative": "two-sided"},
    "at_zero": {"test": "chi2", "effect": 0.0},
    "random": {"test": "chi2"},
    "alpha_01": {"test": "chi2", "alpha": 0.01},
}


@pytest.mark.parametrize("name", NAMES)
def test_tes(name: str) -> None:
    reference = stored(name)["excess"]
    for call, choices in TES.items():
        if call not in reference:
            continue
        tau2 = reference["tau2"] if call == "random" else 0.0
        found = excess_significance(studies_of(name), tau2=tau2, **choices)
        expected = reference[call]
        # metafor integrates power over the distribution of effects; here it is closed.
        rel = 1e-5 if call == "random" else CLOSED
        assert found.observed == expected["observed"], call
        assert close(found.expected, expected["expected"], rel), call
        assert close(found.p_value, expected["p_value"], 10 * rel), call
        assert list(found.powers) == pytest.approx(expected["power"], rel=rel), call


@pytest.mark.parametrize("name", NAMES)
def test_pet_peese(name: str) -> None:
    found, expected = pet_peese(studies_of(name)), stored(name)["pet_peese"]
    for mine, theirs in ((found.pet, expected["pet"]), (found.peese, expected["peese"])):
        assert close(mine.limit_estimate, theirs["estimate"])
        assert close(mine.limit_se, theirs["se"])
        assert close(mine.limit_ci_lower, theirs["lower"])
        assert close(mine.slope, theirs["slope"])
        assert close(mine.p_value, theirs["slope_p"])
    assert close(found.pet_p_value, expected["pet"]["p_value"])
    assert found.chosen == ("PEESE" if expected["pet"]["p_value"] < 0.1 else "PET")


@pytest.mark.parametrize("name", NAMES)
def test_uwls_and_waap(name: str) -> None:
    expected = stored(name)["waap"]
    for method in ("UWLS", "WAAP"):
        found = weighted_average(studies_of(name), method)
        theirs = expected[method.lower()]
        assert sum(found.powered) == expected["powered"]
        assert found.used == theirs["k"]
        for value in ("estimate", "se", "p_value"):
            assert close(getattr(found, value), theirs[value]), value
        assert close(found.ci_lower, theirs["lower"])
        assert close(found.ci_upper, theirs["upper"])


@pytest.mark.parametrize("tau2_method", ["DL", "REML", "PM"])
@pytest.mark.parametrize("name", NAMES)
def test_limit_meta_analysis(name: str, tau2_method: str) -> None:
    found = limit_meta_analysis(studies_of(name), tau2_method=tau2_method)
    expected = stored(name)["limit"][tau2_method]
    rel = CLOSED if tau2_method == "DL" else SEARCHED
    for mine, theirs in (
        *((same, same) for same in ("tau2", "alpha", "beta", "estimate", "se", "q", "q_residual")),
        ("slope_se", "se_slope"),
    ):
        assert close(getattr(found, mine), expected[theirs], rel), mine
    assert list(found.limits) == pytest.approx(expected["limits"], rel=1e-6, abs=1e-8)
