"""Exports join a library one by one; nothing is lost, doubled or forgotten on the way."""

import pytest

from osler.core.diagnostics import DataError
from osler.records.adding import add_export, from_exports, judged_files, move_searched
from osler.records.checking import check_records, recall_by_source
from osler.records.duplicates.model import Judgement, Opinion
from osler.records.ledger import Ledger, read_ledger
from osler.records.model import Verdict
from osler.records.prisma.counting import count_flow
from osler.records.searches import Search, SearchKind

NBIB = b"""PMID- 1001
TI  - Needling the leg for sciatica: a randomised trial.
AU  - Author A
DP  - 2019
JT  - A Journal
VI  - 7
PG  - 11-19
LID - 10.1000/needling [doi]

PMID- 1002
TI  - Bed rest for sciatica, part I.
AU  - Bauthor B
DP  - 2001
JT  - Another Journal
VI  - 3
PG  - 1-9
"""
RIS = b"""TY  - JOUR
AU  - Author, A.
TI  - Needling the Leg for Sciatica: A Randomised Trial
JO  - A Journal
PY  - 2019
VL  - 7
SP  - 11
EP  - 19
DO  - 10.1000/NEEDLING
ER  -
TY  - JOUR
AU  - Cauthor, C.
TI  - Rivets in old bridges
PY  - 1988
ER  -
"""
RAYYAN = (
    b"key,title,year,journal,authors,notes\n"
    b'r-1,Ropes on ships,1990,Ships,"Dauthor, D.",'
    b'"RAYYAN-INCLUSION: {""one""=>""Excluded""} | RAYYAN-EXCLUSION-REASONS: not health"\n'
)


def search(database: str, day: str = "2026-01-05", **rest: object) -> Search:
    return Search(id="", database=database, date=day, **rest)  # type: ignore[arg-type]


@pytest.fixture
def files() -> dict[str, bytes]:
    """A folder with two exports in its library."""
    out: dict[str, bytes] = {"osler.toml": b'title = "T"\n\n[site]\nname = "S"\n'}
    out |= add_export(out, NBIB, "pubmed.nbib", search("PubMed")).files
    out |= add_export(out, RIS, "embase.ris", search("Embase", "2026-01-07")).files
    return out


def ledger_of(files: dict[str, bytes]) -> Ledger:
    ledger, found = read_ledger(files)
    assert found == ()
    return ledger


def test_the_library_holds_each_record_once_with_all_its_sources(files: dict[str, bytes]) -> None:
    ledger = ledger_of(files)
    titles = {e.record.title.rstrip(".").lower(): e for e in ledger.library.entries}
    assert len(titles) == len(ledger.library.entries) == 3
    both = titles["needling the leg for sciatica: a randomised trial"]
    assert {(s.file, s.database) for s in both.record.sources} == {
        ("exports/pubmed.nbib", "PubMed"),
        ("exports/embase.ris", "Embase"),
    }
    assert both.record.pmid == "1001"
    assert both.record.origins["pmid"].file == "exports/pubmed.nbib"


def test_the_exports_are_kept_as_they_were(files: dict[str, bytes]) -> None:
    assert files["records/exports/pubmed.nbib"] == NBIB
    assert {d.code for d in check_records(ledger_of(files))[1]} == {"REC075"}


def test_the_library_is_the_same_read_anew_from_the_exports(files: dict[str, bytes]) -> None:
    again, imports = from_exports(files)
    assert again == ledger_of(files).library
    assert [one.report.kept for one in imports] == [2, 2]


def test_the_order_of_the_exports_does_not_change_which_records_there_are(
    files: dict[str, bytes],
) -> None:
    turned: dict[str, bytes] = {}
    turned |= add_export(turned, RIS, "embase.ris", search("Embase")).files
    turned |= add_export(turned, NBIB, "pubmed.nbib", search("PubMed")).files
    parts = [
        {p.key for e in ledger_of(f).library.entries for p in e.parts} for f in (files, turned)
    ]
    assert parts[0] == parts[1]
    assert len(ledger_of(turned).library.entries) == 3


def test_what_is_new_and_what_was_known_is_told(files: dict[str, bytes]) -> None:
    del files["records/imports.csv"]
    added = add_export(files, RIS + b"\n", "embase.ris", search("Embase", "2026-02-01"))
    assert added.fresh == ()
    assert len(added.joined) == 2
    assert "records/exports/embase-2.ris" in added.files
    other = add_export(files, RIS.replace(b"Rivets", b"Nails"), "x.ris", search("Scopus"))
    assert len(other.fresh) == 1
    assert "same DOI" in dict(other.joined)[next(k for k, why in other.joined if why)]


