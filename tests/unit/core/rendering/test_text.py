"""Text for a terminal: within its width, underlined where the passage is, and harmless."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.rendering import FORMATS, Format, Report, Told, render, render_report
from osler.core.rendering.passages import cells
from osler.core.rendering.text import told_as_text
from tests.unit.core.rendering.sample import CLAIM, REPORT, SAFE


@pytest.mark.parametrize("width", [60, 80, 96])
def test_lines_keep_within_the_width(width: int) -> None:
    long = replace(CLAIM, place=replace(CLAIM.place, source=CLAIM.place.source * 20))
    lines = told_as_text(Told(long), False, width).splitlines()
    assert max(map(cells, lines[1:])) <= width


def test_what_was_set_aside_is_shown_only_where_asked_for() -> None:
    assert "set aside:" not in render_report(REPORT)
    shown = render_report(REPORT, show_set_aside=True)
    assert "pages/a.md:20:1: CLM006 set aside: no" in shown
    assert "= why   it is a quotation (line 19)" in shown


def test_the_last_lines_count_everything() -> None:
    counts = "1 error, 1 warning, 1 note in 2 pages."
    aside = "Set aside: 1 in the pages, with a reason; 1 known from the baseline."
    assert render_report(REPORT).splitlines()[-3:] == [
        counts,
        aside,
        "1 of them has a safe rewriting: see it with --diff, write it with --fix.",
    ]


def test_a_rewriting_and_a_rule_are_told() -> None:
    assert '= fix   "may reduce" (osler check --fix writes it)' in render([CLAIM])
    assert "= more  osler explain CLM011, osler explain house/safe" in render([SAFE])


def test_the_underline_stands_under_wide_characters() -> None:
    place = Place("a.md", 1, 4, 6, "", "針灸 見効 now")
    lines = render([Diagnostic("CLM001", Severity.ERROR, place, "m")]).splitlines()
    before = lines[2].partition("見")[0]
    assert cells(before) == cells(lines[3].partition("^")[0])
    assert lines[3].count("^") == cells("見効")


@given(st.text(max_size=40), st.text(max_size=40), st.integers(1, 60), st.integers(0, 60))
def test_no_text_steers_the_terminal(source: str, found: str, column: int, end: int) -> None:
    place = Place("a.md", 1, column, end, "", source.replace("\n", " "))
    text = render([Diagnostic("CLM001", Severity.ERROR, place, "m", found)])
    assert not [c for c in text if c != "\n" and (ord(c) < 32 or 0x7F <= ord(c) < 0xA0)]


@pytest.mark.parametrize("style", FORMATS)
def test_many_findings_on_one_long_line_take_no_time(style: Format) -> None:
    source = "😀 It cures all. " * 60_000
    told = tuple(
        Told(
            Diagnostic("CLM006", Severity.ERROR, Place("a.md", 1, n, n + 5, "", source), "m"),
            "It cures all.",
        )
        for n in range(6, 900_000, 450)
    )
    start = time.perf_counter()
    render_report(Report(told), style)
    assert time.perf_counter() - start < 5
