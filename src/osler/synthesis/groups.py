"""A long table of studies, pooled group by group: the quick way to a million syntheses.

Groups are runs of rows. Sorted by size they are cut into pieces of nearly one size, each piece
becomes a block of shape (studies, groups) for :func:`~osler.synthesis.batch.pool_block`, and the
results go back to the groups' own order. So ragged sizes cost little.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osler.core.arrays import Bools, Floats
from osler.core.diagnostics import DataError
from osler.synthesis import problems
from osler.synthesis.batch import (
    FARTHEST,
    Choices,
    Names,
    SynthesisBatch,
    choices,
    number_problem,
    pool_block,
    sound,
    too_far_apart,
)
from osler.synthesis.intervals import CI_METHODS, PRED_METHODS
from osler.synthesis.kernel import Block, Positions, block_of, keep_freed_memory

# Studies x groups given to one worker at a time: enough to be worth the call, few enough that
# the workers end together.
_PIECE = 262_144
# Room for the name of any method, and no more: a character takes four bytes.
_NAME = f"U{max(map(len, (*CI_METHODS, *PRED_METHODS)))}"
# By so many studies may a group be padded, or by an eighth of its size where that is more: a few
# empty rows cost less than many small pieces, for which two threads wait for each other.
_PADDED = 4


@dataclass(frozen=True, slots=True)
class Runs:
    """Where each group's rows begin in a long table, and how many there are."""

    starts: Positions
    lengths: Positions

    @staticmethod
    def of_ends(ends: ArrayLike) -> "Runs":
        """From the position after each group's last row."""
        stops = np.asarray(ends, np.intp)
        starts = np.concatenate([[0], stops[:-1]]).astype(np.intp)
        return Runs(starts, stops - starts)


@dataclass(frozen=True, slots=True)
class PooledRuns:
    """One synthesis a group.

    Attributes
    ----------
    pooled : SynthesisBatch
        In the order of the groups; NaN throughout where there is a problem.
    left_out : array of shape (groups,)
        Rows with neither estimate nor variance.
    problems : mapping of int to str
        From the position of a group that cannot be pooled to the reason.
    """

    pooled: SynthesisBatch
    left_out: Positions
    problems: dict[int, str]


def synthesise_runs(
    estimates: Floats,
    variances: Floats,
    runs: Runs,
    *,
    workers: int | None = None,
    **methods: object,
) -> PooledRuns:
    """Pool every run of rows.

    Parameters
    ----------
    estimates, variances : array of shape (rows,)
        On the analysis scale; a row that is NaN in both is no study.
    runs : Runs
        The groups.
    workers : int, optional
        Threads; as many as there are cores where left out.
    **methods
        As of :func:`~osler.synthesis.batch.synthesise_many`.

    Examples
    --------
    >>> y, v = np.array([0.1, 0.3, 0.5, 0.2, 0.9, -0.1]), np.full(6, 0.04)
    >>> found = synthesise_runs(y, v, Runs.of_ends([3, 5, 6]))
    >>> found.pooled.estimate.round(2), found.pooled.k
    (array([ 0.3 ,  0.55, -0.1 ]), array([3., 2., 1.]))
    """
    chosen = _chosen(methods)
    present = ~(np.isnan(estimates) & np.isnan(variances))
    counts = runs.lengths
    if not present.all():
        counts = np.add.reduceat(present.astype(np.intp), runs.starts)
    weighable = sound(estimates, variances) | ~present
    unusable = _problems(estimates, variances, runs, weighable, counts)
    usable = np.ones(runs.lengths.size, bool)
    usable[list(unusable)] = False
    pieces = list(_pieces(runs, usable))
    if len(pieces) > 1:
        keep_freed_memory()
    long = _Long(estimates, variances, present, runs)
    pooled = no_results(runs.lengths.size)

    def work(at: Positions) -> None:
        _put(pool_block(long.block(at), chosen), pooled, at)

    with ThreadPoolExecutor(workers or os.cpu_count()) as threads:
        for _ in threads.map(work, pieces):
            pass  # here what went wrong in a thread is raised
    return PooledRuns(pooled, runs.lengths - counts, unusable)


def _chosen(methods: dict[str, object]) -> Choices:
    """The choices, which are the same for all groups; weights of one's own cannot be."""
    asked = dict(methods)
    for name in ("weights", "tau2_weights"):
        if asked.pop(name, None) is not None:
            found = f"{name} for one meta-analysis, and many groups"
            raise DataError(problems.lengths_disagree(found))
    return choices(**asked)  # type: ignore[arg-type]


