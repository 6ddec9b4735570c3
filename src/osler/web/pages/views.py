"""What the public reads that is not a published file."""

import time

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import resolve
from django.views.decorators.http import require_safe

from osler.publish.cells import date_text
from osler.web.pages import selectors
from osler.web.pages.changes import Changed, compare
from osler.web.pages.composing import card
from osler.web.pages.models import OldAddress, Page, PublishedFile, Shelf, Version
from osler.web.pages.searching import Index, Text, make_index
from osler.web.pages.searching import search as search_index

MOST_ASKED = 200  # characters of a question to the search


@require_safe
def published(request: HttpRequest, path: str) -> HttpResponseBase:
    """A published file through Django: where another server than ours runs, and in tests."""
    asked = f"{path}index.html" if path == "" or path.endswith("/") else path
    if "\0" in path:  # PostgreSQL knows no such text
        raise Http404("nothing is published here")
    file = PublishedFile.objects.filter(path=asked).first()
    # WordPress has addresses such as /?p=12.
    moved = OldAddress.objects.filter(old=request.get_full_path()) if request.GET else None
    if file is None or (moved is not None and moved.exists()):
        return _moved(request, asked)
    response = HttpResponse(bytes(file.content), content_type=file.content_type)
    response["ETag"] = f'"{file.digest[:32]}"'
    response["Cache-Control"] = "public, no-cache"
    return response


def _moved(request: HttpRequest, path: str) -> HttpResponseBase:
    full = request.get_full_path()
    moved = OldAddress.objects.filter(old__in=[request.path, full]).first() if full else None
    if moved is not None:
        return redirect(moved.new, permanent=True)
    if not path.endswith("index.html") and _leads_somewhere(path):
        return redirect(f"{request.path}/", permanent=True)
    if path == "index.html":
        return render(request, "index.html", {"groups": (), "canonical": ""})
    raise Http404("nothing is published here")


def _leads_somewhere(path: str) -> bool:
    """Whether there is something at this address with a slash behind it."""
    if resolve(f"/{path}/").url_name != "pages-published":
        return True
    return PublishedFile.objects.filter(path=f"{path}/index.html").exists()


@require_safe
def category(request: HttpRequest, name: str) -> HttpResponse:
    return _list(request, name, "Pages about this, the last checked first.", "category")


@require_safe
def author(request: HttpRequest, name: str) -> HttpResponse:
    return _list(request, name, "Pages by this author, the last checked first.", "author")


def _list(request: HttpRequest, name: str, lede: str, kind: str) -> HttpResponse:
    pages = selectors.of_category(name) if kind == "category" else selectors.of_author(name)
    if not pages:
        raise Http404("no such list")
    shown = {"title": name, "lede": lede, "cards": [card(page) for page in pages]}
    return render(request, "pages/list.html", shown)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("q", "")[:MOST_ASKED].strip()
    pages = {page.slug: page for page in selectors.live_pages()}
    hits = [h for h in search_index(_INDEX.current(), asked) if h.key in pages] if asked else []
    found = [(card(pages[hit.key]), hit.passage) for hit in hits]
    return render(request, "pages/search.html", {"asked": asked, "found": found})


class _Current:
    """The index of one revision of what is published, made when it is first asked for."""

    def __init__(self) -> None:
        self._made: tuple[int, Index] | None = None

    def current(self) -> Index:
        state = Shelf.objects.filter(pk=1).first()
        revision = state.revision if state else 0
        if self._made is None or self._made[0] != revision or settings.SITE is None:
            live = Page.objects.filter(is_live=True).values_list("slug", "title", "text")
            self._made = (revision, make_index(Text(*row) for row in live))
        return self._made[1]


_INDEX = _Current()


@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    shown = {"lines": settings.OSLER_CONTACT.split("|"), "email": settings.OSLER_CONTACT_EMAIL}
    return render(request, "pages/contact.html", shown)


@require_safe
def history(request: HttpRequest, slug: str) -> HttpResponse:
    """All that a page has said, the latest first, and what changed each time."""
    page = selectors.live_page(slug)
    versions = selectors.versions_of(page)
    before = [None, *versions]
    rows = [
        {
            "version": version,
            "day": _day(version),
            "before": old,
            "changed": changes(old, version) if old else None,
        }
        for old, version in zip(before, versions, strict=False)
    ]
    return render(request, "pages/history.html", {"page": page, "rows": rows[::-1]})


@require_safe
def comparison(request: HttpRequest, slug: str, first: int, second: int) -> HttpResponse:
    page = selectors.live_page(slug)
    numbered = {version.number: version for version in selectors.versions_of(page)}
    if first not in numbered or second not in numbered or first >= second:
        raise Http404("no such versions")
    old, new = numbered[first], numbered[second]
    shown = {"page": page, "old": old, "new": new, "changed": changes(old, new)}
    return render(request, "pages/comparison.html", shown | {"days": (_day(old), _day(new))})


def changes(old: Version, new: Version) -> Changed:
    """What changed between two versions of one page."""
    return compare(old.answers, old.wording, new.answers, new.wording)


def _day(version: Version) -> str:
    return date_text(version.at.date().isoformat())


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """For whoever watches the server: the database answers."""
    began = time.monotonic()
    Shelf.objects.filter(pk=1).exists()
    took = (time.monotonic() - began) * 1000
    return HttpResponse(f"ok, database {took:.0f} ms\n", content_type="text/plain")


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: cookies off, or it stood open for too long."""
    return render(request, "pages/form_expired.html", {}, status=403)
