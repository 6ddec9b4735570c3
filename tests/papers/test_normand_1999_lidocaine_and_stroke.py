"""Normand (1999). Meta-analysis: formulating, evaluating, combining, and reporting.

Stat Med 18, 321-359. doi:10.1002/(SICI)1097-0258(19990215)18:3<321::AID-SIM28>3.0.CO;2-P
The tutorial's two examples: deaths under lidocaine (risk difference) and days in hospital after
stroke under specialist care (mean difference, pooled standard deviations); with the decimals of
the replication at metafor-project.org (normand1999).
"""

import pytest

from osler import Synthesis, estimate_effects, synthesise
from tests.papers.studies import table


def test_lidocaine_risk_difference_without_heterogeneity() -> None:
    effects = estimate_effects(table("hine1989"), "RD")
    fit = synthesise(effects.studies, effects.estimates, effects.variances, ci_method="Wald")
    for pooled in (fit.common, fit.random):
        assert round(pooled.estimate, 4) == 0.0294
        assert round(pooled.se, 4) == 0.0131
    assert fit.heterogeneity.tau2 == 0


def strokes(tau2_method: str) -> Synthesis:
    effects = estimate_effects(table("normand1999"), "MD", variance="HO")
    return synthesise(
        effects.studies,
        effects.estimates,
        effects.variances,
        tau2_method=tau2_method,
        ci_method="Wald",
    )


def test_stroke_common_effect() -> None:
    fit = strokes("DL")
    assert (round(fit.common.estimate, 4), round(fit.common.se, 4)) == (-3.4939, 0.7820)
    assert round(fit.heterogeneity.q, 4) == pytest.approx(241.0590, abs=1e-4)


@pytest.mark.parametrize(
    ("method", "estimate", "se", "tau2"),
    [("DL", -14.0972, 5.2798, 218.7216), ("REML", -15.1217, 8.9542, 685.1965)],
)
def test_stroke_random_effects(method: str, estimate: float, se: float, tau2: float) -> None:
    fit = strokes(method)
    assert fit.random.estimate == pytest.approx(estimate, abs=5.1e-5)
    assert fit.random.se == pytest.approx(se, abs=5.1e-5)
    assert fit.heterogeneity.tau2 == pytest.approx(tau2, rel=1e-6)
