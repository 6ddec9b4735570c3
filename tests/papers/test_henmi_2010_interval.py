"""Henmi & Copas (2010). Confidence intervals for random effects meta-analysis.

Stat Med 29, 2969-2983. doi:10.1002/sim.4029. Sixteen trials of acupoint stimulation against
nausea (Lee 2004), log odds ratios.
"""

import json
from pathlib import Path

import pytest

from osler.synthesis import Synthesis, synthesise

STORED = Path("tests/reference/univariate/lee2004_OR.json")


def fitted(ci_method: str) -> Synthesis:
    data = json.loads(STORED.read_text(encoding="utf-8"))
    labels = [str(i) for i in range(len(data["y"]))]
    return synthesise(labels, data["y"], data["v"], tau2_method="DL", ci_method=ci_method)


def test_page_2978_dersimonian_and_laird() -> None:
    fit = fitted("Wald")
    assert fit.heterogeneity.tau2 == pytest.approx(0.333, abs=5e-4)
    assert fit.random.estimate == pytest.approx(-0.679, abs=5e-4)
    assert fit.random.ci_lower == pytest.approx(-1.066, abs=5e-4)
    assert fit.random.ci_upper == pytest.approx(-0.291, abs=5e-4)


def test_page_2978_henmi_and_copas() -> None:
    random = fitted("HC").random
    assert random.estimate == pytest.approx(-0.514, abs=5e-4)
    assert random.ci_lower == pytest.approx(-0.999, abs=5e-4)
    assert random.ci_upper == pytest.approx(-0.030, abs=5e-4)
