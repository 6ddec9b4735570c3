"""From an offset in a block's content to a line and a column of the file."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from osler.claims.model import Piece
from osler.core.diagnostics import Place


@dataclass(frozen=True, slots=True)
class Chart:
    """Where each line of a block's content starts: in the content, and in the file.

    ``lines`` and ``columns`` count from 1. ``pipes`` are offsets before which an escaped
    pipe has lost its backslash (table cells only).
    """

    offsets: tuple[int, ...]
    lines: tuple[int, ...]
    columns: tuple[int, ...]
    pipes: tuple[int, ...] = ()

    def where(self, offset: int) -> tuple[int, int]:
        """Line and column of a character of the content."""
        row = bisect_right(self.offsets, offset) - 1
        escaped = bisect_right(self.pipes, offset)
        return self.lines[row], self.columns[row] + offset - self.offsets[row] + escaped


def chart_block(content: str, first: int, lines: Sequence[str]) -> Chart:
    r"""The chart of a paragraph or heading whose first line is ``lines[first]``.

    Markdown takes marks and indentation from the start of a line (``> - text``) and
    white space from its end, so what is left is found from the right.

    Examples
    --------
    >>> chart_block("one\ntwo", 1, ["", "> - one", ">   two"]).where(5)
    (3, 6)
    """
    offsets, rows, columns = [], [], []
    offset = 0
    for row, text in enumerate(content.split("\n"), start=first):
        source = lines[row] if row < len(lines) else ""
        bare = text.lstrip(" ")
        found = source.rfind(bare) if bare else len(source)
        offsets.append(offset)
        rows.append(min(row, len(lines) - 1) + 1)
        columns.append(max(found - (len(text) - len(bare)), 0) + 1)
        offset += len(text) + 1
    return Chart(tuple(offsets), tuple(rows), tuple(columns))


def chart_cell(content: str, row: int, lines: Sequence[str], start: int) -> tuple[Chart, int]:
    """The chart of a table cell, looked for from column ``start`` (from 0), and where it ends."""
    source = lines[row]
    written = content.replace("|", "\\|")
    found = source.find(written, start)
    if found < 0:
        return Chart((0,), (row + 1,), (min(start, len(source)) + 1,)), start
    pipes = tuple(i for i, character in enumerate(content) if character == "|")
    return Chart((0,), (row + 1,), (found + 1,), pipes), found + len(written)


def locate(pieces: Sequence[Piece], offset: int) -> tuple[int, int]:
    """Line and column of a character of a text whose parts stand at ``pieces``."""
    piece = pieces[max(bisect_right(pieces, offset, key=_offset) - 1, 0)]
    return piece.line, piece.column + max(offset - piece.offset, 0)


def place_of(
    pieces: Sequence[Piece], start: int, end: int, file: str, lines: Sequence[str]
) -> Place:
    """The place of characters ``start`` to ``end`` of a text; cut at the end of its first line.

    Examples
    --------
    >>> place_of([Piece(0, 1, 3)], 2, 6, "a.md", ["- It helps."])
    Place(file='a.md', line=1, column=5, end_column=9, field='', source='- It helps.')
    """
    if not pieces:
        return Place(file, source=lines[0] if lines else "")
    line, column = locate(pieces, start)
    source = lines[line - 1]
    last_line, last_column = locate(pieces, max(end - 1, start))
    end_column = last_column + 1 if last_line == line else len(source) + 1
    column = min(column, len(source) + 1)
    return Place(file, line, column, max(min(end_column, len(source) + 1), column), "", source)


def part_of(pieces: Sequence[Piece], start: int, end: int) -> tuple[Piece, ...]:
    """The pieces of the part ``start`` to ``end`` of a text, counted from its own start."""
    if not pieces:
        return ()
    line, column = locate(pieces, start)
    first = bisect_right(pieces, start, key=_offset)
    inside = pieces[first : bisect_left(pieces, end, key=_offset)]
    return (Piece(0, line, column), *(Piece(p.offset - start, p.line, p.column) for p in inside))


def _offset(piece: Piece) -> int:
    return piece.offset
