"""Columns in characters and the protocol's positions, in whatever units the editor counts."""

from collections.abc import Sequence

from lsprotocol import types

from osler.core.diagnostics import Place

Encoding = types.PositionEncodingKind | str


def units(text: str, encoding: Encoding) -> int:
    """How long a text is in the units of an encoding.

    Examples
    --------
    >>> [units("a😀", e) for e in ("utf-8", "utf-16", "utf-32")]
    [5, 3, 2]
    """
    if encoding == types.PositionEncodingKind.Utf8:
        return len(text.encode("utf-8", errors="replace"))
    if encoding == types.PositionEncodingKind.Utf32:
        return len(text)
    return len(text) + sum(character > "\uffff" for character in text)


def characters(text: str, count: int, encoding: Encoding) -> int:
    """How many whole characters ``count`` units of a text are; never more than it has.

    Examples
    --------
    >>> characters("a😀b", 3, "utf-16"), characters("ab", 9, "utf-16")
    (2, 2)
    """
    for number, character in enumerate(text):
        if count <= 0:
            return number
        count -= units(character, encoding)
    return len(text)


def lines_of(text: str) -> list[str]:
    """The lines of a document as the protocol splits them, without their ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def position(lines: Sequence[str], line: int, column: int, encoding: Encoding) -> types.Position:
    """A line and a column, both from 1, as the protocol counts; always inside the document."""
    row = min(max(line, 1), len(lines)) - 1
    return types.Position(row, units(lines[row][: max(column - 1, 0)], encoding))


def range_of(place: Place, lines: Sequence[str], encoding: Encoding) -> types.Range:
    """The range of a place; without an end, to the end of the word.

    Examples
    --------
    >>> found = range_of(Place("a.md", 1, 4, 9), ["It helps."], "utf-16")
    >>> found.start.character, found.end.character
    (3, 8)
    """
    row = min(max(place.line, 1), len(lines)) - 1
    end = place.end_column
    if end <= place.column:
        rest = lines[row][place.column - 1 :]
        end = place.column + max(1, len(rest.split(" ", 1)[0].split(",", 1)[0]))
    return types.Range(
        position(lines, place.line, place.column, encoding),
        position(lines, place.line, end, encoding),
    )


def column_at(lines: Sequence[str], at: types.Position, encoding: Encoding) -> tuple[int, int]:
    """A position as line and column, both from 1."""
    if not 0 <= at.line < len(lines):
        return len(lines), len(lines[-1]) + 1
    return at.line + 1, characters(lines[at.line], at.character, encoding) + 1
