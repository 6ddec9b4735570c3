r"""What was searched, where, when and how: ``records/searches.toml``."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from osler.core.diagnostics import DataError, Diagnostic
from osler.records.toml_tables import (
    bad_key,
    count_of,
    lines_of_tables,
    parse_toml,
    quoted,
    quoted_lines,
    tables_of,
    text_of,
    texts_of,
    unknown_keys,
)

FILE = "records/searches.toml"
_KEYS = "id database kind platform date strategy strategy_file hits exports limits note".split()
_PREVIOUS = ("until", "studies", "reports", "citation")


class SearchKind(StrEnum):
    """The kinds of source that PRISMA 2020 tells apart (Page 2021, doi:10.1136/bmj.n71)."""

    DATABASE = "database"
    REGISTER = "register"
    WEBSITE = "website"
    CITATION = "citation"
    ORGANISATION = "organisation"

    @property
    def is_database_or_register(self) -> bool:
        return self in (SearchKind.DATABASE, SearchKind.REGISTER)


@dataclass(frozen=True, slots=True)
class Search:
    """One search of one source.

    Attributes
    ----------
    date : str
        ISO 8601 day on which it was run; "" where it is not said.
    strategy, strategy_file : str
        The search as it was typed, or a file in ``records/`` that holds it.
    hits : int or None
        As the source printed them.
    exports : tuple of str
        Files in ``records/`` with what it found.
    line : int
        Of the file; no part of what the search is.
    """

    id: str
    database: str
    kind: SearchKind = SearchKind.DATABASE
    platform: str = ""
    date: str = ""
    strategy: str = ""
    strategy_file: str = ""
    hits: int | None = None
    exports: tuple[str, ...] = ()
    limits: str = ""
    note: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Previous:
    """The version of the review that this one updates.

    ``until`` is the last day of its search: what was found up to it belongs to it, and its
    studies are counted. ``studies`` and ``reports`` are given where it was not made here.
    """

    until: str = ""
    studies: int | None = None
    reports: int | None = None
    citation: str = ""


@dataclass(frozen=True, slots=True)
class Searches:
    """All searches, in the order of the file, and the version before, if there is one."""

    searches: tuple[Search, ...] = ()
    previous: Previous | None = None

    @property
    def by_export(self) -> Mapping[str, Search]:
        """The search that each export came from."""
        return {export: search for search in self.searches for export in search.exports}


def parse_searches(text: str, file: str = FILE) -> tuple[Searches, tuple[Diagnostic, ...]]:
    r"""The searches of a text and what is wrong with it (REC074).

    Examples
    --------
    >>> found, _ = parse_searches('[[search]]\ndatabase = "PubMed"\ndate = 2026-01-05\nhits = 31\n')
    >>> found.searches[0].id, found.searches[0].date, found.searches[0].hits
    ('pubmed-2026-01-05', '2026-01-05', 31)
    """
    values, found = parse_toml(text, file)
    bad = [*found, *unknown_keys(values, ("search", "previous"), file, "searches.toml", 1)]
    lines = lines_of_tables(text, "search")
    searches: list[Search] = []
    for number, table in enumerate(tables_of(values, "search")):
        line = lines[number] if number < len(lines) else 1
        bad += unknown_keys(table, _KEYS, file, "[[search]]", line)
        bad += _problems(table, file, line)
        if text_of(table, "database"):
            searches.append(_search(table, line, {s.id for s in searches}))
    previous = values.get("previous")
    if isinstance(previous, dict):
        bad += unknown_keys(previous, _PREVIOUS, file, "[previous]", 1)
        counts = count_of(previous, "studies"), count_of(previous, "reports")
        before = Previous(text_of(previous, "until"), *counts, text_of(previous, "citation"))
        return Searches(tuple(searches), before), tuple(bad)
    return Searches(tuple(searches)), tuple(bad)


def render_search(search: Search) -> str:
    r"""One search as TOML, to be written at the end of the file.

    Examples
    --------
    >>> print(render_search(Search("pubmed", "PubMed", date="2026-01-05", strategy="sciatica")))
    [[search]]
    id = "pubmed"
    database = "PubMed"
    kind = "database"
    date = 2026-01-05
    strategy = "sciatica"
    <BLANKLINE>
    """
    day = search.date if is_day(search.date) else quoted(search.date)
    exports = "[" + ", ".join(map(quoted, search.exports)) + "]"
    lines = [
        ("id", quoted(search.id), True),
        ("database", quoted(search.database), True),
        ("kind", quoted(search.kind.value), True),
        ("platform", quoted(search.platform), search.platform),
        ("date", day, search.date),
        ("hits", str(search.hits), search.hits is not None),
        ("exports", exports, search.exports),
        ("limits", quoted_lines(search.limits), search.limits),
        ("strategy_file", quoted(search.strategy_file), search.strategy_file),
        ("strategy", quoted_lines(search.strategy), search.strategy),
        ("note", quoted_lines(search.note), search.note),
    ]
    return "[[search]]\n" + "".join(f"{key} = {text}\n" for key, text, said in lines if said)


def render_searches(searches: Searches) -> str:
    """The whole file; :func:`parse_searches` gives the same searches back."""
    blocks = [render_search(search) for search in searches.searches]
    before = searches.previous
    if before is not None:
        lines = [
            ("until", before.until if is_day(before.until) else quoted(before.until), before.until),
            ("studies", str(before.studies), before.studies is not None),
            ("reports", str(before.reports), before.reports is not None),
            ("citation", quoted(before.citation), before.citation),
        ]
        told = "".join(f"{key} = {text}\n" for key, text, said in lines if said)
        blocks.insert(0, f"[previous]\n{told}")
    return "\n".join(blocks)


def append_search(text: str, search: Search) -> str:
    """The file's text with a search at its end."""
    end = "\n" if text and not text.endswith("\n") else ""
    return text + end + ("\n" if text.strip() else "") + render_search(search)


