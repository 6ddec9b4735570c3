"""Titles made comparable: without a database's additions, case, accents and signs."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from osler.records.duplicates.vocabulary import Vocabulary, vocabulary


class Notice(StrEnum):
    """Whether a record is about another one."""

    NONE = ""
    CORRECTION = "correction"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class Title:
    """A title to compare.

    Attributes
    ----------
    key : str
        Letters and digits alone, lower case, without accents.
    words : tuple of str
        The same, in words.
    numbers : tuple of str
        Every number in it, Roman ones of parts as digits, sorted.
    part : str
        Which part of a series it says it is; "" where it does not.
    several : bool
        Whether the record stands for several letters together.
    common : bool
        Whether many records have such a title.
    """

    key: str
    words: tuple[str, ...]
    numbers: tuple[str, ...]
    part: str
    notice: Notice
    protocol: bool
    several: bool
    common: bool


_GREEK = {
    "α": " alpha ", "β": " beta ", "γ": " gamma ", "δ": " delta ", "ε": " epsilon ",
    "κ": " kappa ", "λ": " lambda ", "μ": " mu ", "µ": " mu ", "ω": " omega ", "ß": "ss",
    "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ı": "i", "þ": "th", "ð": "d",
}  # fmt: skip
_FOLDED = str.maketrans(_GREEK)
_WORD = re.compile(r"[^\W_]+")
_MARKUP = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?>")
_DIGITS = re.compile(r"\d+")
_APOSTROPHE = re.compile(r"(?<=\w)['’`´](?=s\b)")


def folded(text: str) -> str:
    """Lower case without accents; Greek letters by name; other scripts as they are.

    Examples
    --------
    >>> folded("Ménière's β-Blocker")
    "meniere's  beta -blocker"
    """
    lower = text.casefold()
    if lower.isascii():
        return lower
    lower = lower.translate(_FOLDED)
    if lower.isascii():
        return lower
    split = unicodedata.normalize("NFKD", lower)
    return "".join(c for c in split if not unicodedata.combining(c)).translate(_FOLDED)


# A longer title is another field's text.
_LONGEST = 1000
_MARKS = re.compile(r"^\W*(?:retracted(?: article)?|withdrawn)\W+")


def words_of(text: str) -> list[str]:
    """The words of a text, folded.

    Examples
    --------
    >>> words_of("Low-back pain & sciatica")
    ['low', 'back', 'pain', 'sciatica']
    """
    return _WORD.findall(folded(text))


_BRACKETED = re.compile(r"[\[(]([^\[\]()]{1,160})[\])]?")
_TRAILING_LANGUAGE = re.compile(r"[\s.\]]\s*la\s*:\s*[a-z]{3,12}\s*$")
_REFERENCES = re.compile(r"^\d+ ?ref(?:s|erences)?\b")
# A note on an erratum has brackets of its own: everything from it to the end.
_HANGING = re.compile(
    r"\s?[\[(](?:(?:published )?erratum|correct(?:ed|ion)|(?:see )?comment|retract|republished|"
    r"reprint|summary for patients|original report)[^\n]*$"
)
# What an erratum is called in the Web of Science, "Title (vol 3, pg 2, 2001)", and in Embase,
# "Title (Journal (2001) 3 (2-4))", and how both end a reply.
_POINTS_AT = re.compile(
    r"\s?\((?:vol(?:ume)? ?\w+,? .{0,80}(?:19|20)\d\d.{0,40}|"
    r"[^()]{3,120} \([^()]{0,12}(?:19|20)\d\d\)[ :]{1,2}\d.{0,80}|"
    r"[^()]{3,120}(?:19|20)\d\d[^();:]{0,12}; ?\d.{0,80})\)\s?\.?(?: reply)?$"
)
_REPLY_BEHIND = re.compile(
    r"(?:[-–—:.]|\()\s*(?:(?:the )?authors?['’]?s? )?repl(?:y|ies)\)?\s*\.?$"
)


def _without_additions(text: str, known: Vocabulary) -> str:
    """Without what a database put into the title in brackets."""
    if "la:" in text or "la :" in text:
        text = _TRAILING_LANGUAGE.sub("", text)
    if "[" not in text and "(" not in text:
        return text
    return _BRACKETED.sub(lambda found: "" if _is_addition(found[1], known) else found[0], text)


def _is_addition(inside: str, known: Vocabulary) -> bool:
    plain = " ".join(_WORD.findall(inside))
    if plain in known.languages or _REFERENCES.match(plain):
        return True
    return len(plain) < 160 and plain.startswith(known.additions)


# Roman numbers above one are numbers wherever they stand; the others only behind these words.
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
_SHORT_ROMAN = {"i": "1", "v": "5", "x": "10", "xi": "11", "xii": "12"}
_WRITTEN = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "first": "1",
            "second": "2", "third": "3"}  # fmt: skip
_PARTS = frozenset(
    "part pt parts teil parte partie deel section chapter phase study paper report number no "
    "volume vol lesson case session module stage type".split()
)
# Of these, the ones that count the reports of one investigation.
_SERIES = frozenset("part pt parts teil parte partie deel chapter section paper report".split())


def _numbers(words: list[str]) -> tuple[tuple[str, ...], str]:
    found: list[str] = []
    part = ""
    before = ""
    for word in words:
        number = _ROMAN.get(word, "")
        if not number and before in _PARTS:
            number = _SHORT_ROMAN.get(word) or _WRITTEN.get(word, "")
        if not number and not word.isalpha():
            digits = [d.lstrip("0") or "0" for d in _DIGITS.findall(word)]
            found.extend(digits)
            number = digits[0] if before in _SERIES and digits else ""
        elif number:
            found.append(number)
        if number and before in _SERIES and not part:
            part = number
        before = word
    return tuple(sorted(found)), part


_LONGEST_NOTICE = 4


def _notice(words: list[str], text: str, known: Vocabulary) -> tuple[Notice, int]:
    """What a title says it is before its colon, and how many of its words say so."""
    for length in range(min(_LONGEST_NOTICE, len(words)), 0, -1):
        begin = tuple(words[:length])
        if begin in known.corrections and _set_off(text, begin, len(words)):
            return Notice.CORRECTION, length
        if begin in known.replies and _set_off(text, begin, len(words)):
            return Notice.REPLY, length
    return Notice.NONE, 0


def _notice_behind(text: str) -> tuple[Notice, str]:
    """What the end of a title says it is, and the title without it."""
    if "(" in text and (found := _POINTS_AT.search(text)):
        return Notice.CORRECTION, text[: found.start()]
    if "repl" in text[-12:] and (found := _REPLY_BEHIND.search(text)):
        return Notice.REPLY, text[: found.start()]
    return Notice.NONE, text


_OPEN_ENDED = frozenset({"to", "on", "of"})


def _set_off(text: str, begin: tuple[str, ...], total: int) -> bool:
    """Whether the words stand by themselves: "Correction: ...", "Reply to ..."."""
    if begin[-1] in _OPEN_ENDED or len(begin) == total:
        return True
    pattern = r"\W+".join(begin) + r"['’]?\s*(?:[:.\]—–]|-\s)"
    return re.match(r"\W*" + pattern, text) is not None


def read_title(text: str) -> Title:
    """A title made comparable.

    Examples
    --------
    >>> one = read_title("[Acupuncture for sciatica: part II.] [Review] [43 refs]")
    >>> one.key, one.numbers, one.part
    ('acupunctureforsciaticapartii', ('2',), '2')
    >>> read_title("Erratum: Acupuncture for sciatica").notice
    <Notice.CORRECTION: 'correction'>
    >>> read_title("Acupuncture for sciatica. [Erratum appears in J Pain 2001]").notice
    <Notice.NONE: ''>
    """
    known = vocabulary()
    lower = _MARKS.sub("", folded(text[:_LONGEST]))
    if "<" in lower:
        lower = _MARKUP.sub("", lower)
    if "'" in lower or "’" in lower or "`" in lower:
        lower = _APOSTROPHE.sub("", lower)
    words = _WORD.findall(lower)
    notice, length = _notice(words, lower, known) if words else (Notice.NONE, 0)
    plain = _HANGING.sub("", lower) if "[" in lower or "(" in lower else lower
    behind, plain = _notice_behind(plain)
    notice = notice or behind
    plain = _without_additions(plain, known)
    if plain != lower:
        words = _WORD.findall(plain)
    if length and len(words) > length:
        words = words[length:]
    numbers, part = _numbers(words)
    key = "".join(words)
    return Title(
        key,
        tuple(words),
        numbers,
        part,
        notice,
        _is_protocol(plain, known),
        "letters" in lower and any(phrase in lower for phrase in known.several),
        _is_common(key, known),
    )


def _is_protocol(text: str, known: Vocabulary) -> bool:
    return "protocol" in text and any(phrase in text for phrase in known.protocols)


_SHORTEST_TELLING = 12


def _is_common(key: str, known: Vocabulary) -> bool:
    return len(key) < _SHORTEST_TELLING or key in known.common_titles
