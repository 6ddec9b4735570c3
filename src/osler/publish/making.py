"""From a folder's files to the files of its site, without touching the disk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version

from osler.claims.document.suppression import apply_suppressions
from osler.core.diagnostics import DataError, Diagnostic, Severity, in_order
from osler.core.wording import counted
from osler.publish.pipeline import check_files
from osler.publish.site import build_site


@dataclass(frozen=True)
class Made:
    """The site's files by their paths, None where there must be none; and what was found.

    ``diagnostics`` are those of the tables and of the pages that are not drafts.
    """

    files: Mapping[str, bytes] | None
    pages: tuple[str, ...]
    drafts: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]


def make_site(
    files: Mapping[str, bytes], today: date, tell: Callable[[str], None] = lambda step: None
) -> Made:
    """Checks a folder and, where no page to be published has an error, makes its site.

    ``tell`` is called with a few words at the beginning of each step.
    """
    tell("checking the folder")
    checked, diagnostics = check_files(files, today)
    if checked is None:
        return Made(None, (), (), diagnostics)
    diagnostics = apply_suppressions(diagnostics, [p.page for p in checked.pages]).standing
    drafts = tuple(p.page.file for p in checked.pages if p.page.meta.draft)
    public = [p for p in checked.pages if not p.page.meta.draft]
    pages = tuple(page.page.file for page in public)
    relevant = tuple(d for d in diagnostics if d.place.file not in drafts)
    if any(d.severity is Severity.ERROR and d.place.file in pages for d in diagnostics):
        return Made(None, pages, drafts, relevant)
    tell(f"making {counted(len(public), 'page')}")
    try:
        site = build_site(
            checked.review,
            checked.evidence,
            [(page.page, page.judged) for page in public],
            version=version("osler"),
        )
    except DataError as error:
        return Made(None, pages, drafts, in_order([*relevant, *error.diagnostics]))
    return Made(site, pages, drafts, relevant)
