"""Reasons to doubt, against numbers from elsewhere."""

import json
from pathlib import Path

import pytest

from osler.appraisal.bias import bias_shares, overall
from osler.appraisal.small_study import egger_test
from osler.core.diagnostics import Place
from osler.review.model import Bias, BiasJudgement


def bias(study: str, judgement: BiasJudgement, domain: str = "overall") -> Bias:
    return Bias(study, domain, judgement, "stated", "", Place("bias.csv"))


def test_egger_equals_metafor(root: Path) -> None:
    """metafor 3.8-1, regtest(yi, vi, model="lm", predictor="sei") on dat.bcg, log risk ratios.

    Printed there: t = -1.401282002289333, df = 11, p = 0.1887069950819788.
    """
    data = json.loads((root / "tests/reference/metafor/bcg_RR.json").read_text("utf-8"))
    studies = data["studies"]
    test = egger_test([s["estimate"] for s in studies], [s["variance"] for s in studies])
    assert test is not None
    assert test.intercept / test.se == pytest.approx(-1.401282002289333, rel=1e-9)
    assert test.df == 11
    assert test.p_value == pytest.approx(0.1887069950819788, rel=1e-9)


@pytest.mark.parametrize("variances", [[0.1, 0.2], [0.1, 0.1, 0.1]])
def test_no_egger_test_without_three_different_precisions(variances: list[float]) -> None:
    assert egger_test([0.1] * len(variances), variances) is None


def test_a_study_is_as_good_as_its_worst_domain() -> None:
    assert overall([bias("a", "low"), bias("a", "high")]) == "high"
    assert overall([bias("a", "low"), bias("a", "some concerns")]) == "some concerns"
    assert overall([]) == "unclear"


def test_shares_add_up_to_one() -> None:
    weights = {"a": 0.2, "b": 0.3, "c": 0.5}
    shares = bias_shares(weights, {"a": [bias("a", "high")], "b": [bias("b", "low")]})
    assert (shares.high, shares.low, shares.unclear) == (0.2, 0.3, 0.5)
    assert shares.high + shares.low + shares.unclear + shares.some_concerns == pytest.approx(1)
