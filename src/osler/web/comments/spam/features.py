"""What the classifier sees of a text: words, pairs, pieces, what stands between words, shape.

Each is hashed to one of 32,768 places (Weinberger et al. 2009, doi:10.1145/1553374.1553516), so
that a model is a list of numbers of fixed length and no word of anybody's comment is kept in it.
"""

import math
import re
import zlib
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

PLACES = 1 << 15
# Longer comments are judged by their beginning; the form takes no more anyway.
LONGEST_TEXT = 6000

_TOKEN = re.compile(r"(?:https?://|www\.)\S{1,2000}|[^\W\d_]+|\d+|[£$€!?]+")
_LONG_NUMBER = 5
_LINK = "<link>"
_PIECES = (3, 4, 5)
# A word longer than this says no more by its pieces.
_LONGEST_WORD = 30
# How words are joined says more of the writer than of the subject; the beginning is enough.
_JOINED_TEXT = 3000


def tokens_of(text: str) -> list[str]:
    """Words in small letters; numbers by their length, links as links.

    Examples
    --------
    >>> tokens_of("WIN £1000 now!! http://x.example/a")
    ['win', '<capitals>', '£', '0000', 'now', '!!', '<link>']
    """
    out: list[str] = []
    for match in _TOKEN.finditer(text[:LONGEST_TEXT]):
        word = match.group()
        if word.startswith(("http://", "https://", "www.")):
            out.append(_LINK)
        elif word[0].isdigit():
            out.append("0" * min(len(word), _LONG_NUMBER + 1))
        else:
            out.append(word.lower())
            if len(word) >= _PIECES[0] and word.isupper():
                out.append("<capitals>")
    return out


def features_of(text: str) -> dict[str, float]:
    """What is in a text and how strongly, before hashing.

    Five kinds (words, pairs, pieces, joints, outlines) have the same length together, whatever
    the text's, so that there being many pieces does not drown the few words; what comes twice
    counts once. The shape stands beside them.

    Examples
    --------
    >>> seen = features_of("call now")
    >>> {name: round(value, 3) for name, value in seen.items() if name.startswith("word")}
    {'word call': 0.707, 'word now': 0.707}
    >>> [name for name in seen if name.startswith("pair")]
    ['pair call now']
    """
    tokens = tokens_of(text)
    kinds = (
        {f"word {token}" for token in tokens},
        {f"pair {first} {second}" for first, second in pairwise(tokens)},
        set(_pieces(tokens)),
        set(_joints(text)),
        {f"like {_outline(word)}" for word in text[:LONGEST_TEXT].split()},
    )
    # In an order of its own: the sum of a score is then the same in every process.
    seen = {name: 1 / math.sqrt(len(kind)) for kind in kinds for name in sorted(kind)}
    return seen | _shape(text[:LONGEST_TEXT])


def _pieces(tokens: Sequence[str]) -> Iterator[str]:
    for token in tokens:
        if token.startswith("<"):
            continue
        word = f" {token[:_LONGEST_WORD]} "
        for size in _PIECES:
            for start in range(len(word) - size + 1):
                yield f"piece {word[start : start + size]}"


def _joints(text: str) -> Iterator[str]:
    """Pieces that are not the inside of a word: with its end and the next one's beginning."""
    lower = re.sub(r"\d", "0", text[:_JOINED_TEXT].lower())
    plain = f" {' '.join(lower.split())} "
    for size in _PIECES:
        for start in range(len(plain) - size + 1):
            piece = plain[start : start + size]
            if not piece.strip().isalpha():
                yield f"joint {piece}"


def _outline(word: str) -> str:
    """Capitals, small letters and digits as one sign each, once for a run of them.

    Examples
    --------
    >>> _outline("FREE!!"), _outline("£1,000"), _outline("Knee")
    ('X!', '£0,0', 'Xx')
    """
    signs = "".join(map(_sign, word[:_LONGEST_WORD]))
    return re.sub(r"(.)\1+", r"\1", signs)


def _sign(letter: str) -> str:
    if letter.isdigit():
        return "0"
    if letter.isalpha():
        return "X" if letter.isupper() else "x"
    return letter


_MARKS = {
    "long number": rf"\d{{{_LONG_NUMBER}}}",
    "telephone": r"\b0\d[\d -]{7,14}\d",
    "short code": r"\b\d{5,6}\b",
    "money": r"[£$€]",
    "price": r"[£$€]\s?\d",
    "pence": r"(?i)\d\s?p(?:p?m)?\b",
    "link": r"(?i)www\.|https?://|\.(?:com|co|net|uk)\b",
}
_SHAPES = {name: re.compile(mark) for name, mark in _MARKS.items()}
_LENGTHS = (20, 50, 90, 130, 150, 165)
_DIGITS = (1, 3, 6, 11, 20)
# As strong as this is one shape; a kind of the others is 1 in all.
_STRONG = 0.3


def _shape(text: str) -> dict[str, float]:
    """What a text looks like from afar: marks of it, its length, shares of digits and capitals."""
    length, words = max(len(text), 1), text.split()
    digits = sum(c.isdigit() for c in text)
    loud = sum(len(word) >= _PIECES[0] and word.isupper() for word in words)
    shape = {
        "digits": 5 * digits / length,
        "capitals": 2 * sum(c.isupper() for c in text) / length,
        "capital words": min(1.0, 4 * loud / max(len(words), 1)),
        "exclaims": min(1.0, text.count("!") / 3),
        f"length {bisect(_LENGTHS, length)}": 1.0,
        f"number of digits {bisect(_DIGITS, digits)}": 1.0,
        **{name: 1.0 for name, mark in _SHAPES.items() if mark.search(text)},
    }
    return {f"shape {name}": _STRONG * value for name, value in shape.items() if value}


def place_of(feature: str) -> int:
    """Which of the places a feature falls into; the same on every machine."""
    return zlib.crc32(feature.encode()) % PLACES


def hashed(text: str) -> Mapping[int, float]:
    """The text as numbers at places."""
    out: dict[int, float] = {}
    for name, value in features_of(text).items():
        place = place_of(name)
        out[place] = out.get(place, 0.0) + value
    return out
