"""E-mail with a link to questionnaires: on demand, as a reminder, some weeks after the start."""

import logging
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.utils.timezone import localdate

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.web.accounts.models import Clinic, User
from osler.web.accounts.policies import require
from osler.web.accounts.trail import write_trail
from osler.web.practice.asking import invite
from osler.web.practice.limits import limits
from osler.web.practice.links import token_of
from osler.web.practice.models import Contact, Episode, Invitation, Purpose
from osler.web.practice.questionnaires import offered
from osler.web.practice.selectors import agreed_to
from osler.web.practice.services import WRITE, agreed

_log = logging.getLogger(__name__)
Link = Callable[[str, str], str]
"""The address of "practice-questions" or "practice-stop" for a token."""

# Nothing of the condition or the treatment: mail is read over shoulders and on other machines.
_TEXT = """\
{clinic} would like to know how you are. Please answer a few questions here; it takes some
minutes, and needs no account:

    {link}

The link works once, until {until}. You can stop in between and go on later.

Nobody reads the answers at once. If you are worried about new or worsening symptoms, see a
doctor; in an emergency call your emergency number.

No more e-mails like this one:

    {stop}

{clinic}
"""


@dataclass(frozen=True)
class Reminded:
    """How many e-mails went out, how many of them were new questions, and what went wrong."""

    sent: int
    follow_ups: int
    diagnostics: tuple[Diagnostic, ...]


def invitation_mail(pk: int, *, clinic: Clinic, user: User, link: Link, now: datetime) -> bool:
    """Sends one link on demand; whether the mail was taken.

    Raises
    ------
    ValidationError
        Where there is no consent, no address, or the link is not open.
    """
    require(user, WRITE, clinic)
    invitation = Invitation.objects.get(pk=pk, episode__clinic=clinic)
    if not _is_open(invitation, now) or not _may_mail(invitation.episode):
        raise ValidationError("This cannot be sent: no consent, no address, or no open link.")
    return _mail(invitation, user, link, now)


def remind(now: datetime, link: Link) -> Reminded:
    """Everything that is due, of every clinic: questions after some weeks, then reminders."""
    follow_ups = [
        made for clinic in Clinic.objects.order_by("pk") for made in _follow_up(clinic, now)
    ]
    due = [*follow_ups, *_unanswered(now, {one.pk for one in follow_ups})]
    failed, sent = [], 0
    for invitation in due:
        if _mail(invitation, None, link, now):
            sent += 1
        else:
            failed.append(_not_sent(invitation))
    return Reminded(sent, len(follow_ups), tuple(failed))


def _follow_up(clinic: Clinic, now: datetime) -> Iterator[Invitation]:
    weeks = limits().follow_up_weeks
    waiting = agreed_to(clinic, (Purpose.CARE, Purpose.REMINDERS)).filter(
        started_on__isnull=False, contact__isnull=False
    )
    for pk in list(waiting.values_list("pk", flat=True)):
        with transaction.atomic():
            episode = Episode.objects.select_for_update().get(pk=pk)
            done = episode.follow_ups
            if episode.started_on is None:
                continue
            if done < len(weeks) and localdate(now) < episode.started_on + timedelta(
                weeks=weeks[done]
            ):
                continue
            # The day is there for this alone: with the last of them it goes.
            episode.follow_ups = done + 1
            if done + 1 >= len(weeks):
                episode.started_on = None
            episode.save(update_fields=["follow_ups", "started_on"])
            keys = _asked_first(episode) if done < len(weeks) else []
            if keys:
                made = invite(episode, keys, now)
                _trail(made, None, "questions.asked", now)
                yield made


def _asked_first(episode: Episode) -> list[str]:
    """What was asked at the beginning, and, once there was a session, how things have changed."""
    known = offered().instruments
    asked = episode.invitations.filter(revoked_at=None)
    first: list[str] = next((one.instruments for one in asked if one.instruments), [])
    keys = [k for k in first if k in known]
    if episode.sessions and "global-change" not in keys:
        keys.append("global-change")
    return [k for k in keys if episode.sessions or known[k].improved_at is None]


def _unanswered(now: datetime, but: set[int]) -> Iterator[Invitation]:
    told = limits()
    cutoff = now - timedelta(days=told.remind_after_days)
    rows = Invitation.objects.filter(
        answered_at=None, revoked_at=None, expires_at__gt=now, mails__lte=told.reminders
    ).exclude(pk__in=but)
    for invitation in rows.select_related("episode__clinic").order_by("pk"):
        last = invitation.mailed_at or invitation.made_at
        if last <= cutoff and _may_mail(invitation.episode):
            yield invitation


def _is_open(invitation: Invitation, now: datetime) -> bool:
    closed = invitation.answered_at or invitation.revoked_at
    return not closed and invitation.expires_at > now


def _may_mail(episode: Episode) -> bool:
    return Contact.objects.filter(episode=episode).exists() and all(
        agreed(episode, purpose) for purpose in (Purpose.CARE, Purpose.REMINDERS)
    )


def _mail(invitation: Invitation, user: User | None, link: Link, now: datetime) -> bool:
    """Noted first and sent then: a mail server may be slow, and nobody else should wait for it."""
    before = invitation.mailed_at
    with transaction.atomic():
        row = Invitation.objects.select_for_update().get(pk=invitation.pk)
        row.mails, row.mailed_at = row.mails + 1, now
        row.save(update_fields=["mails", "mailed_at"])
        _trail(row, user, "questions.mailed", now)
    if _sent(row, link):
        return True
    with transaction.atomic():
        row = Invitation.objects.select_for_update().get(pk=invitation.pk)
        row.mails, row.mailed_at = row.mails - 1, before
        row.save(update_fields=["mails", "mailed_at"])
    return False


def _sent(invitation: Invitation, link: Link) -> bool:
    token, clinic = token_of(invitation.nonce), invitation.episode.clinic
    text = _TEXT.format(
        clinic=clinic.name,
        link=link("practice-questions", token),
        stop=link("practice-stop", token),
        until=f"{localdate(invitation.expires_at):%-d %B %Y}",
    )
    to = [invitation.episode.contact.email]
    try:
        return bool(send_mail(f"Questions from {clinic.name}", text, None, to))
    except (smtplib.SMTPException, OSError) as error:
        # The kind alone: a mail server's words may hold the address.
        _log.error("%s: not sent (%s)", invitation, type(error).__name__)
        return False


def _not_sent(invitation: Invitation) -> Diagnostic:
    return Diagnostic(
        "WEB062",
        Severity.ERROR,
        Place("reminders"),
        "a reminder was not sent",
        f"episode {invitation.episode.code} of {invitation.episode.clinic.name}: "
        "the mail server did not take it",
        "the person was not reminded; the next run tries again",
        "check OSLER_EMAIL, and the address with the person",
    )


def _trail(invitation: Invitation, user: User | None, action: str, now: datetime) -> None:
    write_trail(
        clinic=invitation.episode.clinic,
        user=user,
        action=action,
        about=f"episode {invitation.episode.code}",
        now=now,
    )
