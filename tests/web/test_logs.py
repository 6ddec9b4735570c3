"""No key stands in the journal, whatever Django writes there."""

import logging
import logging.config

import pytest
from django.conf import settings

from osler.web.logs import hide_keys

KEY = "aZ-9_x.Y7ab"


@pytest.mark.parametrize(
    "message",
    [
        f"Forbidden (CSRF cookie not set.): /questions/{KEY}/",
        f"Gone: /questions/{KEY}/agree/",
        f"Not Found: /comments/mine/{KEY}/",
        f'"GET /privacy/mine/{KEY}/?download HTTP/1.1" 500',
        f"Bad Request: /staff/invitation/MQ/{KEY}/",
    ],
)
def test_the_key_is_taken_out(message):
    record = logging.LogRecord("django.request", 30, "", 0, message, (), None)
    assert hide_keys(record)
    assert KEY not in record.getMessage()
    assert record.getMessage().startswith(message[:12])


@pytest.mark.parametrize("message", ["Not Found: /sciatica/", "100 % of it", "", "/questions/"])
def test_all_else_is_left_as_it_is(message):
    record = logging.LogRecord("x", 30, "", 0, message, (), None)
    assert hide_keys(record)
    assert record.getMessage() == message


def test_whatever_is_written_goes_through_it():
    told = settings.LOGGING
    assert set(told["root"]["handlers"]) == {"console"}
    assert told["handlers"]["console"]["filters"] == ["keys"]
    made = logging.config.DictConfigurator(told).configure_filter(dict(told["filters"]["keys"]))
    assert made is hide_keys
