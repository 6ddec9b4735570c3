"""Clean text from a field: no markup, no entities, no controls, single spaces."""

import html
import re
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
# Before any of these is looked for: "p < 0.05" and "R & D" have none. Each begins with one sign,
# so that a search goes from sign to sign.
_LIKE_TAG = re.compile(r"<[A-Za-z/!]")
_LIKE_ENTITY = re.compile(r"&[#A-Za-z]")
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
    usual = len(text) < _LONG and text.isascii() and text.isprintable()
    if usual and "<" not in text and "&" not in text and "  " not in text:
        return text.strip(" ")
    return _cleaned(text)


def _cleaned(text: str) -> str:
    if _is_marked(text):
        text = _without_markup(text)
    if text.isascii():
        if _has_controls(text):
            text = " ".join(text.split())  # most often all that is odd are the ends of lines
            if _has_controls(text):
                text = _ODD.sub(" ", text)
    elif not (text.isprintable() and is_normalized("NFC", text)):
        return " ".join(_settled(text).split())
    # Of all white signs only the space is printable.
    return " ".join(text.split()) if "  " in text else text.strip(" ")


def _is_marked(text: str) -> bool:
    return ("<" in text and _LIKE_TAG.search(text) is not None) or (
        "&" in text and _LIKE_ENTITY.search(text) is not None
    )


_LONG = 100
# Of bytes: 1 for a control, else a space.
_CONTROLS = bytes(1 if byte < 32 or byte == 127 else 32 for byte in range(256))


def _has_controls(text: str) -> bool:
    """Of ASCII; where it is long, this is faster than ``isprintable`` by far."""
    if len(text) < _LONG:
        return not text.isprintable()
    return b"\1" in text.encode().translate(_CONTROLS)


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
