"""What it costs to have a program at hand: seconds to import it, and memory afterwards."""

import statistics
import subprocess
import sys
import time

RUNS = 5
MODULES = ("osler", "osler.synthesis", "pymare", "pimeta")
_CODE = """
import sys, psutil
import {module}
print(psutil.Process().memory_info().rss / 1e6)
"""


def report() -> str:
    """Whole processes, less the start of Python itself."""
    empty, _ = _run("sys")
    lines = [f"{'import':18}  seconds   MB"]
    for module in MODULES:
        seconds, megabytes = _run(module)
        told = f"{max(0.0, seconds - empty):7.3f}  {megabytes:4.0f}" if seconds else "not installed"
        lines.append(f"{module:18}  {told}")
    return "\n".join(lines)


def _run(module: str) -> tuple[float, float]:
    seconds, megabytes = [], 0.0
    for _ in range(RUNS):
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", _CODE.format(module=module)],
            capture_output=True,
            text=True,
            check=False,
        )
        seconds.append(time.perf_counter() - start)
        if done.returncode:
            return 0.0, 0.0
        megabytes = float(done.stdout.split()[-1])
    return statistics.median(seconds), megabytes
