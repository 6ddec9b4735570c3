"""What a WordPress export holds, as far as it is brought."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Site:
    """The former site: its name and its address, without a closing slash."""

    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody who wrote; posts name the login, readers see the name."""

    login: str
    name: str


@dataclass(frozen=True, slots=True)
class Term:
    """A category or a tag: as it stands in addresses, and as readers see it."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class OldComment:
    """A comment; ``approved`` is "1", "0", "spam", "trash" or "post-trashed"."""

    number: str
    parent: str
    name: str
    email: str
    website: str
    when: str
    text: str
    approved: str
    kind: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of the export: a post, a page, a picture, a menu.

    ``when`` and ``modified`` are ISO days, "" where the export has none. ``line`` is where the
    entry begins in the export. ``cut`` names the fields that were too long to be kept whole.
    """

    number: str
    kind: str
    status: str
    title: str
    link: str
    slug: str
    author: str
    when: str
    modified: str
    html: str
    excerpt: str
    password: str
    categories: tuple[Term, ...]
    tags: tuple[Term, ...]
    file: str
    picture: str
    comments: tuple[OldComment, ...]
    line: int
    cut: tuple[str, ...] = ()


Part: TypeAlias = Site | Author | Entry
