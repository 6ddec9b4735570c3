"""One part of a Parquet file of studies, pooled: the unit of work, wherever it is done.

A part is a row group of the file. Rows of one group (one meta-analysis) stand together, but
may begin in one row group and end in a later one: a part holds the groups that begin in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from osler.core.arrays import Floats
from osler.synthesis.batch import SynthesisBatch
from osler.synthesis.groups import PooledRuns, Runs, no_results, synthesise_runs
from osler.synthesis.streams.buffers import array_of, names_of, texts, values_of


@dataclass(frozen=True, slots=True)
class Job:
    """What to do with every part; plain values, so that it can travel to another machine.

    Attributes
    ----------
    path : str
        The Parquet file; every worker must be able to read it there.
    by, estimate, spread : str
        Columns: the group, the estimate, and its variance or standard error.
    spread_is_se : bool
    methods : tuple of (name, value)
        As of :func:`~osler.synthesis.batch.synthesise_many`.
    workers : int
        Threads for one part.
    """

    path: str
    by: str
    estimate: str
    spread: str
    spread_is_se: bool
    methods: tuple[tuple[str, object], ...] = ()
    workers: int = 1

    @property
    def columns(self) -> list[str]:
        return [self.by, self.estimate, self.spread]

    @property
    def named(self) -> str:
        """What the groups' column is called in the results, which have a "k" of their own."""
        results = {*(f.name for f in fields(SynthesisBatch)), "left_out", "problem"}
        return f"group_{self.by}" if self.by in results else self.by


def pooled_part(job: Job, index: int) -> pa.Table:
    """Read one row group, and as far beyond it as its last group goes, and pool it.

    Returns
    -------
    pyarrow.Table
        One row a group, in the order of the file: the group, the fields of
        :class:`~osler.synthesis.batch.SynthesisBatch`, ``left_out`` (rows with neither
        estimate nor spread) and ``problem`` (why it could not be pooled, or empty).
    """
    rows = _rows_of(job, index)
    if not rows.num_rows:
        none = PooledRuns(no_results(0), np.empty(0, np.intp), {})
        return _table(job, pa.nulls(0, rows.schema.field(job.by).type), none)
    ends = pc.run_end_encode(rows[job.by].combine_chunks(), pa.int64())
    runs = Runs.of_ends(values_of(ends.run_ends, np.int64))
    y, v = _numbers(rows[job.estimate]), _numbers(rows[job.spread])
    if job.spread_is_se:
        with np.errstate(over="ignore"):  # an infinite variance is told of as a problem
            v = np.where(v >= 0, v * v, v)
    nameless = _nameless(ends.values)
    if nameless.size:
        y = y.copy()
        for at in nameless.tolist():
            y[runs.starts[at] :][: runs.lengths[at]] = np.nan
    found = synthesise_runs(y, v, runs, workers=job.workers, **dict(job.methods))
    told = dict.fromkeys(nameless.tolist(), "the rows do not name their group")
    return _table(job, ends.values, replace(found, problems=found.problems | told))


def _nameless(names: pa.Array) -> NDArray[np.uint64]:
    """Runs of rows whose group is missing: they may belong to any, and are not pooled."""
    return values_of(pc.indices_nonzero(pc.is_null(names, nan_is_null=True)), np.uint64)


def _read(file: pq.ParquetFile, index: int, columns: list[str]) -> pa.Table:
    """A row group; texts that a program has written as a dictionary, as texts again."""
    rows = file.read_row_group(index, columns=columns)
    kind = rows.schema.field(columns[0]).type
    if pa.types.is_dictionary(kind):
        rows = rows.set_column(
            rows.schema.get_field_index(columns[0]),
            columns[0],
            pc.cast(rows[columns[0]], kind.value_type),
        )
    return rows


def _rows_of(job: Job, index: int) -> pa.Table:
    """Rows of the groups that begin in a row group."""
    with pq.ParquetFile(job.path) as file:
        rows = _read(file, index, job.columns)
        first = _change(rows[job.by], _last(file, job.by, index - 1)) if index else 0
        rows = rows.slice(first)
        pieces = [rows]
        for later in range(index + 1, file.num_row_groups if rows.num_rows else 0):
            last = pieces[-1][job.by][-1]
            names = _read(file, later, [job.by])[job.by]
            until = _change(names, last)
            if until:
                pieces.append(_read(file, later, job.columns).slice(0, until))
            if until < len(names):
                break
    return pa.concat_tables([piece for piece in pieces if piece.num_rows] or [rows])


def _last(file: pq.ParquetFile, by: str, index: int) -> pa.Scalar:
    """The group of the last row before a row group; empty row groups are passed over."""
    while index > 0 and not file.metadata.row_group(index).num_rows:
        index -= 1
    names = _read(file, index, [by])[by]
    return names[-1] if len(names) else None


def _change(names: pa.ChunkedArray, last: pa.Scalar | None) -> int:
    """Position of the first row that is not of the group ``last``."""
    if last is None or not len(names) or not names[0].equals(last):
        return 0
    runs = pc.run_end_encode(names.combine_chunks(), pa.int64())
    return int(runs.run_ends[0].as_py())


def _numbers(column: pa.ChunkedArray) -> Floats:
    """Missing values as NaN."""
    values = pc.cast(column, pa.float64()).combine_chunks()
    if values.null_count:
        return np.asarray(values.to_numpy(zero_copy_only=False))
    return values_of(values, np.float64)


def _problems(problems: Mapping[int, str], groups: int) -> pa.Array:
    codes, numbers = np.zeros(groups, np.int32), {"": 0}
    for group, problem in problems.items():
        codes[group] = numbers.setdefault(problem, len(numbers))
    return texts(codes, list(numbers))


def _table(job: Job, names: pa.Array, found: PooledRuns) -> pa.Table:
    results = {f.name: getattr(found.pooled, f.name) for f in fields(SynthesisBatch)}
    columns = {job.named: names} | {
        name: names_of(values) if values.dtype.kind == "U" else array_of(values)
        for name, values in results.items()
    }
    columns["left_out"] = array_of(found.left_out)
    columns["problem"] = _problems(found.problems, len(names))
    return pa.Table.from_arrays(list(columns.values()), names=list(columns))
