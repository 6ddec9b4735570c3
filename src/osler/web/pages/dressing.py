"""What the site adds to a page of the static build: navigation, style sheet, related pages.

The templates are those of the static build, so a page is the same in both; what only the live
site has is put in at four places which every page has.
"""

from collections.abc import Callable, Sequence
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.templatetags.static import static

from osler.web.accounts.access import is_staff_side
from osler.web.menu import FOOT
from osler.web.pages import related
from osler.web.pages.models import Page

_HEAD = "</head>"
_NAVIGATION = "</ul>\n</nav>\n</div>\n</header>"
_ARTICLE = "</article>"
_FOOT = "</div>\n</footer>"


def dress_page(page: Page, parts: Sequence[str], css: Sequence[str]) -> bytes:
    """A published page with its related pages, its history and the parts at its end."""
    html = bytes(page.html).decode()
    # Tables of numbers stand in a folder of their own for each review.
    html = html.replace('href="../data/', f'href="../data/{page.folder.slug}/')
    end = render_to_string(
        "pages/end.html", {"page": page, "related": related.of_page(page), "parts": parts}
    )
    before, mark, after = html.rpartition(_ARTICLE)
    return dress(before + end + mark + after, css).encode()


def dress(html: str, css: Sequence[str] = ()) -> str:
    """Puts the site's navigation and style sheets into a page made from the public templates.

    A page that was not made from them is given back as it is.
    """
    if _NAVIGATION not in html or _FOOT not in html:
        return html
    sheets = "".join(
        f'<link rel="stylesheet" href="{static(name)}">\n' for name in ("site.css", *css)
    )
    html = html.replace(_HEAD, sheets + _HEAD, 1)
    navigation = render_to_string("pages/navigation.html", {})
    html = html.replace(_NAVIGATION, navigation + _NAVIGATION, 1)
    before, mark, after = html.rpartition(_FOOT)
    return before + render_to_string("pages/foot.html", {"foot_links": FOOT}) + mark + after


def dress_public_pages(
    answer: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """The same for public pages that are made on request: search, forms, "page not found"."""

    def dressed(request: HttpRequest) -> HttpResponseBase:
        response = answer(request)
        is_page = response.get("Content-Type", "").startswith("text/html")
        if (
            isinstance(response, HttpResponse)
            and is_page
            and not _is_whole(request, response.status_code)
        ):
            response.content = dress(response.content.decode()).encode()
        return response

    return dressed


def _is_whole(request: HttpRequest, status: int) -> bool:
    """Whether the answer is dressed already, or none of the public pages."""
    match = request.resolver_match
    is_published = match is not None and match.url_name in ("pages-index", "pages-published")
    return is_staff_side(request) or (is_published and status == HTTPStatus.OK)
