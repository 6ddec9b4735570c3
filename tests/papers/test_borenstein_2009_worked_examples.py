"""Borenstein, Hedges, Higgins & Rothstein (2009). Introduction to Meta-Analysis, chapter 14.

Wiley. doi:10.1002/9780470743386. Three made-up data sets worked through by hand: standardised
mean differences, odds ratios and correlations; fixed effect and DerSimonian-Laird.
"""

import math
from typing import Any

import pytest

from osler import Synthesis, estimate_effects, synthesise
from tests.papers.studies import pooled, ratio

MEANS: dict[str, list[Any]] = {
    "study": ["Carroll", "Grant", "Peck", "Donat", "Stewart", "Young"],
    "m1i": [94, 98, 98, 94, 98, 96],
    "sd1i": [22, 21, 28, 19, 21, 21],
    "n1i": [60, 65, 40, 200, 50, 85],
    "m2i": [92, 92, 88, 82, 88, 92],
    "sd2i": [20, 22, 26, 17, 22, 22],
    "n2i": [60, 65, 40, 200, 45, 85],
}
COUNTS: dict[str, list[Any]] = {
    "study": ["Saint", "Kelly", "Pilbeam", "Lane", "Wright", "Day"],
    "ai": [12, 8, 14, 25, 8, 16],
    "n1i": [65, 40, 80, 400, 40, 65],
    "ci": [16, 10, 19, 80, 11, 18],
    "n2i": [65, 40, 80, 400, 40, 65],
}
CORRELATIONS: dict[str, list[Any]] = {
    "study": ["Fonda", "Newman", "Grant", "Granger", "Milland", "Finch"],
    "ri": [0.5, 0.6, 0.4, 0.2, 0.7, 0.45],
    "ni": [40, 90, 25, 400, 60, 50],
}


@pytest.fixture(scope="module")
def means() -> Synthesis:
    # The book's g: J = 1 - 3 / (4 df - 1), and J squared times the variance of d.
    effects = estimate_effects(MEANS, "SMD", variance="LS2", correction="approximate")
    return synthesise(
        effects.studies,
        effects.estimates,
        effects.variances,
        tau2_method="DL",
        ci_method="Wald",
        i2_method="q",
    )


def test_tables_14_2_and_14_3_standardised_mean_differences(means: Synthesis) -> None:
    assert [round(y, 3) for y in means.estimates] == [0.095, 0.277, 0.367, 0.664, 0.462, 0.185]
    assert [round(v, 3) for v in means.variances] == [0.033, 0.031, 0.050, 0.011, 0.043, 0.023]
    weights = [30.352, 32.568, 20.048, 95.111, 23.439, 42.698]
    assert [1 / v for v in means.variances] == pytest.approx(weights, abs=5.1e-4)


def test_pages_88_to_91_pooled_standardised_mean_differences(means: Synthesis) -> None:
    assert (round(means.common.estimate, 4), round(means.common.se, 4)) == (0.4143, 0.0640)
    assert round(means.heterogeneity.q, 4) == 12.0033
    assert round(means.heterogeneity.tau2, 4) == 0.0373
    assert round(100 * means.heterogeneity.i2, 2) == 58.34
    assert round(means.random.estimate, 4) == 0.3582


def test_pages_92_to_95_odds_ratios() -> None:
    fit = pooled(COUNTS, "OR")
    assert (round(fit.common.estimate, 4), round(fit.common.se, 4)) == (-0.7241, 0.1539)
    assert ratio(fit.common, 4) == (0.4847, 0.3586, 0.6553)
    assert round(fit.heterogeneity.q, 4) == 10.5512
    assert round(fit.heterogeneity.tau2, 4) == 0.1729
    assert round(100 * fit.heterogeneity.i2, 2) == 52.61
    assert (round(fit.random.estimate, 4), round(fit.random.se, 4)) == (-0.5663, 0.2388)
    assert ratio(fit.random, 4) == (0.5676, 0.3554, 0.9065)


def test_pages_97_to_102_correlations() -> None:
    fit = pooled(CORRELATIONS, "ZCOR")
    assert (round(fit.common.estimate, 4), round(fit.common.se, 4)) == (0.3750, 0.0393)
    assert round(fit.heterogeneity.q, 4) == 36.1437
    assert round(fit.heterogeneity.tau2, 4) == 0.0819
    assert round(fit.random.estimate, 4) == 0.5328
    assert (round(math.tanh(fit.common.estimate), 4), round(math.tanh(fit.random.estimate), 4)) == (
        0.3584,
        0.4875,
    )
