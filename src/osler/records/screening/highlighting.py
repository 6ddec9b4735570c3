"""Words that a reviewer wants to see at once: those that speak for a record, and against it.

    terms --read_terms--> Term --marks--> positions in the plain text --pieces--> what to escape

Nothing here knows HTML. :func:`pieces` cuts the plain text into marked and unmarked parts, and
the page escapes each part on its own, so that a highlight can never open or break a tag.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from osler.core.diagnostics import Diagnostic, Place, Severity


class Side(StrEnum):
    """Whether a word speaks for including a record or for leaving it out."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase to look for.

    Spaces and hyphens inside it are the same; ``*`` at the end of a word stands for any ending.
    """

    text: str
    side: Side


@dataclass(frozen=True, slots=True)
class Mark:
    """One place where a term stands: from character ``start`` to before ``end``."""

    start: int
    end: int
    term: Term


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text, and the term that it is, if any. All pieces joined are the text."""

    text: str
    term: Term | None = None


def read_terms(
    text: str, side: Side, file: str = ""
) -> tuple[tuple[Term, ...], tuple[Diagnostic, ...]]:
    """Terms from what a person typed: one a line, or separated by commas or semicolons.

    Examples
    --------
    >>> terms, told = read_terms("random*, double blind", Side.IN)
    >>> [term.text for term in terms], told
    (['random*', 'double blind'], ())
    """
    terms: dict[str, Term] = {}
    told = []
    for number, line in enumerate(text.splitlines(), start=1):
        for part in re.split("[,;]", line):
            word = " ".join(part.split())
            if re.search(r"\w", word):
                terms.setdefault(_key(word), Term(word, side))
            elif word:
                told.append(_nothing_to_find(word, Place(file, number)))
    return tuple(terms.values()), tuple(told)


def on_both_sides(terms: Iterable[Term], file: str = "") -> tuple[Diagnostic, ...]:
    """A finding for each term that speaks both for and against a record (REC050).

    Examples
    --------
    >>> both = on_both_sides([Term("rats", Side.OUT), Term("Rats", Side.IN)])
    >>> [each.code for each in both]
    ['REC050']
    """
    sides: dict[str, set[Side]] = {}
    shown: dict[str, str] = {}
    for term in terms:
        sides.setdefault(_key(term.text), set()).add(term.side)
        shown.setdefault(_key(term.text), term.text)
    return tuple(
        Diagnostic(
            "REC050",
            Severity.WARNING,
            Place(file),
            "a word to highlight speaks both for and against a record",
            f"{shown[key]!r} is among the words for including and those for leaving out",
            "it is shown as a word for including",
            "take it out of one of the two lists",
        )
        for key, found in sides.items()
        if len(found) > 1
    )


def _nothing_to_find(word: str, place: Place) -> Diagnostic:
    return Diagnostic(
        "REC051",
        Severity.WARNING,
        place,
        "a word to highlight has no letter or digit",
        repr(word),
        "it is left out, since it would mark everything or nothing",
        "give a word, a phrase, or the beginning of a word with * after it",
    )


class Highlighter:
    """Finds terms in texts; made once for many texts.

    Where terms overlap, the earlier place wins and at the same place the longer term; a term on
    both sides counts as one for including.

    Examples
    --------
    >>> highlighter = Highlighter([Term("random*", Side.IN), Term("rats", Side.OUT)])
    >>> [(m.start, m.end, m.term.side.value) for m in highlighter.marks("Randomised rats, strata")]
    [(0, 10, 'in'), (11, 15, 'out')]
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        chosen: dict[str, Term] = {}
        for term in terms:
            key = _key(term.text)
            if re.search(r"\w", key) and (key not in chosen or term.side is Side.IN):
                chosen[key] = term
        # Longest first: an alternation takes the first branch that fits.
        self._terms = sorted(chosen.items(), key=lambda item: (-len(item[0]), item[0]))
        branches = "|".join(f"(?P<t{i}>{_as_pattern(key)})" for i, (key, _) in self._numbered)
        self._pattern = (
            re.compile(rf"(?<!{_INSIDE})(?:{branches})(?!{_INSIDE})", re.IGNORECASE)
            if branches
            else None
        )

    @property
    def _numbered(self) -> Iterable[tuple[int, tuple[str, Term]]]:
        return enumerate(self._terms)

    def marks(self, text: str) -> tuple[Mark, ...]:
        """Where the terms stand, in order and without overlap."""
        if self._pattern is None:
            return ()
        return tuple(
            Mark(found.start(), found.end(), self._terms[int(str(found.lastgroup)[1:])][1])
            for found in self._pattern.finditer(text)
        )

    def pieces(self, text: str) -> tuple[Piece, ...]:
        """The text cut at its marks, for a template that escapes every piece.

        Examples
        --------
        >>> Highlighter([Term("rats", Side.OUT)]).pieces("<b>rats</b>")[1].text
        'rats'
        """
        return pieces(text, self.marks(text))


def pieces(text: str, marks: Sequence[Mark]) -> tuple[Piece, ...]:
    """The text cut at marks that do not overlap; nothing is added and nothing lost."""
    cut, at = [], 0
    for mark in marks:
        if mark.start > at:
            cut.append(Piece(text[at : mark.start]))
        cut.append(Piece(text[mark.start : mark.end], mark.term))
        at = mark.end
    return (*cut, *([Piece(text[at:])] if at < len(text) else []))


# A letter, a digit, or an accent that stands as a character of its own.
_INSIDE = r"[\w\u0300-\u036f]"


def _key(text: str) -> str:
    """What makes two terms the same: case and the kind of gap do not count."""
    return " ".join(re.split(r"[\s\-\u2010-\u2015]+", text.strip().lower())).strip()


def _as_pattern(key: str) -> str:
    words = [
        re.escape(word.rstrip("*")) + (rf"{_INSIDE}*" if word.endswith("*") else "")
        for word in key.split(" ")
        if word.rstrip("*")
    ]
    return r"[\s\-\u2010-\u2015]{1,8}".join(words)
