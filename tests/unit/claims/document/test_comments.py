"""Comments for the checker: which lines they cover, and what is wrong with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from osler.claims.document.page import parse_page
from osler.core.diagnostics import Diagnostic, Place, Severity
from tests.unit.claims.sample import page_of

WHY = "because the text is quoted -->"


def covered(text: str) -> list[tuple[int, int]]:
    return [s.lines for s in page_of(text).suppressions]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"<!-- osler: ignore CLM010 {WHY}\nOne\ntwo.\n", (2, 3)),
        (f"<!-- osler: ignore CLM010 {WHY}\n\nOne.\n\nTwo.\n", (3, 3)),
        (f"One. <!-- osler: ignore CLM010 {WHY}\nTwo.\n", (1, 1)),
        (f"One.\n<!-- osler: ignore CLM010 {WHY}\nTwo\nthree.\n", (3, 4)),
        (f"One.\n<!-- osler: ignore CLM010 {WHY}\n\nTwo.\n", (2, 2)),
        (f"- one\n- two <!-- osler: ignore CLM010 {WHY}\n", (2, 2)),
        (f"<!-- osler: ignore CLM010 {WHY}\n- one\n- two\n", (2, 3)),
        (f"## Head <!-- osler: ignore CLM010 {WHY}\n", (1, 1)),
        (f"| a |\n|---|\n| b <!-- osler: ignore CLM010 {WHY} |\n", (3, 3)),
        (f"> <!-- osler: ignore CLM010 {WHY}\n> One.\n", (2, 2)),
        (f"1. one\n\n   <!-- osler: ignore CLM010 {WHY}\n   two\n", (4, 4)),
        ("<!-- osler: ignore CLM010\nbecause it is quoted -->\nOne.\n", (3, 3)),
        (f"<!--osler:ignore CLM010 {WHY}\nOne.\n", (2, 2)),
        (f"::: answer\n<!-- osler: ignore CLM010 {WHY}\nOne.\n:::\n\nTwo.\n", (3, 3)),
        (f"One.\n\n<!-- osler: ignore CLM010 {WHY}\n", (3, 3)),
    ],
)
def test_what_a_comment_covers(text: str, lines: tuple[int, int]) -> None:
    assert covered(text) == [lines]


def test_a_comment_in_the_front_matter_covers_its_key_and_the_page() -> None:
    text = "---\ntitle: x\n# osler: ignore CLM010 because it is the name\ndescription: y\n---\n"
    (suppression,) = page_of(text).suppressions
    assert suppression.lines == (1, 4)
    assert suppression.codes == ("CLM010",)


def test_a_comment_is_for_its_codes_and_its_lines() -> None:
    text = f"<!-- osler: ignore CLM010, plain-language/jargon {WHY}\nOne.\n"
    (suppression,) = page_of(text).suppressions
    assert suppression.codes == ("CLM010", "plain-language/jargon")
    assert suppression.because == "the text is quoted"

    def given_at(code: str, line: int, rule: str = "") -> Diagnostic:
        return Diagnostic(code, Severity.NOTE, Place("pages/a.md", line), "x", rule=rule)

    assert suppression.covers(given_at("CLM010", 2))
    assert suppression.covers(given_at("PLN004", 2, "plain-language/jargon"))
    assert not suppression.covers(given_at("CLM010", 3))
    assert not suppression.covers(given_at("CLM011", 2))


@pytest.mark.parametrize(
    ("comment", "code"),
    [
        ("<!-- osler: ignore CLM010 -->", "RUL001"),
        ("<!-- osler: ignore CLM010 because -->", "RUL001"),
        ("<!-- osler: ignore CLM010 because ... -->", "RUL001"),
        ("<!-- osler: ignore because I say so -->", "RUL002"),
        ("<!-- osler: ignore all because I say so -->", "RUL002"),
        ("<!-- osler: forget CLM010 because I say so -->", "RUL002"),
        ("<!-- osler: -->", "RUL002"),
        ("<!-- osler: ignore CLM010 because I say so", "PAG007"),
    ],
)
def test_what_is_wrong_with_a_comment_is_told(comment: str, code: str) -> None:
    page, found = parse_page(f"One.\n\n{comment}\n\nTwo.", "pages/a.md")
    assert page.suppressions == ()
    told = [d for d in found if d.code == code]
    assert [(d.place.line, d.severity) for d in told] == [(3, Severity.ERROR)]


def test_a_comment_is_not_printed_and_not_read() -> None:
    page = page_of(f"It may help. <!-- osler: ignore CLM010 {WHY} Really.\n\n<!-- a note -->\n")
    assert [s.text for s in page.sentences] == ["It may help.", "Really.", "<!-- a note -->"]
    html = MarkdownIt().renderer.render(page.tokens, MarkdownIt().options, {})
    assert "osler:" not in html
    assert "a note" in html


def test_code_is_code() -> None:
    page, found = parse_page("`<!-- osler: ignore X -->`\n\n    <!-- osler: y -->\n", "pages/a.md")
    assert page.suppressions == ()
    assert [d.code for d in found if d.code.startswith("RUL")] == []


PARTS = st.sampled_from(
    ["<!--", "-->", " osler:", "ignore", "CLM010", "because", "why", "\n", "\n\n", "- ", "> ",
     "[", "]{.story}", "|", "---", "::: answer", "#", " ", "\r", "\0", "é", "1. ", "   "]
)  # fmt: skip


@given(st.lists(PARTS, max_size=40))
def test_no_text_puts_a_comment_outside_the_file(parts: list[str]) -> None:
    page, found = parse_page("".join(parts), "pages/a.md")
    last = len(page.lines)
    for suppression in page.suppressions:
        first, end = suppression.lines
        assert 1 <= first <= end <= max(last, first)
        assert 1 <= suppression.place.line <= last
        assert suppression.because
    for d in found:
        assert 1 <= d.place.line <= max(last, 1)
        assert d.place.column <= len(d.place.source) + 1
