"""Folder and database turned into each other: nothing is lost, no byte is another."""

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.core.diagnostics import DataError
from osler.records.model import Stage, Verdict
from osler.web.screening import services, syncing
from osler.web.screening.services import Said
from osler.web.screening.stores import NAMES, FolderStore
from osler.web.screening.tables import TableStore

STAGE = Stage.TITLE_ABSTRACT
HEAD = "record,stage,verdict,reason,who,when,note,labels,role\n"
ROW = "r07,title-abstract,include,,three,2026-01-05T10:00:00Z,,,reviewer\n"


def vote(team, who, key, **more):
    said = Said(Verdict.EXCLUDE, **more)
    services.decide(team.seat(who), key, STAGE, said, now=timezone.now())


def meet(team, store=None):
    return syncing.meet(team.review, store or team.store, user=None, now=timezone.now())


def same(team):
    return dict(TableStore(team.review).read()) == dict(FolderStore.at(team.folder.path).read())


def test_there_and_back_is_the_identity(team, tmp_path):
    vote(team, "one", "r00", note='a "quote",\na line', labels=("x;y", "z"))
    vote(team, "two", "r00")
    services.report(
        team.seat("one"), "r01", "sought", "https://site.example/a", "", now=timezone.now()
    )
    services.words_set(team.seat("two"), services.Words(("leg*",), ("rat",)))
    services.team_set(team.seat("one"), {"one": 1, "two": 2}, now=timezone.now())
    services.certificate_write(team.seat("one"), now=timezone.now())
    assert set(meet(team)) == {
        *("records/certificate.toml", "records/decisions.csv", "records/reports.csv"),
        *("records/screening.toml", "records/shares.csv"),
    }
    assert same(team)
    before = dict(team.store.read())
    assert meet(team) == ()
    assert dict(FolderStore.at(team.folder.path).read()) == before
    empty = tmp_path / "empty"
    (empty / "records").mkdir(parents=True)
    team.review.files.update(met=b"")
    meet(team, FolderStore(empty))
    assert dict(FolderStore(empty).read()) == before


def test_what_both_added_stands_in_both(team):
    vote(team, "one", "r00")
    meet(team)
    path = team.store.folder / "records" / "decisions.csv"
    path.write_text(path.read_text("utf-8") + ROW, "utf-8")
    vote(team, "two", "r01")
    meet(team)
    assert same(team)
    told = team.seat("one").desk.review().ledger.decisions
    assert [d.record for d in told] == ["r00", "r01", "r07"]


def test_both_may_begin_a_table_by_themselves(team):
    (team.store.folder / "records" / "decisions.csv").write_text(HEAD + ROW, "utf-8")
    vote(team, "one", "r00")
    meet(team)
    assert same(team)
    assert [d.record for d in team.seat("one").desk.review().ledger.decisions] == ["r00", "r07"]


def test_a_file_that_only_the_folder_changed_comes_over(team):
    path = team.store.folder / "records" / "criteria.toml"
    path.write_text('question = "Another?"\nreviewers_needed = 2\n', "utf-8")
    assert meet(team) == ("records/criteria.toml",)
    assert team.seat("one").desk.review().ledger.criteria.question == "Another?"


def test_a_file_that_both_rewrote_is_left_to_a_person(team):
    services.words_set(team.seat("one"), services.Words(("leg",)))
    meet(team)
    vote(team, "one", "r00")
    services.words_set(team.seat("one"), services.Words(("arm",)))
    path = team.store.folder / "records" / "screening.toml"
    path.write_text("seed = 5\n", "utf-8")
    before = dict(TableStore(team.review).read())
    with pytest.raises(DataError) as told:
        meet(team)
    assert [d.code for d in told.value.diagnostics] == ["WEB083"]
    assert path.read_text("utf-8") == "seed = 5\n"
    assert not (team.store.folder / "records" / "decisions.csv").exists()
    assert dict(TableStore(team.review).read()) == before


def test_history_that_was_rewritten_in_the_folder_is_left_to_a_person(team):
    vote(team, "one", "r00")
    meet(team)
    path = team.store.folder / "records" / "decisions.csv"
    path.write_text(path.read_text("utf-8").replace("exclude", "include"), "utf-8")
    vote(team, "two", "r00")
    with pytest.raises(DataError):
        meet(team)


LINES = st.lists(st.sampled_from(["a,1\n", "b,2\n", 'c,"x\ny"\n', "d,4\n"]), max_size=4).map(
    "".join
)


@settings(max_examples=200, deadline=None)
@given(LINES, LINES, LINES)
def test_meeting_keeps_every_row_of_both_and_meeting_again_changes_nothing(met, ours, theirs):
    met, ours, theirs = (f"h,n\n{met}{more}".encode() for more in ("", ours, theirs))
    both = syncing.joined(met, ours, theirs, grows=True)
    assert both.startswith(ours) and both.endswith(theirs[len(met) :])
    # Where both say the same, it is the same rows that have met before.
    added = 0 if ours == theirs else len(theirs) - len(met)
    assert len(both) == len(ours) + added
    assert syncing.joined(both, both, both, grows=True) == both


def test_the_names_are_those_of_the_guide():
    assert {n.removeprefix("records/") for n in NAMES} == {
        *("library.jsonl", "pairs.jsonl", "criteria.toml", "searches.toml", "imports.csv"),
        *("known.csv", "screening.toml", "certificate.toml", "decisions.csv", "reports.csv"),
        *("merges.csv", "shares.csv"),
    }
