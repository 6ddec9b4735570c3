"""From a folder's files to the files of its site, without touching the disk."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version

from osler.claims.document.suppression import apply_suppressions
from osler.core.diagnostics import DataError, Diagnostic, Severity, in_order
from osler.core.wording import counted
from osler.publish.pipeline import Checked, CheckedPage, check_files
from osler.publish.site import build_site
from osler.review.model import Review


@dataclass(frozen=True)
class Made:
    """The site's files by their paths, None where there must be none; and what was found.

    ``diagnostics`` are those of the tables and of the pages that are not drafts.
    """

    files: Mapping[str, bytes] | None
    pages: tuple[str, ...]
    drafts: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class Sifted:
    """A checked folder (None: it asks nothing), with what of it is to be published.

    ``diagnostics`` are those of the tables and of the pages that are not drafts.
    """

    checked: Checked | None
    public: tuple[CheckedPage, ...]
    drafts: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def has_errors(self) -> bool:
        """Whether a page to be published has an error."""
        files = {page.page.file for page in self.public}
        return any(d.severity is Severity.ERROR and d.place.file in files for d in self.diagnostics)


def sift(files: Mapping[str, bytes], today: date) -> Sifted:
    """Checks a folder; comments of its pages set findings aside, and drafts stay at home."""
    checked, found = check_files(files, today)
    if checked is None:
        return Sifted(None, (), (), found)
    found = apply_suppressions(found, [p.page for p in checked.pages]).standing
    drafts = tuple(p.page.file for p in checked.pages if p.page.meta.draft)
    public = tuple(p for p in checked.pages if not p.page.meta.draft)
    return Sifted(checked, public, drafts, tuple(d for d in found if d.place.file not in drafts))


def make_site(
    files: Mapping[str, bytes], today: date, tell: Callable[[str], None] = lambda step: None
) -> Made:
    """Checks a folder and, where no page to be published has an error, makes its site.

    ``tell`` is called with a few words at the beginning of each step.
    """
    tell("checking the folder")
    sifted = sift(files, today)
    pages = tuple(page.page.file for page in sifted.public)
    nothing = Made(None, pages, sifted.drafts, sifted.diagnostics)
    if sifted.checked is None or sifted.has_errors:
        return nothing
    tell(f"making {counted(len(pages), 'page')}")
    try:
        site = site_files(sifted.checked, sifted.checked.review, sifted.public)
    except DataError as error:
        return replace(nothing, diagnostics=in_order([*sifted.diagnostics, *error.diagnostics]))
    return replace(nothing, files=site)


def site_files(
    checked: Checked, review: Review, public: Sequence[CheckedPage]
) -> Mapping[str, bytes]:
    """The files of a folder's site.

    Raises
    ------
    DataError
        Where a page cannot be made (the PUB codes).
    """
    pages = [(page.page, page.judged) for page in public]
    return build_site(review, checked.evidence, pages, version=version("osler"))
