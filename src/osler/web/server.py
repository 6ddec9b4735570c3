"""``python -m osler.web.server``: Granian, with the site loaded before its workers are forked off.

So the workers begin at once, and share the memory of what all of them need.
"""

import argparse
import logging

from django.urls import get_resolver
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels, logger
from granian.server import Server

from osler.web import wsgi
from osler.web.comments.spam.model import starting_model

APPLICATION = f"{wsgi.__name__}:application"


def load() -> None:
    """Everything that the first visitor would have to wait for."""
    get_resolver().url_patterns  # noqa: B018 - reading it imports every part of the site
    starting_model()


def without_advice_on_workers(record: logging.LogRecord) -> bool:
    """More workers than cores are meant: they wait for the disk and for the database, too."""
    return "number of workers appears" not in record.getMessage()


def main() -> None:
    """Serves until it is stopped.

    Granian reads and writes in threads that are not Python's, so a slow reader holds nobody up.
    Each worker has one thread for Python: several would wait for one another's lock.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--reload", action="store_true")
    asked = parser.parse_args()
    logger.addFilter(without_advice_on_workers)
    if not asked.reload:
        load()
    Server(
        APPLICATION,
        address=asked.host,
        port=asked.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=asked.workers,
        blocking_threads=1,
        respawn_failed_workers=True,
        workers_kill_timeout=20,
        log_level=LogLevels.warning,
        log_access=False,
        reload=asked.reload,
    ).serve()


if __name__ == "__main__":
    main()
