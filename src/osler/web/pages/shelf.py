"""Writing what is served: always inside a transaction, so that readers see all of it or none."""

import gzip
import hashlib
import mimetypes
import os
from collections.abc import Iterable, Mapping

from django.conf import settings
from django.db import transaction

from osler.web.pages.models import Folder, PublishedFile, Shelf

STAMP = "revision"
"""A file of the site's folder whose time tells every worker that there is something new."""

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".xml": "application/xml; charset=utf-8",
}
FEED = "application/atom+xml; charset=utf-8"


def lock() -> Shelf:
    """Makes everybody else who wants to change what is served wait until this transaction ends."""
    Shelf.objects.get_or_create(pk=1)
    return Shelf.objects.select_for_update().get(pk=1)


def put(files: Mapping[str, bytes], folder: Folder | None) -> None:
    """Puts files in their places; those that are the same already are left alone."""
    state = lock()
    digests = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    known = dict(PublishedFile.objects.filter(path__in=digests).values_list("path", "digest"))
    changed = [path for path in sorted(files) if known.get(path) != digests[path]]
    for path in changed:
        PublishedFile.objects.update_or_create(
            path=path,
            defaults={
                "folder": folder,
                "content_type": content_type(path),
                "digest": digests[path],
                "content": files[path],
                "compressed": gzip.compress(files[path], 9, mtime=0),
            },
        )
    if changed:
        _count(state)


def take_away(paths: Iterable[str]) -> None:
    """Removes addresses."""
    state = lock()
    gone, _ = PublishedFile.objects.filter(path__in=list(paths)).delete()
    if gone:
        _count(state)


def mark_changed() -> None:
    """Tells the workers that something else than files has changed: old addresses, the search."""
    _count(lock())


def content_type(path: str) -> str:
    """What a file is, by its name.

    Examples
    --------
    >>> content_type("knee-pain/index.html")
    'text/html; charset=utf-8'
    """
    if path == "feed.xml":
        return FEED
    suffix = path[path.rfind(".") :]
    return _TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"


def _count(state: Shelf) -> None:
    state.revision += 1
    state.save(update_fields=["revision"])
    transaction.on_commit(_touch)


def _touch() -> None:
    """Only a hint: who misses it sees the new revision in the database a second later."""
    if settings.SITE is not None:
        stamp = settings.SITE / STAMP
        try:
            stamp.touch()
            os.utime(stamp)
        except OSError:
            return
