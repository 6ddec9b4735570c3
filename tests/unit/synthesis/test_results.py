"""What a synthesis says of itself, with the BCG trials."""

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from osler.core.diagnostics import DataError
from osler.synthesis import Synthesis, synthesise, synthesise_by
from osler.synthesis.intervals import CI_METHODS, PRED_METHODS, TAU2_CI_METHODS
from osler.synthesis.tau2 import TAU2_METHODS

STORED = Path("tests/reference/metafor/bcg_RR.json")
ALLOCATION = ["random"] * 4 + ["alternate"] * 4 + ["systematic"] * 5


@pytest.fixture(scope="module")
def fit() -> Synthesis:
    return bcg()


def bcg(**options: object) -> Synthesis:
    studies = json.loads(STORED.read_text(encoding="utf-8"))["studies"]
    return synthesise(
        [f"Trial {i}" for i in range(1, 14)],
        [s["estimate"] for s in studies],
        [s["variance"] for s in studies],
        measure="RR",
        **options,  # type: ignore[arg-type]
    )


def test_the_summary(fit: Synthesis) -> None:
    text = fit.summary()
    assert "Risk ratio (RR), 13 studies" in text
    assert "Random effects" in text
    assert "0.49  0.33 to 0.73" in text
    assert "0.14 to 1.76" in text
    assert "tau² = 0.313 (95% CI 0.120 to 1.11), SE 0.166" in text
    assert "I² = 92.2% (95% CI 81.9% to 97.7%)" in text
    assert "restricted maximum likelihood (REML); its interval: Q-profile" in text
    assert "(HKSJ), 12 degrees of freedom" in text
    assert repr(fit) == text
    assert "<pre>" in fit._repr_html_()


@pytest.mark.parametrize("option", ["tau2_method", "ci_method", "pred_method", "tau2_ci_method"])
def test_no_choice_goes_unnamed(option: str) -> None:
    known = {
        "tau2_method": tuple(TAU2_METHODS),
        "ci_method": CI_METHODS[1:],
        "pred_method": PRED_METHODS,
        "tau2_ci_method": TAU2_CI_METHODS,
    }[option]
    for name in known:
        fit = bcg(**{option: name})
        text = fit.summary()
        assert max(len(line) for line in text.splitlines()) <= 96
        if option != "tau2_ci_method":
            assert f"({name})" in text.replace("\n    ", " ")
        assert fit.text()
        for number in fit.reasons():
            assert str(fit.why(number)).startswith(number)


def test_long_labels_and_many_studies_keep_the_width() -> None:
    k = 300
    y = [0.01 * (i % 17) for i in range(k)]
    fit = synthesise(
        [f"A very long label of study number {i} in the table" for i in range(k)],
        y,
        [0.02 + 0.001 * (i % 7) for i in range(k)],
    )
    lines = fit.summary().splitlines()
    assert max(map(len, lines)) <= 96
    assert len(lines) < 80
    assert any("260 more" in line for line in lines)


def test_the_sentences(fit: Synthesis) -> None:
    text = fit.text()
    assert "risk ratios, on the log scale, from 13 studies" in text
    assert "The pooled risk ratio was 0.49 (95% CI 0.33 to 0.73); p = 0.002." in text
    assert "prediction interval was 0.14 to 1.76" in text


def test_one_study_is_told_too() -> None:
    one = synthesise(["A"], [0.4], [0.09])
    assert "Heterogeneity cannot be seen in one study." in one.summary()
    assert "There was one study" in one.text()
    assert "heterogeneity.tau2" not in one.reasons()


def test_the_columns(fit: Synthesis) -> None:
    columns = fit.columns()
    assert columns["study"][0] == "Trial 1"
    assert {len(values) for values in columns.values()} == {13}
    assert sum(map(float, columns["weight_random"])) == pytest.approx(1)  # type: ignore[arg-type]
    assert fit.to_frame("polars").shape == (13, 7)


def given(fit: Synthesis, number: str) -> dict[str, object]:
    return dict(fit.why(number).inputs)


