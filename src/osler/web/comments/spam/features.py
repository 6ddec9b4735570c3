"""What the classifier sees of a text: words, pairs, pieces, what stands between words, shape.

Each is hashed to one of 32,768 places (Weinberger et al. 2009, doi:10.1145/1553374.1553516), so
that a model is a list of numbers of fixed length and no word of anybody's comment is kept in it.
"""

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

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
    """What is in a text and how strongly, before hashing; lengths of all texts are made equal.

    Examples
    --------
    >>> seen = features_of("call now")
    >>> sorted(name for name in seen if name.startswith("pair"))
    ['pair call now']
    >>> round(sum(v * v for v in seen.values()), 6)
    1.0
    """
    tokens = tokens_of(text)
    counts = Counter(_named(tokens))
    counts.update(_joints(text))
    counts.update(f"like {_outline(word)}" for word in text[:LONGEST_TEXT].split())
    values = {name: 1 + math.log(n) for name, n in counts.items()} | _shape(text)
    length = math.sqrt(math.fsum(v * v for v in values.values())) or 1.0
    return {name: value / length for name, value in values.items()}


def _named(tokens: Sequence[str]) -> Iterator[str]:
    for n, token in enumerate(tokens):
        yield f"word {token}"
        if n + 1 < len(tokens):
            yield f"pair {token} {tokens[n + 1]}"
        if not token.startswith("<"):
            yield from _pieces(f" {token[:_LONGEST_WORD]} ")


def _pieces(word: str) -> Iterator[str]:
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


def _shape(text: str) -> dict[str, float]:
    """What a text looks like from afar; each at most about as strong as a few words."""
    shown = text[:LONGEST_TEXT]
    length = max(len(shown), 1)
    shape = {
        "shape digits": 15 * sum(c.isdigit() for c in shown) / length,
        "shape capitals": 5 * sum(c.isupper() for c in shown) / length,
        "shape length": 5 * min(length, 400) / 400,
        "shape long number": 5.0 * bool(re.search(rf"\d{{{_LONG_NUMBER}}}", shown)),
        "shape money": 5.0 * bool(re.search("[£$€]", shown)),
        "shape link": 5.0 * bool(re.search(r"www\.|https?://|\.com\b|\.co\b", shown)),
    }
    return {name: value for name, value in shape.items() if value}


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
