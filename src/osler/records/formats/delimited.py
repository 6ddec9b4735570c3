"""Tables of records: CSV, TSV and their kin from lines of text, and rows of workbooks."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from osler.core.diagnostics import Severity
from osler.records.formats.columns import Columns, columns_of
from osler.records.formats.findings import Findings
from osler.records.formats.model import Draft
from osler.records.making import raw_field
from osler.records.model import RawField
from osler.records.names import NameOrder, parse_name, split_joined_names, split_names

_DELIMITERS = ",;\t|"
_LONGEST_CELL = 1 << 30
_HEADER_WITHIN = 30  # rows: some exports tell the search first
_FEWEST_KNOWN = 2
_GIVEN_FIRST = frozenset({"IEEE Xplore", "OpenAlex", "Springer Link", "Lens"})
_FAMILY_FIRST = frozenset({"PubMed", "Embase", "Scopus", "Zotero"})
_BY_COMMA = frozenset({"abstrackr", "Embase"})  # separate keywords by commas
_COMMA = re.compile(r",(?![^()]{0,200}\))")  # outside of round brackets

Row = tuple[int, list[str]]


def delimiter_of(head: Sequence[str]) -> str:
    """The sign that divides the cells: the one whose header has most columns that are known.

    Examples
    --------
    >>> delimiter_of(["Title;Year;DOI", "Cold, hot and dry;2001;"])
    ';'
    """
    best, most = ",", 0
    for sign in _DELIMITERS:
        known = max((_known(row) for _, row in _rows(head, sign)), default=0)
        if known > most:
            best, most = sign, known
    return best


def _known(row: Sequence[str]) -> int:
    """Of a row as a header; 0 where none of its columns could name a record."""
    columns = columns_of(row)
    roles = {role for roles in columns.roles for role, _ in roles}
    return columns.known if roles & {"title", "doi", "pmid", "source", "registration"} else 0


def known_columns(head: Sequence[str]) -> int:
    """How many known columns the likeliest header among the first lines has."""
    sign = delimiter_of(head)
    return max((_known(row) for _, row in _rows(head, sign)), default=0)


def _rows(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    """Rows with the line at which each begins."""
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter)
    start = 1
    while True:
        # The limit is one for the whole program, so it is lent for a row at a time.
        before = csv.field_size_limit(_LONGEST_CELL)
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            start = reader.line_num + 1
            continue
        finally:
            csv.field_size_limit(before)
        yield start, row
        start = reader.line_num + 1


def read_delimited(lines: Iterable[str], findings: Findings) -> Iterator[tuple[Draft, Columns]]:
    """The records of a table in text, as their rows end."""
    head: list[str] = []
    rest = iter(lines)
    for line in rest:
        head.append(line)
        if len(head) >= 4 * _HEADER_WITHIN:
            break
    delimiter = delimiter_of(head)
    yield from read_rows(_rows(chain(head, rest), delimiter), findings)


def read_rows(rows: Iterable[Row], findings: Findings) -> Iterator[tuple[Draft, Columns]]:
    """The records below the row that has the columns' names."""
    begun = iter(rows)
    early: list[Row] = []
    for first in begun:
        early.append(first)
        if len(early) >= _HEADER_WITHIN:
            break
    at = max(range(len(early)), key=lambda i: (_known(early[i][1]), -i), default=0)
    if not early or _known(early[at][1]) < _FEWEST_KNOWN:
        _no_header(early, findings)
        return
    for line, row in early[:at]:
        if any(cell.strip() for cell in row):
            findings.unread(line, " ".join(cell for cell in row if cell.strip()))
    columns = columns_of(early[at][1])
    uneven: list[int] = []
    unclosed: list[int] = []
    for line, row in chain(early[at + 1 :], begun):
        if not any(map(str.strip, row)):
            continue
        if row[0].strip() == columns.headers[0] and tuple(map(str.strip, row)) == columns.headers:
            findings.repaired(line, "the columns' names come again; no record is read from them")
            continue
        if len(row) != len(columns.headers) and any(row[len(columns.headers) :]):
            uneven.append(line)
        if len(row) < len(columns.headers) and _swallowed(row):
            unclosed.append(line)
        draft = _draft(line, row, columns)
        if draft.values:
            yield draft, columns
        else:
            findings.unread(line, " ".join(cell for cell in row if cell.strip()))
    if uneven:
        _tell_uneven(uneven, findings)
    if unclosed:
        _tell_unclosed(unclosed, findings)


