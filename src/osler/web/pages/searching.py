"""Search over the pages: the same on every database, because no database is asked.

A clinic has some hundreds of pages; their words fit in memory, and a search takes less
than a millisecond. Pages are ranked by BM25 with k1 = 1.2 and b = 0.75 [1]_; a word of the
title counts as five of the text. A page has to hold every word, the last one perhaps only its
beginning.

References
----------
.. [1] Robertson & Zaragoza (2009). Found Trends Inf Retr 3, 333-389. doi:10.1561/1500000019
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

K1, B = 1.2, 0.75
TITLE_WEIGHT = 5
AROUND = 90  # characters shown before and after the first word found
MOST_WORDS = 12
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Text:
    """A page as the search sees it."""

    key: str
    title: str
    body: str


@dataclass(frozen=True)
class Hit:
    """A page found, with the passage that the first word stands in."""

    key: str
    passage: str


@dataclass(frozen=True)
class Index:
    """How often each word stands in each text."""

    texts: Mapping[str, Text]
    counts: Mapping[str, Counter[str]]
    lengths: Mapping[str, int]
    vocabulary: Mapping[str, int]


def words(text: str) -> list[str]:
    """Words without case, accents and the English plural.

    Examples
    --------
    >>> words("Hernies discales: 2 trials")
    ['hernie', 'discale', '2', 'trial']
    """
    flat = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in flat if not unicodedata.combining(c))
    return [_singular(word) for word in _WORD.findall(plain)]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "su" else word


def make_index(texts: Iterable[Text]) -> Index:
    """An index of all texts."""
    kept = {text.key: text for text in texts}
    counts = {key: _counted(text) for key, text in kept.items()}
    vocabulary: Counter[str] = Counter()
    for counted in counts.values():
        vocabulary.update(counted.keys())
    lengths = {key: sum(counted.values()) for key, counted in counts.items()}
    return Index(kept, counts, lengths, vocabulary)


def _counted(text: Text) -> Counter[str]:
    counted = Counter(words(text.body))
    for word in words(text.title):
        counted[word] += TITLE_WEIGHT
    return counted


def search(index: Index, query: str) -> Sequence[Hit]:
    """Texts that hold all the words, best first.

    Examples
    --------
    >>> index = make_index([Text("a", "Knee pain", "Exercise helps."), Text("b", "", "Exercise")])
    >>> [hit.key for hit in search(index, "exercises")]
    ['b', 'a']
    >>> [hit.key for hit in search(index, "kne")]
    ['a']
    """
    asked = list(dict.fromkeys(words(query)))[:MOST_WORDS]
    if not asked:
        return ()
    meant = [{word} for word in asked[:-1]] + [_beginning_with(index, asked[-1])]
    scores = {key: _score(index, key, meant) for key in index.texts}
    found = sorted((-score, key) for key, score in scores.items() if score > 0)
    return [Hit(key, passage(index.texts[key].body, asked)) for _, key in found]


def _beginning_with(index: Index, start: str) -> set[str]:
    return {start} | {word for word in index.vocabulary if word.startswith(start)}


def _score(index: Index, key: str, meant: Sequence[set[str]]) -> float:
    counted, length = index.counts[key], index.lengths[key]
    mean = sum(index.lengths.values()) / len(index.lengths) or 1.0
    total = 0.0
    for forms in meant:
        often = sum(counted[word] for word in forms)
        if not often:
            return 0.0
        holding = max(index.vocabulary.get(word, 0) for word in forms)
        rarity = math.log(1 + (len(index.texts) - holding + 0.5) / (holding + 0.5))
        total += rarity * often * (K1 + 1) / (often + K1 * (1 - B + B * length / mean))
    return total


def passage(body: str, asked: Sequence[str]) -> str:
    """The words around the first one found; the beginning where only the title has it."""
    for match in _WORD.finditer(body):
        if any(word.startswith(a) for word in words(match.group()) for a in asked):
            return _cut(body, match.start())
    return _cut(body, 0)


def _cut(body: str, at: int) -> str:
    first, last = max(0, at - AROUND), min(len(body), at + AROUND)
    # Whole words only.
    while first > 0 and not body[first - 1].isspace() and first < at:
        first += 1
    while last < len(body) and not body[last].isspace():
        last += 1
    text = " ".join(body[first:last].split())
    return f"{'… ' if first else ''}{text}{' …' if last < len(body) else ''}"
