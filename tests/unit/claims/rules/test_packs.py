"""Every shipped rule finds its example and leaves its counter-example alone."""

from dataclasses import replace
from datetime import date

import pytest

from osler.claims.rules.checking import check_rules, expired, settle
from osler.claims.rules.choice import choose_packs
from osler.claims.rules.model import Pack, Rule, RuleChoice
from osler.claims.rules.reading import problems_without
from osler.claims.rules.shipped import problems_of_shipped, shipped_packs
from osler.claims.rules.trying import speaks
from osler.core.diagnostics import Diagnostic, Place, Severity
from tests.unit.claims.sample import page_of

TODAY = date(2026, 11, 22)
RULES = [
    (pack, rule) for pack in shipped_packs() for rule in pack.rules if rule.check != "elsewhere"
]
EXAMPLES = [(p, r, text) for p, r in RULES for text in r.examples]
COUNTER_EXAMPLES = [(p, r, text) for p, r in RULES for text in r.counter_examples]


def alone(pack: Pack, rule: Rule) -> Pack:
    return replace(pack, rules=(rule,))


def found(text: str, *names: str) -> list[str]:
    packs = [pack for pack in shipped_packs() if pack.name in names]
    return [d.rule for d in check_rules(page_of(text), packs, None, TODAY)]


def test_the_shipped_files_have_no_mistake() -> None:
    assert problems_of_shipped() == ()
    assert {"grade", "plain-language", "uk-cap"} <= {pack.name for pack in shipped_packs()}


@pytest.mark.parametrize("name", ["uk-cap", "plain-language"])
def test_every_rule_has_source_dates_and_examples(name: str) -> None:
    pack = next(pack for pack in shipped_packs() if pack.name == name)
    assert list(problems_without(pack)) == []
    assert len({rule.code for rule in pack.rules}) == len(pack.rules) > 8


@pytest.mark.parametrize(("pack", "rule", "text"), EXAMPLES)
def test_an_example_is_found(pack: Pack, rule: Rule, text: str) -> None:
    assert speaks(alone(pack, rule), text)


@pytest.mark.parametrize(("pack", "rule", "text"), COUNTER_EXAMPLES)
def test_a_counter_example_is_not(pack: Pack, rule: Rule, text: str) -> None:
    assert not speaks(alone(pack, rule), text)


def test_grade_lists_every_code_on_claims() -> None:
    grade = next(pack for pack in shipped_packs() if pack.name == "grade")
    assert {"CLM001", "CLM010", "CLM016"} <= {rule.code for rule in grade.rules}
    assert {r.check for r in grade.rules} == {"elsewhere"}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("We offer acupuncture for sciatica.", "uk-cap/offer"),
        ("Our team provides reflexology to help with infertility.", "uk-cap/offer"),
        ("We offer acupuncture for migraine.", "uk-cap/offer-short-term"),
        ("Acupuncture eases neck pain.", "uk-cap/effect-short-term"),
        ("Our acupuncturists treat asthma.", "uk-cap/we-treat"),
        ("I was pain free after three visits!", "uk-cap/testimonial"),
        ("Acupuncture eases osteoarthritis of the knee.", "uk-cap/knee"),
        ("This is for information only.", "uk-cap/information-only"),
        ("As the WHO lists, acupuncture treats many diseases.", "uk-cap/who-list"),
        ("Studies show that acupuncture calms the mind.", "uk-cap/workaround"),
        ("With acupuncture you get lasting relief.", "uk-cap/lasting"),
        ("Mr Hall said his back pain was gone after acupuncture.", "uk-cap/testimonial"),
    ],
)
def test_what_clinics_write_is_found(text: str, rule: str) -> None:
    assert rule in found(text, "uk-cap")


@pytest.mark.parametrize(
    "text",
    [
        "We offer acupuncture on weekdays.",
        "NICE says not to offer acupuncture for low back pain [@nice].",
        "A review found that acupuncture may relieve sciatica [@tu].",
        "It is not known whether acupuncture relieves sciatica.",
        "Acupuncture has not been shown to help with infertility.",
        "Does acupuncture help with hay fever?",
        "Acupuncture can give short-term relief of migraine.",
        "We offer acupuncture for the short-term relief of neck pain.",
        "Nobody should stop their medication for a course of acupuncture.",
        "You may feel relaxed after acupuncture.",
        "There is no cure for sciatica.",
        "Some people use acupuncture for migraine.",
        "Many people try acupuncture for osteoarthritis of the knee.",
        "The NHS offers acupuncture for chronic pain in some places.",
        "Tell us if you have diabetes before you have acupuncture.",
        "Acupuncture for sciatica: what trials found",
        "A doctor who recommends acupuncture should say why.",
    ],
)
def test_what_an_honest_page_writes_is_left_alone(text: str) -> None:
    assert found(text, "uk-cap") == []


