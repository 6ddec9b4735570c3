"""The staff's menu: each part puts its own entries in while Django starts."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A link, shown to those who may do ``action`` at their clinic; ``what`` is behind it."""

    text: str
    url_name: str
    action: str
    what: str


_ENTRIES: list[tuple[int, Entry]] = []


def register(entry: Entry, *, order: int) -> None:
    """Adds an entry; called once, from an app's ``ready()``."""
    _ENTRIES.append((order, entry))


def entries() -> Sequence[Entry]:
    """All of them in order."""
    return [entry for _, entry in sorted(_ENTRIES, key=lambda one: (one[0], one[1].text))]


FOOT: list[tuple[str, str]] = []
"""Links of the public pages' foot: text and name of the address."""


def register_foot(text: str, url_name: str) -> None:
    """Adds a link to the foot of every public page; called once, from an app's ``ready()``."""
    FOOT.append((text, url_name))
