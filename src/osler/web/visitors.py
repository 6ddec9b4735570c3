"""Visitors are counted for a day at most, and never known.

Where somebody has to be told from somebody else (too many comments, too many wrong
passwords), the address is hashed with a random salt of the day. The salt is thrown away the
day after; then nobody, with the database and the secret key in hand, can tell whose hash it
was. The address itself is neither stored nor logged.
"""

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from osler.web.accounts.models import DailySalt

Answering = Callable[[HttpRequest], HttpResponseBase]


def address_of(request: HttpRequest) -> str:
    """The visitor's address: of the connection, or as one's own proxies tell it.

    Of ``X-Forwarded-For`` only what ``OSLER_PROXIES`` proxies of one's own have added is
    believed: a visitor can write anything before that.
    """
    proxies: int = settings.OSLER_PROXIES
    told = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if proxies and len(told) >= proxies and told[-proxies]:
        return str(told[-proxies])
    return str(request.META.get("REMOTE_ADDR", ""))


def daily_hash(request: HttpRequest, now: datetime) -> str:
    """32 hexadecimal digits that tell visitors apart for one day (UTC).

    An IPv6 visitor is known by the first 64 bits, which is what a household gets.
    """
    salt = _salt(now.astimezone(UTC).date())
    return hmac.new(salt, _network(address_of(request)).encode(), hashlib.sha256).hexdigest()[:32]


def hash_as_address(request: HttpRequest) -> str:
    """The day's hash in the shape of a private IPv6 address, for a column of that type."""
    digits = daily_hash(request, timezone.now())
    return str(ipaddress.IPv6Address(int("fd" + digits[:30], 16)))


def nobody(*told: object, **more: object) -> str:
    """What the log says of who tried to log in."""
    return "somebody"


def forget_the_visitor(answer: Answering) -> Answering:
    """Takes the browser's name out of every request, so that nothing further in can store it."""

    def without(request: HttpRequest) -> HttpResponseBase:
        request.META.pop("HTTP_USER_AGENT", None)
        return answer(request)

    return without


class NoUploads(FileUploadHandler):
    """Ends the request as soon as a file arrives in a form: nothing is uploaded here."""

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, Any],
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        return None

    def new_file(self, *told: Any, **more: Any) -> None:
        raise StopUpload(connection_reset=True)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return None

    def file_complete(self, file_size: int) -> None:
        return None


def _network(address: str) -> str:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:  # a socket, or a proxy that wrote something else
        return address
    bits = 64 if known.version == 6 else 32
    return str(ipaddress.ip_network(f"{known}/{bits}", strict=False))


def _salt(day: date) -> bytes:
    """The day's salt; a serving process remembers it until the next day's is asked for."""
    known = _TODAY.get(day)
    if known is None:
        known = _kept_salt(day)
        if settings.SITE is not None:
            _TODAY.clear()
            _TODAY[day] = known
    return known


_TODAY: dict[date, bytes] = {}


def _kept_salt(day: date) -> bytes:
    """The first to ask makes it, and throws older ones away."""
    salt, is_new = DailySalt.objects.get_or_create(
        day=day, defaults={"salt": secrets.token_bytes(32)}
    )
    if is_new:
        DailySalt.objects.filter(day__lt=day).delete()
    return bytes(salt.salt)
