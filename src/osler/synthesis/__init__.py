"""Pooled answers from effects."""

from osler.synthesis.batch import CI_METHODS, SynthesisBatch, synthesise_many
from osler.synthesis.model import Heterogeneity, Pooled, Synthesis
from osler.synthesis.modes import reml_notes
from osler.synthesis.pool import synthesise
from osler.synthesis.subgroups import Subgroups, synthesise_by
from osler.synthesis.table import Methods, Table, TableSynthesis, pool_rows
from osler.synthesis.tau2 import TAU2_METHODS

__all__ = [
    "CI_METHODS",
    "TAU2_METHODS",
    "Heterogeneity",
    "Methods",
    "Pooled",
    "Subgroups",
    "Synthesis",
    "SynthesisBatch",
    "Table",
    "TableSynthesis",
    "pool_rows",
    "reml_notes",
    "synthesise",
    "synthesise_by",
    "synthesise_many",
]
