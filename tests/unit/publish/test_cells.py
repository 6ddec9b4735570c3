"""How numbers are written."""

import math

import pytest

from osler.certainty.model import Absolute, Level
from osler.core.wording import number
from osler.effects.scales import estimate_cell, scale_of, shown
from osler.publish.cells import (
    date_text,
    denominator,
    difference_range,
    participants,
    people,
    slug,
    symbol,
    weeks_range,
)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (-11.94, 1, "−11.9"),
        (-0.04, 1, "0.0"),
        (0.05, 1, "0.1"),
        (12345.6, 0, "12\u202f346"),
        (math.nan, 1, "–"),
        (math.inf, 1, "–"),
    ],
)
def test_number(value: float, decimals: int, text: str) -> None:
    assert number(value, decimals) == text


def test_a_ratio_is_shown_as_a_ratio_and_never_as_a_log() -> None:
    ratio = scale_of("OR")
    cell = estimate_cell(ratio, math.log(2.5), math.log(0.004), math.log(120))
    assert cell == "2.50 (0.00400 to 120)"
    assert shown(ratio, -900.0) == "< 0.000001"
    assert shown(ratio, 900.0) == "> 1\u202f000\u202f000"


def test_a_risk_difference_is_shown_in_percentage_points() -> None:
    assert shown(scale_of("RD"), 0.125) == "12.5"


@pytest.mark.parametrize(
    ("lower", "upper", "text"),
    [
        (-20.4, -3.4, "3.4 to 20.4 lower"),
        (3.4, 20.4, "3.4 to 20.4 higher"),
        (-6.0, 1.8, "6.0 lower to 1.8 higher"),
        (-6.0, 0.0, "0.0 to 6.0 lower"),
    ],
)
def test_a_range_says_its_direction(lower: float, upper: float, text: str) -> None:
    assert difference_range(scale_of("MD", span=100), lower, upper) == text


def test_both_groups_have_one_denominator_also_where_one_is_rare() -> None:
    rare = Absolute(0.004, 0.031, 0.01, 0.08, "a trial")
    of = denominator(rare)
    assert (of, people(rare.baseline, of), people(rare.risk, of)) == (1000, "4", "31")


def test_unreported_numbers_of_people_are_said() -> None:
    assert participants([216, None, 46]) == "at least 262 people"
    assert participants([None]) == "number of people not reported"


def test_symbols_count_up_with_certainty() -> None:
    assert [symbol(level) for level in Level] == ["⊕⊝⊝⊝", "⊕⊕⊝⊝", "⊕⊕⊕⊝", "⊕⊕⊕⊕"]


@pytest.mark.parametrize("text", ["2025-13-01", "soon", "2025", ""])
def test_what_is_not_a_date_stays_as_it_is(text: str) -> None:
    assert date_text(text) == text


def test_weeks_and_slugs() -> None:
    assert weeks_range([None, 12.0, 4.5]) == "4.5 to 12 weeks"
    assert slug("Ünder / (0-100)") == "nder-0-100"
    assert slug("痛") == "x"
