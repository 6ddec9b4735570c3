"""Tables of text with an unknown separator and encoding, as people send them.

Unlike :mod:`osler.core.tables`, which holds a folder to its schema, this takes what comes:
comma, semicolon, tab or bar between the cells; UTF-8, UTF-16 with a mark, or Windows-1252.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass

from osler.core.decoding import CONTROL, control_characters
from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.splitting import cell_columns, split_records

_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(frozen=True, slots=True)
class DelimitedRow:
    """The cells of one row, with the line it starts on and the text of that line."""

    line: int
    cells: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class DelimitedTable:
    """A header and rows; blank lines are not rows."""

    file: str
    header: DelimitedRow
    rows: tuple[DelimitedRow, ...]
    separator: str

    def place(self, row: DelimitedRow, field: str = "") -> Place:
        """Where a row, or its cell below ``field``, stands."""
        names = self.header.cells
        index = names.index(field) if field in names else -1
        start, end = (
            cell_columns(row.source, index, self.separator)
            if index >= 0
            else (1, len(row.source) + 1)
        )
        return Place(self.file, row.line, start, end, field, row.source)


def parse_delimited(text: str, file: str) -> tuple[DelimitedTable | None, tuple[Diagnostic, ...]]:
    r"""Header and rows of a text, and what is wrong with its shape.

    Parameters
    ----------
    text : str
        The whole table. The separator is the one that splits the header most often.
    file : str
        What to call it in diagnostics.

    Returns
    -------
    table : DelimitedTable or None
        None where there is no header. Rows of another length than the header are left out,
        with a diagnostic (DAT016).
    diagnostics : tuple of Diagnostic

    Examples
    --------
    >>> table, _ = parse_delimited("study;n\nA;10\nB;12\n", "trials.csv")
    >>> table.separator, table.header.cells, table.rows[1].cells
    (';', ('study', 'n'), ('B', '12'))
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = CONTROL.sub("\ufffd", text).split("\n")
    first = next((line for line in lines if line.strip()), "")
    separator = max(_SEPARATORS, key=lambda s: len(_cells(first, s)))
    split, unread = split_records(lines, separator)
    records = [
        DelimitedRow(line, tuple(cell.strip() for cell in cells), lines[line - 1])
        for line, cells in split
    ]
    if not records:
        return None, (_empty(file, "the file has no header and no rows"),)
    header, *rows = records
    good = [row for row in rows if len(row.cells) == len(header.cells)]
    table = DelimitedTable(file, header, tuple(good), separator)
    found = [
        _ragged(table, row, len(header.cells))
        for row in rows
        if len(row.cells) != len(header.cells)
    ]
    if unread:
        found.append(_unreadable(file, unread, lines))
    if CONTROL.search(text):
        found.append(control_characters(text, file, "DAT019", Severity.WARNING))
    if not rows:
        found.append(_empty(file, f"the header stands alone: {', '.join(header.cells)}"))
    return table, tuple(found)


def _cells(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator), [])


def _ragged(table: DelimitedTable, row: DelimitedRow, expected: int) -> Diagnostic:
    name = _SEPARATORS[table.separator]
    return Diagnostic(
        "DAT016",
        Severity.ERROR,
        table.place(row),
        f"the row has {len(row.cells)} cells, the header {expected}",
        found=f"cells are taken to be separated by a {name}",
        so="the row is left out",
        help=f"put quotes around a cell that holds a {name}, and write every empty cell",
    )


def _unreadable(file: str, line: int, lines: Sequence[str]) -> Diagnostic:
    source = lines[line - 1] if line <= len(lines) else ""
    return Diagnostic(
        "DAT017",
        Severity.ERROR,
        Place(file, line, source=source[:200]),
        "the table cannot be split into cells from this line on",
        so="this line and all below it are not read",
        help='look for a cell that opens a quote (") and never closes it',
    )


def _empty(file: str, found: str) -> Diagnostic:
    return Diagnostic(
        "DAT008",
        Severity.ERROR,
        Place(file),
        "the table is empty",
        found=found,
        so="there is nothing to pool",
        help="give one row a study below a line of column names",
    )
