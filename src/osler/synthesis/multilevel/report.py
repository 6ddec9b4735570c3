"""How a multilevel model is told: a table for the terminal, sentences, reasons."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from osler.core.results import Why
from osler.core.wording import (
    aligned,
    counted,
    level_percent,
    number,
    p_value,
    percent,
    significant,
)
from osler.effects.scales import scale_of, shown

if TYPE_CHECKING:
    from osler.synthesis.multilevel.components import Component
    from osler.synthesis.multilevel.model import Coefficient, Multilevel

_WIDTH = 96


def summary(fit: "Multilevel") -> str:
    """Numbers and every choice, 96 columns at most."""
    blocks = [
        _head(fit),
        _coefficients(fit),
        _components(fit),
        _tests(fit),
        [line for note in fit.notes for line in _wrapped(f"note: {note}")],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _head(fit: "Multilevel") -> list[str]:
    measure = f", {fit.measure}" if fit.measure else ""
    lines = [
        f"Multilevel meta-analysis{measure}: {counted(fit.k, 'estimate')}, {fit.method}",
        *_wrapped(f"mean: {fit.formula}"),
    ]
    for term in fit.terms or ("none (common effect)",):
        lines += _wrapped(f"random: {term}")
    return lines


def _coefficients(fit: "Multilevel") -> list[str]:
    statistic = "z" if fit.test == "z" else "t"
    head = ["", "estimate", "se", statistic, "df", "p", f"{level_percent(fit.level)} CI"]
    rows = [head if fit.test == "t" else head[:4] + head[5:]]
    for c in fit.coefficients:
        cells = [
            c.name[:28],
            number(c.estimate, 4),
            number(c.se, 4),
            number(c.statistic, 2),
            number(c.df, 1 if c.df % 1 else 0),
            p_value(c.p_value).removeprefix("p ").removeprefix("= "),
            f"{number(c.ci_lower, 4)} to {number(c.ci_upper, 4)}",
        ]
        rows.append(cells if fit.test == "t" else cells[:4] + cells[5:])
    lines = aligned(rows)
    scale = scale_of(fit.measure)
    if scale.ratio and fit.fitted.design.intercept_only:
        only = fit.coefficients[0]
        told = ", ".join(shown(scale, v) for v in (only.estimate, only.ci_lower, only.ci_upper))
        lines.append(f"as {fit.measure} (estimate, interval): {told}")
    return lines


def _components(fit: "Multilevel") -> list[str]:
    if not fit.components:
        return []
    rows = [["component", "value", "SD", "groups", ""]]
    for c in fit.components:
        sd = number(float(np.sqrt(c.value)), 4) if c.kind == "variance" else ""
        rows.append([c.name[:44], number(c.value, 4), sd, str(c.groups), _state(c)])
    lines = aligned(rows)
    total = [s for s in fit.i2 if s.term == "total" and not s.level]
    if total:
        each = [f"{s.term} {percent(s.i2)}" for s in fit.i2 if s.term != "total" and not s.level]
        told = f" ({', '.join(each)})" if each else ""
        lines += _wrapped(f"I² {percent(total[0].i2)} of a typical estimate's variance{told}")
    levels = [f"{s.level} {percent(s.i2)}" for s in fit.i2 if s.term == "total" and s.level]
    if levels:
        lines += _wrapped(f"I² by level: {', '.join(levels)}")
    return lines


def _state(c: "Component") -> str:
    if c.held:
        return "held"
    if not c.identified:
        return "not identified"
    return "at its end" if c.at_boundary else ""


def _tests(fit: "Multilevel") -> list[str]:
    p = p_value(fit.q_p_value)
    lines = [f"Q for residual heterogeneity {number(fit.q, 2)} on {fit.q_df} df, {p}"]
    o = fit.omnibus
    if len(fit.coefficients) > 1 and o.df1:
        if fit.test == "z":
            told = f"chi² {number(o.q, 2)} on {o.df1} df"
        else:
            told = f"F {number(o.q / o.df1, 2)} on {o.df1} and {number(o.df2, 0)} df"
        lines += _wrapped(f"Omnibus test of {', '.join(o.tested)}: {told}, {p_value(o.p_value)}")
    c = fit.criteria
    restricted = "restricted " if fit.method == "REML" else ""
    lines.append(
        f"{restricted}log-likelihood {number(c.log_likelihood, 3)}, AIC {number(c.aic, 2)}, "
        f"AICc {number(c.aicc, 2)}, BIC {number(c.bic, 2)} ({c.estimated} estimated)"
    )
    lines.append(f"test: {fit.test}, degrees of freedom: {_freedom(fit)}")
    return lines


def _freedom(fit: "Multilevel") -> str:
    return "none (normal distribution)" if fit.test == "z" else fit.df_method


def _wrapped(line: str) -> list[str]:
    """Folded to the width, on spaces, continued with two spaces."""
    words, out = line.split(" "), [""]
    for word in words:
        joined = f"{out[-1]} {word}" if out[-1].strip() else f"{out[-1]}{word}"
        if len(joined) > _WIDTH and out[-1].strip():
            out.append(f"  {word}")
        else:
            out[-1] = joined
    return out


def text(fit: "Multilevel") -> str:
    """Methods and results, as sentences."""
    return f"{_methods(fit)} {_results(fit)}"


def _methods(fit: "Multilevel") -> str:
    how = "restricted maximum likelihood" if fit.method == "REML" else "maximum likelihood"
    random = "; ".join(fit.terms) or "none"
    tests = (
        "the normal distribution"
        if fit.test == "z"
        else f"the t distribution (degrees of freedom: {fit.df_method})"
    )
    return (
        f"{counted(fit.k, 'estimate')} were combined in a multilevel meta-analysis "
        f"(random effects: {random}) fitted by {how}; tests and {level_percent(fit.level)} "
        f"confidence intervals rest on {tests}."
    )


def _results(fit: "Multilevel") -> str:
    shown_ = [
        f"{c.name} {number(c.estimate, 3)} ({level_percent(fit.level)} CI {number(c.ci_lower, 3)} "
        f"to {number(c.ci_upper, 3)}, {p_value(c.p_value)})"
        for c in fit.coefficients
    ]
    parts = [f"Coefficients: {'; '.join(shown_)}."]
    if fit.components:
        values = ", ".join(
            f"{c.name} = {significant(c.value)}" for c in fit.components if c.identified
        )
        parts.append(f"Variance components: {values}.")
    parts.append(
        f"Residual heterogeneity: Q = {number(fit.q, 2)} on {fit.q_df} degrees of freedom, "
        f"{p_value(fit.q_p_value)}."
    )
    total = [s for s in fit.i2 if s.term == "total" and not s.level]
    if total:
        parts.append(f"I² was {percent(total[0].i2)}.")
    return " ".join(parts)


def reasons(fit: "Multilevel") -> Mapping[str, Callable[[], Why]]:
    """What gives the reasons of every main number."""
    by_coefficient = {c.name: partial(_why_coefficient, fit, c) for c in fit.coefficients}
    by_component = {c.name: partial(_why_component, fit, c) for c in fit.components}
    return {
        **by_coefficient,
        **by_component,
        "q": partial(_why_q, fit),
        "i2": partial(_why_i2, fit),
        "log_likelihood": partial(_why_likelihood, fit),
        "omnibus": partial(_why_omnibus, fit),
    }


def _why_coefficient(fit: "Multilevel", c: "Coefficient") -> Why:
    return Why(
        c.name,
        c.estimate,
        "Generalised least squares: estimates are weighed by the inverse of their marginal "
        "covariance, made of sampling errors and random effects.",
        "b = (X' M⁻¹ X)⁻¹ X' M⁻¹ y, se² from the diagonal of (X' M⁻¹ X)⁻¹",
        (
            ("estimates", fit.k),
            ("se", c.se),
            ("df", c.df),
            *((each.name, each.value) for each in fit.components),
        ),
        "Berkey et al. 1998, Stat Med 17, 2537-2550",
    )


def _why_component(fit: "Multilevel", c: "Component") -> Why:
    if c.held:
        return Why(c.name, c.value, "The value was given, or the data hold no information on it.")
    state = "" if c.identified else " The data do not tell it: other values fit as well."
    edge = " The maximum lies at the end of its range." if c.at_boundary else ""
    return Why(
        c.name,
        c.value,
        f"The value at which the {'restricted ' if fit.method == 'REML' else ''}likelihood is "
        f"highest, searched from several starts.{edge}{state}",
        "maximum of −½ (log|M| + log|X' M⁻¹ X| + r' M⁻¹ r)"
        if fit.method == "REML"
        else "maximum of −½ (log|M| + r' M⁻¹ r)",
        (("groups", c.groups), ("log-likelihood", fit.criteria.log_likelihood)),
        "Konstantopoulos 2011, doi:10.1002/jrsm.35",
    )


def _why_q(fit: "Multilevel") -> Why:
    return Why(
        "q",
        fit.q,
        "Spread around the mean in units of the sampling covariance alone.",
        "Q = (y − X b)' V⁻¹ (y − X b), b by weights V⁻¹",
        (("estimates", fit.k), ("df", fit.q_df), ("p", fit.q_p_value)),
        "Hedges & Olkin 1985; Cochran 1954",
    )


def _why_i2(fit: "Multilevel") -> Why:
    return Why(
        "i2",
        tuple(s.i2 for s in fit.i2),
        "Share of each component in the variance of a typical estimate; the typical sampling "
        "variance is (k − p) over the trace of P.",
        "I² = σ² / (Σ σ² + (k − p) / tr P), P = V⁻¹ − V⁻¹ X (X' V⁻¹ X)⁻¹ X' V⁻¹",
        tuple((f"{s.term} {s.level}".strip(), s.i2) for s in fit.i2),
        "Higgins & Thompson 2002, Stat Med 21, 1539-1558; Jackson, White & Riley 2012",
    )


def _why_likelihood(fit: "Multilevel") -> Why:
    return Why(
        "log_likelihood",
        fit.criteria.log_likelihood,
        "Density of the estimates at the maximum; restricted: of their contrasts free of the mean.",
        "−½ [(k − p) log 2π − log|X'X| + log|M| + log|X' M⁻¹ X| + r' M⁻¹ r]"
        if fit.method == "REML"
        else "−½ [k log 2π + log|M| + r' M⁻¹ r]",
        (("aic", fit.criteria.aic), ("estimated", fit.criteria.estimated)),
        "Harville 1974, Biometrika 61, 383-385",
    )


def _why_omnibus(fit: "Multilevel") -> Why:
    o = fit.omnibus
    return Why(
        "omnibus",
        o.q,
        f"Wald test that {', '.join(o.tested)} are all 0.",
        "Q = b' Var(b)⁻¹ b; with the t distribution F = Q / m",
        (("m", o.df1), ("df2", o.df2), ("p", o.p_value)),
        "Berkey et al. 1998, Stat Med 17, 2537-2550",
    )
