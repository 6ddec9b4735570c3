"""Viechtbauer (2010). Conducting meta-analyses in R with the metafor package.

J Stat Softw 36(3). doi:10.18637/jss.v036.i03. Thirteen trials of the BCG vaccine; the printed
output of the random-effects model of log risk ratios and of its ``confint``.
"""

import pytest

from osler.effects import MEASURES, Counts
from osler.synthesis import Synthesis, synthesise

# Cases and participants, vaccinated and not: Colditz et al. (1994), JAMA 271, 698-702.
TRIALS = {
    "Aronson 1948": (4, 123, 11, 139),
    "Ferguson & Simes 1949": (6, 306, 29, 303),
    "Rosenthal et al 1960": (3, 231, 11, 220),
    "Hart & Sutherland 1977": (62, 13598, 248, 12867),
    "Frimodt-Moller et al 1973": (33, 5069, 47, 5808),
    "Stein & Aronson 1953": (180, 1541, 372, 1451),
    "Vandiviere et al 1973": (8, 2545, 10, 629),
    "TPT Madras 1980": (505, 88391, 499, 88391),
    "Coetzee & Berjak 1968": (29, 7499, 45, 7277),
    "Rosenthal et al 1961": (17, 1716, 65, 1665),
    "Comstock et al 1974": (186, 50634, 141, 27338),
    "Comstock & Webster 1969": (5, 2498, 3, 2341),
    "Comstock et al 1976": (27, 16913, 29, 17854),
}


@pytest.fixture(scope="module")
def fit() -> Synthesis:
    effects = [
        MEASURES["RR"].estimate(treated=Counts(a, n), control=Counts(c, m))
        for a, n, c, m in TRIALS.values()
    ]
    return synthesise(
        list(TRIALS),
        [e.estimate for e in effects],
        [e.variance for e in effects],
        measure="RR",
        ci_method="Wald",
    )


def test_random_effects_model(fit: Synthesis) -> None:
    assert round(fit.random.estimate, 4) == -0.7145
    assert round(fit.random.se, 4) == 0.1798
    assert (round(fit.random.ci_lower, 4), round(fit.random.ci_upper, 4)) == (-1.0669, -0.3622)
    assert round(fit.heterogeneity.tau2, 4) == 0.3132


def test_heterogeneity(fit: Synthesis) -> None:
    h = fit.heterogeneity
    assert (round(h.q, 3), h.df) == (152.233, 12)
    assert round(100 * h.i2, 2) == 92.22
    assert round(h.h2, 2) == 12.86


def test_interval_of_tau2(fit: Synthesis) -> None:
    h = fit.heterogeneity
    assert (round(h.tau2_ci_lower, 4), round(h.tau2_ci_upper, 4)) == (0.1197, 1.1115)
