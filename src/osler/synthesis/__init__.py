"""Pooled answers from effects."""

from osler.synthesis.batch import SynthesisBatch, synthesise_many
from osler.synthesis.intervals import CI_METHODS, PRED_METHODS, TAU2_CI_METHODS
from osler.synthesis.model import Heterogeneity, Interval, Pooled, Synthesis
from osler.synthesis.modes import reml_notes
from osler.synthesis.pool import synthesise
from osler.synthesis.subgroups import Subgroups, synthesise_by
from osler.synthesis.table import Methods, TableSynthesis, pool_rows
from osler.synthesis.tau2 import TAU2_METHODS

__all__ = [
    "CI_METHODS",
    "PRED_METHODS",
    "TAU2_CI_METHODS",
    "TAU2_METHODS",
    "Heterogeneity",
    "Interval",
    "Methods",
    "Pooled",
    "Subgroups",
    "Synthesis",
    "SynthesisBatch",
    "TableSynthesis",
    "pool_rows",
    "reml_notes",
    "synthesise",
    "synthesise_by",
    "synthesise_many",
]
