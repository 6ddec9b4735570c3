"""Limit meta-analysis: small-study effects as part of the random-effects model."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from osler.appraisal.asymmetry import problems
from osler.appraisal.asymmetry.line import fit_line
from osler.appraisal.asymmetry.regression import check_level
from osler.appraisal.asymmetry.studies import (
    effect_words,
    few_studies,
    noted,
    numbers_of,
    with_ci,
)
from osler.core.arrays import Floats
from osler.core.quantiles import chi2_tail, normal_quantile, normal_two_sided
from osler.core.results import Result, Why
from osler.core.studies import StudyEstimates
from osler.core.wording import aligned, counted, number, p_value, percent, significant
from osler.synthesis.pool import synthesise

_SOURCE = "Rücker et al. (2011) Biostatistics 12, 122-142"


@dataclass(frozen=True, slots=True, repr=False)
class LimitMetaAnalysis(Result):
    r"""The random-effects model with a term for small-study effects.

    Attributes
    ----------
    estimate, se, ci_lower, ci_upper, p_value : float
        Adjusted effect :math:`\beta + \tau\alpha`, normal interval.
    alpha, beta : float
        Intercept and slope of the radial plot: bias in units of standard error, and the
        effect where sampling error and heterogeneity both vanish.
    alpha_p_value : float
        Of no bias, normal.
    slope_se : float
        Standard error of ``beta`` alone, which some programs print for the adjusted effect.
    random_estimate, random_ci_lower, random_ci_upper : float
        Before adjustment.
    q, q_small, q_residual : float
        Cochran's Q, the part a line through the radial plot explains, and the rest;
        ``q_small`` has 1 degree of freedom, ``q_residual`` k - 2.
    limits : tuple of length k
        Each study's estimate drawn to what it would be without sampling error.
    """

    measure: str
    studies: tuple[str, ...]
    tau2: float
    tau2_method: str
    alpha: float
    alpha_p_value: float
    beta: float
    slope_se: float
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    p_value: float
    random_estimate: float
    random_ci_lower: float
    random_ci_upper: float
    random_ci_method: str
    q: float
    q_small: float
    q_small_p_value: float
    q_residual: float
    q_residual_p_value: float
    limits: tuple[float, ...]
    level: float
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        return len(self.studies)

    def _adjusted(self) -> str:
        ends = (self.estimate, self.ci_lower, self.ci_upper)
        return with_ci(self.measure, *ends, self.level, self.p_value)

    def _before(self) -> str:
        ends = (self.random_estimate, self.random_ci_lower, self.random_ci_upper)
        return with_ci(self.measure, *ends, self.level)

    def summary(self) -> str:
        rows = [
            ["adjusted", self._adjusted(), "normal"],
            ["random effects", self._before(), self.random_ci_method],
            ["bias", f"alpha {number(self.alpha, 3)}, {p_value(self.alpha_p_value)}", "normal"],
            ["tau²", significant(self.tau2), self.tau2_method],
            ["Q of study size", f"{number(self.q_small, 2)}, {p_value(self.q_small_p_value)}"],
            ["Q left", f"{number(self.q_residual, 2)}, {p_value(self.q_residual_p_value)}"],
        ]
        rows[-2].append("df 1")
        rows[-1].append(f"df {self.k - 2}")
        title = f"Limit meta-analysis of {counted(self.k, 'study', 'studies')}"
        lines = [f"  {line}" for line in aligned(rows, left=3)]
        return "\n".join([title, *lines, *noted(self.notes)])

    def columns(self) -> dict[str, list[object]]:
        return {"study": list(self.studies), "limit": list(self.limits)}

    def text(self) -> str:
        share = percent(self.q_small / self.q if self.q > 0 else 0.0)
        said = (
            f"In a limit meta-analysis ({_SOURCE}; tau² by {self.tau2_method}) of "
            f"{counted(self.k, 'study', 'studies')} the {effect_words(self.measure)} was "
            f"{self._adjusted()} after adjustment for small-study effects, against "
            f"{self._before()} in the random-effects model ({self.random_ci_method}). Study size "
            f"explained {share} of Cochran's Q (χ² = {number(self.q_small, 2)}, df 1, "
            f"{p_value(self.q_small_p_value)})."
        )
        return " ".join([said, *self.notes])

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {
            "estimate": lambda: Why(
                "estimate",
                self.estimate,
                "Expected effect of a study without sampling error that still differs from "
                "others by tau.",
                "β + τα, from yᵢ/√(vᵢ + τ²) = α + β/√(vᵢ + τ²)",
                (("alpha", self.alpha), ("beta", self.beta), ("tau2", self.tau2)),
                f"{_SOURCE}, section 2",
            ),
            "se": lambda: Why(
                "se",
                self.se,
                "Error of β + τα, with both from one regression of known variance 1.",
                "√(Var β + 2τ Cov(α, β) + τ² Var α)",
                (("slope_se", self.slope_se), ("tau2", self.tau2)),
                _SOURCE,
            ),
        }


def limit_meta_analysis(
    effects: StudyEstimates,
    *,
    tau2_method: str = "REML",
    level: float = 0.95,
) -> LimitMetaAnalysis:
    r"""Adjust a random-effects meta-analysis for small-study effects.

    The model is :math:`y_i = \beta + \sqrt{v_i + \tau^2}\,(\epsilon_i + \alpha)`: bias grows
    with the whole error of a study. The adjusted effect is what is expected where
    :math:`v_i \to 0` and heterogeneity stays: :math:`\beta + \tau\alpha`.

    Parameters
    ----------
    effects : StudyEstimates
        At least three studies that differ in size.
    tau2_method : str
        As for :func:`osler.synthesise`; the authors used "DL".
    level : float

    Returns
    -------
    LimitMetaAnalysis

    Raises
    ------
    DataError
        ASY001, ASY002, ASY005, ASY006.

    Notes
    -----
    The estimate is the one that ``metasens::limitmeta`` calls ``beta0``. ``se`` is that of
    the sum :math:`\beta + \tau\alpha` with tau2 taken as known; ``slope_se`` is that of
    :math:`\beta` alone. With tau2 = 0 both are those of Egger's limit in a model of common
    variance 1.

    References
    ----------
    .. [1] Rücker et al. (2011). Biostatistics 12, 122-142. doi:10.1093/biostatistics/kxq046

    Examples
    --------
    >>> from osler import synthesise
    >>> fit = synthesise(list("ABCD"), [0.1, 0.3, 0.5, 1.0], [0.01, 0.04, 0.09, 0.25])
    >>> found = limit_meta_analysis(fit)
    >>> round(found.tau2, 4), round(found.estimate, 3)
    (0.0247, 0.027)
    """
    check_level(level)
    studies = numbers_of(effects, "limit meta-analysis", 3)
    y, v = studies.y, studies.v
    if np.ptp(v) <= 1e-12 * v.max():
        raise problems.no_spread("limit meta-analysis", f"variance {v[0]:g} in every study")
    pooled = synthesise(
        studies.labels, y.tolist(), v.tolist(), tau2_method=tau2_method, level=level
    )
    tau2, unit = pooled.heterogeneity.tau2, float(v.min() + pooled.heterogeneity.tau2)
    # Radial plot: y/s on 1/s with equal weights is y on s with weights 1/s^2.
    spread = np.sqrt((v + tau2) / unit)
    line = fit_line(y / math.sqrt(unit), spread, 1.0 / spread**2)
    tau = math.sqrt(tau2 / unit)
    estimate = (line.intercept + tau * line.slope) * math.sqrt(unit)
    variance = (
        line.intercept_variance + 2.0 * tau * line.covariance + tau * tau * line.slope_variance
    )
    se = math.sqrt(max(variance, 0.0) * unit)
    width = float(normal_quantile((1.0 + level) / 2.0)) * se
    q, residual = _q(y, v)
    return LimitMetaAnalysis(
        measure=effects.measure,
        studies=studies.labels,
        tau2=tau2,
        tau2_method=pooled.heterogeneity.tau2_method,
        alpha=line.slope,
        alpha_p_value=float(normal_two_sided(line.slope / math.sqrt(line.slope_variance))),
        beta=line.intercept * math.sqrt(unit),
        slope_se=math.sqrt(line.intercept_variance * unit),
        estimate=estimate,
        se=se,
        ci_lower=estimate - width,
        ci_upper=estimate + width,
        p_value=float(normal_two_sided(estimate / se)) if se > 0 else float(estimate == 0),
        random_estimate=pooled.random.estimate,
        random_ci_lower=pooled.random.ci_lower,
        random_ci_upper=pooled.random.ci_upper,
        random_ci_method=pooled.random.ci_method,
        q=q,
        q_small=max(0.0, q - residual),
        q_small_p_value=float(chi2_tail(max(0.0, q - residual), 1.0)),
        q_residual=residual,
        q_residual_p_value=float(chi2_tail(residual, studies.k - 2.0)),
        limits=tuple((estimate + np.sqrt(tau2 / (v + tau2)) * (y - estimate)).tolist()),
        level=level,
        notes=few_studies(studies.k),
    )


def _q(y: Floats, v: Floats) -> tuple[float, float]:
    unit = float(v.min())
    w, scaled = unit / v, y / math.sqrt(unit)
    centre = (w * scaled).sum() / w.sum()
    whole = float((w * (scaled - centre) ** 2).sum())
    return whole, fit_line(scaled, np.sqrt(v / unit), w).q
