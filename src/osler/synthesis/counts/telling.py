"""How pooled counts are told: the terminal's table, the paper's sentences, the reasons."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from osler.core.arrays import Floats
from osler.core.quantiles import normal_quantile
from osler.core.results import Why
from osler.core.wording import (
    aligned,
    capital,
    counted,
    level_percent,
    number,
    p_value,
    percent,
    significant,
)
from osler.effects.scales import Scale, estimate_cell, interval, shown
from osler.synthesis.counts.single import proportion_interval, rate_interval

if TYPE_CHECKING:
    from osler.synthesis.counts.mantel_haenszel import ChiSquared
    from osler.synthesis.counts.model import CountsSynthesis, PooledCounts

_WIDTH = 96
_MOST_STUDIES = 40
_LONGEST_LABEL = 28
_SCALES = {
    "OR": Scale("OR", "odds ratio", True, 1.0, 2, ""),
    "RR": Scale("RR", "risk ratio", True, 1.0, 2, ""),
    "IRR": Scale("IRR", "incidence rate ratio", True, 1.0, 2, ""),
    "RD": Scale("RD", "risk difference", False, 100.0, 1, "percentage points"),
    "IRD": Scale("IRD", "incidence rate difference", False, 1.0, 4, "per unit of person-time"),
    "PLO": Scale("PLO", "proportion", False, 1.0, 1, "%"),
    "IRLN": Scale("IRLN", "incidence rate", True, 1.0, 2, "per unit of person-time"),
}
_METHODS = {
    "MH": "Mantel-Haenszel method",
    "Peto": "Peto's method",
    "exact": "conditional maximum likelihood with exact limits",
    "GLMM-UM.FS": "mixed logistic model with fixed study effects (UM.FS)",
    "GLMM-UM.RS": "mixed logistic model with random study effects (UM.RS)",
    "GLMM-CM.EL": "conditional mixed model, exact likelihood (CM.EL)",
    "GLMM-CM.AL": "conditional mixed model, binomial approximation (CM.AL)",
    "GLMM": "mixed model of single groups",
    "beta-binomial": "beta-binomial model",
    "Poisson-gamma": "Poisson-gamma model",
}
_SOURCES = {
    "MH": "Mantel & Haenszel (1959), J Natl Cancer Inst 22, 719; Robins, Breslow & Greenland "
    "(1986), Biometrics 42, 311; Greenland & Robins (1985), Biometrics 41, 55",
    "Peto": "Yusuf et al. (1985), Prog Cardiovasc Dis 27, 335",
    "exact": "Gart (1970), Biometrika 57, 471",
    "beta-binomial": "Kuss (2015), Stat Med 34, 1097",
    "Poisson-gamma": "Lawless (1987), Can J Stat 15, 209",
}
_GLMM_SOURCE = "Stijnen, Hamza & Özdemir (2010), Stat Med 29, 3046"
_FORMULAS = {
    "OR": "log(Σ aᵢdᵢ/Nᵢ / Σ bᵢcᵢ/Nᵢ)",
    "RR": "log(Σ aᵢn₂ᵢ/Nᵢ / Σ cᵢn₁ᵢ/Nᵢ)",
    "RD": "Σ (aᵢn₂ᵢ − cᵢn₁ᵢ)/Nᵢ / Σ n₁ᵢn₂ᵢ/Nᵢ",
    "IRR": "log(Σ aᵢt₂ᵢ/Tᵢ / Σ cᵢt₁ᵢ/Tᵢ)",
    "IRD": "Σ (aᵢt₂ᵢ − cᵢt₁ᵢ)/Tᵢ / Σ t₁ᵢt₂ᵢ/Tᵢ",
}


def method_words(method: str) -> str:
    """A method as a sentence names it.

    Examples
    --------
    >>> method_words("MH")
    'Mantel-Haenszel method'
    """
    return _METHODS[method]


def cell(measure: str, estimate: float, lower: float, upper: float) -> str:
    """Estimate and interval as a reader sees them.

    Examples
    --------
    >>> cell("OR", -1.0, -2.0, 0.0), cell("PLO", 0.0, -1.0, 1.0)
    ('0.37 (0.14 to 1.00)', '50.0% (26.9% to 73.1%)')
    """
    if measure == "PLO":
        e, lo, hi = (percent(float(special.expit(x)), 1) for x in (estimate, lower, upper))
        return f"{e} ({lo} to {hi})"
    scale = _SCALES[measure]
    if scale.ratio and not all(map(math.isfinite, (estimate, lower, upper))):
        e, lo, hi = (_edge(scale, x) for x in (estimate, lower, upper))
        return f"{e} ({lo} to {hi})"
    if measure in ("IRD", "IRLN"):
        values = (estimate, lower, upper)
        e, lo, hi = (significant(math.exp(x) if scale.ratio else x) for x in values)
        return f"{e} ({lo} to {hi})"
    return estimate_cell(scale, estimate, lower, upper)


def _edge(scale: Scale, log: float) -> str:
    if math.isinf(log):
        return "0" if log < 0 else "∞"
    return shown(scale, log)


def span(measure: str, lower: float, upper: float) -> str:
    """An interval as a reader sees it."""
    if measure == "PLO" or measure in ("IRD", "IRLN"):
        return cell(measure, lower, lower, upper).split(" (", 1)[1].rstrip(")")
    return interval(_SCALES[measure], lower, upper)


def columns(fit: "CountsSynthesis") -> dict[str, list[object]]:
    """One row a study."""
    out: dict[str, list[object]] = {"study": list(fit.studies)}
    role = "time" if fit.measure in ("IRR", "IRD", "IRLN") else "n"
    two = len(fit.events[0]) == 2
    for j, arm in enumerate(("_treated", "_control") if two else ("",)):
        out[f"events{arm}"] = [row[j] for row in fit.events]
        out[f"{role}{arm}"] = [row[j] for row in fit.sizes]
    y, se = np.array(fit.study_estimates), np.sqrt(fit.study_variances)
    half = float(normal_quantile(0.5 + fit.level / 2)) * se
    out |= {"estimate": y.tolist(), "se": se.tolist()}
    out |= {"ci_lower": (y - half).tolist(), "ci_upper": (y + half).tolist()}
    if not two:
        lower, upper = _own_limits(fit)
        out |= {"exact_lower": lower.tolist(), "exact_upper": upper.tolist()}
    out["weight"] = list(fit.weights)
    return out


def _own_limits(fit: "CountsSynthesis") -> tuple[Floats, Floats]:
    """Exact limits of each study's proportion or rate."""
    x, n = (np.array([row[0] for row in part], float) for part in (fit.events, fit.sizes))
    if fit.measure == "PLO":
        return proportion_interval(x, n, level=fit.level)
    return rate_interval(x, n, level=fit.level)


