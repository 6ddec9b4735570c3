"""A document as it stands in the editor, checked: by its review folder, or by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from osler.certainty.model import Evidence
from osler.claims.alone import NO_EVIDENCE, judge_alone, no_review
from osler.claims.document.suppression import apply_suppressions
from osler.claims.model import Judged, Page
from osler.cli.alone import MARKDOWN_SUFFIXES, WEB_SUFFIXES, page_of_text
from osler.core.diagnostics import Diagnostic, in_order
from osler.publish.one_page import Tables, check_text, read_tables, review_with
from osler.review.folder import read_folder
from osler.review.model import Review

QUESTION = "osler.toml"
PAGES = "pages"


@dataclass(frozen=True)
class Known:
    """A review folder: its tables as bytes, on which day they were read, and what they say."""

    files: Mapping[str, bytes]
    today: date
    tables: Tables


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


def know(folder: Path, overlay: Mapping[str, str], today: date, before: Known | None) -> Known:
    """What a folder says, unsaved texts in place of its files.

    Parameters
    ----------
    folder : Path
    overlay : mapping of str to str
        Open documents by their path within the folder.
    today : date
    before : Known or None
        What was known; given back where no table, and not the day, has changed since.

    Raises OSError where the folder cannot be read.
    """
    unsaved = {name: text.encode("utf-8", errors="replace") for name, text in overlay.items()}
    files = {**read_folder(folder), **unsaved}
    own = {n: data for n, data in files.items() if not n.startswith(f"{PAGES}/")}
    if before is not None and (before.files, before.today) == (own, today):
        return before
    return Known(own, today, read_tables(files, today))


def check_in_folder(known: Known, name: str, text: str) -> Document:
    """A page or a table of a folder, by its path within it."""
    tables = known.tables
    if tables.review is None or not is_page(name):
        own = tuple(d for d in tables.diagnostics if d.place.file == name)
        return Document(None, (), own, tables.review or no_review(), tables.evidence)
    checked = check_text(tables, name, text, known.today)
    review = review_with(tables, name, text)
    return Document(checked.page, checked.judged, checked.diagnostics, review, tables.evidence)


def check_by_itself(name: str, text: str, today: date) -> Document | None:
    """A page without a folder; None for what is no page."""
    if Path(name).suffix.lower() not in (*WEB_SUFFIXES, *MARKDOWN_SUFFIXES):
        return None
    page, found = page_of_text(name, text)
    found = in_order([*found, *judge_alone(page, today)])
    found = apply_suppressions(found, [page]).standing
    return Document(page, (), found, no_review(), NO_EVIDENCE)


def is_page(name: str) -> bool:
    """Whether a path within a folder is that of a page."""
    return name.startswith(f"{PAGES}/") and name.endswith(".md")
