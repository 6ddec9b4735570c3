"""A regression in words and tables."""

import math
from typing import TYPE_CHECKING, Any

from osler.core.wording import aligned, counted, p_value, percent
from osler.effects.scales import scale_of
from osler.synthesis.regression.figures_in_words import figure, wrapped
from osler.synthesis.regression.fit import Tested

if TYPE_CHECKING:
    from osler.synthesis.regression.model import Regression

INTERVALS = {
    "HKSJ": "Knapp-Hartung",
    "HKSJ-adhoc": "Knapp-Hartung, never narrower than t",
    "t": "t, without the Knapp-Hartung factor",
    "Wald": "Wald, normal",
}
ESTIMATORS = {
    "REML": "restricted maximum likelihood",
    "ML": "maximum likelihood",
    "DL": "DerSimonian-Laird",
    "HE": "Hedges",
    "HS": "Hunter-Schmidt",
    "HSk": "Hunter-Schmidt with small-sample correction",
    "SJ": "Sidik-Jonkman",
    "PM": "Paule-Mandel",
    "PMM": "median-unbiased Paule-Mandel",
    "EB": "empirical Bayes",
    "CE": "none: common effect",
}


def test_in_words(test: Tested) -> str:
    """As "F(2, 10) = 8.36, p = 0.007".

    Examples
    --------
    >>> test_in_words(Tested(8.3608, 2, 10.0, 0.0073))
    'F(2, 10) = 8.361, p = 0.007'
    """
    if math.isinf(test.df2):
        kind, df = "chi-squared", f"({test.df1})"
    else:
        kind, df = "F", f"({test.df1}, {test.df2:g})"
    return f"{kind}{df} = {figure(test.statistic)}, {p_value(test.p_value)}"


def summary(fit: "Regression") -> str:
    """Everything a reader needs, in 96 columns."""
    model = "Location-scale meta-regression" if fit.scale else "Meta-regression"
    what = f" of {fit.measure}" if fit.measure else ""
    ratio = scale_of(fit.measure).ratio
    formula = f": {fit.formula}" if fit.formula else ""
    lines = [f"{model}{what}, {counted(fit.k, 'study', 'studies')}{formula}", ""]
    lines += aligned(_coefficient_rows(fit, ratio))
    if ratio:
        lines += [
            f"Coefficients are logarithms; exp: as {fit.measure}, or ratios of {fit.measure}."
        ]
    lines += ["", *_scale_lines(fit)]
    lines += _heterogeneity_lines(fit)
    lines += _method_lines(fit)
    lines += [f"Left out: {o.study} ({o.why})" for o in fit.omitted[:12]]
    if len(fit.omitted) > 12:
        lines.append(f"Left out: {len(fit.omitted) - 12} more; see .omitted")
    if fit.redundant:
        lines.append(f"Redundant columns left out: {', '.join(fit.redundant)}")
    lines += [f"Note: {note}" for note in fit.notes]
    return "\n".join(part for line in lines for part in wrapped(line))


def _coefficient_rows(fit: "Regression", ratio: bool) -> list[list[str]]:
    statistic = "z" if math.isinf(fit.df) else "t"
    head = ["Term", "Estimate", "SE", statistic, "p", f"{100 * fit.level:g}% interval"]
    rows = [head + (["exp"] if ratio else [])]
    for name, b, se, z, p, lo, hi in zip(
        fit.names, fit.coefficients, fit.se, fit.statistics, fit.p_values, fit.ci_lower,
        fit.ci_upper, strict=True,
    ):  # fmt: skip
        row = [_cut(name), figure(b), figure(se), figure(z), _p(p), f"{figure(lo)} to {figure(hi)}"]
        rows.append(row + ([figure(math.exp(b)) if abs(b) < 700 else "–"] if ratio else []))
    return rows


def _cut(name: str) -> str:
    return name if len(name) <= 32 else f"{name[:29]}..."


def _p(p: float) -> str:
    return p_value(p).removeprefix("p = ").removeprefix("p ")


def _scale_lines(fit: "Regression") -> list[str]:
    scale = fit.scale
    if scale is None:
        return []
    statistic = "z" if math.isinf(scale.df) else "t"
    link = "log of tau2" if scale.link == "log" else "tau2"
    head = [f"Scale ({link})", "Estimate", "SE", statistic, "p", f"{100 * fit.level:g}% interval"]
    rows = [
        [_cut(name), figure(b), figure(se), figure(z), _p(p), f"{figure(lo)} to {figure(hi)}"]
        for name, b, se, z, p, lo, hi in zip(
            scale.names,
            scale.coefficients,
            scale.se,
            scale.statistics,
            scale.p_values,
            scale.ci_lower,
            scale.ci_upper,
            strict=True,
        )
    ]
    return [*aligned([head, *rows]), ""]


