"""BibTeX, XML, RDF and JSON."""

import bz2
import gzip
import json
import lzma
from io import BytesIO
from zipfile import ZipFile

import pytest

from osler.records.formats.model import Format, Import
from osler.records.formats.reading import parse_records, sniff
from osler.records.model import Name, Verdict


def read(text: str) -> Import:
    return parse_records(text.encode(), "x")


def codes(found: Import) -> list[str]:
    return [diagnostic.code for diagnostic in found.diagnostics]


def test_bibtex_with_strings_latex_and_names() -> None:
    found = read(
        '@string{jx = "Journal of Examples"}\n@comment{not a record}\n'
        "@Article{a1,\n title = {{Heat} f{\\\"u}r $H_2O$ --- caf\\'e},\n"
        ' author = "Ann B. Author and {Back Group} and von Other, Jr, Ben",\n'
        " journal = jx # { A}, year = 2001, pages = {5--9}, doi = {10.1000/x_y},\n"
        " note = {one}, note = {two}\n}\n"
    )
    (record,) = found.records
    assert record.title == "Heat für H₂O — café"
    assert record.authors == (
        Name("Author", "Ann B."), Name(literal="Back Group"), Name("von Other", "Ben, Jr"),
    )  # fmt: skip
    assert (record.container, record.pages) == ("Journal of Examples A", "5-9")
    assert record.doi == "10.1000/x_y"
    assert [raw.value for raw in record.fields if raw.tag == "note"] == ["one", "two"]
    assert not found.diagnostics


def test_a_broken_entry_costs_no_other() -> None:
    found = read(
        "@article{a, title = {One}\n year = 2001\n\n@article{b, title = {Two} of words,"
        " year = {2002}}\n@article{a, title = {Three}}\n"
    )
    assert [record.title for record in found.records] == ["One", "Two", "Three"]
    assert [record.year for record in found.records] == [2001, 2002, None]
    assert "REC005" in codes(found)
    assert "REC013" in codes(found)
    assert any(raw.tag == "entry" for raw in found.records[1].fields)


PUBMED = """<?xml version="1.0"?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD" "http://example.org/x.dtd">
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>123</PMID><Article>
<Journal><ISSN>1234-5678</ISSN><JournalIssue><Volume>12</Volume><Issue>3</Issue>
<PubDate><MedlineDate>2001 Mar-Apr</MedlineDate></PubDate></JournalIssue>
<Title>Journal of Examples</Title></Journal>
<ArticleTitle>Heat for <i>sciatica</i>.</ArticleTitle>
<Pagination><MedlinePgn>123-30</MedlinePgn></Pagination>
<ELocationID EIdType="doi">10.1000/X</ELocationID>
<Abstract><AbstractText Label="AIM">To see.</AbstractText><AbstractText>Done.</AbstractText>
</Abstract><AuthorList><Author><LastName>Author</LastName><ForeName>Ann</ForeName></Author>
<Author><CollectiveName>Back Group</CollectiveName></Author></AuthorList>
</Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"""


def test_pubmed_xml() -> None:
    found = read(PUBMED)
    (record,) = found.records
    assert (record.title, record.abstract) == ("Heat for sciatica", "AIM: To see. Done.")
    assert record.authors == (Name("Author", "Ann"), Name(literal="Back Group"))
    assert (record.year, record.pages, record.doi) == (2001, "123-130", "10.1000/x")
    assert (record.pmid, record.issn, record.volume) == ("123", "1234-5678", "12")
    assert not found.diagnostics


def test_xml_that_breaks_off_keeps_the_records_before() -> None:
    first = PUBMED[: PUBMED.index("</PubmedArticleSet>")]
    found = read(first + "<PubmedArticle><MedlineCitation><PMID>9")
    assert [record.pmid for record in found.records] == ["123"]
    assert (found.report.seen, found.report.kept) == (2, 1)
    assert codes(found) == ["REC003"]


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">',
        '<!ENTITY a SYSTEM "file:///etc/hostname">',
        '<!ENTITY % a SYSTEM "http://example.org/x.dtd"> %a;',
    ],
)
def test_hostile_xml_is_refused(declared: str) -> None:
    found = read(
        f"<!DOCTYPE xml [{declared}]><xml><records><record><titles><title>&a;</title></titles>"
        "</record></records></xml>"
    )
    assert not found.records
    assert codes(found)[0] == "REC002"