def test_reasons_lead_to_their_numbers(fit: Synthesis) -> None:
    """Recompute each from what stands in its formula."""
    y, v = fit.estimates, fit.variances
    at = given(fit, "random.estimate")
    tau2 = at["τ²"]
    assert isinstance(tau2, float)
    w = [1 / (x + tau2) for x in v]
    mean = sum(a * b for a, b in zip(w, y, strict=True)) / sum(w)
    assert mean == pytest.approx(fit.random.estimate)
    q = sum(a * (b - mean) ** 2 for a, b in zip(w, y, strict=True))
    assert math.sqrt(q / (12 * sum(w))) == pytest.approx(fit.random.se)
    at = given(fit, "random.ci_lower")
    lower = at["estimate"] - at["quantile"] * at["se"]  # type: ignore[operator]
    assert lower == pytest.approx(fit.random.ci_lower)
    at = given(fit, "heterogeneity.i2")
    assert at["τ²"] / (at["τ²"] + at["ṽ"]) == pytest.approx(fit.heterogeneity.i2)  # type: ignore[operator]
    at = given(fit, "random.pred_upper")
    half = at["quantile"] * math.sqrt(at["se"] ** 2 + at["τ²"])  # type: ignore[operator]
    assert at["estimate"] + half == pytest.approx(fit.random.pred_upper)  # type: ignore[operator]


def test_reasons_name_what_there_is(fit: Synthesis) -> None:
    with pytest.raises(DataError) as error:
        fit.why("random.mean")
    assert error.value.diagnostics[0].code == "RES001"
    assert "random.estimate" in error.value.diagnostics[0].found


def test_an_interval_asked_for_later(fit: Synthesis) -> None:
    for method in CI_METHODS[1:]:
        later = fit.ci(method=method, level=0.9)
        assert later.method == method
        whole = bcg(ci_method=method, level=0.9).random
        assert later.lower == pytest.approx(whole.ci_lower)
    assert fit.ci().lower == pytest.approx(fit.random.ci_lower)
    assert fit.ci(method="auto").method == "HKSJ"
    for options, code in (({"method": "XX"}, "SYN005"), ({"level": 95.0}, "SYN006")):
        with pytest.raises(DataError) as error:
            fit.ci(**options)  # type: ignore[arg-type]
        assert error.value.diagnostics[0].code == code


TRAVEL = """
import pickle
from osler.synthesis import synthesise
fit = synthesise(["A", "B", "C"], [0.1, 0.3, 0.9], [0.04, 0.02, 0.03])
again = pickle.loads(pickle.dumps(fit))
assert again.random == fit.random and again.summary() == fit.summary()
"""


def test_results_travel() -> None:
    """Between processes, as a pool of workers needs it."""
    subprocess.run([sys.executable, "-c", TRAVEL], check=True)


def test_tau_is_the_root_of_tau2(fit: Synthesis) -> None:
    assert fit.heterogeneity.tau == pytest.approx(math.sqrt(fit.heterogeneity.tau2))


@pytest.mark.parametrize("tau2", ["separate", "common"])
def test_subgroups_tell_of_themselves(fit: Synthesis, tau2: str) -> None:
    by = synthesise_by(
        ALLOCATION, fit.studies, fit.estimates, fit.variances, measure="RR", tau2=tau2
    )
    assert by.tau2_sharing == tau2
    text = by.summary()
    assert "Risk ratio, 3 subgroups" in text
    assert "Difference between subgroups" in text
    assert ("one for all subgroups" in text) == (tau2 == "common")
    assert max(len(line) for line in text.splitlines()) <= 96
    assert "random 0." in by.text()
    assert by.columns()["subgroup"] == ["random", "alternate", "systematic"]
    at = dict(by.why("q").inputs)
    means, precision = np.array(at["μ̂ᵍ"]), np.array(at["Wᵍ"])
    whole = (precision * means).sum() / precision.sum()
    assert (precision * (means - whole) ** 2).sum() == pytest.approx(by.q)
    assert str(by.why("p_value")).startswith("p_value")


def test_a_common_tau2_has_limits(fit: Synthesis) -> None:
    with pytest.raises(DataError) as error:
        synthesise_by(
            ALLOCATION, fit.studies, fit.estimates, fit.variances, tau2_method="SJ", tau2="common"
        )
    assert error.value.diagnostics[0].code == "SYN014"
    with pytest.raises(DataError) as error:
        synthesise_by(ALLOCATION, fit.studies, fit.estimates, fit.variances, tau2="both")
    assert error.value.diagnostics[0].code == "SYN005"
    alone = synthesise_by(list("ABC"), list("ABC"), [0.1, 0.2, 0.3], [0.1] * 3, tau2="common")
    assert [f.heterogeneity.tau2 for f in alone.results.values()] == [0, 0, 0]
