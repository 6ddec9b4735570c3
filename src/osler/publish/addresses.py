"""Where pages stand on the site, and what cannot be an address."""

import re
from collections.abc import Iterator, Sequence

from osler.claims.model import Page
from osler.core.diagnostics import Diagnostic, Place, Severity

_TAKEN = ("data",)
_ADDRESS = re.compile(r"[a-z0-9][a-z0-9_-]*")  # no dots: index.html and the like are files


def address_problems(pages: Sequence[Page]) -> Iterator[Diagnostic]:
    """PUB006: two pages with one address; PUB007: an address that the site itself needs."""
    seen: dict[str, Page] = {}
    for page in pages:
        name = page.meta.slug
        if name in seen:
            first = seen[name].file
            yield _address(page, "PUB006", "two pages have the same address", f"so has {first}")
        elif name in _TAKEN or not _ADDRESS.fullmatch(name):
            yield _address(page, "PUB007", "this cannot be a page's address", f"slug is {name!r}")
        seen.setdefault(name, page)


def _address(page: Page, code: str, message: str, found: str) -> Diagnostic:
    return Diagnostic(
        code=code,
        severity=Severity.ERROR,
        place=Place(page.file),
        message=message,
        found=f"{page.file} would be written to {page.meta.slug}/index.html; {found}",
        so="the site is not built",
        help="rename the file: lower-case letters, digits, hyphens and underscores",
    )