def _heterogeneity_lines(fit: "Regression") -> list[str]:
    lines = []
    if fit.moderators.df1:
        lines.append(f"Test of moderators: {test_in_words(fit.moderators)}")
    if fit.scale is not None:
        if fit.scale.moderators.df1:
            lines.append(f"Test of scale moderators: {test_in_words(fit.scale.moderators)}")
        low, high = min(fit.scale.tau2), max(fit.scale.tau2)
        lines.append(f"tau2 between {figure(low)} and {figure(high)}")
    elif fit.tau2_method != "CE":
        level = f"{100 * fit.level:g}%"
        lines.append(
            f"Residual tau2 {figure(fit.tau2)} (Q-profile {level} interval "
            f"{figure(fit.tau2_ci_lower)} to {figure(fit.tau2_ci_upper)}), "
            f"I² {percent(fit.i2)}, H² {figure(fit.h2)}"
        )
    if not math.isnan(fit.r2):
        lines.append(
            f"R² {percent(fit.r2)} of tau2 accounted for ({figure(fit.tau2_without)} without "
            f"moderators, {figure(fit.tau2)} with)"
        )
    lines.append(f"Test of residual heterogeneity: {test_in_words(fit.residual)}")
    return lines


def _method_lines(fit: "Regression") -> list[str]:
    df = "" if math.isinf(fit.df) else f" with {fit.df:g} df"
    kind = "Restricted log-likelihood" if fit.tau2_method == "REML" else "Log-likelihood"
    return [
        (
            f"{kind} {figure(fit.log_likelihood)}, AIC {figure(fit.aic)}, BIC {figure(fit.bic)}, "
            f"AICc {figure(fit.aicc)}"
        ),
        (
            f"tau2: {fit.tau2_method} ({ESTIMATORS[fit.tau2_method]}); tests and intervals: "
            f"{fit.ci_method} ({INTERVALS[fit.ci_method]}){df}"
        ),
    ]


def columns(fit: "Regression") -> dict[str, list[object]]:
    """One row a coefficient; those of the scale follow, told apart by "part"."""
    parts: list[tuple[str, Any]] = [("location", fit)]
    if fit.scale is not None:
        parts.append(("scale", fit.scale))
    table: dict[str, list[object]] = {"part": []} if fit.scale else {}
    fields = {
        "term": "names",
        "estimate": "coefficients",
        "se": "se",
        "statistic": "statistics",
        "p_value": "p_values",
        "ci_lower": "ci_lower",
        "ci_upper": "ci_upper",
    }
    table |= {name: [] for name in fields}
    for part, source in parts:
        if fit.scale:
            table["part"] += [part] * len(source.names)
        for name, field in fields.items():
            table[name] += list(getattr(source, field))
    return table


def text(fit: "Regression") -> str:
    """Methods, then results."""
    return f"{_methods(fit)} {_results(fit)}"


def _methods(fit: "Regression") -> str:
    about = f" on {fit.formula}" if fit.formula else ""
    if fit.tau2_method == "CE":
        model = f"A common-effect meta-regression{about} was fitted"
    else:
        model = (
            f"A random-effects meta-regression{about} was fitted, with the residual variance "
            f"between studies estimated by {ESTIMATORS[fit.tau2_method]} ({fit.tau2_method})"
        )
    if fit.scale:
        link = "the logarithm of that variance" if fit.scale.link == "log" else "that variance"
        model += f" and {link} modelled on {fit.scale.formula or ', '.join(fit.scale.names)}"
    if fit.ci_method == "Wald":
        tests = "Tests and intervals were based on the normal distribution."
    else:
        name = {"t": "unadjusted standard errors"}.get(
            fit.ci_method, "the Knapp-Hartung adjustment"
        )
        tests = (
            f"Tests and intervals used {name} and the t and F distributions with {fit.df:g} "
            "residual degrees of freedom."
        )
    own = "" if fit.fit.own is None else " Studies were weighted by weights of our own."
    return f"{model}.{own} {tests}"


def _results(fit: "Regression") -> str:
    said = [f"The analysis included {counted(fit.k, 'study', 'studies')}"]
    if fit.omitted:
        said[0] += f"; {len(fit.omitted)} with missing values {_were(len(fit.omitted))} left out"
    said[0] += "."
    if fit.moderators.df1:
        said.append(f"The test of moderators gave {test_in_words(fit.moderators)}.")
    at = [j for j in fit.design.moderators if j != fit.design.intercept]
    said += [_sentence(fit, j) for j in at[:6]]
    if fit.scale is None and fit.tau2_method != "CE":
        r2 = f", {percent(fit.r2)} less than without moderators (R²)" if fit.r2 > 0 else ""
        said.append(
            f"Residual heterogeneity was tau2 = {figure(fit.tau2)} (I² = {percent(fit.i2)}){r2}; "
            f"its test gave {test_in_words(fit.residual)}."
        )
    return " ".join(said)


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _sentence(fit: "Regression", j: int) -> str:
    interval = f"{figure(fit.ci_lower[j])} to {figure(fit.ci_upper[j])}"
    scale = f"log {fit.measure}" if scale_of(fit.measure).ratio else fit.measure or "the effect"
    return (
        f"The coefficient of {fit.names[j]} was {figure(fit.coefficients[j])} on {scale} "
        f"({100 * fit.level:g}% CI {interval}; {p_value(fit.p_values[j])})."
    )
