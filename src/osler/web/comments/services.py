"""What a reader does with a comment: write, confirm, edit, withdraw.

A comment is a row from the moment it is sent, so that what was acknowledged survives a crash,
and its text travels neither in an address nor in a mail. Until it is confirmed nobody is
shown it, and after ``keep_unconfirmed_hours`` it is deleted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from osler.web.accounts.trail import write_trail
from osler.web.comments.counting import one_more_of, waiting_under
from osler.web.comments.judging import judge, model_of
from osler.web.comments.layers.finding import Finding, as_data, from_data, is_held
from osler.web.comments.layers.sending import judge_form, judge_rate
from osler.web.comments.limits import limits
from osler.web.comments.models import Comment, State
from osler.web.comments.posting import call
from osler.web.comments.signing import opened_at
from osler.web.comments.wording import normalised
from osler.web.pages import parts
from osler.web.pages.models import Page
from osler.web.turns import writing


class TooMany(Exception):
    """Not taken: too many of the same visitor, of one address, or changes of one comment."""


@dataclass(frozen=True)
class Written:
    """What a reader filled in. ``trap`` is the field that people do not see."""

    name: str
    email: str
    text: str
    stamp: str
    trap: str = ""
    parent: Comment | None = None


def comment_write(page: Page, written: Written, *, visitor: str, site: str, now: datetime) -> int:
    """Stores a comment, and with it that its writer is to be mailed the link to confirm it.

    ``site`` is what the link begins with ("https://clinic.example"). No trail: nothing has
    happened yet that anybody but the writer sees.

    Raises
    ------
    TooMany
        Nothing is stored.
    """
    bounds = limits()
    comment = Comment(
        clinic_id=page.folder.clinic_id,
        page=page,
        parent=written.parent,
        name=" ".join(normalised(written.name).split()),
        email=folded(written.email),
        text=normalised(written.text),
        written_at=now,
        changed_at=now,
        mail_due=now,
        mail_site=site,
    )
    form = judge_form(opened_at(written.stamp, page.slug), written.trap, now, bounds)
    since, most = now - timedelta(days=1), bounds.mails_a_day
    if waiting_under(comment.email, since=since, most=most) >= most:
        raise TooMany
    with writing(), transaction.atomic():
        count = one_more_of(visitor, now)
        if count > bounds.refuse_per_hour:
            raise TooMany
        comment.findings = as_data([form, judge_rate(count, bounds)])
        comment.save(force_insert=True)
    call(now)
    return comment.pk


def folded(email: str) -> str:
    """An address as it is kept and looked for: in small letters, so that an index finds it.

    Examples
    --------
    >>> folded(" A.Reader@Site.example")
    'a.reader@site.example'
    """
    return email.strip().lower()


def comment_confirm(comment: Comment, *, now: datetime) -> State:
    """The writer says that it is theirs; the layers judge it, and it is held or shown."""
    if comment.state != State.UNCONFIRMED:
        return State(comment.state)
    return _judged(comment, comment.name, comment.text, "comment.confirmed", now)


def comment_edit(comment: Comment, *, name: str, text: str, now: datetime) -> State:
    """The writer's new words, judged anew; spam and what is withdrawn stay as they are.

    Raises
    ------
    TooMany
        The comment was changed too often in this hour; nothing is stored.
    """
    if comment.state in (State.WITHDRAWN, State.SPAM) or comment.by_clinic:
        return State(comment.state)
    with writing(), transaction.atomic():
        count = one_more_of(f"edits of {comment.pk}", now)
    if count > limits().edits_per_hour:
        raise TooMany
    name, text = " ".join(normalised(name).split()), normalised(text)
    return _judged(comment, name, text, "comment.edited", now)


def _judged(comment: Comment, name: str, text: str, action: str, now: datetime) -> State:
    bounds = limits()
    sent = from_data(comment.findings)
    model = model_of(comment.clinic_id)
    findings = judge(name, text, sent, bounds, model, clinic=comment.clinic.name)
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
        if row.state == State.WITHDRAWN:
            return
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
