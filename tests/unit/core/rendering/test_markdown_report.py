"""The report for a colleague, as a reader of Markdown sees it."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.rendering import PageReport, Report, Told, render_report
from osler.core.rendering.markdown_report import escaped
from tests.unit.core.rendering.sample import REPORT

PARSER = MarkdownIt("gfm-like", {"linkify": False})


def shown(text: str) -> list[str]:
    """The text of each block, without marks."""
    return ["".join(_words(t)) for t in PARSER.parse(text) if t.type == "inline"]


def _words(inline: Token) -> Iterator[str]:
    return (child.content for child in inline.children or () if child.type != "softbreak")


def test_a_page_has_its_verdicts_its_findings_and_what_to_write() -> None:
    lines = shown(render_report(REPORT, "markdown"))
    assert "What Osler found: back_pain" in lines
    assert "Needles | and pain" in lines
    assert "overstated" in lines and "supported" in lines
    assert "😀 Needles greatly reduce pain*, by 50% (see [x])." in lines
    assert "Safe rewriting: may reduce" in lines
    assert "Error, line 12, CLM005" in lines
    assert "Warning, line 12, CLM011, rule house/safe" in lines


def test_the_faulty_words_are_in_bold() -> None:
    assert "Needles **greatly reduce**" in render_report(REPORT, "markdown")


def test_what_is_set_aside_is_told_with_its_reason() -> None:
    lines = shown(render_report(REPORT, "markdown"))
    assert "Line 20, CLM006: no: it is a quotation (line 19)" in lines
    assert "in 2 pages.Set aside: 1 in the pages" in lines[1]


def test_notes_on_tables_are_only_counted() -> None:
    text = render_report(REPORT, "markdown")
    assert "1 note on the tables" in text and "Hart 1999" not in text


def test_a_page_without_findings_says_so() -> None:
    text = render_report(
        Report(pages=(PageReport("a.md", "A page"),), checked="1 page"), "markdown"
    )
    assert "There is nothing to change." in shown(text)


def test_what_follows_from_most_findings_is_told_once() -> None:
    told = tuple(
        Told(Diagnostic("CLM001", Severity.ERROR, Place("a.md", n), "m", "f", "it waits"))
        for n in range(1, 5)
    )
    text = render_report(Report(told, pages=(PageReport("a.md", "A"),)), "markdown")
    assert text.count("it waits") == 1


@given(st.text(max_size=60))
def test_any_text_is_shown_as_it_stands(text: str) -> None:
    (read,) = shown(f"x {escaped(text)} x")
    told = f"x {text} x".replace("\0", "\ufffd")
    assert read.replace("\u2060", "").split() == told.replace("\u2060", "").split()


@given(st.text(max_size=60))
def test_no_text_opens_a_block_of_its_own(text: str) -> None:
    opened = [t.type for t in PARSER.parse(f"> {escaped(text)}\n") if t.nesting == 1]
    assert opened in (["blockquote_open", "paragraph_open"], ["blockquote_open"])
