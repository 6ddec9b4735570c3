"""Rothman, Greenland & Lash (2008). Modern Epidemiology, 3rd ed., chapter 15.

Tolbutamide and death by age (Table 15-1); smoking and coronary deaths in British doctors by age
(Table 15-2). Mantel-Haenszel estimates with 90 % limits.
"""

import math

from osler.synthesis.counts import PooledCounts, pool_counts

DIABETES = {"ai": [8, 22], "bi": [98, 76], "ci": [5, 16], "di": [115, 69]}
DOCTORS = {
    "x1i": [32, 104, 206, 186, 102],
    "t1i": [5.2407, 4.3248, 2.8612, 1.2663, 0.5317],
    "x2i": [2, 12, 28, 28, 31],
    "t2i": [1.8790, 1.0673, 0.5710, 0.2585, 0.1462],
}


def ratio(pooled: PooledCounts | None) -> tuple[float, ...]:
    assert pooled is not None
    shown = (pooled.estimate, pooled.ci_lower, pooled.ci_upper)
    return tuple(round(math.exp(x), 2) for x in shown)


def test_table_15_1_risk_difference() -> None:
    """The chapter's upper limit is 0.088; the unrounded one is 0.0875."""
    fit = pool_counts(DIABETES, measure="RD", level=0.90).common
    assert fit is not None
    assert (round(fit.estimate, 3), round(fit.ci_lower, 3)) == (0.035, -0.018)
    assert abs(fit.ci_upper - 0.088) < 0.001


def test_table_15_1_ratios() -> None:
    assert ratio(pool_counts(DIABETES, measure="RR", level=0.90).common) == (1.33, 0.87, 2.03)
    fit = pool_counts(DIABETES, level=0.90, cmh_correct=False)
    assert ratio(fit.common) == (1.40, 0.84, 2.34)
    assert fit.test is not None and round(fit.test.statistic, 3) == 1.191


def test_table_15_2_rates() -> None:
    difference = pool_counts(DOCTORS, measure="IRD", level=0.90).common
    assert difference is not None
    shown = (difference.estimate, difference.ci_lower, difference.ci_upper)
    assert tuple(round(x, 2) for x in shown) == (11.44, 6.35, 16.53)
    fit = pool_counts(DOCTORS, measure="IRR", level=0.90)
    assert ratio(fit.common) == (1.42, 1.19, 1.70)
    assert fit.heterogeneity.q is not None and round(fit.heterogeneity.q.statistic, 3) == 10.412


def test_table_15_2_conditional_and_unconditional_likelihood() -> None:
    for method in ("GLMM-CM.EL", "GLMM-UM.FS"):
        fit = pool_counts(DOCTORS, measure="IRR", method=method, level=0.90)
        assert fit.common is not None and fit.heterogeneity.lrt is not None
        assert round(fit.common.estimate, 3) == 0.355
        assert round(fit.heterogeneity.lrt.statistic, 3) == 12.132
