"""From arm-level results to an estimate and its variance on an analysis scale."""

from osler.effects.arms import Counts, Effect, Moments, Rate
from osler.effects.back import back, mean_back, pooled_proportion
from osler.effects.combine import combine_counts, combine_moments
from osler.effects.conversions import sd_from_ci, sd_from_se
from osler.effects.estimate import estimate_effects
from osler.effects.measures import MEASURES, Measure, ZeroCells, is_ratio, measure_named
from osler.effects.model import Effects, ExcludedStudy
from osler.effects.reported import effect_from_report
from osler.effects.rescaling import Range, rescale_difference, rescale_moments

__all__ = [
    "MEASURES",
    "Counts",
    "Effect",
    "Effects",
    "ExcludedStudy",
    "Measure",
    "Moments",
    "Range",
    "Rate",
    "ZeroCells",
    "back",
    "combine_counts",
    "combine_moments",
    "effect_from_report",
    "estimate_effects",
    "is_ratio",
    "mean_back",
    "measure_named",
    "pooled_proportion",
    "rescale_difference",
    "rescale_moments",
    "sd_from_ci",
    "sd_from_se",
]
