"""Every defensible analysis, and how many of them agree."""

from osler.appraisal.multiverse.grid import multiverse
from osler.appraisal.multiverse.result import Multiverse, Specification

__all__ = ["Multiverse", "Specification", "multiverse"]
