"""Tables of databases and screening tools, and the decisions in them."""

from io import BytesIO

import pytest

from osler.core.workbook import Sheet, workbook
from osler.records.formats.model import Format, Import
from osler.records.formats.reading import parse_records, stream_records
from osler.records.model import Name, Stage, Verdict


def read(text: str, name: str = "x.csv") -> Import:
    return parse_records(text.encode(), name)


@pytest.mark.parametrize(
    ("text", "database"),
    [
        (
            (
                '"Authors","Author full names","Title","Year","Source title","Volume","Page start",'
                '"Page end","DOI","PubMed ID","EID"\n"Author A.; Other B.",'
                '"Author, A. (1); Other, B. '
                '(2)","Heat","2001","Examples","12","5","9","10.1000/x","123","2-s2"\n'
            ),
            "Scopus",
        ),
        (
            (
                "PMID,Title,Authors,Citation,Journal/Book,Publication Year,DOI\n"
                '123,Heat,"Author A, Other B.","Ex. 2001 Feb;12(2):5-9.",Examples,2001,10.1000/x\n'
            ),
            "PubMed",
        ),
        (
            (
                "Title;Author Names;Source;Emtree Drug Index Terms;Medline PMID;DOI\n"
                "Heat;Author A., Other B.;Examples (2001) 12:3 (5-9);water, ice;123;10.1000/x\n"
            ),
            "Embase",
        ),
        (
            (
                "CENTRAL ID,Author(s),Title,Source,Year,Volume,Pages,PubMed ID,DOI\n"
                'CN-1,"Author, A; Other, B",Heat,Examples,2001,12,5-9,PUBMED 123,10.1000/x\n'
            ),
            "CENTRAL",
        ),
    ],
)
def test_a_row_of_each_database(text: str, database: str) -> None:
    (record,) = read(text).records
    assert record.sources[0].database == database
    assert [name.family for name in record.authors] == ["Author", "Other"]
    assert (record.title, record.container, record.year) == ("Heat", "Examples", 2001)
    assert (record.volume, record.pages) == ("12", "5-9")
    assert (record.doi, record.pmid) == ("10.1000/x", "123")


def test_lines_before_the_header_and_headers_within_are_told() -> None:
    found = read(
        '\ufeffSEARCH QUERY,heat\n,\nTitle,Year,DOI\n"A,\nB",2001,="10.1000/x"\n'
        "Title,Year,DOI\nC,2002,\n"
    )
    assert [(r.title, r.sources[0].line) for r in found.records] == [("A, B", 4), ("C", 7)]
    assert found.records[0].doi == "10.1000/x"
    assert [note.line for note in found.report.not_understood] == [1]
    assert [note.line for note in found.report.repairs] == [6]


def test_rows_with_too_many_cells_are_told_and_kept() -> None:
    found = read("Title,Year,DOI\nHeat, cold, 2001, x\n")
    assert [d.code for d in found.diagnostics] == ["REC012"]
    assert found.records[0].fields[-1].tag == "+1"


def test_a_quotation_mark_that_is_not_closed_is_told() -> None:
    found = read('Title,Authors,Year\n"Heat,A,2001\n' + "Cold,X,2002\n" * 30 + '"')
    assert "REC016" in [d.code for d in found.diagnostics]


def test_a_table_without_names_of_columns_is_not_guessed_at() -> None:
    book = workbook([Sheet("s", [["Heat", "2001"], ["Cold", "2002"]])])
    found = parse_records(book, "x.xlsx")
    assert not found.records
    assert [d.code for d in found.diagnostics] == ["REC010"]


def test_a_workbook() -> None:
    rows = [["Title", "Authors", "Year", "DOI"], ["Heat", "Author, A; Other, B", 2001, "10.1000/x"]]
    found = parse_records(workbook([Sheet("records", rows)]), "x")
    (record,) = found.records
    assert found.report.format is Format.XLSX
    assert (record.year, record.authors[1]) == (2001, Name("Other", "B"))


