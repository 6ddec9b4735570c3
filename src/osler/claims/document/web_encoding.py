"""The text of a saved web page, from its bytes: the encoding is looked for as a browser does."""

import codecs
import re
from types import MappingProxyType

from osler.core.diagnostics import Diagnostic, Place, Severity

# Where a browser looks for <meta charset=...>: html.spec.whatwg.org, 13.2.3.2.
_HEAD = 1024
_CHARSET = re.compile(
    rb"""<meta[^>]{0,300}?charset\s{0,9}=\s{0,9}["']?([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE
)

# Labels of the WHATWG encoding standard that saved pages in English carry, and what each means.
# Python knows more, among them some that are no encodings of text.
_LABELS = MappingProxyType(
    {
        **dict.fromkeys(("utf-8", "utf8", "unicode-1-1-utf-8"), "utf-8"),
        **dict.fromkeys(
            (
                "iso-8859-1",
                "iso8859-1",
                "latin1",
                "l1",
                "us-ascii",
                "ascii",
                "windows-1252",
                "cp1252",
            ),
            "cp1252",
        ),
        **dict.fromkeys(("iso-8859-15", "latin9"), "iso8859-15"),
        **dict.fromkeys(("iso-8859-2", "latin2"), "iso8859-2"),
        **{f"windows-{n}": f"cp{n}" for n in (1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258)},
        "macintosh": "mac-roman",
    }
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode_web_page(data: bytes, file: str) -> tuple[str, tuple[Diagnostic, ...]]:
    r"""Text from bytes, with a note where the encoding is not UTF-8.

    A byte-order mark decides, then what the page says of itself, then whether the bytes can be
    UTF-8; Windows-1252 fits any bytes.

    Examples
    --------
    >>> text, notes = decode_web_page(b"<meta charset=latin1><p>caf\xe9", "menu.html")
    >>> text[-4:], [d.code for d in notes]
    ('café', ['ALO005'])
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, errors="replace")
            return text, () if encoding == "utf-8" else (_told(file, "UTF-16", "its first bytes"),)
    said = _CHARSET.search(data[:_HEAD])
    label = said[1].decode("ascii").lower() if said else ""
    encoding = _LABELS.get(label, "")
    if encoding in ("", "utf-8"):
        try:
            return data.decode("utf-8"), ()
        except UnicodeDecodeError:
            encoding, label = "cp1252", ""
    why = f"the page says charset={label}" if label else "its bytes are not UTF-8"
    return data.decode(encoding, errors="replace"), (_told(file, encoding, why),)


def _told(file: str, encoding: str, why: str) -> Diagnostic:
    name = "Windows-1252" if encoding == "cp1252" else encoding
    return Diagnostic(
        "ALO005",
        Severity.NOTE,
        Place(file),
        f"the page is read as {name}",
        why,
        "accents and dashes may not be what the author wrote",
        "save the page as UTF-8 to be sure",
    )
