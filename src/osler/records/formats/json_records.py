"""CSL-JSON, and the JSON of ClinicalTrials.gov (version 2) and EPPI-Reviewer."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from osler.records.formats.findings import Findings
from osler.records.formats.model import Draft, Format
from osler.records.model import Name, RawField
from osler.records.names import parse_body, parse_name, split_names

Item = Mapping[str, Any]


def read_json(lines: Iterable[str], format: Format, findings: Findings) -> Iterator[Draft]:
    """The records of a JSON file; it is held whole, since JSON has no place to stop at."""
    text = "\n".join(lines)
    items = _items(text, findings)
    reader = {Format.CLINICALTRIALS_JSON: _trial, Format.EPPI_JSON: _eppi}.get(format, _csl)
    for number, item in enumerate(items, 1):
        if isinstance(item, dict) and (reader is not _csl or not _CSL_NAMES.isdisjoint(item)):
            yield reader(item, number)
        else:
            findings.unread(number, f"item {number} is no record: {str(item)[:60]}")


def _items(text: str, findings: Findings) -> list[Any]:
    try:
        return items_of(json.loads(text.lstrip("\ufeff")))
    except (ValueError, RecursionError) as error:
        whole = _by_lines(text)
        if whole is not None:
            return whole
        findings.lost += 1
        findings.trouble(
            "REC008",
            "the JSON cannot be read",
            line=getattr(error, "lineno", 1),
            found=str(error)[:200] or type(error).__name__,
            so="nothing is read from this file",
            help="export it again: it may have been cut off, or changed by hand",
        )
        return []


def _by_lines(text: str) -> list[Any] | None:
    """One object a line (JSON Lines); None where the text is not that."""
    rows = [line for line in text.split("\n") if line.strip()]
    if len(rows) < 2:
        return None
    try:
        return [item for row in rows for item in items_of(json.loads(row))]
    except (ValueError, RecursionError):
        return None


def items_of(whole: Any) -> list[Any]:
    """The list of records in a JSON value, under whichever name it stands.

    Examples
    --------
    >>> items_of({"items": [{"title": "A"}]}), items_of({"title": "A"})
    ([{'title': 'A'}], [{'title': 'A'}])
    """
    if isinstance(whole, list):
        return whole
    if isinstance(whole, dict):
        for name in ("studies", "References", "references", "items", "records", "results", "data"):
            if isinstance(whole.get(name), list):
                return list(whole[name])
        return [whole]
    return []


def _leaves(item: Item, line: int) -> Iterator[RawField]:
    """Every text and number, by its path; made without recursion."""
    stack: list[tuple[str, Any]] = [
        (str(key), value) for key, value in reversed(list(item.items()))
    ]
    while stack:
        path, value = stack.pop()
        if isinstance(value, dict):
            stack.extend((f"{path}.{key}", inner) for key, inner in reversed(list(value.items())))
        elif isinstance(value, list):
            stack.extend((path, inner) for inner in reversed(value))
        elif value is not None and value != "":
            yield RawField(path, _text(value), line)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _put(draft: Draft, role: str, item: Item, *names: str) -> None:
    for rank, name in enumerate(names):
        value = item.get(name)
        for one in value if isinstance(value, list) else [value]:
            if one is not None and not isinstance(one, dict) and _text(one):
                draft.add(role, _text(one), rank)


_CSL = {
    "kind": ("type",), "work": ("type",), "title": ("title",), "abstract": ("abstract",),
    "container": ("container-title", "collection-title"), "volume": ("volume",),
    "issue": ("issue", "number"), "pages": ("page",), "doi": ("DOI", "doi"),
    "doi_elsewhere": ("URL", "note"), "pmid": ("PMID", "pmid"), "pmid_elsewhere": ("note", "URL"),
    "issn": ("ISSN",), "isbn": ("ISBN",), "language": ("language",), "publisher": ("publisher",),
    "url": ("URL", "url"), "keyword": ("keyword", "keywords"), "registration": ("note",),
    "database": ("source",), "note": ("note",),
}  # fmt: skip


_CSL_NAMES = frozenset({"title", "DOI", "author", "type", "abstract", "issued", "PMID", "doi"})


def _csl(item: Item, line: int) -> Draft:
    draft = Draft(line, fields=list(_leaves(item, line)))
    for role, names in _CSL.items():
        _put(draft, role, item, *names)
    words = draft.values.get("keyword", [])
    if len(words) == 1 and isinstance(item.get("keyword"), str) and ";" not in words[0][1]:
        draft.values["keyword"] = [(0, words[0][1].replace(",", ";"))]
    custom = item.get("custom")
    if isinstance(custom, dict):
        _put(draft, "registration", custom, "registrations")
    for rank, name in enumerate(("issued", "published-print", "event-date", "year")):
        if year := _csl_year(item.get(name)):
            draft.add("year", year, rank)
    authors = item.get("author", item.get("authors"))
    if isinstance(authors, str):
        authors = list(split_names(authors))
    names_found = (_csl_name(name) for name in authors or [] if isinstance(authors, list))
    draft.names = tuple(name for name in names_found if name is not None)
    return draft


def _csl_year(date: Any) -> str:
    """From date-parts, or from a date as it was typed."""
    if isinstance(date, dict):
        parts = date.get("date-parts")
        while isinstance(parts, list) and parts:
            parts = parts[0]
        if parts not in (None, []):
            return _text(parts)
        return _text(date.get("raw") or date.get("literal") or "")
    return "" if date is None else _text(date)


def _csl_name(name: Any) -> Name | None:
    if isinstance(name, str):
        return parse_name(name)
    if not isinstance(name, dict):
        return None
    family = " ".join(
        _text(name[part]) for part in ("non-dropping-particle", "family") if name.get(part)
    )
    given = " ".join(_text(name[part]) for part in ("given", "dropping-particle") if name.get(part))
    if name.get("suffix"):
        given = f"{given}, {_text(name['suffix'])}" if given else _text(name["suffix"])
    if family and given:
        return parse_name(f"{family.replace(',', ' ')}, {given.replace(',,', ',')}")
    whole = _text(name.get("literal") or name.get("name") or family or given or "")
    return parse_body(whole) if whole else None


def _module(item: Item, *path: str) -> Any:
    value: Any = item
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _trial(item: Item, line: int) -> Draft:
    """A study of ClinicalTrials.gov: its registration is what others cite."""
    draft = Draft(line, fields=list(_leaves(item, line)))
    protocol = _module(item, "protocolSection")
    protocol = protocol if isinstance(protocol, dict) else item
    identity = _module(protocol, "identificationModule") or {}
    status = _module(protocol, "statusModule") or {}
    described = _module(protocol, "descriptionModule") or {}
    draft.add("kind", "entry")
    if isinstance(identity, dict):
        _put(draft, "title", identity, "officialTitle", "briefTitle")
        _put(draft, "registration", identity, "nctId", "nctIdAliases")
        for other in identity.get("secondaryIdInfos") or []:
            _put(draft, "registration", other if isinstance(other, dict) else {}, "id")
        if identity.get("nctId"):
            draft.add("url", f"https://clinicaltrials.gov/study/{_text(identity['nctId'])}")
    if isinstance(described, dict):
        _put(draft, "abstract", described, "briefSummary", "detailedDescription")
    for rank, name in enumerate(("studyFirstPostDateStruct", "startDateStruct")):
        if date := _module(status, name, "date"):
            draft.add("year", _text(date), rank)
    if sponsor := _module(protocol, "sponsorCollaboratorsModule", "leadSponsor", "name"):
        draft.add("publisher", _text(sponsor))
    conditions = _module(protocol, "conditionsModule")
    _put(
        draft,
        "keyword",
        conditions if isinstance(conditions, dict) else {},
        "conditions",
        "keywords",
    )
    officials = _module(protocol, "contactsLocationsModule", "overallOfficials")
    names = [_text(o["name"]) for o in officials or [] if isinstance(o, dict) and o.get("name")]
    found = (parse_name(re.split(r",", name)[0]) for name in names)
    draft.names = tuple(name for name in found if name is not None)
    draft.add("database", "ClinicalTrials.gov")
    return draft


_EPPI = {
    "title": ("Title",), "abstract": ("Abstract",), "container": ("ParentTitle", "Journal"),
    "year": ("Year",), "volume": ("Volume",), "issue": ("Issue",), "pages": ("Pages",),
    "doi": ("DOI",), "doi_elsewhere": ("URL",), "issn": ("StandardNumber",),
    "isbn": ("StandardNumber",), "publisher": ("Publisher",), "url": ("URL",),
    "keyword": ("Keywords",), "kind": ("TypeName",), "author": ("Authors",),
    "pmid_elsewhere": ("OldItemId", "URL", "Comments"), "note": ("Comments",),
    "vote": ("ItemStatus", "ItemStatusTooltip"),
}  # fmt: skip


def _eppi(item: Item, line: int) -> Draft:
    draft = Draft(line, fields=list(_leaves(item, line)))
    for role, names in _EPPI.items():
        _put(draft, role, item, *names)
    return draft
