"""An export's bytes as text that an XML parser takes: encoding, blank lines, control characters.

WordPress writes what its database holds. Exports begin with blank lines where a plug-in printed
some, hold characters that XML forbids, and bytes that are not of the encoding they declare.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

CHUNK = 1 << 16
# XML 1.0, production [2] Char: no others may stand in a document, not even as references.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_REFERENCE = re.compile(
    r"&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2\d|3[01]));", re.IGNORECASE
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_DECLARATION = re.compile(r"<\?xml[^>]{0,300}\?>")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass
class Cleaned:
    """Counts, as reading goes on, what could not be taken as it stands."""

    encoding: str = "utf-8"
    unread: int = 0
    forbidden: int = 0


def clean_chunks(stream: BinaryIO, counted: Cleaned) -> Iterator[str]:
    r"""The export as text, piece by piece; nothing is held but one piece.

    Bytes that are not of the declared encoding become U+FFFD, characters that XML forbids a
    blank; both are counted. Line ends stay, so that places can be told.

    Examples
    --------
    >>> import io
    >>> counted = Cleaned()
    >>> "".join(clean_chunks(io.BytesIO(b"\n<?xml version='1.0'?><a>b\x08c\xff</a>"), counted))
    '\n<a>b c\ufffd</a>'
    >>> counted.unread, counted.forbidden
    (1, 1)
    """
    head = stream.read(CHUNK)
    counted.encoding = _encoding(head)
    decoder = codecs.getincrementaldecoder(counted.encoding)("osler.counted")
    first, rest = True, ""
    while head:
        text = rest + decoder.decode(head)
        text, rest = _whole(text)
        if first and text.strip("\ufeff \t\r\n"):
            # Blank lines may stand before the first element, but not before a declaration.
            text = _DECLARATION.sub("", text.lstrip("\ufeff"), count=1)
            first = False
        yield _taken(text, counted)
        head = stream.read(CHUNK)
    yield _taken(rest + decoder.decode(b"", True), counted)


def _whole(text: str) -> tuple[str, str]:
    """Up to a reference that the next piece may finish."""
    at = text.rfind("&", max(len(text) - 12, 0))
    return (text[:at], text[at:]) if at >= 0 and ";" not in text[at:] else (text, "")


def _taken(text: str, counted: Cleaned) -> str:
    text, forbidden = _FORBIDDEN.subn(" ", text)
    text, references = _REFERENCE.subn(" ", text)
    counted.forbidden += forbidden + references
    # What was replaced while decoding; the mark is put in by _count and taken out here.
    counted.unread += text.count(_UNREAD)
    return text.replace(_UNREAD, "\ufffd")


_UNREAD = "\U000f1dff"  # private use: no export holds it, and if it does it was not readable


def _count(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return _UNREAD, error.end


codecs.register_error("osler.counted", _count)


def _encoding(head: bytes) -> str:
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    declared = _DECLARED.search(head[:1000])
    name = declared.group(1).decode("ascii") if declared else "utf-8"
    try:
        known = codecs.lookup(name)
    except LookupError:
        return "utf-8"
    # Codecs such as "zip" or "idna" read no text; UTF-16 without its mark is a mistaken label.
    is_text = known._is_text_encoding and known.name not in ("idna", "punycode", "unicode_escape")
    return known.name if is_text and not known.name.startswith(("utf-16", "utf-32")) else "utf-8"
