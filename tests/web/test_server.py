"""The server says what matters and no more."""

import logging

from osler.web.server import without_advice_on_workers


def record(message):
    return logging.LogRecord("_granian", logging.WARNING, "", 0, message, (), None)


def test_more_workers_than_cores_are_meant():
    advice = "Configured number of workers appears to be higher than the amount of CPU cores"
    assert not without_advice_on_workers(record(advice))
    assert without_advice_on_workers(record("Unexpected exit from worker-1"))
