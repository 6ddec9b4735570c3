"""The flow: whatever the files say, every record is counted once and the numbers add up."""

from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.records.checking import check_records
from osler.records.criteria import Criteria
from osler.records.decisions import AUTOMATION, BEFORE_SCREENING
from osler.records.known import Known
from osler.records.ledger import Imported, Ledger, read_ledger
from osler.records.library import Entry, Library, lone
from osler.records.model import Decision, Record, Source, Stage, Verdict
from osler.records.prisma.counting import count_flow
from osler.records.prisma.model import Fate, Flow, Stream
from osler.records.reports import Report, Retrieval
from osler.records.searches import Previous, Search, Searches, SearchKind

TITLE, FULL = Stage.TITLE_ABSTRACT, Stage.FULL_TEXT
SEARCHES = (
    Search("p", "PubMed", SearchKind.DATABASE, date="2024-01-01", exports=("p.ris",)),
    Search("e", "Embase", SearchKind.DATABASE, date="2026-01-01", exports=("e.ris",)),
    Search("n", "CTG", SearchKind.REGISTER, date="2026-01-01", exports=("n.csv",)),
    Search("c", "Reference lists", SearchKind.CITATION, date="2026-01-01", exports=("c.ris",)),
)
FILES = ("p.ris", "e.ris", "n.csv", "c.ris", "stray.ris")


def entry(key: str, *files: str) -> Entry:
    parts = tuple(
        Record(key if i == 0 else f"{key}-{i}", sources=(Source(f, 1, "ris"),))
        for i, f in enumerate(files)
    )
    return lone(parts[0]) if len(parts) == 1 else Entry(parts[0], parts)


def vote(
    key: str,
    stage: Stage,
    verdict: Verdict,
    who: str = "A",
    reason: str = "",
    role: str = "reviewer",
) -> Decision:
    return Decision(key, stage, verdict, who, "2026-02-01T10:00:00Z", reason, role=role)


def ledger(entries: list[Entry], *decisions: Decision, **rest: object) -> Ledger:
    library = Library(tuple(sorted(entries, key=lambda e: e.key)))
    given = {"searches": Searches(SEARCHES), "decisions": decisions, **rest}
    return Ledger(library=library, **given)  # type: ignore[arg-type]


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    number = draw(st.integers(0, 8))
    keys = [f"r{i}" for i in range(number)]
    files = st.lists(st.sampled_from(FILES), min_size=1, max_size=3)
    entries = [entry(key, *draw(files)) for key in keys]
    decision = st.builds(
        vote,
        st.sampled_from([*keys, "r0-1", "stranger"]),
        st.sampled_from(Stage),
        st.sampled_from(Verdict),
        st.sampled_from(["A", "B"]),
        st.sampled_from(["", "Not randomised", "Other"]),
        st.sampled_from(
            ["reviewer", "reviewer", "imported", "consensus", AUTOMATION, BEFORE_SCREENING]
        ),
    )
    report = st.builds(
        Report,
        st.sampled_from([*keys, "stranger"]),
        st.none() | st.sampled_from(Retrieval),
        study=st.sampled_from(["", "s1", "s2"]),
    )
    before = st.none() | st.builds(
        Previous, st.sampled_from(["", "2025-01-01"]), st.none() | st.integers(0, 9)
    )
    return ledger(
        entries,
        *draw(st.lists(decision, max_size=14)),
        reports=draw(st.lists(report, max_size=5).map(tuple)),
        criteria=Criteria(reasons=("Not randomised",), reviewers_needed=draw(st.integers(1, 2))),
        searches=Searches(SEARCHES, draw(before)),
    )


