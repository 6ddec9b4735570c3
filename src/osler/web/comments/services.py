"""What a reader does with a comment: write, confirm, edit, withdraw.

A comment is a row from the moment it is sent, so that what was acknowledged survives a crash,
and its text travels neither in an address nor in a mail. Until it is confirmed nobody is
shown it, and after ``keep_unconfirmed_hours`` it is deleted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from osler.web.accounts.trail import write_trail
from osler.web.comments.judging import judge, model_of
from osler.web.comments.layers.finding import Finding, as_data, from_data, is_held
from osler.web.comments.layers.sending import judge_form, judge_rate
from osler.web.comments.limits import limits
from osler.web.comments.mails import mail_confirmation
from osler.web.comments.models import Comment, State, VisitorCount
from osler.web.comments.signing import opened_at, writer_token
from osler.web.comments.wording import normalised
from osler.web.pages import parts
from osler.web.pages.models import Page


class TooMany(Exception):
    """Not taken: the same visitor sent too many, or one address has too many unconfirmed."""


class NotSent(Exception):
    """Stored, but the mail with the link could not be sent; the writer is told to try again."""


@dataclass(frozen=True)
class Written:
    """What a reader filled in. ``trap`` is the field that people do not see."""

    name: str
    email: str
    text: str
    stamp: str
    trap: str = ""
    parent: Comment | None = None


Linked = Callable[[str], str]
"""From a writer's token to the address of their page."""


def comment_write(
    page: Page, written: Written, *, visitor: str, link: Linked, now: datetime
) -> int:
    """Stores a comment and mails its writer the link to confirm it.

    No trail: nothing has happened yet that anybody but the writer sees.

    Raises
    ------
    TooMany
        Nothing is stored.
    NotSent
        The row stands, unconfirmed, until its time is over.
    """
    bounds = limits()
    opened = opened_at(written.stamp, page.slug)
    with transaction.atomic():
        count = _counted(visitor, now)
        if count > bounds.refuse_per_hour or _waiting(written.email, now) >= bounds.mails_a_day:
            raise TooMany
        comment = Comment.objects.create(
            clinic=page.clinic,
            page=page,
            parent=written.parent,
            name=" ".join(normalised(written.name).split()),
            email=folded(written.email),
            text=normalised(written.text),
            findings=as_data(
                [judge_form(opened, written.trap, now, bounds), judge_rate(count, bounds)]
            ),
            written_at=now,
            changed_at=now,
        )
    hours = bounds.keep_unconfirmed_hours
    if not mail_confirmation(comment, link=link(writer_token(comment.pk)), hours=hours):
        raise NotSent
    return comment.pk


def folded(email: str) -> str:
    """An address as it is kept and looked for: in small letters, so that an index finds it.

    Examples
    --------
    >>> folded(" A.Reader@Site.example")
    'a.reader@site.example'
    """
    return email.strip().lower()


def _counted(visitor: str, now: datetime) -> int:
    """How many came from a visitor in this hour, with the new one."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    row, _ = VisitorCount.objects.select_for_update().get_or_create(visitor=visitor, hour=hour)
    row.count += 1
    row.save(update_fields=["count"])
    return row.count


def _waiting(email: str, now: datetime) -> int:
    since = now - timedelta(days=1)
    of = Comment.objects.filter(email=folded(email), state=State.UNCONFIRMED)
    return of.filter(written_at__gt=since).count()


def comment_confirm(comment: Comment, *, now: datetime) -> State:
    """The writer says that it is theirs; the layers judge it, and it is held or shown."""
    if comment.state != State.UNCONFIRMED:
        return State(comment.state)
    return _judged(comment, comment.name, comment.text, "comment.confirmed", now)


def comment_edit(comment: Comment, *, name: str, text: str, now: datetime) -> State:
    """The writer's new words, judged anew; spam and what is withdrawn stay as they are."""
    if comment.state in (State.WITHDRAWN, State.SPAM) or comment.by_clinic:
        return State(comment.state)
    name, text = " ".join(normalised(name).split()), normalised(text)
    return _judged(comment, name, text, "comment.edited", now)


def _judged(comment: Comment, name: str, text: str, action: str, now: datetime) -> State:
    bounds = limits()
    sent = from_data(comment.findings)
    findings = judge(name, text, sent, bounds, model_of(comment.clinic_id))
    with transaction.atomic():
        row = Comment.objects.select_for_update().select_related("page").get(pk=comment.pk)
        if not _may_change(State(row.state), action):  # somebody was faster
            return State(row.state)
        was_shown = row.state == State.SHOWN
        row.name, row.text, row.findings = name, text, as_data(findings)
        row.state = _state(findings, bounds.show)
        row.changed_at = now
        row.confirmed_at = row.confirmed_at or now
        row.edited_at = now if action == "comment.edited" else row.edited_at
        row.save()
        _told(row, action, now, was_shown or row.state == State.SHOWN)
    return State(row.state)


def _may_change(state: State, action: str) -> bool:
    if action == "comment.confirmed":
        return state == State.UNCONFIRMED
    return state not in (State.WITHDRAWN, State.SPAM)


def _state(findings: Sequence[Finding], show: str) -> State:
    return State.SHOWN if show == "clean" and not is_held(findings) else State.HELD


def comment_withdraw(comment: Comment, *, now: datetime) -> None:
    """Name, address and text go at once; the place in the thread stays, so that replies read."""
    with transaction.atomic():
        row = Comment.objects.select_for_update().select_related("page").get(pk=comment.pk)
        was_shown = row.state == State.SHOWN
        emptied(row, now)
        _told(row, "comment.withdrawn", now, was_shown)


def emptied(comment: Comment, now: datetime) -> None:
    """Nothing of the person stays; called inside a transaction."""
    comment.name = comment.email = comment.text = ""
    comment.findings = []
    comment.state = State.WITHDRAWN
    comment.changed_at = now
    comment.save()


def _told(comment: Comment, action: str, now: datetime, is_public: bool) -> None:
    write_trail(
        clinic=comment.clinic,
        user=None,
        action=action,
        about=f"comment {comment.pk}",
        now=now,
        details={"state": str(comment.state)},
    )
    if is_public:
        parts.refresh(comment.page, now=now)


def comment_import(
    page: Page,
    *,
    name: str,
    email: str,
    text: str,
    state: State,
    written_at: datetime,
    imported_from: str,
    parent: Comment | None,
    now: datetime,
) -> tuple[Comment, bool]:
    """A comment of another site with its date and status, once; whether it is new.

    ``imported_from`` tells it from all others ("https://old.example/?p=5#comment-9"). Called
    inside the transaction of the import, which writes the trail and refreshes the page.
    """
    return Comment.objects.get_or_create(
        clinic=page.clinic,
        imported_from=imported_from[:200],
        defaults={
            "page": page,
            "parent": parent,
            "name": " ".join(normalised(name).split())[:80],
            "email": folded(email)[:254],
            "text": normalised(text),
            "state": state,
            "written_at": written_at,
            "confirmed_at": written_at,
            "changed_at": now,
            "findings": as_data([Finding("import", "off", "came with the former site")]),
        },
    )
