"""The mail to confirm a comment: sent once, later where it must be, and never not at all."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail

from osler.web.comments import posting, services
from osler.web.comments.models import Comment
from tests.web.comments.conftest import NOW, write

A_MINUTE = timedelta(minutes=1)


class Broken:
    """A mail server that is away."""

    error: Exception = ConnectionRefusedError("reader@site.example")

    def __init__(self, **more):
        pass

    def open(self):
        return True

    def close(self):
        pass

    def send_messages(self, messages):
        raise self.error


class Refusing(Broken):
    """A mail server that knows no such address."""

    error = smtplib.SMTPRecipientsRefused({"reader@site.example": (550, b"no such user")})


class Grey(Broken):
    """One that wants to be asked again later."""

    error = smtplib.SMTPRecipientsRefused({"reader@site.example": (451, b"greylisted")})


BROKEN = f"{__name__}.Broken"
WORKING = "django.core.mail.backends.locmem.EmailBackend"


def test_what_was_sent_is_no_longer_due(page):
    comment = write(page)
    assert (comment.mail_due, comment.mail_site, len(mail.outbox)) == (None, "", 1)
    assert "http://site.example/comments/mine/" in mail.outbox[0].body
    assert posting.send_due(NOW + timedelta(days=1)) == 0


@pytest.mark.parametrize("backend", ["Broken", "Grey"])
def test_a_mail_server_that_is_away_is_asked_again(page, settings, backend, caplog):
    settings.EMAIL_BACKEND = f"{__name__}.{backend}"
    comment = write(page)
    assert posting.send_due(NOW + A_MINUTE / 2) == 0, "it is left alone for a while"
    settings.EMAIL_BACKEND = WORKING
    assert posting.send_due(NOW + A_MINUTE) == 1
    comment.refresh_from_db()
    assert (comment.mail_due, comment.mail_tries, len(mail.outbox)) == (None, 2, 1)
    assert "reader@site.example" not in caplog.text, "no address in the log"


def test_each_wait_is_longer_and_none_too_long(page, settings):
    settings.EMAIL_BACKEND = BROKEN
    comment, now, waits = write(page), NOW, []
    for _ in range(12):
        comment.refresh_from_db()
        waits.append(comment.mail_due - now)
        now = comment.mail_due
        assert posting.send_due(now) == 1
    assert waits[:3] == [A_MINUTE, 2 * A_MINUTE, 4 * A_MINUTE]
    assert waits[-1] == timedelta(hours=4)


def test_an_address_that_does_not_exist_is_not_tried_again(page, settings, caplog):
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    comment = write(page)
    assert comment.mail_due is None
    assert "550" in caplog.text
    assert "reader@site.example" not in caplog.text


def test_who_dies_while_sending_leaves_it_to_the_next(page, monkeypatch):
    monkeypatch.setattr(services, "call", lambda now: None)  # dies after the answer
    comment = write(page)
    assert comment.mail_due == NOW
    assert len(posting._claimed(NOW)) == 1  # another begins, and dies as well
    assert posting.send_due(NOW + A_MINUTE) == 0, "while it is claimed nobody else sends it"
    assert posting.send_due(NOW + posting.CLAIM) == 1
    assert len(mail.outbox) == 1


def test_what_was_withdrawn_meanwhile_is_not_mailed(page, monkeypatch):
    monkeypatch.setattr(services, "call", lambda now: None)
    services.comment_withdraw(write(page), now=NOW)
    assert posting.send_due(NOW) == 0
    assert mail.outbox == []


def test_many_go_in_portions(page, monkeypatch, settings):
    settings.OSLER_COMMENTS = {"refuse_per_hour": 1000}
    monkeypatch.setattr(services, "call", lambda now: None)
    monkeypatch.setattr(posting, "_MOST_AT_ONCE", 2)
    for n in range(5):
        write(page, email=f"r{n}@site.example")
    assert [posting.send_due(NOW) for _ in range(4)] == [2, 2, 1, 0]
    assert Comment.objects.filter(mail_due=None).count() == len(mail.outbox) == 5
