"""A document as it stands in the editor, checked: by its review folder, or by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from osler.certainty.evidence import gather_evidence
from osler.certainty.model import Evidence
from osler.claims.alone import NO_EVIDENCE, judge_alone, no_review
from osler.claims.document.suppression import apply_suppressions
from osler.claims.house import house_of
from osler.claims.model import Judged, Page
from osler.cli.alone import MARKDOWN_SUFFIXES, WEB_SUFFIXES, page_of_text
from osler.core.diagnostics import Diagnostic, in_order
from osler.publish.pipeline import check_page, unusable_numbers
from osler.review.folder import read_folder
from osler.review.model import PageSource, Review
from osler.review.reading import parse_review

QUESTION = "osler.toml"
PAGES = "pages"


@dataclass(frozen=True)
class Known:
    """A review folder: its tables as bytes, what they say, and what is wrong with them."""

    tables: Mapping[str, bytes]
    review: Review | None
    evidence: Evidence
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class Document:
    """A checked document. ``page`` is None for a table or a settings file."""

    page: Page | None
    judged: tuple[Judged, ...]
    diagnostics: tuple[Diagnostic, ...]
    review: Review
    evidence: Evidence


def folder_of(path: Path) -> Path | None:
    """The nearest folder upward that holds osler.toml; None where there is none."""
    return next((up for up in path.parents if (up / QUESTION).is_file()), None)


def know(folder: Path, overlay: Mapping[str, str], before: Known | None) -> Known:
    """What a folder says, unsaved texts in place of its files.

    Parameters
    ----------
    folder : Path
    overlay : mapping of str to str
        Open documents by their path within the folder.
    before : Known or None
        What was known; given back where no table has changed since.

    Raises OSError where the folder cannot be read.
    """
    unsaved = {name: text.encode("utf-8", errors="replace") for name, text in overlay.items()}
    files = {**read_folder(folder), **unsaved}
    tables = {n: data for n, data in files.items() if not n.startswith(f"{PAGES}/")}
    if before is not None and before.tables == tables:
        return before
    review, found = parse_review(files)
    if review is None:
        return Known(tables, None, NO_EVIDENCE, found)
    evidence = gather_evidence(review)
    return Known(tables, review, evidence, in_order([*found, *unusable_numbers(evidence, found)]))


def check_in_folder(known: Known, name: str, text: str, today: date) -> Document:
    """A page or a table of a folder, by its path within it."""
    own = tuple(d for d in known.diagnostics if d.place.file == name)
    if known.review is None or not is_page(name):
        return Document(None, (), own, known.review or no_review(), known.evidence)
    review = replace(known.review, pages=_with(known.review.pages, PageSource(name, text)))
    house, _ = house_of(known.tables, review, today)
    checked = check_page(text, name, review, known.evidence, house, today)
    found = standing(checked.page, checked.diagnostics)
    return Document(checked.page, checked.judged, found, review, known.evidence)


def check_by_itself(name: str, text: str, today: date) -> Document | None:
    """A page without a folder; None for what is no page."""
    if Path(name).suffix.lower() not in (*WEB_SUFFIXES, *MARKDOWN_SUFFIXES):
        return None
    page, found = page_of_text(name, text)
    found = standing(page, in_order([*found, *judge_alone(page, today)]))
    return Document(page, (), found, no_review(), NO_EVIDENCE)


def is_page(name: str) -> bool:
    """Whether a path within a folder is that of a page."""
    return name.startswith(f"{PAGES}/") and name.endswith(".md")


def standing(page: Page, found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """The findings that no comment of the page sets aside."""
    return apply_suppressions(found, [page]).standing


def _with(pages: tuple[PageSource, ...], changed: PageSource) -> tuple[PageSource, ...]:
    others = [page for page in pages if page.file != changed.file]
    return tuple(sorted([*others, changed], key=lambda page: page.file))
