"""The tables that say which tag fills which field, and what exports call a kind of work."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from osler.records.formats.model import Draft
from osler.records.model import RawField

_EXACT = "article-journal"


@dataclass(frozen=True, slots=True)
class TagTable:
    """``roles`` gives for a tag its roles, each with a rank; ``authors`` the groups of tags."""

    roles: Mapping[str, tuple[tuple[str, int], ...]]
    authors: tuple[tuple[str, ...], ...]


@cache
def tag_table(dialect: str) -> TagTable:
    """The table of one dialect of tagged text, from ``tags.toml``."""
    roles: dict[str, list[tuple[str, int]]] = {}
    authors: tuple[tuple[str, ...], ...] = ()
    for role, tags in _toml("tags.toml")[dialect].items():
        groups = tuple(tuple(group.split("+")) for group in tags)
        if role == "author":
            authors = groups
        for rank, group in enumerate(groups):
            for tag in group if role != "author" else ():
                roles.setdefault(tag, []).append((role, rank))
    for group in authors:
        for tag in group:
            if not any(role == "author" for role, _ in roles.get(tag, [])):
                roles.setdefault(tag, []).append(("author", 0))
    return TagTable({tag: tuple(pairs) for tag, pairs in roles.items()}, authors)


def fill(draft: Draft, table: TagTable, *, wrapped: bool = False) -> None:
    """Put a draft's raw fields where the table says; ``wrapped`` lines are one line again."""
    roles, values = table.roles, draft.values
    for tag, text, _ in draft.fields:
        if wrapped and "\n" in text:
            text = " ".join(text.split())
        for role, rank in roles.get(tag, ()):
            values[role].append((rank, text))
    if len(table.authors) > 1 and "author" in values:
        found = _authors(draft.fields, table.authors)
        values["author"] = [(0, " ".join(text.split()) if wrapped else text) for text in found]


def _authors(fields: list[RawField], groups: tuple[tuple[str, ...], ...]) -> list[str]:
    """Of the first group whose leading tag is there: full names rather than short ones."""
    found: list[tuple[str, str]] = []
    for group in groups:
        found = [(tag, text) for tag, text, _ in fields if tag in group and text]
        if any(tag == group[0] for tag, _ in found):
            break
    return [text for _, text in found]


@cache
def _toml(name: str) -> dict[str, dict[str, list[str]]]:
    text = files("osler.records.formats").joinpath(name).read_text("utf-8")
    return tomllib.loads(text)


@cache
def ris_codes() -> Mapping[str, str]:
    """The CSL type of each RIS type code."""
    return {code: kind for kind, codes in _toml("kinds.toml")["ris"].items() for code in codes}


@cache
def ris_code(kind: str) -> str:
    """The RIS type code written for a CSL type."""
    return _toml("kinds.toml")["ris"].get(kind, ["GEN"])[0]


@cache
def _kind_words() -> Mapping[str, str]:
    return {word: kind for kind, words in _toml("kinds.toml")["words"].items() for word in words}


@cache
def kinds() -> frozenset[str]:
    """Every CSL type that the tables know."""
    return frozenset(_toml("kinds.toml")["words"]) | frozenset(_toml("kinds.toml")["ris"])


_NOT_WORDS = re.compile(r"[\s_]+")


def kind_of_words(text: str) -> str:
    """The CSL type for what an export calls a kind of work; "" where it is not known.

    Examples
    --------
    >>> kind_of_words("Book, Section"), kind_of_words("journal-article"), kind_of_words("?")
    ('chapter', 'article-journal', '')
    """
    words = _kind_words()
    plain = _NOT_WORDS.sub(" ", text.strip().lower())[:80]
    if plain in words:
        return words[plain]
    if plain in kinds():
        return plain
    for part in re.split(r"[;:,|(]", plain):
        if part.strip() in words:
            return words[part.strip()]
    return ""
