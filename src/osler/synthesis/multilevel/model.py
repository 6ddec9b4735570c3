"""What a multilevel or multivariate meta-analysis gives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from numpy.typing import ArrayLike

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import Table
from osler.core.results import Result, Why
from osler.synthesis.multilevel import problems, report
from osler.synthesis.multilevel.comparing import compare
from osler.synthesis.multilevel.components import Component
from osler.synthesis.multilevel.fitted import Fitted
from osler.synthesis.multilevel.influence import MultilevelInfluence, influence_of
from osler.synthesis.multilevel.levels import RandomEffects, random_effects
from osler.synthesis.multilevel.predicting import Predictions, predictions
from osler.synthesis.multilevel.profiling import ComponentInterval, Profile, interval_of, profile_of
from osler.synthesis.regression.comparison import Comparison


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One coefficient of the mean; ``df`` is infinite with the normal distribution."""

    name: str
    estimate: float
    se: float
    statistic: float
    df: float
    p_value: float
    ci_lower: float
    ci_upper: float


@dataclass(frozen=True, slots=True)
class Omnibus:
    """Wald test that all coefficients of ``tested`` are 0.

    ``q`` is the chi-squared statistic; with the t distribution F is ``q / df1`` on ``df1``
    and ``df2`` degrees of freedom. ``df2`` is infinite with the normal distribution.
    """

    tested: tuple[str, ...]
    q: float
    df1: int
    df2: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Criteria:
    """Log-likelihood (restricted under REML), and what compares models; less is better."""

    log_likelihood: float
    estimated: int
    aic: float
    aicc: float
    bic: float


@dataclass(frozen=True, slots=True)
class Share:
    """I²: share of heterogeneity, in all or of one term, in a typical estimate's variance.

    ``level`` names the inner level it holds for; empty for the whole.
    """

    term: str
    level: str
    i2: float


