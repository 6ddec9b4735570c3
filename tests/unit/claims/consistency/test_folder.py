"""Breaks between tables, each of a kind that was found in an open living review."""

import re
from pathlib import Path

import pytest

from osler.claims import consistency
from osler.claims.consistency import check_folder
from osler.claims.rules.reading import problems_without
from osler.claims.rules.shipped import shipped_packs
from osler.review.model import Review
from osler.review.reading import parse_review
from tests.unit.claims.consistency.sample import FOLDER

STUDIES = "id,label,year,title,design,randomised,reference,included,doi,pmid,registration,source\n"
ARMS = "study,arm,treatment,detail,n\n"


def review_of(**tables: str) -> Review:
    files = FOLDER | {f"{n}.csv": t.encode() for n, t in tables.items() if n != "references"}
    if "references" in tables:
        files["references.json"] = tables["references"].encode()
    review, _ = parse_review(files)
    assert review is not None
    return review


def codes(**tables: str) -> list[str]:
    return [d.code for d in check_folder(review_of(**tables))]


def study(
    key: str = "lee-2018",
    title: str = "Needling for sciatica in adults",
    *,
    label: str = "",
    year: str = "2018",
    doi: str = "",
    pmid: str = "",
    registration: str = "",
    source: str = "",
    reference: str = "",
) -> str:
    return (
        f"{key},{label or key},{year},{title},parallel RCT,40,{reference},yes,{doi},{pmid},"
        f"{registration},{source}\n"
    )


def test_a_sound_folder_is_left_alone() -> None:
    assert codes() == []
    rows = study(doi="10.1000/a", pmid="101", registration="NCT01838044")
    assert codes(studies=STUDIES + rows) == []


@pytest.mark.parametrize(
    "doi", ["10.1000", "doi.org/abc", "10.1000/a b", "10.1000/a.", "10.1/x", "https://doi.org/"]
)
def test_a_doi_has_its_form(doi: str) -> None:
    assert codes(studies=STUDIES + study(doi=doi)) == ["CON001"]


def test_a_doi_may_be_an_address_and_hold_brackets() -> None:
    rows = study(doi="https://doi.org/10.1016/s0166-2236(02)00006-1")
    assert codes(studies=STUDIES + rows) == []


def test_one_pubmed_number_pasted_for_other_trials() -> None:
    rows = (
        study("a-2018", "Pregabalin in lumbar stenosis", pmid="25503625")
        + study("b-2018", "Topiramate for chronic radiculopathy", pmid="25503625")
        + study("c-2018", "Gabapentin after failed operations", pmid="25503625")
    )
    assert codes(studies=STUDIES + rows) == ["CON002", "CON002"]


def test_two_reports_of_one_title_may_share_it() -> None:
    rows = study("a-2018", "Needling for sciatica", doi="10.1000/a") + study(
        "b-2018", "Needling for sciatica: two years later", doi="10.1000/A"
    )
    assert codes(studies=STUDIES + rows) == []


def test_a_study_and_its_reference_agree() -> None:
    entry = (
        '[{"id": "x", "title": "Needling for sciatica in adults", "DOI": "10.1000/b", "PMID": "7"}]'
    )
    rows = study(doi="10.1000/a", pmid="8", reference="x")
    assert codes(studies=STUDIES + rows, references=entry) == ["CON003", "CON003"]
    other = '[{"id": "x", "title": "Vaccines for travellers to the tropics"}]'
    assert codes(studies=STUDIES + study(reference="x"), references=other) == ["CON003"]


@pytest.mark.parametrize("pmid", ["PMC4575738", "123456789", "12a"])
def test_a_pubmed_number_has_its_form(pmid: str) -> None:
    assert codes(studies=STUDIES + study(pmid=pmid)) == ["CON004"]


@pytest.mark.parametrize(("year", "expected"), [("2018", []), ("2019", []), ("2012", ["CON005"])])
def test_the_year_of_a_key(year: str, expected: list[str]) -> None:
    assert codes(studies=STUDIES + study("lee-2018", year=year)) == expected


def test_a_trial_is_not_counted_twice() -> None:
    rows = study("a-2018") + study("b-2019", year="2019")
    assert codes(studies=STUDIES + rows) == ["CON006"]


def test_one_drug_in_the_title_and_another_in_the_arms() -> None:
    arms = ARMS + "x-2018,a1,medication,gabapentin 900 mg,20\nx-2018,a2,placebo,placebo,20\n"
    wrong = study("x-2018", "Pregabalin for lumbar stenosis")
    right = study("x-2018", "Gabapentin for lumbar stenosis")
    assert codes(studies=STUDIES + wrong, arms=arms) == ["CON007"]
    assert codes(studies=STUDIES + right, arms=arms) == []


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("NCT01838044", []),
        ("NCT0183804", ["CON008"]),
        ("ISRCTN12345678; NCT01838044", []),
        ("ISRCTN1234567", ["CON008"]),
        ("ACTRN12613000530729", []),
        ("ChiCTR-TRC-12345678", []),
        ("ChiCTR2100044585", []),
        ("some other register 12", []),
    ],
)
def test_a_registration_has_its_form(number: str, expected: list[str]) -> None:
    assert codes(studies=STUDIES + study(registration=number)) == expected


