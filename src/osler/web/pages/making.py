"""From a folder's files to what is published of it, without database or disk."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version

from osler.certainty.model import Evidence
from osler.claims.document.suppression import apply_suppressions
from osler.claims.model import Meta, Page
from osler.core.diagnostics import DataError, Diagnostic, Severity, in_order
from osler.publish.pipeline import Checked, check_files
from osler.publish.site import build_site
from osler.review.model import Review, Site
from osler.web.pages.answers import Answers, answers_of

NOT_OF_THE_FOLDER = ("index.html", "404.html", "feed.xml", "robots.txt", "sitemap.xml")
"""Files of the static build that the site makes itself, from all its folders."""


@dataclass(frozen=True)
class MadePage:
    """One page: as HTML, as text for the search, and what it says in numbers and words."""

    file: str
    meta: Meta
    html: bytes
    text: str
    answers: Answers
    wording: tuple[str, ...]

    @property
    def digest(self) -> str:
        """The same as long as title, numbers, certainty and wording are."""
        said = json.dumps([self.meta.title, self.answers, self.wording], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True)
class MadeFolder:
    """What a folder gives, ``pages`` None where an error keeps it from being published."""

    pages: tuple[MadePage, ...] | None
    files: Mapping[str, bytes]
    site: Site | None
    searched: str
    diagnostics: tuple[Diagnostic, ...]

    @property
    def has_errors(self) -> bool:
        return any(d.severity is Severity.ERROR for d in self.diagnostics)


def make_folder(
    files: Mapping[str, bytes], today: date, url: str = "", *, despite_errors: bool = False
) -> MadeFolder:
    """Checks a folder; makes its pages where none to be published has an error.

    Parameters
    ----------
    files : mapping of str to bytes
        As ``osler.review.folder.read_folder`` gives them.
    today : date
        Against which dates of review are held.
    url : str
        The site's address; the folder's own where it is empty.
    despite_errors : bool
        Whether somebody answers for the errors. What cannot be made into a page at all
        (the PUB codes) is not made all the same.
    """
    checked, found = check_files(files, today)
    if checked is None:
        return MadeFolder(None, {}, None, "", found)
    found = apply_suppressions(found, [p.page for p in checked.pages]).standing
    drafts = {p.page.file for p in checked.pages if p.page.meta.draft}
    relevant = tuple(d for d in found if d.place.file not in drafts)
    review = _at(checked.review, url)
    nothing = MadeFolder(None, {}, review.site, review.searched, relevant)
    public = [p for p in checked.pages if not p.page.meta.draft]
    in_pages = {p.page.file for p in public}
    if not despite_errors and any(
        d.severity is Severity.ERROR and d.place.file in in_pages for d in relevant
    ):
        return nothing
    try:
        return _made(checked, review, relevant)
    except DataError as error:
        return replace(nothing, diagnostics=in_order([*relevant, *error.diagnostics]))


def _made(checked: Checked, review: Review, found: tuple[Diagnostic, ...]) -> MadeFolder:
    public = [p for p in checked.pages if not p.page.meta.draft]
    built = build_site(
        review,
        checked.evidence,
        [(p.page, p.judged) for p in public],
        version=version("osler"),
    )
    pages = tuple(
        _page(p.page, built[f"{p.page.meta.slug}/index.html"], checked.evidence) for p in public
    )
    of_pages = {f"{p.meta.slug}/index.html" for p in pages}
    rest = {
        name: content
        for name, content in built.items()
        if name not in of_pages and name not in NOT_OF_THE_FOLDER
    }
    return MadeFolder(pages, rest, review.site, review.searched, found)


def _page(page: Page, html: bytes, evidence: Evidence) -> MadePage:
    wording = tuple(s.text for s in page.sentences if s.kind != "meta")
    heads = [page.meta.description, *(s.text for s in page.headings)]
    return MadePage(
        file=page.file,
        meta=page.meta,
        html=html,
        text="\n".join([*heads, *wording]),
        answers=answers_of(page, evidence),
        wording=wording,
    )


def _at(review: Review, url: str) -> Review:
    return replace(review, site=replace(review.site, url=url)) if url else review


def digest_of(files: Mapping[str, bytes]) -> str:
    """One number for a folder's content and for the Osler that reads it."""
    digest = hashlib.sha256(version("osler").encode())
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
