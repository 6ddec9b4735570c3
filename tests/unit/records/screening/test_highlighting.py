import html
import time

import pytest

from osler.records.screening.highlighting import (
    Highlighter,
    Side,
    Term,
    on_both_sides,
    read_terms,
)


def marked(text: str, *terms: str) -> list[str]:
    highlighter = Highlighter([Term(term, Side.IN) for term in terms])
    return [text[mark.start : mark.end] for mark in highlighter.marks(text)]


@pytest.mark.parametrize(
    ("text", "term", "expected"),
    [
        ("Rats, not strata or rat", "rats", ["Rats"]),
        ("Randomised, randomly, random", "random*", ["Randomised", "randomly", "random"]),
        ("double-blind and double  blind", "double blind", ["double-blind", "double  blind"]),
        ("double\u2013blind", "Double-Blind", ["double\u2013blind"]),
        ("C++ (CD4+) cells", "CD4+", ["CD4+"]),
        ("cafe\u0301 cafe", "cafe", ["cafe"]),
        ("naïve Naïve", "naïve", ["naïve", "Naïve"]),
        ("针刺 治疗", "针刺", ["针刺"]),
        ("nothing", "absent", []),
        ("", "a", []),
    ],
)
def test_whole_words(text: str, term: str, expected: list[str]) -> None:
    assert marked(text, term) == expected


def test_longer_term_wins_at_the_same_place() -> None:
    assert marked("leg pain and leg", "leg", "leg pain") == ["leg pain", "leg"]


def test_html_in_the_text_is_left_to_be_escaped() -> None:
    text = "<script>rats</script> & <b>"
    cut = Highlighter([Term("rats", Side.OUT), Term("b", Side.IN)]).pieces(text)
    page = "".join(
        f"<mark>{html.escape(p.text)}</mark>" if p.term else html.escape(p.text) for p in cut
    )
    assert "".join(p.text for p in cut) == text
    assert page == ("&lt;script&gt;<mark>rats</mark>&lt;/script&gt; &amp; &lt;<mark>b</mark>&gt;")


def test_terms_are_read_from_lines_and_commas() -> None:
    terms, told = read_terms("random*, leg  pain; Leg-Pain\n\n*,--\n", Side.IN, "screening.toml")
    assert [term.text for term in terms] == ["random*", "leg pain"]
    assert [(d.code, d.place.line, d.found) for d in told] == [
        ("REC051", 3, "'*'"),
        ("REC051", 3, "'--'"),
    ]


def test_a_word_on_both_sides_is_told_and_shown_as_in() -> None:
    terms = [Term("rats", Side.OUT), Term("RATS", Side.IN), Term("mice", Side.OUT)]
    told = on_both_sides(terms)
    assert [d.code for d in told] == ["REC050"]
    assert [m.term.side for m in Highlighter(terms).marks("rats mice")] == [Side.IN, Side.OUT]


def test_no_terms_mark_nothing() -> None:
    assert Highlighter([]).marks("anything") == ()
    assert Highlighter([Term("*", Side.IN)]).marks("anything") == ()
    assert [p.text for p in Highlighter([]).pieces("all of it")] == ["all of it"]


def test_time_is_linear_in_a_hostile_text() -> None:
    highlighter = Highlighter([Term("a b c d e f", Side.IN), Term("aaaa*", Side.OUT)])
    texts = ["a" * 400_000, "a " * 200_000, "a b c d e " * 40_000, "- " * 200_000]
    began = time.process_time()
    for text in texts:
        highlighter.marks(text)
    assert time.process_time() - began < 5