def adds_up(s: Stream) -> None:
    """Each box of a column is the one before it less what left between them."""
    n = s.count
    assert s.records == s.duplicates + s.seen_before + n(*Fate)
    assert min(s.duplicates, s.seen_before, *(n(fate) for fate in Fate)) >= 0
    assert s.unique - n(Fate.AUTOMATED, Fate.REMOVED) == s.screened + n(Fate.AWAITING_SCREENING)
    assert s.screened == n(Fate.EXCLUDED) + s.sought
    assert s.sought == (
        n(Fate.NOT_RETRIEVED, Fate.AWAITING_RETRIEVAL, Fate.AWAITING_ASSESSMENT) + s.assessed
    )
    assert s.assessed == sum(r.count for r in s.reasons) + s.included
    assert n(Fate.REMOVED) == sum(r.count for r in s.removed)
    keys = [key for of in s.fates.values() for key in of]
    assert len(keys) == len(set(keys))


@settings(max_examples=60)
@given(ledgers())
def test_the_numbers_always_add_up(given_ledger: Ledger) -> None:
    flow, _ = count_flow(given_ledger)
    adds_up(flow.databases)
    adds_up(flow.others)
    assert flow.new_reports == flow.databases.included + flow.others.included
    assert flow.new_studies <= flow.new_reports
    sources = sum(len(e.parts) for e in given_ledger.library.entries)
    found = flow.databases.records + flow.others.records
    if given_ledger.searches.previous is None:
        assert found == sources
        assert flow.databases.unique + flow.others.unique == len(given_ledger.library.entries)
    else:
        assert found <= sources


@settings(max_examples=25)
@given(ledgers())
def test_what_is_contradicted_is_told_with_its_records(given_ledger: Ledger) -> None:
    _, found = check_records(given_ledger)
    strangers = "stranger" in {
        *(d.record for d in given_ledger.decisions),
        *(r.record for r in given_ledger.reports),
    }
    assert strangers is ("REC073" in {d.code for d in found if "stranger" in d.found})


NAMES = (
    "library.jsonl",
    "pairs.jsonl",
    "decisions.csv",
    "merges.csv",
    "reports.csv",
    "imports.csv",
    "known.csv",
    "searches.toml",
    "criteria.toml",
)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(NAMES), st.binary(max_size=120)))
def test_no_bytes_crash_the_ledger_or_the_flow(files: dict[str, bytes]) -> None:
    told, _ = read_ledger({f"records/{name}": content for name, content in files.items()})
    flow, found = check_records(told)
    adds_up(flow.databases)
    assert all(d.code.startswith("REC") for d in found)


def test_broken_values_of_the_library_are_told_and_not_stumbled_over() -> None:
    lines = [
        '{"key": "a", "sources": [["f", "x", "ris", ""]]}',
        '{"key": "b", "sources": [["f", 1e400, "ris", ""]]}',
        '{"key": "c", "authors": [{"first": "A"}]}',
        '{"key": "d", "origins": {"title": 4}}',
        '{"key": "e", "registrations": [1]}',
        '{"key": "f", "parts": {"x": 1}}',
        '{"key": 7}',
        "[" * 5000,
        '{"key": "g"}',
    ]
    pairs = '{"first": "a", "second": "b", "standing": "look", "probability": 1' + "0" * 400 + "}"
    told, found = read_ledger(
        {"records/library.jsonl": "\n".join(lines).encode(), "records/pairs.jsonl": pairs.encode()}
    )
    assert [e.key for e in told.library.entries] == ["g"]
    assert [d.place.line for d in found] == [1, 2, 3, 4, 5, 6, 7, 8, 1]
    assert {d.code for d in found} == {"REC070"}


def fates(flow: Flow) -> dict[str, str]:
    streams = (flow.databases, flow.others)
    return {k: fate.name for s in streams for fate, keys in s.fates.items() for k in keys}


