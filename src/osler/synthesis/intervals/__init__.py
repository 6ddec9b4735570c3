"""Intervals for the pooled estimate, for tau2 and for a new study, one module each."""

from osler.synthesis.intervals.mean import CI_NAMES, MEAN_METHODS
from osler.synthesis.intervals.prediction import PRED_METHODS, PRED_NAMES

CI_METHODS = ("auto", *MEAN_METHODS)
TAU2_CI_METHODS = ("QP", "GENQ", "PL", "PL-ML", "PL-REML", "Wald", "none")

__all__ = [
    "CI_METHODS",
    "CI_NAMES",
    "MEAN_METHODS",
    "PRED_METHODS",
    "PRED_NAMES",
    "TAU2_CI_METHODS",
]
