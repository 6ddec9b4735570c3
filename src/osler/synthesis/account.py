"""A synthesis told in a table for the terminal and in sentences for a paper."""

import math
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

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
from osler.effects.measures import MEASURES
from osler.effects.scales import Scale, interval, scale_of, shown
from osler.synthesis.intervals import CI_NAMES, PRED_NAMES
from osler.synthesis.tau2 import TAU2_NAMES

if TYPE_CHECKING:
    from osler.synthesis.model import Pooled, Synthesis

WIDTH = 96
_LONGEST_LABEL = 40
# Beyond so many studies a terminal shows only some; `columns()` has them all.
_MOST_ROWS, _SHOWN_ROWS = 60, 40

TAU2_CI_NAMES = {
    "QP": "Q-profile",
    "GENQ": "generalised Q",
    "PL-ML": "profile likelihood (ML)",
    "PL-REML": "profile likelihood (REML)",
    "Wald": "Wald",
    "none": "not asked for",
}
I2_NAMES = {"tau2": "from tau² and the typical variance", "q": "from Q"}


# Of one group alone 0 on the analysis scale is no absence of anything.
_ALONE = ("proportion", "rate", "mean", "spread", "reliability")


def compares(measure: str) -> bool:
    """Whether an effect of 0 means no difference, so that a p-value against it says something.

    Examples
    --------
    >>> compares("OR"), compares("PLO")
    (True, False)
    """
    known = MEASURES.get(measure)
    return known is None or known.kind not in _ALONE


def _p(measure: str, value: float) -> str:
    """The p-value after an interval, where there is something to test."""
    return f"; {p_value(value)}" if compares(measure) else ""


