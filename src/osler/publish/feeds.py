"""What programs read: an Atom feed, a site map and robots.txt."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from osler.claims.model import Page
from osler.core.decoding import CONTROL
from osler.publish.cells import slug
from osler.publish.page import address
from osler.review.model import Review

_ATOM = "http://www.w3.org/2005/Atom"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NO_DATE = "1970-01-01"  # Atom requires a date; a page without one sorts last


def atom(review: Review, pages: Sequence[Page]) -> bytes:
    """The pages as an Atom feed, last checked first.

    Ids are addresses where the site has one, else names that stay the same from build
    to build.
    """
    feed = Element("feed", xmlns=_ATOM)
    _text(feed, "title", review.site.name)
    _text(feed, "subtitle", review.site.description)
    _text(feed, "id", address(review, "") or f"urn:osler:{slug(review.site.name)}")
    _text(feed, "updated", f"{max((changed(p) for p in pages), default=_NO_DATE)}T00:00:00Z")
    SubElement(feed, "link", rel="self", href=address(review, "feed.xml") or "feed.xml")
    for page in newest_first(pages):
        _entry(feed, review, page)
    return _document(feed)


def _entry(feed: Element, review: Review, page: Page) -> None:
    entry = SubElement(feed, "entry")
    path = f"{page.meta.slug}/"
    name = f"urn:osler:{slug(review.site.name)}:{page.meta.slug}"
    _text(entry, "title", page.meta.title)
    _text(entry, "id", address(review, path) or name)
    SubElement(entry, "link", href=address(review, path) or path)
    _text(entry, "published", f"{page.meta.date or changed(page)}T00:00:00Z")
    _text(entry, "updated", f"{changed(page)}T00:00:00Z")
    author = SubElement(entry, "author")
    _text(author, "name", page.meta.author or review.site.name)
    for category in page.meta.categories:
        SubElement(entry, "category", term=CONTROL.sub("\ufffd", category))
    _text(entry, "summary", page.meta.description)


def changed(page: Page) -> str:
    """The day a page was last checked or written."""
    return max(page.meta.reviewed, page.meta.date) or _NO_DATE


def newest_first(pages: Sequence[Page]) -> list[Page]:
    """Pages by last change, then by address, so that equal dates keep one order."""
    by_address = sorted(pages, key=lambda page: page.meta.slug)
    return sorted(by_address, key=changed, reverse=True)


def sitemap(review: Review, pages: Sequence[Page]) -> bytes:
    """Every page with its date; only for a site that has an address."""
    urls = Element("urlset", xmlns=_SITEMAP)
    _text(SubElement(urls, "url"), "loc", address(review, ""))
    for page in newest_first(pages):
        url = SubElement(urls, "url")
        _text(url, "loc", address(review, f"{page.meta.slug}/"))
        if changed(page) != _NO_DATE:
            _text(url, "lastmod", changed(page))
    return _document(urls)


def robots(review: Review) -> bytes:
    """Everyone may read everything; where the site map is, if there is one."""
    lines = ["User-agent: *", "Allow: /"]
    if review.site.url:
        lines += ["", f"Sitemap: {address(review, 'sitemap.xml')}"]
    return ("\n".join(lines) + "\n").encode()


def _text(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = CONTROL.sub("\ufffd", text)


def _document(root: Element) -> bytes:
    indent(root)
    content: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"
