"""Writing safe rewritings into a file, and nothing else of it.

A file is bytes here: a byte-order mark, line endings of any kind, mixed ones too, and an
encoding other than UTF-8 stay as they are, and bytes outside a rewriting are never decoded
and encoded again.
"""

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from osler.core.decoding import CONTROL
from osler.core.diagnostics import Fix

_ENDINGS = re.compile(rb"\r\n|\n|\r")
_WIDE_ENDINGS = re.compile("(\r\n|\n|\r)")
_CONTEXT = 3  # lines around a change, as diff and git show them


@dataclass(frozen=True, slots=True)
class Fixed:
    """A file after some rewritings.

    Attributes
    ----------
    data : bytes
        The whole file.
    written : tuple of Fix
        Those that are in it.
    waiting : tuple of Fix
        Those that overlap one that was written: another run may do them.
    unfit : tuple of Fix
        Those whose line is not what it was, or whose text the file cannot hold.
    """

    data: bytes
    written: tuple[Fix, ...] = ()
    waiting: tuple[Fix, ...] = ()
    unfit: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class _Change:
    """Bytes ``start`` to ``end`` become ``text``."""

    start: int
    end: int
    text: bytes
    fix: Fix


def apply_fixes(data: bytes, fixes: Iterable[Fix]) -> Fixed:
    r"""Write rewritings into a file; where two overlap, the first in the file wins.

    Parameters
    ----------
    data : bytes
        The file as it was when the fixes were found.
    fixes : iterable of Fix
        All for this file; the same one twice counts once.

    Examples
    --------
    >>> from osler.core.diagnostics import Place
    >>> place = Place("a.md", 2, 4, 11, source="It reduces pain.")
    >>> apply_fixes(b"One\r\nIt reduces pain.\r\n", [Fix(place, "may reduce")]).data
    b'One\r\nIt may reduce pain.\r\n'
    """
    lines = list(_lines(data))
    codec = _codec(data)
    changes: list[_Change] = []
    unfit: list[Fix] = []
    row: _Row | None = None
    for fix in sorted(dict.fromkeys(fixes), key=_position):
        if row is None or row.line != fix.place.line:
            row = _row(fix.place.line, data, lines, codec)
        change = None if row is None else _change(fix, row)
        if change is None:
            unfit.append(fix)
        else:
            changes.append(change)
    changes.sort(key=lambda c: (c.start, c.end))
    chosen, waiting = _without_overlaps(changes)
    written = tuple(c.fix for c in chosen)
    return Fixed(_spliced(data, chosen), written, waiting, tuple(unfit))


def _without_overlaps(changes: Sequence[_Change]) -> tuple[list[_Change], tuple[Fix, ...]]:
    chosen: list[_Change] = []
    waiting: list[Fix] = []
    for change in changes:
        last = chosen[-1] if chosen else None
        if last is not None and (change.start < last.end or change.start == last.start):
            waiting.append(change.fix)
        else:
            chosen.append(change)
    return chosen, tuple(waiting)


def _spliced(data: bytes, changes: Sequence[_Change]) -> bytes:
    parts: list[bytes] = []
    at = 0
    for change in changes:
        parts += [data[at : change.start], change.text]
        at = change.end
    return b"".join([*parts, data[at:]])


def _position(fix: Fix) -> tuple[int, int, int]:
    return (fix.place.line, fix.place.column, fix.place.end_column)


@dataclass(slots=True)
class _Row:
    """A line as text, and how far its bytes have been counted: a long one has many fixes."""

    line: int
    text: str
    codec: str
    column: int
    byte: int

    def byte_of(self, column: int) -> int:
        """Where the character at a column starts; columns are asked for in rising order."""
        between = self.text[self.column - 1 : column - 1]
        self.byte += len(between.encode(self.codec))
        self.column = column
        return self.byte


def _row(line: int, data: bytes, lines: Sequence[tuple[int, int]], codec: str) -> _Row | None:
    """A line of the file; None where there is none, or it is damaged."""
    if not 1 <= line <= len(lines):
        return None
    start, end = lines[line - 1]
    try:
        return _Row(line, data[start:end].decode(codec), codec, 1, start)
    except UnicodeDecodeError:
        return None


