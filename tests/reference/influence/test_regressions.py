"""What single studies do in a meta-regression against metafor's baujat, blup and qqnorm."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import osler
from osler.synthesis.regression import Regression
from tests.reference.regression.test_own_weights import fitted as weighted
from tests.reference.regression.test_regression import fitted

FILE = Path(__file__).parent / "moderators" / "single_studies.json"
CASES: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))["cases"]
assert len(CASES) == 16
# Of metafor's search for tau2; the other estimators need none.
TOLERANCES = {"FE": 1e-8, "DL": 1e-8, "REML": 1e-6}


def fit_of(case: dict[str, Any]) -> Regression:
    return weighted(case) if case["weights"] else fitted(case, case["method"], case["test"])


def named(case: dict[str, Any]) -> str:
    return f"{case['name']}-{case['method']}-{case['test']}"


@pytest.mark.parametrize("case", CASES, ids=named)
def test_baujat(case: dict[str, Any]) -> None:
    found, rel = osler.baujat(fit_of(case)), TOLERANCES[case["method"]]
    theirs = case["baujat"]
    np.testing.assert_allclose(found.contribution, theirs["contribution"], rel, 1e-9)
    np.testing.assert_allclose(found.influence, theirs["influence"], rel, 1e-9)
    assert found.q == pytest.approx(sum(theirs["contribution"]), rel=rel)


@pytest.mark.parametrize("case", [c for c in CASES if c["blup"]], ids=named)
def test_shrunken_effects(case: dict[str, Any]) -> None:
    found, rel = osler.shrunken_effects(fit_of(case)), TOLERANCES[case["method"]]
    for ours, theirs in (
        (found.effects, case["blup"]["pred"]),
        (found.se, case["blup"]["se"]),
        (found.lower, case["blup"]["lower"]),
        (found.upper, case["blup"]["upper"]),
    ):
        np.testing.assert_allclose(ours, theirs, rel, 1e-8)


@pytest.mark.parametrize("kind", ["standardised", "studentised"])
@pytest.mark.parametrize("case", CASES, ids=named)
def test_quantiles(case: dict[str, Any], kind: str) -> None:
    found = osler.residual_quantiles(fit_of(case), rng=1, kind=kind, repetitions=40)
    order = np.argsort(case[kind]["residuals"])
    theirs = np.array(case[kind]["residuals"])[order]
    np.testing.assert_allclose(found.residuals, theirs, TOLERANCES[case["method"]], 1e-7)
    np.testing.assert_allclose(found.quantiles, np.array(case[kind]["quantiles"])[order], 1e-10)
