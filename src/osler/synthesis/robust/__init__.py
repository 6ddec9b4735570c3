"""Tests that stay right where the assumed correlations of estimates do not."""

from osler.synthesis.robust.bootstrap import WildBootstrap, wild_bootstrap
from osler.synthesis.robust.fit import robust
from osler.synthesis.robust.freedom import hotelling_df, satterthwaite
from osler.synthesis.robust.model import RobustCoefficient, RobustTests, RobustWald
from osler.synthesis.robust.sandwich import Robust, robust_covariance
from osler.synthesis.robust.working import WorkingModel, working_model, working_of

__all__ = [
    "Robust",
    "RobustCoefficient",
    "RobustTests",
    "RobustWald",
    "WildBootstrap",
    "WorkingModel",
    "hotelling_df",
    "robust",
    "robust_covariance",
    "satterthwaite",
    "wild_bootstrap",
    "working_model",
    "working_of",
]
