"""The clinic's site under load on this machine: pages by wrk, comments by a few clients."""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

from tests.web.crash import Site, free_port
from tests.web.crash_writers import Form, environment, set_up

SECONDS = 8
CLIENTS = 6
EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "sciatica"
PUBLISH = "from osler.web.commands.site import site_command; site_command(prog_name='osler site')"


def report(scratch: Path) -> str:
    """Pages a second and comments a second, with the 95th percentile of the time of an answer.

    Server, database and clients share the machine, so a machine of its own does better.
    """
    data = scratch / "site"
    set_up(data)
    subprocess.run(
        [sys.executable, "-c", PUBLISH, "publish", str(EXAMPLE), "--data", str(data)],
        env=environment(data),
        check=True,
        capture_output=True,
    )
    workers = 2 * (os.cpu_count() or 1)  # as `osler site run` has it
    site = Site(environment(data), free_port(), scratch / "log", workers)
    site.start()
    try:
        pages = [_pages(site.port, gzip) for gzip in (True, False)]
        return "\n".join([*pages, _comments(site.port)])
    finally:
        site.kill()


def _pages(port: int, gzip: bool) -> str:
    what = f"the example's page, {'compressed' if gzip else 'plain'}"
    if shutil.which("wrk") is None:
        return f"{what}: not measured, wrk is not installed (apt-get install wrk)"
    script = Path(__file__).with_name("latency.lua")
    done = subprocess.run(
        [
            *("wrk", "-t1", "-c16", f"-d{SECONDS}", "-s", str(script)),
            *("-H", f"Accept-Encoding: {'gzip' if gzip else 'identity'}"),
            f"http://127.0.0.1:{port}/acupuncture-for-sciatica/",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    told = dict(re.findall(r"^(rate|p95|errors)=(\S+)$", done.stdout, re.MULTILINE))
    return (
        f"{what}: {float(told['rate']):,.0f} a second, "
        f"p95 {float(told['p95']):.1f} ms, {told['errors']} errors"
    )


def _comments(port: int) -> str:
    seconds: list[float] = []
    wrong: list[int] = []
    end = time.monotonic() + SECONDS
    threads = [
        threading.Thread(target=_write, args=(port, client, end, seconds, wrong))
        for client in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds.sort()
    p95 = seconds[int(len(seconds) * 0.95)] * 1000 if seconds else float("nan")
    return (
        f"comments sent ({CLIENTS} clients): {len(seconds) / SECONDS:,.0f} a second, "
        f"p95 {p95:.1f} ms, {len(wrong)} errors"
    )


def _write(port: int, client: int, end: float, seconds: list[float], wrong: list[int]) -> None:
    connection, form, number = HTTPConnection("127.0.0.1", port), Form("/comments/write/knees/"), 0
    while time.monotonic() < end:
        number += 1
        began = time.perf_counter()
        status, _ = form.send(
            connection,
            name="A. Reader",
            email=f"r{client}-{number}@site.example",
            text=f"Question {client} {number} about knees.",
        )
        if status == 302:
            seconds.append(time.perf_counter() - began)
        else:
            wrong.append(status)
    connection.close()
