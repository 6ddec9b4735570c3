"""decisions.csv, merges.csv, reports.csv: nothing typed is lost, and later rows hold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.records.decisions import (
    append_decisions,
    merge_histories,
    parse_decisions,
    render_decisions,
)
from osler.records.duplicates.model import Judgement, LinkKind, Opinion
from osler.records.merges import append_merges, parse_merges, render_merges
from osler.records.model import Decision, Stage, Verdict
from osler.records.reports import (
    Report,
    Retrieval,
    parse_reports,
    render_reports,
    standing_reports,
)

# Everything that UTF-8 can hold; a cell that must be filled holds more than white space.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
FILLED = TEXT.filter(str.strip)
LABELS = st.lists(TEXT.filter(bool), max_size=3).map(tuple)

decisions = st.builds(
    Decision,
    record=FILLED,
    stage=st.sampled_from(Stage),
    verdict=st.sampled_from(Verdict),
    who=FILLED,
    when=TEXT,
    reason=TEXT,
    note=TEXT,
    labels=LABELS,
    role=FILLED,
)
judgements = st.builds(
    Judgement,
    first=FILLED,
    second=FILLED,
    opinion=st.sampled_from(Opinion),
    who=TEXT,
    when=TEXT,
    kind=st.none() | st.sampled_from(LinkKind),
    note=TEXT,
).filter(lambda j: j.first != j.second)
reports = st.builds(
    Report,
    record=FILLED,
    status=st.none() | st.sampled_from(Retrieval),
    link=TEXT,
    study=TEXT,
    who=TEXT,
    when=TEXT,
    note=TEXT,
)


@settings(max_examples=25)
@given(st.lists(decisions, max_size=4).map(tuple))
def test_decisions_come_back_as_they_went_in(rows: tuple[Decision, ...]) -> None:
    assert parse_decisions(render_decisions(rows)) == (rows, ())


@settings(max_examples=25)
@given(st.lists(judgements, max_size=4).map(tuple))
def test_judgements_come_back_as_they_went_in(rows: tuple[Judgement, ...]) -> None:
    assert parse_merges(render_merges(rows)) == (rows, ())


@settings(max_examples=25)
@given(st.lists(reports, max_size=4).map(tuple))
def test_reports_come_back_as_they_went_in(rows: tuple[Report, ...]) -> None:
    assert parse_reports(render_reports(rows)) == (rows, ())


@settings(max_examples=25)
@given(st.lists(decisions, max_size=3).map(tuple), st.lists(decisions, max_size=3).map(tuple))
def test_appending_leaves_what_stands_there_byte_for_byte(
    first: tuple[Decision, ...], second: tuple[Decision, ...]
) -> None:
    text = render_decisions(first)
    longer = append_decisions(text, second)
    assert longer.startswith(text)
    assert parse_decisions(longer)[0] == (*first, *second)


def test_rows_are_appended_in_the_order_of_the_columns_that_are_there() -> None:
    told = "who,when,record,verdict,stage\nA,,x,include,title-abstract"
    more = Decision("y", Stage.FULL_TEXT, Verdict.EXCLUDE, "B", "2026-01-01T00:00:00Z")
    text = append_decisions(told, [more])
    assert text.splitlines()[-1] == "B,2026-01-01T00:00:00Z,y,exclude,full-text"
    assert [d.record for d in parse_decisions(text)[0]] == ["x", "y"]


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_what_a_spreadsheet_makes_of_the_file_is_read(ending: str, separator: str) -> None:
    rows = [["record", "stage", "verdict", "who"], ["x", "full-text", "maybe", "A"]]
    text = "\ufeff" + "".join(separator.join(row) + ending for row in rows)
    (one,), found = parse_decisions(text)
    assert (one.record, one.verdict, one.who, found) == ("x", Verdict.MAYBE, "A", ())


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("x,full-text,yes,A", "verdict is 'yes'"),
        ("x,abstract,include,A", "stage is 'abstract'"),
        (",full-text,include,A", "record is empty"),
        ("x,full-text,include,A,too,many", "6 cells, the header 4"),
        ('x,full-text,include,"A', "never closes it"),
    ],
)
def test_a_row_that_cannot_be_used_is_told_and_the_rest_is_read(row: str, told: str) -> None:
    text = f"record,stage,verdict,who\ny,full-text,include,A\n{row}\n"
    read, found = parse_decisions(text)
    assert [d.record for d in read] == ["y"]
    assert [(d.code, d.place.line) for d in found] == [("REC072", 3)]
    assert told in found[0].found


def test_a_header_without_a_needed_column_is_told() -> None:
    assert parse_decisions("record,verdict,who\nx,include,A\n")[1][0].found.endswith("stage")


@settings(max_examples=25)
@given(st.binary(max_size=300))
def test_no_bytes_crash_a_table(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for parse in (parse_decisions, parse_merges, parse_reports):
        rows, found = parse(text)
        assert all(d.code == "REC072" for d in found)
        assert len(rows) <= text.count("\n") + text.count("\r") + 1


def test_two_branches_join_without_repeating() -> None:
    a, b, c = (
        Decision(name, Stage.FULL_TEXT, Verdict.INCLUDE, "A", f"2026-01-0{day}T00:00:00Z")
        for day, name in enumerate("abc", 1)
    )
    assert merge_histories([a, c], [a, b]) == (a, b, c)


def test_appending_merges_to_an_empty_file_writes_the_header() -> None:
    text = append_merges("", [Judgement("a", "b", Opinion.APART, "A", "")])
    assert text.startswith("opinion,first,second,")


def test_the_latest_word_on_each_field_of_a_report_holds() -> None:
    rows = [
        Report("x", Retrieval.NOT_RETRIEVED, link="a.pdf"),
        Report("x", Retrieval.RETRIEVED),
        Report("x", study="tu-2024"),
    ]
    assert standing_reports(rows)["x"] == Report("x", Retrieval.RETRIEVED, "a.pdf", "tu-2024")


def test_bad_kinds_and_opinions_are_told() -> None:
    text = "opinion,first,second,kind\nsame,a,b,\nlinked,a,b,cousin\nmerged,a,a,\napart,a,b,\n"
    read, found = parse_merges(text)
    assert [j.opinion for j in read] == [Opinion.APART]
    assert [d.place.line for d in found] == [2, 3, 4]


def test_a_bad_status_is_told() -> None:
    read, found = parse_reports("record,status\nx,lost\ny,retrieved\n")
    assert [r.record for r in read] == ["y"]
    assert "'lost'" in found[0].found