def summary(fit: "CountsSynthesis") -> str:
    scale = _SCALES[fit.measure]
    unit = f", {scale.unit}" if scale.unit and fit.measure != "PLO" else ""
    head = f"{capital(scale.name)} ({fit.measure}{unit}), {counted(fit.k, 'study', 'studies')}"
    lines = [head, capital(_method_of(fit)), ""]
    lines += _study_lines(fit)
    lines += ["", *_pooled_lines(fit)]
    spread = _spread_lines(fit)
    if spread:
        lines += ["", *spread]
    if fit.left_out:
        lines += ["", f"Left out: {counted(len(fit.left_out), 'study', 'studies')}"]
        lines += [part for name, why in fit.left_out for part in _folded(f"{name}: {why}")]
    lines += ["", "Methods"]
    lines += [part for choice in fit.choices for part in _folded(capital(choice))]
    lines += [part for note in fit.notes for part in _folded(f"Note: {note}")]
    return "\n".join(lines)


def _ci(fit: "CountsSynthesis") -> str:
    return f"{level_percent(fit.level)} CI"


def _method_of(fit: "CountsSynthesis") -> str:
    told = _METHODS[fit.method]
    if fit.measure in ("IRR", "IRD"):
        told = told.replace("logistic", "Poisson").replace(
            "exact likelihood", "binomial likelihood"
        )
    return told


