"""From what a reader found to a record: each field from its best source, in one form."""

import re
from collections.abc import Mapping
from itertools import chain
from types import MappingProxyType

from osler.records.cleaning import abstract_of, is_missing, plain
from osler.records.formats.model import Draft
from osler.records.formats.sources import parse_source
from osler.records.formats.tables import kind_of_words, kinds, ris_codes
from osler.records.identifiers import (
    normalise_doi,
    normalise_isbn,
    normalise_issn,
    normalise_pages,
    normalise_pmid,
    normalise_year,
    registrations_in,
)
from osler.records.making import made
from osler.records.model import Name, Record, Source
from osler.records.names import NameOrder, names_in

_Pairs = list[tuple[int, str]]
_NONE: _Pairs = []
_DOI_SAID = re.compile(
    r"^\s*(?:doi|https?://(?:dx\.)?doi\.org|10\.\d{4,9}/)|\bdoi[:\s]|/doi/", re.IGNORECASE
)
_PMID_SAID = re.compile(
    r"(?:\bpmid[:\s]\s*(?:nlm)?|\beuropepmc\.org/\w{1,12}/med/|\bpubmed(?:\.ncbi\.nlm\.nih\.gov)?[/:\s]\s*|^medline[:/])0*(\d{1,8})\b",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(r"^\d{5,8}$")
_VOLUME_LEAD = re.compile(
    r"^(?:(?:vol(?:ume)?|no|nr|iss(?:ue)?|num(?:ber)?)\.?\s*)+(?=\d)", re.IGNORECASE
)
_AS_FLOAT = re.compile(r"^(\d+)(?:\.0)+$")
_ADDRESS = re.compile(r"(?:https?|ftp)://[^\s<>\"]+")
_NUMBER_LIKE = re.compile(r"^\S{1,10}$")


def normalised(draft: Draft, source: Source, key: str) -> Record:
    """A record with clean fields; the raw ones come along as they stood."""
    _fill_from_source_line(draft)
    values = draft.values
    title = _title(values, pubmed=source.format == "nbib")
    abstract = _abstract(values.get("abstract", _NONE))
    container = _first(values.get("container", _NONE))
    issn, isbn = _serial_numbers(values)
    kind = _kind(values)
    return made(
        Record,
        (
            *(key, kind, title, abstract),
            draft.names if draft.names is not None else _authors(values, draft.order),
            _year(values.get("year", _NONE)),
            "" if container == title and kind == "book" else container,
            _number(values.get("volume", _NONE)),
            _issue(values.get("issue", _NONE)),
            _pages(values),
            _doi(values),
            _pmid(values),
            _registrations(values, title, abstract),
            issn,
            isbn,
            _first(values.get("language", _NONE)),
            _first(values.get("publisher", _NONE)),
            _url(values.get("url", _NONE)),
            _keywords(values.get("keyword", _NONE)),
            tuple(draft.fields),
            (source,),
            _NO_ORIGINS,
        ),
    )


_NO_ORIGINS: Mapping[str, Source] = MappingProxyType({})


def _title(values: dict[str, _Pairs], *, pubmed: bool) -> str:
    """PubMed ends a title with a point of its own, and puts a translated one in brackets."""
    title = _first(values.get("title", _NONE))
    if not pubmed:
        return title
    title = title.removesuffix(".")
    translated = title.startswith("[") and title.endswith("]") and len(values["title"]) > 1
    return title[1:-1] if translated else title


def _ranked(pairs: _Pairs) -> _Pairs:
    if len(pairs) < 2:
        return pairs
    return sorted(pairs, key=_rank)


def _rank(pair: tuple[int, str]) -> int:
    return pair[0]


def _first(pairs: _Pairs) -> str:
    for _, text in pairs if len(pairs) < 2 else sorted(pairs, key=_rank):
        clean = plain(text)
        if not is_missing(clean):
            return clean
    return ""


def _abstract(pairs: _Pairs) -> str:
    """All parts of the best source: some exports give one field for each section."""
    best, parts = None, []
    for rank, text in _ranked(pairs):
        if best is not None and rank != best:
            break
        clean = abstract_of(text)
        if clean and clean not in parts:
            best = rank
            parts.append(clean)
    return " ".join(parts)


def _authors(values: dict[str, _Pairs], order: NameOrder) -> tuple[Name, ...]:
    found: list[Name] = []
    for _, text in values.get("author", _NONE):
        found += names_in(text, order)
    return tuple(found)


def _year(pairs: _Pairs) -> int | None:
    for _, text in _ranked(pairs):
        year = normalise_year(text)
        if year is not None:
            return year
    return None


def _number(pairs: _Pairs) -> str:
    text = _first(pairs)
    if not text or text.isdecimal():
        return text
    return _AS_FLOAT.sub(r"\1", _VOLUME_LEAD.sub("", text))


def _issue(pairs: _Pairs) -> str:
    """An issue's number; a field of many uses counts only where it holds one short word."""
    if not pairs:
        return ""
    first = [(rank, text) for rank, text in pairs if not rank or _NUMBER_LIKE.match(text.strip())]
    return _number(first)


def _pages(values: dict[str, _Pairs]) -> str:
    if whole := _first(values.get("pages", _NONE)):
        pages = normalise_pages(whole)
        if pages:
            return pages
    if "first_page" not in values and "last_page" not in values:
        return normalise_pages(_first(values.get("article_number", _NONE)))
    first, last = _first(values.get("first_page", _NONE)), _first(values.get("last_page", _NONE))
    if first.isdecimal() and last.isdecimal():
        return normalise_pages(f"{first}-{last}")
    if first and last and not _has_dash(first):
        pages = normalise_pages(last) if _has_dash(last) else normalise_pages(f"{first}-{last}")
    else:
        pages = normalise_pages(first or last)
    return pages or normalise_pages(_first(values.get("article_number", _NONE)))


def _has_dash(text: str) -> bool:
    return any(sign in text for sign in "-–—‐−")


def _doi(values: dict[str, _Pairs]) -> str:
    for _, text in _ranked(values.get("doi", _NONE)):
        if doi := normalise_doi(text):
            return doi
    for _, text in _ranked(values.get("doi_elsewhere", _NONE)):
        if "10." in text and _DOI_SAID.search(text[:2000]) and (doi := normalise_doi(text)):
            return doi
    return ""


def _pmid(values: dict[str, _Pairs]) -> str:
    for _, text in _ranked(values.get("pmid", _NONE)):
        if pmid := normalise_pmid(text):
            return pmid
    for _, text in _ranked(values.get("pmid_elsewhere", _NONE)):
        lower = text[:2000].lower()
        said = "pmid" in lower or "pubmed" in lower or "medline" in lower or "pmc.org" in lower
        if said and (match := _PMID_SAID.search(lower)):
            return match[1]
    for role, name in _CUSTOM_NUMBERS:
        if role in values and _comes_from(name, values):
            for _, text in values[role]:
                if _BARE_NUMBER.match(text.strip()):
                    return text.strip().lstrip("0")
    if "number_of_pubmed" in values and _is_medline(values.get("database", _NONE)):
        for _, text in _ranked(values["number_of_pubmed"]):
            if _BARE_NUMBER.match(text.strip()):
                return text.strip().lstrip("0")
    return ""


# Databases that put the PMID, without a word, into a custom field of RIS.
_CUSTOM_NUMBERS = (("number_in_scopus", "scopus"), ("number_in_embase", "embase"))


def _comes_from(name: str, values: dict[str, _Pairs]) -> bool:
    pairs = chain(values.get("database", _NONE), values.get("url", _NONE))
    return any(name in text.lower() for _, text in pairs)


def _is_medline(pairs: _Pairs) -> bool:
    said = (text.strip().lower() for _, text in pairs)
    return any("medline" in text or "pubmed" in text or text == "nlm" for text in said)


def _registrations(values: dict[str, _Pairs], title: str, abstract: str) -> tuple[str, ...]:
    found = registrations_in(title) + registrations_in(abstract)
    if "registration" in values:
        for _, text in reversed(_ranked(values["registration"])):
            found = registrations_in(text) + found
    for _, text in values.get("registration_elsewhere", _NONE):
        if "CT" in text or "TR" in text:
            found += registrations_in(text)
    return tuple(dict.fromkeys(found)) if found else ()


def _serial_numbers(values: dict[str, _Pairs]) -> tuple[str, str]:
    issn = isbn = ""
    for _, text in _ranked(values.get("isbn", _NONE)):
        isbn = isbn or normalise_isbn(text)
    for _, text in _ranked(values.get("issn", _NONE)):
        if not issn and not normalise_isbn(text):
            issn = normalise_issn(text)
    return issn, isbn


def _url(pairs: _Pairs) -> str:
    """The first address; else what stands in its place, but no path of an attached file."""
    ranked = _ranked(pairs)
    for _, text in ranked:
        if match := _ADDRESS.search(plain(text)):
            return match[0].rstrip(".,;")
    return _first([pair for pair in ranked if not pair[0]])


_KEYWORD_SIGNS = " *.,;"


def _keywords(pairs: _Pairs) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for _, text in pairs:
        if ";" in text or "\n" in text or "|" in text:
            for part in re.split(r";|\n|\|", plain_lines(text)):
                found[plain(part).strip(_KEYWORD_SIGNS)] = None
        else:
            found[plain(text).strip(_KEYWORD_SIGNS)] = None
    return tuple([word for word in found if not is_missing(word)])


def plain_lines(text: str) -> str:
    """Clean text that keeps its line ends."""
    return "\n".join(plain(line) for line in text.split("\n"))


def _kind(values: dict[str, _Pairs]) -> str:
    for _, text in values.get("work", _NONE):
        if text.strip() in kinds():
            return text.strip()
    found = ""
    for _, text in _ranked(values.get("kind", _NONE)):
        kind = ris_codes().get(text.strip().upper()) or kind_of_words(text)
        if kind and kind != "article-journal":
            return kind
        found = found or kind
    return found or "article-journal"


def _fill_from_source_line(draft: Draft) -> None:
    """Journal, volume, ... from a source line, where no field of their own has them."""
    for _, text in draft.values.get("source", _NONE):
        parts = parse_source(text)
        if parts and (held := draft.values.get("container")):
            draft.values["container"] = [pair for pair in held if pair[1] != text]
        for role, part in parts.items():
            draft.add(role, part, rank=90)
        if not parts:
            draft.add("container", text, rank=99)
