"""How hard a text is to read, by two formulas that need no dictionary.

Both count letters, words and sentences, which can be done exactly. Formulas that count
syllables need a dictionary of spoken English, or guess. No formula knows whether a text is
understood: the number is shown, and nothing hangs on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from osler.claims.language.words import Word

# A school year in the United States begins at the age of this many years more.
YEARS_BEFORE_SCHOOL = 5
# Fewer words tell nothing; both formulas were fitted to passages of 100 words and more.
FEWEST_WORDS = 100


@dataclass(frozen=True, slots=True)
class Counts:
    """Letters and digits, words, and sentences of a text."""

    characters: int
    words: int
    sentences: int


def count(sentences: Sequence[Sequence[Word]]) -> Counts:
    """The counts of a text whose sentences are given as words."""
    spoken = [words for words in sentences if words]
    characters = sum(sum(c.isalnum() for c in w.text) for words in spoken for w in words)
    return Counts(characters, sum(len(words) for words in spoken), len(spoken))


def coleman_liau(counts: Counts) -> float:
    """School grade by Coleman and Liau.

    References
    ----------
    .. [1] Coleman & Liau (1975). J Appl Psychol 60, 283-284. doi:10.1037/h0076540

    Examples
    --------
    >>> round(coleman_liau(Counts(500, 119, 5)), 2)
    7.66
    """
    letters, sentences = 100 * counts.characters / counts.words, counts.sentences / counts.words
    return 0.0588 * letters - 29.6 * sentences - 15.8


def automated_readability(counts: Counts) -> float:
    """School grade by the Automated Readability Index.

    References
    ----------
    .. [1] Smith & Senter (1967). Automated readability index. AMRL-TR-66-220.

    Examples
    --------
    >>> round(automated_readability(Counts(500, 119, 5)), 2)
    10.26
    """
    letters, length = counts.characters / counts.words, counts.words / counts.sentences
    return 4.71 * letters + 0.5 * length - 21.43


def reading_ages(counts: Counts) -> tuple[int, int] | None:
    """The lower and the higher age, in years, that the formulas give; None for a short text.

    Examples
    --------
    >>> reading_ages(Counts(500, 119, 5))
    (13, 15)
    """
    if counts.words < FEWEST_WORDS or not counts.sentences:
        return None
    grades = (coleman_liau(counts), automated_readability(counts))
    ages = [max(floor(grade + 0.5), 0) + YEARS_BEFORE_SCHOOL for grade in grades]
    return min(ages), max(ages)
