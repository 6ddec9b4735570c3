"""``check_alone``: files and standard input, Markdown and HTML."""

from datetime import date
from pathlib import Path

import pytest

from osler.cli.alone import check_alone, is_web_page, page_alone
from osler.core.diagnostics import in_order

TODAY = date(2026, 11, 22)
HTML = b"<!DOCTYPE html><nav>Reiki cures gout.</nav><p>Acupuncture cures gout.</p>"


def cures(target: str, stdin: bytes | None = None) -> list[tuple[int, int]]:
    found = check_alone(target, stdin, TODAY)
    return [(d.place.line, d.place.column) for d in found if d.code == "CLM006"]


def test_a_saved_page_is_judged_without_its_navigation(tmp_path: Path) -> None:
    page = tmp_path / "page.htm"
    page.write_bytes(HTML)
    assert cures(str(page)) == [(1, HTML.index(b"cures", 50) + 1)]


def test_standard_input_is_told_apart_by_its_text() -> None:
    assert cures("-", HTML) == [(1, HTML.index(b"cures", 50) + 1)]
    assert cures("-", b"# Gout\n\nAcupuncture cures gout.\n") == [(3, 13)]
    assert cures("-", None) == []


def test_a_markdown_file_keeps_its_front_matter(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("---\ntitle: Acupuncture cures gout\n---\n\nOpen on Mondays.\n")
    assert cures(str(page)) == [(2, 20)]


def test_a_file_that_cannot_be_read_raises(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        check_alone(str(tmp_path / "none.html"), None, TODAY)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"\0" * 50, b"---\n", b"\x81\x8d <p>"])
@pytest.mark.parametrize("target", ["a.md", "a.html", "-"])
def test_any_bytes_are_a_page(data: bytes, target: str) -> None:
    page, found = page_alone(target, data)
    assert page.file == target
    assert all(d.place.file == target for d in found)


def test_findings_are_in_order_and_name_the_target() -> None:
    found = check_alone("-", HTML * 3, TODAY)
    assert found == in_order(found)
    assert {d.place.file for d in found} == {"-"}


@pytest.mark.parametrize(
    ("target", "text", "is_web"),
    [
        ("a.HTML", "x", True),
        ("a.md", "<html>", False),
        ("-", "a < b", False),
        ("page", "<HTML><p>", True),
    ],
)
def test_what_is_html(target: str, text: str, is_web: bool) -> None:
    assert is_web_page(target, text) is is_web
