"""What a check looks at: a review folder, or a page by itself."""

import errno
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from osler.claims.alone import judge_alone
from osler.claims.model import Judged, Page
from osler.cli.alone import MARKDOWN_SUFFIXES, STDIN, WEB_SUFFIXES, page_alone
from osler.cli.terminal import counted, place_from_here
from osler.core.baseline import FILE_NAME
from osler.core.diagnostics import Diagnostic, Place, in_order
from osler.core.rendering import PageReport, Statement
from osler.publish.pipeline import Checked, CheckedPage, check_files
from osler.review.folder import read_folder


@dataclass(frozen=True)
class Examined:
    """One target after every check, with nothing set aside yet.

    Attributes
    ----------
    target : str
        As the user named it.
    base : Path
        The folder to which the files of the diagnostics are relative.
    diagnostics : tuple of Diagnostic
    files : mapping of str to bytes
        What was read, by the names that diagnostics use.
    pages : tuple of Page
        For comments and sentences.
    reports : tuple of PageReport
        For a colleague.
    checked : str
        What was checked, in numbers.
    ran : bool
        False where there was nothing that could be checked.
    """

    target: str
    base: Path
    diagnostics: tuple[Diagnostic, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    pages: tuple[Page, ...] = ()
    reports: tuple[PageReport, ...] = ()
    checked: str = ""
    ran: bool = True


# What is said of a page that was checked by itself.
ONE_PAGE = "1 page"


def examine(target: str, stdin: bytes | None, today: date) -> Examined:
    """A folder, a file or standard input ("-") after every check.

    Raises OSError where it cannot be read.
    """
    path = Path(target)
    if target == STDIN or path.is_file():
        return examine_page(target, (stdin or b"") if target == STDIN else path.read_bytes(), today)
    if path.suffix.lower() in (*MARKDOWN_SUFFIXES, *WEB_SUFFIXES):
        raise FileNotFoundError(errno.ENOENT, "there is no such page", target)
    return examine_folder(path, today)


def examine_page(target: str, data: bytes, today: date) -> Examined:
    """A page by itself: its language, and the rules that need no folder."""
    page, while_reading = page_alone(target, data)
    found = in_order([*while_reading, *judge_alone(page, today)])
    report = PageReport(target, _title(page, target), page.meta.draft)
    return Examined(target, Path(), found, {target: data}, (page,), (report,), ONE_PAGE)


def _title(page: Page, target: str) -> str:
    """What a page is called: by its title, its first heading, or its file's name."""
    heading = page.headings[0].text if page.headings else ""
    name = "Standard input" if target == STDIN else Path(target).name
    return page.meta.title or heading or name


def pages_from_here(examined: Examined) -> list[PageReport]:
    """What there is for a colleague, with files as seen from here."""
    return [
        replace(page, file=place_from_here(Place(page.file), examined.base).file)
        for page in examined.reports
    ]


def examine_folder(folder: Path, today: date) -> Examined:
    """A review folder after every check; raises OSError where it cannot be read."""
    # The baseline is not part of the review: it is about what is found in it.
    files = {name: data for name, data in read_folder(folder).items() if name != FILE_NAME}
    checked, found = check_files(files, today)
    if checked is None:
        return Examined(str(folder), folder, found, files, checked="this folder", ran=False)
    return Examined(
        str(folder),
        folder,
        found,
        files,
        tuple(p.page for p in checked.pages),
        tuple(_report(p) for p in checked.pages),
        _numbers(checked),
    )


def _numbers(checked: Checked) -> str:
    claims = sum(len(page.judged) for page in checked.pages)
    return (
        f"{counted(len(checked.pages), 'page')}, {counted(claims, 'marked statement')}, "
        f"{counted(len(checked.review.studies), 'study')} and "
        f"{counted(len(checked.evidence.findings), 'pooled answer')}"
    )


def _report(page: CheckedPage) -> PageReport:
    meta = page.page.meta
    return PageReport(
        page.page.file, meta.title, meta.draft, tuple(_statement(j) for j in page.judged)
    )


def _statement(judged: Judged) -> Statement:
    span = judged.span
    findings = [f"{f.about}, {f.certainty.level.word} certainty" for f in judged.findings]
    evidence = "; ".join([*findings, *(fact.id for fact in judged.facts)])
    return Statement(span.place.line, span.text, judged.verdict.value, evidence)
