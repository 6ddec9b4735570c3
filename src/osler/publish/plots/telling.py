"""The lines below a forest plot: heterogeneity, tests, in the words of each layout."""

import math
import re

from osler.core.wording import number, percent, significant
from osler.publish.plots.layouts import Layout, p_text
from osler.synthesis.account import ci_words
from osler.synthesis.model import Synthesis
from osler.synthesis.subgroups import Subgroups


def heterogeneity_line(fit: Synthesis, layout: Layout, *, short: bool = False) -> str:
    """Heterogeneity in one line; empty for a single study."""
    return unbroken(_heterogeneity(fit, layout, short=short))


def _heterogeneity(fit: Synthesis, layout: Layout, *, short: bool) -> str:
    spread = fit.heterogeneity
    if spread.df < 1:
        return ""
    i2, tau2 = percent(spread.i2), significant(spread.tau2)
    p = p_text(spread.p_value, layout)
    q = number(spread.q, 2)
    if layout.name == "revman5":
        return f"Heterogeneity: Tau² = {tau2}; Chi² = {q}, df = {spread.df} ({p}); I² = {i2}"
    if layout.name == "jama":
        return f"Heterogeneity: τ² = {tau2}; χ²({spread.df}) = {q}; {p}; I² = {i2}"
    if layout.name == "bmj":
        return f"Test for heterogeneity: τ² = {tau2}; χ² = {q}, df = {spread.df}, {p}; I² = {i2}"
    if layout.name == "meta":
        return f"Heterogeneity: I² = {i2}, τ² = {tau2}, {p}"
    if short:
        return f"I² = {i2}, τ² = {tau2}, Q({spread.df}) = {q}, {p}"
    estimator = f" ({spread.tau2_method})"
    return f"Heterogeneity: I² = {i2}, τ² = {tau2}{estimator}, Q = {q}, df = {spread.df}, {p}."


def effect_line(fit: Synthesis, layout: Layout, model: str = "random") -> str:
    """The test of no effect in one line."""
    return unbroken(_effect(fit, layout, model))


def _effect(fit: Synthesis, layout: Layout, model: str) -> str:
    pooled = fit.random if model == "random" else fit.common
    if not (math.isfinite(pooled.p_value) and pooled.se > 0):
        return ""
    normal, df = not math.isfinite(pooled.df), pooled.df
    value = number(pooled.estimate / pooled.se, 2)
    p = p_text(pooled.p_value, layout)
    if layout.name == "revman5":
        letter = "Z" if normal else "T"
        return f"Test for overall effect: {letter} = {value} ({p})"
    letter = "z" if normal else f"t({_df(df)})"
    if layout.name == "bmj":
        return f"Test for overall effect: {letter} = {value}, {p}"
    if layout.name == "meta":
        return f"Test for overall effect: {letter} = {value} ({p})"
    return f"Overall effect: {letter} = {value}, {p}" + ("." if layout.name == "osler" else "")


def method_line(fit: Synthesis) -> str:
    """Which method gave the interval."""
    return f"Random-effects interval: {ci_words(fit.random)}."


def between_line(by: Subgroups, layout: Layout) -> str:
    """The test between subgroups in one line; empty for a single subgroup."""
    return unbroken(_between(by, layout)) if by.df else ""


def _between(by: Subgroups, layout: Layout) -> str:
    q, p = number(by.q, 2), p_text(by.p_value, layout)
    if layout.name == "revman5":
        return f"Test for subgroup differences: Chi² = {q}, df = {by.df} ({p})"
    if layout.name in ("jama", "meta", "bmj"):
        return f"Test for subgroup differences: χ² = {q}, df = {by.df} ({p})"
    return f"Difference between subgroups: Q = {q}, df = {by.df}, {p}."


def bare_p(p: float, layout: Layout) -> str:
    """A p-value without its letter, for a column: "0.034", "< 0.001"."""
    if not 0 <= p <= 1:
        return ""
    return p_text(p, layout)[2:].removeprefix("= ")


def unbroken(text: str) -> str:
    """The text with no line's end between a sign and its number."""
    return re.sub(" ([=<]) ", "\u00a0\\1\u00a0", text)


def _df(value: float) -> str:
    return number(value, 0 if float(value).is_integer() else 1)
