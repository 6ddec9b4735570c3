"""Numbers with and without denominators, and relative effects that stand alone."""

import pytest

from osler.claims.language.quantities import is_relative_alone, quantities_in, relatives_in
from osler.claims.language.reading import read_words


@pytest.mark.parametrize(
    ("text", "relatives", "alone"),
    [
        ("30% less likely to need tablets", ["30%"], True),
        ("twice as likely to recover", ["twice as likely"], True),
        ("halves the risk of a relapse", ["halves the risk"], True),
        ("cuts leg pain by 30%", ["30%"], True),
        ("reduces the risk by about 30 per cent", ["30"], True),
        ("three times as likely to walk", ["times as likely"], True),
        ("a 25% reduction in leg pain", ["25%"], True),
        ("a 25% relative risk reduction", ["25%"], True),
        ("cuts the number by half", ["by half"], True),
        ("pain fell by a third", ["by a third"], True),
        ("30% of people had less pain", [], False),
        ("30% had less pain", [], False),
        ("about 75% improved", [], False),
        ("10 in 100 people, against 20 in 100: half as many", ["half as many"], False),
        ("from 20% to 14%, which is 30% less", ["30%"], False),
        ("20% against 14%: 30% fewer relapses", ["30%"], False),
        ("30% less, or 6 percentage points", ["30%"], False),
        ("pain was 12 points lower, 30% less", ["30%"], False),
        ("95% CI 10 to 20", [], False),
        ("lower by 12 points", [], False),
        ("low-certainty evidence", [], False),
        ("", [], False),
    ],
)
def test_relative_effects(text: str, relatives: list[str], alone: bool) -> None:
    assert [text[a:b] for a, b in relatives_in(text)] == relatives
    assert is_relative_alone(text) is alone
    assert read_words(text).relative_alone is alone


@pytest.mark.parametrize(
    ("text", "of", "counted", "whole"),
    [
        ("3 in 10 people", 10, "people", True),
        ("3 in 10", 10, "", True),
        ("30% of patients", None, "patients", True),
        ("30% of the adults", None, "adults", True),
        ("30%", None, "", False),
        ("12 patients", None, "patients", False),
        ("a third of women", None, "women", True),
        ("12 weeks", None, "", False),
    ],
)
def test_denominators(text: str, of: float | None, counted: str, whole: bool) -> None:
    (found,) = quantities_in(text)
    assert (found.of, found.counted, found.has_denominator) == (of, counted, whole)


@pytest.mark.parametrize(
    "text", ["²", "²²²²", "①", "٣%", "9" * 400, "1." * 300, "1,000,000,0", "½"]
)
def test_odd_digits_do_no_harm(text: str) -> None:
    found = quantities_in(f"{text} in 10 people, {text}% less")
    assert all(0 <= q.start < q.end for q in found)
    assert quantities_in(text) == quantities_in(text)
