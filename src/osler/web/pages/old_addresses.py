"""``redirects.csv``: where the pages of a former site are now."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from osler.core.diagnostics import Diagnostic, Place, Severity

FILE = "redirects.csv"
LONGEST = 500


@dataclass(frozen=True)
class Moved:
    """One row: paths of this site, ``old`` also with a query ("/?p=12")."""

    old: str
    new: str


RESERVED = frozenset(
    "staff static comments privacy search contact categories authors versions answer practice"
    " questionnaire questions q healthz p a".split()
)
"""First parts of addresses that are the site's own: no page may have one, nor lead away from it."""


def parse_redirects(content: bytes) -> tuple[tuple[Moved, ...], tuple[Diagnostic, ...]]:
    r"""The rows that can be used, and what is wrong with the others (WEB003).

    Examples
    --------
    >>> rows, found = parse_redirects(b"old,new\n/2019/03/knee/,/knee/\nhttp://x.org/,/x/\n")
    >>> rows, [d.code for d in found]
    ((Moved(old='/2019/03/knee/', new='/knee/'),), ['WEB003'])
    """
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig", "replace"), newline=""))
    rows: dict[str, Moved] = {}
    found: list[Diagnostic] = []
    try:
        for row in reader:
            old, new = (row.get("old") or "").strip(), (row.get("new") or "").strip()
            why = "; ".join(_problems(old, new, rows))
            if why:
                found.append(_unusable(reader.line_num, f"{old!r} to {new!r}: {why}"))
            else:
                rows[old] = Moved(old, new)
    except csv.Error as error:
        found.append(_unusable(reader.line_num, str(error)))
    return tuple(rows.values()), tuple(found)


def _problems(old: str, new: str, rows: dict[str, Moved]) -> Iterator[str]:
    for name, value in (("old", old), ("new", new)):
        if not value.startswith("/") or value.startswith(("//", "/\\")):
            yield f"{name} is not a path of this site"
        elif len(value) > LONGEST:
            yield f"{name} is longer than {LONGEST} characters"
        elif any(ord(c) < 32 or ord(c) == 127 for c in value):
            yield f"{name} holds control characters"
    if old.strip("/").partition("/")[0] in RESERVED:
        yield "the old address is one of the site's own"
    if old in rows:
        yield "the old address stands twice"
    if urlsplit(old).path == urlsplit(new).path and not urlsplit(old).query:
        yield "it would lead to itself"


def _unusable(line: int, found: str) -> Diagnostic:
    return Diagnostic(
        "WEB003",
        Severity.WARNING,
        Place(FILE, line),
        "this old address cannot be kept",
        found,
        "a link to it finds no page; the other rows are used",
        "columns old and new, both paths that begin with one slash: /2019/03/knee/,/knee/",
    )
