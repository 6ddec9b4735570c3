"""The comments as they stand at the end of a published page."""

from django.template.loader import render_to_string
from django.utils.timezone import localtime

from osler.web.comments import selectors
from osler.web.comments.wording import html_of
from osler.web.pages.models import Page

CSS = "comments.css"


def comments_part(page: Page) -> str:
    """The thread, and the way to the form. The same for every visitor."""
    shown = selectors.thread(page)
    count = sum(not one.is_withdrawn for one in shown)
    context = {"page": page, "thread": shown, "count": count}
    shows = {"html_of": html_of, "local": localtime}
    return render_to_string("comments/part.html", context | shows)
