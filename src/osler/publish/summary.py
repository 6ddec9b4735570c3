"""The summary-of-findings table of one comparison."""

from collections.abc import Mapping
from dataclasses import dataclass

from osler.certainty.model import Evidence, Finding, Step
from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.wording import capital, counted, level_percent, plain
from osler.effects.scales import interval, shown
from osler.publish.cells import (
    difference,
    difference_range,
    participants,
    scale_of_outcome,
    weeks_range,
)
from osler.publish.composition import Composition, evidence_id
from osler.publish.importance import importance_text
from osler.publish.ratings import explanation, needs_a_note, rules_told
from osler.publish.risks import risk_lines, sources_text
from osler.publish.scores import scores_text
from osler.publish.sheets import Cell, Column, Line, Notes, Sheet, cell
from osler.review.model import Comparison, Outcome, Review
from osler.review.model import about as about_id
from osler.synthesis.answers import Answer

MOST_OUTCOMES = 7  # Cochrane Handbook, chapter 14: at most seven, harms among them

ABBREVIATIONS = "CI: confidence interval."
"""What a table of findings does not spell out."""

NEEDED = (
    "Number needed to treat: so many people have the intervention in place of the comparator "
    "for one more of them to benefit (NNTB) or to be harmed (NNTH). It belongs to the risk to "
    "start from. An interval that holds no difference runs through infinity."
)

NO_RATIO = "–"
"""In place of a relative effect, where the effect is a difference."""

NO_RESULT = "No trial gave a result that could be used."


@dataclass(frozen=True, slots=True)
class Chosen:
    """The outcomes of a summary by their question, in order of importance.

    ``hidden`` are answered too and did not fit; ``gave_way`` of them is the one whose place
    a harm took; ``no_harm`` tells that the review asks for no harm at all.
    """

    answers: Mapping[str, Answer]
    hidden: tuple[Outcome, ...]
    gave_way: Outcome | None
    no_harm: bool


def chosen_outcomes(review: Review, evidence: Evidence, comparison: Comparison) -> Chosen:
    """At most seven outcomes in the order of osler.toml, a harm among them where one is asked.

    Harms without a usable trial are shown, too: that nothing is known of them is a finding.
    """
    asked = _asked(review, evidence, comparison)
    names = list(asked)[:MOST_OUTCOMES]
    harms = [about for about, answer in asked.items() if answer.outcome.harm]
    gave_way = None
    if harms and not set(harms) & set(names):
        gave_way, names[-1] = asked[names[-1]].outcome, harms[0]
    return Chosen(
        {name: asked[name] for name in names},
        tuple(a.outcome for about, a in asked.items() if about not in names),
        gave_way,
        not any(outcome.harm for outcome in review.outcomes.values()),
    )


def _asked(review: Review, evidence: Evidence, comparison: Comparison) -> dict[str, Answer]:
    """All questions of a comparison; those without an answer only for harms."""
    asked: dict[str, Answer] = {}
    for outcome in review.outcomes.values():
        about = about_id(comparison.name, outcome.name)
        finding = evidence.findings.get(about)
        if finding:
            asked[about] = finding.answer
        elif outcome.harm and about in evidence.unanswered:
            asked[about] = evidence.unanswered[about]
    return asked


def summary_diagnostics(
    review: Review, evidence: Evidence, comparison: Comparison
) -> tuple[Diagnostic, ...]:
    """SOF001 to SOF003: outcomes that did not fit, a place that a harm took, no harm at all."""
    chosen = chosen_outcomes(review, evidence, comparison)
    found = []
    if chosen.hidden:
        found.append(_more_than_seven(comparison, chosen))
    if chosen.gave_way:
        found.append(_gave_way(comparison, chosen, chosen.gave_way))
    if chosen.no_harm:
        found.append(_no_harm(comparison))
    return tuple(found)


