"""Small exports by hand, each as its database or program writes it, and each thing odd in it."""

from typing import Any

import pytest

from osler.records.formats.reading import parse_records
from osler.records.model import Record


def read_all(content: bytes | str) -> tuple[Record, ...]:
    data = content if isinstance(content, bytes) else content.encode()
    return parse_records(data, "x").records


def check(content: bytes | str, *expected: dict[str, Any]) -> None:
    records = read_all(content)
    assert len(records) == len(expected)
    for record, fields in zip(records, expected, strict=True):
        for name, value in fields.items():
            found = getattr(record, name)
            shown = [author.shown for author in found] if name == "authors" else found
            assert shown == value, name


def ris(*lines: str) -> str:
    return "\n".join(["TY  - JOUR", *lines, "ER  - ", ""])


def test_ovid_medline() -> None:
    check(
        "<1>\nVN  - Ovid Technologies\nDB  - Ovid MEDLINE(R) ALL <1946 to May 01, 2024>\n"
        "UI  - 31234567\nTI  - A trial.\nSO  - Annals of Examples. 170(8):513-522, 2019 04 16.\n"
        "VI  - 1\nAU  - Author A\nFA  - Author, Ann\nIS  - 1539-3704\nYR  - 2019\n",
        {
            "authors": ["Author, Ann"], "container": "Annals of Examples", "volume": "170",
            "issue": "8", "pages": "513-522", "pmid": "31234567", "year": 2019,
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        (
            "Journal of Examples. 24(3) (pp 500-510), 2020. Date of Publication: 01 Mar 2020.",
            {"volume": "24", "issue": "3", "pages": "500-510"},
        ),
        (
            "Journal of Examples. 9 (no pagination), 2020. Article Number: e123. Date: 2020.",
            {"volume": "9", "issue": "", "pages": "e123"},
        ),
    ],
)
def test_embase_by_ovid(source: str, fields: dict[str, Any]) -> None:
    check(
        "<1>\nVN  - Ovid Technologies\nDB  - Embase\nAN  - 2001234567\n"
        "PM  - 31234567 [https://www.ncbi.nlm.nih.gov/pubmed/?term=31234567]\nTI  - A trial.\n"
        f"AU  - Author A.\nSO  - {source}\nIS  - 1090-3801\n",
        {"container": "Journal of Examples", "year": 2020, "pmid": "31234567"} | fields,
    )


@pytest.mark.parametrize(
    "lines",
    [
        ("C2  - 31234567", "DB  - Scopus"),
        ("C5  - 31234567", "UR  - https://www.embase.com/search/results?id=L1"),
        ("C3  - PUBMED 31234567,EMBASE 2001234567",),
        ("N1  - PMID: 31234567",),
        ("UR  - http://www.ncbi.nlm.nih.gov/pubmed/31234567",),
        ("UR  - https://europepmc.org/article/MED/31234567",),
        ("N1  - Accession Number: 123456789. Language: English. PMID: NLM31234567.",),
    ],
)
def test_where_databases_put_the_pmid(lines: tuple[str, ...]) -> None:
    check(ris("TI  - A", *lines), {"pmid": "31234567"})


def test_a_number_in_a_custom_field_of_another_source_is_no_pmid() -> None:
    check(ris("TI  - A", "C2  - 31234567", "C5  - 31234567"), {"pmid": ""})


def test_web_of_science_as_a_table() -> None:
    names = "PT AU AF TI SO DE ID AB SN PY VL IS BP EP DI PM UT".split()
    cells = "J;Author, A/Other, BC;Author, Ann/Other, Ben C.;A trial;EXAMPLES;a;B;T;1234-5678;2019"
    row = [*cells.replace("/", "; ").replace(";", "\t").replace("\t ", "; ").split("\t")]
    row += ["12", "3", "45", "52", "10.1000/x", "31234567", "WOS:1"]
    text = "\t".join(names) + "\n" + "\t".join(row) + "\n"
    for content in (text, ("\ufeff" + text).encode("utf-16-le")):
        check(
            content,
            {
                "key": "1", "authors": ["Author, Ann", "Other, Ben C."], "keywords": ("a", "B"),
                "pages": "45-52", "pmid": "31234567", "container": "EXAMPLES",
            },
        )  # fmt: skip


