"""Covariances of sampling errors that were not reported, and estimates combined by them."""

from osler.synthesis.covariance.aggregate import Aggregated, aggregate_effects
from osler.synthesis.covariance.construct import sampling_covariance
from osler.synthesis.covariance.correlations import nearest_correlations
from osler.synthesis.covariance.model import SamplingCovariance
from osler.synthesis.covariance.of_correlations import correlation_covariance

__all__ = [
    "Aggregated",
    "SamplingCovariance",
    "aggregate_effects",
    "correlation_covariance",
    "nearest_correlations",
    "sampling_covariance",
]
