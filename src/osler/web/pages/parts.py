"""HTML that other parts of the site put at the end of a page: comments, for instance.

A part is rendered when its page is published and when :func:`refresh` is called, never for
one visitor: pages are served as prepared bytes, so a part knows no user, cookie or token.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from osler.web.pages import shelf
from osler.web.pages.dressing import dress_page
from osler.web.pages.models import Page

Render = Callable[[Page], str]


@dataclass(frozen=True)
class Part:
    """Safe HTML for the end of a page, "" for nothing; ``css`` is linked where there is some."""

    name: str
    render: Render
    order: int
    css: str


_PARTS: dict[str, Part] = {}


def register(name: str, render: Render, *, order: int = 50, css: str = "") -> None:
    """Adds a part; called once, from an app's ``ready()``. A second one replaces the first."""
    _PARTS[name] = Part(name, render, order, css)


def refresh(page: Page, *, now: datetime) -> None:
    """Writes a page anew after something in one of its parts has changed.

    Called inside the transaction of that change: both happen or neither. Nothing is done for
    a page that is not live.
    """
    if not page.is_live:
        return
    with transaction.atomic():
        # Whoever else changes this page now waits, and then renders what we have written, too.
        shelf.lock()
        shelf.put({f"{page.slug}/index.html": dressed(page)}, page.folder)


def dressed(page: Page) -> bytes:
    """A page as it is served: as built, with the site's navigation and every part."""
    rendered = [(part, part.render(page)) for part in _in_order()]
    told = [(part, html) for part, html in rendered if html]
    return dress_page(page, [html for _, html in told], [p.css for p, _ in told if p.css])


def _in_order() -> Sequence[Part]:
    return sorted(_PARTS.values(), key=lambda part: (part.order, part.name))
