"""What a meta-regression gives."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import Table
from osler.core.results import Result, Why
from osler.synthesis.regression import problems, reasons, telling
from osler.synthesis.regression.comparison import Comparison, compare
from osler.synthesis.regression.criteria import Criteria, criteria_of
from osler.synthesis.regression.design import Design
from osler.synthesis.regression.fit import Fit, Tested, wald_test
from osler.synthesis.regression.inflation import Inflation, inflation
from osler.synthesis.regression.influence import RegressionInfluence, influence_of
from osler.synthesis.regression.notes import notes_of
from osler.synthesis.regression.permutation import PermutationTest, permute
from osler.synthesis.regression.prediction import Predictions, predict
from osler.synthesis.regression.q_profile import tau2_interval
from osler.synthesis.regression.residuals import RegressionResiduals, residuals_of
from osler.synthesis.regression.scale import ScaleModel
from osler.synthesis.regression.spread import Spread, spread_of, tau2_of_mean
from osler.synthesis.regression.tau2_errors import tau2_standard_error
from osler.synthesis.regression.testing import WaldTest, adjust_p_values, contrast_test


@dataclass(frozen=True, slots=True)
class Omitted:
    """A row that is not in the model, and why."""

    study: str
    why: str


# Without slots: they would leave no place for what is made when first asked for.
@dataclass(frozen=True, repr=False, eq=False)
class Regression(Result):
    """A meta-regression of ``k`` studies; coefficients are on the analysis scale.

    What is said beyond coefficients and tau2 is made when it is first asked for.

    Attributes
    ----------
    formula : str
        Of the moderators; empty where a matrix was given.
    measure : str
    studies : tuple of str
    estimates, variances : tuple of float
    names : tuple of str
        Of the coefficients; the tuples below are in their order.
    coefficients, se, statistics, p_values, ci_lower, ci_upper : tuple of float
        For location-scale models those of the location.
    vcov : array of shape (p, p)
    tau2_method, ci_method : str
    level : float
    df : float
        Of t; infinite where ``ci_method`` is "Wald".
    tau2 : float
        Residual variance between studies; NaN in a location-scale model, where ``scale``
        has one for every study.
    maxima : tuple of float
        Where the likelihood of tau2 is highest in its surroundings, for "REML" and "ML".
    scale : ScaleModel or None
    omitted : tuple of Omitted
    redundant : tuple of str
        Columns that say nothing new, left out.
    fit : Fit
        The arrays that further results are made from.
    """

    formula: str
    measure: str
    studies: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]
    names: tuple[str, ...]
    coefficients: tuple[float, ...]
    se: tuple[float, ...]
    statistics: tuple[float, ...]
    p_values: tuple[float, ...]
    ci_lower: tuple[float, ...]
    ci_upper: tuple[float, ...]
    vcov: Floats
    tau2_method: str
    ci_method: str
    level: float
    df: float
    tau2: float
    maxima: tuple[float, ...]
    scale: ScaleModel | None
    omitted: tuple[Omitted, ...]
    redundant: tuple[str, ...]
    fit: Fit
    spec: Any = None

    @cached_property
    def moderators(self) -> Tested:
        """The omnibus test (QM or F) of all moderators.

        A model without an intercept tests every coefficient; one with nothing but an intercept
        tests nothing (NaN).
        """
        at = self.design.moderators if self.p > 1 or self.design.intercept is None else ()
        return wald_test(self.fit.b.take(at), self.vcov.take(at, 0).take(at, 1), self.df)

    @cached_property
    def _spread(self) -> Spread:
        return spread_of(self.fit, self.tau2)

    @property
    def residual(self) -> Tested:
        """QE, chi-squared with k - p: is there heterogeneity left?"""
        return self._spread.test

    @property
    def i2(self) -> float:
        """Residual heterogeneity as a share of unexplained variation."""
        return self._spread.i2

    @property
    def h2(self) -> float:
        """Residual heterogeneity as a ratio to sampling variance."""
        return self._spread.h2

    @cached_property
    def tau2_se(self) -> float:
        """Large-sample standard error of tau2."""
        return tau2_standard_error(self.fit) if self.scale is None else math.nan

    @cached_property
    def _tau2_ci(self) -> tuple[float, float]:
        if self.scale is not None:
            return math.nan, math.nan
        return tau2_interval(self.fit.y, self.fit.v, self.design.matrix, self.level)

    @property
    def tau2_ci_lower(self) -> float:
        """Lower end of the Q-profile interval."""
        return self._tau2_ci[0]

    @property
    def tau2_ci_upper(self) -> float:
        """Upper end of the Q-profile interval."""
        return self._tau2_ci[1]

    @cached_property
    def tau2_without(self) -> float:
        """tau2 without moderators, by the same method."""
        return tau2_of_mean(self.fit) if self.scale is None else math.nan

    @property
    def r2_raw(self) -> float:
        """Share of tau2 that the moderators account for, as it comes out.

        NaN without an intercept, or where tau2 without moderators is 0.
        """
        return 1.0 - self.tau2 / self.tau2_without if self.tau2_without > 0 else math.nan

    @property
    def r2(self) -> float:
        """Share of tau2 that the moderators account for, not below 0."""
        return 0.0 if self.r2_raw < 0 else self.r2_raw

    @cached_property
    def _criteria(self) -> Criteria:
        of_tau2 = len(self.scale.names) if self.scale else int(self.tau2_method != "CE")
        return criteria_of(self.fit, of_tau2)

    @property
    def log_likelihood(self) -> float:
        """Restricted where the method is REML, else the ordinary one."""
        return self._criteria.log_likelihood

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return self._criteria.aic

    @property
    def bic(self) -> float:
        """Schwarz's criterion."""
        return self._criteria.bic

    @property
    def aicc(self) -> float:
        """Akaike's criterion, corrected for few studies."""
        return self._criteria.aicc

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know before trusting the numbers."""
        return notes_of(self)

    @property
    def k(self) -> int:
        return len(self.studies)

    @property
    def p(self) -> int:
        return len(self.names)

    @property
    def design(self) -> Design:
        return self.fit.design

    def coefficient(self, name: str) -> float:
        """One coefficient by its name.

        Raises
        ------
        DataError
            Where there is none of that name (REG020).
        """
        if name not in self.names:
            raise DataError(problems.no_such_term(name, self.names))
        return self.coefficients[self.names.index(name)]

    def test(
        self,
        what: str | Sequence[str] | ArrayLike | None = None,
        hypothesised: ArrayLike = 0.0,
    ) -> WaldTest:
        """Test a term ("alloc"), coefficients, or linear combinations given as a matrix.

        See :func:`osler.synthesis.regression.testing.contrast_test`.
        """
        return contrast_test(self.fit, what, hypothesised)

    def adjusted(self, method: str = "Holm") -> dict[str, float]:
        """p-values of the moderators corrected for their number, by coefficient.

        See :func:`osler.synthesis.regression.testing.adjust_p_values`.
        """
        at = self.design.moderators
        p = adjust_p_values([self.p_values[j] for j in at], method)
        return {self.names[j]: float(value) for j, value in zip(at, p, strict=True)}

    def predict(
        self, data: Table | ArrayLike | None = None, scale: ArrayLike | None = None
    ) -> Predictions:
        """The mean effect, its interval and that of a new study where moderators are known.

        See :func:`osler.synthesis.regression.prediction.predict`.
        """
        return predict(self.fit, self.studies, self.measure, self.spec, data, self.scale, scale)

    def residuals(self) -> RegressionResiduals:
        """Raw, standardised and studentised deleted residuals, and leverage.

        See :func:`osler.synthesis.regression.residuals.residuals_of`.
        """
        self.without_scale("an analysis of deleted residuals")
        return residuals_of(self.fit, self.studies)

    def influence(self) -> RegressionInfluence:
        """What leaving out each study does to the model.

        See :func:`osler.synthesis.regression.influence.influence_of`.
        """
        self.without_scale("an analysis of influence")
        return influence_of(self.fit, self.studies)

    def vif(self) -> Inflation:
        """Variance inflation of each coefficient and each term.

        See :func:`osler.synthesis.regression.inflation.inflation`.
        """
        return inflation(self.fit)

    def permutation_test(
        self, n: int = 10_000, *, rng: np.random.Generator | int | None = None
    ) -> PermutationTest:
        """p-values from rearranging the moderators among the studies.

        See :func:`osler.synthesis.regression.permutation.permute`.
        """
        self.without_scale("a permutation test")
        return permute(self.fit, n=n, rng=rng)

    def compare(self, other: "Regression") -> Comparison:
        """Likelihood-ratio test of this model against another, one nested in the other.

        See :func:`osler.synthesis.regression.comparison.compare`.
        """
        return compare(self, other)

    def summary(self) -> str:
        """Coefficients, heterogeneity, tests and every choice."""
        return telling.summary(self)

    def columns(self) -> dict[str, list[object]]:
        """One row a coefficient; with a scale model, its coefficients follow."""
        return telling.columns(self)

    def text(self) -> str:
        """Sentences for the methods and the results."""
        return telling.text(self)

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        """Every coefficient by name, tau2, i2, h2, r2, qe, qm, log_likelihood."""
        return reasons.reasons(self)

    def without_scale(self, what: str) -> None:
        """Raise where this is a location-scale model, of which ``what`` is not made (REG025)."""
        if self.scale is not None:
            raise DataError(problems.not_for_scale_models(what))
