"""A million meta-analyses, from file to file, and what the passes over the bytes cost."""

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from osler.synthesis.kernel import block_of
from osler.synthesis.tau2.dl import dersimonian_laird

OSLER = Path(sys.executable).with_name("osler")
HUGE, STUDIES, RUNS = 1_000_000, 10, 3


def report(scratch: Path) -> str:
    """Seconds and memory of ``osler batch``; DerSimonian-Laird against a sum of the same bytes."""
    even, ragged = scratch / "even.parquet", scratch / "ragged.parquet"
    rng = np.random.default_rng(22)
    _write(even, np.full(HUGE, STUDIES), rng)
    _write(ragged, rng.integers(3, 2 * STUDIES - 2, HUGE), rng)
    first, processor = _batch(even)
    second, _ = _batch(ragged)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    rows = pq.ParquetFile(ragged).metadata.num_rows / (HUGE * STUDIES)
    batch = f"{HUGE:,} meta-analyses of {STUDIES} (REML, HKSJ, prediction)"
    times = second / rows / first
    return "\n".join(
        [
            f"osler batch, {batch}: {first:.2f} s on {os.cpu_count()} cores, {peak:.2f} GB at most",
            f"processor time of the same, starting and all: {processor:.2f} s",
            f"ragged (3 to 17 studies), for as many studies: {times:.2f} times that",
            _plain_pass(),
        ]
    )


def _write(
    path: Path, lengths: "np.ndarray[tuple[int], np.dtype[np.int64]]", rng: np.random.Generator
) -> None:
    n = int(lengths.sum())
    v = rng.uniform(0.01, 0.5, n)
    y = rng.normal(0.3, np.sqrt(v + 0.1))
    table = pa.table({"group": np.repeat(np.arange(lengths.size), lengths), "yi": y, "vi": v})
    pq.write_table(table, path, row_group_size=500_000)


def _batch(path: Path) -> tuple[float, float]:
    """Seconds by the clock, and of all cores' work."""
    out = path.with_suffix(".pooled")
    command = [OSLER, "batch", path, out, "--ci", "HKSJ"]
    before = _worked()
    clock = _median(lambda: subprocess.run(command, check=True, capture_output=True))
    return clock, (_worked() - before) / RUNS


def _worked() -> float:
    """Seconds of processor time of all commands so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _plain_pass() -> str:
    rng = np.random.default_rng(23)
    v = rng.uniform(0.01, 0.5, (STUDIES, HUGE))
    y = rng.normal(0.3, np.sqrt(v + 0.1))
    width = 1638
    blocks = [slice(at, at + width) for at in range(0, HUGE, width)]
    parts = [block_of(y[:, part], v[:, part], np.ones(y[:, part].shape, bool)) for part in blocks]

    def dl() -> None:
        for block in parts:
            dersimonian_laird(block)

    def plain() -> None:
        for block in parts:
            block.y.sum(axis=0) + block.v.sum(axis=0)

    return (
        f"DerSimonian-Laird of {HUGE:,} x {STUDIES}: {_median(dl) / _median(plain):.1f} times a "
        "sum over the same bytes"
    )


def _median(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)
