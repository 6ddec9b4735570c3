"""From records to groups: keys, blocks, judgements, an earlier library."""

from dataclasses import replace

from osler.records.duplicates.blocking import LARGEST_BLOCK, candidate_pairs
from osler.records.duplicates.finding import find_duplicates
from osler.records.duplicates.fingerprints import fingerprint
from osler.records.duplicates.model import Judgement, Library, LinkKind, Opinion, Standing
from osler.records.model import Name, Record, Source
from tests.unit.records.duplicates.making import TITLE, found_in, groups_of, record

WHEN = "2026-01-02T10:00:00Z"


def said(first: str, second: str, opinion: Opinion, when: str = WHEN) -> Judgement:
    return Judgement(first, second, opinion, "reviewer one", when)


def test_records_are_grouped_across_exports() -> None:
    other = record("d", title="Ginger against sickness at sea", authors=(Name("Carter"),))
    assert found_in(record("c"), other, record("a"), record("b")) == [("a", "b", "c")]


def test_a_group_never_holds_two_dois() -> None:
    one, two = record("a", doi="10.1000/x"), record("c", doi="10.1000/y")
    found = find_duplicates([one, record("b"), two])
    assert groups_of(found) == [("a", "b")]
    assert [(pair.keys, pair.link) for pair in found.links] == [
        (("a", "c"), LinkKind.DIFFERENT_DOI)
    ]
    refused = next(pair for pair in found.look if pair.keys == ("b", "c"))
    assert "different DOIs" in refused.bar


def test_bars_hold_between_records_that_no_block_brought_together() -> None:
    # b shares a key with both; a and c, one without title and one without place, share none.
    one = record("a", title="", doi="")
    two = record("c", pages="", volume="", pmid="9")
    bridge = record("b")
    assert not candidate_pairs([fingerprint(replace(one, pmid="8")), fingerprint(two)])[0]
    assert found_in(one, two, bridge) == [("a", "b", "c")]
    assert found_in(replace(one, pmid="8"), two, bridge) in ([("a", "b")], [("b", "c")])


def test_a_person_parts_what_was_merged_and_takes_it_back() -> None:
    records = [record("a"), record("b")]
    apart = said("b", "a", Opinion.APART)
    found = find_duplicates(records, judgements=[apart])
    assert not found.groups
    assert [pair.reason for pair in found.apart] == ["apart by reviewer one"]
    again = find_duplicates(records, judgements=[apart, said("a", "b", Opinion.OPEN)])
    assert groups_of(again) == [("a", "b")]


def test_a_person_merges_what_is_barred() -> None:
    records = [record("a", doi="10.1000/x"), record("b", doi="10.1000/y")]
    found = find_duplicates(records, judgements=[said("a", "b", Opinion.MERGED)])
    assert groups_of(found) == [("a", "b")]
    assert found.groups[0].pairs[0].reason == "merged by reviewer one"
    assert not found.links


def test_a_person_merges_what_was_never_compared() -> None:
    other = Record("b", title="Ginger against sickness at sea")
    found = find_duplicates([record("a"), other], judgements=[said("a", "b", Opinion.MERGED)])
    assert groups_of(found) == [("a", "b")]


def test_a_person_links_two_records() -> None:
    judgement = replace(said("a", "b", Opinion.LINKED), kind=LinkKind.ABSTRACT)
    found = find_duplicates([record("a"), record("b")], judgements=[judgement])
    assert not found.groups
    assert [pair.link for pair in found.links] == [LinkKind.ABSTRACT]


def test_what_a_person_parted_does_not_come_together_by_way_of_a_third() -> None:
    records = [record(key) for key in "abc"]
    found = find_duplicates(records, judgements=[said("a", "b", Opinion.APART)])
    assert len(found.groups) == 1
    assert not {"a", "b"} <= set(found.groups[0].members)


