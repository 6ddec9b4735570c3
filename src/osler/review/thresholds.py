"""Thresholds and baseline risks: the parts of osler.toml that certainty is judged against."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import cast

from osler.core.diagnostics import Diagnostic, Severity
from osler.review.model import Approach, Baseline, Outcome, Threshold, ThresholdScale
from osler.review.settings import Settings, Table, tables

APPROACHES = ("minimal", "partial")
KINDS = ("between groups", "within person")
SCALES = ("own", "absolute")
BETWEEN_GROUPS = ("mid", "moderate", "large")
RATIOS = ("RR", "OR", "HR")


def with_thresholds(table: Table, outcome: Outcome, approach: Approach) -> Outcome:
    """The outcome with its thresholds; what does not fit together is said and left out."""
    found = {key: _threshold(table, key, outcome) for key in (*BETWEEN_GROUPS, "person_mid")}
    outcome = replace(
        outcome,
        mid=found["mid"],
        moderate=found["moderate"],
        large=found["large"],
        person_mid=found["person_mid"],
        approach=cast(Approach, table.choice("approach", APPROACHES, approach)),
    )
    _check_kinds(table, outcome)
    outcome = _in_order(table, _on_one_scale(table, outcome))
    _check_complete(table, outcome)
    return outcome


def _threshold(table: Table, key: str, outcome: Outcome) -> Threshold | None:
    inner = table.table(key)
    if inner is None:
        return None
    inner.expect(("value", "per_1000", "scale", "kind", "source", "note"))
    per_1000 = inner.number("per_1000") if "per_1000" in inner.values else None
    if per_1000 is not None and "value" in inner.values:
        _scales(inner, "per_1000", f"{key} of {outcome.name!r} has both value and per_1000")
        per_1000 = None
    scale = "absolute" if per_1000 is not None else inner.choice("scale", SCALES, "own")
    value = inner.number("value") if per_1000 is None else per_1000 / 1000
    if value is None or value <= 0 or (scale == "absolute" and value >= 1):
        _no_value(inner, key, outcome, "between 0 and 1" if scale == "absolute" else "above 0")
        return None
    if scale == "absolute" and outcome.kind != "binary":
        what = f"{key} of {outcome.name!r} is a difference between risks, and the outcome is a mean"
        _scales(inner, "scale", what)
        return None
    if scale == "own" and outcome.measure in RATIOS and value == 1:
        _no_value(inner, key, outcome, "other than 1, which is no effect")
        return None
    kind = inner.choice("kind", KINDS)
    # A risk difference is on the absolute scale already.
    own = outcome.measure == "RD"
    return Threshold(
        value,
        kind,
        inner.text("source"),
        inner.text("note", ""),
        "own" if own else cast(ThresholdScale, scale),
    )


def _no_value(inner: Table, key: str, outcome: Outcome, which: str) -> None:
    inner.settings.report(
        "REV023",
        f"{key} of {outcome.name!r} needs a value {which}",
        inner.place("value" if "value" in inner.values else "per_1000"),
        so="it is not used",
        help="write the size of the difference, without a sign",
    )


def _scales(inner: Table, key: str, message: str) -> None:
    inner.settings.report(
        "CRT005",
        message,
        inner.place(key),
        so="what does not fit is not used",
        help="write value on the outcome's own scale, or per_1000 for a difference between "
        "risks, and the same for mid, moderate and large",
    )


def _check_kinds(table: Table, outcome: Outcome) -> None:
    """A change within persons is no threshold between groups, nor the other way round."""
    for key, found in _declared(outcome).items():
        if found.kind == "within person":
            _warn(
                table,
                "CRT002",
                f"{key} of {outcome.name!r} is a change within a person, used between groups",
                key,
                found="kind is 'within person'",
                so="the effect is held against it, and may be called trivial or important wrongly",
                help="write it as person_mid, and look for a difference between groups",
            )
        elif _same(found, outcome.person_mid):
            _warn(
                table,
                "CRT003",
                f"{key} of {outcome.name!r} has the value and the source of person_mid",
                key,
                found=f"both are {found.value:g} from {found.source!r}",
                so="one of the two kinds may be wrong",
                help="check in the source whether it speaks of one person's change or of a "
                "difference between groups, and keep the one it is",
            )
    person = outcome.person_mid
    if person is not None and person.kind != "within person":
        _warn(
            table,
            "CRT002",
            f"person_mid of {outcome.name!r} is a difference between groups",
            "person_mid",
            found=f"kind is {person.kind!r}",
            so="it is shown as the change that one person notices",
            help="write kind = 'within person', or use it as mid",
        )


def _same(one: Threshold, other: Threshold | None) -> bool:
    return other is not None and (one.value, one.source) == (other.value, other.source)


def _on_one_scale(table: Table, outcome: Outcome) -> Outcome:
    """Without the thresholds whose scale is not that of the smallest one."""
    declared = _declared(outcome)
    scales = [threshold.scale for threshold in declared.values()]
    other = [key for key, threshold in declared.items() if threshold.scale != scales[0]]
    for key in other:
        inner = table.table(key)
        if inner is not None:
            _scales(inner, "", f"{key} of {outcome.name!r} is not on the scale of the others")
    return replace(
        outcome,
        moderate=None if "moderate" in other else outcome.moderate,
        large=None if "large" in other else outcome.large,
    )


def _declared(outcome: Outcome) -> dict[str, Threshold]:
    """The thresholds between groups, by their key, the smallest first."""
    all_three = (outcome.mid, outcome.moderate, outcome.large)
    return {k: t for k, t in zip(BETWEEN_GROUPS, all_three, strict=True) if t is not None}


def _in_order(table: Table, outcome: Outcome) -> Outcome:
    """Without moderate and large where small, moderate and large do not follow each other."""
    declared = _declared(outcome)
    sizes = [_distance(outcome, threshold) for threshold in declared.values()]
    if all(low < high for low, high in pairwise(sizes)):
        return outcome
    table.settings.report(
        "CRT001",
        f"the thresholds of {outcome.name!r} are not in order",
        table.place("name"),
        found=", ".join(f"{key} {threshold.value:g}" for key, threshold in declared.items()),
        so="only the smallest important difference is used",
        help="a moderate effect begins above mid, and a large one above moderate",
    )
    return replace(outcome, moderate=None, large=None)


def _distance(outcome: Outcome, threshold: Threshold) -> float:
    """How far from no effect: ratios as logs, so that 0.5 and 2 are equally far."""
    ratio = outcome.measure in RATIOS and threshold.scale == "own"
    # Rounded, because 0.8 and 1.25 are the same distance and their logs differ by a rounding.
    return round(abs(math.log(threshold.value)), 12) if ratio else threshold.value


def _check_complete(table: Table, outcome: Outcome) -> None:
    missing = [key for key in BETWEEN_GROUPS if key not in _declared(outcome)]
    if outcome.approach == "partial" and missing:
        _warn(
            table,
            "CRT004",
            f"the partly contextualised approach needs {' and '.join(missing)} of {outcome.name!r}",
            "name",
            so="imprecision is judged against the thresholds that are declared",
            help="add the missing thresholds with their source, or write approach = 'minimal'",
        )


def _warn(
    table: Table, code: str, message: str, key: str, *, found: str = "", so: str, help: str
) -> None:
    inner = table.table(key) if isinstance(table.values.get(key), dict) else None
    place = inner.place("kind") if inner else table.place(key)
    table.settings.diagnostics.append(
        Diagnostic(code, Severity.WARNING, place, message, found=found, so=so, help=help)
    )


def with_baselines(settings: Settings, outcomes: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """The outcomes with the baseline risks that ``[[baselines]]`` give for them."""
    out = dict(outcomes)
    for entry in tables(settings, "baselines"):
        entry.expect(("outcome", "comparison", "low", "median", "high", "source", "note"))
        name = entry.text("outcome")
        if name not in out or out[name].kind != "binary":
            _no_outcome(entry, name, [o.name for o in out.values() if o.kind == "binary"])
            continue
        found = _baseline(entry)
        if found is None:
            continue
        if any(b.comparison == found.comparison for b in out[name].baselines):
            _wrong(entry, "outcome", f"two baseline risks for {name!r}", "keep one of them")
            continue
        out[name] = replace(out[name], baselines=(*out[name].baselines, found))
    return out


def _no_outcome(entry: Table, name: str, known: Sequence[str]) -> None:
    listed = ", ".join(known) or "none here"
    _wrong(
        entry,
        "outcome",
        f"{name!r} is not an outcome that is counted",
        f"name an [[outcomes]] of kind 'binary': {listed}",
    )


def _baseline(entry: Table) -> Baseline | None:
    median = entry.number("median")
    low = entry.number("low") if "low" in entry.values else None
    high = entry.number("high") if "high" in entry.values else None
    risks = [risk for risk in (low, median, high) if risk is not None]
    if median is None or not all(0 < r < 1 for r in risks) or risks != sorted(risks):
        shown = ", ".join(f"{risk:g}" for risk in risks) or "none"
        _wrong(
            entry,
            "median",
            "baseline risks must be proportions, low to high",
            "write median = 0.15 for 150 of 1000, and low below it and high above it",
            f"risks: {shown}",
        )
        return None
    return Baseline(
        low,
        median,
        high,
        entry.text("source"),
        entry.text("note", ""),
        entry.text("comparison", ""),
        entry.place("outcome"),
    )


def _wrong(entry: Table, key: str, message: str, help: str, found: str = "") -> None:
    entry.settings.report(
        "CRT006",
        message,
        entry.place(key),
        found=found,
        so="the comparator groups' own risks are used",
        help=help,
    )
