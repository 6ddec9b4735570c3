"""studies.csv and references.json are begun from included reports and never written over."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from osler.records.ledger import Ledger
from osler.records.library import Library, lone
from osler.records.model import Name, Record
from osler.records.reports import Report, parse_reports
from osler.records.studies import (
    begin_references,
    begin_reports,
    begin_studies,
    csl_item,
    group_reports,
    without_study,
)

ROOT = Path(__file__).parents[3]
MAIN = Record(
    "a1",
    title="Needling, a trial",
    authors=(Name("Author", "A."), Name(literal="The Group")),
    year=2019,
    container="A Journal",
    volume="7",
    pages="11-19",
    doi="10.1000/a",
    pmid="1001",
    registrations=("NCT01234567",),
)
FOLLOW_UP = Record("a2", title="Needling, two years on", year=2021, registrations=("NCT01234567",))
OTHER = Record("b1", title='Rest, "or" not', authors=(Name("Bauthor"),), year=2001)
SAME_NAME = Record("b2", title="Rest again", authors=(Name("Bauthor"),), year=2001)


def ledger(*records: Record, reports: tuple[Report, ...] = ()) -> Ledger:
    entries = tuple(lone(r) for r in sorted(records, key=lambda r: r.key))
    return Ledger(Library(entries), reports=reports)


def grouped(*records: Record, reports: tuple[Report, ...] = ()) -> dict[str, list[str]]:
    groups = group_reports(ledger(*records, reports=reports), [r.key for r in records])
    return {g.study: [r.key for r in g.records] for g in groups}


def test_reports_of_one_registration_are_one_study() -> None:
    assert grouped(FOLLOW_UP, OTHER, MAIN) == {"author-2019": ["a1", "a2"], "bauthor-2001": ["b1"]}


def test_two_studies_of_one_name_are_told_apart() -> None:
    assert grouped(OTHER, SAME_NAME) == {"bauthor-2001": ["b1"], "bauthor-2001b": ["b2"]}


def test_what_a_person_said_holds_over_the_registration() -> None:
    said = (Report("a2", study="late-2021"),)
    assert grouped(MAIN, FOLLOW_UP, reports=said) == {"late-2021": ["a1", "a2"]}
    both = (*said, Report("a1", study="early-2019"))
    assert grouped(MAIN, FOLLOW_UP, reports=both) == {"early-2019": ["a1"], "late-2021": ["a2"]}


def test_studies_csv_is_begun_with_what_the_report_says() -> None:
    groups = group_reports(ledger(MAIN, FOLLOW_UP, OTHER), ["a1", "a2", "b1"])
    text, found = begin_studies("", groups)
    first, second = csv.DictReader(io.StringIO(text))
    assert found == ()
    assert {k: first[k] for k in ("id", "label", "doi", "registration", "included")} == {
        "id": "author-2019",
        "label": "Author 2019",
        "doi": "10.1000/a",
        "registration": "NCT01234567",
        "included": "yes",
    }
    assert first["notes"] == "2 reports; registered as NCT01234567"
    assert second["title"] == 'Rest, "or" not'


def test_the_columns_are_those_of_the_table() -> None:
    schema = json.loads((ROOT / "src/osler/review/schemas/studies.json").read_text("utf-8"))
    text, _ = begin_studies("", group_reports(ledger(MAIN), ["a1"]))
    assert text.splitlines()[0].split(",") == [field["name"] for field in schema["fields"]]


@pytest.mark.parametrize(
    "row", ["author-2019,,,", "x,10.1000/A,,", "x,,1001,", "x,,,NCT00000001; nct01234567"]
)
def test_a_study_that_is_there_is_left_alone(row: str) -> None:
    text = f"id,doi,pmid,registration\n{row}"
    assert begin_studies(text, group_reports(ledger(MAIN), ["a1"])) == (text, ())


def test_other_rows_stay_byte_for_byte_and_differences_are_told() -> None:
    text = 'id,year,note of mine\nauthor-2019,2018,"as, typed"\n'
    groups = group_reports(ledger(MAIN, OTHER), ["a1", "b1"])
    longer, (told,) = begin_studies(text, groups)
    assert longer == text + "bauthor-2001,2001,\n"
    assert (told.code, told.place.line) == ("REC086", 2)
    assert "year is '2018', the library has '2019'" in told.found
    assert begin_studies(longer, groups)[0] == longer


def test_references_are_added_and_the_rest_stays() -> None:
    groups = group_reports(ledger(MAIN, OTHER), ["a1", "b1"])
    text = '[\n  {"id": "bauthor-2001", "title":   "mine"}\n]\n'
    longer = begin_references(text, groups)
    assert longer.startswith(text.rstrip().removesuffix("]").rstrip())
    mine, fresh = json.loads(longer)
    assert mine["title"] == "mine"
    assert fresh == csl_item(MAIN, "author-2019")
    assert fresh["author"] == [{"family": "Author", "given": "A."}, {"literal": "The Group"}]
    assert begin_references(longer, groups) == longer
    assert [x["id"] for x in json.loads(begin_references("", groups))] == [
        "author-2019",
        "bauthor-2001",
    ]


@pytest.mark.parametrize("text", ["{}", "[", "nothing"])
def test_references_that_are_no_list_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        begin_references(text, group_reports(ledger(MAIN), ["a1"]))


def test_the_study_of_each_report_is_written_down_once() -> None:
    told = ledger(MAIN, OTHER, reports=(Report("b1", study="mine"),))
    text = begin_reports("", told, group_reports(told, ["a1", "b1"]))
    assert [(r.record, r.study) for r in parse_reports(text)[0]] == [("a1", "author-2019")]
    assert [d.code for d in without_study(told, ["a1", "b1"])] == ["REC085"]
    assert without_study(told, ["b1"]) == ()


def test_ids_are_plain() -> None:
    odd = Record("x", title="Ünü Ÿ", authors=(Name("Łöw-Ñandú"),), year=None)
    (study,) = grouped(odd)
    assert re.fullmatch(r"[a-z0-9-]+", study)
