"""Estimators of the between-study variance, one module each."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from osler.core.arrays import Floats
from osler.synthesis.kernel import Block
from osler.synthesis.tau2.dl import dersimonian_laird
from osler.synthesis.tau2.generalised_q import inverse_standard_errors, median_generalised
from osler.synthesis.tau2.ml import maximum_likelihood
from osler.synthesis.tau2.moments import (
    generalised_moments,
    hedges,
    hunter_schmidt,
    hunter_schmidt_corrected,
    two_step_dersimonian_laird,
    two_step_hedges,
)
from osler.synthesis.tau2.pm import median_paule_mandel, paule_mandel
from osler.synthesis.tau2.reml import restricted_likelihood
from osler.synthesis.tau2.sj import sidik_jonkman


def _genq(block: Block) -> Floats:
    return generalised_moments(block, inverse_standard_errors(block))


def _genqm(block: Block) -> Floats:
    return median_generalised(block, inverse_standard_errors(block))


# Sidik and Jonkman's and the moment estimator repeated to the end both solve Q = k - 1, and
# so does empirical Bayes: one function under the names that readers know.
TAU2_METHODS: Mapping[str, Callable[[Block], Floats]] = MappingProxyType(
    {
        "REML": restricted_likelihood,
        "ML": maximum_likelihood,
        "DL": dersimonian_laird,
        "DL2": two_step_dersimonian_laird,
        "PM": paule_mandel,
        "PMM": median_paule_mandel,
        "EB": paule_mandel,
        "HE": hedges,
        "HE2": two_step_hedges,
        "HS": hunter_schmidt,
        "HSk": hunter_schmidt_corrected,
        "SJ": sidik_jonkman,
        "SJIT": paule_mandel,
        "GENQ": _genq,
        "GENQM": _genqm,
    }
)

TAU2_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "REML": "restricted maximum likelihood",
        "ML": "maximum likelihood",
        "DL": "DerSimonian and Laird",
        "DL2": "two-step DerSimonian and Laird",
        "PM": "Paule and Mandel",
        "PMM": "median-unbiased Paule and Mandel",
        "EB": "empirical Bayes",
        "HE": "Hedges",
        "HE2": "two-step Hedges",
        "HS": "Hunter and Schmidt",
        "HSk": "Hunter and Schmidt, corrected for few studies",
        "SJ": "Sidik and Jonkman",
        "SJIT": "Sidik and Jonkman, iterated",
        "GENQ": "generalised Q",
        "GENQM": "median-unbiased generalised Q",
    }
)

__all__ = [
    "TAU2_METHODS",
    "TAU2_NAMES",
    "dersimonian_laird",
    "generalised_moments",
    "hedges",
    "hunter_schmidt",
    "hunter_schmidt_corrected",
    "maximum_likelihood",
    "median_generalised",
    "median_paule_mandel",
    "paule_mandel",
    "restricted_likelihood",
    "sidik_jonkman",
    "two_step_dersimonian_laird",
    "two_step_hedges",
]
