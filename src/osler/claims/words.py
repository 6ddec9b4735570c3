"""Words of a text, and phrases found among them.

A phrase is a pattern of words: ``reduc*`` stands for any word that starts so, ``_`` for
one word, ``...`` for up to four. Patterns are matched word by word, never by regular
expressions from a file, so that the time taken grows with the text alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

GAP = 4

_WORD = re.compile(r"\d+(?:[.,]\d+)*%?|[^\W\d_][^\W_]*(?:'[^\W\d_]+)?")
_STOPS = frozenset(".;:!?()[]—–\ufffc")
_HEAD = 3


@dataclass(frozen=True, slots=True)
class Word:
    """A word in lower case, where it stands, and the marks between it and the word before."""

    text: str
    start: int
    end: int
    before: str


@dataclass(frozen=True, slots=True)
class Mention:
    """Words ``first`` to ``last`` (not included) match a phrase of the group ``name``."""

    name: str
    first: int
    last: int


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text, hyphens taken as spaces.

    Examples
    --------
    >>> [w.text for w in words_of("It doesn’t work: 30% less, low-certainty.")]
    ['it', "doesn't", 'work', '30%', 'less', 'low', 'certainty']
    """
    text = text.replace("’", "'")
    out: list[Word] = []
    done = 0
    for match in _WORD.finditer(text):
        between = text[done : match.start()] if match.start() - done < 12 else "."
        done = match.end()
        out.append(Word(match.group().lower(), match.start(), done, between.strip()))
    return tuple(out)


class Phrases:
    """Groups of phrases, compiled; the longest match at a word wins, earlier groups on a tie."""

    def __init__(self, groups: Mapping[str, Sequence[str]]) -> None:
        self._exact: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        self._starts: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for name, patterns in groups.items():
            for pattern in patterns:
                parts = tuple(pattern.lower().replace("-", " ").split())
                if parts[0].endswith("*"):
                    self._starts.setdefault(parts[0][:_HEAD], []).append((name, parts))
                else:
                    self._exact.setdefault(parts[0], []).append((name, parts))

    def find(self, words: Sequence[Word]) -> list[Mention]:
        """All mentions, from left to right, none overlapping another.

        Examples
        --------
        >>> phrases = Phrases({"less": ["reduc*", "less ... pain"], "other": ["no less"]})
        >>> phrases.find(words_of("reduces it, with less leg pain"))
        [Mention(name='less', first=0, last=1), Mention(name='less', first=3, last=6)]
        """
        found: list[Mention] = []
        at = 0
        while at < len(words):
            best = self._at(words, at)
            if best is not None:
                found.append(best)
            at = best.last if best is not None else at + 1
        return found

    def _at(self, words: Sequence[Word], at: int) -> Mention | None:
        text = words[at].text
        best: Mention | None = None
        for name, parts in (
            *self._exact.get(text, ()),
            *self._starts.get(text[:_HEAD], ()),
        ):
            last = _match(words, at, parts)
            if last and (best is None or last > best.last):
                best = Mention(name, at, last)
        return best


def _match(words: Sequence[Word], at: int, parts: Sequence[str]) -> int:
    """Where a match of ``parts`` from ``at`` ends; 0 where there is none."""
    for number, part in enumerate(parts):
        if part == "...":
            rest = parts[number + 1 :]
            ends = (_match(words, at + skip, rest) for skip in range(GAP + 1))
            return next((end for end in ends if end), 0)
        if at >= len(words) or not _fits(words[at].text, part):
            return 0
        if number and not _STOPS.isdisjoint(words[at].before):
            return 0
        at += 1
    return at


def _fits(word: str, part: str) -> bool:
    if part == "_":
        return True
    return word.startswith(part[:-1]) if part.endswith("*") else word == part


def clauses_of(words: Sequence[Word]) -> list[tuple[int, int]]:
    """Where clauses start and end: at strong marks, "but" and its like, and ", and".

    Examples
    --------
    >>> clauses_of(words_of("It may help, but the evidence is very uncertain."))
    [(0, 3), (3, 9)]
    """
    starts = [0]
    for n, word in enumerate(words):
        if n and (
            not _STOPS.isdisjoint(word.before)
            or word.text in ("but", "although", "though", "while", "whereas", "however", "yet")
            or ("," in word.before and word.text in ("and", "or", "so", "which"))
        ):
            starts.append(n)
    ends = [*starts[1:], len(words)]
    return [(a, b) for a, b in zip(starts, ends, strict=True) if a < b]