def test_judgements_that_contradict_each_other_are_told_and_the_later_ones_hold() -> None:
    judgements = [
        said("a", "b", Opinion.MERGED, "2026-01-01T00:00:00Z"),
        said("b", "c", Opinion.MERGED, "2026-01-02T00:00:00Z"),
        said("a", "c", Opinion.APART, "2026-01-03T00:00:00Z"),
    ]
    found = find_duplicates([record(key) for key in "abc"], judgements=judgements)
    assert groups_of(found) == [("b", "c")]
    told = [d for d in found.diagnostics if d.code == "REC033"]
    assert len(told) == 1
    assert "reviewer one" in told[0].found


def test_a_judgement_on_an_unknown_record_is_told() -> None:
    found = find_duplicates([record("a")], judgements=[said("a", "z", Opinion.MERGED)])
    assert [d.code for d in found.diagnostics] == ["REC032"]
    assert "z" in found.diagnostics[0].found


def test_a_new_export_joins_and_groups_keep_their_keys() -> None:
    library = find_duplicates([record("m"), record("n")]).library
    assert dict(library.groups) == {"m": ("m", "n")}
    found = find_duplicates([record("a")], library=library)
    assert [(group.key, group.members) for group in found.groups] == [("m", ("a", "m", "n"))]


def test_a_group_that_is_parted_leaves_its_key_to_the_record_that_has_it() -> None:
    library = find_duplicates([record(key) for key in "abc"]).library
    judgements = [said("a", other, Opinion.APART) for other in "bc"]
    found = find_duplicates([], judgements=judgements, library=library)
    assert [(group.key, group.members) for group in found.groups] == [("b", ("b", "c"))]


def test_an_export_that_is_read_again_adds_nothing() -> None:
    records = [record(), replace(record(), sources=(Source("b.ris", 9, "ris"),))]
    library = find_duplicates(records).library
    again = find_duplicates(records, library=library)
    assert again.records == library.records
    assert len(again.groups) == 1


def test_keys_are_made_from_what_a_record_says() -> None:
    records = [record(), replace(record(), sources=(Source("b.ris", 9, "ris"),))]
    keys = [r.key for r in find_duplicates(records).records]
    assert keys == [r.key for r in find_duplicates(records[::-1]).records]
    assert keys[0].startswith("author2001-")
    assert keys[1] == keys[0] + "-2"


def test_records_of_one_given_key_get_keys_of_their_own() -> None:
    other = record("1", title="Ginger against sickness at sea")
    found = find_duplicates([record("1"), other, record("1-2", title="Salt")])
    assert len({r.key for r in found.records}) == 3
    assert [d.code for d in found.diagnostics] == ["REC030"]


def test_a_block_that_is_too_large_is_split_and_told() -> None:
    size = LARGEST_BLOCK + 20
    start = "Guidelines of the society for the treatment of"
    records = [
        Record(f"r{n:03}", title=f"{start} disease {n * 7919}", year=1900 + n, volume=str(n))
        for n in range(size)
    ]
    found = find_duplicates([*records, replace(records[5], key="z")])
    assert groups_of(found) == [("r005", "z")]
    told = [d for d in found.diagnostics if d.code == "REC031"]
    assert told
    assert str(size + 1) in told[0].found


def test_a_thousand_copies_are_one_and_cost_little() -> None:
    marks = [fingerprint(record(f"r{n:04}")) for n in range(1000)]
    pairs, split = candidate_pairs(marks)
    assert len(pairs) < 20_000
    assert split
    assert len(found_in(*(record(f"r{n:04}") for n in range(1000)))[0]) == 1000


def test_no_records_no_duplicates() -> None:
    found = find_duplicates([])
    assert not (found.records or found.groups or found.look or found.apart)
    assert found.library == Library()


def test_every_pair_stands_in_one_class() -> None:
    title = TITLE.replace("sciatica", "headache")
    records = [record("a"), record("b"), record("c", title=title, pages="")]
    found = find_duplicates([*records, record("d", volume="40", pages="7-9", year=2009)])
    merged = {pair.keys for pair in found.merges}
    look = {pair.keys for pair in found.look}
    apart = {pair.keys for pair in found.apart}
    assert ("a", "b") in merged
    assert look
    assert apart
    assert not (merged & look or merged & apart or look & apart)
    assert all(pair.standing is Standing.LOOK for pair in found.look)
