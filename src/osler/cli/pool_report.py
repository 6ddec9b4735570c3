"""How the result of ``osler pool`` is told: as text for people, as JSON for programs."""

import json
import math
from dataclasses import replace

from osler.core.wording import MINUS, aligned, level_percent, p_value, percent
from osler.effects.measures import is_ratio
from osler.effects.scales import Scale, interval, scale_of, shown
from osler.synthesis.account import TAU2_CI_NAMES, ci_words, compares, tau2_words, wrapped
from osler.synthesis.intervals import PRED_NAMES
from osler.synthesis.model import Heterogeneity, Pooled, Synthesis
from osler.synthesis.subgroups import Subgroups
from osler.synthesis.table import TableSynthesis


def as_text(result: TableSynthesis, file: str, asked: str) -> str:
    """The whole result as text; ``asked`` is the interval method that was asked for."""
    fit = result.synthesis
    scale = _scale(fit)
    parts = [
        _title(result, file),
        _table(result, scale),
        _heterogeneity(fit, scale),
        _methods(result, asked),
    ]
    if result.subgroups:
        parts.insert(2, _subgroups(result.subgroups, scale))
    if result.excluded:
        rows = [f"  line {e.row.place.line}  {e.label}: {e.why}" for e in result.excluded]
        parts.append("\n".join(["Left out:", *rows]))
    return "\n\n".join(parts)


def sides_of(result: TableSynthesis) -> tuple[str, str]:
    """What lies left and right of no effect; empty where the columns name no groups.

    Whether low is good is not in the table, so neither side is said to favour anything.
    """
    if result.columns.layout == "estimates":
        return "", ""
    what = {"counts": "risk", "means": "mean"}[result.columns.layout]
    return f"lower {what} in the treated group", f"higher {what} in the treated group"


