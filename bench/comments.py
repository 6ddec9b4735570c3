"""Comment posts a second on a real site, as ``osler site run`` starts it, on an embedded database.

    python -m bench.comments [SECONDS] [FILE_WITH_RESULTS]

Eight readers (wrk) send comment after comment, each over a connection of its own and each from
another e-mail address; whatever is not answered with "sent" is an error. Server, database, mails
and readers share the machine, so the processor time that a post takes the server is told as well:
other work on the machine disturbs it less than the rate.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.web.crash_writers import Form, environment

ROOT = Path(__file__).resolve().parent.parent
SITE = (sys.executable, "-c", "from osler.web.commands.site import site_command; site_command()")
SLUG = "acupuncture-for-sciatica"
READERS = 8
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Posts:
    """Posts a second, milliseconds to the answer, and how many were not acknowledged.

    ``server_ms`` is the processor time of all the site's processes, by post.
    """

    per_second: float
    median_ms: float
    p95_ms: float
    acknowledged: int
    errors: int
    server_ms: float

    def __str__(self) -> str:
        return (
            f"comments sent ({READERS} readers): {self.per_second:,.0f} a second, "
            f"p95 {self.p95_ms:.1f} ms, {self.errors} errors; "
            f"{self.server_ms:.1f} ms of the server's processor time each"
        )


def measure(address: str, slug: str, seconds: float, session: int) -> Posts:
    """All readers at once, after two seconds to warm up; ``session`` is that of the server."""
    _wrk(address, slug, 2, "warm")
    spent = _processor_seconds(session)
    told = _wrk(address, slug, max(1, round(seconds)), "run")
    spent = _processor_seconds(session) - spent
    answered, errors = int(told["answered"]), int(told["errors"])
    return Posts(
        per_second=round((answered - errors) / told["seconds"], 1),
        median_ms=round(told["median"], 1),
        p95_ms=round(told["p95"], 1),
        acknowledged=answered - errors,
        errors=errors,
        server_ms=round(1000 * spent / max(answered, 1), 2),
    )


def _wrk(address: str, slug: str, seconds: int, name: str) -> dict[str, float]:
    form = Form(f"/comments/write/{slug}/")
    connection = HTTPConnection(urlsplit(address).netloc)
    form.open(connection)
    connection.close()
    script = Path(__file__).with_name("comments.lua")
    arguments = [form.path, form.cookie, urlencode(form.hidden), f"{name}{time.time_ns()}"]
    done = subprocess.run(
        [
            *("wrk", "-t1", f"-c{READERS}", f"-d{seconds}", "-s", str(script), address),
            *("--", *arguments),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return {
        key: float(value) for key, value in re.findall(r"^(\w+)=(\S+)$", done.stdout, re.MULTILINE)
    }


def _processor_seconds(session: int) -> float:
    """Of all processes of a session, ended ones that somebody waited for with them."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(told[3]) == session:
            ticks += sum(map(int, told[11:15]))
    return ticks / _TICKS


def run(seconds: float) -> Posts:
    """Starts the site, measures, stops it."""
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "log"
        with log.open("w", encoding="utf-8") as out:
            server = subprocess.Popen(
                [*SITE, str(ROOT / "examples" / "sciatica"), "--port", "0"],
                env=environment(Path(scratch) / "site"),
                stdout=out,
                stderr=out,
                cwd=scratch,
                start_new_session=True,
            )
            try:
                return measure(_address(log), SLUG, seconds, server.pid)
            finally:
                server.terminate()
                server.wait(20)


def _address(log: Path) -> str:
    for _ in range(600):
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text("utf-8"))
        if found and _is_up(found.group()):
            return found.group()
        time.sleep(0.2)
    raise TimeoutError(log.read_text("utf-8")[-2000:])


def _is_up(address: str) -> bool:
    connection = HTTPConnection(urlsplit(address).netloc, timeout=10)
    try:
        connection.request("GET", f"/comments/write/{SLUG}/")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def main(arguments: Sequence[str]) -> int:
    """Measures and prints."""
    if shutil.which("wrk") is None:
        sys.stderr.write("bench: wrk is not installed (apt-get install wrk)\n")
        return 2
    told = json.dumps(asdict(run(float(arguments[0]) if arguments else 10.0)))
    sys.stdout.write(told + "\n")
    if len(arguments) > 1:
        Path(arguments[1]).write_text(told + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
