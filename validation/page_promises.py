"""What is promised of any page, whatever its bytes: checked by fuzzing and by the tests.

A promise that is broken raises AssertionError; anything else that is raised is a crash.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from lsprotocol import types

from osler.certainty.evidence import gather_evidence
from osler.certainty.model import Evidence
from osler.claims.alone import judge_alone
from osler.claims.document.web_encoding import decode_web_page
from osler.claims.house import House, house_of
from osler.claims.model import Page
from osler.cli.alone import page_alone
from osler.cli.check import report_of
from osler.cli.examining import Examined
from osler.cli.fixing import difference, mend
from osler.cli.known import sort_out
from osler.cli.language_server.answers import completions_at, diagnostic_of, fixes_in, hover_at
from osler.cli.language_server.documents import Document, check_by_itself
from osler.core.decoding import decode
from osler.core.diagnostics import Diagnostic, Place, in_order
from osler.core.rendering import FORMATS, render_report
from osler.publish.pipeline import check_page
from osler.review.folder import read_folder
from osler.review.model import Review
from osler.review.reading import parse_review

TODAY = date(2025, 6, 1)
EXAMPLE = Path(__file__).parents[1] / "examples" / "sciatica"
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Folder:
    """A review folder with everything that a page is held against."""

    review: Review
    evidence: Evidence
    house: House


@cache
def example() -> Folder:
    """The example on sciatica."""
    files = read_folder(EXAMPLE)
    review, _ = parse_review(files)
    assert review is not None
    return Folder(review, gather_evidence(review), house_of(files, review, TODAY)[0])


def lines_of(text: str) -> list[str]:
    """The lines of a file as places count them."""
    return _LINE_END.split(text.removeprefix("\ufeff"))


def assert_inside(places: Iterable[Place], lines: Sequence[str]) -> None:
    """Every place has a line of the file, and columns of that line."""
    for place in places:
        assert 1 <= place.line <= len(lines), place
        width = len(lines[place.line - 1])
        assert 1 <= place.column <= width + 1, place
        assert place.end_column == 0 or place.column <= place.end_column <= width + 1, place


def in_a_folder(data: bytes) -> None:
    """A page of a review folder: judged, shown, mended and answered for."""
    name = "pages/page.md"
    text, while_decoding = decode(data, name)
    folder = example()
    read = (text, name, folder.review, folder.evidence, folder.house, TODAY)
    checked = check_page(*read)
    assert check_page(*read).diagnostics == checked.diagnostics
    lines = lines_of(text)
    found = in_order([*while_decoding, *checked.diagnostics])
    _assert_places(checked.page, found, lines)
    _assert_shown(name, data, checked.page, found)
    judged = checked.judged
    _answers(Document(checked.page, judged, found, folder.review, folder.evidence), lines)


def by_itself(data: bytes, name: str) -> None:
    """A page or a web page without a folder."""
    page, while_reading = page_alone(name, data)
    found = in_order([*while_reading, *judge_alone(page, TODAY)])
    again, once_more = page_alone(name, data)
    assert in_order([*once_more, *judge_alone(again, TODAY)]) == found
    text = decode_web_page(data, name)[0]
    lines = lines_of(text)
    _assert_places(page, found, lines)
    _assert_shown(name, data, page, found)
    document = check_by_itself(name, text, TODAY)
    if document is not None:
        _answers(document, lines)


def _assert_places(page: Page, found: Iterable[Diagnostic], lines: Sequence[str]) -> None:
    """All places of what was read and found; ``found`` may be about other files too."""
    here = [d for d in found if d.place.file == page.file]
    assert_inside((d.place for d in here), lines)
    assert_inside((d.fix.place for d in here if d.fix is not None), lines)
    assert_inside((s.place for s in (*page.sentences, *page.headings)), lines)
    assert_inside((s.place for s in (*page.spans, *page.insertions, *page.citations)), lines)
    assert_inside((s.place for s in page.suppressions), lines)


def _assert_shown(name: str, data: bytes, page: Page, found: tuple[Diagnostic, ...]) -> None:
    examined = Examined(name, Path(), found, {name: data}, (page,))
    target = sort_out(examined)
    report = report_of([target], [])
    for style in FORMATS:
        render_report(report, style, show_set_aside=True).encode("utf-8", "replace")
    mended = mend(examined, target.standing)
    difference(examined, mended)
    assert mended.unfit == 0 or mended.files


def _answers(document: Document, lines: Sequence[str]) -> None:
    """What an editor is told, at some places of the page."""
    encoding = types.PositionEncodingKind.Utf16
    for d in document.diagnostics:
        shown = diagnostic_of(d, lines, encoding)
        assert 0 <= shown.range.start.line <= shown.range.end.line < len(lines)
    places = [d.place for d in document.diagnostics[:5]]
    if document.page is not None:
        places += [span.place for span in document.page.spans[:5]]
    for place in places:
        at = types.Position(place.line - 1, place.column)
        hover_at(document, lines, at, encoding)
        completions_at(document, lines, at, encoding)
        fixes_in(document, lines, "file:///page.md", types.Range(at, at), encoding)
