"""Osler: from trial data to a checked health page.

The names below are loaded when they are first asked for, so that ``import osler`` is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from osler.core.drawing import drawn_by

if TYPE_CHECKING:
    from osler.appraisal.asymmetry import (
        asymmetry_test,
        excess_significance,
        fail_safe_n,
        limit_meta_analysis,
        pet_peese,
        rank_test,
        trim_and_fill,
        weighted_average,
    )
    from osler.appraisal.influence import (
        baujat,
        cumulative,
        gosh,
        influence,
        leave_one_out,
        outliers,
        radial,
        residual_quantiles,
        shrunken_effects,
    )
    from osler.appraisal.multiverse import multiverse
    from osler.appraisal.selection import p_curve, p_uniform_star, selection_model
    from osler.appraisal.sequential import sequential
    from osler.core.diagnostics import DataError, Diagnostic
    from osler.core.results import Result, Why
    from osler.effects import (
        MEASURES,
        Counts,
        Effect,
        Effects,
        Measure,
        Moments,
        Rate,
        ZeroCells,
        back,
        combine_counts,
        combine_moments,
        effect_from_report,
        estimate_effects,
        mean_back,
        sd_from_ci,
        sd_from_se,
    )
    from osler.review.revman import read_revman
    from osler.synthesis import (
        Subgroups,
        Synthesis,
        SynthesisBatch,
        synthesise,
        synthesise_by,
        synthesise_many,
    )
    from osler.synthesis.counts import CountsSynthesis, pool_counts
    from osler.synthesis.covariance import (
        aggregate_effects,
        correlation_covariance,
        sampling_covariance,
    )
    from osler.synthesis.multilevel import (
        Intercept,
        Multilevel,
        Related,
        Slopes,
        Structured,
        multilevel,
    )
    from osler.synthesis.network import (
        ComponentSynthesis,
        NetworkSynthesis,
        component_network,
        network,
    )
    from osler.synthesis.permutation import permutation_test
    from osler.synthesis.planning import power, studies_needed
    from osler.synthesis.pooling import pool
    from osler.synthesis.regression import Regression, regress, regress_correlations
    from osler.synthesis.robust import robust

__all__ = [
    "MEASURES",
    "ComponentSynthesis",
    "Counts",
    "CountsSynthesis",
    "DataError",
    "Diagnostic",
    "Effect",
    "Effects",
    "Intercept",
    "Measure",
    "Moments",
    "Multilevel",
    "NetworkSynthesis",
    "Rate",
    "Regression",
    "Related",
    "Result",
    "Slopes",
    "Structured",
    "Subgroups",
    "Synthesis",
    "SynthesisBatch",
    "Why",
    "ZeroCells",
    "aggregate_effects",
    "asymmetry_test",
    "back",
    "baujat",
    "combine_counts",
    "combine_moments",
    "component_network",
    "correlation_covariance",
    "cumulative",
    "effect_from_report",
    "estimate_effects",
    "excess_significance",
    "fail_safe_n",
    "gosh",
    "influence",
    "leave_one_out",
    "limit_meta_analysis",
    "mean_back",
    "multilevel",
    "multiverse",
    "network",
    "outliers",
    "p_curve",
    "p_uniform_star",
    "permutation_test",
    "pet_peese",
    "pool",
    "pool_counts",
    "power",
    "radial",
    "rank_test",
    "read_revman",
    "regress",
    "regress_correlations",
    "residual_quantiles",
    "robust",
    "sampling_covariance",
    "sd_from_ci",
    "sd_from_se",
    "selection_model",
    "sequential",
    "shrunken_effects",
    "studies_needed",
    "synthesise",
    "synthesise_by",
    "synthesise_many",
    "trim_and_fill",
    "weighted_average",
]

_HOMES = {
    "osler.core.diagnostics": (
        "DataError",
        "Diagnostic",
    ),
    "osler.core.results": (
        "Result",
        "Why",
    ),
    "osler.effects": (
        "Counts",
        "Effect",
        "Effects",
        "MEASURES",
        "Measure",
        "Moments",
        "Rate",
        "ZeroCells",
        "back",
        "combine_counts",
        "combine_moments",
        "effect_from_report",
        "estimate_effects",
        "mean_back",
        "sd_from_ci",
        "sd_from_se",
    ),
    "osler.synthesis": (
        "Subgroups",
        "Synthesis",
        "SynthesisBatch",
        "synthesise",
        "synthesise_by",
        "synthesise_many",
    ),
    "osler.synthesis.network": (
        "ComponentSynthesis",
        "NetworkSynthesis",
        "component_network",
        "network",
    ),
    "osler.review.revman": ("read_revman",),
    "osler.synthesis.permutation": ("permutation_test",),
    "osler.synthesis.pooling": ("pool",),
    "osler.synthesis.counts": (
        "CountsSynthesis",
        "pool_counts",
    ),
    "osler.synthesis.regression": (
        "Regression",
        "regress",
        "regress_correlations",
    ),
    "osler.synthesis.multilevel": (
        "Intercept",
        "Multilevel",
        "Related",
        "Slopes",
        "Structured",
        "multilevel",
    ),
    "osler.synthesis.covariance": (
        "aggregate_effects",
        "correlation_covariance",
        "sampling_covariance",
    ),
    "osler.synthesis.robust": ("robust",),
    "osler.synthesis.planning": (
        "power",
        "studies_needed",
    ),
    "osler.appraisal.asymmetry": (
        "asymmetry_test",
        "excess_significance",
        "fail_safe_n",
        "limit_meta_analysis",
        "pet_peese",
        "rank_test",
        "trim_and_fill",
        "weighted_average",
    ),
    "osler.appraisal.selection": ("p_curve", "p_uniform_star", "selection_model"),
    "osler.appraisal.influence": (
        "baujat",
        "cumulative",
        "gosh",
        "influence",
        "leave_one_out",
        "outliers",
        "radial",
        "residual_quantiles",
        "shrunken_effects",
    ),
    "osler.appraisal.multiverse": ("multiverse",),
    "osler.appraisal.sequential": ("sequential",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

# The one place that knows every layer tells the results which room draws them.
drawn_by("osler.publish.plots")


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'osler' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