def scale_for(fit: "Synthesis") -> Scale:
    """The measure's scale; decimals of a difference follow the typical standard error."""
    scale = scale_of(fit.measure)
    if scale.ratio or fit.measure in ("RD", "SMD"):
        return scale
    middle = sorted(fit.variances)[fit.k // 2] ** 0.5
    return replace(scale, decimals=min(6, max(0, 1 - math.floor(math.log10(middle)))))


def summary_table(fit: "Synthesis") -> str:
    """Studies, pooled results, heterogeneity and methods, for a terminal."""
    scale = scale_for(fit)
    parts = [_title(fit, scale), _table(fit, scale), _spread(fit, scale), _methods(fit)]
    notes = [*fit.notes, *_study_notes(fit)]
    if notes:
        parts.append("\n".join(["Notes:", *(wrapped(note) for note in notes)]))
    if fit.effects and fit.effects.excluded:
        rows = [f"{e.label} (row {e.row_number}): {e.why}" for e in fit.effects.excluded]
        parts.append("\n".join(["Left out:", *(wrapped(row) for row in rows)]))
    return "\n\n".join(parts)


def _study_notes(fit: "Synthesis") -> list[str]:
    """What was done to single studies when their effects were computed."""
    if not fit.effects:
        return []
    named = zip(fit.effects.studies, fit.effects.notes, strict=True)
    return [f"{study}: {note}" for study, note in named if note]


def wrapped(line: str) -> str:
    """A line indented by two, and by four where it goes on."""
    return textwrap.fill(
        line, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
    )


def _title(fit: "Synthesis", scale: Scale) -> str:
    name = capital(scale.name) + (f" ({fit.measure})" if fit.measure else "")
    unit = " in percentage points" if fit.measure == "RD" else ""
    return f"{name}{unit}, {counted(fit.k, 'study', 'studies')}"


def _table(fit: "Synthesis", scale: Scale) -> str:
    interval_head = f"{level_percent(fit.level)} CI"
    head = ["Study", scale.measure or "Estimate", interval_head, "Common", "Random"]
    z = (fit.common.ci_upper - fit.common.estimate) / fit.common.se
    rows = [head]
    shown_rows = fit.k if fit.k <= _MOST_ROWS else _SHOWN_ROWS
    for i in range(shown_rows):
        y, half = fit.estimates[i], z * math.sqrt(fit.variances[i])
        rows.append(
            [
                label_cell(fit.studies[i]),
                shown(scale, y),
                interval(scale, y - half, y + half),
                percent(fit.common_weights[i], 1),
                percent(fit.random_weights[i], 1),
            ]
        )
    if fit.random.pred_method:
        predicted = interval(scale, fit.random.pred_lower, fit.random.pred_upper)
        prediction = [[f"{level_percent(fit.level)} prediction interval", "", predicted, "", ""]]
    else:
        prediction = []
    lines = aligned(
        [
            *rows,
            ["Random effects", *pooled_cells(fit.random, scale), "", percent(1.0, 1)],
            *prediction,
            ["Common effect", *pooled_cells(fit.common, scale), percent(1.0, 1), ""],
        ]
    )
    lines.insert(1 + shown_rows, "")
    if shown_rows < fit.k:
        lines.insert(1 + shown_rows, f"... {fit.k - shown_rows} more; columns() has them all")
    return "\n".join(lines)


def label_cell(label: str) -> str:
    """A label on one line and not too long for the table."""
    text = " ".join(label.split())
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"


def pooled_cells(pooled: "Pooled", scale: Scale) -> list[str]:
    """Estimate and interval."""
    bounds = interval(scale, pooled.ci_lower, pooled.ci_upper)
    return [shown(scale, pooled.estimate), bounds]


def _spread(fit: "Synthesis", scale: Scale) -> str:
    tests = (
        f"Random effects: {p_value(fit.random.p_value)}; "
        f"common effect: {p_value(fit.common.p_value)}"
    )
    lines = [tests] if compares(fit.measure) else []
    if fit.k == 1:
        return "\n".join([*lines, "Heterogeneity cannot be seen in one study."])
    h = fit.heterogeneity
    unit = f" on the scale of log {scale.measure}" if scale.ratio else ""
    level = level_percent(fit.level)
    lines += [
        (
            f"Heterogeneity{unit}: tau² = {figure(h.tau2)}"
            f"{_bounds(h.tau2_ci_lower, h.tau2_ci_upper, level)}, SE {figure(h.tau2_se)}"
        ),
        (
            f"  tau = {figure(h.tau)}, I² = {percent(h.i2, 1)}{_shares(fit)}, "
            f"H² = {number(h.h2, 2)}{_bounds(h.h2_ci_lower, h.h2_ci_upper, level)}"
        ),
        f"  Q = {number(h.q, 2)}, df = {h.df}, {p_value(h.p_value)}",
    ]
    return "\n".join(lines)


def figure(value: float) -> str:
    """Three figures, in powers of ten where decimals would not do."""
    if math.isfinite(value) and value and not 1e-5 < abs(value) < 1e7:
        return f"{value:.3g}"
    return significant(value)


def _bounds(lower: float, upper: float, level: str) -> str:
    if math.isnan(lower) or math.isnan(upper):
        return ""
    return f" ({level} CI {figure(lower)} to {figure(upper)})"


def _shares(fit: "Synthesis") -> str:
    h = fit.heterogeneity
    if math.isnan(h.i2_ci_lower) or math.isnan(h.i2_ci_upper):
        return ""
    bounds = f"{percent(h.i2_ci_lower, 1)} to {percent(h.i2_ci_upper, 1)}"
    return f" ({level_percent(fit.level)} CI {bounds})"


def _methods(fit: "Synthesis") -> str:
    made = fit.effects.conventions if fit.effects else ()
    if fit.k == 1:
        told = ("one study: its own result, with the normal (Wald) interval",)
        return "\n".join(["Methods:", *(wrapped(line) for line in (*told, *made))])
    lines = [
        *made,
        (
            f"tau²: {tau2_words(fit.heterogeneity.tau2_method)}; "
            f"its interval: {TAU2_CI_NAMES[fit.heterogeneity.tau2_ci_method]}"
        ),
        f"I² and H²: {I2_NAMES[fit.heterogeneity.i2_method]}",
        f"random-effects interval: {ci_words(fit.random)}",
        "intervals of studies and of the common effect: normal (Wald)",
        f"weights: {'as given' if fit.weighting == 'own' else 'inverse variance'}",
    ]
    if fit.random.pred_method:
        name = fit.random.pred_method
        lines.append(f"prediction interval: {PRED_NAMES[name]} ({name})")
    return "\n".join(["Methods:", *(wrapped(line) for line in lines)])


def tau2_words(method: str) -> str:
    """An estimator of tau2 with its short name."""
    return f"{TAU2_NAMES[method]} ({method})"


_FREEDOM = ("degree of freedom", "degrees of freedom")


def ci_words(pooled: "Pooled") -> str:
    """An interval method with its short name and degrees of freedom."""
    words, short = CI_NAMES[pooled.ci_method], f"({pooled.ci_method})"
    name = words if words.endswith(short) else f"{words} {short}"
    if math.isinf(pooled.df):
        return name
    whole = pooled.df == round(pooled.df)
    df = counted(int(pooled.df), *_FREEDOM) if whole else f"{number(pooled.df, 2)} {_FREEDOM[1]}"
    return f"{name}, {df}"


def sentences(fit: "Synthesis") -> str:
    """Methods and results in sentences for a paper."""
    if fit.k == 1:
        return _one_study_said(fit)
    made = f"{fit.effects.text()} " if fit.effects else ""
    return f"{made}{_methods_said(fit)}\n\n{_results_said(fit)}"


def _one_study_said(fit: "Synthesis") -> str:
    scale, common = scale_for(fit), fit.common
    bounds = interval(scale, common.ci_lower, common.ci_upper)
    return (
        f"There was one study, so nothing was pooled. Its {scale.name} was "
        f"{shown(scale, common.estimate)} ({level_percent(fit.level)} CI {bounds})"
        f"{_p(fit.measure, common.p_value)}."
    )


def _methods_said(fit: "Synthesis") -> str:
    scale, h = scale_for(fit), fit.heterogeneity
    on = f"{scale.name}s, on the log scale," if scale.ratio else f"{scale.name}s"
    said = [
        f"We pooled {on} from {counted(fit.k, 'study', 'studies')} by a random-effects model"
        + (" with weights of our own." if fit.weighting == "own" else "."),
        f"The between-study variance tau² was estimated by {TAU2_NAMES[h.tau2_method]}"
        + (
            "."
            if h.tau2_ci_method == "none"
            else f", its confidence interval by the {TAU2_CI_NAMES[h.tau2_ci_method]} method."
        ),
        (
            f"For the {level_percent(fit.level)} confidence interval of the mean we used: "
            f"{CI_NAMES[fit.random.ci_method]}."
        ),
    ]
    if fit.random.pred_method:
        said.append(
            f"For the prediction interval, of the effect in a new study like these, we used: "
            f"{PRED_NAMES[fit.random.pred_method]}."
        )
    said.append(f"I² was computed {I2_NAMES[h.i2_method]}.")
    return " ".join(said)


def _results_said(fit: "Synthesis") -> str:
    scale, random, h = scale_for(fit), fit.random, fit.heterogeneity
    level = level_percent(fit.level)
    bounds = interval(scale, random.ci_lower, random.ci_upper)
    cell = f"{shown(scale, random.estimate)} ({level} CI {bounds})"
    said = [f"The pooled {scale.name} was {cell}{_p(fit.measure, random.p_value)}."]
    if random.pred_method:
        predicted = interval(scale, random.pred_lower, random.pred_upper)
        said.append(f"The {level} prediction interval was {predicted}.")
    if fit.k > 1:
        said.append(
            f"Heterogeneity: tau² = {figure(h.tau2)}"
            f"{_bounds(h.tau2_ci_lower, h.tau2_ci_upper, level)}, I² = {percent(h.i2)}; "
            f"Q = {number(h.q, 2)} on {counted(h.df, 'degree')} of freedom, "
            f"{p_value(h.p_value)}."
        )
    common = f"{shown(scale, fit.common.estimate)} ({level} CI "
    common += f"{interval(scale, fit.common.ci_lower, fit.common.ci_upper)})"
    said.append(f"The common-effect model gave {common}.")
    return " ".join([*said, *fit.notes])
