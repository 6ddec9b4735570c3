"""Opinions, patients' stories and quotations."""

import pytest

from osler.claims.rules.prose import NO_NAMES
from osler.claims.voices import stories
from tests.unit.claims.sample import codes_in, found_in, page_of


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("[Acupuncture relieves leg pain.]{.opinion}", ["CLM018"]),
        ("[We think that acupuncture relieves leg pain.]{.opinion}", []),
        ("[We like acupuncture, because it is quiet.]{.opinion}", []),
        ("[In my view acupuncture cures sciatica.]{.opinion}", ["CLM006"]),
        ("[I believe that acupuncture is completely safe.]{.opinion}", ["CLM011"]),
        ("[I think you can stop your tablets and have acupuncture.]{.opinion}", ["CLM015"]),
        ("[After two sessions my pain was gone.]{.story}", ["CLM016"]),
        ("[Acupuncture worked for me.]{.story}", ["CLM016"]),
        ("[My pain had not gone after acupuncture.]{.story}", []),
        ("[I was asked many questions and the room was warm.]{.story}", []),
        ("Mrs Hall told us her pain was gone.", ["CLM017"]),
        ("One of our patients said that she was walking again after two weeks.", ["CLM017"]),
        ("A runner came to us and was pain free within days.", ["CLM017"]),
        ("“My sciatica has gone”, says Ms Hall.", ["CLM017"]),
        ("Mrs Hall told us that she liked the room.", []),
        ("Mr Hall wrote the review in which people were back at work sooner [@qin].", []),
        ("In one trial a patient was pain free after a week [@tu].", []),
        ("One patient may feel much better and another may not.", []),
        ("People who had an operation were back at work after eight weeks.", []),
        ("Ask us if a patient of ours was pain free.", []),
        ("[Needles are an option.]{.quote}", ["CLM019"]),
        ("[Needles are an option]{.quote}, says the guideline.", []),
        ("[Needles are an option. Few people want them.]{.quote} [@tu]", []),
        ('[Needles are an option.]{.quote about="tu"}', []),
        ("[Acupuncture cures sciatica and is completely safe.]{.quote} [@tu]", []),
    ],
)
def test_whose_words_they_are(text: str, codes: list[str]) -> None:
    assert codes_in(text) == codes


def test_the_words_that_tell_the_effect_are_underlined() -> None:
    (d,) = found_in("Quiet rooms.\n\nMrs Hall told us that\nher pain was gone.")
    assert d.place.source[d.place.column - 1 : d.place.end_column - 1] == "pain was gone"
    assert d.place.line == 8


def test_a_pronoun_in_an_opinion_stands_for_the_treatment_before_it() -> None:
    assert codes_in("Acupuncture is old. [It relieves leg pain.]{.opinion}") == ["CLM018"]


def test_stories_are_found_without_a_folder() -> None:
    page = page_of("Mrs Hall told us her pain was gone. [My pain has gone.]{.story}")
    assert [(s.marked, s.text) for s in stories(page, NO_NAMES)] == [
        (True, "My pain has gone."),
        (False, "Mrs Hall told us her pain was gone."),
    ]


def test_an_empty_story_is_no_mark() -> None:
    text = "[]{.story} and [one]{.story .quote}"
    assert page_of(text).spans == ()
