"""From a folder's files to what is published of it, without database or disk."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version

from osler.certainty.model import Evidence
from osler.claims.model import Meta, Page
from osler.core.diagnostics import DataError, Diagnostic, Severity, in_order
from osler.publish.making import sift, site_files
from osler.publish.pipeline import Checked, CheckedPage
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
    files: Mapping[str, bytes],
    today: date,
    url: str = "",
    *,
    name: str = "",
    despite_errors: bool = False,
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
    name : str
        What the site is called at the head of each page; as the folder says where it is empty.
    despite_errors : bool
        Whether somebody answers for the errors. What cannot be made into a page at all
        (the PUB codes) is not made all the same.
    """
    sifted = sift(files, today)
    if sifted.checked is None:
        return MadeFolder(None, {}, None, "", sifted.diagnostics)
    review = _at(sifted.checked.review, url, name)
    own = sifted.checked.review.site
    nothing = MadeFolder(None, {}, own, review.searched, sifted.diagnostics)
    if sifted.has_errors and not despite_errors:
        return nothing
    try:
        return _made(sifted.checked, review, sifted.public, nothing)
    except DataError as error:
        found = in_order([*sifted.diagnostics, *error.diagnostics])
        return replace(nothing, diagnostics=found)


def _made(
    checked: Checked, review: Review, public: Sequence[CheckedPage], nothing: MadeFolder
) -> MadeFolder:
    built = site_files(checked, review, public)
    pages = tuple(
        _page(p.page, built[f"{p.page.meta.slug}/index.html"], checked.evidence) for p in public
    )
    of_pages = {f"{p.meta.slug}/index.html" for p in pages}
    rest = {
        name: content
        for name, content in built.items()
        if name not in of_pages and name not in NOT_OF_THE_FOLDER
    }
    return replace(nothing, pages=pages, files=rest)


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


def _at(review: Review, url: str, name: str) -> Review:
    own = review.site
    return replace(review, site=replace(own, url=url or own.url, name=name or own.name))


def digest_of(files: Mapping[str, bytes]) -> str:
    """One number for a folder's content and for the Osler that reads it."""
    digest = hashlib.sha256(version("osler").encode())
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
