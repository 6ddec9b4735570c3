"""Timing one thing in several programs, on the same data, in the same run."""

import json
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

RUNS = 5
# A turn of what is quick lasts so many seconds, about as long as twenty fits in R.
TURN = 0.1
Work = Callable[[], object]


@dataclass(frozen=True)
class Race:
    """One task, and how each program does it.

    ``fits`` is how often one call of ``work`` does the task. ``r`` is an R expression; its
    data are in the frames that the R script reads. ``slow`` programs are run once.
    """

    task: str
    work: Mapping[str, Work]
    fits: int = 1
    r: str = ""
    r_fits: int = 1
    slow: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """Seconds of one fit in each run, by program; ``failed`` says why there are none."""

    task: str
    seconds: Mapping[str, tuple[float, ...]]
    failed: Mapping[str, str] = field(default_factory=dict)

    def median(self, program: str) -> float:
        return statistics.median(self.seconds[program])


def run(races: list[Race], scratch: Path) -> list[Result]:
    """Every race in Python, then all of R in one process, so that its start is not counted."""
    in_r = _r_seconds(races, scratch)
    results = []
    for race in races:
        seconds: dict[str, tuple[float, ...]] = {}
        failed: dict[str, str] = {}
        for program, work in race.work.items():
            runs = 1 if program in race.slow else RUNS
            try:
                seconds[program] = _timed(work, race.fits, runs)
            except Exception as problem:  # a peer that fails is a result, too
                if program == "osler":
                    raise
                failed[program] = f"{type(problem).__name__}: {problem}"
        found = in_r.get(race.task)
        if isinstance(found, tuple):
            seconds["metafor"] = found
        elif found:
            failed["metafor"] = found
        results.append(Result(race.task, seconds, failed))
    return results


def _timed(work: Work, fits: int, runs: int) -> tuple[float, ...]:
    """Seconds of a fit in each turn; what is quick is done many times a turn, as in R."""
    times = 1
    if runs > 1:
        work()  # the first run loads and warms
        times = max(1, int(TURN / _seconds(work, 1)))
    return tuple(_seconds(work, times) / (times * fits) for _ in range(runs))


def _seconds(work: Work, times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        work()
    return time.perf_counter() - start


def _r_seconds(races: list[Race], scratch: Path) -> dict[str, tuple[float, ...] | str]:
    wanted = [race for race in races if race.r]
    if not wanted:
        return {}
    if not shutil.which("Rscript"):
        return {race.task: "R is not installed" for race in wanted}
    blocks = [_r_block(race) for race in wanted]
    data = [f'{path.stem} <- read.csv("{path}")' for path in sorted(scratch.glob("*.csv"))]
    script = "\n".join(["suppressMessages(library(metafor)); out <- list()", *data, *blocks])
    script += '\ncat(jsonlite::toJSON(out, auto_unbox = FALSE, digits = 9), file = "r.json")\n'
    (scratch / "bench.R").write_text(script, encoding="utf-8")
    done = subprocess.run(
        ["Rscript", "bench.R"], cwd=scratch, capture_output=True, text=True, check=False
    )
    if done.returncode:
        told = done.stderr.strip().splitlines()[-1]
        return {race.task: f"R could not run it: {told}" for race in wanted}
    found = json.loads((scratch / "r.json").read_text(encoding="utf-8"))
    return {
        task: tuple(values) if isinstance(values[0], float | int) else str(values[0])
        for task, values in found.items()
    }


def _r_block(race: Race) -> str:
    runs = 1 if "metafor" in race.slow else RUNS
    return f"""
out[["{race.task}"]] <- tryCatch({{
  one <- function() suppressWarnings({{ {race.r} }})
  {"one()" if runs > 1 else ""}
  sapply(1:{runs}, function(run) system.time(one())[["elapsed"]] / {race.r_fits})
}}, error = function(e) conditionMessage(e))"""


def table(results: list[Result], programs: list[str]) -> str:
    """Milliseconds of one fit, and how many times Osler's each takes."""
    wide = max(len(result.task) for result in results)
    lines = [f"{'ms a fit (times Osler)':{wide}}" + "".join(f"{p:>22}" for p in programs)]
    for result in results:
        cells = [_cell(result, program) for program in programs]
        lines.append(f"{result.task:{wide}}" + "".join(f"{cell:>22}" for cell in cells))
    told = [f"{r.task}, {p}: {why}" for r in results for p, why in r.failed.items()]
    return "\n".join([*lines, *(["", "Not timed:", *told] if told else [])])


def _cell(result: Result, program: str) -> str:
    if program not in result.seconds:
        return "-"
    mine = result.median(program)
    ratio = "" if program == "osler" else f" ({_short(mine / result.median('osler'))}x)"
    return f"{_short(mine * 1e3)}{ratio}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