def test_one_registration_for_two_trials() -> None:
    rows = study("a-2018", "Pregabalin in stenosis", registration="NCT01838044") + study(
        "b-2018", "Topiramate for radiculopathy", registration="nct01838044"
    )
    assert codes(studies=STUDIES + rows) == ["CON009"]


def test_a_register_link_left_over_from_another_review() -> None:
    other = "https://clinicaltrials.gov/search?cond=preterm+birth&intr=progesterone"
    right = "https://clinicaltrials.gov/search?cond=sciatica&intr=progesterone"
    assert codes(studies=STUDIES + study(source=other)) == ["CON010"]
    assert codes(studies=STUDIES + study(source=right)) == []


MECHANISMS = (
    "mechanism,claim,citation,year,doi,pmid,species,model,direction,evidence_level,source\n"
)


@pytest.mark.parametrize(
    ("claim", "citation", "expected"),
    [
        ("At 100 Hz it fell", "Kim B. Low-frequency stimulation", ["CON014"]),
        ("The title says low frequency; it was 100 Hz", "Kim B. Low-frequency stimulation", []),
        ("IL-6 fell", "Wu C. IL-1 mRNA after needling", ["CON015"]),
        ("IL-1beta fell", "Wu C. IL-1beta after needling", []),
    ],
)
def test_titles_against_results(claim: str, citation: str, expected: list[str]) -> None:
    row = f"inflammation,{claim},{citation},2018,,,rat,crushed nerve,supports,animal in vivo,\n"
    assert codes(mechanisms=MECHANISMS + row) == expected


CONTRASTS = "study,arm,comparator_arm,outcome,measure,estimate,se,ci_lower,ci_upper,source,where\n"


@pytest.mark.parametrize(
    ("measure", "numbers", "expected"),
    [
        ("MD", "-16.0,2.73,-21.3,-10.6", []),
        ("MD", "-16.0,5.46,-21.3,-10.6", ["CON016"]),
        ("MD", "-16.0,7.45,-21.3,-10.6", ["CON016"]),
        ("RR", "1.4,0.1626,1.02,1.93", []),
        ("RR", "1.4,0.2321,1.02,1.93", ["CON016"]),
        ("MD", "-16.0,,-21.3,-10.6", []),
    ],
)
def test_a_standard_error_fits_its_interval(
    measure: str, numbers: str, expected: list[str]
) -> None:
    row = f"one,a1,a2,leg pain,{measure},{numbers},https://example.org/a,abstract\n"
    assert codes(contrasts=CONTRASTS + row) == expected


def test_the_slip_behind_a_standard_error_is_named() -> None:
    row = "one,a1,a2,leg pain,MD,-16.0,5.459,-21.3,-10.6,https://example.org/a,abstract\n"
    (found,) = check_folder(review_of(contrasts=CONTRASTS + row))
    assert "divided by 1.96 once" in found.found


def test_a_standardised_difference_alone_is_a_note() -> None:
    row = "one,a1,a2,leg pain,SMD,-0.3,0.2,,,https://example.org/a,abstract\n"
    (found,) = check_folder(review_of(contrasts=CONTRASTS + row))
    assert (found.code, found.is_finding) == ("CON017", False)


def test_a_basis_that_names_another_study() -> None:
    rows = study("a-2018", "Needling", label="Lee 2018") + study(
        "b-2019", "Drugs", label="Kim 2019"
    )
    bias = "study,domain,judgement,basis,source\n"
    wrong = bias + "a-2018,overall,high,Kim 2019 was open label,\n"
    right = bias + "a-2018,overall,high,open label,\n"
    assert "CON018" in codes(studies=STUDIES + rows, bias=wrong)
    assert "CON018" not in codes(studies=STUDIES + rows, bias=right)


def test_a_published_review_without_a_reference() -> None:
    rows = "review,comparison\nqin,a vs b\nnobody,a vs b\nnobody,a vs c\n"
    assert codes(published_reviews=rows) == ["CON020"]


def test_every_break_says_what_stands_there_and_what_to_do() -> None:
    rows = study(doi="10.1000", pmid="PMC1", registration="NCT1", year="1990")
    for found in check_folder(review_of(studies=STUDIES + rows)):
        assert found.help
        assert found.found


def test_the_pack_lists_every_code() -> None:
    pack = next(pack for pack in shipped_packs() if pack.name == "consistency")
    assert list(problems_without(pack)) == []
    listed = {rule.code for rule in pack.rules}
    given = set[str]()
    for file in Path(consistency.__file__).parent.glob("*.py"):
        given |= set(re.findall(r'"(CON\d{3})"', file.read_text(encoding="utf-8")))
    assert listed == given