@pytest.mark.parametrize(
    ("decisions", "report", "fate", "codes"),
    [
        ([], None, "AWAITING_SCREENING", []),
        ([(TITLE, "exclude", "A")], None, "EXCLUDED", []),
        ([(TITLE, "maybe", "A")], None, "AWAITING_RETRIEVAL", []),
        ([(TITLE, "include", "A")], "not retrieved", "NOT_RETRIEVED", []),
        ([(TITLE, "include", "A")], "retrieved", "AWAITING_ASSESSMENT", []),
        (
            [(TITLE, "include", "A"), (TITLE, "exclude", "B")],
            None,
            "AWAITING_SCREENING",
            ["REC083"],
        ),
        ([(TITLE, "include", "A"), (FULL, "include", "A")], "retrieved", "INCLUDED", []),
        ([(FULL, "include", "A")], None, "INCLUDED", []),
        ([(TITLE, "exclude", "A"), (FULL, "include", "A")], None, "EXCLUDED", ["REC080"]),
        ([(FULL, "include", "A")], "not retrieved", "INCLUDED", ["REC084"]),
        ([(FULL, "exclude", "A")], None, "EXCLUDED_REPORT", ["REC081"]),
        ([(FULL, "exclude", "A", "Too old")], None, "EXCLUDED_REPORT", ["REC082"]),
        ([(FULL, "exclude", "A", "Not randomised")], None, "EXCLUDED_REPORT", []),
        ([(FULL, "maybe", "A")], None, "AWAITING_ASSESSMENT", []),
        ([(TITLE, "exclude", "A"), (TITLE, "undecided", "A")], None, "AWAITING_SCREENING", []),
    ],
)
def test_where_a_record_ends(
    decisions: list[tuple[Stage, str, str]], report: str | None, fate: str, codes: list[str]
) -> None:
    votes = [vote("x", s, Verdict(v), who, *reason) for s, v, who, *reason in decisions]
    reports = (Report("x", Retrieval(report)),) if report else ()
    criteria = Criteria(reasons=("Not randomised",))
    told = ledger([entry("x", "e.ris")], *votes, reports=reports, criteria=criteria)
    flow, found = count_flow(told)
    assert fates(flow) == {"x": fate}
    assert [d.code for d in found] == codes
    assert all("x" in d.found for d in found)


def test_two_reviewers_are_waited_for_and_imports_are_not() -> None:
    criteria = Criteria(reviewers_needed=2)
    one = vote("x", TITLE, Verdict.EXCLUDE)
    imported = vote("y", TITLE, Verdict.EXCLUDE, role="imported")
    told = ledger([entry("x", "e.ris"), entry("y", "e.ris")], one, imported, criteria=criteria)
    assert fates(count_flow(told)[0]) == {"x": "AWAITING_SCREENING", "y": "EXCLUDED"}


def test_what_is_taken_out_before_screening_is_told_apart() -> None:
    votes = [
        vote("x", TITLE, Verdict.EXCLUDE, role=AUTOMATION),
        vote("y", TITLE, Verdict.EXCLUDE, reason="Retracted", role=BEFORE_SCREENING),
    ]
    flow, _ = count_flow(ledger([entry("x", "e.ris"), entry("y", "e.ris")], *votes))
    assert fates(flow) == {"x": "AUTOMATED", "y": "REMOVED"}
    assert [(r.reason, r.count) for r in flow.databases.removed] == [("Retracted", 1)]
    assert flow.databases.screened == 0


def test_each_source_is_counted_and_other_methods_stand_apart() -> None:
    told = ledger([entry("x", "e.ris", "n.csv", "c.ris"), entry("y", "c.ris")])
    flow, _ = count_flow(told)
    counts = [(i.source, i.count) for i in (*flow.databases.identified, *flow.others.identified)]
    assert counts == [("Embase", 1), ("PubMed", 0), ("CTG", 1), ("Reference lists", 2)]
    assert (flow.databases.duplicates, flow.others.duplicates) == (1, 1)
    assert (flow.databases.unique, flow.others.unique) == (1, 1)


