"""Truncated selection models against metafor's step function and their likelihood in R."""

import json
from pathlib import Path
from typing import Any

import pytest

from osler.appraisal.selection import selection_model
from osler.synthesis import synthesise

FILE = Path(__file__).parent / "truncated" / "truncated.json"
CASES: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))["cases"]
assert len(CASES) == 8


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['name']}-{c['cut']}-{c['alternative']}")
def test_the_highest_point(case: dict[str, Any]) -> None:
    labels = [str(i) for i in range(len(case["y"]))]
    fit = selection_model(
        synthesise(labels, case["y"], case["v"]), "truncated",
        steps=[case["cut"]], alternative=case["alternative"],
    )  # fmt: skip
    assert fit.converged
    assert fit.log_likelihood == pytest.approx(case["log_likelihood"], rel=1e-9)
    assert fit.log_likelihood_unselected == pytest.approx(case["unselected"], rel=1e-8)
    weight = fit.selection[1]
    ours = (fit.estimate, fit.tau2, weight.estimate)
    assert ours == pytest.approx(case["par"], rel=1e-5)
    assert (fit.se, fit.tau2_se, weight.se) == pytest.approx(case["se"], rel=1e-4)
    if case["by_steps"]:
        told = case["by_steps"]
        assert fit.log_likelihood >= told["log_likelihood"] - 1e-8
        assert fit.lr == pytest.approx(told["lrt"], rel=1e-5)
        assert ours == pytest.approx(told["par"], rel=1e-5)
