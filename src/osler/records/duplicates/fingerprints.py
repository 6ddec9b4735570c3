"""What of a record is compared, taken out once: its fingerprint."""

import re
from dataclasses import dataclass

from osler.records.duplicates.titles import Title, folded, read_title, words_of
from osler.records.duplicates.vocabulary import vocabulary
from osler.records.identifiers import normalise_doi
from osler.records.model import Name, Record


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A record made comparable.

    Attributes
    ----------
    first_author : frozenset of str
        Words of the first author's name; empty where there is none.
    authors : frozenset of str
        Words of two letters and more of all authors' names.
    journal : str
        The container's name as it stands, folded; compared by :mod:`journals`.
    first_page, last_page : str
        Lower case; "" where not said or not to be read.
    article_number : bool
        Whether the first page is an article's number rather than a page.
    """

    key: str
    kind: str
    title: Title
    first_author: tuple[str, ...]
    authors: frozenset[str]
    year: int | None
    journal: str
    volume: str
    issue: str
    supplement: bool
    first_page: str
    last_page: str
    article_number: bool
    doi: str
    pmid: str
    registrations: tuple[str, ...]
    abstract: str
    cochrane: str
    meeting: bool
    correction: bool


_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[^\W_]+")
# Authors beyond these do not tell records apart, and lists of hundreds cost time.
_AUTHORS_READ = 12
_ABSTRACT_READ = 400


# No name, volume or page is longer; what is, is another field's text.
_LONGEST_NAME = 200
_LONGEST_NUMBER = 60


def _said(name: Name) -> str:
    return f"{name.family} {name.given} {name.literal}"[:_LONGEST_NAME]


def _author_words(name: Name) -> list[str]:
    return [w for w in words_of(_said(name)) if len(w) > 1]


_UNNAMED = frozenset({"unknown", "anonymous", "anon", "no", "authors", "listed"})
# Nobiliary particles stand before, behind or not at all.
_PARTICLES = frozenset({"van", "de", "der", "den", "von", "la", "le", "du", "da", "dos", "del",
                        "di", "el", "al", "jr", "sr", "ter", "ten", "st", "et"})  # fmt: skip


def _first_author(authors: tuple[Name, ...]) -> tuple[str, ...]:
    for name in authors[:_AUTHORS_READ]:
        words = [w for w in _author_words(name) if w not in _PARTICLES]
        if words and not set(words) <= _UNNAMED:
            return tuple(words)
    return ()


def _authors(authors: tuple[Name, ...]) -> frozenset[str]:
    shown = " ".join(map(_said, authors[:_AUTHORS_READ]))
    # "Kajani S.O'Reilly M." has lost a sign between two names; a stop parts them all the same.
    words = words_of(shown.replace("'", "").replace("’", ""))
    return frozenset(w for w in words if len(w) > 1 and w not in _PARTICLES) - _UNNAMED


def _volume(text: str) -> str:
    """The volume's number: "35 Suppl 1" is 35; what is cut off, as "1)", is nothing."""
    if text.count("(") != text.count(")"):
        text = text.partition("(")[0] if "(" in text else ""
    found = _DIGITS.search(text)
    if found is None or folded(text[: found.start()]).strip(" .") not in _VOLUME_LEADS:
        return ""
    return found[0].lstrip("0")


_VOLUME_LEADS = frozenset({"", "vol", "volume", "v", "(", "bd", "jg", "t", "tome"})


def _issue(text: str) -> str:
    """The issue's number; one above 99 is a database's own, or counts from the first issue."""
    found = _DIGITS.search(text)
    number = found[0].lstrip("0") if found else ""
    return number if len(number) <= 2 else ""


_PAGE = re.compile(r"([a-z]{0,3})[. ]?0*(\d+)([a-z]?)")
_ELOCATOR = re.compile(r"(?:e|cd|art|no|id)[. ]?\d|[a-h]\d{4}|\d{6,}|\w+[./]\w+[./]")
# What spreadsheets make of "1-6".
_DATE = re.compile(r"\d{1,2}-(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)")


