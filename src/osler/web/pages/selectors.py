"""Reading pages."""

from collections.abc import Sequence

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404

from osler.web.accounts.models import Clinic
from osler.web.pages.models import Folder, Page, Version
from osler.web.pages.revision import Watched


def live_pages() -> QuerySet[Page]:
    """Everything published, without the long columns."""
    return Page.objects.filter(is_live=True).select_related("folder").defer("html", "text")


def live_page(slug: str) -> Page:
    """A published page by its address; Http404 where there is none."""
    live = Page.objects.filter(slug=slug, is_live=True).select_related("folder__clinic")
    page = live.defer("html", "text").first()  # most who ask want neither
    if page is None:
        raise Http404("no such page")
    return page


class _Remembered:
    """Live pages of one revision of the shelf; for what visitors ask for again and again."""

    def __init__(self) -> None:
        self._watched = Watched()
        self._pages: tuple[int, dict[str, Page]] = (-1, {})

    def page(self, slug: str) -> Page:
        revision = self._watched.revision()
        if self._pages[0] != revision:
            self._pages = (revision, {})
        pages = self._pages[1]
        if slug not in pages:
            pages[slug] = live_page(slug)
        return pages[slug]


_REMEMBERED = _Remembered()


def remembered_page(slug: str) -> Page:
    """The same as :func:`live_page` without asking the database each time; not to be changed."""
    return live_page(slug) if settings.SITE is None else _REMEMBERED.page(slug)


def newest_first(pages: Sequence[Page]) -> Sequence[Page]:
    """By the day of the last check, then by address, as in the static build."""
    by_address = sorted(pages, key=lambda page: page.slug)
    return sorted(by_address, key=lambda page: page.changed, reverse=True)


def of_category(name: str) -> Sequence[Page]:
    """Live pages in a category, spelt in any case."""
    wanted = name.casefold()
    return newest_first(
        [p for p in live_pages() if wanted in {str(c).casefold() for c in p.categories}]
    )


def of_author(name: str) -> Sequence[Page]:
    return newest_first([page for page in live_pages() if page.author == name])


def versions_of(page: Page) -> Sequence[Version]:
    """All that a page has said, oldest first."""
    return list(page.versions.order_by("number"))


def folders_of(clinic: Clinic) -> Sequence[Folder]:
    return list(Folder.objects.filter(clinic=clinic, is_removed=False).order_by("pk"))
