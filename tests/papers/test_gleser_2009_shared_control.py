"""Gleser & Olkin (2009). Stochastically dependent effect sizes.

In Cooper, Hedges & Valentine (eds), The Handbook of Research Synthesis and Meta-Analysis, 2nd
ed., 357-376. Three treatments against one control group in each of three studies.
"""

import numpy as np

from osler.synthesis.multilevel import multilevel

STUDY = [1, 1, 2, 3, 3, 3]
TREATMENT = [1, 2, 1, 1, 2, 3]
# Events and participants under control and under treatment.
CONTROL = np.array([(40, 1000), (40, 1000), (10, 200), (150, 2000), (150, 2000), (150, 2000)])
TREATED = np.array([(100, 4000), (150, 4000), (15, 400), (40, 1000), (80, 1000), (50, 1000)])
PC, PT = CONTROL[:, 0] / CONTROL[:, 1], TREATED[:, 0] / TREATED[:, 1]
# Risk under control less risk under treatment, as the chapter has it.
DIFFERENCE = PC - PT


def covariance() -> np.ndarray:
    """The variance of the control group's risk is shared within a study."""
    shared = PC * (1 - PC) / CONTROL[:, 1]
    V = np.where(np.equal.outer(STUDY, STUDY), shared[:, None], 0.0)
    V[np.diag_indices(6)] += PT * (1 - PT) / TREATED[:, 1]
    return V


def test_table_19_2_page_360_risk_differences() -> None:
    assert DIFFERENCE.round(4).tolist() == [0.015, 0.0025, 0.0125, 0.035, -0.005, 0.025]


def test_equations_19_6_and_19_7_page_361() -> None:
    X = np.array([[float(t == j) for j in (1, 2, 3)] for t in TREATMENT])
    data = {"rd": DIFFERENCE, "study": STUDY}
    fit = multilevel(X, data, estimate="rd", V=covariance(), names=["1", "2", "3"])
    assert [round(c.estimate, 4) for c in fit.coefficients] == [0.0200, 0.0043, 0.0211]
    expected = [[24.612, 19.954, 13.323], [19.954, 28.538, 13.255], [13.323, 13.255, 69.806]]
    np.testing.assert_allclose(fit.covariance * 1e6, expected, atol=5e-4)
