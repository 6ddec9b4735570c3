"""What words claim."""

import pytest

from osler.certainty.model import Level
from osler.claims.language.reading import find_absolutes, read_words

# words | direction | size | certainty, for an outcome of which less is better
READ = """
reduces leg pain | better | | high
may reduce leg pain slightly | better | slight | low
probably results in a large reduction in leg pain | better | large | moderate
may reduce pain, but the evidence is very uncertain | better | | very low
makes little to no difference to pain | none | none | high
probably does not increase side effects | none | none | moderate
may reduce pain and improve function | better | | low
may reduce pain, and improves function greatly | better | large | high
may reduce pain, and improve function | better | | low
more effective than drugs | better | | high
no more effective than sham | none | none | high
causes fewer side effects | better | | high
more people had side effects | worse | | high
Fewer people recovered | worse | | high
more people recover | better | | high
is completely safe | none | none | high
people had less leg pain | better | | high
a greater reduction in pain than sham | better | | high
increases the risk of bleeding | worse | | high
lower pain scores | better | | high
pain in the lower back | | | high
makes pain worse | worse | | high
worked much better | better | large | high
not much better | none | none | high
may be less effective than surgery | worse | | low
are probably more likely to improve | better | | moderate
is as effective as ibuprofen | none | none | high
helps in low-certainty trials | better | | low
does not help, but reduces costs | none | none | high
we do not know whether it helps | none | none | very low
better than no treatment | better | | high
"""


@pytest.mark.parametrize("row", READ.strip().splitlines())
def test_direction_size_and_certainty(row: str) -> None:
    words, direction, size, certainty = (cell.strip() for cell in row.split("|"))
    reading = read_words(words, better="lower")
    assert (reading.direction, reading.size, reading.certainty.word) == (direction, size, certainty)


@pytest.mark.parametrize(
    ("words", "better", "direction"),
    [
        ("increases the score", "higher", "better"),
        ("increases the score", "lower", "worse"),
        ("reduces the score", "higher", "worse"),
        ("increases it", "higher", "better"),
        ("increases it", None, ""),
    ],
)
def test_what_more_means_depends_on_the_outcome(words: str, better: str, direction: str) -> None:
    assert read_words(words, better=better).direction == direction  # type: ignore[arg-type]


def test_an_outcome_with_a_name_that_misleads_is_read_by_its_name() -> None:
    labels = ("no leg pain left",)
    reading = read_words("may increase no leg pain left", better="higher", labels=labels)
    assert reading.direction == "better"


def test_of_benefit_and_harm_the_one_is_read_that_is_asked() -> None:
    words = "may reduce leg pain but causes more side effects"
    assert read_words(words, better="lower").direction == "better"
    assert read_words(words, better="lower", harm=True).direction == "worse"


def test_what_was_not_shown_is_told_apart_from_what_is_not_so() -> None:
    assert read_words("has not been shown to cure sciatica").absence
    assert not read_words("does not cure sciatica").absence
    assert read_words("there is no evidence that it works").certainty is Level.VERY_LOW


@pytest.mark.parametrize(
    ("words", "absolutes"),
    [
        ("nearly always works", ["nearly always"]),
        ("is completely safe", ["completely safe"]),
        ("clinically proven to cure", ["clinically proven", "cure"]),
        ("is not a cure", []),
        ("has not been proven to work", []),
        ("does not always help", []),
        ("needles are always sterile", []),
        ("It helps everyone", ["helps everyone"]),
    ],
)
def test_words_that_no_trial_can_carry(words: str, absolutes: list[str]) -> None:
    assert [words[a:b] for a, b in find_absolutes(words)] == absolutes