def _study_lines(fit: "CountsSynthesis") -> list[str]:
    table = columns(fit)
    weighed = all(map(math.isfinite, fit.weights))
    two = len(fit.events[0]) == 2
    ci = _ci(fit)
    heads = ["Study", "Treated", "Control"] if two else ["Study", "Events"]
    what = {"PLO": "Proportion", "IRLN": "Rate"}.get(fit.measure, fit.measure)
    rows = [[*heads, f"{what} ({ci if two else ci + ', exact'})"]]
    rows[0] += ["Weight"] if weighed else []
    for i in range(min(fit.k, _MOST_STUDIES)):
        counts = [f"{x}/{number(n, 0)}" for x, n in zip(fit.events[i], fit.sizes[i], strict=True)]
        y, lo, hi = (float(str(table[key][i])) for key in ("estimate", "ci_lower", "ci_upper"))
        told = cell(fit.measure, y, lo, hi) if math.isfinite(y) else "–"
        told = told if two else _as_observed(fit, i)
        row = [_short(fit.studies[i]), *counts, told]
        rows.append(row + ([percent(fit.weights[i], 1)] if weighed else []))
    lines = aligned(rows)
    if fit.k > _MOST_STUDIES:
        lines.append(f"... and {fit.k - _MOST_STUDIES} more; to_frame() has them all")
    return lines


def _as_observed(fit: "CountsSynthesis", i: int) -> str:
    """A proportion or rate as it is, with exact limits: nothing is added to zeros."""
    lower, upper = (float(limits[i]) for limits in _own_limits(fit))
    share = fit.events[i][0] / fit.sizes[i][0]
    if fit.measure == "PLO":
        return f"{percent(share, 1)} ({percent(lower, 1)} to {percent(upper, 1)})"
    return f"{significant(share)} ({significant(lower)} to {significant(upper)})"


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"


def _pooled_lines(fit: "CountsSynthesis") -> list[str]:
    lines = []
    rows = (("Common effect", fit.common), ("Random effects", fit.random))
    for name, pooled in rows:
        if pooled is None:
            continue
        if fit.method in ("beta-binomial", "Poisson-gamma"):
            name = "Pooled"
        told = cell(fit.measure, pooled.estimate, pooled.ci_lower, pooled.ci_upper)
        told = told.replace("(", f"({_ci(fit)} ", 1)
        p = f", {p_value(pooled.p_value)}" if len(fit.events[0]) == 2 else ""
        how = pooled.ci_method + (f", df {pooled.df:g}" if math.isfinite(pooled.df) else "")
        lines.append(f"{name:<15} {told}{p} ({how})")
        if math.isfinite(pooled.pred_lower):
            reach = span(fit.measure, pooled.pred_lower, pooled.pred_upper)
            lines.append(f"{'Prediction':<15} {reach} (t, df {fit.k - 1})")
    if fit.test is not None:
        lines.append(f"{'No effect':<15} {_chi(fit.test)}")
    return lines


def _chi(test: "ChiSquared") -> str:
    if not math.isfinite(test.statistic):
        return "not computed"
    return f"χ² = {number(test.statistic, 2)}, df {test.df}, {p_value(test.p_value)}"


def _spread_lines(fit: "CountsSynthesis") -> list[str]:
    h = fit.heterogeneity
    lines = []
    if math.isfinite(h.tau2):
        told = f"tau² = {significant(h.tau2)}"
        if math.isfinite(h.tau2_ci_lower):
            upper = significant(h.tau2_ci_upper) if math.isfinite(h.tau2_ci_upper) else "∞"
            told += f" ({significant(h.tau2_ci_lower)} to {upper}, profile)"
        lines.append(f"Heterogeneity   {told}, I² = {_share(h.i2)}")
    elif math.isfinite(h.i2):
        lines.append(f"Heterogeneity   I² = {_share(h.i2)} (from Q)")
    if fit.method == "GLMM-UM.RS":
        told = f"sigma² = {significant(h.sigma2)}"
        told += f", rho = {number(h.rho, 2)}" if math.isfinite(h.rho) else ""
        lines.append(f"Intercepts      {told}")
    if fit.method == "beta-binomial":
        lines.append(f"Within arms     correlation {significant(h.rho)}")
    if fit.method == "Poisson-gamma":
        lines.append(f"Between rates   variance {significant(h.sigma2)}")
    tests = {
        "Q": h.q, "Wald": h.wald, "LR": h.lrt, "Breslow-Day": h.breslow_day, "Tarone": h.tarone,
    }  # fmt: skip
    lines += [f"  {name:<13} {_chi(test)}" for name, test in tests.items() if test is not None]
    return lines


def _share(i2: float) -> str:
    return percent(i2, 1) if math.isfinite(i2) else "–"


def _folded(text: str) -> list[str]:
    lines, line = [], " "
    for word in text.split():
        if len(line) + 1 + len(word) > _WIDTH:
            lines.append(line)
            line = "   "
        line += f" {word}"
    return [*lines, line]