def extend_search(text: str, name: str, exports: Iterable[str]) -> str:
    r"""The file's text with further exports of a search that it has.

    Only the line of the exports changes.

    Raises
    ------
    DataError
        REC074 where there is no such search, or its exports cannot be told in the text.

    Examples
    --------
    >>> text = '[[search]]\nid = "a"\ndatabase = "PubMed"\nexports = ["exports/1.ris"]\n'
    >>> print(extend_search(text, "a", ["exports/2.ris"]), end="")
    [[search]]
    id = "a"
    database = "PubMed"
    exports = ["exports/1.ris", "exports/2.ris"]
    """
    before, _ = parse_searches(text)
    one = next((s for s in before.searches if s.id == name), None)
    if one is None:
        known = ", ".join(s.id for s in before.searches) or "none"
        raise DataError(bad_key(FILE, f"there is no search {name!r}", f"known: {known}"))
    wanted = replace(one, exports=(*one.exports, *exports))
    lines = text.splitlines(keepends=True)
    head, table = "".join(lines[: one.line]), "".join(lines[one.line :])
    said = "exports = [" + ", ".join(map(quoted, wanted.exports)) + "]"
    changed, number = re.subn(
        r"^exports[ \t]*=[ \t]*\[[^\]]*\]", lambda _: said, table, count=1, flags=re.MULTILINE
    )
    out = head + (changed if number and one.exports else f"{said}\n{table}")
    if next((s for s in parse_searches(out)[0].searches if s.id == name), None) != wanted:
        what = f"the exports of {name!r} are written in a way that cannot be added to"
        raise DataError(bad_key(FILE, what, "the file was not changed", one.line, "exports"))
    return out


def searched_until(searches: Iterable[Search]) -> str:
    """The day up to which the evidence was sought: the latest search of the stalest source.

    A review is as fresh as the database that was searched longest ago; a new search of one
    database alone does not make the others newer. "" where a database has no date.

    Examples
    --------
    >>> days = [("PubMed", "2025-03-01"), ("Embase", "2025-03-04"), ("PubMed", "2026-02-01")]
    >>> searched_until(Search(f"{n}{d}", n, date=d) for n, d in days)
    '2025-03-04'
    """
    latest: dict[str, str] = {}
    for search in searches:
        if search.kind.is_database_or_register:
            name = search.database.casefold()
            latest[name] = max(latest.get(name, ""), search.date if is_day(search.date) else "")
    return min(latest.values(), default="")


def is_day(text: str) -> bool:
    """Whether a text is a day of the calendar as ISO 8601 writes it."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def search_id(database: str, day: str, taken: Iterable[str] = ()) -> str:
    """A name for a search that no other has.

    Examples
    --------
    >>> search_id("Ovid MEDLINE(R)", "2026-01-05", ["ovid-medline-r-2026-01-05"])
    'ovid-medline-r-2026-01-05-2'
    """
    name = re.sub(r"[^a-z0-9]+", "-", f"{database} {day}".lower()).strip("-") or "search"
    known, number = set(taken), 2
    unique = name
    while unique in known:
        unique, number = f"{name}-{number}", number + 1
    return unique


def _search(table: Mapping[str, object], line: int, taken: set[str]) -> Search:
    day, kind = text_of(table, "date"), text_of(table, "kind")
    name = text_of(table, "id") or f"{text_of(table, 'database')} {day}"
    given = text_of(table, "id")
    return Search(
        id=given if given and given not in taken else search_id(name, "", taken),
        database=text_of(table, "database"),
        kind=SearchKind(kind) if kind in set(SearchKind) else SearchKind.DATABASE,
        platform=text_of(table, "platform"),
        date=day,
        strategy=text_of(table, "strategy"),
        strategy_file=text_of(table, "strategy_file"),
        hits=count_of(table, "hits"),
        exports=texts_of(table, "exports"),
        limits=text_of(table, "limits"),
        note=text_of(table, "note"),
        line=line,
    )


def _problems(table: Mapping[str, object], file: str, line: int) -> Sequence[Diagnostic]:
    out = []
    kind, day = text_of(table, "kind"), text_of(table, "date")
    if not text_of(table, "database"):
        out.append(bad_key(file, "a search needs the key 'database'", "it has none", line))
    if kind not in {"", *SearchKind}:
        known = ", ".join(SearchKind)
        out.append(bad_key(file, f"kind is {kind!r}: write one of {known}", kind, line, "kind"))
    if day and not is_day(day):
        out.append(bad_key(file, "date is not a day", f"{day!r}: YYYY-MM-DD", line, "date"))
    if "hits" in table and count_of(table, "hits") is None:
        found = str(table["hits"])[:60]
        out.append(bad_key(file, "hits is not a whole number of 0 or more", found, line, "hits"))
    return out
