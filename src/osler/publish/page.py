"""One page as a whole: article, evidence, references and what search engines read."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment
from markupsafe import Markup

from osler.certainty.model import Evidence, Finding
from osler.claims.model import Judged, Page, Verdict
from osler.core.wording import counted
from osler.publish.article import Heading, render_article
from osler.publish.cells import date_text
from osler.publish.composition import Composition
from osler.publish.evidence import EvidenceView, evidence_views
from osler.publish.references import entries
from osler.review.model import Review
from osler.synthesis.answers import Answer


@dataclass(frozen=True, slots=True)
class Chapter:
    """One entry of the table of contents, with what stands under it."""

    heading: Heading
    under: tuple[Heading, ...]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page's HTML, the questions whose evidence it shows, and those that have a finding."""

    html: str
    used: Mapping[str, Answer]
    findings: Mapping[str, Finding]


def render_page(
    review: Review,
    evidence: Evidence,
    page: Page,
    judged: Sequence[Judged],
    *,
    templates: Environment,
    version: str,
) -> Rendered:
    """A page as a complete HTML document, to stand in a folder of its own.

    Raises
    ------
    DataError
        PUB codes, where the article asks for what the review does not have.
    """
    composition = Composition(review, evidence, page, templates)
    article = render_article(composition)
    views = evidence_views(composition)  # before the references: its trials are cited too
    references = entries(composition.citations.counts, review.references)
    headings = (*article.headings, *_closing(views, bool(references)))
    html = composition.render(
        "page.html",
        root="../",
        site=review.site,
        review=review,
        meta=page.meta,
        dates=dates(page),
        canonical=address(review, f"{page.meta.slug}/"),
        answer=article.answer,
        article=article.html,
        chapters=chapters(headings),
        views=views,
        references=references,
        checked=checked_sentence(judged),
        json_ld=json_ld(review, page),
        version=version,
    )
    findings = {about: composition.known(about) for about in composition.used}
    answered = {about: finding for about, finding in findings.items() if finding is not None}
    return Rendered(str(html), dict(composition.used), answered)


def _closing(views: Sequence[EvidenceView], references: bool) -> tuple[Heading, ...]:
    """The headings that every page ends with, where there is something under them."""
    evidence = (Heading(2, "The evidence behind the numbers", "evidence"),) if views else ()
    return (*evidence, *((Heading(2, "References", "references"),) if references else ()))


def chapters(headings: Sequence[Heading]) -> tuple[Chapter, ...]:
    """Headings of level 3 under those of level 2; one that comes before any stands alone."""
    grouped: list[list[Heading]] = []
    for heading in headings:
        if heading.level == 2 or not grouped:
            grouped.append([heading])
        else:
            grouped[-1].append(heading)
    return tuple(Chapter(group[0], tuple(group[1:])) for group in grouped)


def dates(page: Page) -> tuple[tuple[str, str, str], ...]:
    """The dates that a page has: label, as written in attributes, as read by people."""
    named = (
        ("Published", page.meta.date),
        ("Last checked", page.meta.reviewed),
        ("Next check due", page.meta.next_review),
    )
    return tuple((label, iso, date_text(iso)) for label, iso in named if iso)


def address(review: Review, path: str) -> str:
    """The public address of a path; empty where the site has none."""
    url = review.site.url.rstrip("/")
    return f"{url}/{path}" if url else ""


def checked_sentence(judged: Sequence[Judged]) -> str:
    """How many statements were held against the evidence, and what came of it.

    Examples
    --------
    >>> checked_sentence([])
    ''
    """
    if not judged:
        return ""
    counts = Counter(j.verdict for j in judged)
    told = ", ".join(f"{counts[v]} {v.value}" for v in Verdict if counts[v])
    statements = counted(len(judged), "statement")
    verb = "was" if len(judged) == 1 else "were"
    return f"{statements} on this page {verb} checked against its evidence: {told}."


def json_ld(review: Review, page: Page) -> Markup:
    """Structured data that claims nothing which the page does not say.

    No ``possibleTreatment``: naming a treatment there is itself a claim that it works.
    """
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "MedicalWebPage",
        "name": page.meta.title,
        "description": page.meta.description,
        "inLanguage": review.site.language,
        "about": {"@type": "MedicalCondition", "name": review.condition},
        "isPartOf": {"@type": "WebSite", "name": review.site.name},
    }
    if page.meta.author:
        data["author"] = page.meta.author  # a person or a group: the front matter does not tell
    optional = {
        "datePublished": page.meta.date,
        "lastReviewed": page.meta.reviewed,
        "url": address(review, f"{page.meta.slug}/"),
    }
    data |= {key: value for key, value in optional.items() if value}
    text = json.dumps(data, ensure_ascii=False, indent=1)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
