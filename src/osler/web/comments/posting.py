"""Sends the mails to confirm comments: after the answer to the reader, and none is lost.

The comment's own row says that its mail is still to be sent, so it is there as soon as the
comment is, and survives whatever happens to the process. Who sends first claims the row for a
few minutes; where that process dies meanwhile, another one sends it then. So a mail may come
twice, and never not at all.
"""

import logging
import smtplib
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse

from osler.web.comments.limits import limits
from osler.web.comments.mails import confirmation
from osler.web.comments.models import Comment, State
from osler.web.comments.signing import writer_token
from osler.web.turns import writing

_log = logging.getLogger(__name__)

CLAIM = timedelta(minutes=5)
"""How long the others leave a mail to the one who has begun to send it."""
_MOST_AT_ONCE = 50
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=4)
_REFUSED_FOR_GOOD = 500  # codes of SMTP from here on: another try would be refused as well


def send_due(now: datetime) -> int:
    """Sends what is due, some dozens at most; how many were claimed, sent or not."""
    if not _due(now).exists():
        return 0
    claimed = _claimed(now)
    if claimed:
        _send(claimed, now)
    return len(claimed)


def _due(now: datetime) -> QuerySet[Comment]:
    return Comment.objects.filter(mail_due__lte=now, state=State.UNCONFIRMED).exclude(email="")


def _claimed(now: datetime) -> Sequence[Comment]:
    with writing(), transaction.atomic():
        rows = list(
            _due(now)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("page", "clinic")
            .defer("page__html", "page__text")
            .order_by("mail_due")[:_MOST_AT_ONCE]
        )
        Comment.objects.filter(pk__in=[row.pk for row in rows]).update(
            mail_due=now + CLAIM, mail_tries=F("mail_tries") + 1
        )
    return rows


def _send(rows: Sequence[Comment], now: datetime) -> None:
    done: list[Comment] = []
    later: list[Comment] = []
    server = get_connection()
    for row in rows:
        (done if _taken(row, server) else later).append(row)
    try:
        server.close()
    except OSError:
        _log.warning("the mail server hung up")
    with writing(), transaction.atomic():
        Comment.objects.filter(pk__in=[row.pk for row in done]).update(mail_due=None, mail_site="")
        for row in later:
            wait = min(_FIRST_WAIT * 2 ** min(row.mail_tries, 10), _LONGEST_WAIT)
            Comment.objects.filter(pk=row.pk).update(mail_due=now + wait)


def _taken(row: Comment, server: BaseEmailBackend) -> bool:
    """Whether nothing is left to do: the mail was taken, or the address will never be."""
    link = row.mail_site + reverse("comments-mine", args=[writer_token(row.pk)])
    message = confirmation(row, link=link, hours=limits().keep_unconfirmed_hours)
    try:
        server.open()  # does nothing where it is open
        return bool(server.send_messages([message]))
    except smtplib.SMTPRecipientsRefused as refused:
        # Neither the address nor the server's words, which may hold it.
        codes = [code for code, _ in refused.recipients.values()]
        _log.warning("comment %s: its address was refused (%s)", row.pk, codes)
        return all(code >= _REFUSED_FOR_GOOD for code in codes)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        _log.error("comment %s: no confirmation sent yet (%s)", row.pk, type(error).__name__)
        _hang_up(server)
        return False


def _hang_up(server: BaseEmailBackend) -> None:
    try:
        server.close()
    except OSError:  # it is away
        return


def call(now: datetime) -> None:
    """A new mail is due: the postman finds it; in a site without a folder it goes now."""
    if settings.SITE is None:
        send_due(now)
