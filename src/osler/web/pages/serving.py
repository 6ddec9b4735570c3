"""Published pages straight from memory, before Django's machinery: a small WSGI layer.

Each worker holds the bytes of everything published, with their headers. Whether there is
something new is asked of the time of one file (a microsecond) and, in case that was missed,
of the database every second; only what changed is then read.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import unquote

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils.encoding import iri_to_uri

from osler.web.pages.models import OldAddress, PublishedFile, Shelf
from osler.web.pages.revision import ASK_AGAIN_SECONDS, stamp

Headers: TypeAlias = list[tuple[str, str]]
Environ: TypeAlias = dict[str, Any]
StartResponse: TypeAlias = Callable[[str, Headers], Any]
Application: TypeAlias = Callable[[Environ, StartResponse], Iterable[bytes]]

# A browser asks each time whether its copy still holds: a comment that was taken away is gone
# at once, and the answer is a 304 without a body.
CACHE = "public, no-cache"


@dataclass(frozen=True, slots=True)
class Ready:
    """One address: its bytes both ways and every header that goes with them."""

    digest: str
    etag: str
    plain: bytes
    compressed: bytes
    plain_headers: Headers
    compressed_headers: Headers
    unchanged_headers: Headers


@dataclass(frozen=True, slots=True)
class Everything:
    """What is published at one revision. ``moved`` are old addresses, with their query."""

    revision: int = -1
    files: Mapping[str, Ready] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)


class Published:
    """Answers for published addresses, and hands everything else to Django.

    Several threads may use it: what is published is one value, replaced as a whole.
    """

    def __init__(self, django: Application) -> None:
        self._django = django
        self._everything = Everything()
        self._stamp = -1
        self._asked = 0.0

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            found = self._find(environ)
            if isinstance(found, Ready):
                return _answer(found, environ, start_response)
            if found:
                start_response("301 Moved Permanently", [("Location", found), *_SAFETY_LENGTH_0])
                return []
        return self._django(environ, start_response)

    def _find(self, environ: Environ) -> Ready | str | None:
        if not _is_ours(environ):
            return None  # Django says what is wrong with the host, or redirects to HTTPS
        everything = self._current()
        path = environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace")
        ready = everything.files.get(path)
        if ready is not None and not everything.moved:
            return ready
        query = environ.get("QUERY_STRING", "")
        moved = everything.moved.get(f"{path}?{query}" if query else path)
        if ready is None and moved is None and f"{path}/" in everything.files:
            return f"{environ.get('SCRIPT_NAME', '')}{path}/"
        return moved if ready is None or (query and moved) else ready

    def _current(self) -> Everything:
        seen, now = stamp(), time.monotonic()
        if seen != self._stamp or now - self._asked > ASK_AGAIN_SECONDS:
            self._stamp, self._asked = seen, now
            try:
                self._everything = _newer(self._everything)
            except DatabaseError:
                # The database is away for a moment: what was published is still good.
                connection.close()
                self._stamp = -1
        return self._everything


def _newer(known: Everything) -> Everything:
    """What is published now; only what changed is read."""
    state = Shelf.objects.filter(pk=1).first()
    if state is None or state.revision == known.revision:
        return known if state else Everything()
    with transaction.atomic():
        revision = Shelf.objects.get(pk=1).revision
        digests = dict(PublishedFile.objects.values_list("path", "digest"))
        old = {_address(path): path for path in digests}
        same = {
            address: known.files[address]
            for address, path in old.items()
            if address in known.files and known.files[address].digest == digests[path]
        }
        changed = [path for address, path in old.items() if address not in same]
        fresh = {_address(f.path): _ready(f) for f in _rows(changed)}
        rows = OldAddress.objects.values_list("old", "new")
        moved = {_as_asked(old): iri_to_uri(new) for old, new in rows}
    files = same | fresh
    # A page links to index.html, as it does in the static build.
    files |= {f"{a}index.html": ready for a, ready in files.items() if a.endswith("/")}
    return Everything(revision, files, moved)


def _as_asked(old: str) -> str:
    """An old address as a server gives it: "/caf%C3%A9/" is "/café/", a query stays as it is."""
    path, mark, query = old.partition("?")
    return f"{unquote(path)}{mark}{query}"


def _rows(paths: list[str]) -> Iterable[PublishedFile]:
    for start in range(0, len(paths), 200):
        yield from PublishedFile.objects.filter(path__in=paths[start : start + 200])


def _address(path: str) -> str:
    return f"/{path.removesuffix('index.html')}"


def _ready(file: PublishedFile) -> Ready:
    etag, plain, compressed = f'"{file.digest[:32]}"', bytes(file.content), bytes(file.compressed)
    policy = "; ".join(
        " ".join((name, *told))
        for name, told in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
    )
    shared: Headers = [
        ("Cache-Control", CACHE),
        ("ETag", etag),
        ("Vary", "Accept-Encoding"),
        ("Content-Security-Policy", policy),
        *_SAFETY,
    ]
    if settings.SECURE_HSTS_SECONDS:
        hsts = f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains; preload"
        shared.append(("Strict-Transport-Security", hsts))
    kind = [("Content-Type", file.content_type), *shared]
    return Ready(
        digest=file.digest,
        etag=etag,
        plain=plain,
        compressed=compressed,
        plain_headers=[*kind, ("Content-Length", str(len(plain)))],
        compressed_headers=[
            *kind,
            ("Content-Encoding", "gzip"),
            ("Content-Length", str(len(compressed))),
        ],
        unchanged_headers=shared,
    )


_SAFETY: Headers = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", settings.X_FRAME_OPTIONS),
    ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
    ("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY),
]
_SAFETY_LENGTH_0: Headers = [("Content-Length", "0"), *_SAFETY]


def _answer(ready: Ready, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    asked = environ.get("HTTP_IF_NONE_MATCH", "")
    if asked and (asked.strip() == "*" or ready.etag in asked):
        start_response("304 Not Modified", ready.unchanged_headers)
        return []
    if _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
        start_response("200 OK", ready.compressed_headers)
        body = ready.compressed
    else:
        start_response("200 OK", ready.plain_headers)
        body = ready.plain
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _takes_gzip(accepted: str) -> bool:
    """Whether the browser takes gzip; "gzip;q=0" says that it does not."""
    if "gzip" not in accepted:
        return False
    for part in accepted.split(","):
        name, _, quality = part.partition(";")
        if name.strip().lower() == "gzip":
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _is_ours(environ: Environ) -> bool:
    """Whether the request came to a name of this site, and over HTTPS where that is required."""
    if settings.SECURE_SSL_REDIRECT:
        header = settings.SECURE_PROXY_SSL_HEADER
        secure = environ.get("wsgi.url_scheme") == "https" or (
            header is not None and environ.get(header[0]) == header[1]
        )
        if not secure:
            return False
    host = environ.get("HTTP_HOST", "").lower()
    name, colon, port = host.rpartition(":")
    has_port = bool(colon) and port.isascii() and port.isdecimal()
    return (name if has_port else host) in _HOSTS or "*" in _HOSTS


_HOSTS = frozenset(host.lower() for host in settings.ALLOWED_HOSTS)
