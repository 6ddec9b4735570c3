"""Numbered references: numbers by first appearance, entries by a CSL style of our own."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from io import BytesIO

from citeproc import (
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    formatter,
)
from citeproc.source.json import CiteProcJSON
from markupsafe import Markup

_NAMES = ("author", "editor")
_TEXTS = (
    "title",
    "container-title",
    "publisher",
    "publisher-place",
    "volume",
    "issue",
    "page",
    "number",
    "genre",
)


@dataclass(frozen=True)
class Numbering:
    """Citation numbers of one page, given out as its text is rendered.

    Grows while a page is composed, and is read when its list of references is.
    """

    counts: dict[str, int] = field(default_factory=dict)

    def cite(self, key: str) -> tuple[int, str]:
        """The number of a reference and the id of this mention of it."""
        self.counts[key] = self.counts.get(key, 0) + 1
        number = list(self.counts).index(key) + 1
        return number, f"cite-{number}-{self.counts[key]}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list: ``mentions`` are ids in the text to go back to."""

    number: int
    text: Markup
    url: str
    url_text: str
    mentions: tuple[str, ...]


def entries(
    counts: Mapping[str, int], references: Mapping[str, Mapping[str, object]]
) -> tuple[Entry, ...]:
    """The list of references, in the order of their numbers.

    Parameters
    ----------
    counts : mapping
        Keys in order of first mention, with how often each is mentioned.
    references : mapping
        CSL-JSON items by key; every key of ``counts`` must be there.
    """
    keys = list(counts)
    texts = bibliography([{**references[key], "id": key} for key in keys]) if keys else ()
    return tuple(
        _entry(number, text, references[key], counts[key])
        for number, (key, text) in enumerate(zip(keys, texts, strict=True), 1)
    )


def _entry(number: int, text: Markup, item: Mapping[str, object], count: int) -> Entry:
    doi, url = str(item.get("DOI", "")).strip(), str(item.get("URL", "")).strip()
    mentions = tuple(f"cite-{number}-{k}" for k in range(1, count + 1))
    if doi:
        return Entry(number, text, f"https://doi.org/{doi}", f"doi:{doi}", mentions)
    shown = re.sub(r"^https?://(www\.)?", "", url).rstrip("/")
    web = url.startswith(("http://", "https://"))
    return Entry(number, text, url if web else "", shown if web else "", mentions)


def bibliography(items: Iterable[Mapping[str, object]]) -> tuple[Markup, ...]:
    """Reference entries as HTML, one for each CSL-JSON item, in the same order.

    Examples
    --------
    >>> item = {"id": "a", "title": "Needles & nerves", "issued": {"date-parts": [[2024]]},
    ...         "author": [{"family": "Tu", "given": "Jian-Feng"}], "container-title": "J Trial"}
    >>> print(bibliography([item])[0])
    Tu JF. Needles &amp; nerves. <i>J Trial</i>. 2024.
    """
    # Ids of our own: citeproc-py lower-cases them, so that "Qin" and "qin" would be one.
    cleaned = [_cleaned({**item, "id": f"r{i}"}) for i, item in enumerate(items)]
    style = CitationStylesStyle(BytesIO(_style()), validate=False)
    book = CitationStylesBibliography(style, CiteProcJSON(cleaned), formatter.html)
    for item in cleaned:
        book.register(Citation([CitationItem(str(item["id"]))]))
    return tuple(Markup(_tidy(str(entry))) for entry in book.bibliography())


def _style() -> bytes:
    return files("osler.publish").joinpath("assets/numbered.csl").read_bytes()


def _tidy(entry: str) -> str:
    """A title's own "?" or "!" ends it; citeproc-py sets the style's full stop after it too."""
    return re.sub(r"([?!.])(</i>)?\.", r"\1\2", entry)


def _cleaned(item: Mapping[str, object]) -> dict[str, object]:
    """The fields that the style prints, escaped: citeproc-py passes texts through as HTML."""
    kept: dict[str, object] = {"id": str(item["id"]), "type": _kind(item)}
    for name in _TEXTS:
        if item.get(name) not in (None, ""):
            kept[name] = escape(str(item[name]), quote=False)
    for name in _NAMES:
        people = item.get(name)
        if isinstance(people, list) and people:
            kept[name] = [_person(p) for p in people if isinstance(p, Mapping)]
    year = _year(item.get("issued"))
    if year:
        kept["issued"] = {"date-parts": [[year]]}
    return kept


def _kind(item: Mapping[str, object]) -> str:
    return str(item.get("type") or "article-journal")


def _person(person: Mapping[str, object]) -> dict[str, str]:
    parts = {k: escape(str(v), quote=False) for k, v in person.items() if isinstance(v, str)}
    return parts or {"literal": "Anonymous"}


def _year(issued: object) -> int | None:
    """The year of a CSL date, whether given as parts or as text."""
    if not isinstance(issued, Mapping):
        return None
    parts = issued.get("date-parts")
    if isinstance(parts, Sequence) and parts and isinstance(parts[0], Sequence) and parts[0]:
        year = str(parts[0][0])
        return int(year) if year.isdecimal() else None
    found = re.search(r"\d{4}", str(issued.get("raw", issued.get("literal", ""))))
    return int(found[0]) if found else None
