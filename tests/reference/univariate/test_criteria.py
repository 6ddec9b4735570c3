"""Log-likelihoods and information criteria against metafor (make_criteria.R)."""

import json
from pathlib import Path
from typing import Any

import pytest

from osler.synthesis import Synthesis, synthesise

HERE = Path(__file__).parent / "criteria"
CASES: list[dict[str, Any]] = json.loads((HERE / "criteria.json").read_text("utf-8"))["cases"]
assert len(CASES) == 27


def fitted(case: dict[str, Any]) -> Synthesis:
    options: dict[str, Any] = {}
    if case["weights"]:
        options = {"weights": case["weights"], "ci_method": "Wald"}
    method = "DL" if case["method"] == "FE" else case["method"]
    labels = [str(i) for i in range(len(case["y"]))]
    return synthesise(labels, case["y"], case["v"], tau2_method=method, **options)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['data']}-{c['method']}")
@pytest.mark.parametrize("kind", ["ml", "reml"])
def test_the_five_numbers(case: dict[str, Any], kind: str) -> None:
    model = "common_effect" if case["method"] == "FE" else "random_effects"
    got = fitted(case).fit_statistics(model, restricted=kind == "reml")
    ours = (got.log_likelihood, got.deviance, got.aic, got.bic, got.aicc)
    assert ours == pytest.approx(case[kind], rel=1e-8)


def test_the_likelihood_follows_the_estimator() -> None:
    by_reml, by_ml = fitted(CASES[0]).fit_statistics(), fitted(CASES[1]).fit_statistics()
    assert by_reml.restricted and by_reml.log_likelihood == pytest.approx(CASES[0]["reml"][0])
    assert not by_ml.restricted and by_ml.log_likelihood == pytest.approx(CASES[1]["ml"][0])
