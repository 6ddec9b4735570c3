"""A table whose last row was being written when the machine stopped."""

import csv
import io
from collections.abc import Sequence

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.core.splitting import split_records
from osler.records.decisions import AUTOMATION, BEFORE_SCREENING
from osler.records.model import Stage
from osler.records.screening.standing import SETTLING

LONGEST_ROW = 64_000
"""In bytes. A longer piece without an end was not written here: somebody edited the file."""

_ROLES = frozenset({"reviewer", "imported", BEFORE_SCREENING, AUTOMATION, "", *SETTLING})


def mended(content: bytes, file: str) -> tuple[bytes, bytes]:
    r"""The whole rows of decisions, and the beginning of a row that was torn off.

    Every row is written with its line end and is on the disk before anybody is told that it is
    kept; so a piece without a line end is a row that nobody was told of, unless it is whole.

    Raises
    ------
    DataError
        WEB082 where the file is not UTF-8 or has a quote that is never closed.

    Examples
    --------
    >>> mended(b"record,stage,verdict,who\na,full-text,include,A\nb,full-te", "t.csv")
    (b'record,stage,verdict,who\na,full-text,include,A\n', b'b,full-te')
    """
    text = _text(content, file)
    end_lost = len(content) - len(text.encode())
    if not text.strip() or (text.endswith("\n") and not end_lost and text.count('"') % 2 == 0):
        return content, b""
    lines = text.split("\n")
    separator = max(",;\t", key=lines[0].count)
    records, unread = split_records(lines, separator)
    unread = _open_line(lines, separator) or unread
    if unread:
        begin = sum(len(line.encode()) + 1 for line in lines[: unread - 1])
        swallowed = any(f",{stage.value}," in line for line in lines[unread:] for stage in Stage)
        if swallowed or len(content) - begin > LONGEST_ROW:
            raise DataError(_open_quote(file, unread, lines[unread - 1]))
        return content[:begin], content[begin:]
    if text.endswith("\n") and not end_lost:
        return content, b""
    line, cells = records[-1]
    header = [cell.strip() for cell in records[0][1]]
    told = dict(zip(header, cells, strict=False))
    if line > 1 and (end_lost or len(cells) < len(header) or told.get("role", "") not in _ROLES):
        begin = sum(len(before.encode()) + 1 for before in lines[: line - 1])
        return content[:begin], content[begin:]
    return content, b""


def _open_line(lines: Sequence[str], separator: str) -> int:
    """The line on which a row begins whose quote is never closed; 0 where there is none."""
    text = "\n".join(lines)
    try:
        list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
        return 0
    except csv.Error as error:
        if "unexpected end of data" not in str(error):
            return 0
    reader = csv.reader((line + "\n" for line in lines), delimiter=separator)
    start = last = 0
    for _ in reader:
        start, last = last + 1, reader.line_num
    return start


def _text(content: bytes, file: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        if error.start < len(content) - 3 or content.endswith(b"\n"):
            raise DataError(_not_utf8(file, content, error.start)) from None
        return content[: error.start].decode()


def _not_utf8(file: str, content: bytes, at: int) -> Diagnostic:
    line = content.count(b"\n", 0, at) + 1
    return _unusable(file, line, f"a byte that is not UTF-8: {content[at]:#04x}")


def _open_quote(file: str, line: int, text: str) -> Diagnostic:
    return _unusable(file, line, f"a quote that is never closed: {text[:60]}")


def _unusable(file: str, line: int, found: str) -> Diagnostic:
    return Diagnostic(
        "WEB082",
        Severity.ERROR,
        Place(file, line),
        "decisions cannot be added to this file",
        found,
        "screening does not start, since what was added could not be read again",
        "save the file as UTF-8, close the quote, or take the version before",
    )