def test_the_same_bytes_are_not_added_twice(files: dict[str, bytes]) -> None:
    with pytest.raises(DataError, match="REC090"):
        add_export(files, NBIB, "other-name.nbib", search("PubMed"))


def test_an_export_without_records_is_refused(files: dict[str, bytes]) -> None:
    with pytest.raises(DataError, match="REC092"):
        add_export(files, b"<html>Session expired</html>", "hits.ris", search("PubMed"))


def test_a_judgement_undoes_a_merge_and_a_later_one_makes_it_again(
    files: dict[str, bytes],
) -> None:
    merged = next(e for e in ledger_of(files).library.entries if len(e.parts) > 1)
    pair = [part.key for part in merged.parts]
    apart, _ = judged_files(files, [Judgement(pair[0], pair[1], Opinion.APART, "A", "")])
    files |= apart
    assert len(ledger_of(files).library.entries) == 4
    files |= judged_files(files, [Judgement(pair[0], pair[1], Opinion.OPEN, "A", "")])[0]
    assert len(ledger_of(files).library.entries) == 3
    library = ledger_of(files).library
    assert library.by_key[library.owner[merged.key]].parts == merged.parts
    assert files["records/merges.csv"].count(b"\n") == 3


def test_decisions_hold_when_their_record_is_merged_later(files: dict[str, bytes]) -> None:
    ledger = ledger_of(files)
    rivets = next(e for e in ledger.library.entries if "Rivets" in e.record.title)
    rest = next(e for e in ledger.library.entries if "Bed rest" in e.record.title)
    rows = f"record,stage,verdict,who\n{rivets.key},title-abstract,exclude,A\n"
    files["records/decisions.csv"] = rows.encode()
    files |= judged_files(files, [Judgement(rivets.key, rest.key, Opinion.MERGED, "A", "")])[0]
    flow, found = count_flow(ledger_of(files))
    assert flow.databases.unique == 2
    assert [len(keys) for fate, keys in flow.databases.fates.items() if "excluded" in fate] == [1]
    assert found == ()


def test_decisions_of_a_screening_program_come_along(files: dict[str, bytes]) -> None:
    added = add_export(files, RAYYAN, "rayyan.csv", search("Rayyan"))
    (one,) = added.decisions
    assert (one.verdict, one.record in added.library.by_key) == (Verdict.EXCLUDE, True)
    files |= added.files
    flow, _ = count_flow(ledger_of(files))
    assert flow.databases.screened == 1


def test_other_methods_stand_apart_in_the_flow(files: dict[str, bytes]) -> None:
    cited = search("Reference lists", kind=SearchKind.CITATION)
    files |= add_export(files, RIS.replace(b"Rivets", b"Nails"), "cited.ris", cited).files
    flow, _ = count_flow(ledger_of(files))
    assert (flow.others.records, flow.others.unique, flow.others.duplicates) == (2, 1, 1)


def test_each_source_is_held_against_the_known_studies(files: dict[str, bytes]) -> None:
    files["records/known.csv"] = b"title,doi\n,10.1000/needling\nBed rest for sciatica part I,\n"
    rows = {r.source: (r.found, r.known) for r in recall_by_source(ledger_of(files))}
    assert rows == {"PubMed": (2, 2), "Embase": (1, 2), "all together": (2, 2)}


def test_the_day_of_the_search_moves_when_every_database_was_searched(
    files: dict[str, bytes],
) -> None:
    assert b'searched = "2026-01-05"' in files["osler.toml"]
    one = add_export(files, RIS + b"\n", "e2.ris", search("Embase", "2026-03-01"))
    assert "osler.toml" not in one.files
    files |= one.files
    two = add_export(files, NBIB + b"\n", "p2.nbib", search("PubMed", "2026-03-02"))
    assert b'searched = "2026-03-01"' in two.files["osler.toml"]


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("", '\nsearched = "2026-01-05"\n'),
        ('searched = "2027-01-01"\n', 'searched = "2027-01-01"\n'),
        ('searched = "2025-01-01" # old\nx = 1\n', 'searched = "2026-01-05" # old\nx = 1\n'),
        ("# searched: no\n[site]\n", '# searched: no\nsearched = "2026-01-05"\n[site]\n'),
        ('[site]\nsearched = "x"\n', '\nsearched = "2026-01-05"\n[site]\nsearched = "x"\n'),
    ],
)
def test_only_the_day_changes_in_osler_toml(text: str, moved: str) -> None:
    assert move_searched(text, "2026-01-05") == moved
    assert move_searched(text, "") == text
