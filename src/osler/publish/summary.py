"""The summary-of-findings table of one comparison."""

from dataclasses import dataclass
from string import ascii_lowercase

from osler.certainty.model import Finding
from osler.core.diagnostics import Place
from osler.core.wording import capital, percent, plain, typographic
from osler.effects.scales import interval, shown
from osler.publish.cells import (
    denominator,
    difference,
    difference_range,
    scale_of_outcome,
    weeks_range,
)
from osler.publish.composition import Composition, evidence_id
from osler.publish.sentences import (
    answer_basis,
    more_or_fewer,
    risk_cell,
    risk_range,
)
from osler.review.model import Comparison, Outcome
from osler.review.model import about as about_id
from osler.synthesis.answers import Answer

MOST_OUTCOMES = 7  # Cochrane Handbook, chapter 14: at most seven, harms among them


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One outcome. ``comparator`` is empty where only a difference is known."""

    target: str
    outcome: str
    detail: str
    comparator: str
    intervention: str
    effect: str
    basis: str
    grade: int
    level: str
    notes: tuple[str, ...]
    statement: str


@dataclass(frozen=True, slots=True)
class SummaryView:
    """The table: ``notes`` are letter and text; ``hidden`` names outcomes beyond the seventh."""

    comparison: Comparison
    rows: tuple[SummaryRow, ...]
    notes: tuple[tuple[str, str], ...]
    hidden: tuple[str, ...]


def summary_view(composition: Composition, comparison: Comparison) -> SummaryView:
    """At most seven outcomes in the order of osler.toml, harms among them."""
    asked = _asked(composition, comparison)
    chosen = _chosen(asked)
    letters: dict[str, str] = {}
    place = Place(composition.page.file)
    rows = []
    for about, answer in chosen.items():
        finding = composition.finding(about, place)
        rows.append(_row(about, answer, finding, letters))
    hidden = tuple(a.outcome.label for about, a in asked.items() if about not in chosen)
    notes = tuple((letter, text) for text, letter in letters.items())
    return SummaryView(comparison, tuple(rows), notes, hidden)


def _asked(composition: Composition, comparison: Comparison) -> dict[str, Answer]:
    """All questions of a comparison; those without an answer only for harms."""
    asked: dict[str, Answer] = {}
    for outcome in composition.review.outcomes.values():
        about = about_id(comparison.name, outcome.name)
        finding = composition.evidence.findings.get(about)
        if finding:
            asked[about] = finding.answer
        elif outcome.harm and about in composition.evidence.unanswered:
            asked[about] = composition.evidence.unanswered[about]
    return asked


def _chosen(asked: dict[str, Answer]) -> dict[str, Answer]:
    """The first seven, of which the last gives way where no harm would be among them."""
    names = list(asked)[:MOST_OUTCOMES]
    harms = [about for about, answer in asked.items() if answer.outcome.harm]
    if harms and not set(harms) & set(names):
        names[-1] = harms[0]
    return {name: asked[name] for name in names}


def _row(
    about: str, answer: Answer, finding: Finding | None, letters: dict[str, str]
) -> SummaryRow:
    comparator, intervention, effect = _effects(finding) if finding else ("", "", "")
    level = finding.certainty.level if finding else None
    return SummaryRow(
        target=evidence_id(about),
        outcome=capital(answer.outcome.label),
        detail=_detail(answer),
        comparator=comparator,
        intervention=intervention,
        effect=effect,
        basis=answer_basis(answer),
        grade=int(level) if level else 0,
        level=level.word if level else "",
        notes=_notes(finding, letters) if finding else (),
        statement=finding.statement if finding else "No trial gave a result that could be used.",
    )


def _detail(answer: Answer) -> str:
    """Scale, direction and time of an outcome."""
    outcome = answer.outcome
    parts = [_scale_text(outcome), weeks_range([effect.weeks for effect in answer.effects])]
    return "; ".join(part for part in parts if part)


def _scale_text(outcome: Outcome) -> str:
    better = f"{outcome.better} is better"
    if outcome.kind == "binary":
        return "fewer is better" if outcome.better == "lower" else "more is better"
    if outcome.low is None or outcome.high is None:
        return better
    return f"scale {plain(outcome.low)} to {plain(outcome.high)}, {better}"


def _effects(finding: Finding) -> tuple[str, str, str]:
    """With the comparator, with the intervention, and the difference."""
    synthesis, pooled = finding.synthesis, finding.synthesis.random
    scale, level = scale_of_outcome(finding.outcome), f"{percent(synthesis.level)} CI"
    limits = interval(scale, pooled.ci_lower, pooled.ci_upper)
    if finding.absolute is not None:
        of = denominator(finding.absolute)
        relative = f"; {scale.name} {shown(scale, pooled.estimate)}, {level} {limits}"
        return (
            risk_cell(finding.absolute.baseline, of),
            f"{risk_cell(finding.absolute.risk, of)}; {level} {risk_range(finding.absolute)}",
            more_or_fewer(finding.absolute) + (relative if scale.ratio else ""),
        )
    if scale.ratio:
        unknown = "; number of people cannot be worked out"
        return "", "", f"{scale.name} {shown(scale, pooled.estimate)} ({level} {limits}){unknown}"
    limits = difference_range(scale, pooled.ci_lower, pooled.ci_upper)
    return "", "", f"{difference(scale, pooled.estimate)} ({level} {limits})"


def _notes(finding: Finding, letters: dict[str, str]) -> tuple[str, ...]:
    """A letter for each reason that lowered the certainty; one text has one letter."""
    marks = []
    for step in finding.certainty.steps:
        if step.levels:
            why = (
                step.judgement.because
                if step.judgement
                else f"{typographic(step.facts)} (the rule: {step.rule})"
            )
            lowered = "one level" if step.levels == 1 else f"{step.levels} levels"
            text = f"{capital(step.reason)}, lowered {lowered}: {why}"
            marks.append(letters.setdefault(text, _letter(len(letters))))
    return tuple(marks)


def _letter(index: int) -> str:
    return ascii_lowercase[index % 26] * (index // 26 + 1)
