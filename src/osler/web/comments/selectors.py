"""Reading comments: the thread of a page, the moderators' queue, what there is to learn from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from osler.web.accounts.models import Clinic
from osler.web.comments.layers.finding import Finding, from_data, is_held
from osler.web.comments.models import Comment, State
from osler.web.pages.models import Page

_DEEPEST = 3
"""Replies further down stand at this depth: on a phone there is no room for more."""


@dataclass(frozen=True)
class Shown:
    """A comment as it stands in a thread; ``comment`` is emptied where it was withdrawn."""

    comment: Comment
    depth: int
    is_withdrawn: bool


def thread(page: Page) -> Sequence[Shown]:
    """What is on a page, replies after what they answer, oldest first.

    A withdrawn comment stays as an empty place while something shown answers it. A reply to
    what is not shown stands where that would have stood.
    """
    rows = list(
        Comment.objects.filter(page=page, state__in=[State.SHOWN, State.WITHDRAWN]).order_by(
            "written_at", "pk"
        )
    )
    known = {row.pk for row in rows}
    children: dict[int | None, list[Comment]] = {}
    for row in rows:
        parent = row.parent_id if row.parent_id in known else None
        children.setdefault(parent, []).append(row)
    kept = _with_replies(rows, children)
    return list(_walk(children, kept))


def _with_replies(
    rows: Sequence[Comment], children: Mapping[int | None, Sequence[Comment]]
) -> set[int]:
    """Shown comments, and withdrawn ones with something shown below them."""
    parents = {row.pk: row.parent_id for row in rows}
    kept: set[int] = set()
    for row in rows:
        at: int | None = row.pk if row.state == State.SHOWN else None
        while at is not None and at not in kept:
            kept.add(at)
            at = parents.get(at)
    return kept & parents.keys()


def _walk(children: Mapping[int | None, Sequence[Comment]], kept: set[int]) -> Iterator[Shown]:
    waiting = [(row, 0) for row in reversed(children.get(None, []))]
    while waiting:
        row, depth = waiting.pop()
        if row.pk not in kept:
            continue
        yield Shown(row, min(depth, _DEEPEST), row.state == State.WITHDRAWN)
        waiting += [(reply, depth + 1) for reply in reversed(children.get(row.pk, []))]


@dataclass(frozen=True)
class Queued:
    """A comment as a moderator sees it, with every layer's word."""

    comment: Comment
    findings: Sequence[Finding]
    is_held_by_layer: bool
    parent: Comment | None


QUEUES = {
    "held": (State.HELD,),
    "shown": (State.SHOWN,),
    "refused": (State.REFUSED,),
    "spam": (State.SPAM,),
}


def queue(clinic: Clinic, name: str) -> QuerySet[Comment]:
    """The comments of one list; the waiting ones oldest first, the others newest first."""
    order = ("written_at", "pk") if name == "held" else ("-changed_at", "-pk")
    rows = Comment.objects.filter(clinic=clinic, state__in=QUEUES[name])
    return rows.select_related("page", "parent").order_by(*order)


def queued(rows: Sequence[Comment]) -> list[Queued]:
    """With their findings read; those of a whole list, so that a layer can be asked for."""
    return [_queued(row) for row in rows]


def _queued(row: Comment) -> Queued:
    findings = from_data(row.findings)
    return Queued(row, findings, is_held(findings), row.parent)


def counts(clinic: Clinic) -> Mapping[str, int]:
    """How many stand on each list."""
    found = Comment.objects.filter(clinic=clinic).values_list("state").annotate(n=Count("pk"))
    by_state = dict(found)
    return {name: sum(by_state.get(s, 0) for s in states) for name, states in QUEUES.items()}


def decided(clinic: Clinic) -> QuerySet[Comment]:
    """What a moderator has decided on and not emptied: the classifier learns from these."""
    rows = Comment.objects.filter(clinic=clinic, state__in=[State.SHOWN, State.SPAM])
    rows = rows.filter(decisions__undone_at=None, decisions__isnull=False)
    return rows.exclude(text="").distinct().order_by("pk")
