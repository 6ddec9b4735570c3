"""What if studies are seen because of their p-values? Models of selection."""

from osler.appraisal.selection.model import selection_model
from osler.appraisal.selection.p_curve import PCurve, p_curve
from osler.appraisal.selection.p_uniform import PUniformStar, p_uniform_star
from osler.appraisal.selection.results import Coefficient, SelectionModel

__all__ = [
    "Coefficient",
    "PCurve",
    "PUniformStar",
    "SelectionModel",
    "p_curve",
    "p_uniform_star",
    "selection_model",
]
