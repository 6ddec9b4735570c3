"""The same diagnostic as text and as JSON."""

import json

from osler.core.diagnostics import Diagnostic, Place, Severity, in_order
from osler.core.rendering import count_line, render

LONG = "x" * 200 + " cured " + "y" * 200
CLAIM = Diagnostic(
    "CLM001",
    Severity.ERROR,
    Place("pages/a.md", 12, 202, 207, "", LONG),
    "says more than the evidence carries",
    found="the evidence is of low certainty",
    so="",
    help="write: it may help",
)


def test_json_has_the_fields_that_programs_are_promised() -> None:
    (item,) = json.loads(render([CLAIM], "json"))
    assert item["code"] == "CLM001"
    assert (item["file"], item["line"], item["column"]) == ("pages/a.md", 12, 202)
    assert item["severity"] == "error"
    assert {"message", "help", "found", "so", "end_column", "field"} <= set(item)


def test_no_findings_are_an_empty_json_list() -> None:
    assert json.loads(render([], "json")) == []


def test_a_long_line_is_cut_and_the_underline_stays_under_the_passage() -> None:
    lines = render([CLAIM]).splitlines()
    excerpt = next(line for line in lines if line.startswith(" 12 |"))
    underline = lines[lines.index(excerpt) + 1]
    start = underline.index("^")
    assert len(excerpt) < 130
    assert excerpt[start : start + underline.count("^")] == "cured"


def test_colour_only_where_asked_for() -> None:
    assert "\x1b[" not in render([CLAIM])
    assert "\x1b[" in render([CLAIM], colour=True)


def test_what_stands_in_no_file_has_no_line_either() -> None:
    setting = Diagnostic("WEB020", Severity.ERROR, Place("", field="OSLER_URL"), "not an address")
    first, *_ = render([setting], colour=False).splitlines()
    assert first == "WEB020 error: not an address [OSLER_URL]"


def test_order_is_by_file_and_line_and_without_repeats() -> None:
    other = Diagnostic("TAB004", Severity.ERROR, Place("arms.csv", 3), "not a number")
    assert in_order([CLAIM, other, CLAIM]) == (other, CLAIM)


def test_the_counting_line() -> None:
    assert count_line([CLAIM, CLAIM], "1 page") == "2 errors in 1 page."
