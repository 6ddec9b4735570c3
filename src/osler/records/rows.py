r"""The tables of ``records/``: CSV that people may edit, read by name and written without loss.

Unlike a review's own tables these only grow, hold whatever a reviewer typed, and must come
back from a database as they went in: nothing is trimmed, and every character survives.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.splitting import split_records

_SEPARATORS = (",", ";", "\t")
_SHOWN = 120


@dataclass(frozen=True, slots=True)
class TableRow:
    """Cells by column; a column that the file lacks is an empty cell."""

    line: int
    cells: Mapping[str, str]

    def place(self, file: str, field: str = "") -> Place:
        """Where the row stands."""
        return Place(file, self.line, field=field, source=self.shown)

    @property
    def shown(self) -> str:
        """The row as one line, for a message."""
        return ",".join(self.cells.values()).replace("\n", " ").replace("\r", " ")[:_SHOWN]


def parse_rows(
    text: str, file: str, columns: Sequence[str], required: Sequence[str]
) -> tuple[tuple[TableRow, ...], tuple[Diagnostic, ...]]:
    r"""Rows of a table with known columns; those that lack a required cell are told (REC072).

    Examples
    --------
    >>> rows, found = parse_rows("record,who\na-1,A\n,B\n", "t.csv", ("record", "who"), ("record",))
    >>> [row.cells["record"] for row in rows], [d.code for d in found]
    (['a-1'], ['REC072'])
    """
    text = _with_plain_ends(text.removeprefix("\ufeff"))
    lines = text.split("\n")
    separator = _separator(lines, columns)
    records, unread = split_records(lines, separator)
    if not records:
        return (), ()
    header = [cell.strip() for cell in records[0][1]]
    missing = [name for name in required if name not in header]
    if missing:
        return (), (_no_column(file, missing, lines[0]),)
    rows, found = [], []
    for line, cells in records[1:]:
        known = dict(zip(header, cells, strict=False))
        row = TableRow(line, {name: known.get(name, "") for name in columns})
        lacking = [name for name in required if not row.cells[name].strip()]
        if lacking or len(cells) > len(header):
            why = _why(lacking, len(cells), len(header))
            found.append(bad_row(row, file, why, lacking[0] if lacking else ""))
        else:
            rows.append(row)
    if unread:
        source = lines[unread - 1][:_SHOWN] if unread <= len(lines) else ""
        found.append(_open_quote(Place(file, unread, source=source)))
    return tuple(rows), tuple(found)


def render_rows(rows: Iterable[Sequence[str]]) -> str:
    r"""Rows as CSV with line feeds; what :func:`parse_rows` reads back unchanged.

    Examples
    --------
    >>> render_rows([("record", "note"), ("a-1", 'said "no", then left')])
    'record,note\na-1,"said ""no"", then left"\n'
    """
    return "".join(",".join(_cell(cell) for cell in row) + "\n" for row in rows)


def appended(text: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""A table's text with rows at its end, in the order of the columns that it has.

    Examples
    --------
    >>> appended("who,record\nA,a-1", ("record", "who"), [("b-2", "B")])
    'who,record\nA,a-1\nB,b-2\n'
    """
    if not text.strip():
        return render_rows([columns, *rows])
    end = "" if text.endswith("\n") else "\n"
    lines = _with_plain_ends(text.removeprefix("\ufeff")).split("\n")
    separator = _separator(lines, columns)
    records, _ = split_records(lines[:1], separator)
    header = [cell.strip() for cell in records[0][1]] if records else list(columns)
    named = [dict(zip(columns, row, strict=True)) for row in rows]
    added = [
        separator.join(_cell(row.get(name, ""), separator) for name in header) for row in named
    ]
    return text + end + "".join(line + "\n" for line in added)


def bad_row(row: TableRow, file: str, found: str, field: str = "") -> Diagnostic:
    """REC072: a row that cannot be used."""
    return Diagnostic(
        "REC072",
        Severity.ERROR,
        row.place(file, field),
        "a row of the records' tables cannot be used",
        found=found,
        so="the row is not counted",
        help="correct the row; every column is in the guide to the records folder",
    )


def _why(lacking: Sequence[str], cells: int, columns: int) -> str:
    if lacking:
        return f"{', '.join(lacking)} is empty"
    return f"the row has {cells} cells, the header {columns}"


def _with_plain_ends(text: str) -> str:
    """Line ends of Windows and of old Macs as line feeds, where the whole file has them."""
    first, feed, _ = text.partition("\n")
    if not feed:
        return text.replace("\r", "\n")
    return text.replace("\r\n", "\n") if first.endswith("\r") else text


def _separator(lines: Sequence[str], columns: Sequence[str]) -> str:
    head = lines[0] if lines else ""

    def known(separator: str) -> int:
        return len({cell.strip(' "') for cell in head.split(separator)} & set(columns))

    return max(_SEPARATORS, key=known)


def _cell(text: str, separator: str = ",") -> str:
    # A cell of spaces or none is quoted too, so that a row of them is not a blank line.
    plain = text.strip() == text and not any(c in text for c in (separator, '"', "\n", "\r"))
    return text if plain else '"' + text.replace('"', '""') + '"'


def _no_column(file: str, missing: Sequence[str], head: str) -> Diagnostic:
    return Diagnostic(
        "REC072",
        Severity.ERROR,
        Place(file, 1, source=head[:_SHOWN]),
        "a row of the records' tables cannot be used",
        found=f"the header has no column {', '.join(missing)}",
        so="no row of this table is counted",
        help=f"add the column: {', '.join(missing)}",
    )


def _open_quote(place: Place) -> Diagnostic:
    return Diagnostic(
        "REC072",
        Severity.ERROR,
        place,
        "a row of the records' tables cannot be used",
        found="a cell opens a quote and never closes it",
        so="this row and all below it are not counted",
        help='close the quote ("), or write it twice where it is part of the text',
    )