def test_a_quotation_is_somebody_elses_words() -> None:
    text = "[We offer acupuncture for sciatica.]{.quote} [@leaflet]"
    assert found(text, "uk-cap") == []
    assert found("We offer acupuncture for sciatica.", "uk-cap") == ["uk-cap/offer"]


def test_statements_held_against_evidence_are_left_to_it() -> None:
    text = 'Of acupuncture: [it relieves sciatica]{.claim about="acupuncture vs sham / leg pain"}.'
    assert found(text, "uk-cap") == []


def test_a_list_of_conditions_counts_under_a_heading_of_benefits_only() -> None:
    listed = "\n\n- Asthma\n- Migraine\n- Eczema\n"
    assert found("## What we treat" + listed, "uk-cap") == ["uk-cap/condition-list"]
    assert found("## What this page leaves out" + listed, "uk-cap") == []
    assert found("## Benefits\n\n- Asthma\n- A quiet room\n", "uk-cap") == []


def test_jargon_is_told_once_with_the_plain_word() -> None:
    page = page_of("Analgesia helps some people.\n\nAnalgesia costs little.")
    packs = [pack for pack in shipped_packs() if pack.name == "plain-language"]
    told = [d for d in check_rules(page, packs, None, TODAY) if d.code == "PLN004"]
    assert [(d.place.line, d.place.column, d.place.end_column) for d in told] == [(1, 1, 10)]
    assert "pain relief" in told[0].help


def test_a_safe_substitution_can_be_written_by_the_machine() -> None:
    page = page_of("In order to sleep, people utilise pillows.")
    packs = [pack for pack in shipped_packs() if pack.name == "plain-language"]
    fixes = [d.fix for d in check_rules(page, packs, None, TODAY) if d.fix]
    told = [(f.place.source[f.place.column - 1 : f.place.end_column - 1], f.text) for f in fixes]
    assert told == [("In order to", "To"), ("utilise", "use")]


def test_one_total_in_a_section_is_enough() -> None:
    mixed = "With it 3 in 100 were ill. Without it 15 in 1000 were."
    apart = "## One\n\n3 in 100 were ill.\n\n## Two\n\n15 in 1000 were ill.\n"
    assert found(mixed, "plain-language") == ["plain-language/denominators"]
    assert found(apart, "plain-language") == []


def test_an_expired_rule_warns_and_still_speaks() -> None:
    packs = [pack for pack in shipped_packs() if pack.name == "uk-cap"]
    late = date(2027, 11, 23)
    assert expired(packs, date(2027, 11, 22)) == []
    (warning,) = expired(packs, late)
    assert (warning.code, warning.severity) == ("RUL005", Severity.WARNING)
    (told,) = check_rules(page_of("We offer acupuncture for sciatica."), packs, None, late)
    assert "2027-11-22" in told.so


def diagnostic(code: str, column: int, rule: str = "", found: str = "") -> Diagnostic:
    return Diagnostic(
        code, Severity.WARNING, Place("a.md", 3, column, column + 4), code, found, rule=rule
    )


def test_of_two_findings_on_one_sentence_the_one_that_says_more_is_kept() -> None:
    story = diagnostic("CLM016", 5)
    rule = diagnostic("CAP008", 5, "uk-cap/testimonial")
    assert settle([story, rule], shipped_packs()) == (rule,)
    assert settle([story], shipped_packs()) == (story,)
    claim = diagnostic("CLM010", 1, found='"a"')
    offer = diagnostic("CAP001", 9, "uk-cap/offer", '"a"')
    assert settle([claim, offer], shipped_packs()) == (claim,)
    other = replace(offer, found='"b"')
    assert settle([claim, other], shipped_packs()) == (claim, other)


def test_language_decides_where_nothing_is_chosen() -> None:
    british, _ = choose_packs(shipped_packs(), RuleChoice(), "en-GB")
    american, _ = choose_packs(shipped_packs(), RuleChoice(), "en-US")
    assert "uk-cap" in [p.name for p in british]
    assert "uk-cap" not in [p.name for p in american]
    assert "grade" in [p.name for p in american]