def _change(fix: Fix, row: _Row) -> _Change | None:
    """The change in bytes; None where it cannot be made for certain."""
    first, end, length = fix.place.column, fix.place.end_column, len(row.text)
    if not 1 <= first <= end <= length + 1 or not _is_still(row.text, fix.place.source):
        return None
    # A line is never emptied: it would end a paragraph, and its line ending may join the next.
    empties = (first, end) == (1, length + 1) and not fix.text
    if empties or CONTROL.search(fix.text) or "\n" in fix.text or "\r" in fix.text:
        return None
    try:
        text = fix.text.encode(row.codec)
    except UnicodeEncodeError:
        return None
    start = row.byte_of(first)
    inside = row.text[first - 1 : end - 1].encode(row.codec)
    return _Change(start, start + len(inside), text, fix)


def _is_still(line: str, source: str) -> bool:
    """Whether a line is the one that was read; the reader shows control characters as U+FFFD."""
    return line == source or (len(line) == len(source) and CONTROL.sub("\ufffd", line) == source)


def _codec(data: bytes) -> str:
    """What the file is read as; a codec that keeps a byte-order mark out of the text."""
    if data.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if data.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _lines(data: bytes) -> Iterator[tuple[int, int]]:
    """Where each line starts and ends, in bytes, without its ending."""
    codec = _codec(data)
    start = 0
    if codec.startswith("utf-16"):
        yield from _wide_lines(data, codec)
        return
    while data.startswith(codecs.BOM_UTF8, start):
        start += len(codecs.BOM_UTF8)
    for ending in _ENDINGS.finditer(data, start):
        yield start, ending.start()
        start = ending.end()
    yield start, len(data)


def _wide_lines(data: bytes, codec: str) -> Iterator[tuple[int, int]]:
    """The same for UTF-16; no line where the file is damaged, so that nothing is written."""
    at = len(codecs.BOM_UTF16_LE)
    try:
        text = data[at:].decode(codec)
    except UnicodeDecodeError:
        return
    for n, part in enumerate(_WIDE_ENDINGS.split(text)):
        size = len(part.encode(codec))
        if n % 2 == 0:
            yield at, at + size
        at += size


def unified_diff(before: bytes, after: bytes, name: str) -> str:
    r"""What changed, as ``git apply`` and ``patch`` read it; both have the same lines.

    Bytes that are not UTF-8 are shown as U+FFFD, and the difference is then for reading only.

    Examples
    --------
    >>> print(unified_diff(b"a\nIt helps.\n", b"a\nIt may help.\n", "pages/a.md"), end="")
    --- a/pages/a.md
    +++ b/pages/a.md
    @@ -1,2 +1,2 @@
     a
    -It helps.
    +It may help.
    """
    old, new = (_shown(data).split("\n") for data in (before, after))
    if len(old) != len(new):
        raise ValueError("the two texts must have the same number of lines")
    if before == after:
        return ""
    last = len(old) if old[-1] or new[-1] else len(old) - 1
    changed = [n for n in range(last) if old[n] != new[n]]
    out = [f"--- a/{name}", f"+++ b/{name}"]
    for first, end in _hunks(changed, last):
        out.append(f"@@ -{_extent(old, first, end)} +{_extent(new, first, end)} @@")
        out += _hunk(old, new, first, end)
    return "\n".join(out) + "\n"


def _extent(lines: Sequence[str], first: int, end: int) -> str:
    """Where a hunk begins and how many lines it has; what follows the last ending is no line."""
    size = end - first - (end == len(lines) and not lines[-1])
    return f"{first + 1 if size else first},{size}"


def _shown(data: bytes) -> str:
    codec = _codec(data)
    return data.decode("utf-16" if codec.startswith("utf-16") else codec, errors="replace")


def _hunks(changed: Sequence[int], length: int) -> Iterator[tuple[int, int]]:
    """Runs of lines around changes; runs that touch are one."""
    first, end = 0, 0
    for n in changed:
        start = max(n - _CONTEXT, 0)
        if end and start <= end:
            end = min(n + _CONTEXT + 1, length)
            continue
        if end:
            yield first, end
        first, end = start, min(n + _CONTEXT + 1, length)
    if end:
        yield first, end


def _hunk(old: Sequence[str], new: Sequence[str], first: int, end: int) -> Iterator[str]:
    """The lines of a hunk; lines that change side by side are taken out, then put in."""
    at = first
    while at < end:
        if old[at] == new[at]:
            yield from _line(" ", old, at)
            at += 1
            continue
        stop = at
        while stop < end and old[stop] != new[stop]:
            stop += 1
        for sign, lines in (("-", old), ("+", new)):
            for n in range(at, stop):
                yield from _line(sign, lines, n)
        at = stop


def _line(sign: str, lines: Sequence[str], at: int) -> Iterator[str]:
    if at == len(lines) - 1 and not lines[at]:
        return
    yield sign + lines[at]
    if at == len(lines) - 1:
        yield "\\ No newline at end of file"