def text(fit: "CountsSynthesis") -> str:
    """Sentences for a paper's methods and results."""
    scale = _SCALES[fit.measure]
    unit = f" {scale.unit}" if scale.unit and fit.measure != "PLO" else ""
    what = f"the {scale.name}s of {counted(fit.k, 'study', 'studies')}"
    by = _method_of(fit) if fit.method == "Peto" else f"the {_method_of(fit)}"
    # "... (CM.EL)" and its choices in one pair of brackets.
    by = f"{by[:-1]}; " if by.endswith(")") else f"{by} ("
    out = [f"We pooled {what} by {by}{'; '.join(fit.choices)})."]
    if fit.left_out:
        names = ", ".join(f"{name} ({why})" for name, why in fit.left_out)
        out.append(f"Not pooled: {names}.")
    for name, pooled in (("common", fit.common), ("random", fit.random)):
        if pooled is not None:
            out.append(_sentence(fit, name, pooled, unit))
    h = fit.heterogeneity
    if math.isfinite(h.tau2):
        out.append(
            f"The between-study variance tau² was {significant(h.tau2)} (I² = {_share(h.i2)}; "
            f"{_tested(h.lrt, 'likelihood ratio test')})."
        )
    elif h.q is not None and math.isfinite(h.q.statistic):
        out.append(f"I² was {_share(h.i2)} ({_tested(h.q, 'Q test')}).")
    out += [f"{capital(note)}." for note in fit.notes]
    return " ".join(out)


def _tested(test: "ChiSquared | None", name: str) -> str:
    return f"{name}: {_chi(test)}" if test is not None else f"{name} not computed"


def _sentence(fit: "CountsSynthesis", name: str, pooled: "PooledCounts", unit: str) -> str:
    told = cell(fit.measure, pooled.estimate, pooled.ci_lower, pooled.ci_upper)
    estimate, _, limits = told.partition(" (")
    model = {"common": "common-effect", "random": "random-effects"}[name]
    if fit.method in ("beta-binomial", "Poisson-gamma"):
        model = "pooled"
    out = (
        f"The {model} {_SCALES[fit.measure].name} was {estimate}{unit} ({_ci(fit)} "
        f"{limits.rstrip(')')}, {pooled.ci_method}"
    )
    out += f"; {p_value(pooled.p_value)})" if len(fit.events[0]) == 2 else ")"
    if math.isfinite(pooled.pred_lower):
        reach = span(fit.measure, pooled.pred_lower, pooled.pred_upper)
        out += f", with a {level_percent(fit.level)} prediction interval of {reach}"
    return out + "."


def reasons(fit: "CountsSynthesis") -> Mapping[str, Callable[[], Why]]:
    """A reason for every finite number."""
    out: dict[str, Callable[[], Why]] = {}
    for name, value in fit.numbers().items():
        if isinstance(value, str) or (isinstance(value, float) and math.isnan(value)):
            continue
        out[name] = partial(_why, fit, name, value)
    return out


def _why(fit: "CountsSynthesis", name: str, value: object) -> Why:
    group, _, rest = name.partition(".")
    source = _SOURCES.get(fit.method, _GLMM_SOURCE)
    inputs = _inputs(fit)
    if group == "test":
        how = "Test that no study has an effect: observed less expected events of the treated."
        formula = "(|Σ (aᵢ − Eᵢ)| − ½)² / Σ Vᵢ"
        return Why(name, value, how, formula, inputs, "Mantel & Haenszel (1959)")
    if group == "heterogeneity":
        how, formula = _HETEROGENEITY[rest.partition(".")[0]]
        return Why(name, value, how, formula, inputs, source)
    how, formula = _POOLED[rest]
    if rest == "estimate":
        how = f"By the {_method_of(fit)}; {'; '.join(fit.choices)}."
        formula = _FORMULAS.get(fit.measure, "") if fit.method == "MH" else _LIKELIHOODS[fit.method]
    return Why(name, value, how, formula, inputs, source)


def _inputs(fit: "CountsSynthesis") -> tuple[tuple[str, object], ...]:
    size = "t" if fit.measure in ("IRR", "IRD", "IRLN") else "n"
    two = len(fit.events[0]) == 2
    names = ["a", f"{size}1", "c", f"{size}2"] if two else ["x", size]
    columns = [
        [row[j] for row in part]
        for j in range(len(fit.events[0]))
        for part in (fit.events, fit.sizes)
    ]
    return tuple(zip(names, columns, strict=True))


