"""A person's decisions beside today's numbers: stale, without a basis, or beside the point."""

from pathlib import Path

import pytest

from osler.certainty.evidence import gather_evidence
from osler.certainty.ledger import changes, current_basis
from osler.certainty.problems import certainty_problems, quoted
from osler.core.diagnostics import Diagnostic, Severity
from osler.review.folder import read_folder
from osler.review.model import Review
from osler.review.reading import parse_review
from tests.unit.certainty.sample import PAIN, RECOVERY, finding, judged, judgement, review_of
from tests.unit.review.folders import RESULTS, STUDIES, TOML, small_folder

EXAMPLE = Path(__file__).parents[3] / "examples" / "sciatica"
CERTAINTY = """\
[[judgement]]
about = "rest vs usual care / recovery"
reason = "imprecision"
levels = 0
because = "read in full"
by = "A reviewer"
date = "2026-01-31"
"""


def problems(review: Review) -> tuple[Diagnostic, ...]:
    return certainty_problems(review, gather_evidence(review))


def with_basis(basis: str, **changed: str) -> Review:
    toml = CERTAINTY + f"basis = {quoted(basis)}\n"
    return review_of(certainty_toml=toml, **changed)


def basis_today() -> str:
    return current_basis(finding(RECOVERY, review_of()), "imprecision")


def test_a_basis_that_holds_is_silent() -> None:
    assert problems(with_basis(basis_today())) == ()


def test_every_judgement_of_the_example_holds_today() -> None:
    review, _ = parse_review(read_folder(EXAMPLE))
    assert review is not None
    assert len(review.judgements) > 30
    assert all(judgement.basis for judgement in review.judgements)
    assert problems(review) == ()


def test_a_basis_pasted_from_a_page_holds() -> None:
    printed = basis_today().replace("-", "\u2212").replace(" ", "\u00a0", 1)
    assert problems(with_basis(printed)) == ()


def test_a_changed_number_makes_the_judgement_stale() -> None:
    changed = RESULTS.replace("6,,20,40", "6,,30,40")
    review = with_basis(basis_today(), results_csv=changed)
    found = finding(RECOVERY, review)
    step = next(s for s in found.certainty.steps if s.reason == "imprecision")
    # Both values stay visible, and what counts is still the person's.
    assert (step.levels, step.rule_levels) == (0, 1)
    assert step.stale.startswith(f"{basis_today().split('; ')[0]} is now the interval RR ")
    (d,) = problems(review)
    assert (d.code, d.severity) == ("CRT010", Severity.WARNING)
    assert (d.place.file, d.place.line) == ("certainty.toml", 2)
    assert step.stale in d.found
    assert "1 by the rule now, 0 by A reviewer" in d.found
    assert f"basis = {quoted(step.facts)}" in d.help


def test_what_is_advised_makes_the_judgement_fresh_again() -> None:
    changed = RESULTS.replace("6,,20,40", "6,,30,40")
    (d,) = problems(with_basis("anything", results_csv=changed))
    advised = d.help.partition("basis = ")[2]
    toml = f"{CERTAINTY}basis = {advised}\n"
    assert problems(review_of(certainty_toml=toml, results_csv=changed)) == ()


def test_a_number_that_the_judgement_does_not_rest_on_changes_nothing() -> None:
    """Another study's notes and years are not in the facts of imprecision."""
    assert (
        problems(with_basis(basis_today(), studies_csv=STUDIES.replace("2001,2", "2001,1"))) == ()
    )


def test_another_study_makes_a_judgement_on_indirectness_stale() -> None:
    toml = CERTAINTY.replace("imprecision", "indirectness") + 'basis = "studies: One 2001"\n'
    (d,) = problems(review_of(certainty_toml=toml))
    assert "new: Two 2002" in d.found


def test_an_old_judgement_without_a_basis_is_a_note() -> None:
    (d,) = problems(review_of(certainty_toml=CERTAINTY))
    assert (d.code, d.severity) == ("CRT011", Severity.NOTE)
    assert basis_today() in d.help


def test_a_reason_to_rate_up_randomised_trials_is_not_counted() -> None:
    review = judged(review_of(), judgement(RECOVERY, "dose-response", 1))
    (d,) = problems(review)
    assert (d.code, d.severity) == ("CRT012", Severity.WARNING)
    assert "start at high certainty" in d.found


def test_a_reason_to_rate_up_what_was_lowered_is_not_counted() -> None:
    review = review_of(studies_csv=STUDIES.replace("parallel RCT", "cohort"))
    codes = [d.code for d in problems(judged(review, judgement(RECOVERY, "dose-response", 1)))]
    assert codes == ["CRT011", "CRT012"]
    codes = [d.code for d in problems(judged(review, judgement(RECOVERY, "dose-response", 0)))]
    assert codes == ["CRT011"]


def test_a_question_that_no_study_answers_is_a_note() -> None:
    review = review_of(certainty_toml=CERTAINTY, results_csv=None, contrasts_csv=None)
    assert [(d.code, d.severity) for d in problems(review)] == [("CRT013", Severity.NOTE)]


def test_absolute_thresholds_without_a_baseline_risk() -> None:
    toml = TOML.replace("value = 1.25", "per_1000 = 50")
    none = RESULTS.replace("6,,10,40", "6,,0,40").replace("6,,20,50", "6,,0,50")
    found = problems(review_of(osler_toml=toml, results_csv=none))
    assert [(d.code, d.place.file) for d in found] == [("CRT014", "osler.toml")]
    assert "nobody, or everybody, had the event" in found[0].found


def test_of_two_judgements_on_one_reason_the_second_is_not_asked_for_its_basis() -> None:
    one = judgement(RECOVERY, "imprecision", 0, basis_today())
    two = judgement(RECOVERY, "imprecision", 1)
    assert problems(judged(review_of(), one, two)) == ()


@pytest.mark.parametrize(
    ("key", "wrong", "code"),
    [
        ("imprecision", "imprecisoin", "REV004"),
        ("levels = 0", "levels = 4", "REV026"),
        ("levels = 0", "levels = 1.5", "REV026"),
        ("recovery", "recovry", "REV019"),
    ],
)
def test_a_judgement_on_what_does_not_exist_is_said_and_not_used(
    key: str, wrong: str, code: str
) -> None:
    review, found = parse_review(small_folder(certainty_toml=CERTAINTY.replace(key, wrong)))
    assert review is not None
    assert [d.code for d in found] == [code]
    steps = finding(RECOVERY, review).certainty.steps
    assert all(step.judgement is None for step in steps)


def test_the_basis_of_a_reason_that_the_ledger_does_not_have_is_empty() -> None:
    assert current_basis(finding(PAIN, review_of()), "dose-response") == ""


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("a 1, b 2", "a 1, b 3", "b 2 is now b 3"),
        ("a 1", "a 1; b 2", "new: b 2"),
        ("a 1; b 2", "a 1", "gone: b 2"),
        ("a 1;  b 2", "a 1; b 2", ""),
    ],
)
def test_changes_are_told_clause_by_clause(before: str, after: str, told: str) -> None:
    assert changes(before, after) == told
