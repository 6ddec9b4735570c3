"""A table to be read: made once, then shown as HTML, as a Word document or on a terminal.

A :class:`Sheet` is text through and through; what a cell means (a certainty, a note, a
citation) stays known, so that each way of showing it can show it well.
"""

from dataclasses import dataclass, field
from string import ascii_lowercase
from typing import Literal

from osler.publish.composition import Cite

Kind = Literal["", "quiet", "strong", "grade", "list"]


LEGEND = (
    (4, "high", "the true effect is very likely close to the one shown"),
    (3, "moderate", "the true effect is probably close to it, and may be quite different"),
    (2, "low", "the true effect may well be quite different"),
    (1, "very low", "the true effect is likely to be quite different"),
)
"""What each level of certainty means, after GRADE guidelines 3 (Balshem 2011)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a cell.

    ``kind`` is "quiet" for what explains, "strong" for what counts, "grade" for a level of
    certainty (``text`` is its word, ``grade`` 1 to 4) and "list" for one of several facts.
    ``target`` is the fragment of a page that it leads to; ``cites`` and ``source`` say where
    it comes from, ``source`` as an address.
    """

    text: str
    kind: Kind = ""
    grade: int = 0
    target: str = ""
    cites: tuple[Cite, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """Lines, and the letters of the notes that explain them."""

    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and the column's share of the width.

    ``below`` puts it under the row on a terminal, over the whole width.
    """

    head: str
    share: int
    below: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with its notes.

    ``name`` is "findings", "profile" or "decision". The first cell of each row is its head.
    ``notes`` are letter and text; ``remarks`` stand below them.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Notes:
    """Letters of notes, given out as a table is made; one text has one letter.

    Examples
    --------
    >>> notes = Notes()
    >>> notes.letter("few people"), notes.letter("open trials"), notes.letter("few people")
    ('a', 'b', 'a')
    """

    letters: dict[str, str] = field(default_factory=dict)

    def letter(self, text: str) -> str:
        """The letter under which a text stands below the table."""
        return self.letters.setdefault(text, letter_at(len(self.letters)))

    def listed(self) -> tuple[tuple[str, str], ...]:
        """Letter and text, in the order of first use."""
        return tuple((letter, text) for text, letter in self.letters.items())


def letter_at(index: int) -> str:
    """The letter of a note: a to z, then aa, bb and so on.

    Examples
    --------
    >>> letter_at(0), letter_at(25), letter_at(26)
    ('a', 'z', 'aa')
    """
    return ascii_lowercase[index % 26] * (index // 26 + 1)


def cell(*lines: str | Line, notes: tuple[str, ...] = ()) -> Cell:
    """A cell of lines; plain texts are lines, and empty ones are left out.

    Examples
    --------
    >>> cell("Leg pain", "").lines
    (Line(text='Leg pain', kind='', grade=0, target='', cites=(), source=''),)
    """
    made = (line if isinstance(line, Line) else Line(line) for line in lines)
    return Cell(tuple(line for line in made if line.text), notes)
