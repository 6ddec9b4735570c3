"""How many studies a synthesis needs, and what it can find."""

from osler.synthesis.planning.moderators import heterogeneity_power, slope_power, subgroup_power
from osler.synthesis.planning.power import detectable_effect, power, studies_needed
from osler.synthesis.planning.result import Power
from osler.synthesis.planning.variances import study_variance

__all__ = [
    "Power",
    "detectable_effect",
    "heterogeneity_power",
    "power",
    "slope_power",
    "studies_needed",
    "study_variance",
    "subgroup_power",
]
