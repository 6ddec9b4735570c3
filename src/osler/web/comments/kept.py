"""What this part keeps about people."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from osler.web.accounts.models import Clinic
from osler.web.accounts.trail import write_trail
from osler.web.comments.limits import limits
from osler.web.comments.models import Comment, Decision, State, VisitorCount
from osler.web.comments.services import emptied as empty
from osler.web.comments.services import folded
from osler.web.pages import parts
from osler.web.privacy.keeping import Kept, Person, delete
from osler.web.privacy.keeping import emptied as emptied_by_clock

_FIELDS = ("name", "email", "text", "findings", "imported_from")


def _unneeded() -> QuerySet[Any]:
    """Withdrawn, with nothing below that anybody still reads."""
    rows = Comment.objects.filter(state=State.WITHDRAWN)
    return rows.exclude(Q(replies__state__in=[State.SHOWN, State.HELD, State.WITHDRAWN]))


KEPT = (
    Kept(
        model="comments.Comment",
        fields=_FIELDS,
        what="Your comment before you confirm it: name, e-mail address, text, how it was sent",
        why="to ask you by e-mail whether it is yours",
        basis="your request",
        period=lambda: limits().keep_unconfirmed,
        counted_from="the day you sent it",
        due=lambda cutoff: Comment.objects.filter(state=State.UNCONFIRMED, written_at__lt=cutoff),
        end=delete,
    ),
    Kept(
        model="comments.Comment",
        fields=("name", "text", "imported_from"),
        what="Your comment, with the name you gave",
        why="to show it on the page, or to decide whether to",
        basis="your consent",
        period=lambda: None,
        until="you withdraw it; then it is emptied at once",
    ),
    Kept(
        model="comments.Comment",
        fields=("email", "findings"),
        what="The e-mail address of your comment, and what the spam filter said of it. The address "
        "is never published",
        why="to reach you about it, and to find it when you ask for your data",
        basis="legitimate interests",
        period=lambda: timedelta(days=limits().keep_email_days),
        counted_from="the last change of the comment",
        due=lambda cutoff: (
            Comment.objects.filter(changed_at__lt=cutoff)
            .exclude(state=State.UNCONFIRMED)
            .exclude(email="", findings=[])
        ),
        end=emptied_by_clock(email="", findings=[]),
    ),
    Kept(
        model="comments.Comment",
        fields=_FIELDS,
        what="A comment that was not shown, or was taken for spam",
        why="so that a wrong decision can be undone, and for the filter to learn from",
        basis="legitimate interests",
        period=lambda: timedelta(days=limits().keep_refused_days),
        counted_from="the decision",
        due=lambda cutoff: Comment.objects.filter(
            state__in=[State.REFUSED, State.SPAM], changed_at__lt=cutoff
        ),
        end=delete,
    ),
    Kept(
        model="comments.Comment",
        fields=(),
        what="The empty place of a withdrawn comment that nobody answered",
        why="none once the day is over",
        basis="legitimate interests",
        period=lambda: timedelta(days=1),
        counted_from="the withdrawal",
        due=lambda cutoff: _unneeded().filter(changed_at__lt=cutoff),
        end=delete,
    ),
    Kept(
        model="comments.VisitorCount",
        fields=("visitor",),
        what="How many comments came from one connection, under a hash of its address with a "
        "random number of the day. The address itself is not kept, and the number is thrown away "
        "the day after. And how often a comment was changed by its link",
        why="to hold floods of spam",
        basis="legitimate interests",
        period=lambda: timedelta(days=1),
        counted_from="the comment",
        due=lambda cutoff: VisitorCount.objects.filter(hour__lt=cutoff),
        end=delete,
    ),
)
NOT_PERSONAL = {
    "comments.Comment": ("state", "mail_site"),
    "comments.Decision": ("batch", "before", "after"),
    # Weights of hashed words: nobody's words can be read from them.
    "comments.LearntModel": ("model",),
}


def _of(email: str, clinic: Clinic) -> QuerySet[Comment]:
    return Comment.objects.filter(clinic=clinic, email=folded(email)).exclude(email="")


def export_person(email: str, clinic: Clinic) -> list[dict[str, object]]:
    """Every comment under an address, with what was decided about it."""
    rows = _of(email, clinic).select_related("page").order_by("pk")
    return [_exported(row) for row in rows]


def _exported(row: Comment) -> dict[str, object]:
    decisions = Decision.objects.filter(comment=row).order_by("pk")
    return {
        "page": row.page.get_absolute_url(),
        "name": row.name,
        "email": row.email,
        "text": row.text,
        "state": row.state,
        "written": _iso(row.written_at),
        "confirmed": _iso(row.confirmed_at),
        "changed": _iso(row.edited_at),
        "findings": row.findings,
        "decisions": [{"at": _iso(d.at), "from": d.before, "to": d.after} for d in decisions],
        "imported_from": row.imported_from,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def erase_person(email: str, clinic: Clinic, now: datetime) -> int:
    """Empties every comment under an address; the threads keep their places."""
    with transaction.atomic():
        rows = list(
            _of(email, clinic).select_for_update(of=("self",)).select_related("page__folder")
        )
        pages = {row.page_id: row.page for row in rows if row.state == State.SHOWN}
        for row in rows:
            row.imported_from = ""
            empty(row, now)
            write_trail(
                clinic=clinic,
                user=None,
                action="comment.erased",
                about=f"comment {row.pk}",
                now=now,
            )
        for page in pages.values():
            parts.refresh(page, now=now)
    return len(rows)


PERSON = Person(export=export_person, erase=erase_person)
