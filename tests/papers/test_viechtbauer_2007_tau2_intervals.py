"""Viechtbauer (2007). Confidence intervals for the amount of heterogeneity in meta-analysis.

Stat Med 26, 37-52. doi:10.1002/sim.2514. Nine trials of diuretics in pregnancy against
pre-eclampsia (Collins 1985), log odds ratios; the table prints two decimals, the third is
that of the author's own later analysis.
"""

import json
from pathlib import Path

import pytest

from osler.synthesis import Synthesis, synthesise

STORED = Path("tests/reference/univariate/collins1985b_OR.json")


def fitted(tau2_method: str, tau2_ci_method: str = "QP") -> Synthesis:
    data = json.loads(STORED.read_text(encoding="utf-8"))
    labels = [str(i) for i in range(len(data["y"]))]
    return synthesise(
        labels,
        data["y"],
        data["v"],
        measure="OR",
        tau2_method=tau2_method,
        tau2_ci_method=tau2_ci_method,
    )


@pytest.mark.parametrize(
    ("method", "tau2"), [("DL", 0.230), ("ML", 0.239), ("REML", 0.301), ("SJ", 0.456)]
)
def test_page_44_table_ii_estimates(method: str, tau2: float) -> None:
    assert fitted(method).heterogeneity.tau2 == pytest.approx(tau2, abs=5e-4)


@pytest.mark.parametrize(
    ("tau2_method", "ci_method", "lower", "upper"),
    [
        ("DL", "QP", 0.072, 2.203),
        ("ML", "PL", 0.027, 1.131),
        ("REML", "PL", 0.043, 1.475),
        # Printed as -0.101 and -0.131; here a variance is not below 0.
        ("ML", "Wald", 0.0, 0.578),
        ("REML", "Wald", 0.0, 0.732),
    ],
)
def test_page_44_table_ii_intervals(
    tau2_method: str, ci_method: str, lower: float, upper: float
) -> None:
    h = fitted(tau2_method, ci_method).heterogeneity
    assert h.tau2_ci_lower == pytest.approx(lower, abs=5e-4)
    assert h.tau2_ci_upper == pytest.approx(upper, abs=5e-4)