def test_the_whos_registry_platform() -> None:
    check(
        "<Trials_downloaded_from_ICTRP><Trial><TrialID>ISRCTN12345678</TrialID>"
        "<Public_title>Needles</Public_title><Date_registration>01/02/2012</Date_registration>"
        "<web_address>http://example.org/1</web_address><Condition>Back pain</Condition></Trial>"
        "<Trial><TrialID>NCT01234567</TrialID><Public_title>Two</Public_title></Trial>"
        "</Trials_downloaded_from_ICTRP>",
        {
            "title": "Needles", "registrations": ("ISRCTN12345678",), "year": 2012,
            "url": "http://example.org/1", "kind": "entry",
        },
        {"title": "Two"},
    )  # fmt: skip


def test_zotero() -> None:
    check(
        '"Key","Item Type","Title","Abstract Note","Extra","Manual Tags","Automatic Tags"\n'
        '"AB12","journalArticle","Z","Abs","PMID: 31234567","a; b","c"\n',
        {"key": "AB12", "keywords": ("a", "b", "c"), "pmid": "31234567"},
    )
    check(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:bib="http://purl.org/net/biblio#" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/"><bib:Article><dc:title>Z</dc:title>'
        "<dcterms:abstract>Abs</dcterms:abstract><dc:description>PMID: 31234567</dc:description>"
        "</bib:Article></rdf:RDF>",
        {"abstract": "Abs", "pmid": "31234567"},
    )


def test_endnotes_accession_number_is_a_pmid_where_the_database_is_pubmed() -> None:
    check(
        "%0 Journal Article\n%T A\n%M 31234567\n%~ PubMed\n\n"
        "%0 Journal Article\n%T B\n%M 31234567\n%~ Other\n",
        {"pmid": "31234567"}, {"pmid": ""},
    )  # fmt: skip


def test_addresses_and_names_in_bibtex() -> None:
    check(
        "Scopus\nEXPORT DATE: 01 May 2024\n@article{a,\n title={A},\n"
        "author={Ann Author AND Other, Ben},\nurl={http://example.org/a{\\_}1},\n"
        "doi={\\url{https://doi.org/10.1000/x}}}\n",
        {
            "authors": ["Author, Ann", "Other, Ben"], "url": "http://example.org/a_1",
            "doi": "10.1000/x",
        },
    )  # fmt: skip
    assert not parse_records(b"Scopus\nEXPORT DATE: 1\n\n@book{a, title={A}}", "x").diagnostics


@pytest.mark.parametrize(
    "text",
    [
        "ty  - JOUR\nti  - A\npy  - 2001\ner  - \nty  - JOUR\nti  - B\npy  - 2001\ner  - \n",
        "TY\t-\tJOUR\nTI\t-\tA\nPY\t-\t2001\nER\t-\t\nTY\t-\tJOUR\nTI\t-\tB\nPY\t-\t2001\n",
        "TY  -JOUR\nTI  -A\nPY  -2001\nER  -\nTY  -JOUR\nTI  -B\nPY  -2001\nER  -\n",
        "TY  - JOUR\nTI  - A\nPY  - 2001\nER\nTY  - JOUR\nTI  - B\nPY  - 2001\nER-\n",
        "TY - JOUR\nTI - A\nPY - 2001\nER\nTY - JOUR\nTI - B\nPY - 2001\nER \n",
        "TY  - JOUR\nTY  - JOUR\nTI  - A\nPY  - 2001\nER  - \nTY  - JOUR\nTI  - B\nPY  - 2001\n",
        (
            "TY\u00a0\u00a0- JOUR\nTI\u00a0\u00a0-\u00a0A\nPY  - 2001\nER  - \n"
            "TY  - JOUR\nTI  - B\nPY  - 2001\nER  - \n"
        ),
    ],
)
def test_ris_written_loosely(text: str) -> None:
    check(text, {"title": "A", "year": 2001}, {"title": "B", "year": 2001})


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("Author, A.; Other, B.", ["Author, A.", "Other, B."]),
        ("Author, A. and Other, B.", ["Author, A.", "Other, B."]),
        ("Author AB, van der Other C, Third D", ["Author, AB", "van der Other, C", "Third, D"]),
        ("Author, Ann; Other, Ben.", ["Author, Ann", "Other, Ben"]),
        ("[Anonymous]", ["Anonymous"]),
        ("Author A et al.", ["Author, A"]),
        ("et al.", []),
        ("van der Author, J A", ["van der Author, J A"]),
        ("Department of Health and Human Services", ["Department of Health and Human Services"]),
        ("محمد علي", ["محمد علي"]),
        ("熊 玮", ["熊, 玮"]),
        ("王小明", ["王小明"]),
    ],
)
def test_authors_on_one_line(line: str, authors: list[str]) -> None:
    check(ris("TI  - A", f"AU  - {line}"), {"authors": authors})


