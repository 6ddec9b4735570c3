"""Rare events and count models: pooling from the counts themselves.

The names below are loaded when they are first asked for: who wants an interval for one proportion
does not wait for the mixed models.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

_HOMES = {
    "model": ("CountsHeterogeneity", "CountsSynthesis", "PooledCounts"),
    "pool": ("CI_METHODS", "METHODS", "pool_counts"),
    "reading": ("MEASURES",),
    "single": ("proportion_interval", "rate_interval"),
    "zeros": ("CORRECTIONS",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
