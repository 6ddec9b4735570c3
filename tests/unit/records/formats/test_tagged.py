"""Tagged text in its dialects: where records begin, what their lines hold."""

from time import process_time

import pytest

from osler.records.formats import tagged
from osler.records.formats.model import Format, Import
from osler.records.formats.reading import parse_records
from osler.records.model import Name, Record


def read(text: str) -> Import:
    return parse_records(text.encode(), "x")


def only(text: str) -> Record:
    (record,) = read(text).records
    return record


RIS = """TY  - JOUR
AU  - Author, Ann
AU  - Other, Ben
TI  - Heat &amp; cold for
 <i>sciatica</i>
JF  - Journal of Examples
PY  - 2001/03//
VL  - 12
IS  - 3
SP  - 123
EP  - 30
DO  - https://doi.org/10.1000/ABC
AN  - PMID: 123
SN  - 1234-5678
KW  - heat
cold
N1  - Registered as NCT01234567
XX  - kept
ER  -
"""


def test_ris_fields_are_read_and_raw_ones_kept() -> None:
    record = only(RIS)
    assert record.title == "Heat & cold for sciatica"
    assert record.authors == (Name("Author", "Ann"), Name("Other", "Ben"))
    assert (record.container, record.year, record.pages) == ("Journal of Examples", 2001, "123-130")
    assert (record.doi, record.pmid, record.issn) == ("10.1000/abc", "123", "1234-5678")
    assert record.keywords == ("heat", "cold")
    assert record.registrations == ("NCT01234567",)
    raw = {field.tag: (field.value, field.line) for field in record.fields}
    assert raw["TI"] == ("Heat &amp; cold for\n <i>sciatica</i>", 4)
    assert raw["XX"] == ("kept", 18)


@pytest.mark.parametrize(
    "text",
    [
        "TY  - JOUR\nTI  - A\nTY  - JOUR\nTI  - B\n",
        "TY - JOUR\nTI - A\nER -\nTY - JOUR\nTI - B\nER -\n",
        "TY  -  JOUR\nTI  -  A\nER  -\n\n\n2.\nTY  - JOUR\nTI  - B\nER  -\n",
        "TI  - A\nPY  - 2001\nER  - \nTI  - B\nPY  - 2002\nER  - \n",
        "TI  - A\nPY  - 2001\n\nTI  - B\nPY  - 2002\n",
        "\ufeff\n\nTY  - JOUR\nTI  - A\nER  - TY  - JOUR\nTI  - B",
        "Record #1 of 2\nProvider: X\nTY  - JOUR\nTI  - A\nER  -\nTY  - JOUR\nTI  - B\nER  -",
        "TY  - JOUR\rTI  - A\rER  - \rTY  - JOUR\rTI  - B\rER  - \r",
    ],
)
def test_records_begin_whether_or_not_the_last_was_closed(text: str) -> None:
    found = read(text)
    assert [record.title for record in found.records] == ["A", "B"]
    assert not found.report.not_understood


def test_repairs_and_lines_not_understood_are_told_with_their_lines() -> None:
    found = read("TY  - JOUR\nTI  - A\nTY  - JOUR\nTI  - B\nER  - \nstray words\n")
    assert [note.line for note in found.report.repairs] == [3]
    assert [(n.line, n.text) for n in found.report.not_understood] == [(6, "stray words")]
    assert [d.code for d in found.diagnostics] == ["REC004", "REC005"]
    assert "line 6: stray words" in found.report.text()


def test_what_ovid_puts_behind_the_end_belongs_to_the_record() -> None:
    link = "Link to the Ovid Full Text or citation: http://example.org/1"
    found = read(f"1.\nTY  - JOUR\nT1  - A\nER  - \nNL  - Short\n\n{link}\n\n2.\n"
                 "TY  - JOUR\nT1  - B\nER  - \n")  # fmt: skip
    assert [record.title for record in found.records] == ["A", "B"]
    assert [raw.tag for raw in found.records[0].fields][-2:] == [
        "NL", "Link to the Ovid Full Text or citation",
    ]  # fmt: skip
    assert not found.diagnostics


def test_an_empty_record_is_kept() -> None:
    found = read("TY  - JOUR\nER  - \nTY  - BOOK\nER  - \n")
    assert [record.kind for record in found.records] == ["article-journal", "book"]
    assert [d.code for d in found.diagnostics] == ["REC006"]


def test_nbib() -> None:
    record = only(
        "PMID- 123\nOWN - NLM\nTI  - Heat for\n      sciatica.\nFAU - Author, Ann\nAU  - Author A\n"
        "CN  - Back Group\nJT  - Journal of Examples\nDP  - 2001 Mar\nPG  - 123-30\n"
        "LID - 10.1000/x [doi]\nSI  - ClinicalTrials.gov/NCT01234567\nPT  - Journal Article\n"
        "MH  - *Heat\n"
    )
    assert (record.title, record.pmid, record.doi) == ("Heat for sciatica", "123", "10.1000/x")
    assert record.authors == (Name("Author", "Ann"), Name(literal="Back Group"))
    assert (record.year, record.pages) == (2001, "123-130")
    assert (record.registrations, record.keywords) == (("NCT01234567",), ("Heat",))


