"""One process of the machine sends the mails: the one that has the lock."""

import fcntl
import threading

import pytest
from django.db import OperationalError

from osler.web.comments import postman


def test_the_lock_is_one_processs_alone_and_free_after_it(tmp_path):
    name = tmp_path / postman.LOCK
    with name.open("ab") as first, name.open("ab") as second:
        assert postman._is_mine(first)
        assert not postman._is_mine(second)
        fcntl.flock(first, fcntl.LOCK_UN)
        assert postman._is_mine(second)


def test_who_has_not_the_lock_sends_nothing_and_tries_again(tmp_path, settings, monkeypatch):
    settings.SITE = tmp_path
    turns = iter([False, False, True])
    pauses = []

    class Over(Exception):
        pass

    class Pause:
        def wait(self, seconds):
            pauses.append(seconds)
            if len(pauses) == 5:
                raise Over

    sent = []
    monkeypatch.setattr(postman.threading, "Event", Pause)
    monkeypatch.setattr(postman, "_is_mine", lambda file: next(turns))
    monkeypatch.setattr(postman, "send_due", lambda now: sent.append(now) or 0)
    with pytest.raises(Over):
        postman._walk()
    assert pauses == [30.0, 30.0, 1.0, 1.0, 1.0]
    assert len(sent) == 3


def test_a_database_that_is_away_is_not_asked_every_second(monkeypatch, caplog):
    def away(now):
        raise OperationalError("secret details")

    monkeypatch.setattr(postman, "send_due", away)
    monkeypatch.setattr(postman.connection, "close", lambda: None)
    assert not postman._sent_what_is_due()
    assert "mails wait" in caplog.text
    assert "secret" not in caplog.text


def test_one_thread_begins_and_another_when_it_has_ended(monkeypatch):
    began = []
    go = threading.Event()
    monkeypatch.setattr(postman, "_walk", lambda: (began.append(1), go.wait(10)))
    one = postman.Postman()
    one.begin()
    one.begin()
    assert len(began) == 1
    go.set()
    one._thread.join(10)
    one.begin()
    one._thread.join(10)
    assert len(began) == 2
