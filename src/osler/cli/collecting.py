"""When the search for unused objects is only a cost."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the search for unused circles, where what is made stays or makes none.

    Modules stay, which is a twentieth of the time of a short command; records make no
    circles, a fifth of the time of reading many.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
