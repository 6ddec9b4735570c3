"""Which pairs are merged, which are kept apart and why, and which a person has to see."""

from typing import Any

import pytest

from osler.records.duplicates.model import LinkKind, Standing
from osler.records.model import Name, Record
from tests.unit.records.duplicates.making import TITLE, pair_of, record

MERGED: dict[str, dict[str, Any]] = {
    "capitals and brackets": {"title": f"[{TITLE.upper()}]"},
    "a database's additions": {"title": f"{TITLE}. [Review] [43 refs]"},
    "a note on its erratum": {"title": f"{TITLE}.[Erratum appears in J Pain Res 2002;13(2):80]"},
    "a slip in the title": {"title": TITLE.replace("sciatica", "sciatcia")},
    "a subtitle left out": {"title": "Needling for sciatica in primary care"},
    "American spelling": {"title": TITLE.replace("randomised", "randomized")},
    "an abbreviated journal": {"container": "J Pain Res"},
    "a translated journal": {"container": "Zeitschrift für Schmerzforschung"},
    "initials and order of names": {"authors": (Name(literal="Author AB"), Name(literal="Bell B"))},
    "a name taken apart otherwise": {"authors": (Name("van", "Author A"), Name("Bell", "B"))},
    "names without a sign between": {"authors": (Name(literal="AuthorAnneBellBen"),)},
    "an accent": {"authors": (Name("Áuthor", "A."),)},
    "the last page left out": {"pages": "101"},
    "a supplement in the volume": {"volume": "12 Suppl 1"},
    "a volume that was cut off": {"volume": "1)"},
    "the year of publication online": {"year": 2000},
    "a database's own issue number": {"issue": "1734"},
    "pages counted from one online": {"pages": "1-9", "volume": "", "issue": "", "year": 2000},
    "pages garbled by a spreadsheet": {"pages": "01-Sep", "volume": ""},
    "another title on the same pages": {"title": "Akupunktur bei Ischialgie in der Hausarztpraxis"},
    "no title on the same pages": {"title": ""},
    "another first author in the same place": {
        "authors": (Name("Bell", "B."), Name("Cole", "C.")),
        "pages": "101",
    },
    "page nought": {"pages": "0"},
    "title, authors and year alone": {"container": "", "volume": "", "issue": "", "pages": ""},
}


@pytest.mark.parametrize("said", MERGED.values(), ids=MERGED)
def test_the_same_record_written_otherwise_is_merged(said: dict[str, Any]) -> None:
    pair = pair_of(record("a"), record("b", **said))
    assert pair is not None
    assert pair.standing is Standing.MERGED, pair
    assert pair.speaks_for


ELSEWHERE = {"container": "Spine", "volume": "26", "issue": "1", "pages": "5-16"}
APART: dict[str, tuple[dict[str, Any], dict[str, Any], LinkKind]] = {
    "DOIs": ({"doi": "10.1000/x"}, {"doi": "10.1000/y"}, LinkKind.DIFFERENT_DOI),
    "PMIDs": ({"pmid": "123"}, {"pmid": "124"}, LinkKind.DIFFERENT_PMID),
    "registrations": (
        {"registrations": ("NCT00000001",)},
        {"registrations": ("NCT00000002",)},
        LinkKind.DIFFERENT_REGISTRATION,
    ),
    "parts": (
        {"title": f"{TITLE}. Part I"},
        {"title": f"{TITLE}. Part II", "pages": "110-120"},
        LinkKind.SERIES,
    ),
    "parts in digits and letters": (
        {"title": f"{TITLE}: part 1"},
        {"title": f"{TITLE}: part two", "pages": "110-120"},
        LinkKind.SERIES,
    ),
    "numbers of trials": (
        {"title": f"RELIEF 1: {TITLE}"},
        {"title": f"RELIEF 2: {TITLE}", "pages": "110-120"},
        LinkKind.SERIES,
    ),
    "erratum": ({}, {"title": f"Erratum: {TITLE}", "pages": "400"}, LinkKind.CORRECTION),
    "erratum in the Web of Science": (
        {},
        {"title": f"{TITLE} (vol 12, pg 101, 2001)", "pages": "400-400", "issue": "9"},
        LinkKind.CORRECTION,
    ),
    "erratum in Embase": (
        {},
        {"title": f"{TITLE} (Journal of Pain Research (2001) 12 (101-109))", "pages": "400"},
        LinkKind.CORRECTION,
    ),
    "kind of record": ({}, {"kind": "erratum", "pages": "400"}, LinkKind.CORRECTION),
    "retraction": (
        {},
        {"title": f"Retraction notice: {TITLE}", "pages": "400"},
        LinkKind.CORRECTION,
    ),
    "reply behind": ({}, {"title": f"{TITLE} - Reply", "pages": "110"}, LinkKind.REPLY),
    "reply before": ({}, {"title": f"Reply to: {TITLE}", "pages": "110"}, LinkKind.REPLY),
    "comment": ({}, {"title": f"Comment on: {TITLE}", "year": 2002}, LinkKind.REPLY),
    "abstract of a meeting": (
        {},
        {"container": "Congress of Pain Abstracts", "volume": "4", "pages": "S12", "issue": "1"},
        LinkKind.ABSTRACT,
    ),
    "protocol": (
        {"title": "Needling for sciatica in primary care: study protocol of a randomised trial"},
        {"pages": "301-309", "year": 2003},
        LinkKind.PROTOCOL,
    ),
    "another journal": ({}, ELSEWHERE, LinkKind.OTHER_REPORT),
    "another volume and pages": ({}, {"volume": "14", "pages": "5-16"}, LinkKind.OTHER_REPORT),
    "the same pages years later": ({}, {"volume": "19", "year": 2008}, LinkKind.OTHER_REPORT),
    "Cochrane versions by DOI": (
        {"container": "Cochrane Database Syst Rev", "doi": "10.1002/14651858.cd001234.pub2"},
        {"container": "Cochrane Database Syst Rev", "doi": "10.1002/14651858.cd001234.pub3"},
        LinkKind.UPDATE,
    ),
    "Cochrane versions by year": (
        {"container": "Cochrane Database of Systematic Reviews", "pages": "CD001234"},
        {
            "container": "The Cochrane database of systematic reviews",
            "pages": "CD001234",
            "year": 2006,
            "issue": "4",
        },
        LinkKind.UPDATE,
    ),
}


