"""One part of a Parquet file of studies, pooled: the unit of work, wherever it is done.

A part is a row group of the file. Rows of one group (one meta-analysis) stand together, but
may begin in one row group and end in a later one: a part holds the groups that begin in it.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from osler.core.arrays import Bools, Floats
from osler.synthesis.batch import SynthesisBatch
from osler.synthesis.groups import PooledRuns, Runs, no_results, synthesise_runs


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
        return _table(job, pa.array([], rows.schema.field(job.by).type), none)
    ends = pc.run_end_encode(rows[job.by].combine_chunks(), pa.int64())
    runs = Runs.of_ends(ends.run_ends.to_numpy())
    y, v = _numbers(rows[job.estimate]), _numbers(rows[job.spread])
    if job.spread_is_se:
        with np.errstate(over="ignore"):  # an infinite variance is told of as a problem
            v = np.where(v >= 0, v * v, v)
    nameless = _nameless(ends.values)
    y = np.where(np.repeat(nameless, runs.lengths), np.nan, y)
    found = synthesise_runs(y, v, runs, workers=job.workers, **dict(job.methods))
    told = dict.fromkeys(np.flatnonzero(nameless).tolist(), "the rows do not name their group")
    return _table(job, ends.values, replace(found, problems=found.problems | told))


def _nameless(names: pa.Array) -> Bools:
    """Runs of rows whose group is missing: they may belong to any, and are not pooled."""
    return np.asarray(pc.is_null(names, nan_is_null=True).to_numpy(zero_copy_only=False), bool)


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
    if last is None or not len(names):
        return 0
    same = pc.fill_null(pc.equal(names, last), not last.is_valid)
    changed = pc.index(same, False).as_py()
    return len(names) if changed < 0 else int(changed)


def _numbers(column: pa.ChunkedArray) -> Floats:
    """Missing values as NaN."""
    return np.asarray(pc.cast(column, pa.float64()).to_numpy(), float)


def _table(job: Job, names: pa.Array, found: PooledRuns) -> pa.Table:
    problems = np.full(len(names), "", object)
    for group, problem in found.problems.items():
        problems[group] = problem
    results = {f.name: getattr(found.pooled, f.name) for f in fields(SynthesisBatch)}
    columns = {job.named: names} | {
        name: values if values.dtype.kind != "U" else pa.array(values, pa.string())
        for name, values in results.items()
    }
    return pa.table(
        columns | {"left_out": found.left_out, "problem": pa.array(problems, pa.string())}
    )
