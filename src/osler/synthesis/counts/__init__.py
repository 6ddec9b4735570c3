"""Rare events and count models: pooling from the counts themselves."""

from osler.synthesis.counts.model import CountsHeterogeneity, CountsSynthesis, PooledCounts
from osler.synthesis.counts.pool import CI_METHODS, METHODS, pool_counts
from osler.synthesis.counts.reading import MEASURES
from osler.synthesis.counts.single import proportion_interval, rate_interval
from osler.synthesis.counts.zeros import CORRECTIONS

__all__ = [
    "CI_METHODS",
    "CORRECTIONS",
    "MEASURES",
    "METHODS",
    "CountsHeterogeneity",
    "CountsSynthesis",
    "PooledCounts",
    "pool_counts",
    "proportion_interval",
    "rate_interval",
]
