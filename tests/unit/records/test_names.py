"""Names as exports write them."""

import pytest

from osler.records.model import Name
from osler.records.names import NameOrder, parse_name, split_names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Author, Ann", Name("Author", "Ann")),
        ("Author,A.B.", Name("Author", "A.B.")),
        ("Author AB", Name("Author", "AB")),
        ("van der Author A. B.", Name("van der Author", "A. B.")),
        ("Author, Ann, Jr.", Name("Author", "Ann, Jr.")),
        ("Author, Ann 1,2", Name("Author", "Ann")),
        ("Author, Ann (ann@example.org)", Name("Author", "Ann")),
        ("Author, Ann; ORCID: https://orcid.org/0000-0001-2345-6789", Name("Author", "Ann")),
        ("World Health Organization", Name(literal="World Health Organization")),
        ("Author, A. et al.", Name("Author", "A.")),
        ("Author, Paul", Name("Author", "Paul")),
        ("Šimić, Željka", Name("Šimić", "Željka")),
        ("Hospital AB", Name(literal="Hospital AB")),
        ("Et AL", None),
        ("Back Group,", Name(literal="Back Group")),
        ("Unit 7,, Back Group", Name(literal="Unit 7, Back Group")),
        ("et al.", None),
        ("[No authors listed]", None),
        ("NA", None),
        ("", None),
    ],
)
def test_a_name_is_taken_apart(text: str, name: Name | None) -> None:
    assert parse_name(text) == name


def test_the_order_of_a_source_is_followed() -> None:
    assert parse_name("Ann B. Author", NameOrder.GIVEN_FIRST) == Name("Author", "Ann B.")
    assert parse_name("Author Ann", NameOrder.FAMILY_FIRST) == Name("Author", "Ann")
    assert parse_name("Author Ann") == Name(literal="Author Ann")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One, A.; Two, B.", ("One, A.", "Two, B.")),
        ("One A, Two B, Three C.", ("One A", "Two B", "Three C")),
        ("One A., Two B.C.", ("One A.", "Two B.C.")),
        ("One, A., Two, B.", ("One, A.", "Two, B.")),
        ("One, Ann", ("One, Ann",)),
        ("One, A.\n and Two, B.\n", ("One, A.", "Two, B.")),
        ("Ann One|Ben Two", ("Ann One", "Ben Two")),
    ],
)
def test_a_cell_of_names_is_divided(text: str, parts: tuple[str, ...]) -> None:
    assert split_names(text) == parts