@pytest.mark.parametrize(
    ("format", "text"),
    [
        (
            Format.WOS,
            (
                "FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nAU Author, A\n   Other, B\n"
                "TI A trial of\n   heat\nSO JOURNAL OF EXAMPLES\nPY 2001\nBP 5\nEP 9\n"
                "DI 10.1000/x\n"
                "ER\n\nEF\n"
            ),
        ),
        (
            Format.REFWORKS,
            (
                "RT Journal Article\nSR Electronic(1)\nA1 Author,A\nA1 Other,B\n"
                "T1 A trial of heat\n"
                "JF JOURNAL OF EXAMPLES\nYR 2001\nSP 5\nOP 9\nDO 10.1000/x\n"
            ),
        ),
        (
            Format.REFER,
            (
                "%0 Journal Article\n%A Author, A\n%A Other, B\n%T A trial of heat\n"
                "%J JOURNAL OF EXAMPLES\n%D 2001\n%P 5-9\n%R 10.1000/x\n"
            ),
        ),
        (
            Format.OVID,
            (
                "<1>\nAuthor\n  Author, A; Other, B\nTitle\n  A trial of\n  heat\nSource\n"
                "  JOURNAL OF EXAMPLES. 12(3):5-9, March 2001.\nDOI\n  10.1000/x\n"
            ),
        ),
        (
            Format.COCHRANE,
            (
                "Record #1 of 1\nID: CN-1\nAU: Author, A\nAU: Other, B\nTI: A trial of heat\n"
                "SO: JOURNAL OF EXAMPLES\nYR: 2001\nPG: 5-9\nDOI: 10.1000/x\n"
            ),
        ),
        (
            Format.NOTEEXPRESS,
            (
                "{Reference Type}: Journal Article\n{Title}: A trial of heat\n"
                "{Author}: Author, A;Other, B\n{Journal}: JOURNAL OF EXAMPLES\n{Year}: 2001\n"
                "{Pages}: 5-9\n{DOI}: 10.1000/x\n"
            ),
        ),
    ],
)
def test_one_record_in_each_dialect(format: Format, text: str) -> None:
    found = read(text)
    (record,) = found.records
    assert found.report.format is format
    assert record.authors == (Name("Author", "A"), Name("Other", "B"))
    assert record.title == "A trial of heat"
    assert (record.container, record.year) == ("JOURNAL OF EXAMPLES", 2001)
    assert (record.pages, record.doi) == ("5-9", "10.1000/x")


def test_refer_without_types_is_divided_by_blank_lines() -> None:
    found = read("%T A\n%D 2001\n\n%T B\n%D 2002\n")
    assert [record.title for record in found.records] == ["A", "B"]


NBIB = (
    "\nPMID- 1\nOWN - NLM\nTI  - Heat for\n      sciatica.\n      \nAB  - One.\n      Two.\n\n"
    "      Three.\nOT  - heat\nLA  - eng\n\nPMID- 2\nTI  - B\nFAU - Author, Ann\n"
)


@pytest.mark.parametrize("text", [RIS * 3, RIS.replace("ER  -", "") * 2, NBIB * 2, "odd\n" + RIS])
def test_how_many_lines_are_looked_at_together_changes_nothing(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = read(text)
    assert len(whole.records) > 1 or "odd" in text
    for size in (1, 2, 3, 7):
        monkeypatch.setattr(tagged, "_BATCH", size)
        assert read(text) == whole


NBIB_RECORD = "PMID- 7\nTI  - From PubMed.\nFAU - Author, Ann\nAU  - Author A\n"
RIS_RECORD = "TY  - JOUR\nTI  - From Embase.\nAU  - Other, Ben\nER  - \n"


@pytest.mark.parametrize("between", ["", "\n", "\n\n1.\n"])
def test_files_of_two_formats_in_one_are_read_and_told(between: str) -> None:
    text = RIS_RECORD + between + NBIB_RECORD + between + RIS_RECORD
    for parts in (text, NBIB_RECORD + between + text):
        found = read(parts)
        titles = {"ris": "From Embase.", "nbib": "From PubMed"}
        shapes = [record.sources[0].format for record in found.records]
        assert shapes == ["nbib", "ris", "nbib", "ris"][-len(shapes) :]
        assert len(shapes) == parts.count("TI  - ")
        assert [record.title for record in found.records] == [titles[shape] for shape in shapes]
        assert found.records[-2].pmid == "7"
        turns = [note for note in found.report.repairs if "another format" in note.text]
        begun = [parts.split("\n")[note.line - 1][:4] for note in turns]
        assert begun == ["TY  ", "PMID", "TY  "][-len(turns) :]
        assert len(turns) == len(shapes) - 1


def test_a_number_in_a_note_begins_no_record() -> None:
    record = only("TY  - JOUR\nTI  - A\nN1  - as in\nPMID- 123\nAU  - Author, A.\nER  - \n")
    assert record.authors == (Name("Author", "A."),)


@pytest.mark.parametrize("line", ["TY  - JOUR\n", "\nAU  - Author, A.\n"])
def test_a_record_of_very_many_lines_takes_time_by_their_number(line: str) -> None:
    def seconds(lines: int) -> float:
        text = "TY  - JOUR\n" + line * lines
        start = process_time()
        read(text)
        return process_time() - start

    few = min(seconds(5_000) for _ in range(3))
    assert seconds(40_000) < 40 * few
