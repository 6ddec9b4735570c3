"""Stijnen, Hamza & Özdemir (2010). Random effects meta-analysis of event outcome in the
framework of the generalized linear mixed model with applications in sparse data.

Stat Med 29, 3046-3067. doi:10.1002/sim.4040. Infections with antimicrobial and with standard
catheters: the trials of Niel-Weise et al. (2007), and those with rates of 2008.
"""

import math

import pytest

from osler.synthesis.counts import CountsSynthesis, pool_counts

CATHETERS = {
    "ai": [0, 1, 2, 0, 5, 1, 1, 1, 1, 1, 0, 0, 3, 6, 0, 0, 1, 4],
    "n1i": [116, 44, 208, 130, 151, 98, 174, 74, 97, 113, 66, 70, 188, 187, 118, 252, 345, 64],
    "ci": [3, 3, 9, 7, 6, 4, 3, 2, 19, 2, 7, 1, 5, 11, 0, 1, 3, 1],
    "n2i": [117, 35, 195, 136, 157, 139, 177, 39, 103, 122, 64, 58, 175, 180, 105, 262, 362, 69],
}
RATES = {
    "x1i": [7, 8, 3, 6, 1, 1, 17, 3, 2],
    "t1i": [1.344, 1.6, 12.012, 1.536, 0.37, 0.729, 6.76, 1.107, 0.32],
    "x2i": [11, 8, 14, 10, 1, 8, 15, 7, 3],
    "t2i": [1.988, 1.461, 10.962, 1.503, 0.483, 0.913, 6.84, 1.015, 0.44],
}


def told(fit: CountsSynthesis) -> tuple[float, float]:
    return round(fit.pooled.estimate, 2), round(fit.pooled.se, 2)


@pytest.mark.parametrize(
    ("events", "size", "estimate", "se", "tau2", "shares"),
    [
        ("ci", "n2i", -3.50, 0.26, 0.81, (0.029, 0.018, 0.048)),
        ("ai", "n1i", -4.81, 0.36, 0.83, (0.008, 0.004, 0.016)),
    ],
)
def test_page_3050_table_ii_binomial_normal(
    events: str, size: str, estimate: float, se: float, tau2: float, shares: tuple[float, ...]
) -> None:
    fit = pool_counts({"xi": CATHETERS[events], "ni": CATHETERS[size]}, measure="PLO")
    assert told(fit) == (estimate, se)
    assert round(fit.heterogeneity.tau2, 2) == tau2
    pooled = fit.pooled
    got = (pooled.estimate, pooled.ci_lower, pooled.ci_upper)
    assert tuple(round(1 / (1 + math.exp(-x)), 3) for x in got) == shares


def test_page_3052_table_iii_exact_conditional_likelihood() -> None:
    fit = pool_counts(CATHETERS, method="GLMM-CM.EL")
    assert (round(fit.pooled.estimate, 3), round(fit.pooled.se, 3)) == (-1.353, 0.351)
    assert round(math.sqrt(fit.heterogeneity.tau2), 2) == 0.83
    assert round(math.exp(fit.pooled.ci_lower), 2) == 0.13
    assert round(math.exp(fit.pooled.ci_upper), 2) == 0.51


def test_page_3052_table_iii_approximate_conditional_likelihood() -> None:
    """The paper's tau is 0.77; 0.775 by more nodes."""
    fit = pool_counts(CATHETERS, method="GLMM-CM.AL")
    assert (round(fit.pooled.estimate, 3), round(fit.pooled.se, 3)) == (-1.303, 0.339)
    assert math.sqrt(fit.heterogeneity.tau2) == pytest.approx(0.77, abs=0.0051)
    assert round(math.exp(fit.pooled.estimate), 2) == 0.27
    assert round(math.exp(fit.pooled.ci_lower), 2) == 0.14
    assert round(math.exp(fit.pooled.ci_upper), 2) == 0.53


@pytest.mark.parametrize(
    ("events", "time", "estimate", "se", "tau2"),
    [("x2i", "t2i", 1.401, 0.231, 0.316), ("x1i", "t1i", 0.850, 0.330, 0.654)],
)
def test_page_3054_table_vii_poisson_normal(
    events: str, time: str, estimate: float, se: float, tau2: float
) -> None:
    """Per 1000 days; the last digit of two numbers is off by one for other programs too."""
    fit = pool_counts({"events": RATES[events], "time": RATES[time]}, measure="IRLN")
    assert fit.pooled.estimate == pytest.approx(estimate, abs=0.0011)
    assert fit.pooled.se == pytest.approx(se, abs=0.0005)
    assert fit.heterogeneity.tau2 == pytest.approx(tau2, abs=0.0011)


def test_page_3055_table_viii_rate_ratio() -> None:
    fit = pool_counts(RATES, measure="IRR", method="GLMM-CM.EL")
    assert (round(fit.pooled.estimate, 3), round(fit.pooled.se, 3)) == (-0.476, 0.238)
    assert round(math.sqrt(fit.heterogeneity.tau2), 2) == 0.35
    assert round(math.exp(fit.pooled.ci_lower), 2) == 0.39
    assert round(math.exp(fit.pooled.ci_upper), 2) == 0.99
