"""Bytes to lines: encodings, line ends, memory."""

from io import BytesIO

import pytest

from osler.records.encodings import DecodedLines

TEXT = "TI  - Café crème\nAU  - Ø, Å\n"


def lines_of(content: bytes) -> tuple[list[str], DecodedLines]:
    decoded = DecodedLines(BytesIO(content))
    return list(decoded), decoded


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with a byte-order mark"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16 without a byte-order mark"),
        ("utf-16-be", "UTF-16 without a byte-order mark"),
        ("utf-32", "UTF-32"),
        ("cp1252", "Windows-1252"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_are_told(codec: str, name: str, end: str) -> None:
    lines, decoded = lines_of(TEXT.replace("\n", end).encode(codec))
    assert lines == ["TI  - Café crème", "AU  - Ø, Å"]
    assert decoded.encoding == name


def test_chinese_is_read_as_gb18030() -> None:
    lines, decoded = lines_of("%T 参考文献管理工具研究\n%A 余敏\n".encode("gb18030"))
    assert lines == ["%T 参考文献管理工具研究", "%A 余敏"]
    assert decoded.encoding == "GB18030"


def test_mixed_encodings_are_repaired_line_by_line() -> None:
    lines, decoded = lines_of("é\n".encode() + b"\xe9\n" + "ü\n".encode())
    assert lines == ["é", "é", "ü"]
    assert decoded.mixed == [2]


def test_only_line_ends_end_lines() -> None:
    lines, _ = lines_of("a\u2028b\x0bc\x85d\n".encode())
    assert lines == ["a\u2028b\x0bc\x85d"]


@pytest.mark.parametrize("end", [b"\r", b"\r\n", b"\n"])
def test_lines_across_chunks_stay_whole(end: bytes) -> None:
    row = b"x" * 4093
    lines, _ = lines_of((row + end) * 700)
    assert lines == [row.decode()] * 700


def test_a_line_longer_than_a_chunk_stays_whole() -> None:
    lines, _ = lines_of(b"a\n" + b"x" * 3_000_000 + b"\nb")
    assert [len(line) for line in lines] == [1, 3_000_000, 1]
