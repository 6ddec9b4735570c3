"""Which column of an exported table fills which field, and which tool wrote the table."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

_SIGNS = re.compile(r"[\W_]+")


@lru_cache(maxsize=1 << 10)
def column_name(header: str) -> str:
    """A header as the tables of column names have it.

    Examples
    --------
    >>> column_name("Author(s) "), column_name("primary_location.source.issn_l")
    ('author s', 'primary location source issn l')
    """
    return _SIGNS.sub(" ", header.lower()).strip()


@dataclass(frozen=True, slots=True)
class Columns:
    """The roles of each column of one table, by its place; ``tool`` is who wrote it.

    ``keyed`` tells whether a column holds IDs of the records.
    """

    headers: tuple[str, ...]
    roles: tuple[tuple[tuple[str, int], ...], ...]
    tool: str
    keyed: bool = False

    @property
    def known(self) -> int:
        """How many columns fill a field."""
        return sum(1 for roles in self.roles if roles)


@cache
def _tables() -> Mapping[str, dict[str, list[str]]]:
    text = files("osler.records.formats").joinpath("columns.toml").read_text("utf-8")
    tables: dict[str, dict[str, list[str]]] = tomllib.loads(text)
    return tables


@cache
def _roles() -> Mapping[str, tuple[tuple[str, int], ...]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for role, names in _tables()["roles"].items():
        for rank, name in enumerate(names):
            found.setdefault(name, []).append((role, rank))
    return {name: tuple(pairs) for name, pairs in found.items()}


@cache
def _wos_roles() -> Mapping[str, tuple[tuple[str, int], ...]]:
    text = files("osler.records.formats").joinpath("tags.toml").read_text("utf-8")
    found: dict[str, list[tuple[str, int]]] = {}
    for role, groups in tomllib.loads(text)["wos"].items():
        for rank, group in enumerate(groups):
            for tag in group.split("+"):
                found.setdefault(tag.lower(), []).append((role, rank))
    return {name: tuple(pairs) for name, pairs in found.items()}


_SPELT = {
    "rayyan": "Rayyan",
    "covidence": "Covidence",
    "asreview": "ASReview",
    "web of science": "Web of Science",
}


def columns_of(headers: Sequence[str]) -> Columns:
    """What is known of a table's columns by their headers.

    Examples
    --------
    >>> columns = columns_of(["PMID", "Title", "Journal/Book", "Shelf"])
    >>> columns.tool, columns.known
    ('PubMed', 3)
    """
    names = [column_name(header) for header in headers]
    tool = _tool(frozenset(names))
    # Its tables in text have the tags of its tagged text as names: "ID" is no ID there.
    known = _wos_roles() if tool == "Web of Science" and "so" in names else _roles()
    roles = tuple(known.get(name, ()) for name in names)
    keyed = any(role == "key" for pairs in roles for role, _ in pairs)
    return Columns(tuple(h.strip() for h in headers), roles, tool, keyed)


def _tool(names: frozenset[str]) -> str:
    for tool, needed in _tables()["tools"].items():
        if names.issuperset(needed):
            return _SPELT.get(tool, tool)
    return ""