def summary_sheet(
    composition: Composition, comparison: Comparison, *, numbers_needed: bool = False
) -> Sheet:
    """The summary of findings: at most seven outcomes, each lowering explained in a note.

    Parameters
    ----------
    composition : Composition
        What is being composed; the questions of the table count as used.
    comparison : Comparison
        One of the review's.
    numbers_needed : bool
        Whether to give numbers needed to treat, which many readers misunderstand.
    """
    review, evidence = composition.review, composition.evidence
    chosen = chosen_outcomes(review, evidence, comparison)
    notes = Notes()
    rows: list[tuple[Cell, ...]] = []
    steps: list[Step] = []
    for about, answer in chosen.answers.items():
        finding = composition.finding(about, Place(composition.page.file))
        steps += finding.certainty.steps if finding else ()
        rows.append(
            _row(review, finding, notes, numbers_needed) if finding else _empty_row(about, answer)
        )
    return Sheet(
        "findings",
        f"Summary of findings: {comparison.intervention} compared with {comparison.comparator}",
        _columns(comparison),
        tuple(rows),
        notes.listed(),
        (
            *_remarks(chosen),
            *rules_told(step for step in steps if needs_a_note(step)),
            ABBREVIATIONS,
            *((NEEDED,) if numbers_needed else ()),
        ),
    )


def _columns(comparison: Comparison) -> tuple[Column, ...]:
    return (
        Column("Outcome", 17),
        Column(f"With {comparison.comparator}", 13),
        Column(f"With {comparison.intervention}", 17),
        Column("Relative effect", 12),
        Column("People (trials)", 10),
        Column("Certainty", 11),
        Column("What it means", 20, below=True),
    )


def _remarks(chosen: Chosen) -> tuple[str, ...]:
    told = []
    if chosen.hidden:
        told.append(f"Also measured: {'; '.join(o.label for o in chosen.hidden)}.")
    if chosen.gave_way:
        harm = next(a.outcome for a in chosen.answers.values() if a.outcome.harm)
        told.append(
            f"So that a harm stands among the seven, {harm.label} took the place of "
            f"{chosen.gave_way.label}."
        )
    if chosen.no_harm:
        told.append("No harm was asked about: this table cannot tell what may go wrong.")
    return tuple(told)


def outcome_cell(answer: Answer) -> Cell:
    """The head of a row: the outcome with its scale, direction and time."""
    target = evidence_id(about_id(answer.comparison.name, answer.outcome.name))
    return cell(
        Line(capital(answer.outcome.label), "strong", target=target),
        Line(outcome_detail(answer), "quiet"),
    )


def outcome_detail(answer: Answer) -> str:
    """Scale, direction and time of an outcome; that it is a harm, where it is one."""
    outcome = answer.outcome
    parts = ["harm" if outcome.harm else "", _scale_text(outcome)]
    if answer.effects:
        parts.append(weeks_range([effect.weeks for effect in answer.effects]))
    return "; ".join(part for part in parts if part)


def _scale_text(outcome: Outcome) -> str:
    better = f"{outcome.better} is better"
    if outcome.kind == "binary":
        return "fewer is better" if outcome.better == "lower" else "more is better"
    if outcome.low is None or outcome.high is None:
        return better
    return f"scale {plain(outcome.low)} to {plain(outcome.high)}, {better}"


def _row(review: Review, finding: Finding, notes: Notes, numbers_needed: bool) -> tuple[Cell, ...]:
    return (
        outcome_cell(finding.answer),
        *effect_cells(review, finding, notes, numbers_needed=numbers_needed),
        basis_cell(finding.answer),
        certainty_cell(finding, _step_letters(finding, notes)),
        cell(finding.statement, notes=_importance_letters(review, finding, notes)),
    )


def _empty_row(about: str, answer: Answer) -> tuple[Cell, ...]:
    none = cell(Line("not known", "quiet"))
    return (outcome_cell(answer), none, none, none, basis_cell(answer), none, cell(NO_RESULT))


def basis_cell(answer: Answer) -> Cell:
    """How many people, and in how many trials."""
    if not answer.effects:
        return cell(Line("no usable trial", "quiet"))
    trials = counted(len(answer.effects), "trial")
    return cell(participants([effect.n for effect in answer.effects]), Line(trials, "quiet"))


