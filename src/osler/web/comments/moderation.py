"""What staff do with comments: show, refuse, mark as spam, undo, answer."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from osler.web.accounts.models import Clinic, User
from osler.web.accounts.policies import require
from osler.web.accounts.trail import write_trail
from osler.web.comments.models import Comment, Decision, State
from osler.web.comments.wording import normalised
from osler.web.pages import parts
from osler.web.pages.models import Page

MODERATE = "comments.moderate"
CHOICES: Final = (State.SHOWN, State.REFUSED, State.SPAM, State.HELD)
"""What a moderator may make of a comment; nobody's withdrawal or missing consent is overruled."""
_OPEN: Final = frozenset(CHOICES)


def comments_decide(
    seen: Sequence[str],
    state: State,
    *,
    clinic: Clinic,
    user: User,
    batch: uuid.UUID,
    now: datetime,
) -> int:
    """Moves comments to a state, all of them or none; how many have changed.

    ``seen`` are their versions (:attr:`Comment.version`): a comment whose writer has changed it
    since the moderator read it stays where it is, and so do unconfirmed and withdrawn ones, and
    those of another clinic.
    """
    require(user, MODERATE, clinic)
    if state not in CHOICES:
        raise ValueError(f"nobody can make a comment {state}")
    with transaction.atomic():
        rows = [row for row in _locked(clinic, _numbers(seen)) if row.version in seen]
        changed = [row for row in rows if row.state != state and row.state in _OPEN]
        for row in changed:
            _move(row, state, clinic=clinic, user=user, batch=batch, now=now)
        _refresh(changed, now)
    return len(changed)


def _numbers(seen: Sequence[str]) -> list[int]:
    firsts = [version.partition("-")[0] for version in seen]
    return [int(first) for first in firsts if first.isdecimal() and len(first) < 19]


def _locked(clinic: Clinic, comments: Sequence[int]) -> list[Comment]:
    wanted = Comment.objects.select_for_update(of=("self",)).select_related("page__folder")
    return list(wanted.filter(clinic=clinic, pk__in=comments, by_clinic=False).order_by("pk"))


def _move(
    row: Comment, state: State, *, clinic: Clinic, user: User, batch: uuid.UUID, now: datetime
) -> None:
    Decision.objects.create(
        clinic=clinic,
        comment=row,
        user=user,
        batch=batch,
        before=row.state,
        after=state,
        at=now,
    )
    _trail(clinic, user, f"comment.{state}", row.pk, now, {"before": str(row.state)})
    row.state = state
    row.changed_at = now
    row.save(update_fields=["state", "changed_at"])


def _refresh(rows: Sequence[Comment], now: datetime) -> None:
    for page in {row.page_id: row.page for row in rows}.values():
        parts.refresh(page, now=now)


def decisions_undo(*, clinic: Clinic, user: User, now: datetime) -> int:
    """Takes back this user's last click; how many comments stand again where they stood.

    A comment that somebody else, or its writer, has moved since stays where it is.
    """
    require(user, MODERATE, clinic)
    with transaction.atomic():
        mine = Decision.objects.filter(clinic=clinic, user=user, undone_at=None)
        last = mine.order_by("-at", "-pk").first()
        if last is None:
            return 0
        decisions = list(mine.filter(batch=last.batch).order_by("pk"))
        rows = {row.pk: row for row in _locked(clinic, [d.comment_id for d in decisions])}
        moved = [
            row
            for d in decisions
            if (row := rows.get(d.comment_id)) is not None and _put_back(row, d, clinic, user, now)
        ]
        mine.filter(batch=last.batch).update(undone_at=now)
        _refresh(moved, now)
    return len(moved)


def _put_back(row: Comment, decision: Decision, clinic: Clinic, user: User, now: datetime) -> bool:
    if row.state != decision.after:
        return False
    row.state = decision.before
    row.changed_at = now
    row.save(update_fields=["state", "changed_at"])
    _trail(clinic, user, "comment.undone", row.pk, now, {"before": decision.after})
    return True


def reply_as_clinic(
    page: Page, parent: Comment | None, text: str, *, clinic: Clinic, user: User, now: datetime
) -> Comment:
    """The clinic's own answer, shown at once, under the clinic's name."""
    require(user, MODERATE, clinic)
    if page.clinic != clinic or (parent is not None and parent.page_id != page.pk):
        raise ValueError("not a page of this clinic")
    with transaction.atomic():
        reply = Comment.objects.create(
            clinic=clinic,
            page=page,
            parent=parent,
            name=clinic.name[:80],
            text=normalised(text),
            state=State.SHOWN,
            written_at=now,
            confirmed_at=now,
            changed_at=now,
            by_clinic=True,
        )
        _trail(clinic, user, "comment.answered", reply.pk, now, {})
        parts.refresh(page, now=now)
    return reply


def reply_remove(reply: Comment, *, clinic: Clinic, user: User, now: datetime) -> None:
    """Takes back an answer of the clinic's own."""
    require(user, MODERATE, clinic)
    if reply.clinic_id != clinic.pk or not reply.by_clinic:
        raise ValueError("not an answer of this clinic")
    with transaction.atomic():
        reply.state, reply.changed_at = State.REFUSED, now
        reply.save(update_fields=["state", "changed_at"])
        _trail(clinic, user, "comment.answer_removed", reply.pk, now, {})
        parts.refresh(reply.page, now=now)


def _trail(
    clinic: Clinic, user: User, action: str, comment: int, now: datetime, details: dict[str, object]
) -> None:
    write_trail(
        clinic=clinic,
        user=user,
        action=action,
        about=f"comment {comment}",
        now=now,
        details=details,
    )