def test_rayyan() -> None:
    note = (
        'RAYYAN-INCLUSION: {""one""=>""Excluded"", ""two""=>""Maybe""} | '
        "RAYYAN-EXCLUSION-REASONS: wrong population | RAYYAN-LABELS: pilot,later"
    )
    found = read(
        f'key,title,authors,issn,volume,issue,pages,location,notes\nr-1,Heat,,,,,,,"{note}"\n'
    )
    one, two = found.decisions
    assert (one.who, one.verdict, one.reason) == ("one", Verdict.EXCLUDE, "wrong population")
    assert (two.who, two.verdict, two.reason) == ("two", Verdict.MAYBE, "")
    assert one.labels == ("pilot", "later")
    assert one.record == found.records[0].key == "r-1"


def test_a_column_of_ids_gives_the_keys_and_a_repeated_one_is_told() -> None:
    found = read("ID,ENTRYTYPE,title\n7,article,A\n7,book,B\n,phdthesis,C\n7-2,misc,D\n1,set,E\n")
    assert [r.key for r in found.records] == ["7", "7-2", "record-3", "7-2-2", "1"]
    assert [r.kind for r in found.records] == [
        "article-journal", "book", "thesis", "document", "document",
    ]  # fmt: skip
    assert [(d.code, d.found) for d in found.diagnostics] == [
        ("REC011", "rows that begin at line 3, 5")
    ]
    labelled = read("record_id,title,abstract,label_included\na,A,x,1\na,B,x,0\n")
    assert [(d.record, d.verdict) for d in labelled.decisions] == [
        ("a", Verdict.INCLUDE), ("a-2", Verdict.EXCLUDE),
    ]  # fmt: skip


def test_many_rows_with_one_id_take_no_longer() -> None:
    found = read("id,title\n" + "7,A\n" * 20_000)
    assert len({record.key for record in found.records}) == 20_000


def test_covidence() -> None:
    head = "Title,Authors,Abstract,Published Year,Published Month,Study,Notes,Covidence #\n"
    found = read(head + 'Heat,"A, B",,2001,3,A 2001,Exclusion reason: Wrong design; ,#1\n')
    assert [(d.stage, d.verdict, d.reason) for d in found.decisions] == [
        (Stage.FULL_TEXT, Verdict.EXCLUDE, "Wrong design")
    ]
    listed = read(head + "Heat,,,2001,3,A 2001,,#1\n", "review_12345_irrelevant_csv_2026.csv")
    assert [(d.stage, d.verdict) for d in listed.decisions] == [
        (Stage.TITLE_ABSTRACT, Verdict.EXCLUDE)
    ]


def test_asreview_and_abstrackr() -> None:
    found = read("record_id,title,abstract,label_included\n1,Heat,x,1\n2,Cold,x,0\n3,Ice,x,\n")
    assert [(d.record, d.verdict) for d in found.decisions] == [
        ("1", Verdict.INCLUDE), ("2", Verdict.EXCLUDE),
    ]  # fmt: skip
    found = read(
        "(internal) id,(source) id,title,authors,consensus,labeled_at,one,labeled_at,two,"
        "labeled_at\ncitations that are not yet labeled by anyone\n"
        '9,1,Heat,"A, B.\n and C, D.\n",o,,1,2026-01-02 03:04:05,-1,2026-01-02 03:04:06\n'
    )
    assert [(d.who, d.verdict, d.when) for d in found.decisions] == [
        ("one", Verdict.INCLUDE, "2026-01-02T03:04:05Z"),
        ("two", Verdict.EXCLUDE, "2026-01-02T03:04:06Z"),
    ]


def test_a_stream_reports_at_its_end() -> None:
    stream = stream_records(BytesIO(b"TY  - JOUR\nTI  - A\nER  - \n" * 1000), "x")
    assert sum(1 for _ in stream) == 1000
    assert (stream.report.seen, stream.report.filled["title"]) == (1000, 1000)
