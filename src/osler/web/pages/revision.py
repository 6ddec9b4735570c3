"""Whether there is something new on the shelf, for those who remember what was there.

The time of one file tells it in a microsecond; in case that was missed, the database is asked
every second.
"""

import os
import time

from django.conf import settings

from osler.web.pages.models import Shelf
from osler.web.pages.shelf import STAMP

ASK_AGAIN_SECONDS = 1.0
_STAMP = str(settings.SITE / STAMP) if settings.SITE else ""


def stamp() -> int:
    """The time of the file; 0 for a site without a folder."""
    if not _STAMP:
        return 0
    try:
        return os.stat(_STAMP).st_mtime_ns  # noqa: PTH116 - half the time of Path.stat
    except OSError:
        return 0


class Watched:
    """The number of the newest revision, asked for as seldom as possible."""

    def __init__(self) -> None:
        self._stamp, self._asked, self._revision = -1, 0.0, -1

    def revision(self) -> int:
        """The newest; at most ``ASK_AGAIN_SECONDS`` old where the file could not be written."""
        now, seen = time.monotonic(), stamp()
        if seen != self._stamp or now - self._asked > ASK_AGAIN_SECONDS:
            self._stamp, self._asked = seen, now
            row = Shelf.objects.filter(pk=1).values_list("revision").first()
            self._revision = row[0] if row else 0
        return self._revision
