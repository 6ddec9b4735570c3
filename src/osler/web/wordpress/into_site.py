"""Comments of a former site into the database, with their dates and what was decided on them."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.web.accounts.models import Clinic
from osler.web.accounts.trail import write_trail
from osler.web.comments.models import Comment, State
from osler.web.comments.services import comment_import
from osler.web.pages import parts
from osler.web.pages.models import Page

STATES = {
    "approved": State.SHOWN,
    "hold": State.HELD,
    "spam": State.SPAM,
    "trash": State.REFUSED,
}
_FIELDS = ("page", "number", "parent", "name", "email", "text", "status", "written", "from")


@dataclass(frozen=True)
class Imported:
    """How many are new, by state; how many were there; what could not be taken."""

    new: Mapping[str, int]
    known: int
    diagnostics: tuple[Diagnostic, ...]


@transaction.atomic
def import_comments(lines: str, file: str, clinic: Clinic, *, now: datetime) -> Imported:
    """Take ``comments.jsonl`` over, all of it or nothing; twice is the same as once.

    No mail is sent. A reply whose comment is not there stands by itself.
    """
    rows, told = _rows(lines, file)
    live = {p.slug: p for p in Page.objects.filter(folder__clinic=clinic).select_related("folder")}
    made: dict[tuple[str, str], Comment] = {}
    new: Counter[str] = Counter()
    known = 0
    # A comment before the replies to it.
    for line, row in sorted(rows, key=lambda one: (one[1]["written"], one[0])):
        page = live.get(row["page"])
        if page is None:
            told.append(_unusable(file, line, f"the site has no page {row['page']!r}"))
            continue
        comment, is_new = comment_import(
            page,
            name=row["name"],
            email=row["email"],
            text=row["text"],
            state=STATES[row["status"]],
            written_at=datetime.fromisoformat(row["written"]),
            imported_from=row["from"],
            parent=made.get((row["page"], row["parent"])),
            now=now,
        )
        made[row["page"], row["number"]] = comment
        new.update([str(comment.state)] if is_new else [])
        known += not is_new
    if new:
        write_trail(
            clinic=clinic,
            user=None,
            action="comments.imported",
            about="comments of the former site",
            now=now,
            details=dict(new),
        )
        for page in {c.page_id: c.page for c in made.values()}.values():
            parts.refresh(page, now=now)
    return Imported(dict(new), known, tuple(told))


def _rows(lines: str, file: str) -> tuple[list[tuple[int, dict[str, str]]], list[Diagnostic]]:
    rows, told = [], []
    for number, line in enumerate(lines.split("\n"), start=1):
        if not line.strip():
            continue
        why = "; ".join(_problems(line))
        if why:
            told.append(_unusable(file, number, why))
        else:
            rows.append((number, dict(json.loads(line))))
    return rows, told


def _problems(line: str) -> Iterator[str]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        yield "no JSON"
        return
    if not isinstance(row, dict) or any(not isinstance(row.get(f), str) for f in _FIELDS):
        yield f"not an object with the fields {', '.join(_FIELDS)}"
        return
    if "\0" in "".join(row[f] for f in _FIELDS):
        yield "a zero character"
    if row["status"] not in STATES:
        yield f"unknown status {row['status'][:40]!r}"
    try:
        if datetime.fromisoformat(row["written"]).tzinfo is None:
            yield "a time without its zone"
    except ValueError:
        yield f"no time: {row['written'][:40]!r}"


def _unusable(file: str, line: int, found: str) -> Diagnostic:
    return Diagnostic(
        "WEB108",
        Severity.WARNING,
        Place(file, line),
        "this comment is not taken over",
        found,
        "the other comments are",
        "publish the page first, or correct the line, and run it again: nothing comes twice",
    )