def test_endnote_xml() -> None:
    found = read(
        "<xml><records><record><ref-type name='Journal Article'>17</ref-type><contributors>"
        "<authors><author>Author, Ann</author></authors></contributors><titles><title>"
        "<style face='normal'>Heat </style><style face='italic'>now</style></title>"
        "<secondary-title>Journal of Examples</secondary-title></titles><dates><year>2001</year>"
        "</dates><electronic-resource-num>10.1000/x</electronic-resource-num></record></records>"
        "</xml>"
    )
    (record,) = found.records
    assert (record.title, record.container) == ("Heat now", "Journal of Examples")
    assert (record.authors, record.year, record.doi) == (
        (Name("Author", "Ann"),),
        2001,
        "10.1000/x",
    )


def test_rdf() -> None:
    found = read(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:bib="http://purl.org/net/biblio#" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:foaf="http://xmlns.com/foaf/0.1/" '
        'xmlns:prism="http://prismstandard.org/namespaces/1.2/basic/"><bib:Article rdf:about="#a">'
        '<dc:title>Heat</dc:title><dcterms:isPartOf rdf:resource="#j"/><bib:authors><rdf:Seq>'
        "<rdf:li><foaf:Person><foaf:surname>Author</foaf:surname><foaf:givenName>Ann"
        "</foaf:givenName></foaf:Person></rdf:li></rdf:Seq></bib:authors><dc:date>2001</dc:date>"
        '</bib:Article><bib:Journal rdf:about="#j"><dc:title>Journal of Examples</dc:title>'
        "<prism:volume>12</prism:volume><dc:identifier>DOI 10.1000/x</dc:identifier>"
        "</bib:Journal></rdf:RDF>"
    )
    (record,) = found.records
    assert (record.title, record.container, record.volume) == ("Heat", "Journal of Examples", "12")
    assert (record.authors, record.doi) == ((Name("Author", "Ann"),), "10.1000/x")


def test_csl_json_trials_and_eppi() -> None:
    csl = [{"type": "article-journal", "title": "Heat", "issued": {"date-parts": [["2001", 3]]},
            "author": [{"family": "Author", "given": "Ann",
                        "non-dropping-particle": "van"}]}]  # fmt: skip
    (record,) = read(json.dumps(csl)).records
    assert (record.year, record.authors) == (2001, (Name("van Author", "Ann"),))
    trial = {"protocolSection": {
        "identificationModule": {"nctId": "NCT01234567", "briefTitle": "Heat"},
        "statusModule": {"studyFirstPostDateStruct": {"date": "2019-03-01"}},
        "descriptionModule": {"briefSummary": "A trial."},
    }}  # fmt: skip
    (record,) = read(json.dumps({"studies": [trial]})).records
    assert (record.title, record.registrations, record.year) == ("Heat", ("NCT01234567",), 2019)
    eppi = {"CodeSets": [], "References": [{"ItemId": 1, "Title": "Heat", "Year": "2001",
            "Authors": "Author A; Other B;", "ItemStatus": "Excluded"}]}  # fmt: skip
    found = read(json.dumps(eppi))
    assert found.records[0].authors == (Name("Author", "A"), Name("Other", "B"))
    assert [(d.record, d.verdict) for d in found.decisions] == [("1", Verdict.EXCLUDE)]


def test_json_that_is_cut_off_or_no_record_is_told() -> None:
    assert codes(read('[{"title": "A"')) == ["REC008"]
    assert codes(read('{"schema": "x", "cases": [1]}')) == ["REC004"]
    assert codes(read("[" * 100_000)) == ["REC008"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "REC014"),
        (b"Title,Authors,Year\n", "REC014"),
        (b"%PDF-1.7 ...", "REC001"),
        (b"<html><body>PMID</body></html>", "REC001"),
        (b"just some words\nand more of them\n", "REC001"),
        (b"PK\x03\x04 not a workbook", "REC009"),
    ],
)
def test_what_is_no_export_is_told(content: bytes, code: str) -> None:
    found = parse_records(content, "x")
    assert not found.records
    assert code in codes(found)


