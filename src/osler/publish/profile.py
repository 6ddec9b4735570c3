"""The evidence profile of one comparison: every rating, what it rests on and who decided."""

from osler.certainty.model import Evidence, Finding, Step
from osler.core.diagnostics import Place
from osler.core.wording import capital, counted
from osler.publish.composition import Composition
from osler.publish.ratings import explanation, rating, rules_told, started
from osler.publish.sheets import Cell, Column, Line, Notes, Sheet, cell
from osler.publish.summary import (
    ABBREVIATIONS,
    NO_RATIO,
    basis_cell,
    certainty_cell,
    effect_cells,
    outcome_cell,
)
from osler.review.model import Comparison, Review
from osler.review.model import about as about_id

START = "Starts at"


def profile_findings(
    review: Review, evidence: Evidence, comparison: Comparison
) -> tuple[Finding, ...]:
    """The answered questions of a comparison, in the order of osler.toml."""
    names = (about_id(comparison.name, outcome) for outcome in review.outcomes)
    return tuple(evidence.findings[name] for name in names if name in evidence.findings)


def reasons_of(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """The reasons that the ledgers hold: those to lower the certainty, then those to raise it."""
    steps = [step for finding in findings for step in finding.certainty.steps]
    ordered = sorted(steps, key=lambda step: step.way == "up")
    return tuple(dict.fromkeys(step.reason for step in ordered))


def profile_sheet(composition: Composition, comparison: Comparison) -> Sheet:
    """One row an outcome, one column a reason, one note a rating."""
    findings = profile_findings(composition.review, composition.evidence, comparison)
    reasons = reasons_of(findings)
    notes = Notes()
    rows = []
    for finding in findings:
        composition.finding(finding.about, Place(composition.page.file))  # counts as used
        rows.append(_row(composition.review, finding, reasons, notes))
    return Sheet(
        "profile",
        f"Evidence profile: {comparison.intervention} compared with {comparison.comparator}",
        _columns(reasons),
        tuple(rows),
        notes.listed(),
        _remarks(findings),
    )


def _columns(reasons: tuple[str, ...]) -> tuple[Column, ...]:
    return (
        Column("Outcome", 16),
        Column("People (trials)", 10),
        Column(START, 9),
        *(Column(capital(reason), 10) for reason in reasons),
        Column("Effect", 16),
        Column("Certainty", 10),
    )


def _row(
    review: Review, finding: Finding, reasons: tuple[str, ...], notes: Notes
) -> tuple[Cell, ...]:
    return (
        outcome_cell(finding.answer),
        basis_cell(finding.answer),
        cell(started(finding.certainty.start)),
        *(_rating_cell(finding, reason, notes) for reason in reasons),
        _effect_cell(review, finding),
        certainty_cell(finding),
    )


def _rating_cell(finding: Finding, reason: str, notes: Notes) -> Cell:
    steps = [step for step in finding.certainty.steps if step.reason == reason]
    lines = [line for step in steps for line in _rating_lines(step)]
    letters = tuple(dict.fromkeys(notes.letter(explanation(step)) for step in steps))
    return cell(*(lines or [Line("not judged", "quiet")]), notes=letters)


def _rating_lines(step: Step) -> tuple[Line, ...]:
    return (
        Line(rating(step), "strong" if step.levels else ""),
        Line("a person decided" if step.judgement else "", "quiet"),
        Line("out of date" if step.stale else "", "strong"),
    )


def _effect_cell(review: Review, finding: Finding) -> Cell:
    """What the trials found, in one cell: the people or points, and the ratio."""
    before, after, relative = effect_cells(review, finding, Notes(), median_only=True)
    first, *rest = after.lines
    known = bool(finding.absolute or finding.absolutes)
    instead = Line(f"instead of {before.lines[0].text}" if known else "", "quiet")
    ratio = [line for line in relative.lines if line.text != NO_RATIO]
    return cell(first, instead, *rest, *ratio)


def _remarks(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    none = () if findings else ("No question of this comparison has an answer.",)
    steps = [step for finding in findings for step in finding.certainty.steps]
    decided = [step for step in steps if step.judgement]
    stale = sum(1 for step in decided if step.stale)
    told = f"{counted(len(decided), 'rating')} decided by a person; the rest by rules."
    old = f" {counted(stale, 'decision')} out of date." if stale else ""
    counted_up = (told + old,) if findings else ()
    return (*none, *counted_up, *rules_told(steps), ABBREVIATIONS)
