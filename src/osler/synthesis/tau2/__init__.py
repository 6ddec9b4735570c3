"""Estimators of the between-study variance, one module each."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from osler.core.arrays import Floats
from osler.synthesis.kernel import Block
from osler.synthesis.tau2.dl import dersimonian_laird
from osler.synthesis.tau2.pm import paule_mandel
from osler.synthesis.tau2.reml import restricted_likelihood

TAU2_METHODS: Mapping[str, Callable[[Block], Floats]] = MappingProxyType(
    {"DL": dersimonian_laird, "PM": paule_mandel, "REML": restricted_likelihood}
)

__all__ = ["TAU2_METHODS", "dersimonian_laird", "paule_mandel", "restricted_likelihood"]