_MANY_LINES = 20


def _swallowed(row: Sequence[str]) -> bool:
    """Whether a cell holds so many lines that it must hold other rows too."""
    return any(cell.count("\n") > _MANY_LINES for cell in row)


def _tell_unclosed(lines: Sequence[int], findings: Findings) -> None:
    findings.trouble(
        "REC016",
        "a quotation mark seems not to be closed",
        line=lines[0],
        found=f"the row that begins at line {lines[0]} has too few cells, and one of many lines",
        so="records below it may have been read as part of that cell",
        help="close the quotation mark in that row, or double it, and import again",
        severity=Severity.WARNING,
    )


def _no_header(early: Sequence[Row], findings: Findings) -> None:
    first = " ".join(early[0][1])[:120] if early else ""
    findings.trouble(
        "REC010",
        "no row has the names of columns that Osler knows",
        found=f"the first row is: {first}" if first.strip() else "the table is empty",
        so="nothing is read from this table",
        help='give the columns names such as "title", "authors", "year", "doi", "abstract"',
    )


def _tell_uneven(lines: Sequence[int], findings: Findings) -> None:
    shown = ", ".join(map(str, lines[:8])) + (", ..." if len(lines) > 8 else "")
    findings.trouble(
        "REC012",
        f"{len(lines)} row(s) have more cells than there are columns",
        line=lines[0],
        found=f"rows that begin at line {shown}",
        so='what stands beyond the last column is kept as field "+1", "+2", ...',
        help="look whether a quotation mark or the separating sign stands unprotected in a cell",
        severity=Severity.WARNING,
    )


def _draft(line: int, row: Sequence[str], columns: Columns) -> Draft:
    draft = Draft(line, order=_order(columns.tool))
    fields, values = draft.fields, draft.values
    count = len(columns.headers)
    for header, roles, cell in zip(columns.headers, columns.roles, row, strict=False):
        if not cell or cell.isspace():
            continue
        fields.append(raw_field((header, cell, line)))
        value = _unwrapped(cell) if cell.startswith('="') else cell
        for role, rank in roles:
            text = _keywords(value, columns) if role == "keyword" else value
            values[role].append((rank, text))
    for place, cell in enumerate(row[count:], 1):
        if cell.strip():
            fields.append(RawField(f"+{place}", cell, line))
    _settle(draft, columns)
    return draft


def _order(tool: str) -> NameOrder:
    if tool in _GIVEN_FIRST:
        return NameOrder.GIVEN_FIRST
    return NameOrder.FAMILY_FIRST if tool in _FAMILY_FIRST else NameOrder.UNKNOWN


def _unwrapped(cell: str) -> str:
    """A cell that was kept from being taken for a number: ="04123456"."""
    return cell[2:-1] if cell.endswith('"') and len(cell) > 3 else cell


def _keywords(cell: str, columns: Columns) -> str:
    """Keywords divided by commas, with semicolons in their place."""
    if columns.tool in _BY_COMMA and not any(sign in cell for sign in ";|\n"):
        return _COMMA.sub(";", cell)
    return cell


def _settle(draft: Draft, columns: Columns) -> None:
    """The best column of names only; a container that is a source line is taken apart."""
    authors = draft.values.get("author")
    if authors:
        best = min(authors)[1]
        split = split_joined_names if _is_joined(best, columns.tool) else split_names
        names = (parse_name(part, draft.order) for part in split(best))
        draft.names = tuple(name for name in names if name is not None)
    if columns.tool == "PubMed":
        draft.values.pop("note", None)
    if columns.tool == "CENTRAL":
        draft.values.pop("source", None)


def _is_joined(cell: str, tool: str) -> bool:
    return tool == "Springer Link" and not any(sign in cell for sign in ";|,")


def workbook_rows(sheet: Iterable[Sequence[Any]]) -> Iterator[Row]:
    """Rows of a workbook's sheet as texts: whole numbers without their point."""
    for number, row in enumerate(sheet, 1):
        yield number, [_cell_text(cell) for cell in row]


def _cell_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)
