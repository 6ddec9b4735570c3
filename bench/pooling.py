"""Pooling 30 studies by REML with a Hartung-Knapp interval: one fit, and ten thousand.

``python -m bench.pooling``; R's metafor and PyMARE are timed beside Osler where they are
installed, on the same data. Osler's times include the Q-profile interval of tau2, heterogeneity
statistics and prediction interval; metafor's and PyMARE's are of the fit alone.
"""

import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np

from osler.core.arrays import Floats
from osler.synthesis import synthesise, synthesise_many

STUDIES, GROUPS, SINGLE, RUNS = 30, 10_000, 200, 5

METAFOR = """
suppressMessages(library(metafor))
y <- as.matrix(read.csv("y.csv", header = FALSE))
v <- as.matrix(read.csv("v.csv", header = FALSE))
one <- function(i) rma(y[, i], v[, i], method = "REML", test = "knha")
one(1)
times <- sapply(1:5, function(run) system.time(for (i in 1:ncol(y)) one(i))[["elapsed"]])
cat(times / ncol(y), sep = "\\n")
"""


@dataclass(frozen=True)
class Pace:
    """Seconds of one fit in each run; ``missing`` says why there are none."""

    what: str
    seconds: tuple[float, ...] = ()
    missing: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def data() -> tuple[Floats, Floats]:
    """Ten thousand meta-analyses of thirty studies, the same on every run."""
    rng = np.random.default_rng(20)
    v = rng.uniform(0.01, 0.5, (STUDIES, GROUPS))
    return rng.normal(0.3, np.sqrt(v + 0.1)), v


def pooling_paces() -> list[Pace]:
    """Osler one by one and all at once, then its peers."""
    y, v = data()
    labels = [str(i) for i in range(STUDIES)]
    columns = [(y[:, i].tolist(), v[:, i].tolist()) for i in range(SINGLE)]

    def singly() -> None:
        for estimates, variances in columns:
            synthesise(labels, estimates, variances, ci_method="HKSJ")

    def together() -> None:
        synthesise_many(y, v, ci_method="HKSJ")

    return [
        Pace("osler, one fit at a time", _each(singly, SINGLE)),
        Pace(f"osler, {GROUPS:,} fits at once", _each(together, GROUPS)),
        _metafor(y[:, :SINGLE], v[:, :SINGLE]),
        _pymare(y, v),
    ]


def _each(work: Callable[[], None], fits: int) -> tuple[float, ...]:
    work()
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        seconds.append((time.perf_counter() - start) / fits)
    return tuple(seconds)


def _metafor(y: Floats, v: Floats) -> Pace:
    what = "metafor in R, one fit at a time"
    if not shutil.which("Rscript"):
        return Pace(what, missing="R is not installed")
    with tempfile.TemporaryDirectory() as scratch:
        for name, values in (("y", y), ("v", v)):
            np.savetxt(Path(scratch) / f"{name}.csv", values, delimiter=",")
        done = subprocess.run(
            ["Rscript", "-e", METAFOR], cwd=scratch, capture_output=True, text=True, check=False
        )
    if done.returncode:
        return Pace(what, missing=f"R could not run it: {done.stderr.strip().splitlines()[-1]}")
    return Pace(what, tuple(float(line) for line in done.stdout.split()[-RUNS:]))


def _pymare(y: Floats, v: Floats) -> Pace:
    what = f"PyMARE, {GROUPS:,} fits at once"
    try:
        estimators = import_module("pymare.estimators")
    except ImportError:
        return Pace(what, missing="PyMARE is not installed")
    estimator = estimators.VarianceBasedLikelihoodEstimator(method="REML")
    return Pace(what, _each(lambda: estimator.fit(y=y, v=v, X=np.ones((STUDIES, 1))), GROUPS))


def pooling_report(paces: list[Pace]) -> str:
    """A table: milliseconds of one fit, seconds of ten thousand, and how many times Osler's."""
    best = min(pace.median for pace in paces if pace.seconds)
    lines = [f"{'REML + HKSJ, 30 studies':34}  ms a fit  s for 10,000  relative"]
    for pace in paces:
        if pace.missing:
            lines.append(f"{pace.what:34}  not timed: {pace.missing}")
            continue
        lines.append(
            f"{pace.what:34}  {pace.median * 1e3:8.4f}  {pace.median * 1e4:12.2f}"
            f"  {pace.median / best:8.1f}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(pooling_report(pooling_paces()))
