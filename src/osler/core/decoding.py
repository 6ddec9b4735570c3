"""Bytes to text: what is not plain UTF-8 is told, not guessed at in silence."""

import codecs
import re

from osler.core.diagnostics import Diagnostic, Place, Severity

# What XML and HTML cannot hold; a terminal may take some of them for commands.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with a byte-order mark"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)


def decode(data: bytes, file: str) -> tuple[str, tuple[Diagnostic, ...]]:
    """UTF-8 text from bytes; a byte-order mark or another encoding is told, not guessed at.

    Bytes that are not UTF-8 are an error that names the first of them; the text is then
    read as Windows-1252, or as UTF-16 where a mark says so, so that the rest of the file can
    be checked too. Control characters are an error, and become U+FFFD.
    """
    text, found = _decoded(data, file)
    if not CONTROL.search(text):
        return text, found
    problem = control_characters(text, file, "TAB011", Severity.ERROR)
    return CONTROL.sub("\ufffd", text), (*found, problem)


def _decoded(data: bytes, file: str) -> tuple[str, tuple[Diagnostic, ...]]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace"), (_utf16(file),)
    if data.startswith(b"\xef\xbb\xbf"):
        note = Diagnostic(
            "TAB002",
            Severity.NOTE,
            Place(file),
            "the file starts with a byte-order mark",
            so="it is read without the mark",
            help="save the file as UTF-8 without a byte-order mark (BOM)",
        )
        text, more = _decoded(data[3:], file)
        return text, (note, *more)
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        return data.decode("cp1252", errors="replace"), (_not_utf8(data, error.start, file),)


def _utf16(file: str) -> Diagnostic:
    return Diagnostic(
        "TAB001",
        Severity.ERROR,
        Place(file),
        "the file is not UTF-8",
        found="its first two bytes are the mark of UTF-16 (a spreadsheet's 'Unicode text')",
        so="the file is read as UTF-16 for this check",
        help="save the file as UTF-8 (a spreadsheet's 'CSV UTF-8')",
    )


def _not_utf8(data: bytes, at: int, file: str) -> Diagnostic:
    before = data[:at]
    line = before.count(b"\n") + 1
    start = before.rfind(b"\n") + 1
    end = data.find(b"\n", at)
    source = data[start : end if end >= 0 else len(data)].decode("cp1252", errors="replace")
    column = at - start + 1
    header = data.split(b"\n", 1)[0].decode("cp1252", errors="replace").rstrip("\r").split(",")
    index = source[: column - 1].count(",")
    named = line > 1 and file.endswith(".csv") and index < len(header)
    return Diagnostic(
        "TAB001",
        Severity.ERROR,
        Place(file, line, column, column + 1, header[index] if named else "", source.rstrip("\r")),
        "the file is not UTF-8",
        found=f"byte 0x{data[at]:02X}, which is {source[column - 1]!r} in Windows-1252 (Latin-1)",
        so="the file is read as Windows-1252 for this check; a page is not built from it",
        help="save the file as UTF-8 (a spreadsheet's 'CSV UTF-8'), then check accents and dashes",
    )


def decode_any(data: bytes, file: str) -> tuple[str, tuple[Diagnostic, ...]]:
    """Text from bytes in UTF-8, UTF-16 or Windows-1252, with a note where it is not plain UTF-8.

    Never fails: Windows-1252 gives every byte some character.

    Examples
    --------
    >>> text, notes = decode_any("Müller".encode("latin-1"), "trials.csv")
    >>> text, notes[0].code
    ('Müller', 'DAT012')
    """
    for mark, encoding, name in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), (_encoding_note(file, "DAT011", name),)
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        note = _encoding_note(file, "DAT012", "Windows-1252 (Latin-1)")
        return data.decode("cp1252", errors="replace"), (note,)


def _encoding_note(file: str, code: str, name: str) -> Diagnostic:
    return Diagnostic(
        code,
        Severity.NOTE,
        Place(file),
        f"the file is read as {name}",
        so="the numbers are not affected; check accented letters in names",
        help="save it as UTF-8 without a byte-order mark to be sure",
    )


def control_characters(text: str, file: str, code: str, severity: Severity) -> Diagnostic:
    """Where the first control character of a text stands, and how many there are.

    The text holds at least one.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first = next(CONTROL.finditer(text))
    count = len(CONTROL.findall(text))
    line = text.count("\n", 0, first.start()) + 1
    column = first.start() - text.rfind("\n", 0, first.start())
    source = CONTROL.sub("\ufffd", text.split("\n")[line - 1])
    return Diagnostic(
        code,
        severity,
        Place(file, line, column, column + 1, "", source[:2000]),
        "the file holds a control character",
        found=f"U+{ord(first[0]):04X}" + (f", the first of {count}" if count > 1 else ""),
        so="each is read as \ufffd",
        help="remove it; such characters come from a damaged file or another program's format",
    )