def _scale(fit: Synthesis) -> Scale:
    """Decimals follow the typical standard error: two figures of it."""
    scale = scale_of(fit.measure)
    if scale.ratio or fit.measure in ("RD", "SMD"):
        return scale
    middle = sorted(fit.variances)[fit.k // 2] ** 0.5
    return replace(scale, decimals=min(6, max(0, 1 - math.floor(math.log10(middle)))))


def _title(result: TableSynthesis, file: str) -> str:
    fit = result.synthesis
    scale = scale_of(fit.measure)
    name = scale.name[:1].upper() + scale.name[1:]
    if fit.measure:
        name += f" ({fit.measure})"
    unit = " in percentage points" if fit.measure == "RD" else ""
    studies = "1 study" if fit.k == 1 else f"{fit.k} studies"
    return f"{name}{unit}, {studies} from {file}"


def _table(result: TableSynthesis, scale: Scale) -> str:
    fit = result.synthesis
    z = (fit.common.ci_upper - fit.common.estimate) / fit.common.se
    interval_head = f"{level_percent(fit.level)} CI"
    head = ["Study", "Data", scale.measure or "Estimate", interval_head, "Weight"]
    rows = [head]
    for i, study in enumerate(result.studies):
        half = z * math.sqrt(study.effect.variance)
        y = study.effect.estimate
        mark = " *" if study.effect.added else ""
        rows.append(
            [
                fit.studies[i],
                study.reported.replace("-", MINUS) + mark,
                shown(scale, y),
                interval(scale, y - half, y + half),
                percent(fit.random_weights[i], 1),
            ]
        )
    lines = aligned([*rows, *_pooled_rows(fit, scale)], left=2)
    lines.insert(1 + fit.k, "")
    if any(study.effect.added for study in result.studies):
        lines += ["", _zero_note(fit.measure)]
    return "\n".join(lines)


def _zero_note(measure: str) -> str:
    if measure == "RD":
        return "* the variance is computed with 1/2 added to every cell, as it would be 0"
    return "* 1/2 is added to every cell, as one is zero"


def _pooled_rows(fit: Synthesis, scale: Scale) -> list[list[str]]:
    rows = [
        ["Random effects", *_pooled_cells(fit.measure, fit.random, scale), "100.0%"],
        ["Common effect", *_pooled_cells(fit.measure, fit.common, scale), ""],
    ]
    if math.isfinite(fit.random.pred_lower):
        predicted = interval(scale, fit.random.pred_lower, fit.random.pred_upper)
        rows.insert(1, [f"{level_percent(fit.level)} prediction interval", "", "", predicted, ""])
    return rows


def _pooled_cells(measure: str, pooled: Pooled, scale: Scale) -> list[str]:
    bounds = interval(scale, pooled.ci_lower, pooled.ci_upper)
    tested = p_value(pooled.p_value) if compares(measure) else ""
    return [tested, shown(scale, pooled.estimate), bounds]


def _subgroups(by: Subgroups, scale: Scale) -> str:
    rows = [["Subgroup", "Studies", scale.measure or "Estimate", _ci_head(by), "tau²"]]
    rows += [
        [
            name,
            str(fit.k),
            shown(scale, fit.random.estimate),
            interval(scale, fit.random.ci_lower, fit.random.ci_upper),
            _tau2(fit.heterogeneity.tau2) if fit.k > 1 else "–",
        ]
        for name, fit in by.results.items()
    ]
    test = (
        f"Difference between subgroups: Q = {by.q:.2f}, df = {by.df}, {p_value(by.p_value)}"
        if by.df
        else "There is only one subgroup, and nothing to compare it with."
    )
    return "\n".join([*aligned(rows, left=2), test])


def _ci_head(by: Subgroups) -> str:
    return f"{level_percent(next(iter(by.results.values())).level)} CI"


def _heterogeneity(fit: Synthesis, scale: Scale) -> str:
    if fit.k == 1:
        return "Heterogeneity cannot be seen in one study."
    h = fit.heterogeneity
    unit = f", on the scale of log {scale.measure}" if scale.ratio else ""
    if scale.measure == "RD":
        unit = ", on the scale of proportions"
    tau2 = f"tau² = {_tau2(h.tau2)} ({level_percent(fit.level)} CI {_bounds(h)}{unit})"
    spread = f"I² = {percent(h.i2, 1)}, H² = {h.h2:.2f}, tau = {_tau2(math.sqrt(h.tau2))}"
    test = f"Q = {h.q:.2f}, df = {h.df}, {p_value(h.p_value)}"
    return f"Heterogeneity: {tau2}\n  {spread}\n  {test}"


def _bounds(h: Heterogeneity) -> str:
    """Both ends with as many decimals: three figures of the estimate, fewer if they reach far."""
    most = max(h.tau2, h.tau2_ci_upper / 100)
    decimals = max(0, 2 - math.floor(math.log10(most))) if most > 0 else 0
    lower = f"{h.tau2_ci_lower:.{decimals}f}" if h.tau2_ci_lower else "0"
    return f"{lower} to {h.tau2_ci_upper:.{decimals}f}"


def _tau2(value: float) -> str:
    return "0" if value == 0 else f"{value:.4g}"


def _methods(result: TableSynthesis, asked: str) -> str:
    fit = result.synthesis
    h, random = fit.heterogeneity, fit.random
    choice = ", chosen by auto" if asked.lower() == "auto" else ""
    if asked.lower() not in ("auto", random.ci_method.lower()):
        choice = f" ({asked} needs two studies)"
    interval_of_tau2 = TAU2_CI_NAMES[h.tau2_ci_method]
    lines = [
        f"columns: {result.columns.said()}",
        *(f"effects: {said}" for said in result.conventions),
        f"tau²: {tau2_words(h.tau2_method)}; its interval: {interval_of_tau2}; I² and H² from tau²",
        f"random-effects interval: {ci_words(random)}{choice}",
        "intervals of studies and of the common effect: normal (Wald); weights: random effects",
    ]
    if random.pred_method:
        name = random.pred_method
        lines.append(f"prediction interval: {PRED_NAMES[name]} ({name})")
    if not result.diagnostics:  # which say the same, with what to do
        lines += [f"note: {note}" for note in fit.notes]
    return "\n".join(["Methods:", *(wrapped(line) for line in lines)])


# --- JSON ---------------------------------------------------------------------------------


def as_json(result: TableSynthesis, file: str) -> str:
    """The whole result as JSON; numbers on the analysis scale, null where there is none."""
    fit = result.synthesis
    ratio = is_ratio(fit.measure)
    out: dict[str, object] = {
        "file": file,
        "measure": fit.measure or None,
        "scale": f"log {fit.measure}" if ratio else fit.measure or "as given",
        "back_transformation": "exp" if ratio else None,
        "level": fit.level,
        "k": fit.k,
        "methods": {
            "effects": list(result.conventions),
            "tau2": fit.heterogeneity.tau2_method,
            "tau2_ci": TAU2_CI_NAMES[fit.heterogeneity.tau2_ci_method],
            "i2": "from tau2 and the typical variance",
            "random_ci": fit.random.ci_method,
            "common_ci": fit.common.ci_method,
            "random_df": _number(fit.random.df),
            "prediction": fit.random.pred_method or None,
        },
        "columns": dict(result.columns.roles),
        "random": _model(fit.random, ratio) | _spread(fit.heterogeneity),
        "common": _model(fit.common, ratio),
        "studies": _studies(result, ratio),
        "excluded": [
            {"study": e.label, "line": e.row.place.line, "reason": e.why} for e in result.excluded
        ],
    }
    if result.subgroups:
        out["subgroups"] = _subgroups_json(result.subgroups, ratio)
    return json.dumps(out, indent=2, ensure_ascii=False, allow_nan=False)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _model(pooled: Pooled, ratio: bool) -> dict[str, object]:
    names = ("estimate", "ci_lower", "ci_upper", "pred_lower", "pred_upper")
    values = {name: _number(getattr(pooled, name)) for name in names}
    out: dict[str, object] = {
        "estimate": values["estimate"],
        "se": _number(pooled.se),
        **{name: values[name] for name in names[1:]},
        "p_value": _number(pooled.p_value),
        "ci_method": pooled.ci_method,
    }
    if ratio:
        out["back_transformed"] = {name: _exp(value) for name, value in values.items()}
    return out


def _exp(value: float | None) -> float | None:
    try:
        return None if value is None else math.exp(value)
    except OverflowError:
        return None


def _spread(h: Heterogeneity) -> dict[str, object]:
    """Null throughout for one study, in which heterogeneity cannot be seen."""
    if h.df == 0:
        unknown = ("tau2", "tau2_ci_lower", "tau2_ci_upper", "tau2_method", "i2", "h2", "q")
        return dict.fromkeys(unknown) | {"df": 0, "q_p_value": None}
    return {
        "tau2": h.tau2,
        "tau2_ci_lower": _number(h.tau2_ci_lower),
        "tau2_ci_upper": _number(h.tau2_ci_upper),
        "tau2_method": h.tau2_method,
        "i2": h.i2,
        "h2": h.h2,
        "q": h.q,
        "df": h.df,
        "q_p_value": h.p_value,
    }


def _studies(result: TableSynthesis, ratio: bool) -> list[dict[str, object]]:
    fit = result.synthesis
    out = []
    for i, study in enumerate(result.studies):
        row: dict[str, object] = {
            "study": fit.studies[i],
            "line": study.row.place.line,
            "data": study.reported,
            "estimate": study.effect.estimate,
            "se": math.sqrt(study.effect.variance),
            "added_to_cells": study.effect.added,
            "weight_common": fit.common_weights[i],
            "weight_random": fit.random_weights[i],
        }
        if ratio:
            row["back_transformed"] = {"estimate": _exp(study.effect.estimate)}
        out.append(row)
    return out


def _subgroups_json(by: Subgroups, ratio: bool) -> dict[str, object]:
    results = [
        {"subgroup": name, "k": fit.k, "studies": list(fit.studies)}
        | {"random": _model(fit.random, ratio) | _spread(fit.heterogeneity)}
        for name, fit in by.results.items()
    ]
    test = (by.q, by.p_value) if by.df else (None, None)
    return {"results": results, "q": test[0], "df": by.df, "p_value": test[1]}
