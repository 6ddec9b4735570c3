"""The same parts on the workers of a Dask cluster."""

from pathlib import Path
from typing import Any

from distributed import Client

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.synthesis.streams.parquet import Progress, StreamReport, in_order, job_of, write_parts
from osler.synthesis.streams.parts import pooled_part


def pool_on_cluster(
    path: Path,
    out: Path,
    address: str,
    *,
    progress: Progress | None = None,
    timeout_seconds: float = 30.0,
    **options: object,
) -> StreamReport:
    """As :func:`~osler.synthesis.streams.parquet.pool_parquet`, on several machines.

    Every part is a task of its own that reads the file and returns its results, so a part
    whose worker is lost is simply done again by another.

    Parameters
    ----------
    path : Path
        Must be readable under this name on every worker.
    address : str
        Of the scheduler: "tcp://10.0.0.5:8786".

    Raises
    ------
    DataError
        As there, and where no scheduler answers (BAT006).
    """
    job, parts = job_of(path.resolve(), workers=1, **options)  # type: ignore[arg-type]
    try:
        # Not the default: a program may have a client of its own.
        connect: Any = Client
        client = connect(address, timeout=timeout_seconds, set_as_default=False)
    except (OSError, ValueError) as problem:
        raise DataError(_no_scheduler(address, str(problem))) from None
    with client:
        ahead = 4 * max(1, len(client.scheduler_info()["workers"]))
        tables = in_order(
            lambda index: client.submit(pooled_part, job, index, pure=False), parts, ahead
        )
        return write_parts(tables, job, parts, out, progress)


def _no_scheduler(address: str, problem: str) -> Diagnostic:
    return Diagnostic(
        "BAT006",
        Severity.ERROR,
        Place(address),
        "no Dask scheduler answers",
        problem.splitlines()[0] if problem else "",
        "nothing is pooled",
        "start one with `dask scheduler`, workers with `dask worker ADDRESS`, and give its address",
    )