_LIKELIHOODS = {
    "MH": "",
    "Peto": "Σ (aᵢ − Eᵢ) / Σ Vᵢ, Vᵢ the hypergeometric variance",
    "exact": "greatest Π P(aᵢ | aᵢ + cᵢ; θ), P non-central hypergeometric (rates: binomial)",
    "GLMM-UM.FS": "greatest Π ∫ P(aᵢ, cᵢ | αᵢ, θᵢ) φ(θᵢ; μ, τ²) dθᵢ",
    "GLMM-UM.RS": "greatest Π ∫∫ P(aᵢ, cᵢ | αᵢ, θᵢ) φ(αᵢ; α, σ²) φ(θᵢ; μ, τ²) dαᵢ dθᵢ",
    "GLMM-CM.EL": "greatest Π ∫ P(aᵢ | aᵢ + cᵢ; θᵢ) φ(θᵢ; μ, τ²) dθᵢ",
    "GLMM-CM.AL": "greatest Π ∫ Bin(aᵢ | aᵢ + cᵢ; θᵢ + log n₁ᵢ/n₂ᵢ) φ(θᵢ; μ, τ²) dθᵢ",
    "GLMM": "greatest Π ∫ P(xᵢ | θᵢ) φ(θᵢ; μ, τ²) dθᵢ",
    "beta-binomial": "greatest Π BetaBin(xᵢⱼ | nᵢⱼ, πⱼ, ρ), logit πⱼ = α + μ [j treated]",
    "Poisson-gamma": "greatest Π NegBin(xᵢⱼ | tᵢⱼλⱼ, γ), log λⱼ = α + μ [j treated]",
}
_SE = (
    "Root of the variance of the estimate: from its formula, or from the curvature of the "
    "log-likelihood at its top with all parameters free."
)
_PROFILE = "Where the profile likelihood has fallen by half of χ² on 1 df."
_I2 = (
    "Share of the spread that is not chance: from τ² and the typical variance v of the "
    "studies' own effects in mixed models, from Q otherwise."
)
_WALD = (
    "Every study with its own effect: squares about their mean, weighed by their "
    "information. Studies whose own effect is infinite have none."
)
_LRT = (
    "Mixed models: every study with its own effect against one for all. Overdispersion "
    "models: with scatter against without, p halved."
)
_NEW = "Where a new study's effect is expected, {} end."
_POOLED = {
    "estimate": ("", ""),
    "se": (_SE, ""),
    "ci_lower": ("Lower limit by the interval method named beside it.", "estimate − q · se"),
    "ci_upper": ("Upper limit by the interval method named beside it.", "estimate + q · se"),
    "p_value": ("Two-sided test that the effect is 0, by the same method as the interval.", ""),
    "df": ("Degrees of freedom of the t distribution; infinite for the normal one.", "k − 1"),
    "pred_lower": (_NEW.format("lower"), "estimate − t(k − 1) · √(se² + τ²)"),
    "pred_upper": (_NEW.format("upper"), "estimate + t(k − 1) · √(se² + τ²)"),
}
_HETEROGENEITY = {
    "tau2": ("Variance of the studies' true effects at the top of the likelihood.", ""),
    "tau2_ci_lower": (_PROFILE, ""),
    "tau2_ci_upper": (_PROFILE, ""),
    "sigma2": ("Variance of the intercepts, or of the relative rates.", ""),
    "rho": ("Correlation of intercepts and effects, or of participants of one arm.", ""),
    "i2": (_I2, "τ² / (τ² + v), or (Q − df) / Q"),
    "h2": ("Spread in units of what chance would give.", "1 + τ² / v, or Q / df"),
    "q": ("Squares of the studies' own effects about the pooled one.", "Σ (yᵢ − estimate)² / vᵢ"),
    "wald": (_WALD, "Σ Iᵢ (θᵢ − θ̄)²"),
    "lrt": (_LRT, "2 (ℓ₁ − ℓ₀)"),
    "breslow_day": (
        "Treated with the event against what the common odds ratio expects.",
        "Σ (aᵢ − eᵢ)² / vᵢ",
    ),
    "tarone": (
        "Breslow & Day's less what the estimate's not being most likely adds.",
        "Σ (aᵢ − eᵢ)² / vᵢ − (Σ (aᵢ − eᵢ))² / Σ vᵢ",
    ),
}