def _pages(text: str) -> tuple[str, str, bool]:
    """First and last page, and whether it is an article's number."""
    lower = folded(text).strip(" .")
    if not lower or not any(c.isdigit() for c in lower):
        return "", "", False
    if _DATE.match(lower):
        return lower, "", True
    first, _, rest = lower.partition("-")
    one = _PAGE.fullmatch(first.strip().removeprefix("pp").removeprefix("p").strip(" ."))
    if one is None:
        # "t-20" and "Suppl-29" are what spreadsheets and databases made of a range.
        garbled = not any(c.isdigit() for c in first)
        return ("", "", False) if garbled else (first.strip(), "", True)
    if one[2] == "0":
        return "", "", False
    start = one[1] + one[2] + one[3]
    two = _PAGE.match(rest.strip().lstrip("p"))
    last = _last_page(one[1], one[2], two) if two else ""
    return start, last, bool(_ELOCATOR.match(start)) and not last


def _last_page(lead: str, first: str, last: re.Match[str]) -> str:
    digits = last[2]
    if len(digits) < len(first):
        digits = first[: len(first) - len(digits)] + digits
    return (last[1] or lead) + digits


_ABSTRACT_LEAD = re.compile(
    r"^(?:abstract|background|objectives?|purpose|aims?|introduction|summary|and|importance|of|"
    r"context|study|review|the)+"
)
_COPYRIGHT = re.compile(r"^copyright .{0,80}? (?:\d{4}|reserved)\.? ")


def _abstract(text: str) -> str:
    """The beginning of an abstract in letters and digits; "" where there is hardly one."""
    if len(text) < 60:
        return ""
    start = _COPYRIGHT.sub("", folded(text[: 2 * _ABSTRACT_READ]))
    return _ABSTRACT_LEAD.sub("", "".join(_WORD.findall(start)))[:_ABSTRACT_READ]


_COCHRANE_NUMBER = re.compile(r"\b(cd|mr|ed)\s?(\d{6})", re.IGNORECASE)


def _cochrane(record: Record, journal: str, title: str) -> str:
    """A Cochrane review's number, or its title where only the journal says what it is."""
    for text in (record.doi, record.pages, record.volume, record.issue):
        found = _COCHRANE_NUMBER.search(text[:_LONGEST_NUMBER])
        if found and ("cochrane" in journal or "14651858" in record.doi):
            return (found[1] + found[2]).lower()
    return title if "cochranedatabase" in journal or "cochranelibrary" in journal else ""


_LONGEST_JOURNAL = 300
_CORRECTION_KINDS = frozenset({"erratum", "correction", "retraction"})


def fingerprint(record: Record) -> Fingerprint:
    """What of a record is compared.

    Examples
    --------
    >>> record = Record("a", title="Sciatica: A Review", pages="221-8", volume="35 Suppl 1",
    ...                 authors=(Name("de Vries", "A."),), year=2001)
    >>> mark = fingerprint(record)
    >>> mark.title.key, mark.first_author, mark.volume, mark.first_page, mark.last_page
    ('sciaticaareview', ('vries',), '35', '221', '228')
    """
    title = read_title(record.title)
    journal = folded(record.container[:_LONGEST_JOURNAL])
    squeezed = "".join(_WORD.findall(journal))
    volume, issue = record.volume[:_LONGEST_NUMBER], record.issue[:_LONGEST_NUMBER]
    first, last, number = _pages(record.pages[:_LONGEST_NUMBER])
    return Fingerprint(
        record.key,
        record.kind,
        title,
        _first_author(record.authors),
        _authors(record.authors),
        record.year,
        journal,
        _volume(volume),
        _issue(issue),
        "sup" in folded(volume + issue) or first.startswith("s"),
        first,
        last,
        number,
        normalise_doi(record.doi) or record.doi.lower(),
        record.pmid,
        record.registrations,
        _abstract(record.abstract),
        _cochrane(record, squeezed, title.key),
        bool(vocabulary().meetings.intersection(_WORD.findall(journal))),
        record.kind in _CORRECTION_KINDS,
    )
