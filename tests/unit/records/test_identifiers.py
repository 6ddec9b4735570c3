"""Identifiers as exports write them."""

import pytest

from osler.records.identifiers import (
    normalise_doi,
    normalise_isbn,
    normalise_issn,
    normalise_pages,
    normalise_pmid,
    normalise_year,
    registrations_in,
)


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.1000/ABC", "10.1000/abc"),
        ("doi: 10.1000/x.", "10.1000/x"),
        ("http://dx.doi.org/10.1000%2Fx", "10.1000/x"),
        ("10.1000/x [doi]", "10.1000/x"),
        ("10.1000/a; 10.1000/b", "10.1000/a"),
        ("(10.1000/x)", "10.1000/x"),
        ("10.1016/S0140-6736(05)67528-7", "10.1016/s0140-6736(05)67528-7"),
        ("10.1000/a&lt;1::b&gt;2", "10.1000/a<1::b>2"),
        ("https://example.org/doi/10.1000/x/abstract", "10.1000/x"),
        ("10.1000/", ""),
        ("version 10.12 of 3/4", ""),
        ("", ""),
    ],
)
def test_a_doi_is_bare_and_in_lower_case(text: str, doi: str) -> None:
    assert normalise_doi(text) == doi


@pytest.mark.parametrize(
    ("text", "pmid"),
    [
        ("12345678", "12345678"),
        ("PMID: 0123", "123"),
        ("PMID: NLM123", "123"),
        ("pubmed/123", "123"),
        ("MEDLINE:123", "123"),
        ("123.0", "123"),
        ("PMC123", ""),
        ("123-125", ""),
        ("1.5", ""),
        ("123456789", ""),
        ("0", ""),
    ],
)
def test_a_pmid_is_digits_alone(text: str, pmid: str) -> None:
    assert normalise_pmid(text) == pmid


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("ClinicalTrials.gov/NCT01234567", ("NCT01234567",)),
        ("nct 01234567, NCT01234567", ("NCT01234567",)),
        ("ISRCTN 12345678", ("ISRCTN12345678",)),
        ("2004-000446-20", ("2004-000446-20",)),
        ("UMIN-CTR UMIN000001234", ("UMIN000001234",)),
        ("CTRI/2010/091/000123", ("CTRI/2010/091/000123",)),
        ("NCT0123456", ()),
        ("the function and its junction", ()),
    ],
)
def test_registration_numbers_are_found(text: str, numbers: tuple[str, ...]) -> None:
    assert registrations_in(text) == numbers
    padding = "words of an abstract that is longer than any field of numbers is. "
    assert registrations_in(f"{padding} EudraCT {text}") == numbers


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("123-30", "123-130"),
        ("123–30", "123-130"),
        ("pp. 123--130", "123-130"),
        ("S12-9", "S12-S19"),
        ("12-12", "12"),
        ("100-9", "100-109"),
        ("1065-71; discussion 1072-3", "1065-1071"),
        ("e0123456", "e0123456"),
        ("xi-xv", "xi-xv"),
        ("12+", "12"),
        ("n/a", ""),
        ("350 p.", ""),
        ("-", ""),
    ],
)
def test_pages_are_written_out(text: str, pages: str) -> None:
    assert normalise_pages(text) == pages


def test_years_and_serial_numbers() -> None:
    assert [normalise_year(t) for t in ("2005//", "20190315", "0000", "c1998", "12345")] == [
        *(2005, 2019, None, 1998, None)
    ]
    assert normalise_issn("00280836") == "0028-0836"
    assert normalise_isbn("0-7279-1277-1 (paperback)") == "0727912771"
    assert normalise_issn("9783161484100") == ""
