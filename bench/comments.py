"""Comment posts a second on a real site: its own server, SQLite with synchronous=FULL.

    python -m bench.comments [SECONDS] [FILE_WITH_RESULTS]

Starts the site of the example in a scratch folder with two workers a core, and as many readers
as ``READERS`` threads, each of which sends comment after comment over a connection of
its own. Every answer that is not "sent" is an error.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.web.comments.client import CommentClient, emails

ROOT = Path(__file__).resolve().parent.parent
SITE = (sys.executable, "-c", "from osler.web.commands.site import site_command; site_command()")
SLUG = "acupuncture-for-sciatica"
READERS = 8
_TEXT = "How long does it last, and is a week of pain afterwards usual? "


@dataclass(frozen=True)
class Posts:
    """Posts a second, milliseconds to the answer, and how many were not acknowledged."""

    per_second: float
    median_ms: float
    p95_ms: float
    acknowledged: int
    errors: int


def one_reader(
    address: str, name: str, until: float, times: list[float], errors: list[int]
) -> None:
    """Posts until the time is over."""
    client = CommentClient(address, SLUG)
    for email in emails(name):
        began = time.monotonic()
        if began > until:
            break
        client.write(email, _TEXT + email)
        times.append(time.monotonic() - began)
    errors.append(client.failed)
    client.close()


def some_readers(address: str, name: str, until: float, count: int) -> tuple[list[float], int]:
    """Several in the threads of one process."""
    times: list[float] = []
    errors: list[int] = []
    threads = [
        threading.Thread(target=one_reader, args=(address, f"{name}-{n}", until, times, errors))
        for n in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, sum(errors)


def measure(address: str, seconds: float) -> Posts:
    """All readers at once, after a second to warm up."""
    some_readers(address, f"warm{time.monotonic_ns()}", time.monotonic() + 1, 2)
    until = time.monotonic() + seconds
    began = time.monotonic()
    times, errors = some_readers(address, "reader", until, READERS)
    spent = max(seconds, time.monotonic() - began)
    times.sort()
    return Posts(
        per_second=round((len(times) - errors) / spent, 1),
        median_ms=round(1000 * statistics.median(times), 1),
        p95_ms=round(1000 * times[int(0.95 * len(times))], 1),
        acknowledged=len(times) - errors,
        errors=errors,
    )


def run(seconds: float) -> Posts:
    """Starts the site, measures, stops it."""
    with tempfile.TemporaryDirectory() as scratch:
        env = os.environ | {
            "OSLER_SITE": f"{scratch}/site",
            "OSLER_COMMENTS_PER_HOUR": "10000000",
            "OSLER_COMMENTS_REFUSE_PER_HOUR": "10000000",
            "OSLER_TWO_FACTOR": "offered",
        }
        log = Path(scratch) / "log"
        with log.open("w", encoding="utf-8") as out:
            command = [*SITE, str(ROOT / "examples" / "sciatica"), "--port", "0"]
            server = subprocess.Popen(command, env=env, stdout=out, stderr=out, cwd=scratch)
            try:
                return measure(_address(log), seconds)
            finally:
                server.terminate()
                server.wait(20)


def _address(log: Path) -> str:
    for _ in range(600):
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text("utf-8"))
        if found and CommentClient(found.group(), SLUG).is_up():
            return found.group()
        time.sleep(0.2)
    raise TimeoutError(log.read_text("utf-8")[-2000:])


def main(arguments: Sequence[str]) -> None:
    """Measures and prints."""
    posts = run(float(arguments[0]) if arguments else 10.0)
    told = json.dumps(asdict(posts))
    sys.stdout.write(told + "\n")
    if len(arguments) > 1:
        Path(arguments[1]).write_text(told + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
