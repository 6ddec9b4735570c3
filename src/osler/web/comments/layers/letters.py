"""Text as a reader takes it: letters that only look like Latin ones, hidden joints, signs.

``letters.toml`` beside this file says what is taken for what. Nothing here changes what is kept
or shown: the lists of words and the classifier look at it, moderators read what was written.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

_WORD = re.compile(r"[^\W_]+")
_MEANT_WORD = re.compile(r"[\w@$](?:[\w@$!|]*[\w@$])?")
# "v i a g r a", "c.i.a.l.i.s": letters one by one with the same sign between them.
_SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?:([ .*_\-])[^\W\d_])(?:\1[^\W\d_]){2,}(?![^\W_])")


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    path = files("osler.web.comments.layers").joinpath("letters.toml")
    read: Mapping[str, Mapping[str, str]] = tomllib.loads(path.read_text("utf-8"))
    return read


@cache
def _lookalikes() -> Mapping[int, str]:
    pairs = _table()["lookalikes"].items()
    return {ord(other): latin for latin, others in pairs for other in others}


@cache
def _signs() -> Mapping[int, str]:
    return {ord(sign): letter for sign, letter in _table()["signs"].items()}


def as_read(text: str) -> str:
    r"""Words in the Latin letters that they look like; words of other writings stay.

    Full-width, bold and circled letters become plain ones, and what joins letters unseen goes.

    Examples
    --------
    >>> as_read("С\u0456\u0430lis, v\u200di\u200da\u200dgra, \uff56\uff49\uff41\uff47\uff52\uff41")
    'Cialis, viagra, viagra'
    >>> as_read("café, Привет, µg, 10³")
    'café, Привет, µg, 10³'
    """
    if text.isascii():
        return text
    seen = "".join(_plain(c) for c in text if unicodedata.category(c) != "Cf")
    return _WORD.sub(lambda match: _latin(match.group()), seen)


def _plain(char: str) -> str:
    """The ASCII letter of which this is another shape ("ａ", "ⓐ", "ﬁ"), or itself."""
    if char.isascii():
        return char
    same = unicodedata.normalize("NFKC", char)
    is_shape = same.isascii() and same.isalpha() and (len(same) == 1 or char.isalpha())
    return same if is_shape else char


def _latin(word: str) -> str:
    """The word in ASCII letters where all of its letters look like some, else as it is."""
    if word.isascii():
        return word
    plain = "".join(_letter(c) for c in word)
    return plain if _is_latin(plain) and any(c.isascii() and c.isalpha() for c in plain) else word


def _letter(char: str) -> str:
    if char.isascii() or not char.isalpha():
        return char
    small = _lookalikes().get(ord(char)) or _lookalikes().get(ord(char.lower()[0]))
    if not small:
        return char
    return small.upper() if char.isupper() else small


def _is_latin(word: str) -> bool:
    return all(c.isascii() or "LATIN" in unicodedata.name(c, "") for c in word if c.isalpha())


def readings(text: str) -> Iterator[str]:
    """The same text in small letters, as spam may have been meant to be read.

    As it stands, without marks on letters; then with signs taken for letters inside words; then
    the words alone that were written letter by letter.

    Examples
    --------
    >>> list(readings("Vi@gr\u00e1 and C I A L I S"))
    ['vi@gra and c i a l i s', 'viagra and c i a l i s', 'cialis']
    """
    seen = as_read(text).casefold()
    if not seen.isascii():
        seen = "".join(
            c for c in unicodedata.normalize("NFD", seen) if unicodedata.category(c) != "Mn"
        )
    yield seen
    meant = _MEANT_WORD.sub(lambda match: _with_letters(match.group()), seen)
    if meant != seen:
        yield meant
    apart = ["".join(c for c in m.group() if c.isalpha()) for m in _SPACED.finditer(seen)]
    if apart:
        yield "\n".join(apart)


def _with_letters(word: str) -> str:
    """A word of letters and signs in letters; a number stays a number."""
    return word.translate(_signs()) if any(c.isalpha() for c in word) else word


def of_two_alphabets(text: str) -> str:
    r"""The first word that mixes Latin letters with lookalikes of Cyrillic; "" where there is none.

    Greek is left out: "TNFα" and "μg" are honest.

    Examples
    --------
    >>> of_two_alphabets("a p\u0430in"), of_two_alphabets("Привет, TNFα and IL-1β")
    ('pаin', '')
    """
    if text.isascii():
        return ""
    found = (m.group() for m in _WORD.finditer(text))
    return next((word for word in found if not word.isascii() and _mixes(word)), "")


def _mixes(word: str) -> bool:
    scripts = {unicodedata.name(c, "").split(" ")[0] for c in word if c.isalpha()}
    return {"LATIN", "CYRILLIC"} <= scripts