def test_the_name_of_a_file_does_not_matter() -> None:
    assert sniff(b"TY  - JOUR\nER  - ") is Format.RIS
    assert sniff("TY  - JOUR\nTI  - é".encode("utf-16")) is Format.RIS
    assert parse_records(b"@book{a, title={B}}", "x.ris").report.format is Format.BIBTEX


CHAPTER = "@incollection{c, title={Heat}, author={Author, Ann}, crossref={Book01}}\n"
BOOK = (
    "@book{book01, title={All of pain}, editor={Other, Ben}, year=2001, publisher={Press},"
    " doi={10.1000/book}, isbn={978-3-16-148410-0}, abstract={Of the book.}}\n"
)


@pytest.mark.parametrize("text", [CHAPTER + BOOK, BOOK + CHAPTER], ids=["below", "above"])
def test_a_chapter_takes_from_its_book_what_it_lacks(text: str) -> None:
    found = read(text)
    by_title = {record.title: record for record in found.records}
    assert [record.key for record in found.records] == ["1", "2"]
    chapter = by_title["Heat"]
    assert (chapter.container, chapter.year, chapter.publisher) == ("All of pain", 2001, "Press")
    assert (chapter.isbn, chapter.authors) == ("9783161484100", (Name("Author", "Ann"),))
    assert (chapter.doi, chapter.abstract) == ("", "")  # those of the book are not its own
    assert {raw.tag for raw in chapter.fields} == {"ENTRYTYPE", "ID", "title", "author", "crossref"}
    (repair,) = found.report.repairs
    assert repair.line == chapter.sources[0].line
    taken = "booktitle, editor, year, publisher, isbn"
    assert repair.text == f"taken from the entry book01 (crossref): {taken}"


def test_a_field_of_its_own_stays() -> None:
    own = '@inproceedings{a, title="A", year=1999, booktitle="Mine", crossref=p}\n'
    whole = '@proceedings{p, title="Whole", booktitle="Named so", date="2001-05", series="S"}\n'
    chapter, book = read(own + whole).records
    assert (chapter.container, chapter.year, book.year) == ("Mine", 1999, 2001)


def test_a_whole_that_is_not_there_is_told() -> None:
    found = read("@inbook{a, title={A}, crossref={nowhere}}\n@inbook{b, title={B}, crossref=b}\n")
    assert [record.title for record in found.records] == ["A", "B"]
    assert codes(found).count("REC017") == 2


def zipped(name: str) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr(name, "TY  - JOUR\nTI  - A\nER  - \n")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "packing"),
    [
        (gzip.compress(b"TY  - JOUR\n"), "gzip"),
        (bz2.compress(b"TY  - JOUR\n"), "bzip2"),
        (lzma.compress(b"TY  - JOUR\n"), "xz"),
        (b"7z\xbc\xaf\x27\x1c\x00", "7-Zip"),
        (b"Rar!\x1a\x07\x01\x00", "RAR"),
        (zipped("hits.ris"), "ZIP"),
    ],
    ids=["gzip", "bzip2", "xz", "7-Zip", "RAR", "ZIP"],  # packed bytes hold the time
)
def test_packed_files_are_named_as_such(content: bytes, packing: str) -> None:
    read = parse_records(content, "hits.ris")
    assert read.records == ()
    (found,) = read.diagnostics
    assert (found.code, found.message) == ("REC001", "the file is packed")
    assert f"({packing})" in found.found
    assert read.report.encoding == ""


def test_a_broken_workbook_is_told() -> None:
    read = parse_records(zipped("[Content_Types].xml"), "hits.xlsx")
    assert [d.code for d in read.diagnostics] == ["REC009"]
