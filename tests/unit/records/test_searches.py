"""searches.toml, criteria.toml, known.csv: read, written, and what is wrong told by line."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.core.diagnostics import DataError
from osler.records.criteria import Criteria, parse_criteria, render_criteria
from osler.records.known import Known, found_known, parse_known, render_known
from osler.records.model import Record
from osler.records.searches import (
    Previous,
    Search,
    Searches,
    SearchKind,
    append_search,
    extend_search,
    parse_searches,
    render_searches,
    searched_until,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
FILLED = TEXT.filter(str.strip)
DAYS = st.one_of(st.just(""), st.dates().map(lambda d: d.isoformat()))
LISTS = st.lists(TEXT, max_size=3).map(tuple)
searches = st.builds(
    Search,
    id=FILLED,
    database=FILLED,
    kind=st.sampled_from(SearchKind),
    platform=TEXT,
    date=DAYS,
    strategy=TEXT,
    strategy_file=TEXT,
    hits=st.none() | st.integers(0, 10**6),
    exports=LISTS,
    limits=TEXT,
    note=TEXT,
)
previous = st.none() | st.builds(
    Previous,
    until=DAYS,
    studies=st.none() | st.integers(0, 99),
    reports=st.none() | st.integers(0, 99),
    citation=TEXT,
)


def without_lines(found: Searches) -> list[str]:
    return [repr(s).partition(", line=")[0] for s in found.searches]


@settings(max_examples=25)
@given(st.lists(searches, max_size=3, unique_by=lambda s: s.id).map(tuple), previous)
def test_searches_come_back_as_they_went_in(
    of: tuple[Search, ...], before: Previous | None
) -> None:
    told = Searches(of, before)
    read, found = parse_searches(render_searches(told))
    assert without_lines(read) == without_lines(told)
    assert (read.previous, found) == (before, ())


@settings(max_examples=25)
@given(searches, searches)
def test_a_search_is_added_at_the_end_and_the_rest_stays(one: Search, two: Search) -> None:
    text = append_search("", one)
    longer = append_search(text, two)
    assert longer.startswith(text)
    assert [s.database for s in parse_searches(longer)[0].searches] == [one.database, two.database]


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("[[search]\n", 1, "not TOML"),
        ('\n[[search]]\nkind = "database"\n', 2, "needs the key 'database'"),
        ('[[search]]\ndatabase = "A"\nkind = "book"\n', 1, "kind is 'book'"),
        ('[[search]]\ndatabase = "A"\nhits = "many"\n', 1, "hits is not"),
        ('[[search]]\ndatabase = "A"\ndate = "spring"\n', 1, "date is not a day"),
        ('[[search]]\ndatabase = "A"\n[[search]]\ndatabase = "B"\nhit = 3\n', 3, "'hit' is not"),
    ],
)
def test_what_is_wrong_is_told(text: str, line: int, told: str) -> None:
    found = parse_searches(text)[1]
    assert [(d.code, d.place.line) for d in found] == [("REC074", line)]
    assert told in found[0].message


def test_two_searches_of_one_name_get_two_ids() -> None:
    text = '[[search]]\ndatabase = "A"\n[[search]]\ndatabase = "A"\n'
    assert [s.id for s in parse_searches(text)[0].searches] == ["a", "a-2"]


@pytest.mark.parametrize(
    ("days", "until"),
    [
        ([("PubMed", "2025-01-01"), ("Embase", "2025-02-01")], "2025-01-01"),
        ([("PubMed", "2025-01-01"), ("PUBMED", "2026-01-01")], "2026-01-01"),
        ([("PubMed", "2025-01-01"), ("Embase", "")], ""),
        ([], ""),
    ],
)
def test_a_review_is_as_fresh_as_its_stalest_database(
    days: list[tuple[str, str]], until: str
) -> None:
    of = [Search(str(i), name, date=day) for i, (name, day) in enumerate(days)]
    cited = Search("c", "Reference lists", SearchKind.CITATION, date="2001-01-01")
    assert searched_until([*of, cited]) == until


@settings(max_examples=25)
@given(
    st.builds(
        Criteria,
        question=TEXT,
        include=LISTS,
        exclude=LISTS,
        reasons=LISTS,
        words_in=LISTS,
        words_out=LISTS,
        reviewers=LISTS,
        reviewers_needed=st.integers(1, 5),
    )
)
def test_criteria_come_back_as_they_went_in(criteria: Criteria) -> None:
    assert parse_criteria(render_criteria(criteria)) == (criteria, ())


@pytest.mark.parametrize("text", ["reviewers_needed = 0", "reasons = 3", "reason = []", "= 1"])
def test_wrong_criteria_are_told(text: str) -> None:
    criteria, found = parse_criteria(text)
    assert criteria == Criteria()
    assert [d.code for d in found] == ["REC074"]


def test_known_studies_are_found_by_any_sign() -> None:
    records = [
        Record("a", title="Rest, or not?", doi="10.1000/a"),
        Record("b", pmid="12"),
        Record("c", registrations=("NCT01234567",)),
    ]
    text = (
        "title,doi,pmid,registration,note\nrest or NOT,,,,\n,https://doi.org/10.1000/A,,,\n"
        ",,12,,\n,,,nct01234567,\nAnother,10.1000/z,,,\n,,,,only a note\n"
    )
    known, found = parse_known(text)
    assert list(found_known(known, records).values()) == ["a", "a", "b", "c"]
    assert [d.place.line for d in found] == [7]
    again, _ = parse_known(render_known(known))
    assert [k.shown for k in again] == [k.shown for k in known]
    assert Known(pmid="12").shown == "PMID 12"


SEVERAL = """[[search]]
id = "a"
database = "PubMed"
exports = [
  "exports/1.ris",
]
note = "exports = [] is said below"

[[search]]
id = "b"
database = "Embase"
"""


@pytest.mark.parametrize(("name", "before"), [("a", ("exports/1.ris",)), ("b", ())])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_search_gets_further_exports_and_nothing_else_changes(
    name: str, before: tuple[str, ...], ends: str
) -> None:
    text = SEVERAL.replace("\n", ends)
    after = {
        s.id: s for s in parse_searches(extend_search(text, name, ["exports/2.ris"]))[0].searches
    }
    assert after[name].exports == (*before, "exports/2.ris")
    untouched = {s.id: s for s in parse_searches(text)[0].searches if s.id != name}
    assert {n: replace(s, line=0) for n, s in after.items() if n != name} == {
        n: replace(s, line=0) for n, s in untouched.items()
    }


@pytest.mark.parametrize(
    "text",
    [
        SEVERAL.replace('id = "a"', 'id = "c"'),
        SEVERAL.replace("exports = [\n", '"exports" = [\n'),
        SEVERAL.replace('"exports/1.ris"', '"exports/]1.ris"'),
    ],
)
def test_a_search_that_cannot_be_extended_is_told_and_not_spoilt(text: str) -> None:
    with pytest.raises(DataError) as error:
        extend_search(text, "a", ["exports/2.ris"])
    assert [d.code for d in error.value.diagnostics] == ["REC074"]