def test_an_update_counts_what_the_version_before_had_apart() -> None:
    votes = [vote(key, FULL, Verdict.INCLUDE) for key in "xyz"]
    studies = (Report("x", study="s1"), Report("y", study="s1"), Report("z", study="s2"))
    told = ledger(
        [entry("x", "p.ris", "e.ris"), entry("y", "e.ris"), entry("z", "e.ris")],
        *votes,
        reports=studies,
        searches=Searches(SEARCHES, Previous("2025-01-01")),
    )
    flow, _ = count_flow(told)
    assert flow.previous is not None
    assert (flow.previous.studies, flow.previous.reports) == (1, 1)
    assert (flow.new_studies, flow.new_reports) == (1, 2)  # a new report of an old study
    assert (flow.total_studies, flow.total_reports) == (2, 3)
    assert (flow.databases.records, flow.databases.seen_before) == (3, 1)


def test_an_update_of_a_review_made_elsewhere_takes_its_numbers() -> None:
    votes = [vote("y", FULL, Verdict.INCLUDE)]
    before = Previous("", 12, 15)
    told = ledger([entry("y", "e.ris")], *votes, searches=Searches(SEARCHES, before))
    flow, _ = count_flow(told)
    assert (flow.total_studies, flow.total_reports) == (13, 16)


def test_a_decision_on_a_merged_record_holds_for_what_it_joined() -> None:
    told = ledger([entry("x", "e.ris", "n.csv")], vote("x-1", TITLE, Verdict.EXCLUDE))
    assert fates(count_flow(told)[0]) == {"x": "EXCLUDED"}


CODES_OF_A_BAD_FOLDER = {
    "REC075": "nobody can repeat",
    "REC076": "3 hits stated, 2 records here",
    "REC077": "PubMed",
    "REC078": "stray.ris",
    "REC079": "records/e.ris has changed",
    "REC085": "x",
    "REC089": "2 read, 1 in library.jsonl",
    "REC091": "A trial",
    "REC093": "records/s.txt",
    "REC095": "z",
}


def test_everything_that_does_not_fit_is_told() -> None:
    searches = (
        Search("p", "PubMed", exports=("p.ris",), hits=3, strategy_file="s.txt"),
        Search("e", "Embase", exports=("e.ris",), date="2026-01-01"),
    )
    told = ledger(
        [
            entry("x", "p.ris", "p.ris"),
            entry("y", "stray.ris"),
            entry("w", "e.ris"),
            lone(Record("z")),
        ],
        vote("x", FULL, Verdict.INCLUDE),
        searches=Searches(searches),
        imports=(Imported("e.ris", "1", "ris", 2),),
        exports=MappingProxyType({"e.ris": "2"}),
        known=(Known("A trial", doi="10.1000/none"),),
    )
    _, found = check_records(told)
    by_code = {d.code: f"{d.found} {d.so}" for d in found}
    assert set(by_code) == set(CODES_OF_A_BAD_FOLDER)
    for code, words in CODES_OF_A_BAD_FOLDER.items():
        assert words in by_code[code]


def test_a_source_that_gave_nothing_is_counted_with_nothing() -> None:
    """PRISMA asks for every source that was searched, not only those that had something."""
    nothing = (
        Search("s", "Scopus", SearchKind.DATABASE, date="2026-01-01", hits=0),
        Search("w", "A website", SearchKind.WEBSITE, date="2026-01-01", hits=0),
    )
    ledger = Ledger(library=Library((entry("a", "e.ris"),)), searches=Searches(SEARCHES + nothing))
    flow, _ = count_flow(ledger)
    assert {i.source: i.count for i in flow.databases.identified} == {
        "CTG": 0,
        "Embase": 1,
        "PubMed": 0,
        "Scopus": 0,
    }
    assert {i.source: i.count for i in flow.others.identified} == {
        "A website": 0,
        "Reference lists": 0,
    }
    old = Ledger(searches=Searches(SEARCHES + nothing, Previous(until="2026-06-01")))
    assert count_flow(old)[0].databases.identified == ()
