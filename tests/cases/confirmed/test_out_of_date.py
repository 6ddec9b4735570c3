"""A folder with a confirmed.json gives exactly what it expects, and each finding says why."""

from pathlib import Path

from osler.claims.confirmed import parse_confirmations
from osler.claims.document.page import parse_page
from osler.claims.judging import judge_page
from osler.claims.model import Judged, Verdict
from osler.core.diagnostics import Diagnostic, in_order
from osler.review.reading import parse_review
from tests.cases.reading import Case, evidence_by_hand, read_case, told

CASE = Path(__file__).parent / "out-of-date.md"


def check_with_confirmations(case: Case) -> tuple[tuple[Judged, ...], tuple[Diagnostic, ...]]:
    """As check_case does, with what was confirmed."""
    review, _ = parse_review(case.files)
    assert review is not None
    evidence = evidence_by_hand(review, case.blocks["findings"])
    confirmed, unread = parse_confirmations(case.blocks["confirmed.json"])
    (source,) = review.pages
    page, while_reading = parse_page(source.text, source.file)
    judged, found = judge_page(page, review, evidence, today=case.today, confirmed=confirmed)
    return judged, in_order([*unread, *while_reading, *found])


def test_the_case_gives_what_it_expects() -> None:
    case = read_case(CASE)
    _, found = check_with_confirmations(case)
    assert [told(d) for d in found] == case.expected


def test_every_finding_says_what_to_do() -> None:
    _, found = check_with_confirmations(read_case(CASE))
    assert [d.code for d in found if not d.help or not d.found] == []


def test_the_verdicts() -> None:
    judged, _ = check_with_confirmations(read_case(CASE))
    assert [one.verdict for one in judged] == [
        Verdict.SUPPORTED,
        Verdict.SUPPORTED,
        Verdict.OUT_OF_DATE,
        Verdict.OUT_OF_DATE,
        Verdict.OVERSTATED,
        Verdict.SUPPORTED,
        Verdict.SUPPORTED,
    ]


def test_what_changed_is_told() -> None:
    _, found = check_with_confirmations(read_case(CASE))
    changed = [d.found for d in found if d.code == "CLM056"]
    assert "low certainty then, moderate now" in changed[0]
    assert "MD −2.0 (−2.2 to −1.8) then, MD −1.0 (−1.2 to −0.8) now" in changed[1]
    assert "no longer there old-1999" in changed[1]
    assert "moderate certainty then, low now" in changed[2]
