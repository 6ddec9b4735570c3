"""Words of a text, and phrases found among them.

A phrase is a pattern of words: ``reduc*`` stands for any word that starts so, ``_`` for
one word, ``...`` for up to four. Patterns are matched word by word, never by regular
expressions from a file, so that the time taken grows with the text alone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

GAP = 4
# Nothing that a person says in one passage is longer; what stands behind this is not read.
LONGEST_PASSAGE = 10_000
# A page is read by many rules, one after the other; the words of so many texts are kept.
_KEPT_TEXTS = 4096
# Of one text; a page's rules look for fewer lists, but a folder may change them at any time.
_KEPT_FINDS = 128

_WORD = re.compile(r"\d+(?:[.,]\d+)*%?|[^\W\d_][^\W_]*(?:'[^\W\d_]+)?")
STOPS = frozenset(".;:!?()[]—–\ufffc")
_HEAD = 3


class Word(NamedTuple):
    """A word in lower case, where it stands, and the marks between it and the word before."""

    text: str
    start: int
    end: int
    before: str


class Mention(NamedTuple):
    """Words ``first`` to ``last`` (not included) match a phrase of the group ``name``."""

    name: str
    first: int
    last: int


class Words(tuple[Word, ...]):
    """The words of one text; what lists of phrases find among them is kept."""

    @cached_property
    def keys(self) -> frozenset[str]:
        """Each word, and its beginning with a star: what the first word of a phrase can be."""
        texts = {word.text for word in self}
        return frozenset((*texts, *(f"{text[:_HEAD]}*" for text in texts)))

    @cached_property
    def found(self) -> dict["Phrases", tuple[Mention, ...]]:
        """What was found, by the phrases that were looked for."""
        return {}


def words_of(text: str) -> Words:
    """The words of a text, hyphens taken as spaces.

    Examples
    --------
    >>> [w.text for w in words_of("It doesn’t work: 30% less, low-certainty.")]
    ['it', "doesn't", 'work', '30%', 'less', 'low', 'certainty']
    """
    return _kept(text) if len(text) <= LONGEST_PASSAGE else _split(text)


@lru_cache(maxsize=_KEPT_TEXTS)
def _kept(text: str) -> Words:
    return _split(text)


def _split(text: str) -> Words:
    text = text.replace("’", "'")
    out: list[Word] = []
    done = 0
    for match in _WORD.finditer(text):
        start, end = match.span()
        between = text[done:start].strip() if start - done < 12 else "."
        out.append(Word(match.group().lower(), start, end, between))
        done = end
    return Words(out)


def normal(pattern: str) -> str:
    """A pattern as it is matched: lower case, hyphens as spaces, one space between words.

    Examples
    --------
    >>> normal("Low-certainty  evidence")
    'low certainty evidence'
    """
    return " ".join(pattern.lower().replace("’", "'").replace("-", " ").split())


class Phrases:
    """Groups of phrases, compiled; the longest match at a word wins, earlier groups on a tie."""

    def __init__(self, groups: Mapping[str, Sequence[str]]) -> None:
        self._exact: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        self._starts: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for name, patterns in groups.items():
            for pattern in patterns:
                parts = tuple(normal(pattern).split())
                if parts[0].endswith("*"):
                    self._starts.setdefault(parts[0][:_HEAD], []).append((name, parts))
                else:
                    self._exact.setdefault(parts[0], []).append((name, parts))
        self._keys = frozenset((*self._exact, *(f"{start}*" for start in self._starts)))

    def find(self, words: Sequence[Word]) -> list[Mention]:
        """All mentions, from left to right, none overlapping another.

        Examples
        --------
        >>> phrases = Phrases({"less": ["reduc*", "less ... pain"], "other": ["no less"]})
        >>> phrases.find(words_of("reduces it, with less leg pain"))
        [Mention(name='less', first=0, last=1), Mention(name='less', first=3, last=6)]
        """
        if not isinstance(words, Words):
            return list(self._scan(words))
        # Most phrases begin with no word of most sentences, which is seen at once.
        if self._keys.isdisjoint(words.keys):
            return []
        known = words.found.get(self)
        if known is None:
            if len(words.found) >= _KEPT_FINDS:
                words.found.clear()
            known = words.found[self] = tuple(self._scan(words))
        return list(known)

    def _scan(self, words: Sequence[Word]) -> Iterator[Mention]:
        done = 0
        for at, word in enumerate(words):
            if at < done:
                continue
            exact, starts = self._exact.get(word.text), self._starts.get(word.text[:_HEAD])
            best: Mention | None = None
            for name, parts in (*(exact or ()), *(starts or ())) if exact or starts else ():
                last = _match(words, at, parts)
                if last and (best is None or last > best.last):
                    best = Mention(name, at, last)
            if best is not None:
                yield best
                done = best.last


def _match(words: Sequence[Word], at: int, parts: Sequence[str]) -> int:
    """Where a match of ``parts`` from ``at`` ends; 0 where there is none."""
    if not _fits(words[at].text, parts[0]):
        return 0
    return at + 1 if len(parts) == 1 else _match_rest(words, at + 1, parts, 1, set())


def _match_rest(
    words: Sequence[Word], at: int, parts: Sequence[str], first: int, failed: set[tuple[int, int]]
) -> int:
    """The same from part ``first`` on; ``failed`` are tails that were tried in vain."""
    for number in range(first, len(parts)):
        part = parts[number]
        if part == "...":
            return _after_gap(words, at, parts, number + 1, failed)
        if at >= len(words) or not _fits(words[at].text, part):
            return 0
        # Right behind a gap a mark may stand, as within it.
        if parts[number - 1] != "..." and not STOPS.isdisjoint(words[at].before):
            return 0
        at += 1
    return at


def _after_gap(
    words: Sequence[Word], at: int, parts: Sequence[str], number: int, failed: set[tuple[int, int]]
) -> int:
    for start in range(at, at + GAP + 1):
        if (start, number) not in failed:
            end = _match_rest(words, start, parts, number, failed)
            if end:
                return end
            failed.add((start, number))
    return 0


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
            not STOPS.isdisjoint(word.before)
            or word.text in ("but", "although", "though", "while", "whereas", "however", "yet")
            or ("," in word.before and word.text in ("and", "or", "so", "which"))
        ):
            starts.append(n)
    ends = [*starts[1:], len(words)]
    return [(a, b) for a, b in zip(starts, ends, strict=True) if a < b]
