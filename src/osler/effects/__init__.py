"""From arm-level results to an estimate and its variance on an analysis scale."""

from osler.effects.combine import combine_counts, combine_moments
from osler.effects.conversions import sd_from_ci, sd_from_se
from osler.effects.measures import MEASURES, Measure, is_ratio, measure_named
from osler.effects.model import Counts, Effect, Moments
from osler.effects.reported import effect_from_report
from osler.effects.rescaling import Range, rescale_difference, rescale_moments

__all__ = [
    "MEASURES",
    "Counts",
    "Effect",
    "Measure",
    "Moments",
    "Range",
    "combine_counts",
    "combine_moments",
    "effect_from_report",
    "is_ratio",
    "measure_named",
    "rescale_difference",
    "rescale_moments",
    "sd_from_ci",
    "sd_from_se",
]