def _problems(
    y: Floats, v: Floats, runs: Runs, weighable: Bools, counts: Positions
) -> dict[int, str]:
    out = {
        int(i): "no row has both an estimate and a variance" for i in np.flatnonzero(counts == 0)
    }
    for row in np.flatnonzero(~weighable)[::-1]:
        group = int(np.searchsorted(runs.starts, row, side="right")) - 1
        nth = row - runs.starts[group] + 1
        found = number_problem(f"row {nth} of the group", float(y[row]), float(v[row]))
        if found:
            told = found.diagnostics[0]
            out[group] = f"{told.message}: {told.found}"
    for group in _far_apart(y, v, runs, weighable):
        if group not in out:
            rows = slice(runs.starts[group], runs.starts[group] + runs.lengths[group])
            there = ~np.isnan(y[rows])
            told = too_far_apart("estimates", y[rows][there], v[rows][there]).diagnostics[0]
            out[group] = f"{told.message}: {told.found}"
    return out


def _far_apart(y: Floats, v: Floats, runs: Runs, weighable: Bools) -> list[int]:
    """Groups whose estimates are beyond computing together; seldom are those of all groups."""
    if not weighable.all():
        y, v = np.where(weighable, y, np.nan), np.where(weighable, v, np.nan)
    if not y.size or _reach(np.fmax.reduce(y), np.fmin.reduce(y), np.fmin.reduce(v)) <= FARTHEST:
        return []
    at = runs.starts
    reach = _reach(np.fmax.reduceat(y, at), np.fmin.reduceat(y, at), np.fmin.reduceat(v, at))
    return np.flatnonzero(reach > FARTHEST).tolist()


def _reach(highest: Floats, lowest: Floats, smallest: Floats) -> Floats:
    """As the reach of a block: half of the squared range, in units of the smallest variance."""
    span = highest - lowest
    return np.asarray(span / smallest * span / 2.0)


def _pieces(runs: Runs, usable: Bools) -> Iterator[Positions]:
    """Groups of nearly one size, as many as one worker is given; each piece in their own order."""
    order = np.argsort(runs.lengths, kind="stable")
    order = order[usable[order]]
    sizes = runs.lengths[order]
    begin = 0
    while begin < sizes.size:
        smallest = int(sizes[begin])
        most = begin + max(1, _PIECE // smallest)
        widest = smallest + max(_PADDED, smallest // 8)
        near = sizes[begin : min(most, int(np.searchsorted(sizes, widest, side="right")))]
        rows = near * np.arange(1, near.size + 1)
        end = begin + max(1, int(np.searchsorted(rows, _PIECE, side="right")))
        yield np.sort(order[begin:end])
        begin = end


@dataclass(frozen=True, slots=True)
class _Long:
    """The table and its groups."""

    y: Floats
    v: Floats
    present: Bools
    runs: Runs

    def block(self, groups: Positions) -> Block:
        """Groups of nearly one size side by side."""
        whole = self.y, self.v, self.present
        starts, lengths = self.runs.starts[groups], self.runs.lengths[groups]
        most = int(lengths.max())
        even = int(lengths.min()) == most
        if even and starts[-1] - starts[0] == (starts.size - 1) * most:
            part = slice(starts[0], starts[-1] + most)
            return block_of(*(_side_by_side(x[part], most) for x in whole))
        # Group by group, as they lie in memory, and only then side by side.
        rows = starts[:, None] + np.arange(most)
        if even:
            return block_of(*(_side_by_side(x.take(rows), most) for x in whole))
        there = np.arange(most) < lengths[:, None]
        rows = np.where(there, rows, 0)
        there &= self.present.take(rows)
        here = (self.y.take(rows), self.v.take(rows), there)
        return block_of(*(_side_by_side(x, most) for x in here))


def _side_by_side(values: NDArray[Any], rows: int) -> NDArray[Any]:
    """Groups that follow each other as columns."""
    return np.ascontiguousarray(values.reshape(-1, rows).T)


def _put(part: SynthesisBatch, out: SynthesisBatch, at: Positions) -> None:
    """A part's results at its groups' positions; each thread has positions of its own."""
    # Groups that follow each other, as those of one size do, are copied in one piece.
    together = at[-1] - at[0] + 1 == at.size
    where = slice(at[0], at[-1] + 1) if together else at
    for f in fields(SynthesisBatch):
        getattr(out, f.name)[where] = getattr(part, f.name)


def no_results(groups: int) -> SynthesisBatch:
    """NaN and empty names throughout."""
    return SynthesisBatch(
        **{
            f.name: np.full(groups, "", _NAME) if f.type is Names else np.full(groups, np.nan)
            for f in fields(SynthesisBatch)
        }
    )
