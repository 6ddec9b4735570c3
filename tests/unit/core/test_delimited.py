import pytest

from osler.core.decoding import decode_any
from osler.core.delimited import parse_delimited
from osler.core.splitting import cell_columns


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(separator: str) -> None:
    text = separator.join(("study", "ai", "n1i")) + "\n" + separator.join(("A", "1", "9"))
    table, found = parse_delimited(text, "t.csv")
    assert found == ()
    assert table is not None
    assert table.separator == separator
    assert table.rows[0].cells == ("A", "1", "9")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xef\xbb\xbfstudy", "DAT011"),
        ("study".encode("utf-16"), "DAT011"),
        ("study Müller".encode("latin-1"), "DAT012"),
    ],
)
def test_an_encoding_is_noted(data: bytes, code: str) -> None:
    text, notes = decode_any(data, "t.csv")
    assert text.startswith("study")
    assert [d.code for d in notes] == [code]
    assert not notes[0].is_finding


def test_utf8_needs_no_word() -> None:
    assert decode_any("Müller".encode(), "t.csv") == ("Müller", ())


@pytest.mark.parametrize("text", ["", "\n\n", "  \n"])
def test_nothing_at_all(text: str) -> None:
    table, found = parse_delimited(text, "t.csv")
    assert table is None
    assert [d.code for d in found] == ["DAT008"]


def test_a_header_alone() -> None:
    table, found = parse_delimited("study,ai\n", "t.csv")
    assert table is not None
    assert table.rows == ()
    assert [d.code for d in found] == ["DAT008"]


def test_a_row_of_another_length_is_named_and_left_out() -> None:
    table, found = parse_delimited("a,b\n1,2\n3\n4,5,6\n", "t.csv")
    assert table is not None
    assert [row.line for row in table.rows] == [2]
    assert [(d.code, d.place.line) for d in found] == [("DAT016", 3), ("DAT016", 4)]


def test_lines_are_counted_through_blank_ones_and_quoted_breaks() -> None:
    table, _ = parse_delimited('a,b\n\n"x\ny",1\nz,2\n', "t.csv")
    assert table is not None
    assert [(row.line, row.cells[0]) for row in table.rows] == [(3, "x\ny"), (5, "z")]


def test_a_cell_too_large_for_the_reader_is_told() -> None:
    table, found = parse_delimited("a,b\n1,2\n" + "x" * 200_000 + ",2\n", "t.csv")
    assert table is not None
    assert len(table.rows) == 1
    assert [(d.code, d.place.line) for d in found] == [("DAT017", 3)]


def test_a_cell_is_found_in_its_line() -> None:
    source = '"Smith, 2004",12,60'
    assert [source[a - 1 : b - 1] for a, b in (cell_columns(source, i, ",") for i in range(3))] == [
        '"Smith, 2004"',
        "12",
        "60",
    ]
