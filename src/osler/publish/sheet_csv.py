"""The tables as CSV: one row an outcome or a treatment, numbers for programs beside the text.

UTF-8 without a byte order mark, comma separated, CRLF line ends (RFC 4180), as the downloads
of a page are. An empty cell means not known.
"""

import csv
import math
from collections.abc import Mapping, Sequence
from io import StringIO

from osler.certainty.model import Absolute, Evidence, Finding, Step
from osler.certainty.numbers_needed import number_needed
from osler.core.diagnostics import Place
from osler.effects.measures import is_ratio
from osler.publish.composition import Composition
from osler.publish.decision import Option, Weighed, decision_options
from osler.publish.importance import importance_text
from osler.publish.options import CitedText
from osler.publish.profile import profile_findings
from osler.publish.ratings import explanation, needs_a_note, rating
from osler.publish.risks import absolutes_of
from osler.publish.sheet_text import cell_text
from osler.publish.sheets import Notes
from osler.publish.summary import NO_RATIO, NO_RESULT, chosen_outcomes, effect_cells, outcome_detail
from osler.review.model import REASONS_DOWN, REASONS_UP, Comparison, Outcome, Review
from osler.synthesis.answers import Answer

Row = Mapping[str, object]

_QUESTION = ("comparison", "outcome", "label", "detail", "harm", "better")
_ESTIMATE = ("measure", "estimate", "ci_lower", "ci_upper", "level", "trials", "participants")
_SHOWN = ("with_comparator", "with_intervention", "relative_effect")
_RISKS = ("baseline", "risk", "risk_lower", "risk_upper", "baseline_source")
_GRADE = ("certainty", "certainty_level")
BASELINES = ("low", "median", "high")

FINDINGS_COLUMNS = (
    *_QUESTION,
    *_ESTIMATE,
    *(f"{name}_{column}" for name in BASELINES for column in _RISKS),
    *_SHOWN,
    *_GRADE,
    "statement",
    "importance",
    "reasons",
)
PROFILE_COLUMNS = (
    *_QUESTION,
    *_ESTIMATE,
    *_SHOWN,
    "starts_at",
    *(
        f"{reason.replace(' ', '_').replace('-', '_')}_{column}"
        for reason in (*REASONS_DOWN, *REASONS_UP)
        for column in (
            *("rating", "levels", "rule_levels", "decided_by", "facts", "rule"),
            *("person", "date", "because", "stale"),
        )
    ),
    *_GRADE,
)
DECISION_COLUMNS = (
    *("outcome", "treatment", "label", "against", *_ESTIMATE, *_GRADE, "benefit", "statement"),
    *("harms_from_trials", "harms", "harms_sources", "involves"),
    *("cost", "cost_sources", "acceptability", "acceptability_sources"),
)


def findings_csv(
    review: Review,
    evidence: Evidence,
    comparisons: Sequence[Comparison],
    *,
    numbers_needed: bool = False,
) -> bytes:
    """Summaries of findings: one row an outcome, ratios as ratios and risks as proportions."""
    rows: list[Row] = []
    for comparison in comparisons:
        for about, answer in chosen_outcomes(review, evidence, comparison).answers.items():
            finding = evidence.findings.get(about)
            rows.append(
                _found(review, finding, numbers_needed)
                if finding
                else {**_question(answer), "trials": 0, "statement": NO_RESULT}
            )
    needed = tuple(f"{name}_number_needed" for name in BASELINES) if numbers_needed else ()
    return csv_bytes((*FINDINGS_COLUMNS, *needed), rows)


def profile_csv(review: Review, evidence: Evidence, comparisons: Sequence[Comparison]) -> bytes:
    """Evidence profiles: one row an outcome, ten columns for each of GRADE's reasons."""
    rows: list[Row] = []
    for comparison in comparisons:
        for finding in profile_findings(review, evidence, comparison):
            ledger: dict[str, object] = {}
            for step in finding.certainty.steps:
                ledger |= _step(step)
            rows.append(
                {
                    **_question(finding.answer),
                    **_estimate(finding),
                    **_cells(review, finding),
                    "starts_at": finding.certainty.start.word,
                    **ledger,
                    **_grade(finding),
                }
            )
    return csv_bytes(PROFILE_COLUMNS, rows)


def decision_csv(composition: Composition, outcome: Outcome) -> bytes:
    """From evidence to a decision: one row a treatment; "not known" is an empty cell."""
    options = decision_options(composition, outcome, Place(composition.page.file))
    return csv_bytes(DECISION_COLUMNS, [_option(composition, outcome, o) for o in options])


def csv_bytes(columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    r"""Rows as CSV; a text that a spreadsheet would take for a formula gets an apostrophe.

    Examples
    --------
    >>> csv_bytes(["a", "b"], [{"a": "=1+1", "b": 0.5}])
    b"a,b\r\n'=1+1,0.5\r\n"
    """
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_written(row.get(column)) for column in columns])
    return out.getvalue().encode()


