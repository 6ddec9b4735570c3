"""Meta-regression: what moderators say about the effect, and about its spread."""

from osler.synthesis.regression.comparison import Comparison
from osler.synthesis.regression.data import regress
from osler.synthesis.regression.design import Design
from osler.synthesis.regression.fit import CI_METHODS, Fit, Tested
from osler.synthesis.regression.fitting import regress_arrays
from osler.synthesis.regression.from_correlations import (
    CorrelationRegression,
    regress_correlations,
)
from osler.synthesis.regression.inflation import Inflation
from osler.synthesis.regression.influence import RegressionInfluence
from osler.synthesis.regression.model import Omitted, Regression
from osler.synthesis.regression.permutation import PermutationTest
from osler.synthesis.regression.prediction import Predictions
from osler.synthesis.regression.residuals import RegressionResiduals
from osler.synthesis.regression.scale import LINKS, ScaleModel
from osler.synthesis.regression.tau2 import TAU2_METHODS
from osler.synthesis.regression.testing import ADJUSTMENTS, WaldTest, adjust_p_values

__all__ = [
    "ADJUSTMENTS",
    "CI_METHODS",
    "LINKS",
    "TAU2_METHODS",
    "Comparison",
    "CorrelationRegression",
    "Design",
    "Fit",
    "Inflation",
    "Omitted",
    "PermutationTest",
    "Predictions",
    "Regression",
    "RegressionInfluence",
    "RegressionResiduals",
    "ScaleModel",
    "Tested",
    "WaldTest",
    "adjust_p_values",
    "regress",
    "regress_arrays",
    "regress_correlations",
]
