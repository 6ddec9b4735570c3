"""A text as a reader sees it, with the place in the file of each of its parts."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from osler.claims.document.html_tokens import references
from osler.claims.model import Piece

# What a browser shows as one space, and what it does not show at all (soft hyphen, zero width).
_ODD = re.compile("[ \t\n\f\r]{2,}|[\t\n\f\r]|[\u00ad\u200b\u2060\ufeff]+")
_UNSEEN = "\u00ad\u200b\u2060\ufeff"


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a text, and where each starts."""

    lines: tuple[str, ...]
    starts: tuple[int, ...]

    def where(self, offset: int) -> tuple[int, int]:
        r"""Line and column of a character, both from 1.

        Examples
        --------
        >>> lines_of("a\nbc").where(3)
        (2, 2)
        """
        row = bisect_right(self.starts, offset) - 1
        return row + 1, offset - self.starts[row] + 1


def lines_of(text: str) -> Lines:
    """The lines of a text, split at line feeds."""
    lines = text.split("\n")
    starts = [0]
    for line in lines[:-1]:
        starts.append(starts[-1] + len(line) + 1)
    return Lines(tuple(lines), tuple(starts))


@dataclass(slots=True)
class Traced:
    """Text put together from parts of a file; ``pieces`` say where each part stands."""

    lines: Lines
    parts: list[str] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    length: int = 0
    spaced: bool = True

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def add(self, shown: str, at: int) -> None:
        """Puts down characters that stand in the file at ``at``, one for one."""
        if shown:
            self.pieces.append(Piece(self.length, *self.lines.where(at)))
            self.parts.append(shown)
            self.length += len(shown)
            self.spaced = shown[-1] == " "

    def space(self, at: int) -> None:
        """Puts down a space, unless there is one already."""
        if not self.spaced:
            self.add(" ", at)

    def html(self, source: str, start: int, end: int) -> None:
        """Puts down HTML text without tags: references decoded, white space as a browser does."""
        at = start
        for first, last, meant in references(source, start, end):
            self.plain(source, at, first)
            self.add(_shown(meant), first)
            at = last
        self.plain(source, at, end)

    def plain(self, source: str, start: int, end: int) -> None:
        """Puts down characters of the file, with runs of white space as one space."""
        at = start
        for odd in _ODD.finditer(source, start, end):
            self._words(source, at, odd.start())
            if odd[0][0] not in _UNSEEN:
                self.space(odd.start())
            at = odd.end()
        self._words(source, at, end)

    def _words(self, source: str, start: int, end: int) -> None:
        if start < end and self.spaced and source[start] == " ":
            start += 1
        self.add(source[start:end].replace("\u00a0", " "), start)


def _shown(meant: str) -> str:
    return "".join(" " if c.isspace() else c for c in meant if c not in _UNSEEN)


def traced_html(source: str, start: int, end: int, lines: Lines) -> Traced:
    """HTML text between two offsets.

    Examples
    --------
    >>> source = "<p>Pain &amp;  swelling</p>"
    >>> traced_html(source, 3, 23, lines_of(source)).text
    'Pain & swelling'
    """
    traced = Traced(lines)
    traced.html(source, start, end)
    return traced


def pieces_of(traced: Traced) -> tuple[Piece, ...]:
    """The pieces without those that only carry on from the one before."""
    return tuple(_joined(traced.pieces))


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    last: Piece | None = None
    for piece in pieces:
        follows = (
            last is not None
            and piece.line == last.line
            and piece.column - last.column == piece.offset - last.offset
        )
        if not follows:
            yield piece
            last = piece
