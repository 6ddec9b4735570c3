"""The known covariance of the sampling errors, kept as its entries that are not 0."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.synthesis.covariance.model import SamplingCovariance
from osler.synthesis.multilevel import problems

Codes = NDArray[np.intp]
# Asymmetry and indefiniteness that rounding explains, relative to the variances.
_ROUNDING = 1e-8


@dataclass(frozen=True, slots=True)
class Sampling:
    """Variances, and the covariances between rows (each pair in both orders).

    Attributes
    ----------
    variances : array of shape (n,)
    rows, columns, covariances : array of shape (m,)
    """

    variances: Floats
    rows: Codes
    columns: Codes
    covariances: Floats

    @property
    def is_diagonal(self) -> bool:
        return self.rows.size == 0

    def kept(self, keep: NDArray[np.bool_]) -> "Sampling":
        """Of some of the rows."""
        new = np.cumsum(keep) - 1
        both = keep[self.rows] & keep[self.columns]
        return Sampling(
            self.variances[keep],
            new[self.rows[both]],
            new[self.columns[both]],
            self.covariances[both],
        )

    def scaled(self, factor: float) -> "Sampling":
        return Sampling(self.variances * factor, self.rows, self.columns, self.covariances * factor)

    def components(self) -> Codes:
        """A code for every row: rows with different codes have independent errors."""
        labels = np.arange(self.variances.size)
        while True:
            before = labels.copy()
            np.minimum.at(labels, self.rows, labels[self.columns])
            labels = labels[labels]
            if np.array_equal(before, labels):
                return np.unique(labels, return_inverse=True)[1].ravel()


def independent(variances: Floats) -> Sampling:
    none = np.zeros(0, np.intp)
    return Sampling(variances, none, none, np.zeros(0))


def sampling_of(given: ArrayLike | Sequence[ArrayLike] | SamplingCovariance, n: int) -> Sampling:
    """From a matrix, a list of blocks down the diagonal, or :func:`sampling_covariance`.

    Raises
    ------
    DataError
        Where the shape does not fit (MLV004), or the matrix is not symmetric or not
        positive definite (MLV005).
    """
    if isinstance(given, SamplingCovariance):
        blocks = list(zip((np.array(r) for r in given.rows), given.blocks, strict=True))
    else:
        blocks = _placed(_as_blocks(given, n))
    total = sum(len(rows) for rows, _ in blocks)
    if total != n:
        raise DataError(problems.covariance_shape(f"it covers {total} rows, the data have {n}"))
    return _from_blocks(blocks, n)


def _as_blocks(given: ArrayLike | Sequence[ArrayLike], n: int) -> list[Floats]:
    if isinstance(given, (list, tuple)) and all(np.ndim(block) in (0, 2) for block in given):
        return [np.atleast_2d(np.asarray(block, float)) for block in given]
    matrix = np.asarray(given, float)
    if matrix.shape != (n, n):
        raise DataError(problems.covariance_shape(f"its shape is {matrix.shape}, not ({n}, {n})"))
    return [matrix]


def _placed(blocks: Iterable[Floats]) -> list[tuple[Codes, Floats]]:
    out, at = [], 0
    for block in blocks:
        if block.shape[0] != block.shape[1]:
            raise DataError(problems.covariance_shape(f"a block has the shape {block.shape}"))
        out.append((np.arange(at, at + len(block)), block))
        at += len(block)
    return out


def _from_blocks(blocks: list[tuple[Codes, Floats]], n: int) -> Sampling:
    variances = np.zeros(n)
    rows, columns, values = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)], [np.zeros(0)]
    for where, block in blocks:
        variances[where] = np.diag(block)
        i, j = np.nonzero(block)
        off = i != j
        i, j = i[off], j[off]
        scale = np.sqrt(np.abs(np.diag(block)))
        if np.any(np.abs(block[i, j] - block[j, i]) > _ROUNDING * (scale[i] * scale[j])):
            raise DataError(problems.covariance_not_definite("it is not symmetric"))
        rows.append(where[i])
        columns.append(where[j])
        values.append((block[i, j] + block[j, i]) / 2.0)
    return Sampling(
        variances, np.concatenate(rows), np.concatenate(columns), np.concatenate(values)
    )
