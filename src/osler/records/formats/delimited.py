"""Tables of records: CSV, TSV and their kin from lines of text, and rows of workbooks."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
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


def _rows(lines: Iterable[str], delimiter: str, first: int = 1) -> Iterator[Row]:
    """Rows with the line at which each begins; ``first`` is the number of the first line."""
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter)
    start = first
    while True:
        # The limit is one for the whole program, so it is lent for a row at a time.
        before = csv.field_size_limit(_LONGEST_CELL)
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            start = reader.line_num + first
            continue
        finally:
            csv.field_size_limit(before)
        yield start, row
        start = reader.line_num + first


@dataclass(frozen=True, slots=True)
class Table:
    """How a table in text is divided, and what its columns are."""

    delimiter: str
    columns: Columns


_HEAD_LINES = 4 * _HEADER_WITHIN


def read_delimited(
    lines: Iterable[str], findings: Findings, table: Table | None = None, first: int = 1
) -> Iterator[tuple[Draft, Columns]]:
    """The records of a table in text, as their rows end.

    ``table`` is given where the lines begin further down, with a row that is no header;
    ``first`` is the number of the first line.
    """
    rest = iter(lines)
    if table is not None:
        yield from _read_below(_rows(rest, table.delimiter, first), table.columns, findings)
        return
    head = list(islice(rest, _HEAD_LINES))
    yield from read_rows(_rows(chain(head, rest), delimiter_of(head)), findings)


def table_of(head: Sequence[str]) -> Table | None:
    """The table that begins with these lines; None where they are too few to tell."""
    delimiter = delimiter_of(head[:_HEAD_LINES])
    early = list(islice(_rows(head, delimiter), _HEADER_WITHIN + 1))
    at = _header_among(early[:_HEADER_WITHIN])
    if len(head) < _HEAD_LINES or len(early) <= _HEADER_WITHIN or at is None:
        return None
    return Table(delimiter, columns_of(early[at][1]))


def ends_with_a_row(lines: Sequence[str], delimiter: str) -> bool:
    """Whether a row ends where some lines end; they begin where one begins."""
    *_, (_, last) = _rows([*lines, _END], delimiter)
    return last == [_END]


_END = "\x1c"  # a row of its own, where none goes on


def read_rows(rows: Iterable[Row], findings: Findings) -> Iterator[tuple[Draft, Columns]]:
    """The records below the row that has the columns' names."""
    begun = iter(rows)
    early = list(islice(begun, _HEADER_WITHIN))
    at = _header_among(early)
    if at is None:
        _no_header(early, findings)
        return
    for line, row in early[:at]:
        if any(cell.strip() for cell in row):
            findings.unread(line, " ".join(cell for cell in row if cell.strip()))
    yield from _read_below(chain(early[at + 1 :], begun), columns_of(early[at][1]), findings)


def _header_among(early: Sequence[Row]) -> int | None:
    """The place of the row that has most known columns; None where none has enough."""
    at = max(range(len(early)), key=lambda i: (_known(early[i][1]), -i), default=0)
    return at if early and _known(early[at][1]) >= _FEWEST_KNOWN else None


def _read_below(
    rows: Iterable[Row], columns: Columns, findings: Findings
) -> Iterator[tuple[Draft, Columns]]:
    width = len(columns.headers)
    for line, row in rows:
        if not any(map(str.strip, row)):
            continue
        if row[0].strip() == columns.headers[0] and tuple(map(str.strip, row)) == columns.headers:
            findings.repaired(line, "the columns' names come again; no record is read from them")
            continue
        if len(row) > width and any(row[width:]):
            findings.uneven.append(line)
        if len(row) < width and _swallowed(row):
            findings.unclosed.append(line)
        draft = _draft(line, row, columns)
        if draft.values:
            yield draft, columns
        else:
            findings.unread(line, " ".join(cell for cell in row if cell.strip()))


def tell_of_rows(findings: Findings) -> None:
    """What is to be said of rows once a table has been read."""
    if findings.uneven:
        _tell_uneven(findings.uneven, findings)
        findings.uneven.clear()
    if findings.unclosed:
        _tell_unclosed(findings.unclosed, findings)
        findings.unclosed.clear()


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
