"""What a meta-regression gives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import Table
from osler.core.results import Result, Why
from osler.synthesis.regression import problems, reasons, telling
from osler.synthesis.regression.comparison import Comparison, compare
from osler.synthesis.regression.design import Design
from osler.synthesis.regression.fit import Fit, Tested
from osler.synthesis.regression.inflation import Inflation, inflation
from osler.synthesis.regression.influence import RegressionInfluence, influence_of
from osler.synthesis.regression.permutation import PermutationTest, permute
from osler.synthesis.regression.prediction import Predictions, predict
from osler.synthesis.regression.residuals import RegressionResiduals, residuals_of
from osler.synthesis.regression.scale import ScaleModel
from osler.synthesis.regression.testing import WaldTest, adjust_p_values, contrast_test


@dataclass(frozen=True, slots=True)
class Omitted:
    """A row that is not in the model, and why."""

    study: str
    why: str


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Regression(Result):
    """A meta-regression of ``k`` studies; coefficients are on the analysis scale.

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
    moderators : Tested
        The omnibus test (QM or F) of all moderators. A model without an intercept tests
        every coefficient; one with nothing but an intercept tests nothing (NaN).
    residual : Tested
        QE, chi-squared with k - p: is there heterogeneity left?
    tau2 : float
        Residual variance between studies; NaN in a location-scale model, where ``scale``
        has one for every study.
    tau2_se, tau2_ci_lower, tau2_ci_upper : float
    i2, h2 : float
        Residual heterogeneity as a share of unexplained variation; as a ratio to sampling
        variance.
    r2, r2_raw : float
        Share of tau2 that the moderators account for; ``r2`` is not below 0, ``r2_raw`` as
        it comes out. NaN without an intercept or where tau2 without moderators is 0.
    tau2_without : float
        tau2 without moderators, by the same method.
    log_likelihood : float
        Restricted where the method is REML, else the ordinary one.
    aic, bic, aicc : float
    scale : ScaleModel or None
    omitted : tuple of Omitted
    redundant : tuple of str
        Columns that say nothing new, left out.
    notes : tuple of str
        What a reader should know before trusting the numbers.
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
    moderators: Tested
    residual: Tested
    tau2: float
    tau2_se: float
    tau2_ci_lower: float
    tau2_ci_upper: float
    i2: float
    h2: float
    r2: float
    r2_raw: float
    tau2_without: float
    log_likelihood: float
    aic: float
    bic: float
    aicc: float
    scale: ScaleModel | None
    omitted: tuple[Omitted, ...]
    redundant: tuple[str, ...]
    notes: tuple[str, ...]
    fit: Fit
    spec: Any = None

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
