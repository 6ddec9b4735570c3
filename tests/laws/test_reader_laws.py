"""The reader on any text: it never fails, repeats itself, and its time grows with the text.

No page has a passage of two million characters; one that somebody pastes in must not hang.
"""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.claims.language.lexicon import SHIPPED, list_names, table
from osler.claims.language.quantities import is_relative_alone, quantities_in, relatives_in
from osler.claims.language.reader.moods import cues_of
from osler.claims.language.reading import find_absolutes, read_words
from osler.claims.language.strength import cues_in, strength_of
from osler.claims.language.words import LONGEST_PASSAGE, words_of

SIZE = 2_000_000

# Words of the lists, so that phrases meet each other; and marks, numbers and odd letters.
_LISTED = sorted(
    {
        part.replace("*", "s")
        for name in list_names()
        for patterns in table(name).values()
        for pattern in patterns
        for part in pattern.split()
        if part not in ("...", "_")
    }
)
_OTHER = ["pain", "30%", "2", "in", "10", ",", ".", ";", "(", "—", "’s", "²", "İ", "ß", "\u0301"]
passages = st.lists(st.sampled_from([*_LISTED, *_OTHER]), max_size=40).map(" ".join)


@given(st.one_of(passages, st.text(max_size=200)), st.sampled_from([None, "lower", "higher"]))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_twice_alike(text: str, better: str | None) -> None:
    first = read_words(text, better=better, labels=(text[:10],))  # type: ignore[arg-type]
    assert read_words(text, better=better, labels=(text[:10],)) == first  # type: ignore[arg-type]
    assert first.strength is strength_of(text)
    assert first.relative_alone is is_relative_alone(text)
    assert all(0 <= a < b <= len(text) for a, b in (*find_absolutes(text), *relatives_in(text)))
    assert all(0 <= q.start < q.end <= len(text) for q in quantities_in(text))
    assert not (first.negated and first.direction != "none")


@given(passages)
@settings(max_examples=100, deadline=None)
def test_capitals_and_hyphens_do_not_matter(text: str) -> None:
    plain = text.replace("ß", "").replace("İ", "")
    assert cues_in(plain.upper()) == cues_in(plain)
    assert strength_of(plain.replace(" ", "  ")) is strength_of(plain)


UNITS = [
    "a",
    " ",
    "[",
    "9",
    "²",
    "a'",
    "1,",
    "1.",
    "-",
    "not ",
    "no evidence that ",
    "may reduce pain and ",
    "30% less ",
    "twice as likely by half ",
    "give relief ",
    "because endorphins so it relieves ",
    "people with people who ",
    "better than better than ",
    "completely always never ",
    "was associated with ",
    "short term for a few weeks ",
    "and should and may ",
]


@pytest.mark.parametrize("unit", UNITS, ids=repr)
def test_two_million_characters_take_no_time(unit: str) -> None:
    text = unit * (SIZE // len(unit))
    start = time.process_time()
    read_words(text, labels=("pain",))
    find_absolutes(text)
    quantities_in(text)
    assert time.process_time() - start < 2


# Beneath the limit on length the time must grow with the text too, or the limit is all that
# stands between a page and a hang.
LAYERS: list[Callable[[str], object]] = [
    lambda text: list(cues_of(words_of(text), SHIPPED)),
    read_words,
]


@pytest.mark.parametrize("unit", [unit for unit in UNITS if len(unit) > 12], ids=repr)
@pytest.mark.parametrize("layer", range(len(LAYERS)))
def test_time_grows_with_the_text(unit: str, layer: int) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        best = float("inf")
        for _ in range(2):
            start = time.process_time()
            LAYERS[layer](text)
            best = min(best, time.process_time() - start)
        return best

    small, large = seconds(LONGEST_PASSAGE // 10), seconds(LONGEST_PASSAGE)
    # Ten times the text: linear time is ten times as long, quadratic a hundred times.
    assert large < 40 * max(small, 0.001)


def test_what_stands_behind_the_longest_passage_is_not_read() -> None:
    text = "a " * (LONGEST_PASSAGE // 2) + "reduces pain greatly"
    assert read_words(text).direction == ""
    assert read_words(text[-40:]).direction == "better"
