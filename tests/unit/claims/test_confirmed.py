"""What was confirmed, held against the evidence of today; the file that keeps it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from osler.certainty.model import Evidence, Finding, Level
from osler.claims.confirmed import (
    Confirmation,
    Confirmations,
    Shown,
    confirm,
    evidence_of,
    normalised,
    of_lost_pages,
    parse_confirmations,
    render_confirmations,
)
from osler.claims.judging import judge_page
from osler.claims.model import Judged, Verdict
from osler.core.diagnostics import Diagnostic, Severity
from osler.synthesis.answers import StudyEffect
from tests.unit.claims.sample import TODAY, folder, page_of

PAIN = "acupuncture vs sham / leg pain"
TEXT = (
    f'[May reduce leg pain.]{{.claim about="{PAIN}"}} '
    '[13% to 40%]{.fact about="prevalence"} '
    '[In rats, nerve fibres grew faster.]{.mechanism about="nerve regeneration"}'
)


def judge(
    text: str, evidence: Evidence | None = None, confirmed: Confirmations | None = None
) -> tuple[tuple[Judged, ...], list[Diagnostic]]:
    review, found = folder()
    judged, told = judge_page(
        page_of(text), review, evidence or found, today=TODAY, confirmed=confirmed
    )
    return judged, [d for d in told if d.code in ("CLM056", "CLM057")]


def confirmed_now(text: str = TEXT, evidence: Evidence | None = None) -> Confirmations:
    review, _ = folder()
    judged, _ = judge(text, evidence)
    return confirm(judged, page_of(text), review, Confirmations(), by="A reader", date="2025-01-01")


def changed(change: Callable[[Finding], Finding]) -> Evidence:
    _, found = folder()
    return Evidence({**found.findings, PAIN: change(found.findings[PAIN])}, found.unanswered)


def with_estimate(finding: Finding, estimate: float) -> Finding:
    pooled = replace(finding.synthesis.random, estimate=estimate)
    return replace(finding, synthesis=replace(finding.synthesis, random=pooled))


def with_level(finding: Finding, level: Level) -> Finding:
    return replace(finding, certainty=replace(finding.certainty, level=level))


def with_study(finding: Finding) -> Finding:
    _, found = folder()
    synthesis = found.findings[PAIN].synthesis
    study = StudyEffect("new-2025", "New 2025", None, "", "", 4.0, "", 20, None, (), "")  # type: ignore[arg-type]
    assert synthesis is finding.synthesis
    return replace(finding, answer=replace(finding.answer, effects=(study,)))


def test_what_was_just_confirmed_is_not_out_of_date() -> None:
    judged, told = judge(TEXT, confirmed=confirmed_now())
    assert [one.verdict for one in judged] == [Verdict.SUPPORTED] * 3
    assert told == []


def test_claims_facts_and_mechanisms_are_kept_with_their_evidence() -> None:
    evidence = [entry.evidence[0] for entry in confirmed_now().entries.values()]
    assert [(e.about, e.level, e.estimate) for e in evidence] == [
        (PAIN, "low", "MD −1.0 (−1.2 to −0.8)"),
        ("prevalence", "", "13, 40 percent"),
        ("nerve regeneration", "", "1 supports"),
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda f: with_estimate(f, -1.1), "MD −1.0 (−1.2 to −0.8) then, MD −1.1"),
        (lambda f: with_level(f, Level.MODERATE), "low certainty then, moderate now"),
        (lambda f: replace(f, size="large"), "better, important then, better, large now"),
        (with_study, "added new-2025"),
    ],
)
def test_changed_evidence_makes_a_claim_out_of_date(
    change: Callable[[Finding], Finding], told: str
) -> None:
    judged, found = judge(TEXT, changed(change), confirmed_now())
    assert judged[0].verdict is Verdict.OUT_OF_DATE
    (only,) = found
    assert (only.code, only.severity) == ("CLM056", Severity.WARNING)
    assert told in only.found
    assert "confirmed by A reader on 2025-01-01" in only.found


def test_a_study_that_is_gone_is_named() -> None:
    confirmed = confirmed_now(evidence=changed(with_study))
    _, (only,) = judge(TEXT, confirmed=confirmed)
    assert "no longer there new-2025" in only.found


@pytest.mark.parametrize(
    "change",
    [
        lambda f: with_estimate(f, -1.0001),
        lambda f: replace(f, statement="Another wording of the same."),
    ],
)
def test_what_no_reader_sees_is_no_change(change: Callable[[Finding], Finding]) -> None:
    judged, found = judge(TEXT, changed(change), confirmed_now())
    assert judged[0].verdict is Verdict.SUPPORTED
    assert found == []


def test_evidence_that_is_gone_is_told_and_the_worse_verdict_stays() -> None:
    _, found = folder()
    none = Evidence({k: v for k, v in found.findings.items() if k != PAIN}, {})
    judged, (only,) = judge(TEXT, none, confirmed_now())
    assert judged[0].verdict is Verdict.NOT_SHOWN
    assert "there is no evidence any more" in only.found


def test_a_claim_that_is_now_overstated_stays_so_and_tells_why() -> None:
    weaker = changed(lambda f: with_level(f, Level.VERY_LOW))
    judged, (only,) = judge(TEXT, weaker, confirmed_now())
    assert judged[0].verdict is Verdict.OVERSTATED
    assert "low certainty then, very low now" in only.found


def test_other_words_are_another_claim() -> None:
    judged, found = judge(TEXT.replace("May reduce", "Might reduce"), confirmed=confirmed_now())
    assert judged[0].verdict is Verdict.SUPPORTED
    (only,) = found
    assert (only.code, only.severity) == ("CLM057", Severity.NOTE)
    assert '"may reduce leg pain"' in only.found


@pytest.mark.parametrize(
    "text",
    [TEXT.replace("May reduce leg pain.", "May  reduce\nleg pain"), TEXT.replace("May", "may")],
)
def test_layout_is_no_other_word(text: str) -> None:
    judged, found = judge(text, confirmed=confirmed_now())
    assert judged[0].verdict is Verdict.SUPPORTED
    assert found == []


def test_without_confirmations_nothing_is_out_of_date() -> None:
    weaker = changed(lambda f: with_estimate(f, -5.0))
    assert judge(TEXT, weaker)[1] == []
    assert judge(TEXT, weaker, Confirmations())[1] == []


def test_confirming_again_keeps_names_where_nothing_changed() -> None:
    review, _ = folder()
    old = confirmed_now()
    other = changed(lambda f: with_estimate(f, -5.0))
    judged, _ = judge(TEXT, other)
    new = confirm(judged, page_of(TEXT), review, old, by="Another", date="2025-02-02")
    assert [entry.by for entry in new.entries.values()] == ["Another", "A reader", "A reader"]
    assert judge(TEXT, other, new)[1] == []


def test_a_page_that_is_gone_is_told() -> None:
    (first, *_) = of_lost_pages(confirmed_now(), ["pages/other.md"])
    assert (first.code, first.severity) == ("CLM057", Severity.NOTE)
    assert of_lost_pages(confirmed_now(), ["pages/a.md"]) == []


def test_written_and_read_again_it_is_the_same() -> None:
    confirmed = confirmed_now()
    text = render_confirmations(confirmed)
    read, found = parse_confirmations(text)
    assert found == ()
    assert dict(read.entries) == dict(confirmed.entries)
    assert render_confirmations(read) == text


def test_an_entry_has_its_place() -> None:
    read, _ = parse_confirmations(render_confirmations(confirmed_now()))
    for entry in read.entries.values():
        assert entry.words in entry.place.source
        assert entry.place.source[entry.place.column - 1 :].startswith('"words"')
        assert entry.place.end_column == len(entry.place.source) + 1


GOOD = '{"format": 1, "confirmed": [%s]}'


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "null",
        '{"format": 2, "confirmed": []}',
        '{"format": 1, "confirmed": {}}',
        GOOD % "3",
        GOOD % "{}",
        GOOD % '{"page": "a", "about": "b", "words": "c", "by": "d", "date": "e", "evidence": []}',
        GOOD % '{"page": "a", "about": [1], "words": "c", "by": "d", "date": "e", "evidence": []}',
        GOOD
        % '{"page": "a", "about": ["b"], "words": "c", "by": "d", "date": "e", "evidence": [1]}',
        "[" * 100_000,
    ],
)
def test_a_file_in_another_form_is_told_and_never_a_crash(text: str) -> None:
    read, found = parse_confirmations(text)
    assert not read.entries
    assert {(d.code, d.severity) for d in found} == {("CLM058", Severity.ERROR)}


def test_good_entries_are_kept_beside_bad_ones() -> None:
    text = render_confirmations(confirmed_now()).replace('"by": "A reader"', '"by": 3', 1)
    read, found = parse_confirmations(text)
    assert len(read.entries) == 2
    assert [d.code for d in found] == ["CLM058"]


def test_a_confirmation_without_evidence_is_out_of_date_once_there_is_some() -> None:
    entry = Confirmation("pages/a.md", (PAIN,), "may reduce leg pain", "A reader", "2025-01-01", ())
    _, found = judge(TEXT, confirmed=Confirmations({entry.key: entry}))
    assert [d.code for d in found] == ["CLM056"]
    assert "evidence that was not there" in found[0].found


def test_a_long_list_of_studies_is_cut() -> None:
    shown = Shown(PAIN, "low", "better, important", "MD −1.0 (−1.2 to −0.8)", tuple("abcdef"), "")
    words = normalised("May reduce leg pain.")
    entry = Confirmation("pages/a.md", (PAIN,), words, "A reader", "2025-01-01", (shown,))
    _, found = judge(TEXT, confirmed=Confirmations({entry.key: entry}))
    assert "a, b, c, d and 2 more" in found[0].found


def test_what_stands_behind_a_practice_claim_is_left_to_others() -> None:
    review, _ = folder()
    (judged,) = judge('[x]{.fact about="no such"}')[0]
    assert evidence_of(judged, review) == ()
