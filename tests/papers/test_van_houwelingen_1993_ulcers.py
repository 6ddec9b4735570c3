"""van Houwelingen, Zwinderman & Stijnen (1993). A bivariate approach to meta-analysis.

Stat Med 12, 2273-2284. doi:10.1002/sim.4780122405. Trials of cimetidine and ranitidine in acute
upper gastrointestinal bleeding, persistent or recurrent bleeding: Collins & Langman (1985).
The paper's odds ratio is that of controls against treated.
"""

import pytest

from osler.synthesis.counts import pool_counts

TRIALS = [
    (8, 50, 16, 50), (11, 56, 12, 53), (5, 18, 1, 12), (2, 14, 6, 15), (12, 33, 10, 36),
    (9, 40, 11, 48), (7, 20, 8, 20), (5, 46, 12, 47), (0, 18, 3, 19), (9, 45, 3, 43),
    (10, 21, 8, 19), (44, 153, 30, 132), (0, 14, 0, 14), (1, 10, 4, 9), (4, 24, 5, 24),
    (14, 78, 21, 80), (50, 259, 51, 260), (3, 10, 1, 11), (6, 31, 12, 29), (16, 51, 15, 54),
    (16, 106, 15, 107), (6, 33, 7, 39), (11, 36, 5, 26), (3, 34, 13, 31), (2, 15, 3, 14),
]  # fmt: skip


def test_page_2275_common_odds_ratio() -> None:
    x1, n1, x2, n2 = zip(*TRIALS, strict=True)
    fit = pool_counts({"ai": x2, "n1i": n2, "ci": x1, "n2i": n1}, method="GLMM-CM.EL")
    common, random = fit.common, fit.random
    assert common is not None and random is not None
    assert round(common.estimate, 3) == 0.122
    assert common.se == pytest.approx(0.099, abs=0.0011)
    assert round(fit.common_log_likelihood, 3) == -53.679
    assert round(fit.heterogeneity.tau2, 3) == 0.119
    assert round(random.se, 3) == 0.136


def test_page_2277_random_effect_and_its_height() -> None:
    """0.175 (-0.092 to 0.441), height -52.989: the exact integral gives 0.1744 and -52.990.

    R's ``integrate`` at a tolerance of 1e-11 gives the same as here, so the last digits are
    those of the integration of the day (see tests/reference/counts).
    """
    x1, n1, x2, n2 = zip(*TRIALS, strict=True)
    fit = pool_counts({"ai": x2, "n1i": n2, "ci": x1, "n2i": n1}, method="GLMM-CM.EL")
    shown = (fit.pooled.estimate, fit.pooled.ci_lower, fit.pooled.ci_upper)
    assert shown == pytest.approx((0.175, -0.092, 0.441), abs=0.0011)
    assert fit.log_likelihood == pytest.approx(-52.989, abs=0.0015)
