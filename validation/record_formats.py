"""Figures of import for every file in a folder, and fields against expected items beside them.

Run: ``python -m validation.record_formats FOLDER [--misses]``. For ``NAME`` with a
``NAME.expected.json`` (Zotero's test cases) each field of each item is compared.
"""

import argparse
import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from osler.records.cleaning import plain
from osler.records.formats.model import Import
from osler.records.formats.reading import parse_records
from osler.records.identifiers import (
    normalise_doi,
    normalise_isbn,
    normalise_issn,
    normalise_pages,
    normalise_year,
)
from osler.records.model import Record

# Counted in the bytes and not by the reader: where a record begins, by format.
_BEGINS = {
    "ris": rb"(?:^|[\r\n])[ \t]*(?:\xef\xbb\xbf)?TY[ \t]*-",
    "nbib": rb"(?:^|[\r\n])PMID ?-",
    "wos": rb"(?:^|[\r\n])PT [A-Z][\r\n]",
    "refworks": rb"(?:^|[\r\n])RT ",
    "refer": rb"(?:^|[\r\n])%T",
    "ovid": rb"(?:^|[\r\n])<\d+>",
    "bibtex": rb"(?:^|[\r\n])[ \t]*@(?!(?i:string|comment|preamble))[A-Za-z]+[ \t]*[{(]",
    "pubmed-xml": rb"<Pubmed(?:Book)?Article[ >]",
    "endnote-xml": rb"<record[ >]",
}
_CONTAINERS = (
    *("publicationTitle", "bookTitle", "proceedingsTitle", "encyclopediaTitle", "dictionaryTitle"),
    *("blogTitle", "websiteTitle", "series", "journalAbbreviation", "code", "reporter"),
    *("conferenceName", "seriesTitle", "programTitle"),
)
_PUBLISHERS = (
    *("publisher", "institution", "university", "company", "distributor", "label", "studio"),
    *("assignee", "repository", "issuingAuthority"),
)


def main() -> int:
    """Print the table, and below it each field with how many of the expected were read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--misses", action="store_true", help="print each field that differs")
    options = parser.parse_args()
    total: Counter[str] = Counter()
    _tell("| file | format | begun | kept | titles | authors | years | unread | repairs | fields |")
    _tell("|---|---|---|---|---|---|---|---|---|---|")
    for path in _exports(options.folder):
        content = path.read_bytes()
        read = parse_records(content, path.name)
        expected = path.with_name(path.name + ".expected.json")
        matched = _compared(read, expected, path.name, show=options.misses)
        total.update(matched)
        _tell(_row(path.name, content, read, matched))
    for name in sorted({key.split(":")[0] for key in total}):
        said, same = total[f"{name}:said"], total[f"{name}:same"]
        _tell(f"{name}: {same} of {said}")
    return 0


def _tell(text: str, to: TextIO = sys.stdout) -> None:
    to.write(text + "\n")


def _exports(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if not path.name.endswith((".expected.json", "MANIFEST.tsv")):
            yield path


def _row(name: str, content: bytes, read: Import, matched: Mapping[str, int]) -> str:
    report = read.report
    begun = _begun(content, report.format.value)
    said = sum(n for key, n in matched.items() if key.endswith(":said"))
    same = sum(n for key, n in matched.items() if key.endswith(":same"))
    cells = [
        *(name, report.format.value, begun, report.kept, report.filled.get("title", 0)),
        *(report.filled.get("authors", 0), report.filled.get("year", 0)),
        *(len(report.not_understood), len(report.repairs), f"{same}/{said}" if said else ""),
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


def _begun(content: bytes, format: str) -> str:
    form = _BEGINS.get(format)
    return str(len(re.findall(form, content))) if form else ""


def _compared(read: Import, expected: Path, name: str, *, show: bool) -> Counter[str]:
    if not expected.exists():
        return Counter()
    items = json.loads(expected.read_text("utf-8"))
    counts: Counter[str] = Counter()
    counts["items:said"] += len(items)
    counts["items:same"] += min(len(items), len(read.records))
    if len(items) != len(read.records):
        _tell(f"{name}: {len(items)} items, {len(read.records)} records", to=sys.stderr)
    for i, (item, record) in enumerate(zip(items, read.records, strict=False), 1):
        for field, (theirs, ours) in _pairs(item, record).items():
            if not theirs:
                continue
            either = isinstance(theirs, list) and isinstance(ours, str)
            same = ours in theirs if either else theirs == ours
            counts[f"{field}:said"] += 1
            counts[f"{field}:same"] += same
            if show and not same:
                _tell(f"{name} #{i} {field}: {theirs!r}, read {ours!r}", to=sys.stderr)
    return counts


def _plain(text: Any) -> str:
    return unicodedata.normalize("NFC", plain(str(text or ""))).strip(" .").casefold()


def _pairs(item: Mapping[str, Any], record: Record) -> dict[str, tuple[Any, Any]]:
    date = str(item.get("date") or item.get("issueDate") or item.get("dateDecided") or "")
    title = (
        item.get("title") or item.get("caseName") or item.get("nameOfAct") or item.get("subject")
    )
    extra = str(item.get("extra") or "")
    doi = item.get("DOI") or next(iter(re.findall(r"DOI: (\S+)", extra)), "")
    pmid = item.get("PMID") or next(iter(re.findall(r"PMID: (\d+)", extra)), "")
    return {
        "title": (_plain(title), _plain(record.title)),
        "authors": (_creators(item), [_plain(name.shown) for name in record.authors]),
        "year": (normalise_year(date), record.year),
        "container": (
            [_plain(item[key]) for key in _CONTAINERS if item.get(key)],
            _plain(record.container),
        ),
        "volume": (_plain(item.get("volume")), _plain(record.volume)),
        "issue": (_plain(item.get("issue")), _plain(record.issue)),
        "pages": (normalise_pages(str(item.get("pages") or "")), record.pages),
        "doi": (normalise_doi(str(doi)), record.doi),
        "pmid": (str(pmid), record.pmid),
        "issn": (normalise_issn(str(item.get("ISSN") or "")), record.issn),
        "isbn": (normalise_isbn(str(item.get("ISBN") or "")), record.isbn),
        "abstract": (_plain(item.get("abstractNote")), _plain(record.abstract)),
        "publisher": (
            [_plain(item[key]) for key in _PUBLISHERS if item.get(key)],
            _plain(record.publisher),
        ),
        "url": (_plain(item.get("url")), _plain(record.url)),
        "language": (_plain(item.get("language")), _plain(record.language)),
        "keywords": (
            sorted({_plain(t["tag"] if isinstance(t, dict) else t) for t in item.get("tags", ())}),
            sorted({_plain(k) for k in record.keywords}),
        ),
    }


_AUTHORS = ("author", "inventor", "artist", "programmer", "director", "presenter", "podcaster",
            "cartographer", "performer", "composer", "interviewee", "sponsor",
            "contributor")  # fmt: skip


def _creators(item: Mapping[str, Any]) -> list[str]:
    creators = [c for c in item["creators"] if c.get("creatorType", "author") in _AUTHORS]
    parts = ((c.get("lastName", c.get("name", "")), c.get("firstName", "")) for c in creators)
    return [_plain(", ".join(p for p in pair if p)) for pair in parts]


if __name__ == "__main__":
    raise SystemExit(main())
