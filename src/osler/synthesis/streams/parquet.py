"""A Parquet file of studies in, a Parquet file of syntheses out, with memory for a few parts."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.effects.columns import recognise
from osler.synthesis.streams.parts import Job, pooled_part

Progress = Callable[[int, int], None]


class Pending(Protocol):
    """A result that is being made, here or on another machine."""

    def result(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class StreamReport:
    """What became of a file.

    Attributes
    ----------
    groups, problems : int
        Meta-analyses written, and those of them that could not be pooled (their ``problem``
        says why).
    left_out : int
        Rows with neither estimate nor spread.
    first_problems : tuple of (group, problem)
        At most five.
    """

    groups: int
    problems: int
    left_out: int
    first_problems: tuple[tuple[str, str], ...]


def job_of(
    path: Path,
    *,
    by: str = "group",
    estimate: str | None = None,
    variance: str | None = None,
    se: str | None = None,
    workers: int | None = None,
    **methods: object,
) -> tuple[Job, int]:
    """What is to be done with a file, and its number of parts.

    Columns that are not named are known by their usual names (see ``osler pool --help``).

    Raises
    ------
    DataError
        Where the file is not Parquet (BAT001), has no column ``by`` or one that is named
        (BAT002), a column is no number (BAT003) or cannot name groups (BAT008), or the
        estimates are not recognised (DAT001).
    """
    schema, parts = _schema(path)
    names = list(schema.names)
    spread = variance or se
    if estimate is None or spread is None:
        roles = recognise([name for name in names if name != by], ["estimates"]).roles
        estimate = estimate or roles["estimate"]
        if spread is None:
            spread = roles.get("se") or roles.get("variance") or ""
            se = roles.get("se")
    for name in (by, estimate, spread):
        if name not in names:
            raise DataError(_no_column(path, name, names))
    if pa.types.is_nested(schema.field(by).type):
        raise DataError(_no_names(path, by, str(schema.field(by).type)))
    for name in (estimate, spread):
        kind = schema.field(name).type
        if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
            raise DataError(_not_numbers(path, name, str(kind)))
    threads = max(1, (workers or os.cpu_count() or 1) // max(1, parts))
    is_se = variance is None and se is not None
    return Job(str(path), by, estimate, spread, is_se, tuple(methods.items()), threads), parts


def pool_parquet(
    path: Path,
    out: Path,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    **options: object,
) -> StreamReport:
    """Pool every group of a Parquet file and write one row a group.

    Parameters
    ----------
    path, out : Path
        Rows of one group stand together. ``out`` appears when all is done, not before.
    workers : int, optional
        Threads; as many as there are cores where left out.
    progress : callable, optional
        Told after each part how many are done, of how many.
    **options
        As of :func:`job_of`: columns, and methods as of
        :func:`~osler.synthesis.batch.synthesise_many`.

    Raises
    ------
    DataError
        As :func:`job_of`; where a group's rows do not stand together (BAT004), ``out``
        cannot be written (BAT009), or a method is unknown.
    """
    job, parts = job_of(path, workers=workers, **options)  # type: ignore[arg-type]
    together = min(workers or os.cpu_count() or 1, parts)
    with ThreadPoolExecutor(together) as pool:
        tables = in_order(lambda index: pool.submit(pooled_part, job, index), parts, 2 * together)
        return write_parts(tables, job, parts, out, progress)


def in_order(submit: Callable[[int], Pending], parts: int, ahead: int) -> Iterator[pa.Table]:
    """Results in the order of the parts, with at most ``ahead`` of them under way."""
    waiting: deque[Pending] = deque()
    for index in range(parts):
        waiting.append(submit(index))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def write_parts(
    tables: Iterable[pa.Table], job: Job, parts: int, out: Path, progress: Progress | None = None
) -> StreamReport:
    """Write the parts one after the other; the file takes its name when it is whole."""
    unfinished = out.with_name(out.name + ".unfinished")
    _check_out(Path(job.path), out, unfinished)
    try:
        report = _write(tables, job, parts, unfinished, progress)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    unfinished.replace(out)
    return report


def _check_out(path: Path, out: Path, unfinished: Path) -> None:
    """Whether results can be written there, which a long run should not find at its end."""
    if out.exists() and out.samefile(path):
        raise DataError(_no_out(out, "the results would take the place of the studies"))
    try:
        unfinished.touch()
    except OSError as problem:
        raise DataError(_no_out(out, problem.strerror or str(problem))) from None


def _write(
    tables: Iterable[pa.Table], job: Job, parts: int, path: Path, progress: Progress | None
) -> StreamReport:
    report, seen = StreamReport(0, 0, 0, ()), _Seen()
    tables = iter(tables)
    first = next(tables)
    # Results repeat no number: looking for repeats takes longer than pooling.
    texts = [field.name for field in first.schema if pa.types.is_string(field.type)]
    with pq.ParquetWriter(path, first.schema, use_dictionary=texts) as writer:
        for done, table in enumerate(chain([first], tables), 1):
            writer.write_table(table)
            seen.add(table[job.named])
            report = _more(report, table, job.named)
            if progress:
                progress(done, parts)
    again = seen.twice()
    if again is not None:
        name = pq.read_table(path, columns=[job.named])[job.named][again]
        raise DataError(_apart(job, str(name)))
    return report


class _Seen:
    """Finds a group whose rows do not stand together, with eight bytes a group."""

    def __init__(self) -> None:
        self._hashes: list[NDArray[np.int64]] = []

    def add(self, names: pa.ChunkedArray) -> None:
        values = names.to_pylist()
        self._hashes.append(np.fromiter(map(hash, values), np.int64, len(values)))

    def twice(self) -> int | None:
        """The position of the first group whose name was there before, if any."""
        hashes = np.concatenate(self._hashes) if self._hashes else np.empty(0, np.int64)
        _, first = np.unique(hashes, return_index=True)
        if first.size == hashes.size:
            return None
        return int(np.setdiff1d(np.arange(hashes.size), first)[0])


def _more(report: StreamReport, table: pa.Table, by: str) -> StreamReport:
    bad = table.take(pc.indices_nonzero(pc.binary_length(table["problem"])))
    few = bad.slice(0, max(0, 5 - len(report.first_problems)))
    named = zip(few[by].to_pylist(), few["problem"].to_pylist(), strict=True)
    return StreamReport(
        report.groups + table.num_rows,
        report.problems + bad.num_rows,
        report.left_out + (pc.sum(table["left_out"]).as_py() or 0),
        (*report.first_problems, *((str(name), str(problem)) for name, problem in named)),
    )


def _schema(path: Path) -> tuple[pa.Schema, int]:
    try:
        with pq.ParquetFile(path) as file:
            rows, parts = file.metadata.num_rows, file.num_row_groups
            schema = file.schema_arrow
    except (OSError, pa.ArrowInvalid) as problem:
        raise DataError(_not_parquet(path, str(problem))) from None
    if not rows:
        raise DataError(_no_rows(path))
    return schema, parts


def _error(
    code: str, path: Path | str, message: str, found: str, help_: str, field: str = ""
) -> Diagnostic:
    place = Place(str(path), field=field)
    return Diagnostic(code, Severity.ERROR, place, message, found, "nothing is pooled", help_)


def _not_parquet(path: Path, problem: str) -> Diagnostic:
    told = problem.splitlines()[0] if problem else ""
    return _error(
        "BAT001", path, "the file cannot be read as Parquet", told,
        "check the name; a CSV table becomes Parquet with Polars, pandas or DuckDB",
    )  # fmt: skip


def _no_column(path: Path, name: str, names: list[str]) -> Diagnostic:
    found = f"columns: {', '.join(names)}"
    help_ = "name the columns with --by, --estimate, and --variance or --se"
    return _error("BAT002", path, f"there is no column {name!r}", found, help_, name)


def _not_numbers(path: Path, name: str, kind: str) -> Diagnostic:
    help_ = "write the column as numbers (float or integer)"
    return _error("BAT003", path, f"the column {name!r} does not hold numbers", kind, help_, name)


def _no_names(path: Path, name: str, kind: str) -> Diagnostic:
    help_ = "write one text or number a row"
    return _error("BAT008", path, f"the column {name!r} cannot name groups", kind, help_, name)


def _no_out(out: Path, why: str) -> Diagnostic:
    help_ = "give a file of its own, in a folder that is there"
    return _error("BAT009", out, "the results cannot be written", why, help_)


def _apart(job: Job, name: str) -> Diagnostic:
    return _error(
        "BAT004", job.path, "a group's rows do not stand together", f"{name} comes back later",
        f"sort the file by {job.by!r}", job.by,
    )  # fmt: skip


def _no_rows(path: Path) -> Diagnostic:
    return _error("BAT005", path, "the file holds no row", "0 rows", "check what wrote it")
