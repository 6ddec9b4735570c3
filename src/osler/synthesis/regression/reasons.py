"""Where the numbers of a regression come from."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from osler.core.results import Why
from osler.synthesis.regression.telling import ESTIMATORS

if TYPE_CHECKING:
    from osler.synthesis.regression.model import Regression

_SOURCES = {
    "REML": "Raudenbush 2009, in: The Handbook of Research Synthesis, 2nd ed., 295-315",
    "ML": "Raudenbush 2009, in: The Handbook of Research Synthesis, 2nd ed., 295-315",
    "DL": "DerSimonian & Laird 1986, Control Clin Trials 7, 177-188; with moderators "
    "Raudenbush 2009",
    "PM": "Paule & Mandel 1982, J Res Natl Bur Stand 87, 377-385",
    "EB": "Morris 1983, J Am Stat Assoc 78, 47-55",
    "SJ": "Sidik & Jonkman 2005, J Biopharm Stat 15, 823-838",
}
_FORMULAS = {
    "REML": "argmax -½ Σ log(vᵢ + τ²) - ½ log|X'WX| - ½ Σ wᵢ(yᵢ - xᵢb)²",
    "ML": "argmax -½ Σ log(vᵢ + τ²) - ½ Σ wᵢ(yᵢ - xᵢb)²",
    "DL": "(QE - (k - p)) / tr(P), wᵢ = 1 / vᵢ",
    "HE": "(Σ eᵢ² - Σ vᵢ(1 - hᵢ)) / (k - p), e and h of least squares without weights",
    "HS": "(QE - k) / Σ wᵢ, wᵢ = 1 / vᵢ",
    "HSk": "(QE k / (k - p) - k) / Σ wᵢ, wᵢ = 1 / vᵢ",
    "SJ": "τ²₀ Σ wᵢ(yᵢ - xᵢb)² / (k - p), wᵢ = 1 / (vᵢ + τ²₀), τ²₀ = Σ (yᵢ - ȳ)² / k",
    "PM": "the τ² at which Σ wᵢ(yᵢ - xᵢb)² = k - p, wᵢ = 1 / (vᵢ + τ²)",
    "EB": "the τ² at which Σ wᵢ(yᵢ - xᵢb)² = k - p, wᵢ = 1 / (vᵢ + τ²)",
    "PMM": "the τ² at which Σ wᵢ(yᵢ - xᵢb)² is the median of chi-squared with k - p df",
    "CE": "0, by choice",
}


def reasons(fit: "Regression") -> Mapping[str, Callable[[], Why]]:
    """One for each number that can be asked about."""
    named: dict[str, Callable[[], Why]] = {
        name: partial(_coefficient, fit, j) for j, name in enumerate(fit.names)
    }
    if fit.scale is not None:
        named |= {
            f"scale.{name}": partial(_scale, fit, j) for j, name in enumerate(fit.scale.names)
        }
    return named | {
        "tau2": partial(_tau2, fit),
        "tau2_ci": partial(_tau2_ci, fit),
        "i2": partial(_i2, fit),
        "h2": partial(_i2, fit, "h2"),
        "r2": partial(_r2, fit),
        "moderators": partial(_moderators, fit),
        "residual": partial(_residual, fit),
        "log_likelihood": partial(_likelihood, fit),
    }


def _coefficient(fit: "Regression", j: int) -> Why:
    own = fit.fit.own
    spread = "(X'WX)⁻¹" if own is None else "BW⁻¹B'"
    formula = "b = (X'WX)⁻¹X'Wy, wᵢ = 1 / (vᵢ + τ²), s² = Σ wᵢ(yᵢ - xᵢb)² / (k - p)"
    if own is not None:
        formula = "b = By, B = (X'AX)⁻¹X'A; wᵢ = 1 / (vᵢ + τ²), s² = y'Py / (k - p), P of W"
    factor = {"HKSJ": ", times s²", "HKSJ-adhoc": ", times max(1, s²)"}.get(fit.ci_method, "")
    return Why(
        fit.names[j],
        fit.coefficients[j],
        "Weighted least squares. Its standard error is the root of the diagonal of "
        f"{spread}{factor}.",
        formula,
        (
            ("y", fit.estimates),
            ("v", fit.variances),
            ("x", fit.design.matrix[:, j]),
            *((("a", own),) if own is not None else ()),
            ("tau2", fit.tau2 if fit.scale is None else fit.scale.tau2),
            ("s2", fit.fit.s2),
            ("se", fit.se[j]),
            ("df", "normal" if math.isinf(fit.df) else fit.df),
        ),
        "Knapp & Hartung 2003, Stat Med 22, 2693-2710",
    )


def _scale(fit: "Regression", j: int) -> Why:
    assert fit.scale is not None
    return Why(
        f"scale.{fit.scale.names[j]}",
        fit.scale.coefficients[j],
        f"Where the {fit.tau2_method} likelihood is highest; its standard error comes from the "
        "curvature there.",
        "log τ²ᵢ = zᵢα" if fit.scale.link == "log" else "τ²ᵢ = zᵢα",
        (("se", fit.scale.se[j]), ("log-likelihood", fit.log_likelihood)),
        "Viechtbauer & López-López 2022, Res Synth Methods 13, 697-715",
    )


def _tau2(fit: "Regression") -> Why:
    if fit.scale is not None:
        return Why("tau2", fit.scale.tau2, "Each study has its own; see scale.*")
    return Why(
        "tau2",
        fit.tau2,
        f"Variance between studies that the moderators leave, by {ESTIMATORS[fit.tau2_method]}.",
        _FORMULAS[fit.tau2_method],
        (("y", fit.estimates), ("v", fit.variances), ("k", fit.k), ("p", fit.p)),
        _SOURCES.get(fit.tau2_method, "Viechtbauer et al. 2015, Psychol Methods 20, 360-374"),
    )


def _tau2_ci(fit: "Regression") -> Why:
    return Why(
        "tau2_ci",
        (fit.tau2_ci_lower, fit.tau2_ci_upper),
        "All values of tau2 that the residual Q does not contradict.",
        "Q(τ²) between the quantiles of chi-squared with k - p df",
        (("k - p", fit.k - fit.p), ("level", fit.level)),
        "Viechtbauer 2007, Stat Med 26, 37-52; Jackson et al. 2014, BMC Med Res Methodol 14, 103",
    )


def _i2(fit: "Regression", name: str = "i2") -> Why:
    return Why(
        name,
        getattr(fit, name),
        "Residual variance between studies set against the sampling variance of a typical study.",
        "I² = τ² / (τ² + ṽ), H² = 1 + τ² / ṽ, ṽ = (k - p) / tr(P)"
        if fit.tau2_method != "CE"
        else "I² = max(0, 1 - (k - p) / QE), H² = QE / (k - p)",
        (("tau2", fit.tau2), ("QE", fit.residual.statistic)),
        "Higgins & Thompson 2002, Stat Med 21, 1539-1558",
    )


def _r2(fit: "Regression") -> Why:
    if math.isnan(fit.r2):
        return Why(
            "r2",
            "cannot be told",
            "Without an intercept there is no model to compare with; and where studies do not "
            "differ without the moderators, there is nothing that these could account for.",
            inputs=(("tau2 with the moderators", fit.tau2),),
        )
    below = " It came out below 0 and was set to 0." if fit.r2_raw < 0 else ""
    return Why(
        "r2",
        fit.r2,
        f"How much of the variance between studies the moderators account for.{below}",
        "max(0, 1 - τ²(with) / τ²(without))",
        (("with", fit.tau2), ("without", fit.tau2_without), ("as it came out", fit.r2_raw)),
        "López-López et al. 2014, Br J Math Stat Psychol 67, 30-48",
    )


def _moderators(fit: "Regression") -> Why:
    test = fit.moderators
    return Why(
        "moderators",
        test.statistic,
        "Whether all coefficients but the intercept are 0; every one where there is no intercept.",
        "b'V⁻¹b / m against F(m, k - p)" if math.isfinite(test.df2) else "b'V⁻¹b against χ²(m)",
        (("m", test.df1), ("df2", test.df2), ("p", test.p_value)),
        "Knapp & Hartung 2003, Stat Med 22, 2693-2710",
    )


def _residual(fit: "Regression") -> Why:
    return Why(
        "residual",
        fit.residual.statistic,
        "Cochran's Q about the regression, with weights 1 / v: is there heterogeneity left?",
        "QE = Σ (yᵢ - xᵢb)² / vᵢ against χ²(k - p)",
        (("df", fit.residual.df1), ("p", fit.residual.p_value)),
        "Hedges & Olkin 1985, Statistical Methods for Meta-Analysis, chapter 8",
    )


def _likelihood(fit: "Regression") -> Why:
    kind = "Restricted" if fit.tau2_method == "REML" else "Ordinary"
    return Why(
        "log_likelihood",
        fit.log_likelihood,
        f"{kind} log-likelihood with all constants. Restricted ones compare only models with the "
        "same moderators.",
        inputs=(("AIC", fit.aic), ("BIC", fit.bic), ("AICc", fit.aicc)),
    )
