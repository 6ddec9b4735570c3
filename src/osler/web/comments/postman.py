"""Who sends the mails: one process of the machine, the one that has the lock.

``osler site run`` takes it before its server answers anybody, so that those who answer are not held
up by mails. Where nobody has it (another server, a process that died), one of those who answer
takes it.
"""

import fcntl
import logging
import threading
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from osler.web.comments.posting import send_due

_log = logging.getLogger(__name__)

LOCK = "mailing"
"""The file in the site's folder that is locked; there is nothing in it."""
# Mails of the same second go over one connection to the mail server.
_LOOK_SECONDS = 1.0
_TRY_AGAIN_SECONDS = 30.0


class Postman:
    """One thread of a process."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Starts the thread; in a process that was forked off, anew."""
        if self._thread is not None and self._thread.is_alive():
            return
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=_walk, name="mails", daemon=True)
                self._thread.start()


def _walk() -> None:
    pause = threading.Event()
    with Path(settings.SITE or "", LOCK).open("ab") as file:
        while not _is_mine(file):
            pause.wait(_TRY_AGAIN_SECONDS)
        while True:
            pause.wait(_LOOK_SECONDS if _sent_what_is_due() else _TRY_AGAIN_SECONDS)


def _is_mine(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sent_what_is_due() -> bool:
    """Whether the database answered."""
    try:
        while send_due(timezone.now()):
            pass
    except DatabaseError as error:
        _log.error("mails wait: the database does not answer (%s)", type(error).__name__)
        connection.close()
        return False
    return True


POSTMAN = Postman()


def look(sender: object = None, **more: object) -> None:
    """Connected to ``request_finished``: who answers begins to look for mails as well."""
    POSTMAN.begin()
