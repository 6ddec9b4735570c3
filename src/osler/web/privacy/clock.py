"""The clock inside the serving process: it looks once an hour, after an answer was sent."""

import logging
import time

from django.db import DatabaseError
from django.utils import timezone

from osler.web.privacy.retention import run_if_due

_log = logging.getLogger(__name__)
_AN_HOUR = 3600.0
_next_look = [0.0]


def look(sender: object, **more: object) -> None:
    """Connected to ``request_finished``; costs a comparison most of the time."""
    now = time.monotonic()
    if now < _next_look[0]:
        return
    _next_look[0] = now + _AN_HOUR
    try:
        run_if_due(timezone.now())
    except DatabaseError as error:
        # Tomorrow's run ends it as well; the visitor's answer has been sent already.
        _log.error("the retention clock did not run (%s)", type(error).__name__)
