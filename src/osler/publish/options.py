"""Treatments side by side."""

from dataclasses import dataclass

from osler.certainty.model import Finding
from osler.core.diagnostics import Place
from osler.publish.composition import Cite, Composition, evidence_id, fact_citation, is_web
from osler.publish.networks import Behind, behind
from osler.publish.sentences import Said, result
from osler.review.model import Comparison, Outcome, Review, Treatment
from osler.review.model import about as about_id


@dataclass(frozen=True, slots=True)
class CitedText:
    """A sourced fact: its statement and where it comes from."""

    text: str
    cites: tuple[Cite, ...]
    source: str


@dataclass(frozen=True, slots=True)
class ShownEffect:
    """What the most telling comparison of a treatment found."""

    versus: str
    target: str
    said: Said
    statement: str
    grade: int
    level: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A result for another time of the same measurement, to be led to."""

    outcome: str
    versus: str
    target: str


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One treatment.

    ``shown`` is None where no trial tells its effect on the outcome; ``elsewhere`` is
    then the same measurement at another time, where some trial tells that. ``behind`` says where
    the number comes from; ``unknown`` why there is none, where the network can tell.
    """

    label: str
    shown: ShownEffect | None
    elsewhere: Elsewhere | None
    harms: tuple[CitedText, ...]
    invasiveness: str
    cost: tuple[CitedText, ...]
    behind: Behind | None = None
    unknown: str = ""

    @property
    def by_network(self) -> bool:
        """Whether the number comes from a whole network."""
        return self.behind is not None and bool(self.behind.kinds)


def option_rows(composition: Composition, outcome: Outcome, place: Place) -> tuple[OptionRow, ...]:
    """Treatments with an ``order``, by it, each with its most telling comparison."""
    ordered = ordered_treatments(composition.review)
    return tuple(_row(composition, treatment, outcome, place) for treatment in ordered)


def ordered_treatments(review: Review) -> tuple[Treatment, ...]:
    """The treatments that are options, in the order that osler.toml gives them."""
    treatments = [t for t in review.treatments.values() if t.order > 0]
    return tuple(sorted(treatments, key=lambda t: t.order))


def _row(
    composition: Composition, treatment: Treatment, outcome: Outcome, place: Place
) -> OptionRow:
    graded = composition.network(outcome)
    says = next((s for s in graded.says if s.treatment == treatment.name), None)
    finding = shown_finding(composition, treatment, outcome)
    other = None if finding else another_time(composition, treatment, outcome)
    surer = treatment.name in graded.findings
    for used in (finding, other):
        if used:  # so that the page holds its evidence
            composition.finding(used.about, place)
    return OptionRow(
        label=treatment.label,
        shown=_shown(finding) if finding else None,
        elsewhere=_elsewhere(other) if other else None,
        harms=cited_facts(composition, treatment.harms, treatment.place),
        invasiveness=treatment.invasiveness,
        cost=cited_facts(composition, treatment.cost, treatment.place),
        behind=behind(finding, says, surer) if finding else None,
        unknown=says.text if says and not finding and says.kind in ("chain", "apart") else "",
    )


def shown_finding(
    composition: Composition, treatment: Treatment, outcome: Outcome
) -> Finding | None:
    """By the network where it carries an estimate, else by the most telling comparison."""
    by_network = composition.network(outcome).shown(treatment.name)
    return by_network or best_finding(composition, treatment, outcome)


def _shown(finding: Finding) -> ShownEffect:
    level = finding.certainty.level
    return ShownEffect(
        versus=finding.comparison.comparator,
        target=evidence_id(finding.about),
        said=result(finding),
        statement=finding.statement,
        grade=int(level),
        level=level.word,
    )


def _elsewhere(finding: Finding) -> Elsewhere:
    return Elsewhere(
        finding.outcome.label, finding.comparison.comparator, evidence_id(finding.about)
    )


def best_finding(
    composition: Composition, treatment: Treatment, outcome: Outcome
) -> Finding | None:
    """Against an inactive treatment if there is one, else against usual care, else the first."""
    review = composition.review
    found = [
        composition.evidence.findings[about]
        for comparison in review.comparisons.values()
        if treatment.name in comparison.interventions
        and (about := about_id(comparison.name, outcome.name)) in composition.evidence.findings
    ]
    return min(found, key=lambda f: comparator_rank(f.comparison, review), default=None)


def another_time(
    composition: Composition, treatment: Treatment, outcome: Outcome
) -> Finding | None:
    """The result of the same measurement that lies nearest in time."""
    others = [o for o in composition.review.outcomes.values() if _same_measurement(o, outcome)]
    others.sort(key=lambda o: abs(o.prefer_week - outcome.prefer_week))
    found = (best_finding(composition, treatment, other) for other in others)
    return next((finding for finding in found if finding), None)


def _same_measurement(other: Outcome, outcome: Outcome) -> bool:
    """Whether two outcomes differ in time only: one measure of one first choice of results."""
    return (
        other.measure == outcome.measure
        and other.weeks != outcome.weeks
        and other.accepts[:1] == outcome.accepts[:1]
    )


def comparator_rank(comparison: Comparison, review: Review) -> int:
    """How little the comparators do: 0 where all are inactive, 1 with usual care, else 2.

    A treatment that the review does not list counts as active.
    """
    treatments = (review.treatments.get(name) for name in comparison.comparators)
    roles = {treatment.role if treatment else "active" for treatment in treatments}
    if not roles or "active" in roles:
        return 2
    return 1 if "usual care" in roles else 0


def cited_facts(
    composition: Composition, names: tuple[str, ...], place: Place
) -> tuple[CitedText, ...]:
    """Facts by their ids, each cited.

    Raises
    ------
    DataError
        PUB002 for an id that facts.csv does not have, at ``place``.
    """
    facts = [composition.fact(name, place) for name in names]
    return tuple(
        CitedText(
            fact.statement,
            composition.cite(fact_citation(fact, composition.review)),
            fact.source if is_web(fact.source) else "",
        )
        for fact in facts
    )
