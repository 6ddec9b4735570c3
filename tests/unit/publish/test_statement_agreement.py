"""The plain statement of a row says what its numbers say: direction, size and certainty."""

import re
from pathlib import Path

import pytest

from osler.certainty.evidence import gather_evidence
from osler.certainty.model import Evidence, Finding, Level
from osler.publish.composition import Composition, environment
from osler.publish.sheet_text import cell_text
from osler.publish.summary import summary_sheet
from osler.review.folder import read_folder
from osler.review.model import Review
from osler.review.reading import parse_review
from tests.unit.publish.sample import page

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "sciatica"
VERBS = {
    Level.VERY_LOW: r"\bvery uncertain\b",
    Level.LOW: r"\bmay\b",
    Level.MODERATE: r"\bprobably\b",
}


@pytest.fixture(scope="module")
def example() -> tuple[Review, Evidence]:
    review, _ = parse_review(read_folder(EXAMPLE))
    assert review is not None
    return review, gather_evidence(review)


def rows(review: Review, evidence: Evidence) -> list[tuple[Finding, list[str]]]:
    """Every row of every summary, with its finding."""
    composition = Composition(review, evidence, page(), environment())
    found = []
    for comparison in review.comparisons.values():
        sheet = summary_sheet(composition, comparison)
        findings = [f for f in evidence.findings.values() if f.comparison == comparison]
        by_label = {f.outcome.label.lower(): f for f in findings}
        for row in sheet.rows:
            if finding := by_label.get(row[0].lines[0].text.lower()):
                found.append((finding, [cell_text(cell, letters=False) for cell in row]))
    return found


def test_every_row_of_the_example_agrees_with_its_statement(
    example: tuple[Review, Evidence],
) -> None:
    shown = rows(*example)
    assert len(shown) > 60
    for finding, cells in shown:
        level, said = finding.certainty.level, cells[6]
        assert cells[5].endswith(f" {level.word}")
        assert cells[5].count("⊕") == int(level)
        for other, verb in VERBS.items():
            assert bool(re.search(verb, said)) == (other is level), (finding.about, said)


def test_direction_and_size_of_the_statement_are_those_of_the_numbers(
    example: tuple[Review, Evidence],
) -> None:
    told = 0
    for finding, cells in rows(*example):
        said, numbers = cells[6], cells[2]
        if finding.certainty.level is Level.VERY_LOW:
            assert not re.search(r"reduc|increas", said), "very low certainty tells no direction"
            continue
        told += 1
        assert ("little to no difference" in said) == (finding.size == "trivial")
        assert ("large" in said) == (finding.size == "large")
        if "reduc" in said:
            assert re.search(r"\b(lower|fewer)\b", numbers), (finding.about, numbers)
        if "increas" in said:
            assert re.search(r"\b(higher|more)\b", numbers), (finding.about, numbers)
    assert told > 10
