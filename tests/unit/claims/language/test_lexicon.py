"""Words that a review adds to the lists, or takes away."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import osler.claims.language
from osler.claims.language.lexicon import (
    SHIPPED,
    Lexicon,
    in_use,
    list_names,
    phrases,
    read_lexicon,
    table,
    using,
)
from osler.claims.language.reading import find_absolutes, read_words
from osler.claims.language.words import words_of

HOUSE = """
# words/house.toml
[size]
large = ["out of this world"]
neutral = ["big heart"]

[certainty]
low = ["there are signs that"]

[strong]
alone = ["beats every pill"]

[remove.size]
large = ["big"]
"""


def house() -> Lexicon:
    lexicon, found = Lexicon().with_words(HOUSE, "words/house.toml")
    assert found == ()
    return lexicon


def codes(text: str, **options: bool) -> list[tuple[str, int]]:
    _, found = Lexicon().with_words(text, "words/a.toml", **options)
    return [(d.code, d.place.line) for d in found]


def test_added_words_are_read() -> None:
    words = "there are signs that it reduces pain out of this world"
    before, after = read_words(words), read_words(words, lexicon=house())
    assert (before.size, before.certainty.word) == ("", "high")
    assert (after.size, after.certainty.word) == ("large", "low")
    assert after.hedges == ("there are signs that",)


def test_removed_words_are_not_read_and_neutral_ones_are_passed_over() -> None:
    assert read_words("a big reduction in pain").size == "large"
    assert read_words("a big reduction in pain", lexicon=house()).size == ""


def test_added_words_that_no_trial_can_carry_are_found() -> None:
    words = "it beats every pill"
    assert [words[a:b] for a, b in find_absolutes(words)] == []
    assert [words[a:b] for a, b in find_absolutes(words, lexicon=house())] == ["beats every pill"]


def test_a_word_put_into_another_group_leaves_the_first() -> None:
    lexicon, found = Lexicon().with_words('[certainty]\nmoderate = ["Perhaps"]')
    assert found == ()
    assert read_words("perhaps reduces pain", lexicon=lexicon).certainty.word == "moderate"
    assert "perhaps" not in lexicon.table("certainty")["low"]


def test_the_shipped_lists_stay_as_they_are() -> None:
    house()
    assert "big" in SHIPPED.table("size")["large"]
    assert phrases("size").find(words_of("out of this world")) == []


def test_words_in_use_reach_every_reader_and_leave_with_the_block() -> None:
    words = "there are signs that it beats every pill"
    with using(house()):
        inside = read_words(words)
        assert find_absolutes(words)
        assert "big" not in table("size")["large"]
        assert read_words(words, lexicon=SHIPPED) != inside
    assert inside == read_words(words, lexicon=house()) != read_words(words)
    assert "big" in table("size")["large"]


def test_words_in_use_leave_when_something_goes_wrong() -> None:
    with pytest.raises(ValueError, match="wrong"), using(house()):
        raise ValueError("wrong")
    assert in_use() is SHIPPED


def test_lexicons_with_the_same_words_are_equal() -> None:
    assert house() == house() and hash(house()) == hash(house()) and house() != SHIPPED


def test_words_of_a_folder_and_its_settings() -> None:
    content = {
        "words/b.toml": b'[size]\nslight = ["smashing"]\n',
        "words/a.toml": b'[size]\nlarge = ["smashing", "grand"]\n',
        "osler.toml": b'title = "A page"\n[lexicon.size]\nlarge = ["stellar"]\n',
        "studies.csv": b"label\n",
    }
    lexicon, found = read_lexicon(content)
    sizes = [read_words(f"a {w} reduction", lexicon=lexicon).size for w in ("grand", "stellar")]
    assert (sizes, found) == (["large", "large"], ())
    assert read_words("a smashing reduction", lexicon=lexicon).size == "slight"


def test_settings_without_words_and_broken_settings_say_nothing_here() -> None:
    assert read_lexicon({"osler.toml": b'[question]\nlarge = "x"\n'}) == (SHIPPED, ())
    assert read_lexicon({"osler.toml": b"[question\n"}) == (SHIPPED, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("[size\n", [("LEX001", 1)]),
        ('[size]\nlarge = ["a"\n\n', [("LEX001", 3)]),
        ('[sise]\nlarge = ["vast"]\n', [("LEX002", 1)]),
        ('\n[remove.sise]\nlarge = ["vast"]\n', [("LEX002", 2)]),
        ('[size]\nhuge = ["vast"]\n', [("LEX003", 2)]),
        ('[size]\nlarge = "vast"\n', [("LEX004", 2)]),
        ('[size]\nlarge = ["vast", 3]\n', [("LEX004", 2)]),
        ('size = "vast"\n', [("LEX004", 1)]),
        ("remove = 3\n", [("LEX004", 1)]),
        ("lexicon = 3\n", [("LEX004", 1)]),
        ('[size]\nlarge = [\n  "fine",\n  "",\n]\n', [("LEX005", 2)]),
        ('[size]\nlarge = [\n  "fine",\n  "... end",\n]\n', [("LEX005", 4)]),
        ('[size]\nlarge = ["al*"]\n', [("LEX005", 2)]),
        ('[size]\nlarge = ["cur(e|es)"]\n', [("LEX005", 2)]),
        ('[size]\nlarge = ["a ... b ... c ... d"]\n', [("LEX005", 2)]),
        ('[remove.size]\nlarge = ["never there"]\n', [("LEX006", 2)]),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line(
    text: str, expected: list[tuple[str, int]]
) -> None:
    assert codes(text) == expected


def test_a_diagnostic_says_what_to_do() -> None:
    lexicon, found = Lexicon().with_words('[size]\nlarg = ["vast"]', "words/a.toml")
    assert lexicon == SHIPPED
    assert found[0].help == 'did you mean "large"?'
    assert (found[0].place.file, found[0].place.source) == ("words/a.toml", 'larg = ["vast"]')
    assert found[0].so == "it is left out"


def test_one_bad_pattern_does_not_take_the_others_with_it() -> None:
    lexicon, found = Lexicon().with_words('[size]\nlarge = ["grand", "(", "stellar"]')
    assert [d.code for d in found] == ["LEX005"]
    assert [c.pattern for c in lexicon.changes] == ["grand", "stellar"]


def test_every_code_of_the_reader_has_a_page() -> None:
    package = Path(osler.claims.language.__file__).parent
    source = (package / "reader" / "additions.py").read_text(encoding="utf-8")
    pages = package.parents[1] / "explanations"
    told = {f"LEX00{n}" for n in range(1, 7)}
    assert all(f'"{code}"' in source and (pages / f"{code}.md").exists() for code in told)


def test_words_are_kept_as_they_are_matched() -> None:
    text = '[size]\nlarge = ["Out-of  this World"]\n[verbs]\nacts = ["Y", "Un-block", "s"]'
    lexicon, found = Lexicon().with_words(text)
    assert [c.pattern for c in lexicon.changes] == ["out of this world", "y", "un block", "s"]
    assert found == ()
    assert read_words("It reduces pain out-of-this-world", lexicon=lexicon).size == "large"


@given(st.text(max_size=200), st.booleans())
def test_any_text_is_read_or_told(text: str, settings: bool) -> None:
    lexicon, found = Lexicon().with_words(text, "words/a.toml", settings=settings)
    lines = max(len(text.splitlines()), 1)
    assert all(1 <= d.place.line <= lines for d in found)
    assert read_words("may reduce pain", lexicon=lexicon).direction in ("better", "")


NAMES = [(name, group) for name, groups in list_names().items() for group in groups]


@given(st.sampled_from(NAMES), st.lists(st.text(max_size=12), max_size=4), st.booleans())
def test_any_pattern_is_used_or_told(
    where: tuple[str, str], patterns: list[str], removes: bool
) -> None:
    name, group = where
    inside = ", ".join('"' + "".join(f"\\U{ord(c):08x}" for c in p) + '"' for p in patterns)
    table = f"remove.{name}" if removes else name
    lexicon, found = Lexicon().with_words(f'[{table}]\n"{group}" = [{inside}]\n')
    assert len(lexicon.changes) + len(found) == len(patterns)
    lexicon.phrases(name).find(words_of("it may reduce pain"))
    read_words("it may reduce pain", lexicon=lexicon)
