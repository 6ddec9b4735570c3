"""Safe rewritings: what comes out is judged supported, or there is none."""

import pytest

from osler.certainty.model import Evidence, Level, Size
from osler.claims.language.rewriting import rewritings
from osler.claims.model import Verdict
from osler.core.diagnostics import Fix
from tests.cases.reading import finding_by_hand
from tests.unit.claims.sample import folder, judge

PAIN = "acupuncture vs sham / leg pain"
HARM = "drugs vs placebo / adverse events"


def evidence(size: str, level: str, question: str = PAIN, way: str = "better") -> Evidence:
    review, _ = folder()
    way = "none" if size == "trivial" else way
    return Evidence({question: finding_by_hand(review, question, way, size, level, "yes")}, {})


def fix_of(text: str, found: Evidence) -> Fix | None:
    (judged,) = judge(text, found)
    fixes = [d.fix for d in judged.diagnostics if d.fix is not None]
    return fixes[0] if fixes else None


# size | level | words | what is written instead; "-" where nothing is
TURNED = """
important | low | reduces leg pain | may reduce leg pain
important | low | Acupuncture reduces leg pain. | Acupuncture may reduce leg pain.
important | low | probably reduces leg pain | may reduce leg pain
important | low | likely reduces leg pain | may reduce leg pain
important | low | is likely to reduce leg pain | may reduce leg pain
important | low | greatly reduces leg pain | may reduce leg pain
important | low | may greatly reduce leg pain | may reduce leg pain
important | low | has been proven to reduce leg pain | may reduce leg pain
important | low | is clinically proven to reduce leg pain | may reduce leg pain
important | low | has been shown to reduce leg pain | may reduce leg pain
important | low | Reduces leg pain | May reduce leg pain
important | low | will reduce leg pain | may reduce leg pain
important | low | results in a large reduction in leg pain | may result in a reduction in leg pain
important | low | gives an enormous reduction in leg pain | may give a reduction in leg pain
important | low | is much better than sham for leg pain | may be better than sham for leg pain
important | low | definitely eases leg pain | may ease leg pain
important | moderate | reduces leg pain | probably reduces leg pain
important | moderate | greatly reduces leg pain | probably reduces leg pain
important | moderate | is better than sham for leg pain | is probably better than sham for leg pain
important | moderate | will reduce leg pain | -
important | high | greatly reduces leg pain | reduces leg pain
small | low | reduces leg pain | may slightly reduce leg pain
small | moderate | reduces leg pain | probably slightly reduces leg pain
small | high | greatly reduces leg pain | slightly reduces leg pain
small | low | may reduce leg pain | may slightly reduce leg pain
important | very low | greatly eases it. | may ease it, but the evidence is very uncertain.
important | very low | may reduce leg pain | may reduce leg pain, but the evidence is very uncertain
trivial | low | reduces leg pain | -
trivial | high | greatly reduces leg pain | -
important | low | reduces leg pain and improves function | -
important | low | cures leg pain | -
important | low | makes leg pain worse | -
important | low | reduces leg pain in children | -
important | low | less leg pain | -
"""


@pytest.mark.parametrize("row", TURNED.strip().splitlines())
def test_a_wording_is_turned_into_one_that_is_permitted(row: str) -> None:
    size, level, words, expected = (cell.strip() for cell in row.split("|"))
    found = evidence(size, level)
    fix = fix_of(f'[{words}]{{.claim about="{PAIN}"}}', found)
    assert (fix.text if fix else "-") == expected
    if fix is not None:
        (judged,) = judge(f'[{fix.text}]{{.claim about="{PAIN}"}}', found)
        assert judged.verdict is Verdict.SUPPORTED
        assert judged.diagnostics == ()


def test_a_denial_is_turned_as_well() -> None:
    text = f'[does not reduce leg pain]{{.claim about="{PAIN}"}}'
    fix = fix_of(text, evidence("trivial", "low"))
    assert fix is not None
    assert fix.text == "may not reduce leg pain"


def test_a_harm_is_never_made_smaller_than_it_is() -> None:
    text = f'[greatly increase unwanted effects]{{.claim about="{HARM}"}}'
    fix = fix_of(text, evidence("important", "low", HARM, "worse"))
    assert fix is not None
    assert fix.text == "may increase unwanted effects"


def test_it_stands_where_the_words_stand() -> None:
    line = f'It [reduces leg pain]{{.claim about="{PAIN}"}}.'
    fix = fix_of(line, evidence("important", "low"))
    assert fix is not None
    assert line[fix.place.column - 1 : fix.place.end_column - 1] == "reduces leg pain"


@pytest.mark.parametrize(
    "text",
    [
        '[reduces **leg** pain]{.claim about="%s"}',
        '[reduces\nleg pain]{.claim about="%s"}',
        '[reduces leg pain]{.claim about="%s; no such"}',
    ],
)
def test_what_cannot_be_replaced_as_it_stands_is_left(text: str) -> None:
    assert fix_of(text % PAIN, evidence("important", "low")) is None


def test_nothing_is_added_in_the_middle_of_a_sentence() -> None:
    text = f'It [may reduce leg pain]{{.claim about="{PAIN}"}} after four weeks.'
    assert fix_of(text, evidence("important", "very low")) is None


def test_only_the_first_of_several_errors_has_it() -> None:
    text = f'[always greatly reduces leg pain]{{.claim about="{PAIN}"}}'
    (judged,) = judge(text, evidence("important", "low"))
    assert len(judged.diagnostics) > 1
    assert [d.fix is not None for d in judged.diagnostics].count(True) == 1
    assert judged.diagnostics[0].fix is not None
    assert judged.diagnostics[0].fix.text == "may reduce leg pain"


def test_a_wording_that_says_too_little_is_left_to_a_person() -> None:
    text = f'[may reduce leg pain]{{.claim about="{PAIN}"}}'
    assert fix_of(text, evidence("important", "high")) is None


def test_a_long_mark_is_left_to_a_person() -> None:
    words = "reduces leg pain in the first weeks " * 20
    text = f'[{words.strip()}]{{.claim about="{PAIN}"}}'
    assert fix_of(text, evidence("important", "low")) is None


SIZES: tuple[Size, ...] = ("trivial", "small", "important", "large")


@pytest.mark.parametrize("text", ["", " ", "a", "is", "not", "may", "to reduce", "the results"])
@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("size", SIZES)
def test_odd_words_give_nothing_odd(text: str, level: Level, size: Size) -> None:
    for words in rewritings(text, level, size, closes=True):
        assert "  " not in words
        assert words == words.strip()
