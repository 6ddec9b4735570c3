"""Separated text: lines to cells, and where a cell stands in its line."""

import csv
import io
from collections.abc import Sequence


def split_records(lines: Sequence[str], separator: str) -> tuple[list[tuple[int, list[str]]], int]:
    """Line number and cells of each record that is not blank, and the line that stopped it.

    The second value is 0 where every line could be split; else the line from which on they
    cannot, because a quote is opened and never closed or a cell is too large.

    Examples
    --------
    >>> split_records(["a,b", "", '1,"x, y"'], ",")
    ([(1, ['a', 'b']), (3, ['1', 'x, y'])], 0)
    """
    reader = csv.reader((line + "\n" for line in lines), delimiter=separator)
    out: list[tuple[int, list[str]]] = []
    last = 0
    try:
        for cells in reader:
            start, last = last + 1, reader.line_num
            if any(cell.strip() for cell in cells):
                out.append((start, cells))
    except csv.Error:
        return out, last + 1
    if len(out) > 1 and _ends_in_open_quote("\n".join(lines[out[-1][0] - 1 :]), separator):
        return out[:-1], out[-1][0]
    return out, 0


def _ends_in_open_quote(text: str, separator: str) -> bool:
    """Whether a record opens a quote and never closes it, so that it swallows all that follows."""
    try:
        list(csv.reader(io.StringIO(text), delimiter=separator, strict=True))
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def cell_columns(source: str, index: int, separator: str) -> tuple[int, int]:
    """First column of a cell and the one after its last, counted from 1.

    Follows quotes within the line; a cell that began on an earlier line is not followed, and
    the whole line is given for it.

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
