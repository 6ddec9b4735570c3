"""Whether two containers' names mean the same journal: written out, abbreviated, translated."""

import re
from enum import StrEnum
from functools import lru_cache

from rapidfuzz import fuzz

from osler.records.duplicates.vocabulary import vocabulary


class Agreement(StrEnum):
    """How two values of a field compare."""

    SAME = "same"
    CLOSE = "close"
    UNCLEAR = "unclear"
    DIFFERENT = "different"
    MISSING = "missing"


_WORD = re.compile(r"[^\W_]+")
_ASIDE = re.compile(r"\([^()]*\)?|\[[^\[\]]*\]?")
_ALTERNATIVE = re.compile(r"\s*(?:=|/| : )\s*")
# Embase names the meeting behind the journal: "Heart. Conference: ...".
_MEETING = re.compile(r"\.?\s*conference(?: publication)?\s*:")
_CLOSE = 86.0
_CLOSE_WORDS = 70.0


@lru_cache(maxsize=65536)
def _readings(name: str) -> tuple[tuple[str, ...], ...]:
    """The name in telling words, and each of several names in one field."""
    silent = vocabulary().silent
    plain = _ASIDE.sub(" ", name) or name
    plain, *meetings = _MEETING.split(plain)
    parts = [plain, *meetings, *(_ALTERNATIVE.split(plain) if "=" in plain or ":" in plain else ())]
    parts += _ASIDE.findall(name)
    read = (tuple(w for w in _WORD.findall(p) if w not in silent) for p in parts)
    return tuple(dict.fromkeys(words for words in read if words))


@lru_cache(maxsize=262144)
def compare_journals(one: str, two: str) -> Agreement:
    """Whether two names, folded, mean the same journal.

    Examples
    --------
    >>> compare_journals("j pain symptom manage", "journal of pain and symptom management").value
    'same'
    >>> compare_journals("bmj", "british medical journal").value
    'same'
    >>> compare_journals("spine", "pain").value
    'different'
    """
    if not one or not two:
        return Agreement.MISSING
    if one == two:
        return Agreement.SAME
    ones, twos = _readings(one), _readings(two)
    if not ones or not twos:
        return Agreement.MISSING
    found = [_compare(a, b) for a in ones for b in twos]
    for grade in (Agreement.SAME, Agreement.CLOSE, Agreement.UNCLEAR):
        if grade in found:
            return grade
    return Agreement.DIFFERENT


def _compare(one: tuple[str, ...], two: tuple[str, ...]) -> Agreement:
    if one == two or "".join(one) == "".join(two):
        return Agreement.SAME
    short, long = sorted((one, two), key=lambda words: (len("".join(words)), words))
    if _abbreviates(short, long) or _is_acronym(short, long):
        return Agreement.SAME
    if len(short) > 1 and long[: len(short)] == short:
        return Agreement.CLOSE
    a, b = " ".join(short), " ".join(long)
    if max(fuzz.ratio(a, b), fuzz.token_sort_ratio(a, b)) >= _CLOSE and _rest_is_like(one, two):
        return Agreement.CLOSE
    if len(short) == 1 and long[0] == short[0]:
        return Agreement.UNCLEAR
    shortened = any(word not in long for word in short)
    if shortened and _runs_through("".join(short), "".join(long)):
        return Agreement.UNCLEAR
    return Agreement.DIFFERENT


def _rest_is_like(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """Whether what is left when the common words are gone is like: no "workshop" for "journal"."""
    left = " ".join(w for w in one if w not in two)
    right = " ".join(w for w in two if w not in one)
    return not left or not right or fuzz.ratio(left, right) >= _CLOSE_WORDS


def _abbreviates(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Word for word the beginnings of the other's words: "j pain" of "journal pain"."""
    if len(short) != len(long) or len(short) < 2:
        return len(short) == len(long) == 1 and len(short[0]) > 3 and long[0].startswith(short[0])
    return all(_shortens(a, b) or _shortens(b, a) for a, b in zip(short, long, strict=True))


def _shortens(a: str, b: str) -> bool:
    return b.startswith(a) or (
        len(a) > 3 and a[0] == b[0] and a[-1] == b[-1] and _subsequence(a, b)
    )


def _is_acronym(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    return len(short) == 1 and len(long) > 2 and short[0] == "".join(w[0] for w in long)


def _runs_through(short: str, long: str) -> bool:
    """Whether the letters of an abbreviation without spaces follow each other in the other."""
    return len(short) > 3 and short[0] == long[0] and _subsequence(short, long)


def _subsequence(short: str, long: str) -> bool:
    rest = iter(long)
    return all(letter in rest for letter in short)
