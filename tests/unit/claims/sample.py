"""The small folder of the cases, for tests of the parts."""

from datetime import date
from functools import cache
from pathlib import Path

from osler.certainty.model import Evidence
from osler.claims.document.page import parse_page
from osler.claims.judging import judge_page
from osler.claims.model import Judged, Page
from osler.core.diagnostics import Diagnostic
from osler.review.model import Review
from osler.review.reading import parse_review
from tests.cases.reading import evidence_by_hand, read_case

TODAY = date(2025, 6, 1)
TOP = "---\ntitle: Acupuncture for sciatica\n---\n\n"


@cache
def folder() -> tuple[Review, Evidence]:
    case = read_case(Path(__file__).parents[2] / "cases" / "base.md")
    review, _ = parse_review(case.files)
    assert review is not None
    return review, evidence_by_hand(review, case.blocks["findings"])


def page_of(text: str) -> Page:
    return parse_page(text, "pages/a.md")[0]


def judge(text: str, evidence: Evidence | None = None) -> tuple[Judged, ...]:
    review, found = folder()
    return judge_page(page_of(text), review, evidence or found, today=TODAY)[0]


def found_in(text: str) -> list[Diagnostic]:
    """What is found in a text under a title on acupuncture, but for matters of the whole page."""
    review, evidence = folder()
    _, found = judge_page(page_of(TOP + text), review, evidence, today=TODAY)
    return [d for d in found if d.code.startswith(("CLM", "PUB"))]


def codes_in(text: str) -> list[str]:
    return [d.code for d in found_in(text)]
