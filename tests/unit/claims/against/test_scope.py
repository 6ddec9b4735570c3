"""Whom, what and against what: words that the question of a mark does not hold."""

import pytest

from osler.claims.beside import beside
from osler.claims.model import Verdict
from tests.unit.claims.sample import folder, judge, page_of

PAIN = "acupuncture vs sham / leg pain"
BETTER = "acupuncture vs drugs / improvement"
HARM = "drugs vs placebo / adverse events"
SURGERY = "surgery vs usual care / leg pain"


def codes(text: str) -> list[str]:
    return [d.code for one in judge(text) for d in one.diagnostics]


def claim(words: str, about: str = PAIN) -> str:
    return f'[{words}]{{.claim about="{about}"}}'


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("may reduce leg pain", []),
        ("may reduce leg pain in adults", []),
        ("may reduce leg pain in people with a slipped disc", []),
        ("may reduce leg pain in children", ["CLM053"]),
        ("may reduce leg pain in teenagers and in pregnancy", ["CLM053"]),
        ("may reduce leg pain for breastfeeding women", ["CLM053"]),
        ("may reduce low back pain", ["CLM053"]),
        ("may reduce any kind of pain", ["CLM053"]),
        ("may reduce leg pain, neck pain and migraine", ["CLM053"]),
        ("may reduce leg pain and anxiety", ["CLM053"]),
    ],
)
def test_people_and_conditions(words: str, expected: list[str]) -> None:
    assert codes(claim(words)) == expected


@pytest.mark.parametrize(
    ("words", "about", "expected"),
    [
        ("may reduce pain", PAIN, []),
        ("may ease aches in the leg", PAIN, []),
        ("may reduce leg pain and improve sleep", PAIN, ["CLM054"]),
        ("may reduce disability", PAIN, ["CLM054"]),
        ("may reduce the need for surgery", PAIN, ["CLM014"]),
        ("may reduce leg pain and cause side effects", PAIN, ["CLM054"]),
        ("may cause more side effects", HARM, []),
        ("may reduce leg pain without the use of painkillers", PAIN, ["CLM014"]),
        ("may reduce leg pain and unwanted effects", PAIN, ["CLM054"]),
    ],
)
def test_outcomes(words: str, about: str, expected: list[str]) -> None:
    assert codes(claim(words, about)) == expected


def test_a_second_question_holds_a_second_outcome() -> None:
    both = f"{PAIN}; acupuncture vs sham / adverse events"
    found = codes(claim("may reduce leg pain and unwanted effects", both))
    assert "CLM054" not in found


def test_the_question_on_the_outcome_is_offered() -> None:
    (judged,) = judge(claim("may reduce leg pain and unwanted effects"))
    assert 'about="acupuncture vs sham / leg pain; acupuncture vs sham / adverse events"' in (
        judged.diagnostics[0].help
    )


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("may improve sleep", Verdict.OVERSTATED),
        ("The evidence is very uncertain about sleep", Verdict.NOT_SHOWN),
    ],
)
def test_uncertainty_about_something_else_is_not_shown(words: str, verdict: Verdict) -> None:
    (judged,) = judge(claim(words, BETTER))
    assert [d.code for d in judged.diagnostics if d.code == "CLM054"] == ["CLM054"]
    assert judged.verdict is verdict


@pytest.mark.parametrize(
    ("words", "about", "expected"),
    [
        ("may reduce leg pain more than sham", PAIN, []),
        ("may be better than surgery", PAIN, ["CLM014"]),
        ("may be preferable to surgery", PAIN, ["CLM014"]),
        ("may work better than any other treatment", PAIN, ["CLM055"]),
        ("may reduce leg pain better than conventional medicine", PAIN, ["CLM055"]),
        ("is not better than other treatments", PAIN, ["CLM003"]),
        ("may help as much as anything else", PAIN, []),
        ("may be the best option for leg pain", PAIN, ["CLM055"]),
        ("is probably much better than usual care for leg pain", SURGERY, []),
    ],
)
def test_comparisons(words: str, about: str, expected: list[str]) -> None:
    assert codes(claim(words, about)) == expected


def test_the_comparison_that_was_made_is_offered_with_its_evidence() -> None:
    review, _ = folder()
    assert "acupuncture vs drugs" in review.comparisons
    (judged,) = judge(claim("may make people feel better than drugs do", PAIN))
    (first,) = [d for d in judged.diagnostics if d.code == "CLM014"]
    assert 'mark it with the comparison "acupuncture vs drugs"' in first.help
    (judged,) = judge(
        claim("may cause fewer side effects than placebo", "surgery vs usual care / leg pain")
    )
    assert "CLM014" in [d.code for d in judged.diagnostics]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('It [may help]{.claim about="x / y"} in children.', ["in children"]),
        ('In children, it [may help]{.claim about="x / y"}.', ["In children"]),
        ('It [may help]{.claim about="x / y"} for good, and more.', ["for good"]),
        ('It [may help]{.claim about="x / y"}, in children too.', []),
        ('It [may help]{.claim about="x / y"}. In children it may not.', []),
        ('Sciatica in children is rare; it [may help]{.claim about="x / y"}.', []),
        ('In a trial that included children, it [may help]{.claim about="x / y"}.', []),
        ('It [may help]{.claim about="x / y"} with pain that is felt in children.', ["with pain"]),
        ('[may help]{.claim about="x / y"}', []),
        ('It [may help]{.claim about="x / y"} (in children).', []),
    ],
)
def test_phrases_that_cling_to_a_mark(text: str, parts: list[str]) -> None:
    page = page_of(text)
    assert [part.text for part in beside(page.spans[0], page)] == parts


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (f"It {claim('may reduce leg pain')} in children.", "CLM053", "children"),
        (f"During pregnancy, it {claim('may reduce leg pain')}.", "CLM053", "During pregnancy"),
        (f"It {claim('may reduce leg pain')} for good.", "CLM050", "for good"),
        (f"For most people, it {claim('may reduce leg pain')}.", "CLM052", "For most people"),
        (f"It {claim('may reduce leg pain')} after two years.", "CLM051", "after two years"),
    ],
)
def test_what_clings_to_a_mark_is_judged_with_it(text: str, code: str, words: str) -> None:
    (judged,) = judge(text)
    (only,) = judged.diagnostics
    assert only.code == code
    assert only.fix is None
    assert only.place.source[only.place.column - 1 : only.place.end_column - 1] == words


def test_other_statements_of_the_sentence_are_left_alone() -> None:
    text = f"Back pain often lasts for years, but acupuncture {claim('may reduce leg pain')}."
    assert codes(text) == []
