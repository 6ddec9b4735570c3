"""What holds for any records: order, a library that grows, judgements, copies."""

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from osler.records.duplicates.finding import find_duplicates
from osler.records.duplicates.merging import merge, unique_records
from osler.records.duplicates.model import Duplicates, Judgement, Opinion
from osler.records.model import Name, Record, Source

# Few words, so that records meet.
_WORDS = [
    "needling",
    "for",
    "sciatica",
    "headache",
    "in",
    "adults",
    "part",
    "I",
    "II",
    "trial",
    "2",
]
_titles = st.one_of(
    st.lists(st.sampled_from(_WORDS), max_size=8).map(" ".join),
    st.sampled_from(["Needling for sciatica in primary care", "Editorial", "Erratum: Needling"]),
)
_names = st.sampled_from([Name("Author", "A."), Name("Bell"), Name(literal="Author AB"), Name()])
_records = st.builds(
    Record,
    title=_titles,
    authors=st.lists(_names, max_size=3).map(tuple),
    year=st.sampled_from([None, 2000, 2001, 2005]),
    container=st.sampled_from(["", "J Pain Res", "Journal of Pain Research", "Spine"]),
    volume=st.sampled_from(["", "12", "13", "12 Suppl 1"]),
    issue=st.sampled_from(["", "3", "4"]),
    pages=st.sampled_from(["", "101-109", "101", "5-16", "e12"]),
    doi=st.sampled_from(["", "", "10.1000/x", "10.1000/y"]),
    pmid=st.sampled_from(["", "", "", "123", "124"]),
)
_lists = st.lists(_records, max_size=14)
_seeds = st.integers(0, 2**32)


def keyed(records: list[Record]) -> list[Record]:
    return [
        replace(record, key=f"r{n:02}", sources=(Source("a.ris", n, "ris"),))
        for n, record in enumerate(records)
    ]


def members(found: Duplicates) -> set[tuple[str, ...]]:
    return {group.members for group in found.groups}


@given(_lists, _seeds)
@settings(max_examples=80, deadline=None)
def test_the_order_of_records_does_not_matter(drawn: list[Record], seed: int) -> None:
    records = keyed(drawn)
    shuffled = Random(seed).sample(records, len(records))
    assert find_duplicates(shuffled) == find_duplicates(records)


@given(_lists, _seeds)
@settings(max_examples=50, deadline=None)
def test_keys_do_not_depend_on_the_order(drawn: list[Record], seed: int) -> None:
    records = [replace(record, key="") for record in keyed(drawn)]
    shuffled = Random(seed).sample(records, len(records))
    assert find_duplicates(shuffled) == find_duplicates(records)
    assert len({r.key for r in find_duplicates(records).records}) == len(records)


@given(_lists, st.integers(0, 14), st.integers(0, 14))
@settings(max_examples=80, deadline=None)
def test_a_library_that_grows_gives_what_all_at_once_gives(
    drawn: list[Record], one: int, two: int
) -> None:
    records = keyed(drawn)
    first, second = sorted((one, two))
    grown = find_duplicates(records[:first])
    for part in (records[first:second], records[second:]):
        grown = find_duplicates(part, library=grown.library)
    whole = find_duplicates(records)
    assert members(grown) == members(whole)
    assert (grown.look, grown.apart, grown.found) == (whole.look, whole.apart, whole.found)


@given(_lists, st.data())
@settings(max_examples=50, deadline=None)
def test_a_judgement_always_holds_and_can_be_taken_back(
    drawn: list[Record], data: st.DataObject
) -> None:
    records = keyed(drawn)
    if len(records) < 2:
        return
    one, two = data.draw(st.permutations([r.key for r in records]))[:2]
    opinion = data.draw(st.sampled_from([Opinion.MERGED, Opinion.APART, Opinion.LINKED]))
    judgement = Judgement(one, two, opinion, "reviewer one", "2026-01-01T00:00:00Z")
    found = find_duplicates(records, judgements=[judgement])
    together = any({one, two} <= set(keys) for keys in members(found))
    assert together == (opinion is Opinion.MERGED)
    back = replace(judgement, opinion=Opinion.OPEN)
    assert find_duplicates(records, judgements=[judgement, back]) == find_duplicates(records)


@given(_lists)
@settings(max_examples=50, deadline=None)
def test_a_full_record_and_its_copy_are_one(drawn: list[Record]) -> None:
    full = Record(
        "x", title="Ginger against sickness at sea: a survey", year=2003, pages="7-19",
        authors=(Name("Carter", "C."),), volume="4", container="Sea",
    )  # fmt: skip
    found = find_duplicates([*keyed(drawn), full, replace(full, key="y")])
    assert ("x", "y") in members(found)


@given(_lists)
@settings(max_examples=50, deadline=None)
def test_nothing_is_lost(drawn: list[Record]) -> None:
    records = keyed(drawn)
    found = find_duplicates(records)
    assert list(found.records) == records
    unique = unique_records(found)
    assert len(unique) == len(records) - found.surplus
    assert {s for r in unique for s in r.sources} == {s for r in records for s in r.sources}
    for group in found.groups:
        merged = merge(group)
        for field in ("title", "year", "pages", "doi"):
            assert getattr(merged, field) in {getattr(r, field) for r in group.records}


_any_text = st.text(st.characters(), max_size=60)
_wild = st.builds(
    Record,
    key=st.sampled_from(["", "a", "b"]),
    kind=_any_text,
    title=_any_text,
    abstract=st.text(st.characters(), max_size=200),
    authors=st.lists(st.builds(Name, _any_text, _any_text, _any_text), max_size=3).map(tuple),
    year=st.none() | st.integers(-5, 10**30),
    container=_any_text,
    volume=st.text("0123456789() sup.-٣", max_size=90),
    issue=st.text("0123456789() sup.-٣", max_size=90),
    pages=st.text("0123456789-eSp. ٣", max_size=90),
    doi=_any_text,
    pmid=_any_text,
    registrations=st.lists(_any_text, max_size=2).map(tuple),
)


@given(st.lists(_wild, max_size=6))
@settings(max_examples=80, deadline=None)
def test_any_records_are_taken(records: list[Record]) -> None:
    found = find_duplicates([*records, *records])
    assert len(found.records) == 2 * len(records)
    assert len(unique_records(found)) == len(found.records) - found.surplus
