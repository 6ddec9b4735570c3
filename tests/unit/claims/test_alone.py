"""A page without a folder: what language and rules alone can say of it."""

from datetime import date

import pytest

from osler.claims.alone import judge_alone, names_alone, no_review, of_form
from osler.claims.document.page import parse_page
from osler.claims.document.web_page import parse_web_page
from osler.core.diagnostics import Diagnostic, Severity

TODAY = date(2026, 11, 22)
# Codes of claims; the others are those of rule packs, which have tests of their own.
CLAIM = "CLM"


def found(text: str) -> tuple[Diagnostic, ...]:
    page, _ = parse_page(text, "page.md")
    return judge_alone(page, TODAY)


def claims(text: str) -> list[tuple[str, str]]:
    return [
        (d.code, d.place.source[d.place.column - 1 : d.place.end_column - 1])
        for d in found(text)
        if d.code.startswith(CLAIM)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Acupuncture cures migraine.", [("CLM006", "cures")]),
        ("Cupping relieves back pain.", [("CLM010", "relieves")]),
        ("Homeopathy is completely safe.", [("CLM011", "completely safe")]),
        ("Our clinic offers reflexology for infertility.", [("CLM010", "offers")]),
        ("With acupuncture you do not need surgery.", [("CLM015", "you do not need surgery")]),
    ],
)
def test_claims_are_found_with_the_shipped_names(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert claims(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "It is not known whether acupuncture helps with migraine.",
        "Our clinic is open on Mondays.",
        "Ask your doctor before you stop a medicine.",
        "Does reflexology help with colic?",
        "Trials have not shown that homeopathy relieves hay fever.",
    ],
)
def test_what_claims_nothing_is_left_alone(text: str) -> None:
    assert claims(text) == []


def test_a_hedged_claim_is_told_and_is_no_error() -> None:
    text = "Cupping relieves back pain. Cupping probably relieves neck pain."
    told = [d for d in found(text) if d.code == "CLM010"]
    assert [d.severity for d in told] == [Severity.ERROR, Severity.NOTE]


def test_the_advice_speaks_of_no_folder() -> None:
    told = found("Cupping relieves back pain. Reiki is safe. About 40% of people get back pain.")
    unfit = ("folder", "facts.csv", ".claim", ".fact", "published")
    for d in told:
        if d.code.startswith(CLAIM):
            assert not [word for word in unfit if word in f"{d.message} {d.so} {d.help}"], d


def test_marked_statements_give_one_note() -> None:
    text = 'It [may help]{.claim about="a / b"} and [often does]{.claim about="a / c"}.'
    (told,) = [d for d in found(text) if d.code.startswith("ALO")]
    assert (told.code, told.severity) == ("ALO001", Severity.NOTE)
    assert "2 marked statements" in told.found


def test_what_a_page_of_a_folder_must_hold_is_not_asked_of_others() -> None:
    page, while_reading = parse_page("# A page\n\n{{ site.title }} [a]{.b}\n", "page.md")
    assert {d.code for d in while_reading} >= {"PAG001"}
    assert of_form(page, while_reading) == ()


def test_a_page_with_marks_is_told_of_a_mark_that_cannot_be_read() -> None:
    text = 'It [may help]{.claim about="a / b"} and [more]{.claim about=“c”}.'
    page, while_reading = parse_page(text, "page.md")
    assert [d.code for d in of_form(page, while_reading)] == ["PAG007"]


def test_headings_titles_and_json_ld_are_judged() -> None:
    source = (
        "<title>Acupuncture cures migraine</title>"
        '<script type="application/ld+json">{"description": "Reiki cures eczema."}</script>'
        "<h2>Cupping cures colds</h2><p>Open on Mondays.</p>"
    )
    page, _ = parse_web_page(source, "page.html")
    columns = [d.place.column for d in judge_alone(page, TODAY) if d.code == "CLM006"]
    assert columns == [n + 1 for n in range(len(source)) if source.startswith("cures", n)]


def test_the_names_hold_what_clinics_offer() -> None:
    review, names = no_review(), names_alone()
    assert names.active == frozenset(review.treatments)
    words = {word for t in review.treatments.values() for word in t.words}
    assert {"acupuncture", "epidural", "homeopathy", "nsaids"} <= words
    assert len(words) == sum(len(t.words) for t in review.treatments.values())
