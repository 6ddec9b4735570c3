"""Tables as files: HTML that everybody can use, Word that is real Word, CSV for programs."""

import csv
import io
import math
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from zipfile import ZipFile

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn

from osler.certainty.model import Evidence, Step
from osler.core.diagnostics import DataError
from osler.publish import documents
from osler.publish.documents import Asked, table_document
from tests.unit.publish.sample import BETTER_DRUGS, EVIDENCE, HARM_DRUGS, PAIN_SHAM, REVIEW

KINDS = [("findings", ""), ("profile", ""), ("decision", "leg pain")]
FORMATS = ["html", "docx", "csv", "text"]


def made(table: str, style: str, name: str = "", **changes: object) -> bytes:
    asked = Asked(table, name, style, **changes)  # type: ignore[arg-type]  # words of the tests
    return table_document(REVIEW, EVIDENCE, asked, version="0.0.0").content


@pytest.mark.parametrize(("table", "name"), KINDS)
@pytest.mark.parametrize("style", FORMATS)
def test_the_same_review_gives_the_same_bytes(table: str, name: str, style: str) -> None:
    assert made(table, style, name) == made(table, style, name)


class _Read(HTMLParser):
    """Tags with their attributes, in order."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.mark.parametrize(("table", "name"), KINDS)
def test_html_tables_have_captions_scopes_and_labels(table: str, name: str) -> None:
    read = _Read(made(table, "html", name))
    assert len(read.all("caption")) == len(read.all("table")) > 0
    assert {th.get("scope") for th in read.all("th")} == {"col", "row"}
    heads = {td["data-label"] for td in read.all("td")}
    assert "" not in heads
    assert len(heads) >= 6
    ids = Counter(attributes["id"] for _, attributes in read.tags if "id" in attributes)
    assert [name for name, count in ids.items() if count > 1] == []
    inner = {a["href"] for a in read.all("a") if (a["href"] or "").startswith("#")}
    assert inner <= {f"#{name}" for name in ids}, "each link within the document leads somewhere"


def test_html_needs_nothing_beside_it() -> None:
    read = _Read(made("findings", "html"))
    assert read.all("link") == read.all("script") == read.all("img") == []
    assert "prefers-color-scheme: dark" in made("findings", "html").decode()


def test_html_says_certainty_in_circles_and_in_words() -> None:
    html = made("findings", "html", "acupuncture vs sham acupuncture").decode()
    assert '<span aria-hidden="true">⊕⊕⊝⊝</span></span> <span class="level">low</span>' in html


def test_html_escapes_what_a_folder_holds() -> None:
    odd = replace(PAIN_SHAM, statement="<script>alert(1)</script> & more")
    evidence = Evidence({odd.about: odd}, {})
    html = table_document(REVIEW, evidence, Asked(format="html")).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in html


# ------------------------------------------------------------------ Word


def test_word_tables_repeat_their_head_and_break_no_row() -> None:
    document = docx.Document(io.BytesIO(made("findings", "docx")))
    assert len(document.tables) == 2
    for table in document.tables:
        head, *rows = table.rows
        assert head._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in rows)
        assert [cell.text for cell in head.cells][-2:] == ["Certainty", "What it means"]


def test_a_word_document_says_what_the_table_says() -> None:
    name = "acupuncture vs medication"
    document = docx.Document(io.BytesIO(made("findings", "docx", name)))
    cells = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    row = next(row for row in cells if row[0].startswith("Global improvement"))
    assert row[1].startswith("41 of 100 (41%)")
    assert "27 more in 100" in row[2]
    assert row[5].startswith("⊕⊕⊕⊝ moderate")
    assert row[6].startswith(BETTER_DRUGS.statement)
    below = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "Imprecision: lowered one level. Decided by the rule." in below
    assert "Rule for imprecision: interval crosses the MID." in below


def test_a_word_document_is_landscape_named_and_in_its_language() -> None:
    document = docx.Document(io.BytesIO(made("profile", "docx")))
    section = document.sections[0]
    assert section.orientation == WD_ORIENT.LANDSCAPE
    assert section.page_width > section.page_height
    assert document.core_properties.title == "Evidence profile: sciatica"
    assert document.core_properties.author == ""
    languages = {e.get(qn("w:val")) for e in document.styles.element.iter(qn("w:lang"))}
    assert languages == {"en-GB"}


def test_a_word_document_bears_no_time_and_no_trace_of_a_machine() -> None:
    with ZipFile(io.BytesIO(made("findings", "docx"))) as parts:
        assert {entry.date_time for entry in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert parts.testzip() is None
        assert "thumbnail" not in " ".join(parts.namelist())
        core = parts.read("docProps/core.xml").decode()
    assert core.count("1980-01-01T00:00:00Z") == 2


def test_word_lists_the_references_of_facts() -> None:
    document = docx.Document(io.BytesIO(made("decision", "docx", "leg pain")))
    texts = [paragraph.text for paragraph in document.paragraphs]
    place = texts.index("References")
    assert texts[place + 1].startswith("1. Author FS. Needles & drugs in <sciatica> (cohort).")
    cells = [cell.text for row in document.tables[0].rows for cell in row.cells]
    assert any("some time. [1]" in text for text in cells)


def test_without_python_docx_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(documents, "import_module", missing)
    with pytest.raises(DataError, match="SOF005") as raised:
        made("findings", "docx")
    assert 'pip install "osler[docx]"' in raised.value.diagnostics[0].help


# ------------------------------------------------------------------ CSV


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def test_csv_has_a_row_for_each_outcome_with_numbers_and_text() -> None:
    rows = rows_of(made("findings", "csv"))
    assert [(r["comparison"], r["outcome"]) for r in rows] == [
        ("acupuncture vs sham acupuncture", "leg pain"),
        ("acupuncture vs sham acupuncture", "adverse events"),
        ("acupuncture vs medication", "leg pain"),
        ("acupuncture vs medication", "global improvement"),
        ("acupuncture vs medication", "adverse events"),
    ]
    row = rows[3]
    pooled = BETTER_DRUGS.synthesis.random
    assert float(row["estimate"]) == pytest.approx(math.exp(pooled.estimate), rel=1e-15)
    assert (row["median_baseline"], row["median_risk_upper"]) == ("0.41", "0.89")
    assert (row["certainty"], row["certainty_level"]) == ("moderate", "3")
    assert row["with_comparator"] == "41 of 100 (41%)"
    assert row["statement"] == BETTER_DRUGS.statement
    assert rows[1]["statement"] == "No trial gave a result that could be used."
    assert rows[1]["estimate"] == ""
    assert rows[0]["participants"] == "", "one trial does not tell"


def test_csv_gives_numbers_needed_only_on_request() -> None:
    assert "median_number_needed" not in rows_of(made("findings", "csv"))[0]
    rows = rows_of(made("findings", "csv", numbers_needed=True))
    assert rows[3]["median_number_needed"].startswith("NNTB 4 (")


def test_csv_of_the_profile_keeps_the_rules_value_beside_the_persons() -> None:
    row = rows_of(made("profile", "csv"))[0]
    assert (row["indirectness_levels"], row["indirectness_rule_levels"]) == ("0", "1")
    assert row["indirectness_decided_by"] == "person"
    assert row["indirectness_because"] == "all trials were in people with sciatica"
    assert (row["imprecision_decided_by"], row["imprecision_person"]) == ("rule", "")


def test_csv_of_the_profile_has_room_for_every_reason_of_the_ledger() -> None:
    up = Step("large effect", 1, 1, "one level from RR 2", "RR 2.4", way="up")
    found = replace(HARM_DRUGS, certainty=replace(HARM_DRUGS.certainty, steps=(up,)))
    asked = Asked("profile", "", "csv")
    content = table_document(REVIEW, Evidence({found.about: found}, {}), asked).content
    assert rows_of(content)[0]["large_effect_rating"] == "raised (+1)"


def test_csv_of_the_decision_leaves_empty_what_is_not_known() -> None:
    drugs, needles = rows_of(made("decision", "csv", "leg pain"))
    assert (drugs["estimate"], drugs["harms"], drugs["cost"]) == ("", "", "")
    assert needles["harms_sources"] == "https://example.org/harm"
    assert needles["cost_sources"] == "cohort"
    assert needles["acceptability"] == ""


# ------------------------------------------------------------------ asking


@pytest.mark.parametrize(
    ("table", "name", "offered"),
    [
        ("findings", "Acupunkture vs medication", "'acupuncture vs medication'"),
        ("profile", "acupuncture vs shams", "'acupuncture vs sham acupuncture'"),
        ("decision", "legpain", "'leg pain'"),
        ("decision", "zzz", "known: leg pain; disability;"),
    ],
)
def test_an_unknown_name_offers_close_ones(table: str, name: str, offered: str) -> None:
    with pytest.raises(DataError, match="SOF004") as raised:
        made(table, "text", name)
    assert offered in raised.value.diagnostics[0].help


def test_without_a_name_every_comparison_with_an_answer_is_shown() -> None:
    text = made("findings", "text").decode()
    assert text.count("Summary of findings: ") == 2
    only = Evidence({PAIN_SHAM.about: PAIN_SHAM}, {})
    text = table_document(REVIEW, only, Asked()).content.decode()
    assert text.count("Summary of findings: ") == 1


def test_a_review_without_an_answer_still_says_that_nothing_is_known() -> None:
    none = Evidence({}, EVIDENCE.unanswered)
    text = table_document(REVIEW, none, Asked()).content.decode()
    assert text.count("Summary of findings: ") == 2
    assert "No trial gave a result that could be used." in text
