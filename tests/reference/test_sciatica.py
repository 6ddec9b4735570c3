"""The sciatica example against metafor: the same studies and the same numbers, to 1e-8.

``make_sciatica.R`` names the rows of each question by hand, so this compares the choice of
rows as well as the arithmetic.
"""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from osler.certainty.evidence import gather_evidence
from osler.certainty.model import Evidence
from osler.review.folder import read_folder
from osler.review.model import Review
from osler.review.reading import parse_review
from osler.synthesis import synthesise
from osler.synthesis.model import Synthesis
from tests.reference.stored import close, stored

FOLDER = Path(__file__).parents[2] / "examples" / "sciatica"
REFERENCE = stored("sciatica")
QUESTIONS: dict[str, Any] = REFERENCE["questions"]


@cache
def example() -> tuple[Review, Evidence]:
    review, _ = parse_review(read_folder(FOLDER))
    assert review is not None
    return review, gather_evidence(review)


def agree(got: Synthesis, expected: dict[str, Any]) -> None:
    for field in ("estimate", "se", "ci_lower", "ci_upper", "p_value"):
        close(getattr(got.random, field), expected[field])
    assert got.random.ci_method == expected["ci_method"]
    for field in ("tau2", "i2", "q"):
        close(getattr(got.heterogeneity, field), expected[field], atol=1e-12)


def test_the_questions_a_reader_asks_first_are_compared() -> None:
    assert len(QUESTIONS) == 13
    assert {question.split(" / ")[0] for question in QUESTIONS} == {
        "acupuncture vs sham acupuncture",
        "acupuncture vs medication",
        "acupuncture added to other care",
        "epidural steroid vs placebo",
        "gabapentinoid vs placebo",
        "nsaid vs placebo",
        "surgery vs conservative care",
        "systemic steroid vs placebo",
    }
    assert REFERENCE["program"] == {"R": "4.2.2", "metafor": "3.8.1"}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_studies_with_the_same_effects(question: str) -> None:
    _, evidence = example()
    expected = {study["study"]: study for study in QUESTIONS[question]["studies"]}
    found = {e.study: e.effect for e in evidence.findings[question].answer.effects}
    assert set(found) == set(expected)
    for study, effect in found.items():
        close(effect.estimate, expected[study]["estimate"], rtol=1e-12)
        close(effect.variance, expected[study]["variance"], rtol=1e-12)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_pooled_numbers(question: str) -> None:
    _, evidence = example()
    agree(evidence.findings[question].synthesis, QUESTIONS[question]["pooled"])


def test_the_living_review_of_gabapentinoids_as_it_pools_them() -> None:
    """All nine trials together by DerSimonian-Laird and Hartung-Knapp.

    The example asks about them apart, because only two enrolled people for sciatica; here
    the whole review is replicated.
    """
    review, _ = example()
    expected = REFERENCE["living_review"]
    rows = {
        row.study: (row.estimate, row.se)
        for row in review.contrasts
        if row.outcome.startswith("pain (standardised)")
    }
    assert sorted(rows) == sorted(expected["studies"])
    assert len(rows) == 9
    estimates = [rows[study][0] or 0.0 for study in rows]
    variances = [(rows[study][1] or 0.0) ** 2 for study in rows]
    got = synthesise(
        list(rows), estimates, variances, measure="SMD", tau2_method="DL", ci_method="HKSJ"
    )
    agree(got, expected["pooled"])
    assert got.random.ci_lower < 0 < got.random.ci_upper
