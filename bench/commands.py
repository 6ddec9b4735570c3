"""How long the commands take on the sciatica example, as whole processes with their start-up."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OSLER = Path(sys.executable).with_name("osler")
RUNS = 5


@dataclass(frozen=True)
class Timing:
    """Seconds of each run; ``aim`` is what the median should stay below, in seconds."""

    what: str
    seconds: tuple[float, ...]
    aim: float

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def command_timings(runs: int = RUNS) -> list[Timing]:
    """`osler check`, and `osler build` from clean and with nothing changed."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "sciatica"
        ignore = shutil.ignore_patterns("build", "__pycache__")
        shutil.copytree(ROOT / "examples" / "sciatica", folder, ignore=ignore)

        def clean() -> None:
            shutil.rmtree(folder / "build", ignore_errors=True)

        return [
            _timing("osler check", ["check", folder], runs, 1.5, (0, 1)),
            _timing("osler build, clean", ["build", folder], runs, 5.0, (0,), before=clean),
            _timing("osler build, unchanged", ["build", folder], runs, 1.0, (0,)),
        ]


def _timing(
    what: str,
    arguments: list[str | Path],
    runs: int,
    aim: float,
    expected: tuple[int, ...],
    before: Callable[[], None] = lambda: None,
) -> Timing:
    """One run to warm the disk's cache, then ``runs`` that count."""
    seconds = []
    for _ in range(runs + 1):
        before()
        start = time.perf_counter()
        done = subprocess.run(
            [OSLER, *arguments], env=_as_installed(), capture_output=True, text=True, check=False
        )
        seconds.append(time.perf_counter() - start)
        if done.returncode not in expected:
            raise RuntimeError(f"{what} gave exit code {done.returncode}:\n{done.stderr}")
    return Timing(what, tuple(seconds[1:]), aim)


def _as_installed() -> dict[str, str]:
    """The environment, in which Python keeps what it compiles, as pip does when it installs."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def report(timings: list[Timing]) -> str:
    """A table: fastest, median and slowest run, and the aim."""
    lines = [f"{'seconds':24}  fastest  median  slowest   aim"]
    for timing in timings:
        lines.append(
            f"{timing.what:24}  {min(timing.seconds):7.2f}  {timing.median:6.2f}"
            f"  {max(timing.seconds):7.2f}  {timing.aim:4.1f}"
            + ("" if timing.median < timing.aim else "  slower than the aim")
        )
    return "\n".join(lines)
