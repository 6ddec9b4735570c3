"""The whole site as files in memory: the same input gives the same bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment
from markupsafe import Markup

from osler.certainty.model import Evidence, Finding
from osler.claims.model import Judged, Page
from osler.core.diagnostics import DataError
from osler.publish.addresses import address_problems
from osler.publish.cells import date_text, slug
from osler.publish.composition import environment
from osler.publish.downloads import studies_csv
from osler.publish.feeds import atom, newest_first, robots, sitemap
from osler.publish.figures.svg import stylesheet
from osler.publish.page import address, render_page
from osler.review.model import Review


@dataclass(frozen=True, slots=True)
class Card:
    """A page in the list of pages."""

    title: str
    description: str
    href: str
    date: str
    date_text: str
    categories: tuple[str, ...]


def build_site(
    review: Review,
    evidence: Evidence,
    pages: Sequence[tuple[Page, Sequence[Judged]]],
    *,
    version: str,
) -> Mapping[str, bytes]:
    """Every file of the site by its path; drafts are left out.

    Parameters
    ----------
    review, evidence
        The folder and what was found in it.
    pages : sequence of (Page, judged passages)
        In any order.
    version : str
        Osler's, for the foot of each page.

    Returns
    -------
    mapping of path to bytes
        Links are relative, so that the site works from any folder and from file://.
        ``sitemap.xml`` is there where ``site.url`` is set: a site map needs addresses.

    Raises
    ------
    DataError
        PUB001 to PUB007, each with its place; all pages are tried before it is raised.
    """
    templates = environment()
    published = [(page, judged) for page, judged in pages if not page.meta.draft]
    problems = list(address_problems([page for page, _ in published]))
    out: dict[str, bytes] = {}
    used: dict[str, Finding] = {}
    for page, judged in published:
        try:
            rendered = render_page(
                review, evidence, page, judged, templates=templates, version=version
            )
        except DataError as error:
            problems += error.diagnostics
            continue
        out[f"{page.meta.slug}/index.html"] = rendered.html.encode()
        used |= rendered.findings
    if problems:
        raise DataError(*problems)
    out |= _data(used)
    out |= _common(review, [page for page, _ in published], templates, version)
    return dict(sorted(out.items()))


def _data(used: Mapping[str, Finding]) -> dict[str, bytes]:
    return {f"data/{slug(about)}.csv": studies_csv(finding) for about, finding in used.items()}


def _common(
    review: Review, pages: Sequence[Page], templates: Environment, version: str
) -> dict[str, bytes]:
    style = _asset("style.css").decode() + stylesheet() + "\n"
    shared = {"site": review.site, "review": review, "version": version}
    index = templates.get_template("index.html").render(
        **shared, root="", groups=_groups(pages), canonical=address(review, "")
    )
    # A missing page can be asked for at any depth, where a relative link leads nowhere.
    lost = templates.get_template("404.html").render(
        **shared, root=address(review, "") or "/", style=Markup(style)
    )
    out = {
        "index.html": index.encode(),
        "404.html": lost.encode(),
        "style.css": style.encode(),
        "favicon.svg": _asset("favicon.svg"),
        "feed.xml": atom(review, pages),
        "robots.txt": robots(review),
    }
    if review.site.url:
        out["sitemap.xml"] = sitemap(review, pages)
    return out


def _asset(name: str) -> bytes:
    return files("osler.publish").joinpath("assets", name).read_bytes()


def _groups(pages: Sequence[Page]) -> list[tuple[str, list[Card]]]:
    """Pages under their first category, categories in alphabetical order."""
    groups: dict[str, list[Card]] = {}
    for page in newest_first(pages):
        first = page.meta.categories[0] if page.meta.categories else "Pages"
        groups.setdefault(first, []).append(_card(page))
    return sorted(groups.items())


def _card(page: Page) -> Card:
    date = page.meta.reviewed or page.meta.date
    return Card(
        title=page.meta.title,
        description=page.meta.description,
        href=f"{page.meta.slug}/index.html",
        date=date,
        date_text=date_text(date),
        categories=page.meta.categories[1:],
    )
