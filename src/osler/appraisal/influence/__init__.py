"""What single studies, and sets of them, do to the answer."""

from osler.appraisal.influence.baujat import Baujat, baujat
from osler.appraisal.influence.cumulative import Cumulative, cumulative
from osler.appraisal.influence.gosh import Gosh, gosh
from osler.appraisal.influence.leave_one_out import LeaveOneOut, leave_one_out
from osler.appraisal.influence.measures import Influence, influence
from osler.appraisal.influence.outlying import Outliers, outliers
from osler.appraisal.influence.radial import Radial, radial
from osler.appraisal.influence.refits import Refit
from osler.appraisal.influence.regression_gosh import RegressionGosh
from osler.appraisal.influence.residual_quantiles import ResidualQuantiles, residual_quantiles
from osler.appraisal.influence.shrinkage import ShrunkenEffects, shrunken_effects

__all__ = [
    "Baujat",
    "Cumulative",
    "Gosh",
    "Influence",
    "LeaveOneOut",
    "Outliers",
    "Radial",
    "Refit",
    "RegressionGosh",
    "ResidualQuantiles",
    "ShrunkenEffects",
    "baujat",
    "cumulative",
    "gosh",
    "influence",
    "leave_one_out",
    "outliers",
    "radial",
    "residual_quantiles",
    "shrunken_effects",
]
