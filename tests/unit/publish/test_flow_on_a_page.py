"""``{{ prisma() }}``: the flow on a page, counted from the review's records."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from osler.core.diagnostics import DataError, Severity
from osler.publish.composition import environment
from osler.publish.page import render_page
from osler.publish.pipeline import check_files
from osler.review.folder import read_folder
from tests.unit.publish.sample import EVIDENCE, REVIEW, TEXT, page
from tests.unit.records.making import RECORDS
from tests.unit.review.folders import small_folder

PAGE = TEXT[: TEXT.index("## ")] + "## How trials were found\n\n{{ prisma() }}\n"


def rendered(records: dict[str, bytes], text: str = PAGE) -> str:
    review = replace(REVIEW, records=records)
    return render_page(
        review, EVIDENCE, page(text), (), templates=environment(), version="0.0.0"
    ).html


def test_the_figure_says_the_numbers_twice_and_where_was_searched() -> None:
    html = rendered(RECORDS)
    assert html.count('id="figure-prisma"') == 1
    wide, small = re.findall(r"<svg.*?</svg>", html, re.DOTALL)[-2:]
    for drawing in (wide, small):
        assert "Records screened (n = 2)" in drawing
        assert "Reports excluded (n = 0)" in drawing
    assert '<th scope="row">Records screened</th><td class="num">2</td>' in html
    assert "Searched: PubMed (5 January 2026), Embase (6 January 2026)." in html
    assert "Made up &lt;for a test&gt;." in html


def test_two_figures_on_a_page_have_names_of_their_own() -> None:
    html = rendered(RECORDS, PAGE + "\n{{ prisma() }}\n")
    named = re.findall(r'\bid="([^"]+)"', html)
    assert len(named) == len(set(named))
    assert {"figure-prisma", "figure-prisma-2"} <= set(named)


def test_without_records_the_page_is_not_built() -> None:
    with pytest.raises(DataError) as error:
        rendered({})
    assert [d.code for d in error.value.diagnostics] == ["PUB015"]


def folder(tmp_path: Path, text: str) -> Path:
    for name, content in {
        **small_folder(),
        **RECORDS,
        "records/exports/a.ris": b"TY  - JOUR\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "pages").mkdir(exist_ok=True)
    (tmp_path / "pages/needles.md").write_text(text, "utf-8")
    return tmp_path


def test_records_are_read_only_where_a_page_asks(tmp_path: Path) -> None:
    quiet = read_folder(folder(tmp_path, PAGE.replace("{{ prisma() }}", "By hand.")))
    assert not [name for name in quiet if name.startswith("records/")]
    asking = read_folder(folder(tmp_path, PAGE))
    assert {name for name in asking if name.startswith("records/")} == set(RECORDS)


def found(files: dict[str, bytes]) -> dict[str, Severity]:
    _, diagnostics = check_files(files, date(2026, 2, 1))
    codes = ("PUB", "REC", "REV035", "CLM041")
    return {d.code: d.severity for d in diagnostics if d.code.startswith(codes)}


def test_checking_the_page_checks_its_records(tmp_path: Path) -> None:
    files = read_folder(folder(tmp_path, PAGE))
    assert found(files) == {}
    decisions = files["records/decisions.csv"]
    wrong = {**files, "records/decisions.csv": decisions + b"none,full-text,include,A\n"}
    assert found(wrong) == {"REC073": Severity.ERROR}
    without = {name: text for name, text in files.items() if not name.startswith("records/")}
    assert found(without) == {"PUB015": Severity.ERROR}
