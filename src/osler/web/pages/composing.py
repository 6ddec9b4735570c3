"""The files that belong to the site as a whole: lists of pages, feed, site map."""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.template.loader import render_to_string

from osler.claims.model import Meta
from osler.claims.model import Page as Article
from osler.publish.cells import date_text
from osler.publish.feeds import atom, robots, sitemap
from osler.publish.site import Card
from osler.review.model import ModelChoice, Review, Site
from osler.web.naming import SiteName
from osler.web.pages.dressing import dress
from osler.web.pages.models import Page
from osler.web.pages.selectors import newest_first


def common_files(pages: Sequence[Page]) -> Mapping[str, bytes]:
    """Index, feed, robots and, where the site has an address, the site map."""
    review, articles = _review(), [_article(page) for page in pages]
    out = {
        "index.html": dress(_index(pages)).encode(),
        "feed.xml": atom(review, articles),
        "robots.txt": robots(review),
    }
    if review.site.url:
        out["sitemap.xml"] = sitemap(review, articles)
    return out


def card(page: Page) -> Card:
    """A page in a list."""
    day = page.reviewed or page.date
    return Card(
        title=page.title,
        description=page.description,
        href=page.get_absolute_url(),
        date=day,
        date_text=date_text(day),
        categories=tuple(page.categories[1:]),
    )


def groups(pages: Sequence[Page]) -> Sequence[tuple[str, Sequence[Card]]]:
    """Cards under the first category of each page, categories in alphabetical order."""
    grouped: dict[str, list[Card]] = {}
    for page in newest_first(pages):
        first = str(page.categories[0]) if page.categories else "Pages"
        grouped.setdefault(first, []).append(card(page))
    return sorted(grouped.items())


def _index(pages: Sequence[Page]) -> str:
    canonical = f"{settings.OSLER_URL}/" if settings.OSLER_URL else ""
    return render_to_string("index.html", {"groups": groups(pages), "canonical": canonical})


def _site() -> Site:
    name = SiteName()
    return Site(
        name=name.name,
        url=name.url,
        language=name.language,
        description=name.description,
    )


def _review() -> Review:
    """As much of a review as the feeds ask for: whose site it is."""
    return Review(
        *("", "", "", (), _site(), ModelChoice(), {}, {}, {}, {}, {}),
        *((), (), (), (), (), {}, (), {}, ()),
    )


def _article(page: Page) -> Article:
    """As much of a page as the feeds ask for: its front matter."""
    meta = Meta(
        title=page.title,
        description=page.description,
        author=page.author,
        date=page.date,
        reviewed=page.reviewed,
        next_review=page.next_review,
        categories=tuple(page.categories),
        draft=False,
        answer="",
        slug=page.slug,
    )
    return Article(page.file, meta, (), (), (), (), ())
