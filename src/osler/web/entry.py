"""What no browser sends is refused at the door, before anything further in stumbles over it."""

import codecs
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, TypeAlias

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import parse_header_parameters

Answering: TypeAlias = Callable[[HttpRequest], HttpResponseBase]
Environ: TypeAlias = dict[str, Any]
Application: TypeAlias = Callable[[Environ, Any], Iterable[bytes]]


def refuse_the_impossible(answer: Answering) -> Answering:
    """413 for what is too large; cookies with a zero are dropped, PostgreSQL keeps no such text."""

    def checked(request: HttpRequest) -> HttpResponseBase:
        if _length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return HttpResponse(
                "This is too large.\n",
                content_type="text/plain; charset=utf-8",
                status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            )
        for name in [name for name, value in request.COOKIES.items() if "\0" in name + value]:
            del request.COOKIES[name]
        return answer(request)

    return checked


def read_as_utf8(django: Application) -> Application:
    """415 for text that is said to be in another encoding, as no form of this site is.

    Django believes what is said while it makes the request, before any middleware, and takes
    all that Python knows: "rot13" and "zlib" would be an error of the server.
    """

    def checked(environ: Environ, start_response: Any) -> Iterable[bytes]:
        if _is_utf8(environ.get("CONTENT_TYPE", "")):
            return django(environ, start_response)
        body = b"Text is read as UTF-8 only.\n"
        told = [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
        start_response("415 Unsupported Media Type", told)
        return [body]

    return checked


def _length(request: HttpRequest) -> int:
    told = request.META.get("CONTENT_LENGTH") or "0"
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 19 else 0


def _is_utf8(content_type: str) -> bool:
    try:
        _, told = parse_header_parameters(content_type)
        return codecs.lookup(told.get("charset", "utf-8")).name == "utf-8"
    except (LookupError, ValueError):
        return False
