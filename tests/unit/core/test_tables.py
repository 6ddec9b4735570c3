"""CSV text against a schema: what is read, what is said, and where it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.core.decoding import decode
from osler.core.diagnostics import Severity
from osler.core.tables import parse_schema, read_table, without_repeats

SCHEMA = parse_schema("""
{"name": "t.csv", "primaryKey": "id", "fields": [
  {"name": "id", "type": "string", "description": "Id", "constraints": {"required": true}},
  {"name": "n", "type": "integer", "description": "Size", "constraints": {"minimum": 1}},
  {"name": "sd", "type": "number", "description": "SD", "constraints": {"minimum": 0}},
  {"name": "ok", "type": "boolean", "description": "Yes or no"},
  {"name": "kind", "type": "string", "description": "Kind", "constraints": {"enum": ["a", "b"]}}
]}
""")


def codes(text: str) -> list[tuple[str, int, int, str]]:
    """Code, line, column and field of everything said about a table."""
    _, found = read_table(text, SCHEMA, "t.csv")
    return [(d.code, d.place.line, d.place.column, d.place.field) for d in found]


def test_typed_values_by_name_whatever_the_order_of_columns() -> None:
    rows, found = read_table("n,id,ok,sd\n3,x,yes,1.5\n", SCHEMA, "t.csv")
    assert not found
    assert rows[0].text("id") == "x"
    assert rows[0].count("n") == 3
    assert rows[0].number("sd") == 1.5
    assert rows[0].truth("ok")
    assert rows[0].values["kind"] is None


@pytest.mark.parametrize("empty", ["", "NA", "NR"])
def test_missing_values_are_empty_cells(empty: str) -> None:
    rows, found = read_table(f"id,n\nx,{empty}\n", SCHEMA, "t.csv")
    assert not found
    assert rows[0].count("n") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id,n\nx,four\n", [("TAB004", 2, 3, "n")]),
        ("id,n\nx,2.5\n", [("TAB004", 2, 3, "n")]),
        ("id,n\nx,0\n", [("TAB004", 2, 3, "n")]),
        ("id,sd\nx,-3.1\n", [("TAB004", 2, 3, "sd")]),
        ('id,sd\n"a,b","3,4"\n', [("TAB004", 2, 7, "sd")]),
        ("id,sd\nx,inf\n", [("TAB004", 2, 3, "sd")]),
        ("id,ok\nx,perhaps\n", [("TAB004", 2, 3, "ok")]),
        ("id,kind\nx,c\n", [("TAB004", 2, 3, "kind")]),
        ("n\n3\n", [("TAB005", 1, 1, "id")]),
        ("id,n\nx,1,2\n", [("TAB006", 2, 1, "")]),
        ("id,n\nx,1\nx,2\n", [("TAB007", 3, 1, "id")]),
        ("id,n,n\nx,1,2\n", [("TAB008", 1, 6, "n")]),
        ("id,nn\nx,1\n", [("TAB003", 1, 4, "nn")]),
        ("", [("TAB009", 1, 1, "")]),
        ("id,n\n\n", [("TAB009", 1, 1, "")]),
        ("id,n\n\nx,y\n", [("TAB004", 3, 3, "n")]),
    ],
)
def test_bad_cells_are_named_with_line_column_and_field(
    text: str, expected: list[tuple[str, int, int, str]]
) -> None:
    assert codes(text) == expected


def test_a_row_with_a_bad_required_cell_is_left_out_and_said_so() -> None:
    rows, found = read_table("id,n\n,3\ny,4\n", SCHEMA, "t.csv")
    assert [row.text("id") for row in rows] == ["y"]
    assert found[0].so == "the row is left out"


def test_the_first_of_repeated_rows_stands() -> None:
    rows, _ = read_table("id,n\nx,1\nx,2\n", SCHEMA, "t.csv")
    assert [row.count("n") for row in without_repeats(rows, SCHEMA)] == [1]


def test_an_unclosed_quote_is_told_by_its_line() -> None:
    huge = 'id,n\n"x,1\n' + "y" * 200_000
    _, found = read_table(huge, SCHEMA, "t.csv")
    assert "TAB010" in {d.code for d in found}


def test_a_byte_order_mark_is_noted_and_removed() -> None:
    text, found = decode("\ufeffid\n".encode(), "t.csv")
    assert text == "id\n"
    assert [(d.code, d.severity) for d in found] == [("TAB002", Severity.NOTE)]


def test_latin_1_is_an_error_at_the_byte_with_row_and_field() -> None:
    text, found = decode("id,label\n1,x\n2,Müller\n".encode("latin-1"), "studies.csv")
    assert "Müller" in text
    (told,) = found
    assert (told.code, told.severity) == ("TAB001", Severity.ERROR)
    assert (told.place.line, told.place.column, told.place.field) == (3, 4, "label")
    assert "0xFC" in told.found


@given(st.text(max_size=400))
def test_any_text_is_read_without_an_exception_and_places_lie_inside(text: str) -> None:
    _, found = read_table(text, SCHEMA, "t.csv")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert all(1 <= d.place.line <= len(lines) for d in found)
    assert all(d.place.column >= 1 for d in found)


@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_without_an_exception(data: bytes) -> None:
    text, found = decode(data, "t.csv")
    assert isinstance(text, str)
    assert {d.code for d in found} <= {"TAB001", "TAB002", "TAB011"}


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_separator_is_one_finding_and_the_rows_are_read(separator: str) -> None:
    text = separator.join(("id", "n")) + "\n" + separator.join(("x", "oops")) + "\n"
    rows, found = read_table(text, SCHEMA, "t.csv")
    assert [row.text("id") for row in rows] == ["x"]
    assert [(d.code, d.place.line, d.place.column) for d in found] == [
        ("TAB012", 1, 1),
        ("TAB004", 2, 3),
    ]


def test_a_quote_that_is_never_closed_is_named_at_its_row() -> None:
    rows, found = read_table('id,n\nx,1\n"y,2\nz,3\n', SCHEMA, "t.csv")
    assert [row.text("id") for row in rows] == ["x"]
    assert [(d.code, d.place.line) for d in found] == [("TAB010", 3)]


def test_an_inch_sign_is_not_an_open_quote() -> None:
    rows, found = read_table('id,n\n5" needle,2\n', SCHEMA, "t.csv")
    assert ([row.text("id") for row in rows], found) == (['5" needle'], [])


@pytest.mark.parametrize("number", ["1_0", "1e308", "9" * 40])
def test_a_count_that_nobody_meant_is_not_read(number: str) -> None:
    _, found = read_table(f"id,n\nx,{number}\n", SCHEMA, "t.csv")
    assert [(d.code, d.place.field) for d in found] == [("TAB004", "n")]


def test_utf16_is_named_and_read() -> None:
    text, (told,) = decode("id\nMüller\n".encode("utf-16"), "t.csv")
    assert (text, told.code) == ("id\nMüller\n", "TAB001")
    assert "UTF-16" in told.found


def test_control_characters_are_named_once_and_replaced() -> None:
    text, (told,) = decode(b"id\nMu\x1b[31mller\0\n", "t.csv")
    assert text == "id\nMu\ufffd[31mller\ufffd\n"
    assert (told.code, told.place.line, told.place.column) == ("TAB011", 2, 3)
    assert "the first of 2" in told.found
