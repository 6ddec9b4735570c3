"""The tables of a clinic's audit and of published reviews."""

from pathlib import Path

import pytest

from osler.review.privacy import check_privacy
from osler.review.reading import parse_review
from tests.cases import reading
from tests.cases.reading import read_case

HEAD = "id,started,condition,treatment,sessions,measure,baseline,last,recovered,ended\n"


def folder(**tables: str) -> dict[str, bytes]:
    files = dict(read_case(Path(reading.__file__).with_name("base.md")).files)
    return files | {f"{name}.csv": text.encode() for name, text in tables.items()}


def test_episodes_are_read_and_unknown_is_not_no() -> None:
    rows = "E1,2025-01,sciatica,acupuncture,3,pain,7,2,yes,recovered\nE2,,sciatica,,,,,,unknown,\n"
    review, found = parse_review(folder(practice=HEAD + rows))
    assert review is not None
    assert [e.recovered for e in review.practice] == [True, None]
    assert [e.sessions for e in review.practice] == [3, None]
    assert [d for d in found if d.place.file == "practice.csv"] == []


@pytest.mark.parametrize(
    "column",
    ["name", "Surname", "patient_id", "Date of birth (DOB)", "NHS number", "e-mail", "postcode",
     "notes", "GP"],
)  # fmt: skip
def test_a_column_that_tells_who_it_was_closes_the_table(column: str) -> None:
    text = f"id,{column},condition,recovered\nE1,secret,sciatica,yes\n"
    review, found = parse_review(folder(practice=text))
    assert review is not None
    assert review.practice == ()
    wrong = [d for d in found if d.code == "PRA001"]
    assert [d.place.field for d in wrong] == [column.lower()]
    assert not any("secret" in f"{d.message}{d.found}{d.help}{d.place.source}" for d in found)


@pytest.mark.parametrize(
    ("number", "started"),
    [("E1", "2025-01-14"), ("E1", "14.01.2025"), ("jones-1", "2025-01"), ("9434765919", "2025-01"),
     ("2025-01-14", "2025-01"), ("E1", "spring")],
)  # fmt: skip
def test_a_cell_that_tells_who_it_was_closes_the_table(number: str, started: str) -> None:
    text = f"id,started,condition,recovered\n{number},{started},sciatica,yes\n"
    review, found = parse_review(folder(practice=text))
    assert review is not None
    assert review.practice == ()
    wrong = [d for d in found if d.code == "PRA002"]
    assert len(wrong) == 1
    assert wrong[0].place.source == ""


def test_the_columns_of_an_audit_tell_nobody() -> None:
    assert (
        check_privacy(HEAD + "E017,2025-03,sciatica,acupuncture,4,pain,7,2,yes,recovered\n", "p")
        == []
    )
    assert check_privacy("", "p") == []


def test_published_reviews_are_read() -> None:
    text = (
        "review,comparison,estimate,ci_lower,ci_upper,trials,certainty,conclusion\n"
        "qin,a vs b,-4.6,-11.1,2.0,11,very low,It may help\n"
    )
    review, found = parse_review(folder(published_reviews=text))
    assert review is not None
    (row,) = review.published
    assert (row.review, row.trials, row.ci_upper, row.certainty) == ("qin", 11, 2.0, "very low")
    assert [d for d in found if d.place.file == "published_reviews.csv"] == []


def test_places_of_references_are_kept() -> None:
    text = '[\n {"id": "tu", "title": "A"},\n {"id": "qin", "title": "B"}\n]'
    review, _ = parse_review(folder() | {"references.json": text.encode()})
    assert review is not None
    assert [p.line for p in review.reference_places.values()] == [2, 3]
