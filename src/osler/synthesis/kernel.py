r"""The sums that every random-effects method is made of, for many meta-analyses at once.

Arrays are shaped (studies, groups): each column is one meta-analysis, padded below with
studies that weigh nothing. Within a :class:`Block` each column is centred on its
common-effect estimate and scaled so that its smallest variance is 1, which keeps the sums
far from cancellation and overflow.

One meta-analysis alone has no axis of groups: its studies are shaped (studies,), and what
there is one of for each meta-analysis is a number of NumPy's, which serves as an array of
shape (). The same formulas hold, and each of their steps takes a fraction of the time that
NumPy needs to begin with an array of one.

With :math:`w_i = 1 / (v_i + \tau^2)` everything below costs O(k) a meta-analysis: no
k x k matrix is ever formed.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Bools, Floats

Positions: TypeAlias = NDArray[np.intp]
# One value for each meta-analysis: shape (groups,), or a number where there is one alone.
Each: TypeAlias = Floats | float

# Below so many numbers the call costs more than the work.
_FEW = 2048


@dataclass(frozen=True, slots=True)
class Block:
    """Meta-analyses side by side, centred and scaled; or one alone, without the axis of groups.

    Attributes
    ----------
    y, v : array of shape (studies, groups)
        Estimates and variances; 0 and infinity where a column is padded.
    present : array of shape (studies, groups)
        False where a column is padded.
    k : array of shape (groups,)
        Number of studies, >= 1.
    centre, unit : array of shape (groups,)
        ``estimate = centre + unit * y`` and ``variance = unit**2 * v``.
    reach : array of shape (groups,)
        Half of the squared range of ``y``: no estimator here gives a larger tau2.
    """

    y: Floats
    v: Floats
    present: Bools
    k: Floats
    centre: Floats
    unit: Floats
    reach: Floats

    def columns(self, wanted: Bools | Positions) -> "Block":
        """The block of some of its meta-analyses, by mask or by position."""
        at = np.flatnonzero(wanted) if wanted.dtype == bool else wanted
        return Block(
            self.y.take(at, axis=1),
            self.v.take(at, axis=1),
            self.present.take(at, axis=1),
            self.k.take(at),
            self.centre.take(at),
            self.unit.take(at),
            self.reach.take(at),
        )


@dataclass(frozen=True, slots=True)
class Alone(Block):
    """One meta-analysis, with room for the steps of a search in the fewest calls.

    Sums are products of vectors, which NumPy begins soonest, several of them in one call, and
    what follows from them is left to Python's own numbers. For that the vectors of a step are
    rows of one table, written anew by each.

    Attributes
    ----------
    w, squared, pulled, again : array of shape (k,)
        The weights, their squares, and what a search makes of weights and residuals.
    of_weights : array of shape (4, k)
        Ones, ``y``, ``squared`` and ``w``.
    of_pulled : array of shape (3, k)
        ``w``, ``pulled`` and ``again``.
    """

    w: Floats
    squared: Floats
    pulled: Floats
    again: Floats
    of_weights: Floats
    of_pulled: Floats

    @staticmethod
    def of(block: Block) -> "Alone":
        """Of a block with one group."""
        if isinstance(block, Alone):
            return block
        y, v = block.y[block.present], block.v[block.present]
        return _alone(y, v, *map(number, (y.size, *block.centre, *block.unit, *block.reach)))


def block_of(estimates: Floats, variances: Floats, present: Bools) -> Block:
    r"""Centre and scale; every column needs a study, every present variance is above 0.

    Notes
    -----
    ``reach`` bounds tau2: with :math:`R` the range of the estimates both the restricted
    score and :math:`Q(\tau^2) - (k - 1)` are negative beyond :math:`R^2 / 2`, because
    :math:`\sum w_i (y_i - \hat\mu)^2 = \sum_{i<j} w_i w_j (y_i - y_j)^2 / \sum w_i`.
    """
    whole = bool(present.all())
    v = variances if whole else np.where(present, variances, np.inf)
    unit = np.sqrt(np.minimum.reduce(v, axis=0))
    v = v / (unit * unit)
    first = estimates[0]
    if not whole:
        first = estimates[present.argmax(axis=0), np.arange(estimates.shape[1])]
    y = (estimates - first) / unit
    if not whole:
        y = np.where(present, y, 0.0)
    middle = weighted_mean(y, 1.0 / v)
    y -= middle
    if not whole:
        y[~present] = 0.0
    # Padded zeros stand at the centre, inside the range of the others.
    span = np.maximum.reduce(y, axis=0) - np.minimum.reduce(y, axis=0)
    k = np.full(unit.shape, float(len(y))) if whole else present.sum(axis=0).astype(float)
    return Block(y, v, present, k, first + unit * middle, unit, span * span / 2.0)


def block_of_one(estimates: Floats, variances: Floats) -> Alone:
    """As :func:`block_of` for one meta-analysis alone; arrays of shape (k,) in and out."""
    unit = np.sqrt(np.minimum.reduce(variances))
    v = variances / (unit * unit)
    y = (estimates - estimates[0]) / unit
    middle = weighted_mean(y, 1.0 / v)
    y -= middle
    span = np.maximum.reduce(y) - np.minimum.reduce(y)
    centre = estimates[0] + unit * middle
    return _alone(y, v, number(y.size), centre, unit, span * span / 2.0)


def _alone(y: Floats, v: Floats, k: Floats, centre: Floats, unit: Floats, reach: Floats) -> Alone:
    rows = np.zeros((6, y.size))
    ones, centred, squared, w, pulled, again = rows
    ones[:], centred[:] = 1.0, y
    beside = w, squared, pulled, again, rows[:4], rows[3:]
    return Alone(y, v, _all_there(y.size), k, centre, unit, reach, *beside)


def number(value: float) -> Floats:
    """What stands for an array of shape () and is several times as quick."""
    return cast(Floats, np.float64(value))


def shaped_as(like: Floats, value: float) -> Floats:
    """One value in the shape of what a block of one meta-analysis has one of."""
    return np.full_like(like, value) if like.ndim else number(value)


def quotient(a: Floats, b: Floats, otherwise: float) -> Floats:
    """``a / b`` where b is above 0, else ``otherwise``; shape (groups,)."""
    if not b.ndim:
        return a / b if b > 0 else number(otherwise)
    return np.divide(a, b, out=np.full_like(b, otherwise), where=b > 0)


def keep_freed_memory() -> None:
    """Let the arrays of one block take the place of those of the block before.

    The C library of Linux hands freed memory back to the system, and asks for it again page by
    page, which takes a third of the time. It keeps pieces up to the size of the largest that
    was freed before, if that was below 32 MiB.
    """
    np.empty(31 * 2**17)


def weighted_mean(y: Floats, w: Floats) -> Floats:
    """Mean over the studies (the axis before the last)."""
    mean: Floats = sum_of_products(w, y) / sum_of(w)
    return mean


def weights(v: Floats, tau2: Each) -> Floats:
    """Inverse-variance weights, 0 for padded studies."""
    w = v + tau2
    return np.divide(1.0, w, out=w)


def q_statistic(y: Floats, v: Floats, tau2: Each) -> tuple[Floats, Floats]:
    r"""Cochran's Q generalised to :math:`\tau^2`, and its slope.

    .. math:: Q(\tau^2) = \sum w_i (y_i - \hat\mu)^2, \quad
              \frac{dQ}{d\tau^2} = -\sum w_i^2 (y_i - \hat\mu)^2

    Parameters
    ----------
    y, v : array of shape (studies, groups)
    tau2 : array of shape (groups,)

    Returns
    -------
    q, slope : array of shape (groups,)

    References
    ----------
    .. [1] DerSimonian & Kacker (2007). Contemp Clin Trials 28, 105-114, equation 6.
       doi:10.1016/j.cct.2006.04.004
    """
    w = weights(v, tau2)
    residual = y - weighted_mean(y, w)
    w *= residual
    return sum_of_products(w, residual), -sum_of_products(w, w)


def sum_of_products(a: Floats, b: Floats) -> Floats:
    """Sum over the studies (the axis before the last) of ``a * b``.

    For many numbers without writing their product down; for few that is the quicker way.
    """
    if a.ndim == 1:
        found: Floats = a.dot(b)
        return found
    if a.size < _FEW:
        return np.asarray(np.add.reduce(a * b, axis=-2))
    return np.asarray(np.einsum("...ij,...ij->...j", a, b))


def sum_of(a: Floats) -> Floats:
    """Sum over the studies (the axis before the last)."""
    if a.ndim == 1:
        # NumPy begins a product of vectors sooner than a sum.
        found: Floats = a.dot(_ones(a.size))
        return found
    return np.asarray(np.add.reduce(a, axis=-2))


@lru_cache(maxsize=64)
def _all_there(k: int) -> Bools:
    there = np.ones(k, bool)
    there.flags.writeable = False
    return there


@lru_cache(maxsize=64)
def _ones(k: int) -> Floats:
    ones = np.ones(k)
    ones.flags.writeable = False
    return ones
