"""SQLite's writers take turns.

SQLite has one writer at a time, and who finds it busy sleeps and tries again, longer each time:
with many writers most of that time nobody writes. A lock of the operating system wakes the next
one at once, and goes with its process, however that ends.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

LOCK = "writing"
"""The file in the site's folder that is locked; there is nothing in it."""


@contextmanager
def writing() -> Iterator[None]:
    """Around a short transaction that many write at once; it may be left out without harm."""
    if settings.SITE is None or connection.vendor != "sqlite":
        yield
        return
    with (settings.SITE / LOCK).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
