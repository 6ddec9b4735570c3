"""Pages."""

from django.db import transaction
from django.utils import timezone

from osler.web.pages import shelf
from osler.web.pages.models import Folder, Page, Version
from tests.web.security.access import Access


def _folder(clinic):
    defaults = {"clinic": clinic, "path": f"/none/{clinic.slug}"}
    return Folder.objects.get_or_create(slug=f"folder-{clinic.slug}", defaults=defaults)[0]


def _page(clinic):
    page, is_new = Page.objects.get_or_create(
        slug=f"page-{clinic.slug}",
        defaults={
            "folder": _folder(clinic),
            "title": "A page",
            "author": "A. Author",
            "categories": ["Knees"],
            "html": b"<p>text</p>",
        },
    )
    if is_new:
        for number in (1, 2):
            told = {"number": number, "at": timezone.now(), "digest": "d", "title": "A page"}
            Version.objects.create(page=page, **told)
        with transaction.atomic():
            shelf.put({f"{page.slug}/index.html": b"<p>text</p>", "index.html": b"all"}, None)
    return page


def _named(name):
    return lambda clinic: {"name": name} if _page(clinic) else {}


ACCESS = {
    "pages-search": Access("public"),
    "pages-contact": Access("public"),
    "pages-category": Access("public", _named("Knees")),
    "pages-author": Access("public", _named("A. Author")),
    "pages-history": Access("public", lambda c: {"slug": _page(c).slug}),
    "pages-comparison": Access(
        "public", lambda c: {"slug": _page(c).slug, "first": 1, "second": 2}
    ),
    "health": Access("public"),
    "pages-index": Access("public"),
    "pages-published": Access("public", lambda c: {"path": f"{_page(c).slug}/"}),
    "pages-folders": Access("pages.publish"),
    "pages-publish": Access("pages.publish", lambda c: {"slug": _folder(c).slug}, "POST"),
}
