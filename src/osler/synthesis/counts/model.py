"""What pooling counts gives. Estimates are on the analysis scale: logs, logits, differences."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from osler.core.results import Result, Why
from osler.synthesis.counts import telling
from osler.synthesis.counts.mantel_haenszel import ChiSquared
from osler.synthesis.counts.plan import Plan


@dataclass(frozen=True, slots=True)
class PooledCounts:
    """One pooled estimate.

    Attributes
    ----------
    estimate, se : float
        The estimate may be infinite where counts allow no other ("exact"); ``se`` is NaN then.
    ci_lower, ci_upper, p_value : float
    ci_method : str
        "Wald", "t", "profile", "exact", "mid-p": what was used.
    df : float
        Of the t distribution; infinite for the others.
    pred_lower, pred_upper : float
        Where a new study's effect is expected (t with k - 1 degrees of freedom); NaN for
        a common effect, for overdispersion models and below three studies.
    """

    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    p_value: float
    ci_method: str
    df: float = math.inf
    pred_lower: float = math.nan
    pred_upper: float = math.nan


@dataclass(frozen=True, slots=True)
class CountsHeterogeneity:
    """Spread between studies; what a method does not give is NaN or None.

    Attributes
    ----------
    tau2, tau2_ci_lower, tau2_ci_upper : float
        Variance of the effects and its profile likelihood limits (with
        ``ci_method="profile"``).
    sigma2, rho : float
        UM.RS: variance of the intercepts, and their correlation with the effects where it
        was let free. Beta-binomial: ``rho`` is the correlation within arms. Poisson-gamma:
        ``sigma2`` is the variance of the relative rates.
    i2, h2 : float
        From tau2 and the typical variance (mixed models), from ``q`` (Mantel-Haenszel,
        Peto); a fraction and a ratio.
    q : ChiSquared or None
        Weighted squares of the studies' distances from the pooled estimate.
    wald, lrt : ChiSquared or None
        Tests that all studies share one effect, beside the mixed models.
    breslow_day, tarone : ChiSquared or None
        The same for odds ratios by Mantel-Haenszel.
    """

    tau2: float = math.nan
    tau2_ci_lower: float = math.nan
    tau2_ci_upper: float = math.nan
    sigma2: float = math.nan
    rho: float = math.nan
    i2: float = math.nan
    h2: float = math.nan
    q: ChiSquared | None = None
    wald: ChiSquared | None = None
    lrt: ChiSquared | None = None
    breslow_day: ChiSquared | None = None
    tarone: ChiSquared | None = None


@dataclass(frozen=True, slots=True, repr=False)
class CountsSynthesis(Result):
    """A pooled effect made from the counts themselves; see :func:`pool_counts`.

    Attributes
    ----------
    measure, method : str
    studies : tuple of str
        Those that were pooled.
    events, sizes : tuple of tuple of int or float
        Treated and control of each study (or its one group), as reported.
    study_estimates, study_variances : tuple of float
        Each study's own effect, 1/2 added where a cell is empty; NaN where no one, or
        everyone, had the event.
    weights : tuple of float
        Shares of the whole weight; NaN for methods that do not weigh studies.
    common, random : PooledCounts or None
        Of the model with one effect, and of that with one for each study.
    heterogeneity : CountsHeterogeneity
    test : ChiSquared or None
        Of no effect: Cochran-Mantel-Haenszel, or that for person-time.
    log_likelihood, common_log_likelihood : float
        Of the mixed and overdispersion models; NaN for the others.
    nodes : int
        Of the quadrature (each axis, with two random effects); 0 where there was none.
    left_out : tuple of (study, reason)
    choices : tuple of str
        Every choice that was made, in words.
    notes : tuple of str
        What deserves a word of caution.
    level : float
    plan : Plan
        What was asked for; by it some of the studies can be pooled again.
    """

    measure: str
    method: str
    studies: tuple[str, ...]
    events: tuple[tuple[int, ...], ...]
    sizes: tuple[tuple[float, ...], ...]
    study_estimates: tuple[float, ...]
    study_variances: tuple[float, ...]
    weights: tuple[float, ...]
    common: PooledCounts | None
    random: PooledCounts | None
    heterogeneity: CountsHeterogeneity
    test: ChiSquared | None
    log_likelihood: float
    common_log_likelihood: float
    nodes: int
    left_out: tuple[tuple[str, str], ...]
    choices: tuple[str, ...]
    notes: tuple[str, ...]
    level: float
    plan: Plan

    @property
    def k(self) -> int:
        """How many studies were pooled."""
        return len(self.studies)

    @property
    def pooled(self) -> PooledCounts:
        """The random-effects estimate where the method has one, else the common one."""
        main = self.random or self.common
        assert main is not None  # one of the two is always made
        return main

    def summary(self) -> str:
        return telling.summary(self)

    def text(self) -> str:
        return telling.text(self)

    def columns(self) -> dict[str, list[object]]:
        """One row a study: counts, own effect with its limits, weight."""
        return telling.columns(self)

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return telling.reasons(self)

    def numbers(self) -> dict[str, object]:
        """Every number by its name: "random.estimate", "heterogeneity.q.statistic"."""
        out: dict[str, object] = {}
        for name in ("common", "random", "heterogeneity", "test"):
            out |= _flat(name, getattr(self, name))
        return out


def _flat(name: str, value: object) -> dict[str, object]:
    if value is None:
        return {}
    if isinstance(value, (PooledCounts, CountsHeterogeneity, ChiSquared)):
        out: dict[str, object] = {}
        for field in fields(value):
            out |= _flat(f"{name}.{field.name}", getattr(value, field.name))
        return out
    return {name: value}
