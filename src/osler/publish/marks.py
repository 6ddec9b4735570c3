"""Small marks in running text: citations and certainty."""

from collections.abc import Sequence

from markupsafe import Markup

from osler.certainty.model import Level
from osler.publish.cells import symbol
from osler.publish.composition import Cite, Composition, evidence_id, fact_citation, is_web
from osler.review.model import Fact


def citation_marks(composition: Composition, cites: Sequence[Cite]) -> Markup:
    """Superscript numbers that lead to the list of references; nothing for none."""
    return composition.render("citations.html", cites=cites) if cites else Markup("")


def source_marks(composition: Composition, facts: Sequence[Fact]) -> Markup:
    """Where facts come from: a reference by its number, else a link to the page that was read."""
    keys = dict.fromkeys(key for f in facts for key in fact_citation(f, composition.review))
    links = dict.fromkeys(
        fact.source
        for fact in facts
        if not fact_citation(fact, composition.review) and is_web(fact.source)
    )
    numbers = citation_marks(composition, composition.cite([*keys]))
    return numbers + (composition.render("source.html", links=[*links]) if links else "")


def grade_mark(level: Level, about: str, *, worded: bool = False) -> Markup:
    """GRADE's circles as a link to the evidence, with their meaning for screen readers.

    ``worded`` says that the text around already tells the certainty.
    """
    said = "evidence" if worded else f"{level.word} certainty: see the evidence"
    return Markup(
        # A word joiner keeps the circles on the line of the word before them.
        '&#8288;<a class="grade grade-{level}" href="#{target}" title="{title} certainty">'
        '<span aria-hidden="true">{circles}</span><span class="unseen">({said})</span></a>'
    ).format(
        level=int(level),
        target=evidence_id(about),
        title=level.word.capitalize(),
        circles=symbol(level),
        said=said,
    )
