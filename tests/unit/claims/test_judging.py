"""A page as a whole: what has a verdict, which words count, which rules are on."""

import pytest

from osler.claims.judging import judge_page
from osler.claims.language.lexicon import Lexicon
from osler.claims.model import Verdict
from osler.claims.rules.shipped import shipped_packs
from tests.unit.claims.sample import TODAY, folder, judge, page_of

PAIN = "acupuncture vs sham / leg pain"


@pytest.mark.parametrize("kind", ["opinion", "story", "quote"])
def test_whose_words_they_are_has_no_verdict(kind: str) -> None:
    text = f'[It works]{{.{kind}}} and [may reduce leg pain]{{.claim about="{PAIN}"}}'
    assert [one.span.kind for one in judge(text)] == ["claim"]


@pytest.mark.parametrize("kind", ["fact", "mechanism", "practice"])
def test_what_the_folder_does_not_have_is_not_shown(kind: str) -> None:
    (judged,) = judge(f'[It works]{{.{kind} about="no such"}}')
    assert judged.verdict is Verdict.NOT_SHOWN


def test_the_order_is_that_of_the_page() -> None:
    text = '[2]{.fact about="x"} [1]{.practice about="y"} [3]{.mechanism about="z"}'
    assert [one.span.text for one in judge(text)] == ["2", "1", "3"]


def test_rules_speak_where_packs_are_given() -> None:
    review, evidence = folder()
    page = page_of("Acupuncture is a proven remedy for migraine.")
    _, without = judge_page(page, review, evidence, today=TODAY)
    _, found = judge_page(page, review, evidence, today=TODAY, packs=shipped_packs())
    assert not [d.rule for d in without if d.rule]
    assert "uk-cap/proven" in [d.rule for d in found]


def test_words_that_a_folder_adds_are_read() -> None:
    review, evidence = folder()
    page = page_of(f'It [may whoppingly reduce leg pain]{{.claim about="{PAIN}"}}.')
    ours, wrong = Lexicon().with_words('[size]\nlarge = ["whoppingly"]')
    assert wrong == ()
    (shipped,), _ = judge_page(page, review, evidence, today=TODAY)
    (judged,), _ = judge_page(page, review, evidence, today=TODAY, lexicon=ours)
    assert shipped.verdict is Verdict.SUPPORTED
    assert judged.verdict is Verdict.OVERSTATED


def test_a_mark_that_is_too_long_is_told_and_not_judged() -> None:
    (judged,) = judge(f'[{"may reduce leg pain " * 300}]{{.claim about="{PAIN}"}}')
    assert judged.verdict is Verdict.NOT_SHOWN
    assert [d.code for d in judged.diagnostics] == ["PAG011"]