def _written(value: object) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return repr(float(value))
    text = str(value)
    guarded = isinstance(value, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r")
    return f"'{text}" if guarded else text


def _question(answer: Answer) -> dict[str, object]:
    outcome = answer.outcome
    return {
        "comparison": answer.comparison.name,
        "outcome": outcome.name,
        "label": outcome.label,
        "detail": outcome_detail(answer),
        "harm": outcome.harm,
        "better": outcome.better,
    }


def _estimate(finding: Finding) -> dict[str, object]:
    """Effect and interval on the natural scale: ratios as ratios."""
    pooled, measure = finding.synthesis.random, finding.outcome.measure
    sizes = [effect.n for effect in finding.answer.effects]
    known = [n for n in sizes if n is not None]
    return {
        "measure": measure,
        "estimate": _natural(measure, pooled.estimate),
        "ci_lower": _natural(measure, pooled.ci_lower),
        "ci_upper": _natural(measure, pooled.ci_upper),
        "level": finding.synthesis.level,
        "trials": len(sizes),
        "participants": sum(known) if len(known) == len(sizes) else None,
    }


def _natural(measure: str, value: float) -> float:
    """A ratio from its logarithm; one beyond what a number can hold is left empty."""
    if not (is_ratio(measure) or measure == "HR"):
        return float(value)
    return math.exp(value) if value < 700 else math.inf


def _found(review: Review, finding: Finding, numbers_needed: bool) -> dict[str, object]:
    steps = [step for step in finding.certainty.steps if needs_a_note(step)]
    row = {
        **_question(finding.answer),
        **_estimate(finding),
        **_cells(review, finding),
        **_grade(finding),
        "statement": finding.statement,
        "importance": importance_text(review, finding.outcome),
        "reasons": " | ".join(explanation(step) for step in steps),
    }
    for absolute in absolutes_of(finding):
        row |= _risks(absolute)
        if numbers_needed:
            text = number_needed(absolute, finding.outcome.better).text()
            row[f"{absolute.name}_number_needed"] = text
    return row


def _risks(absolute: Absolute) -> dict[str, object]:
    values = (
        absolute.baseline,
        absolute.risk,
        absolute.risk_lower,
        absolute.risk_upper,
        absolute.baseline_source,
    )
    names = (f"{absolute.name}_{column}" for column in _RISKS)
    return dict(zip(names, values, strict=True))


def _cells(review: Review, finding: Finding) -> dict[str, object]:
    cells = effect_cells(review, finding, Notes())
    texts = (cell_text(cell, letters=False).replace("\n", "; ") for cell in cells)
    return dict(zip(_SHOWN, ("" if text == NO_RATIO else text for text in texts), strict=True))


def _grade(finding: Finding) -> dict[str, object]:
    level = finding.certainty.level
    return {"certainty": level.word, "certainty_level": int(level)}


def _step(step: Step) -> dict[str, object]:
    person = step.judgement
    values: dict[str, object] = {
        "rating": rating(step),
        "levels": step.levels,
        "rule_levels": step.rule_levels,
        "decided_by": "person" if person else "rule",
        "facts": step.facts,
        "rule": step.rule,
        "person": person.by if person else None,
        "date": person.date if person else None,
        "because": person.because if person else None,
        "stale": step.stale,
    }
    reason = step.reason.replace(" ", "_").replace("-", "_")
    return {f"{reason}_{column}": value for column, value in values.items()}


def _option(composition: Composition, outcome: Outcome, option: Option) -> dict[str, object]:
    benefit = option.benefit
    row: dict[str, object] = {
        "outcome": outcome.name,
        "treatment": option.treatment.name,
        "label": option.treatment.label,
        "harms_from_trials": _joined([_harm(weighed) for weighed in option.harms]),
        "involves": option.treatment.invasiveness,
    }
    if benefit:
        row |= {
            "against": benefit.finding.comparison.comparator,
            **_estimate(benefit.finding),
            **_grade(benefit.finding),
            "benefit": f"{benefit.said.lead} ({benefit.said.rest})",
            "statement": benefit.finding.statement,
        }
    named = (
        ("harms", option.harm_facts),
        ("cost", option.cost),
        ("acceptability", option.acceptability),
    )
    for name, facts in named:
        row[name] = _joined([fact.text for fact in facts])
        row[f"{name}_sources"] = _joined([_sources(composition, fact) for fact in facts])
    return row


def _harm(weighed: Weighed) -> str:
    level = weighed.finding.certainty.level.word
    return f"{weighed.finding.statement} {weighed.said.lead} ({level} certainty)"


def _sources(composition: Composition, fact: CitedText) -> str:
    keys = list(composition.citations.counts)
    return ", ".join(keys[cite.number - 1] for cite in fact.cites) or fact.source


def _joined(texts: Sequence[str]) -> str:
    return " | ".join(text for text in texts if text)
