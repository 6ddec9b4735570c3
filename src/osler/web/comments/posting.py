"""Sends the mails to confirm comments: after the answer to the reader, and none is lost.

The comment's own row says that its mail is still to be sent, so it is there as soon as the
comment is, and survives whatever happens to the process. Who sends first claims the row for a
few minutes; where that process dies meanwhile, another one sends it then. So a mail may come
twice, and never not at all.
"""

import logging
import smtplib
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, connection, transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone

from osler.web.comments.limits import limits
from osler.web.comments.mails import confirmation
from osler.web.comments.models import Comment, State
from osler.web.comments.signing import writer_token

_log = logging.getLogger(__name__)

CLAIM = timedelta(minutes=5)
"""How long the others leave a mail to the one who has begun to send it."""
_MOST_AT_ONCE = 50
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=4)
# Mails of the same moment go over one connection to the mail server.
_GATHER_SECONDS = 0.5
_LOOK_SECONDS = 30.0
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
    with transaction.atomic():
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
    with transaction.atomic():
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


class _Postman:
    """One thread of the serving process; begins when the process first answers somebody."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._called = threading.Event()
        self._lock = threading.Lock()

    def call(self) -> None:
        """There is something to send."""
        self.begin()
        self._called.set()

    def begin(self) -> None:
        """Starts the thread; in a process that was forked off, anew."""
        if self._thread is not None and self._thread.is_alive():
            return
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._walk, name="mails", daemon=True)
                self._thread.start()

    def _walk(self) -> None:
        pause = threading.Event()
        while True:
            self._round()
            self._called.wait(_LOOK_SECONDS)
            pause.wait(_GATHER_SECONDS)
            self._called.clear()

    @staticmethod
    def _round() -> None:
        try:
            while send_due(timezone.now()):
                pass
        except DatabaseError as error:
            _log.error("mails wait: the database does not answer (%s)", type(error).__name__)
            connection.close()


_POSTMAN = _Postman()


def look(sender: object = None, **more: object) -> None:
    """Connected to ``request_finished``: what an earlier process left is sent as well."""
    _POSTMAN.begin()


def call(now: datetime) -> None:
    """A new mail is due: the thread sends it, or, in a site without a folder, this call does."""
    if settings.SITE is None:
        send_due(now)
    else:
        _POSTMAN.call()
