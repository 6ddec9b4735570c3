"""The sentence of a finding."""

import time

import pytest

from osler.claims.document.page import parse_page
from osler.claims.document.passages import texts_of
from osler.core.diagnostics import Diagnostic, Place, Severity


def found(line: int, column: int, source: str, field: str = "", file: str = "a.md") -> Diagnostic:
    return Diagnostic(
        "CLM006", Severity.ERROR, Place(file, line, column, column + 1, field, source), "m"
    )


@pytest.mark.parametrize(
    "text",
    [
        "First one. It has **been**\nproven for all. Last.\n",
        "> First one. It has **been**\n> proven for all. Last.\n",
        "First one. It has\n**been** proven for all. Last.\n",
    ],
)
def test_a_sentence_is_the_same_however_its_lines_are_broken(text: str) -> None:
    page, _ = parse_page(text, "a.md")
    lines = text.split("\n")
    line = next(n for n, row in enumerate(lines) if "proven" in row)
    d = found(line + 1, lines[line].index("proven") + 1, lines[line])
    assert texts_of([d], [page]) == ("It has been proven for all.",)


def test_without_a_page_it_is_the_sentence_of_the_line() -> None:
    assert texts_of([found(1, 15, "It is  old. It cures. So.")], []) == ("It cures.",)
    assert texts_of([found(1, 1, "   ")], []) == ("",)


def test_in_a_table_it_is_the_row() -> None:
    row = found(7, 3, "a,7.5. B,c", "events", "results.csv")
    assert texts_of([row], []) == ("a,7.5. B,c",)


def test_a_long_line_with_many_findings_takes_no_time() -> None:
    source = "It cures. " * 2_900
    page, _ = parse_page(source, "a.md")
    findings = [found(1, n * 10 + 4, source) for n in range(2_900)]
    start = time.perf_counter()
    assert set(texts_of(findings, [page])) == {"It cures."}
    assert set(texts_of(findings, [])) == {"It cures."}
    assert time.perf_counter() - start < 5
