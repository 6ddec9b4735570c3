"""Studies that can be pooled again in parts: from their estimates, or from their counts."""

import math
from dataclasses import dataclass
from typing import Protocol

from osler.appraisal.influence import problems
from osler.appraisal.influence.refits import Refit, refits
from osler.appraisal.influence.studies import Studies, checked
from osler.core.arrays import Bools
from osler.core.diagnostics import DataError
from osler.core.studies import StudyEstimates
from osler.synthesis.counts.model import CountsSynthesis
from osler.synthesis.counts.pool import pool_again

Poolable = StudyEstimates | CountsSynthesis


class Pool(Protocol):
    """The studies in their order, and any choice of them pooled."""

    @property
    def labels(self) -> tuple[str, ...]: ...
    @property
    def measure(self) -> str: ...
    @property
    def estimates(self) -> tuple[float, ...]: ...
    @property
    def variances(self) -> tuple[float, ...]: ...
    @property
    def model(self) -> str: ...
    @property
    def tau2_method(self) -> str: ...
    @property
    def ci_asked(self) -> str: ...
    @property
    def level(self) -> float: ...

    def refits(self, members: Bools) -> tuple[tuple[Refit, ...], tuple[str, ...]]:
        """One synthesis a column of ``members``, shape (k, columns), and what to say of them."""


@dataclass(frozen=True, slots=True)
class _ByVariance:
    studies: Studies

    @property
    def labels(self) -> tuple[str, ...]:
        return self.studies.labels

    @property
    def measure(self) -> str:
        return self.studies.fit.measure

    @property
    def estimates(self) -> tuple[float, ...]:
        return self.studies.fit.estimates

    @property
    def variances(self) -> tuple[float, ...]:
        return self.studies.fit.variances

    @property
    def model(self) -> str:
        return self.studies.model

    @property
    def tau2_method(self) -> str:
        return self.studies.tau2_method

    @property
    def ci_asked(self) -> str:
        return self.studies.fit.ci_asked

    @property
    def level(self) -> float:
        return self.studies.level

    def refits(self, members: Bools) -> tuple[tuple[Refit, ...], tuple[str, ...]]:
        return refits(self.studies, members), ()


@dataclass(frozen=True, slots=True)
class _ByCounts:
    fit: CountsSynthesis

    @property
    def labels(self) -> tuple[str, ...]:
        return self.fit.studies

    @property
    def measure(self) -> str:
        return self.fit.measure

    @property
    def estimates(self) -> tuple[float, ...]:
        return self.fit.study_estimates

    @property
    def variances(self) -> tuple[float, ...]:
        return self.fit.study_variances

    @property
    def model(self) -> str:
        return self.fit.method

    @property
    def tau2_method(self) -> str:
        return "ML" if self.fit.random else "none"

    @property
    def ci_asked(self) -> str:
        return self.fit.pooled.ci_method

    @property
    def level(self) -> float:
        return self.fit.level

    def refits(self, members: Bools) -> tuple[tuple[Refit, ...], tuple[str, ...]]:
        found = [self._refit(column) for column in members.T]
        rows = tuple(row for row, _ in found)
        return rows, tuple(dict.fromkeys(why for _, why in found if why))

    def _refit(self, members: Bools) -> tuple[Refit, str]:
        try:
            return _row(pool_again(self.fit, members)), ""
        except DataError as error:
            told = error.diagnostics[0]
            few = f"{int(members.sum())} of the studies cannot be pooled by this method"
            return _no_row(int(members.sum())), f"{few}: {told.message} ({told.code})"


def pool_of(
    effects: Poolable,
    *,
    what: str,
    least: int,
    model: str,
    tau2_method: str | None,
    ci_method: str | None,
    level: float | None,
) -> Pool:
    """The studies with their way of being pooled, checked.

    Raises
    ------
    DataError
        As :func:`osler.appraisal.influence.studies.checked`; where counts are to be pooled
        in another way than they were (INF011).
    """
    if isinstance(effects, CountsSynthesis):
        if model != "random_effects" or (tau2_method, ci_method, level) != (None, None, None):
            raise problems.counts_keep_their_way(effects.method)
        return _of_counts(effects, what, least)
    studies = checked(
        effects,
        what=what,
        least=least,
        model=model,
        tau2_method=tau2_method,
        ci_method=ci_method,
        level=level,
    )
    return _ByVariance(studies)


def _of_counts(fit: CountsSynthesis, what: str, least: int) -> Pool:
    if fit.k < least:
        raise problems.too_few_studies(what, fit.k, least)
    return _ByCounts(fit)


def _row(fit: CountsSynthesis) -> Refit:
    pooled, spread = fit.pooled, fit.heterogeneity
    q = spread.q or spread.lrt
    return Refit(
        k=fit.k,
        estimate=pooled.estimate,
        se=pooled.se,
        ci_lower=pooled.ci_lower,
        ci_upper=pooled.ci_upper,
        p_value=pooled.p_value,
        ci_method=pooled.ci_method,
        pred_lower=pooled.pred_lower,
        pred_upper=pooled.pred_upper,
        q=q.statistic if q else math.nan,
        df=q.df if q else fit.k - 1,
        q_p_value=q.p_value if q else math.nan,
        i2=spread.i2,
        h2=spread.h2,
        tau2=spread.tau2 if fit.random else 0.0,
        tau2_ci_lower=spread.tau2_ci_lower,
        tau2_ci_upper=spread.tau2_ci_upper,
    )


def _no_row(k: int) -> Refit:
    nan = math.nan
    return Refit(k, nan, nan, nan, nan, nan, "", nan, nan, nan, k - 1, *(nan,) * 6)
