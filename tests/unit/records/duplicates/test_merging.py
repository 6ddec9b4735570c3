"""The merged record has the best of each field and says where it came from."""

from osler.records.duplicates.finding import find_duplicates
from osler.records.duplicates.merging import merge, unique_records
from osler.records.duplicates.model import Group
from osler.records.duplicates.reporting import duplicates_text
from osler.records.model import Name, RawField, Record, Source
from tests.unit.records.duplicates.making import TITLE, record

OVID = Source("ovid.txt", 1, "ovid", "Embase")
PUBMED = Source("pubmed.nbib", 7, "nbib", "PubMed")
FULL = (Name("Author", "Anne"), Name("Bell", "Ben"), Name("Carter", "Cara"))


def test_each_field_is_the_best_and_names_its_source() -> None:
    one = Record(
        "a",
        title=TITLE.upper() + " [Review]",
        authors=(Name(literal="Author A"), Name(literal="Bell B")),
        abstract="A long abstract with all that was found.",
        container="J Pain Res",
        pages="101",
        year=2001,
        registrations=("NCT00000001",),
        keywords=("sciatica", "needling"),
        fields=(RawField("TI", TITLE.upper(), 2),),
        sources=(OVID,),
    )
    two = Record(
        "b",
        title=TITLE,
        authors=FULL,
        abstract="A long abstract...",
        container="Journal of Pain Research",
        pages="101-109",
        doi="10.1000/x",
        year=2001,
        registrations=("NCT00000001", "ISRCTN00000001"),
        keywords=("acupuncture", "sciatica"),
        fields=(RawField("TI", TITLE, 8),),
        sources=(PUBMED,),
    )
    merged = merge(Group("a", (one, two), ()))
    assert merged.key == "a"
    assert (merged.title, merged.authors, merged.pages) == (TITLE, FULL, "101-109")
    assert merged.container == "Journal of Pain Research"
    assert merged.abstract == one.abstract
    assert merged.registrations == ("NCT00000001", "ISRCTN00000001")
    assert set(merged.keywords) == {"sciatica", "needling", "acupuncture"}
    assert merged.fields == (*one.fields, *two.fields)
    assert merged.sources == (OVID, PUBMED)
    assert merged.origins["abstract"] == OVID
    for field in ("title", "authors", "pages", "doi", "container"):
        assert merged.origins[field] == PUBMED
    assert "volume" not in merged.origins


def test_what_most_records_say_is_taken() -> None:
    years = [1999, 2001, 2001]
    group = Group("a", tuple(record(k, year=y) for k, y in zip("abc", years, strict=True)), ())
    assert merge(group).year == 2001


def test_the_order_of_the_records_does_not_matter() -> None:
    one, two = record("a", pages="101"), record("b", container="J Pain Res", volume="")
    forth, back = merge(Group("a", (one, two), ())), merge(Group("a", (two, one), ()))
    assert (forth.title, forth.pages, forth.container) == (back.title, back.pages, back.container)
    assert forth.origins == back.origins


def test_merging_a_merged_record_keeps_the_first_sources() -> None:
    first = merge(Group("a", (record("a"), record("b", pages="")), ()))
    again = merge(Group("a", (first, record("c", pages="", title="")), ()))
    assert again.origins["pages"].file == "a.ris"
    assert len(again.sources) == 3


def test_every_record_is_told_once() -> None:
    records = [record("a"), record("b"), Record("c", title="Ginger against sickness at sea")]
    assert [r.key for r in unique_records(find_duplicates(records))] == ["a", "c"]


def test_the_report_tells_all_three_classes() -> None:
    found = find_duplicates(
        [
            record("a"),
            record("b"),
            record("c", title=f"Erratum: {TITLE}", pages="400"),
            record("d", title=TITLE.replace("sciatica", "headache"), pages=""),
        ]
    )
    text = duplicates_text(found)
    assert text.startswith("4 records, 3 without duplicates: 1 merged away in 1 group\n")
    assert "a = b: same title, pages" in text
    assert "To be looked at" in text
    assert "other words in the titles" in text
    assert "[correction]: " in text
    short = duplicates_text(found, limit=0)
    assert "... and 1 more" in short
