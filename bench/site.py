"""The clinic's site under load on this machine, by wrk: pages and comments."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from bench import comments
from tests.web.crash import Site, free_port
from tests.web.crash_writers import environment, set_up

SECONDS = 8
EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "sciatica"
PUBLISH = "from osler.web.commands.site import site_command; site_command(prog_name='osler site')"


def report(scratch: Path) -> str:
    """Pages a second and comments a second, with the 95th percentile of the time of an answer.

    Server, database and clients share the machine, so a machine of its own does better.
    """
    if shutil.which("wrk") is None:
        return "not measured, wrk is not installed (apt-get install wrk)"
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
        assert site.process is not None
        address = f"http://127.0.0.1:{site.port}"
        sent = comments.measure(address, "knees", SECONDS, site.process.pid)
        return "\n".join([*pages, str(sent)])
    finally:
        site.kill()


def _pages(port: int, gzip: bool) -> str:
    what = f"the example's page, {'compressed' if gzip else 'plain'}"
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
