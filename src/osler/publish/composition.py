"""What is at hand while one page is composed, and what the page has used so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from osler.certainty.model import Evidence, Finding
from osler.certainty.network.evidence import GradedNetwork, graded_network
from osler.claims.model import Page
from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.publish.cells import slug, symbol
from osler.publish.references import Numbering
from osler.review.model import Fact, Outcome, Review
from osler.synthesis.answers import Answer


def environment() -> Environment:
    """Templates with autoescape; a name that is not given is an error, not an empty text."""
    made = Environment(
        loader=PackageLoader("osler.publish"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["symbol"] = symbol
    return made


@dataclass(frozen=True, slots=True)
class Cite:
    """A citation mark: the reference's number and the id of this mention."""

    number: int
    id: str


@dataclass(frozen=True)
class Composition:
    """One page in the making.

    ``citations``, ``used`` and ``figures`` grow in the order in which the page's text
    is rendered, ``networks`` and their ``findings`` where it asks for one; everything else stays
    as it was given.
    """

    review: Review
    evidence: Evidence
    page: Page
    templates: Environment
    citations: Numbering = field(default_factory=Numbering)
    used: dict[str, Answer] = field(default_factory=dict)
    figures: list[str] = field(default_factory=list)
    findings: dict[str, Finding] = field(default_factory=dict)
    networks: dict[str, GradedNetwork] = field(default_factory=dict)

    def render(self, template: str, **values: object) -> Markup:
        """One of ``publish/templates`` with its values."""
        return Markup(self.templates.get_template(template).render(values))

    def finding(self, about: str, place: Place) -> Finding | None:
        """The finding of an id, noted as used; None where no study could be used.

        Raises
        ------
        DataError
            PUB001 where the review asks no such question.
        """
        finding = self.known(about)
        answer = finding.answer if finding else self.evidence.unanswered.get(about)
        if answer is None:
            raise DataError(unknown_question(about, place, [*self.evidence.findings]))
        self.used.setdefault(about, answer)
        return finding

    def known(self, about: str) -> Finding | None:
        """The finding of an id: of the evidence, or of a network that the page has used."""
        return self.evidence.findings.get(about) or self.findings.get(about)

    def network(self, outcome: Outcome) -> GradedNetwork:
        """The network of an outcome, worked out where the page first asks for it."""
        if outcome.name not in self.networks:
            made = graded_network(self.review, outcome, self.evidence)
            self.networks[outcome.name] = made
            of_network = [*made.findings.values(), *made.direct.values()]
            for finding in of_network:
                self.findings.setdefault(finding.about, finding)
        return self.networks[outcome.name]

    def cite(self, keys: Sequence[str]) -> tuple[Cite, ...]:
        """Citation marks for the keys that have a reference."""
        known = [key for key in keys if key in self.review.references]
        return tuple(Cite(*self.citations.cite(key)) for key in known)

    def fact(self, name: str, place: Place) -> Fact:
        """A fact by its id.

        Raises
        ------
        DataError
            PUB002 where facts.csv has none of that id.
        """
        if name not in self.review.facts:
            raise DataError(unknown_fact(name, place))
        return self.review.facts[name]

    def figure_id(self, about: str) -> str:
        """A name that no other figure of this page has."""
        stem = f"figure-{slug(about)}"
        self.figures.append(stem)
        count = self.figures.count(stem)
        return stem if count == 1 else f"{stem}-{count}"


def evidence_id(about: str) -> str:
    """The fragment under which a page keeps the evidence of a question."""
    return f"evidence-{slug(about)}"


def unknown_question(about: str, place: Place, known: Sequence[str]) -> Diagnostic:
    """PUB001: the page asks for a question that the review does not have."""
    listed = "; ".join(known[:6])
    return Diagnostic(
        code="PUB001",
        severity=Severity.ERROR,
        place=place,
        message="the page asks for a result that the review does not have",
        found=f"{about!r} is neither a finding nor an unanswered question",
        so="the page was not built",
        help=f'write "comparison / outcome" as in osler.toml, for instance: {listed}',
    )


def unknown_fact(name: str, place: Place) -> Diagnostic:
    """PUB002: the page asks for a fact that facts.csv does not have."""
    return Diagnostic(
        code="PUB002",
        severity=Severity.ERROR,
        place=place,
        message="the page asks for a fact that facts.csv does not have",
        found=f"no row of facts.csv has the id {name!r}",
        so="the page was not built",
        help="add the fact with its source to facts.csv, or correct the id",
    )


def fact_citation(fact: Fact, review: Review) -> tuple[str, ...]:
    """The reference key of a fact, where it names one that is listed."""
    return (fact.reference,) if fact.reference in review.references else ()


def is_web(source: str) -> bool:
    """Whether a source is an address that a page may link to."""
    return source.startswith(("http://", "https://"))
