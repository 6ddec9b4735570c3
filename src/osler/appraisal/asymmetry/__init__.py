"""Do small studies find more than large ones? Tests, and corrections to be read with doubt."""

from osler.appraisal.asymmetry.excess import ExcessSignificance, excess_significance
from osler.appraisal.asymmetry.fail_safe import FailSafeN, fail_safe_n
from osler.appraisal.asymmetry.limit import LimitMetaAnalysis, limit_meta_analysis
from osler.appraisal.asymmetry.pet_peese import PetPeese, pet_peese
from osler.appraisal.asymmetry.powered import WeightedAverage, weighted_average
from osler.appraisal.asymmetry.rank import RankTest, rank_test
from osler.appraisal.asymmetry.regression import AsymmetryTest, asymmetry_test
from osler.appraisal.asymmetry.trim_fill import TrimAndFill, trim_and_fill

__all__ = [
    "AsymmetryTest",
    "ExcessSignificance",
    "FailSafeN",
    "LimitMetaAnalysis",
    "PetPeese",
    "RankTest",
    "TrimAndFill",
    "WeightedAverage",
    "asymmetry_test",
    "excess_significance",
    "fail_safe_n",
    "limit_meta_analysis",
    "pet_peese",
    "rank_test",
    "trim_and_fill",
    "weighted_average",
]