@pytest.mark.parametrize(("one", "two", "kind"), APART.values(), ids=APART)
def test_what_belongs_together_is_linked_and_not_merged(
    one: dict[str, Any], two: dict[str, Any], kind: LinkKind
) -> None:
    pair = pair_of(record("a", **one), record("b", **two))
    assert pair is not None
    assert (pair.standing, pair.link) == (Standing.APART, kind), pair
    assert pair.bar in pair.reason


LOOK: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "another journal, nothing else": (
        {"volume": "", "issue": "", "pages": ""},
        {"container": "Spine", "volume": "", "issue": "", "pages": ""},
    ),
    "a single page of another issue": ({}, {"pages": "400", "issue": "9"}),
    "other abstracts": (
        {
            "pages": "101",
            "abstract": "Forty people were needled and forty were not, and all were asked. " * 4,
        },
        {"abstract": "We measured nerve conduction in rabbits under four kinds of light. " * 4},
    ),
    "no authors in common": (
        {},
        {"authors": (Name("Carter", "C."), Name("Drew", "D.")), "pages": "101"},
    ),
    "other words": (
        {"pages": ""},
        {"pages": "", "title": "Needling for headache in primary care: a randomised trial"},
    ),
    "a word that turns the meaning": (
        {"pages": ""},
        {"pages": "", "title": TITLE.replace("for sciatica", "for acute sciatica")},
    ),
    "a preprint": (
        {"container": "", "volume": "", "issue": "", "pages": "", "year": 2000},
        {},
    ),
    "several letters in one entry": ({}, {"title": f"{TITLE} (multiple letters) [1]"}),
}


@pytest.mark.parametrize(("one", "two"), LOOK.values(), ids=LOOK)
def test_what_is_not_clear_is_for_a_person(one: dict[str, Any], two: dict[str, Any]) -> None:
    pair = pair_of(record("a", **one), record("b", **two))
    assert pair is not None
    assert pair.standing is Standing.LOOK, pair
    assert pair.bar


def test_a_doi_that_a_supplement_shares_does_not_merge_its_abstracts() -> None:
    one = record("a", doi="10.1000/suppl", pages="S11")
    other = "Ginger against sickness at sea, a survey among sailors"
    two = record("b", doi="10.1000/suppl", pages="S12", title=other, authors=(Name("Carter"),))
    pair = pair_of(one, two)
    assert pair is None or pair.standing is not Standing.MERGED


def test_a_doi_that_was_cut_off_is_no_other_doi() -> None:
    pair = pair_of(record("a", doi="10.1000/abc.12345"), record("b", doi="10.1000/abc."))
    assert pair is not None
    assert pair.standing is Standing.MERGED


def test_retracted_in_front_is_a_mark_on_the_same_record() -> None:
    pair = pair_of(record("a"), record("b", title=f"RETRACTED: {TITLE}"))
    assert pair is not None
    assert pair.standing is Standing.MERGED


def test_titles_that_many_records_have_do_not_merge() -> None:
    one = record("a", title="Editorial", pages="1-2", volume="4", issue="1")
    two = record("b", title="Editorial", pages="1-3", volume="5", issue="1", year=2002)
    pair = pair_of(one, two)
    assert pair is None or pair.standing is not Standing.MERGED


def test_registrations_of_two_registries_are_no_bar() -> None:
    one = record("a", registrations=("NCT00000001",))
    two = record("b", registrations=("ISRCTN00000001",))
    pair = pair_of(one, two)
    assert pair is not None
    assert pair.standing is Standing.MERGED


def test_a_registry_s_entry_is_one_by_title_number_and_year() -> None:
    one = Record("a", title=TITLE, year=2001, registrations=("NCT00000001",))
    pair = pair_of(one, Record("b", title=TITLE, year=2001, registrations=("NCT00000001",)))
    assert pair is not None
    assert pair.standing is Standing.MERGED
    without = pair_of(one, Record("b", title=TITLE, year=2001))
    assert without is not None
    assert without.standing is Standing.LOOK


def test_records_with_nothing_in_common_are_not_told_of() -> None:
    other = Record("b", title="Ginger against sickness at sea", year=1990)
    assert pair_of(record("a"), other) is None


def test_the_weightiest_reason_comes_first() -> None:
    pair = pair_of(record("a", doi="10.1000/x"), record("b", doi="10.1000/x", issue="7"))
    assert pair is not None
    assert pair.speaks_for[:3] == ("same title", "pages", "same DOI")
    assert pair.speaks_against == ("other issue",)
