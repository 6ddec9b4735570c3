"""Which column of an exported table fills which field, and which tool wrote the table."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_SIGNS = re.compile(r"[\W_]+")


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
    """The roles of each column of one table, by its place; ``tool`` is who wrote it."""

    headers: tuple[str, ...]
    roles: tuple[tuple[tuple[str, int], ...], ...]
    tool: str

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


def columns_of(headers: Sequence[str]) -> Columns:
    """What is known of a table's columns by their headers.

    Examples
    --------
    >>> columns = columns_of(["PMID", "Title", "Journal/Book", "Shelf"])
    >>> columns.tool, columns.known
    ('PubMed', 3)
    """
    names = [column_name(header) for header in headers]
    roles = tuple(_roles().get(name, ()) for name in names)
    return Columns(tuple(h.strip() for h in headers), roles, _tool(frozenset(names)))


def _tool(names: frozenset[str]) -> str:
    for tool, needed in _tables()["tools"].items():
        if names.issuperset(needed):
            return {"rayyan": "Rayyan", "covidence": "Covidence", "asreview": "ASReview"}.get(
                tool, tool
            )
    return ""
