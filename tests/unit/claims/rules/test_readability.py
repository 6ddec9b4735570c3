"""Reading age by counts of letters, words and sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.claims.language.words import words_of
from osler.claims.rules.readability import (
    Counts,
    automated_readability,
    coleman_liau,
    count,
    reading_ages,
)

# textstat 0.7.13 on the text below, 2026-11-23: coleman_liau_index, automated_readability_index.
TEXT = (
    "Sciatica is pain that runs down the leg.",
    "It often gets better by itself within some weeks.",
    "Ask a doctor if it does not.",
)


def test_both_formulas_give_what_textstat_gives() -> None:
    counts = count([words_of(sentence) for sentence in TEXT])
    assert counts == Counts(93, 24, 3)
    # textstat writes 0.058 where Coleman and Liau have 0.0588.
    assert coleman_liau(counts) - 0.0008 * 100 * 93 / 24 == pytest.approx(2.975)
    # It counts the full stop of each sentence as a letter of the last word.
    assert automated_readability(Counts(96, 24, 3)) == pytest.approx(1.41)


def test_a_short_text_has_no_age() -> None:
    assert reading_ages(Counts(400, 99, 5)) is None
    assert reading_ages(Counts(0, 0, 0)) is None
    assert reading_ages(count([])) is None


@given(st.integers(100, 10_000), st.integers(1, 100), st.integers(1, 12))
def test_longer_words_and_longer_sentences_never_read_younger(
    words: int, sentences: int, letters: int
) -> None:
    ages = reading_ages(Counts(words * letters, words, sentences))
    longer = reading_ages(Counts(words * (letters + 1), words, sentences))
    more = reading_ages(Counts(words * letters, words, sentences + 1))
    assert ages is not None and longer is not None and more is not None
    assert longer >= ages >= more
    assert ages[0] <= ages[1]
