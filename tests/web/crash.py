"""A site under load that is killed again and again: is anything lost that it had acknowledged?

A :class:`Writer` writes through HTTP and remembers what it was told to have been kept; after
the kills its rows are asked for in the database. The harness knows nothing of what is written:
comments, answers and decisions each bring a writer.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Protocol

START_SECONDS = 60.0


class Writer(Protocol):
    """Writes one thing after another; ``write`` gives its key once the site has acknowledged it.

    It raises OSError or HTTPException where the site went away meanwhile: that thing may
    have been kept or not. ``kept`` asks the database, in a process of its own or in this one.
    """

    name: str

    def write(self, connection: HTTPConnection, number: int) -> str | None: ...

    def kept(self, keys: Sequence[str]) -> set[str]: ...


@dataclass
class Report:
    """What came of it: keys acknowledged and lost, by writer; ``broken`` are odd findings."""

    kills: int = 0
    acknowledged: dict[str, int] = field(default_factory=dict)
    lost: dict[str, list[str]] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    down_seconds: list[float] = field(default_factory=list)

    def told(self) -> str:
        """One line a writer."""
        slowest = max(self.down_seconds, default=0.0)
        lines = [f"{self.kills} kills, back after {slowest:.1f} s at most"]
        for name, count in sorted(self.acknowledged.items()):
            lost, refused = len(self.lost[name]), self.refused[name]
            lines.append(f"{name}: {count} acknowledged, {lost} lost, {refused} refused")
        return "\n".join(lines)


@dataclass
class Site:
    """Granian in a process group of its own, so that all of it can be killed at once."""

    environment: dict[str, str]
    port: int
    log: Path
    workers: int = 2
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> float:
        """Starts it and waits until it answers; gives the seconds."""
        began = time.monotonic()
        command = [
            *(sys.executable, "-m", "osler.web.server", "--host", "127.0.0.1"),
            *("--port", str(self.port), "--workers", str(self.workers)),
        ]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        while time.monotonic() - began < START_SECONDS:
            if self.process.poll() is not None:
                break
            if self._answers():
                return time.monotonic() - began
            time.sleep(0.05)
        raise RuntimeError(f"the site did not start:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        """SIGKILL for master and workers at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def crash(
    site: Site,
    writers: Sequence[Writer],
    *,
    kills: int,
    rng: random.Random,
    between: tuple[float, float] = (0.05, 1.0),
    tell: Callable[[str], object] = lambda line: None,
) -> Report:
    """Lets all writers write, kills the site ``kills`` times, and counts what is missing."""
    loads = [_Load(writer, site.port) for writer in writers]
    report = Report()
    report.down_seconds.append(site.start())
    for load in loads:
        load.start()
    for number in range(kills):
        time.sleep(rng.uniform(*between))
        site.kill()
        report.kills += 1
        report.down_seconds.append(site.start())
        tell(
            f"kill {number + 1} of {kills}: {sum(len(x.acknowledged) for x in loads)} acknowledged"
        )
    for load in loads:
        load.stop()
    site.kill()
    for load in loads:
        name, keys = load.writer.name, load.acknowledged
        report.acknowledged[name] = len(keys)
        report.refused[name] = load.refused
        kept = load.writer.kept(keys)
        report.lost[name] = [key for key in keys if key not in kept]
    return report


class _Load(threading.Thread):
    """One writer, writing as fast as it is answered."""

    def __init__(self, writer: Writer, port: int) -> None:
        super().__init__(daemon=True)
        self.writer, self._port = writer, port
        self.acknowledged: list[str] = []
        self.refused = 0
        self._over = threading.Event()

    def run(self) -> None:
        number, connection = 0, HTTPConnection("127.0.0.1", self._port, timeout=10)
        while not self._over.is_set():
            number += 1
            try:
                key = self.writer.write(connection, number)
            except (OSError, HTTPException):
                connection.close()
                time.sleep(0.02)
                continue
            if key is None:
                self.refused += 1
            else:
                self.acknowledged.append(key)
        connection.close()

    def stop(self) -> None:
        self._over.set()
        self.join(timeout=30)
