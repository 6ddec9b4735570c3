r"""Sums over all subsets of studies, by doubling.

Subset ``code`` holds study j where bit j of the code is set. The subsets of the first j + 1
studies are those of the first j, and those with study j added: so an array over all codes
grows by doubling, with a constant number of operations a subset. Every update adds only
numbers that are not negative, so that nothing is lost to cancellation.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Bools, Floats
from osler.synthesis.kernel import block_of, weights
from osler.synthesis.tau2 import TAU2_METHODS

Codes = NDArray[np.int64]
# Studies x subsets worked on at a time where there is no doubling.
_BLOCK = 65_536


@dataclass(frozen=True, slots=True)
class SubsetSums:
    """The synthesis of each subset; arrays of shape (subsets,)."""

    k: NDArray[np.int64]
    estimate: Floats
    q: Floats
    i2: Floats
    tau2: Floats


def all_subsets(y: Floats, v: Floats, method: str) -> SubsetSums:
    """Every subset but the empty one, in order of its code, from 1 to 2**k - 1.

    Parameters
    ----------
    y, v : array of shape (k,)
    method : str
        "common", "DL", or another estimator of tau2.
    """
    total, mean, q, pairs, count = _doubled(y, v)
    typical = np.divide(count - 1.0, 2.0 * pairs / total, out=np.ones_like(q), where=count > 1)
    if method == "common":
        return _common(count, mean, q)
    if method == "DL":
        excess = np.divide(q - (count - 1.0), count - 1.0, out=np.zeros_like(q), where=count > 1)
        tau2 = np.maximum(0.0, excess) * typical
        estimate = np.where(tau2 > 0, _weighted(y, v, tau2), mean)
    else:
        tau2, estimate = _by_block(y, v, np.arange(1, q.size), q.size, method)
    i2 = tau2 / (tau2 + typical)
    return SubsetSums(count[1:].astype(np.int64), estimate[1:], q[1:], i2[1:], tau2[1:])


def some_subsets(y: Floats, v: Floats, members: Bools, method: str) -> SubsetSums:
    """The subsets marked in the rows of ``members``, shape (subsets, k); none is empty."""
    parts = []
    width = max(1, _BLOCK // y.size)
    for at in range(0, len(members), width):
        parts.append(_some(y, v, members[at : at + width].T, method))
    joined = [np.concatenate(each) for each in zip(*parts, strict=True)]
    k, estimate, q, i2, tau2 = joined
    return SubsetSums(k.astype(np.int64), estimate, q, i2, tau2)


def _some(y: Floats, v: Floats, present: Bools, method: str) -> tuple[Floats, ...]:
    """One block of subsets, shape (k, subsets)."""
    w = np.where(present, 1.0 / v[:, None], 0.0)
    total, k = w.sum(axis=0), present.sum(axis=0).astype(float)
    mean = (w * y[:, None]).sum(axis=0) / total
    q = (w * (y[:, None] - mean) ** 2).sum(axis=0)
    if method == "common":
        found = _common(np.append(0.0, k), np.append(0.0, mean), np.append(0.0, q))
        return k, mean, q, found.i2, found.tau2
    tau2, estimate = _pooled(y, v, present, method)
    spread = total - (w * w).sum(axis=0) / total
    typical = np.divide(k - 1.0, spread, out=np.ones_like(k), where=k > 1)
    return k, estimate, q, tau2 / (tau2 + typical), tau2


def _common(count: Floats, mean: Floats, q: Floats) -> SubsetSums:
    """Under a common effect I2 comes from Q, and tau2 is 0.

    Q of one study may be a rounding error instead of 0, and says nothing.
    """
    df = count - 1.0
    i2 = np.divide(q - df, q, out=np.zeros_like(q), where=(df > 0) & (q > df))
    zero = np.zeros(q.size - 1)
    return SubsetSums(count[1:].astype(np.int64), mean[1:], q[1:], i2[1:], zero)


def _doubled(y: Floats, v: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Weight, mean, Q, sum of products of pairs of weights, and count of every subset.

    With a study of weight w at y added to a subset of weight W and mean m: the mean moves by
    (y - m) w / (W + w), Q grows by (y - m)² W w / (W + w), the pairs by W w.
    """
    size = 1 << y.size
    total, mean, q, pairs, count = (np.zeros(size) for _ in range(5))
    for j, (here, w) in enumerate(zip(y.tolist(), (1.0 / v).tolist(), strict=True)):
        old, new = slice(0, 1 << j), slice(1 << j, 2 << j)
        total[new] = total[old] + w
        away = here - mean[old]
        share = w / total[new]
        mean[new] = mean[old] + away * share
        q[new] = q[old] + away * away * total[old] * share
        pairs[new] = pairs[old] + total[old] * w
        count[new] = count[old] + 1.0
    total[0] = 1.0
    return total, mean, q, pairs, count


def _weighted(y: Floats, v: Floats, tau2: Floats) -> Floats:
    """Random-effects mean of every subset, each with its own tau2.

    Seen as (.., 2, 2**j) an array over codes has at 1 of its middle axis the subsets that
    hold study j: one pass a study, over half of the subsets, without a table of members.
    """
    total, sums = np.zeros_like(tau2), np.zeros_like(tau2)
    middle = float((y / v).sum() / (1.0 / v).sum())
    for j, (here, var) in enumerate(zip((y - middle).tolist(), v.tolist(), strict=True)):
        half = (-1, 2, 1 << j)
        w = 1.0 / (var + tau2.reshape(half)[:, 1])
        total.reshape(half)[:, 1] += w
        sums.reshape(half)[:, 1] += w * here
    total[0] = 1.0
    return middle + sums / total


def _by_block(y: Floats, v: Floats, codes: Codes, size: int, method: str) -> tuple[Floats, Floats]:
    tau2, estimate = np.zeros(size), np.zeros(size)
    width = max(1, _BLOCK // y.size)
    bits = np.arange(y.size)[:, None]
    for at in range(0, codes.size, width):
        part = codes[at : at + width]
        present = (part >> bits & 1).astype(bool)
        tau2[part], estimate[part] = _pooled(y, v, present, method)
    return tau2, estimate


def _pooled(y: Floats, v: Floats, present: Bools, method: str) -> tuple[Floats, Floats]:
    """tau2 by any estimator, and the estimate: one block of subsets, shape (k, subsets)."""
    estimator: Callable[..., Floats] = TAU2_METHODS[method]
    block = block_of(
        np.where(present, y[:, None], np.nan), np.where(present, v[:, None], np.nan), present
    )
    tau2 = estimator(block)
    w = weights(block.v, tau2)
    mean = (w * block.y).sum(axis=0) / w.sum(axis=0)
    return tau2 * block.unit**2, block.centre + block.unit * mean
