"""Boundaries for looking at accumulating studies again and again: a sensitivity analysis."""

from osler.appraisal.sequential.analysis import sequential
from osler.appraisal.sequential.boundaries import (
    alpha_boundaries,
    crossing_probabilities,
    futility_boundaries,
    spent,
)
from osler.appraisal.sequential.information import (
    diversity,
    required_information,
    required_participants_binary,
    required_participants_mean,
)
from osler.appraisal.sequential.plan import Plan
from osler.appraisal.sequential.result import Sequential

__all__ = [
    "Plan",
    "Sequential",
    "alpha_boundaries",
    "crossing_probabilities",
    "diversity",
    "futility_boundaries",
    "required_information",
    "required_participants_binary",
    "required_participants_mean",
    "sequential",
    "spent",
]
