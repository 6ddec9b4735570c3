"""Osler: from trial data to a checked health page.

The names below are loaded when they are first asked for, so that ``import osler`` is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osler.core.diagnostics import DataError, Diagnostic
    from osler.effects import (
        MEASURES,
        Counts,
        Effect,
        Measure,
        Moments,
        combine_counts,
        combine_moments,
        effect_from_report,
        sd_from_ci,
        sd_from_se,
    )
    from osler.synthesis import (
        Subgroups,
        Synthesis,
        SynthesisBatch,
        TableSynthesis,
        synthesise,
        synthesise_by,
        synthesise_many,
    )
    from osler.synthesis.table import pool

__all__ = [
    "MEASURES",
    "Counts",
    "DataError",
    "Diagnostic",
    "Effect",
    "Measure",
    "Moments",
    "Subgroups",
    "Synthesis",
    "SynthesisBatch",
    "TableSynthesis",
    "combine_counts",
    "combine_moments",
    "effect_from_report",
    "pool",
    "sd_from_ci",
    "sd_from_se",
    "synthesise",
    "synthesise_by",
    "synthesise_many",
]

_ROOMS = ("osler.core.diagnostics", "osler.effects", "osler.synthesis.table", "osler.synthesis")


def __getattr__(name: str) -> object:
    if name in __all__:
        for room in _ROOMS:
            value = getattr(import_module(room), name, None)
            if value is not None:
                return value
    raise AttributeError(f"module 'osler' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
