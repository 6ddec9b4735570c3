"""What each study's own effect is likely to be, seen beside the others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from osler.appraisal.influence import problems
from osler.appraisal.influence.studies import (
    checked,
    laid_out,
    model_line,
    scale_of_studies,
    short,
    title,
    told,
)
from osler.core.quantiles import normal_quantile
from osler.core.results import Result, Why
from osler.core.studies import StudyEstimates
from osler.core.wording import aligned, capital, counted, level_percent, percent
from osler.effects.scales import interval, shown
from osler.synthesis.regression import Regression
from osler.synthesis.regression.fit import quantile


@dataclass(frozen=True, slots=True, repr=False)
class ShrunkenEffects(Result):
    """The effect of each study, drawn towards that of all; on the analysis scale.

    ``shrinkage[i]`` is how far, from 0 (the study's own estimate stays) to 1 (nothing of it
    is left); ``effects`` with ``lower`` and ``upper`` are what the model then expects.
    ``fitted[i]`` is towards what: the pooled effect, or what the moderators of a regression
    expect of the study, where ``pooled`` is NaN.
    """

    measure: str
    studies: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]
    effects: tuple[float, ...]
    se: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    shrinkage: tuple[float, ...]
    fitted: tuple[float, ...]
    pooled: float
    tau2: float
    model: str
    tau2_method: str
    level: float

    def summary(self) -> str:
        scale = scale_of_studies(self.measure, self.variances)
        name = scale.measure or "Estimate"
        head = ["Study", name, "Shrunken", f"{level_percent(self.level)} interval", "Drawn in"]
        rows = [
            [
                short(study),
                shown(scale, self.estimates[i]),
                shown(scale, self.effects[i]),
                interval(scale, self.lower[i], self.upper[i]),
                percent(self.shrinkage[i]),
            ]
            for i, study in enumerate(self.studies)
        ]
        return laid_out(
            title("Shrunken effects", self.measure, len(self.studies)),
            aligned([head, *rows]),
            f"Drawn towards {self._centre_words(shown(scale, self.pooled))}.",
            f"{capital(model_line(self.model, self.tau2_method))}.",
        )

    def _centre_words(self, pooled: str) -> str:
        if self.model == "meta_regression":
            return "what the moderators expect of each study"
        return f"the pooled effect, {pooled}"

    def columns(self) -> dict[str, list[object]]:
        return {
            "study": list(self.studies),
            "estimate": list(self.estimates),
            "fitted": list(self.fitted),
            "effect": list(self.effects),
            "se": list(self.se),
            "lower": list(self.lower),
            "upper": list(self.upper),
            "shrinkage": list(self.shrinkage),
        }

    def text(self) -> str:
        scale = scale_of_studies(self.measure, self.variances)
        low, high = min(self.effects), max(self.effects)
        ends = [self.effects.index(low), self.effects.index(high)]
        outer = " to ".join(
            f"{self.studies[i]} "
            f"{told(scale, self.effects[i], self.lower[i], self.upper[i], self.level)}"
            for i in ends
        )
        return (
            f"The effects of the {counted(len(self.studies), 'study', 'studies')} were estimated "
            "by their best linear unbiased predictions "
            f"({model_line(self.model, self.tau2_method)}). They reached from {outer}."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {f"effects[{i}]": partial(self._why, i) for i in range(len(self.studies))}

    def _why(self, i: int) -> Why:
        return Why(
            f"effects[{i}]",
            self.effects[i],
            "The study's own estimate and the one fitted to all, weighted by how much of the "
            "spread between estimates is chance and how much is the effects themselves.",
            "(τ² yᵢ + vᵢ μ̂ᵢ) / (τ² + vᵢ)",
            (
                ("y", self.estimates[i]),
                ("v", self.variances[i]),
                ("tau2", self.tau2),
                ("fitted", self.fitted[i]),
            ),
            "Raudenbush & Bryk (1985), J Educ Stat 10, 75-98",
        )


def shrunken_effects(
    effects: StudyEstimates | Regression,
    *,
    tau2_method: str | None = None,
    level: float | None = None,
) -> ShrunkenEffects:
    r"""Best linear unbiased predictions of the studies' own effects.

    .. math::
        \hat\theta_i = \lambda_i y_i + (1 - \lambda_i) \hat\mu, \quad
        \lambda_i = \frac{\tau^2}{\tau^2 + v_i}

    Parameters
    ----------
    effects : StudyEstimates or Regression
        Effects of a table, or a synthesis; one study or more. Of a meta-regression that
        model, with what its moderators expect of each study in place of :math:`\hat\mu`.
    tau2_method : str, optional
        As in :func:`osler.synthesise`; where left out, as the synthesis was made, or "REML".
    level : float, optional
        Of the intervals; where left out, as the synthesis or the regression was made, or 0.95.
        They take tau2 as known and use the normal distribution, or that of the regression's
        own intervals.

    Returns
    -------
    ShrunkenEffects

    Raises
    ------
    DataError
        As :func:`osler.synthesise`; with an estimator of tau2 for a regression, which has
        its own (INF012), of a regression with weights of one's own (INF014) or of a
        location-scale model (REG025).

    Notes
    -----
    Equals metafor's ``blup``. With tau2 = 0 every study is given the pooled effect: then
    the model takes all spread for chance, which few studies cannot show.

    References
    ----------
    .. [1] Raudenbush & Bryk (1985). J Educ Stat 10, 75-98. doi:10.3102/10769986010002075

    Examples
    --------
    >>> from osler.synthesis import synthesise
    >>> fit = synthesise(["A", "B", "C", "D"], [0.1, 0.3, 0.2, 1.4], [0.04, 0.02, 0.03, 0.05])
    >>> [round(effect, 2) for effect in shrunken_effects(fit).effects]
    [0.14, 0.31, 0.23, 1.27]
    """
    if isinstance(effects, Regression):
        return _of_regression(effects, tau2_method, level)
    studies = checked(
        effects,
        what="shrinking effects",
        least=1,
        model="random_effects",
        tau2_method=tau2_method,
        level=level,
    )
    y, v, tau2 = studies.y, studies.v, studies.tau2
    kept = tau2 / (tau2 + v)
    mean, variance = studies.estimate, 1.0 / np.sum(1.0 / (tau2 + v))
    found = kept * y + (1 - kept) * mean
    se = np.sqrt(kept * v + (1 - kept) ** 2 * variance)
    half = float(normal_quantile(0.5 + studies.level / 2)) * se
    return ShrunkenEffects(
        measure=effects.measure,
        studies=studies.labels,
        estimates=studies.fit.estimates,
        variances=studies.fit.variances,
        effects=tuple(found.tolist()),
        se=tuple(se.tolist()),
        lower=tuple((found - half).tolist()),
        upper=tuple((found + half).tolist()),
        shrinkage=tuple((1 - kept).tolist()),
        fitted=(mean,) * studies.k,
        pooled=mean,
        tau2=tau2,
        model="random_effects",
        tau2_method=studies.tau2_method,
        level=studies.level,
    )


def _of_regression(
    fit: Regression, tau2_method: str | None, level: float | None
) -> ShrunkenEffects:
    level = fit.level if level is None else level
    if tau2_method is not None:
        raise problems.models_keep_their_way("a fitted model", "tau2_method")
    if not 0.0 < level < 1.0:
        raise problems.level_out_of_range("level", level)
    if fit.fit.own is not None:
        raise problems.own_weights("shrinking effects")
    fit.without_scale("a prediction of the studies' own effects")
    expected = fit.predict()
    y, v, mean = np.array(fit.estimates), np.array(fit.variances), np.array(expected.estimates)
    kept = fit.tau2 / (fit.tau2 + v)
    found = kept * y + (1 - kept) * mean
    se = np.sqrt(kept * v + (1 - kept) ** 2 * np.square(expected.se))
    half = quantile(level, fit.df) * se
    return ShrunkenEffects(
        measure=fit.measure,
        studies=fit.studies,
        estimates=fit.estimates,
        variances=fit.variances,
        effects=tuple(found.tolist()),
        se=tuple(se.tolist()),
        lower=tuple((found - half).tolist()),
        upper=tuple((found + half).tolist()),
        shrinkage=tuple((1 - kept).tolist()),
        fitted=expected.estimates,
        pooled=float("nan"),
        tau2=fit.tau2,
        model="meta_regression",
        tau2_method=fit.tau2_method,
        level=level,
    )
