"""What a synthesis gives. Estimates are on the analysis scale (ratios as logs)."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from osler.core.results import Result, Why
from osler.effects.model import Effects
from osler.synthesis.account import sentences, summary_table
from osler.synthesis.asked import checked_ci_method, checked_level, checked_name
from osler.synthesis.fit_statistics import FitStatistics, fit_statistics
from osler.synthesis.intervals.mean import mean_intervals, methods_used
from osler.synthesis.kernel import block_of
from osler.synthesis.origins import origins


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval by a stated method."""

    lower: float
    upper: float
    level: float
    method: str


@dataclass(frozen=True, slots=True)
class Pooled:
    """One pooled estimate and the interval method it was given with.

    ``ci_method`` and ``pred_method`` are what was used, not what was asked: "auto" never
    stands here. ``pred_lower`` and ``pred_upper`` are NaN, and ``pred_method`` empty, for the
    common-effect model and where fewer than three studies were pooled. ``df`` is infinite
    where no t distribution was used.
    """

    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    p_value: float
    ci_method: str
    pred_lower: float
    pred_upper: float
    df: float = math.inf
    pred_method: str = ""


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """Spread between studies; ``i2`` is a fraction, ``tau2`` a variance on the analysis scale.

    ``i2_method`` is "tau2" (from tau2 and the typical variance, bounds from those of tau2) or
    "q" (from Q, bounds by Higgins and Thompson). Bounds without a meaning are NaN.
    """

    q: float
    df: int
    p_value: float
    i2: float
    h2: float
    tau2: float
    tau2_ci_lower: float
    tau2_ci_upper: float
    tau2_method: str
    tau2_se: float = math.nan
    tau2_ci_method: str = "QP"
    i2_ci_lower: float = math.nan
    i2_ci_upper: float = math.nan
    h2_ci_lower: float = math.nan
    h2_ci_upper: float = math.nan
    i2_method: str = "tau2"

    @property
    def tau(self) -> float:
        """Standard deviation between studies."""
        return math.sqrt(self.tau2)


@dataclass(frozen=True, slots=True, repr=False)
class Synthesis(Result):
    """A meta-analysis of ``k`` studies; tuples are in the order of ``studies``.

    Weights are fractions that add up to 1. ``weighting`` is "inverse variance", or "own"
    where the weights of the random-effects mean were given. ``notes`` says in words what a
    reader should know before resting on the numbers. ``effects`` is what it was made of,
    where that came from a table. ``ci_asked`` is the interval method that was asked for, "auto"
    too; ``random.ci_method`` is the one that was used.
    """

    measure: str
    studies: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]
    common_weights: tuple[float, ...]
    random_weights: tuple[float, ...]
    common: Pooled
    random: Pooled
    heterogeneity: Heterogeneity
    level: float
    weighting: str = "inverse variance"
    notes: tuple[str, ...] = ()
    effects: Effects | None = None
    ci_asked: str = "auto"

    def of(self, effects: Effects) -> "Synthesis":
        """The same synthesis, knowing the effects it was made of: their arms, rows and notes."""
        return replace(self, effects=effects)

    @property
    def k(self) -> int:
        return len(self.studies)

    def ci(self, level: float | None = None, method: str | None = None) -> Interval:
        """The random-effects estimate's interval at another level or by another method.

        Parameters
        ----------
        level : float, optional
            As in the fit where left out.
        method : str, optional
            A name of ``CI_METHODS``; the method of the fit where left out.

        Raises
        ------
        DataError
            Where the method is unknown (SYN005), the level out of range (SYN006), or the
            mean has weights of its own, to which only the fit's own interval belongs
            (SYN013).

        Examples
        --------
        >>> from osler.synthesis import synthesise
        >>> fit = synthesise(["A", "B", "C"], [0.1, 0.3, 0.9], [0.04, 0.02, 0.03])
        >>> wide = fit.ci(level=0.99, method="HKSJ")
        >>> round(wide.lower, 2), round(wide.upper, 2)
        (-1.93, 2.8)
        """
        level = self.level if level is None else checked_level(level)
        asked = self.random.ci_method if method is None else method
        name = checked_ci_method(asked, own=self.weighting == "own")
        y, v = np.array(self.estimates)[:, None], np.array(self.variances)[:, None]
        block = block_of(y, v, np.ones(y.shape, bool))
        tau2 = self.heterogeneity.tau2 / block.unit**2
        used = methods_used(tau2, block.k, name)
        found = mean_intervals(block, tau2, used, level)
        return Interval(float(found.lower[0]), float(found.upper[0]), level, str(used[0]))

    def fit_statistics(
        self, model: str = "random_effects", *, restricted: bool | None = None
    ) -> FitStatistics:
        """Log-likelihood, deviance, AIC, BIC and AICc of the model.

        Parameters
        ----------
        model : {"random_effects", "common_effect"}
        restricted : bool, optional
            The restricted likelihood (REML) or the ordinary one (ML); left out, restricted
            for the random-effects model where tau2 is by REML. Only ordinary ones compare
            models with a tau2 and without, or with other moderators.

        Returns
        -------
        FitStatistics

        Raises
        ------
        DataError
            Where the model is not known (SYN005).

        Notes
        -----
        Equal to metafor's ``fitstats``, ``logLik``, ``deviance``, ``AIC`` and ``BIC``. With
        weights of one's own the likelihood is the one at the mean that they give.

        References
        ----------
        .. [1] Hurvich & Tsai (1989). Biometrika 76, 297-307. doi:10.1093/biomet/76.2.297

        Examples
        --------
        >>> from osler.synthesis import synthesise
        >>> fit = synthesise(["A", "B", "C"], [0.1, 0.3, 0.9], [0.04, 0.02, 0.03])
        >>> told = fit.fit_statistics(restricted=False)
        >>> round(told.log_likelihood, 3), round(told.aic, 3)
        (-1.096, 6.193)
        >>> round(fit.fit_statistics("common_effect").aic, 3)
        7.799
        """
        name = checked_name("model", model, ("random_effects", "common_effect"))
        y, v = np.array(self.estimates), np.array(self.variances)
        random = name == "random_effects"
        tau2 = self.heterogeneity.tau2 if random else 0.0
        by_hand = random and self.weighting == "own"
        w = np.array(self.random_weights) if by_hand else 1.0 / (v + tau2)
        if restricted is None:
            restricted = random and self.heterogeneity.tau2_method == "REML"
        return fit_statistics(
            y, v, tau2, float(np.average(y, weights=w)), model=name, restricted=restricted,
            estimated=1 + random,
        )  # fmt: skip

    def summary(self) -> str:
        return summary_table(self)

    def text(self) -> str:
        return sentences(self)

    def columns(self) -> dict[str, list[object]]:
        """One row a study: label, estimate, standard error, interval and both weights."""
        z = (self.common.ci_upper - self.common.estimate) / self.common.se
        se = [math.sqrt(v) for v in self.variances]
        return {
            "study": list(self.studies),
            "estimate": list(self.estimates),
            "se": list(se),
            "ci_lower": [y - z * s for y, s in zip(self.estimates, se, strict=True)],
            "ci_upper": [y + z * s for y, s in zip(self.estimates, se, strict=True)],
            "weight_common": list(self.common_weights),
            "weight_random": list(self.random_weights),
        }

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        own = origins(self)
        # A study's own numbers lead on, to the cells of the table.
        return {**own, **self.effects.reasons()} if self.effects else own
