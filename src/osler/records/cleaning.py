"""Clean text from a field: no markup, no entities, no controls, single spaces."""

import html
import re
from functools import lru_cache
from unicodedata import is_normalized, normalize

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_AMPS = re.compile(r"&(?:amp;)+", re.IGNORECASE)
# Only names that markup has: "p < 0.05 and n > 30" stays.
_INLINE = (
    "i|b|u|em|strong|sub|sup|inf|span|font|a|sc|tt|small|big|italic|bold|monospace|roman|"
    "underline|xref|ext-link|named-content|styled-content|scp|math|mml:[a-z]+|jats:(?:italic|bold|"
    "sub|sup|sc|underline|ext-link|xref|inline-formula|monospace)|inline-formula|tex-math|cite|"
    "q|s|strike|mark|nobr|wbr|ins|del|emph"
)
_BLOCK = (
    "p|br|hr|div|h[1-6]|ul|ol|li|dl|dt|dd|table|tbody|tr|td|th|sec|title|abstract|label|list|"
    "list-item|blockquote|pre|section|header|jats:(?:p|sec|title|abstract|label|list|list-item)|"
    "abstracttext|body|html"
)
_INLINE_TAG = re.compile(rf"</?(?:{_INLINE})(?:\s[^<>]{{0,300}})?/?>", re.IGNORECASE)
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCK})(?:\s[^<>]{{0,300}})?/?>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.{0,200}?-->|<!\[CDATA\[|\]\]>", re.DOTALL)
# Before any of these is looked for: "p < 0.05" and "R & D" have none.
_MAY_BE_MARKUP = re.compile(r"<[A-Za-z/!]|&[#A-Za-z]|\]\]>")
_ODD = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufffe\uffff]")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_LONE = re.compile("[\ud800-\udfff]")
_LEVELS = 8  # of escaping that has been escaped; more is an attack, not an export
_MISSING = frozenset(
    {"NA", "N/A", "n/a", "NULL", "null", "None", "nan", "NaN", "#N/A", "undefined"}
)


def plain(text: str) -> str:
    """Text as a reader should see it; the same text again when it is cleaned twice.

    Examples
    --------
    >>> plain("Effect of <i>Panax&nbsp;ginseng</i>  on H<sub>2</sub>O &amp;amp; p < 0.05")
    'Effect of Panax ginseng on H2O & p < 0.05'
    """
    # Journals, languages, keywords, volumes come again and again in an export.
    return _cleaned_short(text) if len(text) <= _SHORT else _cleaned(text)


def _cleaned(text: str) -> str:
    marked = ("<" in text or "&" in text) and _MAY_BE_MARKUP.search(text) is not None
    if marked:
        text = _without_markup(text)
    if text.isascii():
        if _has_controls(text):
            text = " ".join(text.split())  # most often all that is odd are the ends of lines
            if not _has_controls(text):
                return text
            text = _ODD.sub(" ", text)
    elif marked or not text.isprintable() or not is_normalized("NFC", text):
        text = _settled(text)
    # Of all white signs only the space is printable, and NFC leaves no other in printable text.
    return " ".join(text.split()) if "  " in text or not text.isprintable() else text.strip(" ")


_CONTROLS = bytes([*range(32), 127])


def _has_controls(text: str) -> bool:
    """Of ASCII, for which this is faster than ``isprintable`` by far."""
    return len(text.encode().translate(None, _CONTROLS)) != len(text)


_SHORT = 80


@lru_cache(maxsize=1 << 14)
def _cleaned_short(text: str) -> str:
    """What most fields are needs no more than to be looked at."""
    usual = text.isprintable() and text.isascii() and "<" not in text and "&" not in text
    return text.strip(" ") if usual and "  " not in text else _cleaned(text)


def _without_markup(text: str) -> str:
    for _ in range(_LEVELS):
        before = text
        if "&" in text:
            text = _AMPS.sub("&", text) if "mp;" in text.lower() else text
            text = _ENTITY.sub(_unescaped, text)
        if "<" in text:
            text = _COMMENT.sub("", text) if "<!" in text else text
            text = _BLOCK_TAG.sub(" ", _INLINE_TAG.sub("", text))
        if text == before:
            break
    return text


def _unescaped(match: re.Match[str]) -> str:
    return html.unescape(match[0])


def _settled(text: str) -> str:
    """Composed letters (NFC), without what cannot be seen or cannot be written."""
    text = _LONE.sub("\ufffd", _INVISIBLE.sub("", _ODD.sub(" ", text)))
    return text if is_normalized("NFC", text) else normalize("NFC", text)


def is_missing(text: str) -> bool:
    """Whether a cell only says that there is nothing: what R and pandas write for no value.

    Examples
    --------
    >>> is_missing("NA"), is_missing("Na"), is_missing("")
    (True, False, True)
    """
    return not text or text in _MISSING


_NO_ABSTRACT = re.compile(
    r"^\W*(?:no abstract(?: (?:is |was )?(?:available|provided|present|found|supplied))?|"
    r"abstract (?:is )?not (?:available|supplied|provided)|not available|no available abstract|"
    r"abstract (?:unavailable|missing)|n/?a|none|null|nan|-+)\W*$",
    re.IGNORECASE,
)


def abstract_of(text: str) -> str:
    """A clean abstract; "" where the export only says that there is none.

    Examples
    --------
    >>> abstract_of("[No abstract available]"), abstract_of("Abstract: We tried.")
    ('', 'Abstract: We tried.')
    """
    clean = plain(text)
    return "" if len(clean) < 60 and _NO_ABSTRACT.match(clean) else clean
