"""Columns and characters of a place, as the formats want them."""

import unicodedata
from bisect import bisect_left
from functools import lru_cache

from osler.core.diagnostics import Place

# Characters that a terminal takes for commands, or that turn the direction of what follows.
_UNSAFE = (
    *(n for n in range(0x20) if n not in (0x09, 0x0A)),
    *range(0x7F, 0xA0),
    0x061C,
    0x200E,
    0x200F,
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
)
_SHOWN_AS = dict.fromkeys(_UNSAFE, "\ufffd")
_WIDE = ("W", "F")
_NO_WIDTH = ("Mn", "Me", "Cf")


def end_column(place: Place) -> int:
    """The stored end, or the end of the word that starts at the column.

    Examples
    --------
    >>> end_column(Place("a.csv", 1, 3, source="a,bcd,e"))
    6
    """
    if place.end_column > place.column:
        return place.end_column
    start, source = place.column - 1, place.source
    ends = [at for at in (source.find(" ", start), source.find(",", start)) if at >= 0]
    return place.column + max(1, min([len(source), *ends]) - start)


def passage(place: Place) -> str:
    """The words at a place, without white space around them."""
    return place.source[place.column - 1 : end_column(place) - 1].strip()


def utf16_column(source: str, column: int) -> int:
    """A column in UTF-16 code units, which is how editors and SARIF viewers count.

    Examples
    --------
    >>> utf16_column("😀 it helps", 3)
    4
    """
    if source.isascii():
        return column
    return column + bisect_left(_beyond(source), column - 1)


@lru_cache(maxsize=16)
def _beyond(source: str) -> list[int]:
    """Where the characters stand that take two units; kept, as a line may have many findings."""
    return [at for at, character in enumerate(source) if character > "\uffff"]


def harmless(text: str) -> str:
    r"""The text without characters that would steer a terminal or turn its direction.

    Examples
    --------
    >>> harmless("red \x1b[31m")
    'red �[31m'
    """
    return text.translate(_SHOWN_AS)


def cells(text: str) -> int:
    """How many cells of a terminal a text takes.

    Examples
    --------
    >>> cells("naïve"), cells("針"), cells("e\u0301")
    (5, 2, 1)
    """
    if text.isascii():
        return len(text)
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.category(character) in _NO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1
