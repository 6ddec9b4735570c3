"""What is different where one works alone on one's own machine."""

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase


def nobody_logs_in(
    answer: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Nobody is asked who they are, so no database is asked either."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.user = AnonymousUser()
        return answer(request)

    return middleware


def health(request: HttpRequest) -> HttpResponse:
    """That it answers."""
    return HttpResponse("ok", content_type="text/plain")


def not_here(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What has no page."""
    return HttpResponse("There is no such page.\n", content_type="text/plain", status=404)


def went_wrong(request: HttpRequest) -> HttpResponse:
    """A fault of the program; what was acknowledged is in the folder."""
    text = "Something went wrong; see the terminal. Decisions that were shown as kept are kept.\n"
    return HttpResponse(text, content_type="text/plain", status=500)
