"""What is acknowledged stands on the disk, also after a power cut, and nobody queues for the disk.

With ``synchronous=FULL`` SQLite waits for the disk inside each transaction, while nobody else can
write: then there are as many comments a second as waits for the disk fit into it one after the
other. In a process that answers requests the transaction ends first (``NORMAL``), and before the
answer goes out the log is written through to the disk. Those who wait at the same moment wait
together.

What no answer tells of, such as "this mail has gone", is not waited for: after a power cut it may
be done again. Commands such as ``osler site user`` keep to FULL.
"""

import os
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponseBase

Answering = Callable[[HttpRequest], HttpResponseBase]


def wait_for_the_disk(answer: Answering) -> Answering:
    """The outermost middleware: an answer goes out when all that it says is on the disk.

    PostgreSQL does so by itself, and a database in memory has no disk.
    """
    if settings.SITE is None or connection.vendor != "sqlite":
        return answer
    log = f"{connection.settings_dict['NAME']}-wal"
    connection_created.connect(_wait_later, dispatch_uid="osler.durable")

    def answered(request: HttpRequest) -> HttpResponseBase:
        before = _written()
        response = answer(request)
        if _written() != before:
            _through_to_the_disk(log)
        return response

    return answered


def _wait_later(connection: BaseDatabaseWrapper, **more: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=NORMAL")


def _written() -> tuple[object, int]:
    """Another value after whatever was written through this thread's connection."""
    own = connection.connection
    return own, 0 if own is None else own.total_changes


def _through_to_the_disk(log: str) -> None:
    try:
        file = os.open(log, os.O_RDONLY)
    except FileNotFoundError:  # no log: a journal of the old kind, which SQLite waits for itself
        return
    try:
        os.fsync(file)
    finally:
        os.close(file)
