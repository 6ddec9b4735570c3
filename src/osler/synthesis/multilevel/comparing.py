"""Likelihood-ratio test of two multilevel models."""

from typing import Protocol

import numpy as np

from osler.core.diagnostics import DataError
from osler.core.quantiles import chi2_tail
from osler.synthesis.multilevel import problems
from osler.synthesis.multilevel.fitted import Fitted
from osler.synthesis.regression.comparison import Comparison, lies_within

# By so much a smaller model's log-likelihood may be higher through rounding.
_ROUNDING = 1e-7


class Criterial(Protocol):
    """What is compared of a model."""

    @property
    def log_likelihood(self) -> float: ...
    @property
    def estimated(self) -> int: ...
    @property
    def aic(self) -> float: ...
    @property
    def bic(self) -> float: ...
    @property
    def aicc(self) -> float: ...


class Likely(Protocol):
    """What a comparison needs of a model."""

    @property
    def fitted(self) -> Fitted: ...
    @property
    def formula(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def criteria(self) -> Criterial: ...


def compare(first: Likely, second: Likely) -> Comparison:
    """See :meth:`osler.synthesis.multilevel.model.Multilevel.compare`."""
    small, large = sorted((first, second), key=lambda model: model.criteria.estimated)
    _check(small, large)
    a, b = small.criteria, large.criteria
    statistic, df = 2.0 * (b.log_likelihood - a.log_likelihood), b.estimated - a.estimated
    if statistic < -_ROUNDING * max(1.0, abs(b.log_likelihood)):
        found = "the model with fewer parameters is the likelier: it does not lie in the other"
        raise DataError(problems.models_not_comparable(found))
    statistic = max(0.0, statistic)
    return Comparison(
        formulas=(_title(small), _title(large)),
        parameters=(a.estimated, b.estimated),
        log_likelihoods=(a.log_likelihood, b.log_likelihood),
        aic=(a.aic, b.aic),
        bic=(a.bic, b.bic),
        aicc=(a.aicc, b.aicc),
        statistic=statistic,
        df=df,
        p_value=float(chi2_tail(statistic, df)),
        method=small.method,
        notes=_notes(small, large),
    )


def _title(model: Likely) -> str:
    plain = ("intercept", "related", "GEN")
    terms = [
        term.label if term.kind in plain else f"{term.label} {term.kind}"
        for term in model.fitted.problem.terms
    ]
    return f"{model.formula}; {', '.join(terms) or 'no random terms'}"


def _check(small: Likely, large: Likely) -> None:
    a, b = small.fitted.problem, large.fitted.problem
    same = (
        np.array_equal(a.y, b.y)
        and np.array_equal(a.sampling.variances, b.sampling.variances)
        and np.array_equal(a.sampling.rows, b.sampling.rows)
        and np.array_equal(a.sampling.columns, b.sampling.columns)
        and np.array_equal(a.sampling.covariances, b.sampling.covariances)
    )
    found = ""
    if not same:
        found = "the estimates, or the covariance of their errors, are not the same"
    elif small.method != large.method:
        found = f"one model is by {small.method}, the other by {large.method}"
    elif small.criteria.estimated == large.criteria.estimated:
        found = f"both have {small.criteria.estimated} parameters: neither lies in the other"
    elif not lies_within(a.X, b.X):
        found = "the moderators of the smaller model are not among those of the larger"
    elif small.method == "REML" and a.X.shape[1] != b.X.shape[1]:
        found = "restricted likelihoods of different moderators"
    if found:
        raise DataError(problems.models_not_comparable(found))


def _notes(small: Likely, large: Likely) -> tuple[str, ...]:
    """Where the smaller model sets variances to an end of their range."""
    if large.criteria.estimated - small.criteria.estimated <= (
        large.fitted.problem.X.shape[1] - small.fitted.problem.X.shape[1]
    ):
        return ()
    at_bound = (
        "Where the smaller model is the larger with a variance of 0, an end of its range, the "
        "true p-value is smaller: about half, for one variance (Stram and Lee 1994)."
    )
    return (at_bound,)
