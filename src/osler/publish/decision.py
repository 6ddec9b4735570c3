"""From evidence to a decision: the options side by side, by what a person weighs."""

from dataclasses import dataclass

from osler.certainty.model import Finding
from osler.core.diagnostics import Place
from osler.publish.composition import Composition, evidence_id
from osler.publish.options import (
    CitedText,
    another_time,
    best_finding,
    cited_facts,
    ordered_treatments,
    shown_finding,
)
from osler.publish.sentences import Said, result
from osler.publish.sheets import Cell, Column, Line, Sheet, cell
from osler.publish.summary import ABBREVIATIONS
from osler.review.model import Outcome, Treatment

NOT_KNOWN = "not known"

NO_RANKING = (
    "The order is that of the review, not of merit. Results in different rows come from different "
    "trials, often against different things, and cannot be ranked by comparing the numbers."
)
UNKNOWN = (
    "“Not known” means that this review holds nothing about it; it does not mean that there is "
    "none."
)


@dataclass(frozen=True, slots=True)
class Weighed:
    """One finding about a treatment, with the number that stands behind its statement."""

    finding: Finding
    said: Said


@dataclass(frozen=True, slots=True)
class Option:
    """A treatment and what is known of it; an empty field means that nothing is known.

    ``benefit`` is None where no trial tells the effect on the outcome; ``elsewhere`` is then
    the same measurement at another time. ``harms`` are pooled results, ``harm_facts`` sourced
    facts.
    """

    treatment: Treatment
    benefit: Weighed | None
    elsewhere: Finding | None
    harms: tuple[Weighed, ...]
    harm_facts: tuple[CitedText, ...]
    cost: tuple[CitedText, ...]
    acceptability: tuple[CitedText, ...]


def decision_options(
    composition: Composition, outcome: Outcome, place: Place
) -> tuple[Option, ...]:
    """The treatments with an ``order``, by it: an order of showing, never of merit."""
    return tuple(
        _option(composition, treatment, outcome, place)
        for treatment in ordered_treatments(composition.review)
    )


def _option(
    composition: Composition, treatment: Treatment, outcome: Outcome, place: Place
) -> Option:
    harms = [o for o in composition.review.outcomes.values() if o.harm and o.name != outcome.name]
    benefit = _weighed(composition, shown_finding(composition, treatment, outcome), place)
    elsewhere = None if benefit else another_time(composition, treatment, outcome)
    if elsewhere:
        composition.finding(elsewhere.about, place)
    found = [
        _weighed(composition, best_finding(composition, treatment, harm), place) for harm in harms
    ]
    return Option(
        treatment,
        benefit,
        elsewhere,
        tuple(weighed for weighed in found if weighed),
        cited_facts(composition, treatment.harms, treatment.place),
        cited_facts(composition, treatment.cost, treatment.place),
        cited_facts(composition, treatment.acceptability, treatment.place),
    )


def _weighed(composition: Composition, finding: Finding | None, place: Place) -> Weighed | None:
    if finding is None:
        return None
    composition.finding(finding.about, place)  # so that the page holds its evidence
    return Weighed(finding, result(finding))


def decision_sheet(composition: Composition, outcome: Outcome, place: Place) -> Sheet:
    """One row a treatment: benefit, harms, certainty, and what else a choice depends on."""
    options = decision_options(composition, outcome, place)
    return Sheet(
        "decision",
        f"From evidence to a decision: {outcome.label}",
        (
            Column("Treatment", 12),
            Column("Benefit" if not outcome.harm else "Effect", 20),
            Column("Harms", 22),
            Column("Certainty", 12),
            Column("What it involves", 12),
            Column("Cost", 12),
            Column("Acceptability", 10),
        ),
        tuple(_row(outcome, option) for option in options),
        (),
        (
            NO_RANKING,
            UNKNOWN,
            ABBREVIATIONS,
        ),
    )


def _row(outcome: Outcome, option: Option) -> tuple[Cell, ...]:
    unknown = Line(NOT_KNOWN, "quiet")
    harms = [line for weighed in option.harms for line in _told(weighed)]
    return (
        cell(Line(option.treatment.label, "strong")),
        cell(*(_told(option.benefit) if option.benefit else (unknown, *_elsewhere(option)))),
        cell(*(harms or ([] if option.harm_facts else [unknown])), *_facts(option.harm_facts)),
        _certainties(outcome, option),
        cell(option.treatment.invasiveness or unknown),
        cell(*(_facts(option.cost) or (unknown,))),
        cell(*(_facts(option.acceptability) or (unknown,))),
    )


def _told(weighed: Weighed) -> tuple[Line, ...]:
    """A finding as its statement, and below it the number."""
    versus = weighed.finding.comparison.comparator
    return (
        Line(weighed.finding.statement, target=evidence_id(weighed.finding.about)),
        Line(f"{weighed.said.lead}, against {versus} ({weighed.said.rest})", "quiet"),
    )


def _elsewhere(option: Option) -> tuple[Line, ...]:
    """Where there is a result of the same measurement, for another time."""
    found = option.elsewhere
    if found is None:
        return ()
    text = f"there is a result for {found.outcome.label}, against {found.comparison.comparator}"
    return (Line(text, "quiet", target=evidence_id(found.about)),)


def _facts(facts: tuple[CitedText, ...]) -> tuple[Line, ...]:
    return tuple(
        Line(fact.text, "list", cites=fact.cites, source="" if fact.cites else fact.source)
        for fact in facts
    )


def _certainties(outcome: Outcome, option: Option) -> Cell:
    """The certainty of each result, named where there are several."""
    found = ((option.benefit,) if option.benefit else ()) + option.harms
    lines: list[Line] = []
    for weighed in found:
        level = weighed.finding.certainty.level
        lines.append(Line(weighed.finding.outcome.name, "quiet"))
        lines.append(Line(level.word, "grade", grade=int(level)))
    if option.benefit is None:
        lines.insert(0, Line(f"{outcome.name}: {NOT_KNOWN}", "quiet"))
    return cell(*lines)