def certainty_cell(finding: Finding, letters: tuple[str, ...] = ()) -> Cell:
    """Circles and word."""
    level = finding.certainty.level
    return cell(Line(level.word, "grade", grade=int(level)), notes=letters)


def effect_cells(
    review: Review,
    finding: Finding,
    notes: Notes,
    *,
    numbers_needed: bool = False,
    median_only: bool = False,
) -> tuple[Cell, Cell, Cell]:
    """With the comparator, with the intervention, and the relative effect."""
    relative = _relative(finding)
    before, after = risk_lines(finding, numbers_needed=numbers_needed, median_only=median_only)
    if before:
        letter = notes.letter(sources_text(finding))
        return cell(*before, notes=(letter,)), cell(*after), relative
    if scale_of_outcome(finding.outcome).ratio:
        unknown = cell(Line("number of people not known", "quiet"))
        return unknown, unknown, relative
    return _scores(review, finding), _difference(finding), relative


def _scores(review: Review, finding: Finding) -> Cell:
    text, basis = scores_text(review, finding)
    if text:
        return cell(text, Line(basis, "quiet"))
    common = finding.outcome.measure == "MD"
    return cell(Line("score not reported" if common else "no common scale", "quiet"))


def _difference(finding: Finding) -> Cell:
    pooled, scale = finding.synthesis.random, scale_of_outcome(finding.outcome)
    limits = difference_range(scale, pooled.ci_lower, pooled.ci_upper)
    return cell(
        Line(difference(scale, pooled.estimate), "strong"),
        Line(f"{level_percent(finding.synthesis.level)} CI {limits}", "quiet"),
    )


def _relative(finding: Finding) -> Cell:
    pooled, scale = finding.synthesis.random, scale_of_outcome(finding.outcome)
    if not scale.ratio:
        return cell(Line(NO_RATIO, "quiet"))
    limits = interval(scale, pooled.ci_lower, pooled.ci_upper)
    return cell(
        f"{scale.name} {shown(scale, pooled.estimate)}",
        Line(f"{level_percent(finding.synthesis.level)} CI {limits}", "quiet"),
    )


def _step_letters(finding: Finding, notes: Notes) -> tuple[str, ...]:
    """A letter for each reason that changed the certainty, or that two values stand for."""
    return tuple(
        notes.letter(explanation(step)) for step in finding.certainty.steps if needs_a_note(step)
    )


def _importance_letters(review: Review, finding: Finding, notes: Notes) -> tuple[str, ...]:
    text = importance_text(review, finding.outcome)
    return (notes.letter(text),) if text else ()


def _more_than_seven(comparison: Comparison, chosen: Chosen) -> Diagnostic:
    return Diagnostic(
        code="SOF001",
        severity=Severity.NOTE,
        place=comparison.place,
        message=f"more than {MOST_OUTCOMES} outcomes of this comparison have a result",
        found=f"{comparison.name}: not in the table: {'; '.join(o.name for o in chosen.hidden)}",
        so="the table names them below its rows",
        help="order the outcomes in osler.toml by their importance to patients",
    )


def _gave_way(comparison: Comparison, chosen: Chosen, outcome: Outcome) -> Diagnostic:
    harm = next(a.outcome for a in chosen.answers.values() if a.outcome.harm)
    return Diagnostic(
        code="SOF002",
        severity=Severity.NOTE,
        place=comparison.place,
        message=f"no harm stands among the first {MOST_OUTCOMES} outcomes",
        found=f"{comparison.name}: the first harm with a place in osler.toml is {harm.name!r}",
        so=f"it takes the place of {outcome.name!r}",
        help="put the harms that matter to patients further up in osler.toml",
    )


def _no_harm(comparison: Comparison) -> Diagnostic:
    return Diagnostic(
        code="SOF003",
        severity=Severity.WARNING,
        place=comparison.place,
        message="the summary of findings has no harm",
        found="no outcome in osler.toml has harm = true",
        so="the table says that it cannot tell what may go wrong",
        help="add the harms that matter to patients as outcomes with harm = true, even where "
        "no trial counted them",
    )
