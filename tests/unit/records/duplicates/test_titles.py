"""Titles made comparable."""

import pytest

from osler.records.duplicates.journals import Agreement, compare_journals
from osler.records.duplicates.titles import Notice, read_title
from osler.records.duplicates.vocabulary import vocabulary

PLAIN = "Acupuncture for sciatica"


@pytest.mark.parametrize(
    "text",
    [
        "Acupuncture for sciatica.",
        "[Acupuncture for sciatica]",
        "ACUPUNCTURE FOR SCIATICA [Review] [43 refs]",
        "Acupuncture for sciatica (Provisional abstract)",
        "[Acupuncture for sciatica]. [German]",
        "[Acupuncture for sciatica] LA: Ger",
        "<i>Acupuncture</i> for sciatica",
        "Acupuncture for sciatica.[Erratum appears in J. 2009;3(2):8 Note: Author, A [added]]",
        "RETRACTED: Acupuncture for sciatica",
        "Erratum: Acupuncture for sciatica",
        "Acupuncture for sciatica (vol 12, pg 3, 2001)",
        "Acupuncture for sciatica - Reply",
    ],
)
def test_what_is_not_the_title_is_left_out(text: str) -> None:
    assert read_title(text).key == "acupunctureforsciatica"


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        (PLAIN, Notice.NONE),
        ("Correction of spinal deformity", Notice.NONE),
        ("Re-analysis of a trial of needling", Notice.NONE),
        ("Comment is free: needling in the press", Notice.NONE),
        ("Sciatica (Norway, 2001, and Sweden)", Notice.NONE),
        ("Replication of a trial of needling", Notice.NONE),
        (f"Corrigendum to “{PLAIN}”", Notice.CORRECTION),
        (f"Correction: {PLAIN}", Notice.CORRECTION),
        (f"Expression of concern: {PLAIN}", Notice.CORRECTION),
        (f"{PLAIN} (N Engl J Med 2009; 360: 542)", Notice.CORRECTION),
        (f"Re: {PLAIN}", Notice.REPLY),
        (f"Authors' reply: {PLAIN}", Notice.REPLY),
        (f"{PLAIN}: authors' reply", Notice.REPLY),
    ],
)
def test_notices_are_told_from_titles(text: str, notice: Notice) -> None:
    assert read_title(text).notice is notice


@pytest.mark.parametrize(
    ("text", "numbers", "part"),
    [
        ("Needling, part I", ("1",), "1"),
        ("Needling. Part 2: results", ("2",), "2"),
        ("Needling: second report", (), ""),
        ("Stage IV disease", ("4",), ""),
        ("HPV E6/E7 in CIN 3", ("3", "6", "7"), ""),
        ("HPV E6E7 in CIN3", ("3", "6", "7"), ""),
        ("I and thou", (), ""),
    ],
)
def test_numbers_and_parts(text: str, numbers: tuple[str, ...], part: str) -> None:
    read = read_title(text)
    assert (read.numbers, read.part) == (numbers, part)


@pytest.mark.parametrize(
    ("one", "two", "agreement"),
    [
        ("j pain res", "journal of pain research", Agreement.SAME),
        ("bmj", "british medical journal", Agreement.SAME),
        ("clin exp pharmacol physiol", "clinical & experimental pharmacology & physiology", "same"),
        ("heart", "heart. conference: annual meeting of the society", Agreement.SAME),
        ("ai zheng = aizheng = chinese journal of cancer", "aizheng", Agreement.SAME),
        ("plos one", "plos one [electronic resource]", Agreement.SAME),
        ("cancer", "cancer cytopathology", Agreement.UNCLEAR),
        ("journal of virology", "journal of clinical virology", Agreement.DIFFERENT),
        ("journal of digital studies", "workshop of digital studies", Agreement.DIFFERENT),
        ("spine", "", Agreement.MISSING),
        ("", "", Agreement.MISSING),
        ("...", "spine", Agreement.MISSING),
    ],
)
def test_names_of_journals(one: str, two: str, agreement: Agreement | str) -> None:
    assert compare_journals(one, two) == agreement
    assert compare_journals(two, one) == agreement


def test_the_lists_are_written_as_titles_are_read() -> None:
    known = vocabulary()
    listed = [*known.additions, *known.languages, *(" ".join(p) for p in known.corrections)]
    assert all(text == " ".join(text.lower().split()) for text in listed)
    assert all(text.isalnum() for text in known.common_titles | known.cochrane)
