"""Treatments side by side."""

from dataclasses import dataclass

from osler.certainty.model import Finding
from osler.core.diagnostics import Place
from osler.publish.composition import Cite, Composition, evidence_id, fact_citation, is_web
from osler.publish.sentences import Said, result
from osler.review.model import Comparison, Outcome, Treatment
from osler.review.model import about as about_id

# What a comparison tells about a treatment as such, best first.
_INERT = ("placebo", "sham")
_USUAL = ("usual", "no treatment", "waiting", "conservative", "alone")


@dataclass(frozen=True, slots=True)
class CitedText:
    """A sourced fact: its statement and where it comes from."""

    text: str
    cites: tuple[Cite, ...]
    source: str


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One treatment; ``said`` is None where no trial tells its effect on the outcome."""

    label: str
    versus: str
    target: str
    said: Said | None
    statement: str
    grade: int
    level: str
    harms: tuple[CitedText, ...]
    invasiveness: str
    cost: tuple[CitedText, ...]


def option_rows(composition: Composition, outcome: Outcome, place: Place) -> tuple[OptionRow, ...]:
    """Treatments with an ``order``, by it, each with its most telling comparison."""
    treatments = [t for t in composition.review.treatments.values() if t.order > 0]
    ordered = sorted(treatments, key=lambda t: t.order)
    return tuple(_row(composition, treatment, outcome, place) for treatment in ordered)


def _row(
    composition: Composition, treatment: Treatment, outcome: Outcome, place: Place
) -> OptionRow:
    finding = _best(composition, treatment, outcome)
    if finding:
        composition.finding(finding.about, place)
    level = finding.certainty.level if finding else None
    return OptionRow(
        label=treatment.label,
        versus=finding.comparison.comparator if finding else "",
        target=evidence_id(finding.about) if finding else "",
        said=result(finding) if finding else None,
        statement=finding.statement if finding else "",
        grade=int(level) if level else 0,
        level=level.word if level else "",
        harms=_facts(composition, treatment.harms, treatment.place),
        invasiveness=treatment.invasiveness,
        cost=_facts(composition, treatment.cost, treatment.place),
    )


def _best(composition: Composition, treatment: Treatment, outcome: Outcome) -> Finding | None:
    """Against placebo or sham if there is one, else against usual care, else the first."""
    found = [
        composition.evidence.findings[about]
        for comparison in composition.review.comparisons.values()
        if treatment.name in comparison.interventions
        and (about := about_id(comparison.name, outcome.name)) in composition.evidence.findings
    ]
    return min(found, key=lambda f: comparator_rank(f.comparison), default=None)


def comparator_rank(comparison: Comparison) -> int:
    """0 for placebo or sham, 1 for usual care, 2 for another treatment."""
    said = " ".join((comparison.comparator, *comparison.comparators)).lower()
    if any(word in said for word in _INERT):
        return 0
    return 1 if any(word in said for word in _USUAL) else 2


def _facts(composition: Composition, names: tuple[str, ...], place: Place) -> tuple[CitedText, ...]:
    facts = [composition.fact(name, place) for name in names]
    return tuple(
        CitedText(
            fact.statement,
            composition.cite(fact_citation(fact, composition.review)),
            fact.source if is_web(fact.source) else "",
        )
        for fact in facts
    )
