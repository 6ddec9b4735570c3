"""Numbers, words, sentences, names and the lexicon."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import osler.claims
from osler.claims.document.front_matter import read_front_matter
from osler.claims.document.sentences import split_sentences
from osler.claims.language.lexicon import number_words, phrases, table
from osler.claims.language.names import closest
from osler.claims.language.quantities import quantities_in
from osler.claims.language.words import Phrases, words_of

PACKAGE = Path(osler.claims.__file__).parent


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30%", [(0.3, 0.3)]),
        ("30 percent", [(0.3, 0.3)]),
        ("12.5 per cent", [(0.125, 0.125)]),
        ("3 in 10", [(0.3, 0.3)]),
        ("three out of every ten people", [(0.3, 0.3)]),
        ("2 to 3 in 10 people", [(0.2, 0.3)]),
        ("about a third", [(0.3333, 0.3333)]),
        ("between 13 and 40%", [(0.13, 0.4)]),
        ("13%–40%", [(0.13, 0.4)]),
        ("1,842 participants", [(1842, 1842)]),
        ("7 of 8 trials", [(7, 7), (8, 8)]),
        ("one of two treatments", [(1, 1), (2, 2)]),
        ("between 1 and 3 people in every 100,000", [(0.00001, 0.00003)]),
        ("in 2015, aged 50, 95% CI, 20 mg", []),
    ],
)
def test_numbers_in_words_and_digits(text: str, expected: list[tuple[float, float]]) -> None:
    found = [(round(q.low, 6), round(q.high, 6)) for q in quantities_in(text)]
    assert found == expected


def test_bounds_of_numbers() -> None:
    assert [q.bound for q in quantities_in("up to 40%, at least 3%, 5%")] == ["upper", "lower", ""]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("Tu et al. found it. Dr. Li did not.", ["Tu et al. found it.", "Dr. Li did not."]),
        ("It fell by 1.5 points. Why?", ["It fell by 1.5 points.", "Why?"]),
        ('He said "no." She left.', ['He said "no."', "She left."]),
        ("Acupuncture vs. drugs", ["Acupuncture vs. drugs"]),
        ("J. Smith agreed.", ["J. Smith agreed."]),
        ("Is it safe? No! Yes…", ["Is it safe?", "No!", "Yes…"]),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert [text[a:b] for a, b in split_sentences(text)] == sentences


@given(st.text())
def test_sentences_are_in_order_and_miss_nothing_but_space(text: str) -> None:
    bounds = split_sentences(text)
    assert all(a < b for a, b in bounds)
    assert all(b <= c for (_, b), (c, _) in pairwise(bounds))
    assert "".join("".join(text[a:b].split()) for a, b in bounds) == "".join(text.split())


def test_the_longest_phrase_wins_and_gaps_are_bounded() -> None:
    found = Phrases({"a": ["give ... relief", "give"], "b": ["relie*"]})
    near = found.find(words_of("give very quick relief"))
    far = found.find(words_of("give one two three four five relief"))
    assert [(m.name, m.first, m.last) for m in near] == [("a", 0, 4)]
    assert [(m.name, m.first, m.last) for m in far] == [("a", 0, 1), ("b", 6, 7)]


def test_phrases_end_at_full_stops() -> None:
    assert Phrases({"a": ["no harm"]}).find(words_of("No. Harm")) == []


def test_the_closest_names_are_offered_first() -> None:
    known = ["a vs b / pain", "acupuncture vs sham / leg pain", "acupuncture vs drugs / leg pain"]
    assert closest("acupuncture vs shan / leg pan", known)[0] == "acupuncture vs sham / leg pain"
    assert closest("zzz", known) == []


def test_front_matter_takes_comments_and_quotation_marks() -> None:
    read = read_front_matter(["---", "# note", 'title: "A: b"', "draft: true", "---"], "a.md")
    assert (read.values["title"], read.values["draft"], read.diagnostics) == ("A: b", "true", ())


LISTS = sorted(path.stem for path in (PACKAGE / "language" / "lexicon").glob("*.toml"))


@pytest.mark.parametrize("name", [n for n in LISTS if n != "numbers"])
def test_word_lists_are_lower_case_and_without_repeats(name: str) -> None:
    for group, patterns in table(name).items():
        assert len(set(patterns)) == len(patterns), group
        assert all(p == p.lower() and p.strip() == p and "-" not in p for p in patterns), group


@pytest.mark.parametrize("name", [n for n in LISTS if n != "numbers"])
def test_every_pattern_finds_itself(name: str) -> None:
    for group, patterns in table(name).items():
        for pattern in patterns:
            words = pattern.replace("...", "then").replace("_", "ten").replace("*", "")
            mentions = phrases(name, group).find(words_of(words))
            assert mentions, f"{group}: {pattern}"


def test_number_words_are_read() -> None:
    assert number_words()["lifetime"].find(words_of("lifetime prevalence"))


def test_every_code_has_a_page() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    codes = set(re.findall(r'"((?:CLM|PAG|OUT)\d{3})"', sources))
    pages = PACKAGE.parent / "explanations"
    assert len(codes) > 30
    assert sorted(code for code in codes if not (pages / f"{code}.md").exists()) == []
    for code in codes:
        assert (pages / f"{code}.md").read_text(encoding="utf-8").startswith(f"# {code}: ")
