"""Tables of text with an unknown separator and encoding, as people send them.

Unlike :mod:`osler.core.tables`, which holds a folder to its schema, this takes what comes:
comma, semicolon, tab or bar between the cells; UTF-8, UTF-16 with a mark, or Windows-1252.
"""

import codecs
import csv
from collections.abc import Sequence
from dataclasses import dataclass

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.tables import CONTROL, ends_in_open_quote

_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with a byte-order mark"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)


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


def decode_any(data: bytes, file: str) -> tuple[str, tuple[Diagnostic, ...]]:
    """Text from bytes in UTF-8, UTF-16 or Windows-1252, with a note where it is not plain UTF-8.

    Never fails: Windows-1252 gives every byte some character.

    Examples
    --------
    >>> text, notes = decode_any("Müller".encode("latin-1"), "trials.csv")
    >>> text, notes[0].code
    ('Müller', 'DAT012')
    """
    for mark, encoding, name in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), (_encoding_note(file, "DAT011", name),)
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        note = _encoding_note(file, "DAT012", "Windows-1252 (Latin-1)")
        return data.decode("cp1252", errors="replace"), (note,)


def _encoding_note(file: str, code: str, name: str) -> Diagnostic:
    return Diagnostic(
        code,
        Severity.NOTE,
        Place(file),
        f"the file is read as {name}",
        so="the numbers are not affected; check accented letters in names",
        help="save it as UTF-8 without a byte-order mark to be sure",
    )


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
    controls = CONTROL.findall(text)
    lines = CONTROL.sub("\ufffd", text).split("\n")
    first = next((line for line in lines if line.strip()), "")
    separator = max(_SEPARATORS, key=lambda s: len(_cells(first, s)))
    records, unread = _records(lines, separator)
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
    if controls:
        found.append(_control_characters(file, text, len(controls)))
    if not rows:
        found.append(_empty(file, f"the header stands alone: {', '.join(header.cells)}"))
    return table, tuple(found)


def _cells(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator), [])


def _records(lines: Sequence[str], separator: str) -> tuple[list[DelimitedRow], int]:
    """Rows that are not blank, and the line at which splitting failed (0 where it did not)."""
    reader = csv.reader((line + "\n" for line in lines), delimiter=separator)
    out: list[DelimitedRow] = []
    last = 0
    try:
        for cells in reader:
            start, last = last + 1, reader.line_num
            if any(cell.strip() for cell in cells):
                stripped = tuple(cell.strip() for cell in cells)
                out.append(DelimitedRow(start, stripped, lines[start - 1]))
    except csv.Error:
        return out, last + 1
    if len(out) > 1 and ends_in_open_quote("\n".join(lines[out[-1].line - 1 :]), separator):
        return out[:-1], out[-1].line
    return out, 0


def cell_columns(source: str, index: int, separator: str) -> tuple[int, int]:
    """First column of a cell and the one after its last, counted from 1.

    Follows quotes within the line; a cell that began on an earlier line is not followed.

    Examples
    --------
    >>> cell_columns('"a;b";12', 1, ";")
    (7, 9)
    """
    start, quoted, seen = 0, False, 0
    for position, character in enumerate(source + separator):
        at_end = position == len(source)
        if character == '"':
            quoted = not quoted
        elif character == separator and (not quoted or at_end):
            if seen == index:
                return start + 1, max(position, start + 1) + 1
            seen, start = seen + 1, position + 1
    return 1, max(2, len(source) + 1)


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


def _control_characters(file: str, text: str, count: int) -> Diagnostic:
    first = next(CONTROL.finditer(text))
    line = text.count("\n", 0, first.start()) + 1
    column = first.start() - text.rfind("\n", 0, first.start())
    source = CONTROL.sub("\ufffd", text.split("\n")[line - 1])
    return Diagnostic(
        "DAT019",
        Severity.WARNING,
        Place(file, line, column, column + 1, "", source[:2000]),
        "the file holds a control character",
        found=f"U+{ord(first[0]):04X}" + (f", the first of {count}" if count > 1 else ""),
        so="each is read as \ufffd",
        help="remove it; such characters come from a damaged file or another program's format",
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