def test_names_in_tables() -> None:
    check(
        "title,authors,year,doi\nA,\"['Author, Ann', 'Other, Ben']\",2001,\n"
        'B,"Author, A., Other, B., & Third, C.",2001,\n',
        {"authors": ["Author, Ann", "Other, Ben"]},
        {"authors": ["Author, A.", "Other, B.", "Third, C."]},
    )


@pytest.mark.parametrize(
    ("lines", "pages"),
    [
        (("SP  - S1-12",), "S1-S12"), (("SP  - e123456",), "e123456"),
        (("SP  - 123-9", "EP  - 9"), "123-129"), (("SP  - 123", "EP  - 123-9"), "123-129"),
        (("SP  - 100", "EP  - 9"), "100-109"), (("SP  - 12-15+20",), "12-15"),
    ],
)  # fmt: skip
def test_pages_as_they_are_written(lines: tuple[str, ...], pages: str) -> None:
    check(ris("TI  - A", *lines), {"pages": pages})


def test_keywords_of_csl_on_one_line() -> None:
    check('[{"type": "book", "title": "A", "keyword": "a, b"}]', {"keywords": ("a", "b")})


def test_an_attached_file_is_no_address() -> None:
    lines = ("L1  - internal-pdf://0247/a.pdf", "L2  - files/13/a.html")
    check(ris("TI  - A", *lines), {"url": ""})
    check(
        ris("TI  - A", *lines, "L2  - https://a.example.org/1"), {"url": "https://a.example.org/1"}
    )


def test_a_registry_as_a_database() -> None:
    check(
        ris("TI  - A", "UR  - https://clinicaltrials.gov/study/NCT01234567"),
        {"registrations": ("NCT01234567",)},
    )
    check(ris("TI  - A", "AN  - ISRCTN12345678"), {"registrations": ("ISRCTN12345678",)})


def test_eric() -> None:
    check(
        "OWN - ERIC\nTI  - A school trial\nAU  - Author, Ann\nJT  - J Ex\nDP  - 2019\nIP  - 3\n"
        "PG  - 45-53\nISSN- ISSN-1234-5678\nLID - http://dx.doi.org/10.1000/e.1\nAB  - Text\n"
        "  more.\n\nOWN - ERIC\nTI  - Second\n",
        {"title": "A school trial", "issn": "1234-5678", "doi": "10.1000/e.1", "year": 2019},
        {"title": "Second"},
    )


def test_cab_abstracts_by_ovid() -> None:
    check(
        "<1>\nTitle\n  Needles.\nSource\n  Journal of Pain; 2019. 12(3):45-53. 20 ref.\n"
        "Author\n  Author, A.; Other, B.\n",
        {"container": "Journal of Pain", "year": 2019, "volume": "12", "issue": "3",
         "pages": "45-53"},
    )  # fmt: skip


def test_keywords_that_go_on_in_the_next_line() -> None:
    check(
        "FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nTI A\nDE acupuncture; low back\n"
        "   pain; sciatica\nER\n\nEF\n",
        {"keywords": ("acupuncture", "low back pain", "sciatica")},
    )
    check(
        "PMID- 1\nTI  - A\nOT  - low back\n      pain\nCN  - Group for the Study of\n"
        "      Back Pain\nOT  - heat\n",
        {"keywords": ("low back pain", "heat"), "authors": ["Group for the Study of Back Pain"]},
    )
