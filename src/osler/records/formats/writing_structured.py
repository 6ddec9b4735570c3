"""Records as BibTeX and as CSL-JSON, so that reading gives the same fields again."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from osler.records.formats.latex import to_latex
from osler.records.model import Name, Record

_ENTRIES = {
    "article-journal": "article", "article-magazine": "article", "article-newspaper": "article",
    "article": "misc", "book": "book", "chapter": "incollection",
    "paper-conference": "inproceedings",
    "report": "techreport", "thesis": "phdthesis", "manuscript": "unpublished",
    "webpage": "online", "dataset": "dataset", "software": "software", "patent": "patent",
}  # fmt: skip
_NOT_IN_A_KEY = re.compile(r"[^A-Za-z0-9:_.+/-]+")


def render_bibtex(records: Iterable[Record]) -> str:
    r"""BibTeX in UTF-8, with BibLaTeX's names only where BibTeX has none.

    Examples
    --------
    >>> print(render_bibtex([Record("tu-2001", title="A & B", year=2001)]))
    @article{tu-2001,
      title = {A \& B},
      year = {2001},
      entrysubtype = {article-journal}
    }
    <BLANKLINE>
    """
    return "\n".join(_entry(record, i) for i, record in enumerate(records, 1))


def _entry(record: Record, i: int) -> str:
    key = _NOT_IN_A_KEY.sub("-", record.key).strip("-") or f"record{i}"
    rows = [f"  {name} = {{{value}}}" for name, value in _fields(record) if value]
    head = f"@{_ENTRIES.get(record.kind, 'misc')}{{{key},\n"
    return head + ",\n".join(rows) + "\n}\n"


def _fields(record: Record) -> Iterator[tuple[str, str]]:
    journal = record.kind.startswith("article")
    yield "title", to_latex(record.title)
    yield "author", " and ".join(_bibtex_name(name) for name in record.authors)
    yield "journal" if journal else "booktitle", to_latex(record.container)
    yield "year", "" if record.year is None else str(record.year)
    yield "volume", to_latex(record.volume)
    yield "number", to_latex(record.issue)
    yield "pages", to_latex(record.pages).replace("-", "--")
    yield "doi", record.doi
    yield "pmid", record.pmid
    yield "issn", record.issn
    yield "isbn", record.isbn
    yield "language", to_latex(record.language)
    yield "publisher", to_latex(record.publisher)
    yield "url", record.url
    yield "keywords", "".join(f"{to_latex(word)}; " for word in record.keywords).strip()
    yield "registration", ", ".join(record.registrations)
    yield "entrysubtype", record.kind
    yield "abstract", to_latex(record.abstract)


def _bibtex_name(name: Name) -> str:
    """A body in braces; what a name's signs would be taken for is in braces too."""
    if name.literal:
        return f"{{{to_latex(name.literal)}}}"
    return f"{_protected(name.family)}, {_protected(name.given)}"


def _protected(part: str) -> str:
    latex = to_latex(part)
    return f"{{{latex}}}" if "," in part or " and " in f" {part} ".lower() else latex


def render_csl_json(records: Iterable[Record]) -> str:
    """CSL-JSON, one item a record, in UTF-8.

    Examples
    --------
    >>> json.loads(render_csl_json([Record("a", title="A trial", year=2001)]))[0]["issued"]
    {'date-parts': [[2001]]}
    """
    items = [_item(record, i) for i, record in enumerate(records, 1)]
    return json.dumps(items, ensure_ascii=False, indent=1) + "\n"


def _item(record: Record, i: int) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": record.key or f"record{i}",
        "type": record.kind,
        "title": record.title,
        "author": [_csl_name(name) for name in record.authors],
        "issued": {"date-parts": [[record.year]]} if record.year is not None else None,
        "container-title": record.container,
        "volume": record.volume,
        "issue": record.issue,
        "page": record.pages,
        "DOI": record.doi,
        "PMID": record.pmid,
        "ISSN": record.issn,
        "ISBN": record.isbn,
        "language": record.language,
        "publisher": record.publisher,
        "URL": record.url,
        "keyword": "".join(f"{word}; " for word in record.keywords).strip(),
        "custom": {"registrations": list(record.registrations)} if record.registrations else None,
        "abstract": record.abstract,
    }
    return {name: value for name, value in item.items() if value}


def _csl_name(name: Name) -> dict[str, str]:
    if name.literal:
        return {"literal": name.literal}
    return {part: text for part, text in (("family", name.family), ("given", name.given)) if text}
