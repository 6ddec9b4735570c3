"""Text from an export's bytes: the encoding is told, mixed ones are repaired line by line."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

_CHUNK = 1 << 16
_SAMPLE = 1 << 18
_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8 with a byte-order mark"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_LEGACY_NAMES = {"cp1252": "Windows-1252", "gb18030": "GB18030"}
_HIGH_RUNS = re.compile(rb"[\x80-\xff]+")


def _as_latin(error: UnicodeError) -> tuple[str, int]:
    """The five bytes that Windows-1252 leaves open, as the controls that Latin-1 has there."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("osler-latin", _as_latin)


class Readable(Protocol):
    """All that is asked of a stream: the next bytes, none at its end."""

    def read(self, size: int = ..., /) -> bytes: ...


@dataclass(slots=True)
class DecodedLines:
    r"""The lines of a stream of bytes, without their ends; any of LF, CRLF and CR ends one.

    ``encoding`` says what was found, ``mixed`` at which lines another encoding was met. Both
    are complete once the lines have been read to the end. At most one chunk (1 MiB), or the
    longest line, is held at a time.

    Examples
    --------
    >>> from io import BytesIO
    >>> decoded = DecodedLines(BytesIO(b"TI  - Caf\xe9\rPY  - 2001\r"))
    >>> list(decoded), decoded.encoding, decoded.mixed
    (['TI  - Café', 'PY  - 2001'], 'Windows-1252', [1])
    """

    stream: Readable
    encoding: str = "UTF-8"
    mixed: list[int] = field(default_factory=list)
    _number: int = 0  # of whole lines that have been given out

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(map(lines_of, self.texts()))

    def texts(self) -> Iterator[str]:
        """The same in blocks of whole lines, each ended by a line feed; the last may have none."""
        self._number = 0
        head = self.stream.read(_SAMPLE)
        codec = self._sniffed(head)
        chunks = self._chunks(head)
        for text in self._by_line(chunks) if codec is None else _wide(chunks, codec):
            self._number += text.count("\n")
            yield text

    def _sniffed(self, head: bytes) -> str | None:
        """The codec of a wide encoding; None for those whose line ends are single bytes."""
        for mark, codec, name in _MARKS:
            if head.startswith(mark):
                self.encoding = name
                return None if codec == "utf-8" else codec
        wide = _wide_without_mark(head)
        if wide:
            self.encoding = "UTF-16 without a byte-order mark"
        return wide

    def _chunks(self, head: bytes) -> Iterator[bytes]:
        yield head
        while chunk := self.stream.read(_CHUNK):
            yield chunk

    def _by_line(self, chunks: Iterator[bytes]) -> Iterator[str]:
        """Whole lines of UTF-8; a chunk that is not UTF-8 is decoded line by line."""
        first, legacy = True, ""
        for block in _whole_lines(chunks):
            if first and block.startswith(codecs.BOM_UTF8):
                block = block[3:]
            first = False
            try:
                text = block.decode("utf-8")
            except UnicodeDecodeError:
                legacy = legacy or legacy_codec(block)
                lines = block.split(b"\n")
                before = self._number
                text = "\n".join(
                    self._line(line, before + i, legacy) for i, line in enumerate(lines, 1)
                )
            yield text

    def _line(self, line: bytes, number: int, legacy: str) -> str:
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            self.mixed.append(number)
            self.encoding = _LEGACY_NAMES[legacy]
            return line.decode(legacy, errors="osler-latin" if legacy == "cp1252" else "replace")


def lines_of(text: str) -> list[str]:
    r"""The lines of whole lines, without their line feeds.

    Examples
    --------
    >>> lines_of("TI  - A\n\nER  - "), lines_of("")
    (['TI  - A', '', 'ER  - '], [])
    """
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def _wide(chunks: Iterator[bytes], codec: str) -> Iterator[str]:
    """Whole lines of an encoding whose line ends have several bytes."""
    decoder = codecs.getincrementaldecoder(codec)(errors="replace")
    carried, first = "", True
    held: list[str] = []
    for chunk in chain(chunks, [b""]):
        text = carried + decoder.decode(chunk, final=not chunk)
        if first:
            text = text.removeprefix("\ufeff")
            first = False
        carried = "\r" if text.endswith("\r") and chunk else ""
        text = _line_ends(text[: len(text) - len(carried)])
        cut = text.rfind("\n") + 1
        if cut:
            yield "".join([*held, text[:cut]])
            held = []
        held.append(text[cut:])
    if rest := "".join(held):
        yield rest


def _line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _whole_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Blocks that end where a line ends, LF only; a long line is gathered once, not re-read."""
    held: list[bytes] = []
    for chunk in chunks:
        cut = max(chunk.rfind(b"\n"), chunk[:-1].rfind(b"\r")) + 1
        if not cut and held and held[-1].endswith(b"\r") and not chunk.startswith(b"\n"):
            yield _byte_ends(b"".join(held))
            held = []
        if not cut:
            held.append(chunk)
            continue
        yield _byte_ends(b"".join([*held, chunk[:cut]]))
        held = [chunk[cut:]] if cut < len(chunk) else []
    if held:
        yield _byte_ends(b"".join(held))


def _byte_ends(block: bytes) -> bytes:
    return block.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in block else block


def _wide_without_mark(head: bytes) -> str | None:
    """UTF-16 shows in Western text by a zero in every other byte."""
    sample = head[:4096]
    half = len(sample) // 2
    if half < 4:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def legacy_codec(data: bytes) -> str:
    """Of bytes that are not UTF-8: "gb18030" where they read as Chinese, else "cp1252".

    Chinese characters are pairs of bytes that both stand above A0, so they come in runs of even
    length; in Western text a letter with an accent stands alone.

    Examples
    --------
    >>> legacy_codec("针灸治疗".encode("gb18030")), legacy_codec("Café crème".encode("cp1252"))
    ('gb18030', 'cp1252')
    """
    runs = [run for run in _HIGH_RUNS.findall(data[: 1 << 20]) if not _is_utf8(run)]
    paired = sum(len(run) for run in runs if len(run) % 2 == 0 and min(run) > 0xA0)
    total = sum(map(len, runs))
    long = sum(len(run) for run in runs if len(run) >= 4)
    return "gb18030" if total >= 4 and paired >= 0.8 * total and long >= 0.4 * total else "cp1252"


def _is_utf8(run: bytes) -> bool:
    try:
        run.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