@dataclass(frozen=True, slots=True, repr=False)
class Multilevel(Result):
    """A meta-analysis of dependent effects.

    Attributes
    ----------
    measure, formula : str
    terms, studies : tuple of str
        Random terms, and a label for every estimate.
    coefficients : tuple of Coefficient
    covariance : array of shape (p, p)
        Of the coefficients, read-only.
    components : tuple of Component
    omnibus : Omnibus
    criteria : Criteria
    q, q_df, q_p_value : float, int, float
        Cochran's Q for residual heterogeneity, with the sampling covariances.
    i2 : tuple of Share
    method, test, df_method : str
    level : float
    notes : tuple of str
        What a reader should know of the fit: boundaries, what the data cannot tell, rows
        left out.
    fitted : Fitted
        Arrays, for further computing.
    """

    measure: str
    formula: str
    terms: tuple[str, ...]
    studies: tuple[str, ...]
    coefficients: tuple[Coefficient, ...]
    covariance: Floats
    components: tuple[Component, ...]
    omnibus: Omnibus
    criteria: Criteria
    q: float
    q_df: int
    q_p_value: float
    i2: tuple[Share, ...]
    method: str
    test: str
    df_method: str
    level: float
    notes: tuple[str, ...]
    fitted: Fitted = field(repr=False)

    @property
    def k(self) -> int:
        return len(self.studies)

    def coefficient(self, name: str) -> Coefficient:
        """One coefficient by name."""
        for each in self.coefficients:
            if each.name == name:
                return each
        raise DataError(problems.no_component(name, [c.name for c in self.coefficients]))

    def estimate(self, name: str) -> float:
        """Value of a coefficient."""
        return self.coefficient(name).estimate

    def component(self, name: str) -> float:
        """Value of a variance component."""
        for each in self.components:
            if each.name == name:
                return each.value
        raise DataError(problems.no_component(name, [c.name for c in self.components]))

    def predict(
        self, new: Table | ArrayLike | None = None, *, levels: Mapping[str, str] | None = None
    ) -> Predictions:
        """Means with confidence intervals, and prediction intervals of true effects.

        Parameters
        ----------
        new : table or array of shape (m, p), optional
            Moderators (a table, for a formula; its columns of inner levels choose the
            variances) or rows of the design. Without: the rows of the data, or the one mean
            where there are no moderators and no levels.
        levels : mapping
            Inner level by random term, where variances differ by level:
            ``{"outcome | trial": "AL"}``.

        Returns
        -------
        Predictions
        """
        return predictions(self.fitted, new, levels or {})

    def random_effects(self) -> tuple[RandomEffects, ...]:
        """Best linear unbiased predictions of every level of every random term."""
        return random_effects(self.fitted)

    def compare(self, other: "Multilevel") -> Comparison:
        """Likelihood-ratio test of this model against another, one nested in the other.

        Parameters
        ----------
        other : Multilevel
            Of the same estimates. Both by "ML"; both by "REML" where they have the same
            moderators and differ in their random terms.

        Returns
        -------
        Comparison
            The smaller model first, with the criteria of both. That the smaller lies in the
            larger is checked of the moderators; of the random terms only that the larger
            model is the likelier.

        Raises
        ------
        DataError
            Where data, methods or moderators do not allow it (MLV019).

        Notes
        -----
        Equal to metafor's ``anova(model, model)``.

        References
        ----------
        .. [1] Stram & Lee (1994). Biometrics 50, 1171-1177. doi:10.2307/2533455

        Examples
        --------
        >>> from osler.synthesis.multilevel import multilevel
        >>> data = {
        ...     "lab": ["A", "A", "B", "B", "C", "C", "D", "D"],
        ...     "yi": [0.2, 0.3, 0.1, 0.2, 0.2, 0.3, 1.2, 1.4],
        ...     "vi": [0.02, 0.03, 0.02, 0.04, 0.03, 0.02, 0.03, 0.02],
        ... }
        >>> found = multilevel("~ 1", data, random="lab").compare(multilevel("~ 1", data))
        >>> round(found.statistic, 2), found.df
        (63.87, 1)
        """
        return compare(self, other)

    def influence(
        self, cluster: str | Sequence[object] = "", *, reestimate: bool = True
    ) -> MultilevelInfluence:
        """Residuals of every estimate, and what leaving out each unit does to the model.

        Parameters
        ----------
        cluster : str or sequence, optional
            What is left out at once: a column of the data ("study"), or a label for each
            estimate. Without: one estimate at a time.
        reestimate : bool
            Whether variance components are searched for anew without each unit. Held, it
            takes a fraction of the time.

        Returns
        -------
        MultilevelInfluence

        Raises
        ------
        DataError
            Where there is no such column (FRM001), labels are missing (MLV008) or not one an
            estimate (MLV015).

        Notes
        -----
        Equal to metafor's ``rstandard``, ``hatvalues``, ``cooks.distance`` and ``dfbetas`` of
        an ``rma.mv`` with ``cluster=``, and to its ``rstudent`` where units share nothing
        random. Where they do (one estimate of several of a study) metafor takes a deleted
        residual's variance as if the estimate were independent of the others; here their
        covariance is taken off. The measures are those of Viechtbauer & Cheung (2010), Res
        Synth Methods 1, 112-125, doi:10.1002/jrsm.11.

        Examples
        --------
        >>> from osler.synthesis.multilevel import multilevel
        >>> data = {
        ...     "lab": ["A", "A", "B", "B", "C", "C", "D", "D"],
        ...     "yi": [0.2, 0.3, 0.1, 0.2, 0.2, 0.3, 1.2, 1.4],
        ...     "vi": [0.02, 0.03, 0.02, 0.04, 0.03, 0.02, 0.03, 0.02],
        ... }
        >>> found = multilevel("~ 1", data, random="lab").influence("lab")
        >>> found.units, [round(d, 2) for d in found.cooks_distance]
        (('A', 'B', 'C', 'D'), [0.09, 0.18, 0.07, 0.97])
        >>> found.influential
        (False, False, False, True)
        """
        return influence_of(self.fitted, self.studies, cluster, reestimate=reestimate)

    def profile(self, component: str | None = None, *, points: int = 21) -> tuple[Profile, ...]:
        """Log-likelihood as a function of each component (or of one), the others refitted."""
        names = [component] if component else [c.name for c in self.components if not c.held]
        return tuple(profile_of(self.fitted, name, points) for name in names)

    def component_interval(self, component: str, level: float | None = None) -> ComponentInterval:
        """Profile-likelihood confidence interval of a component."""
        return interval_of(self.fitted, component, level or self.level)

    def component_intervals(self, level: float | None = None) -> tuple[ComponentInterval, ...]:
        """Of every component that was estimated."""
        names: Sequence[str] = [c.name for c in self.components if not c.held]
        return tuple(interval_of(self.fitted, name, level or self.level) for name in names)

    def summary(self) -> str:
        return report.summary(self)

    def columns(self) -> dict[str, list[object]]:
        """One row a coefficient."""
        names = Coefficient.__slots__
        return {name: [getattr(c, name) for c in self.coefficients] for name in names}

    def component_columns(self) -> dict[str, list[object]]:
        """One row a variance component."""
        names = Component.__slots__
        return {name: [getattr(c, name) for c in self.components] for name in names}

    def text(self) -> str:
        return report.text(self)

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return report.reasons(self)
