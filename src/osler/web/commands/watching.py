"""Looking after review folders: what changed is checked and, if it is clean, published."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.db import DatabaseError, connection
from django.utils import timezone

from osler.core.diagnostics import Severity
from osler.core.rendering import render
from osler.core.wording import counted
from osler.review.folder import read_folder
from osler.web.pages.making import digest_of
from osler.web.pages.models import Folder
from osler.web.pages.services import Outcome, Result, publish_folder

TRY_AGAIN = timedelta(minutes=1)
"""After what was no fault of the files: a database that was away, a disk that was full."""
NEVER = datetime.max.replace(tzinfo=UTC)


class Watch:
    """Remembers what was looked at; another process may publish the same folders meanwhile."""

    def __init__(self, tell: Callable[[str], object]) -> None:
        self._tell = tell
        self._looked: dict[int, tuple[str, date]] = {}
        self._again: dict[int, datetime] = {}

    def look(self, now: datetime) -> None:
        """Publishes every folder whose files, or whose day, are others than at the last look.

        A new day counts, because a page's review may have become due. What goes wrong with
        one folder is told, and the others are looked at all the same.
        """
        try:
            folders = list(Folder.objects.filter(is_removed=False).select_related("clinic"))
        except DatabaseError as error:
            self._tell(f"The database does not answer: {error}".strip())
            connection.close()
            return
        for folder in folders:
            seen = _state(folder), timezone.localdate(now)
            if self._looked.get(folder.pk) != seen or now >= self._again.get(folder.pk, NEVER):
                self._publish(folder, seen, now)

    def _publish(self, folder: Folder, seen: tuple[str, date], now: datetime) -> None:
        self._again.pop(folder.pk, None)
        try:
            outcome = publish_folder(folder, user=None, now=now)
        except Exception as error:
            self._tell(f"{folder.slug}: could not be published: {error!r}")
            connection.close()
            self._looked[folder.pk], self._again[folder.pk] = seen, now + TRY_AGAIN
            return
        if outcome.result is not Result.CHANGED_MEANWHILE:  # else with the next look
            self._looked[folder.pk] = seen
        for line in _said(folder, outcome):
            self._tell(line)


def _state(folder: Folder) -> str:
    try:
        return digest_of(read_folder(Path(folder.path)))
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _said(folder: Folder, outcome: Outcome) -> list[str]:
    if outcome.result is Result.PUBLISHED:
        return [f"{folder.slug}: published, {counted(len(outcome.pages), 'page')} changed"]
    if outcome.result is not Result.REFUSED:
        return []
    errors = [d for d in outcome.diagnostics if d.severity is Severity.ERROR]
    return [
        render(errors, "text"),
        f"{folder.slug}: not published; what was published stays as it was",
    ]
