"""The matrix of moderators: names, terms, and which columns say nothing new."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.synthesis.batch import LARGEST, SMALLEST
from osler.synthesis.regression import problems
from osler.synthesis.regression.kernel import DEPENDENT, triangle_of


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Moderators as columns of numbers.

    Attributes
    ----------
    names : tuple of str, length p
    matrix : array of shape (k, p)
        Of full rank.
    terms : mapping of str to tuple of int
        Columns of each term of the formula ("C(alloc)": two columns).
    intercept : int or None
        The column that is 1 throughout.
    redundant : tuple of str
        Columns left out because those before them already say the same.
    kept : tuple of int
        Which columns of the whole matrix were kept.
    formula : str
        Empty where the matrix was given as it is.
    """

    names: tuple[str, ...]
    matrix: Floats
    terms: Mapping[str, tuple[int, ...]]
    intercept: int | None
    redundant: tuple[str, ...]
    kept: tuple[int, ...]
    formula: str = ""

    @property
    def p(self) -> int:
        return len(self.names)

    @property
    def moderators(self) -> tuple[int, ...]:
        """Columns that an omnibus test is about: all but the intercept, or all without one."""
        return tuple(j for j in range(self.p) if j != self.intercept)

    @property
    def spans_constant(self) -> bool:
        """Whether some combination of the columns is constant, an intercept by another name."""
        if self.intercept is not None:
            return True
        ones = np.ones(self.matrix.shape[0])
        left = ones - self.matrix @ np.linalg.lstsq(self.matrix, ones, rcond=None)[0]
        return bool(np.abs(left).max(initial=0.0) < 1e-8)


def design_of(
    matrix: Floats,
    names: Sequence[str],
    terms: Mapping[str, Sequence[int]] | None = None,
    formula: str = "",
    studies: Sequence[str] = (),
) -> Design:
    """Check a matrix of moderators and leave out what is redundant.

    Raises
    ------
    DataError
        Where the shape is wrong (REG011), a number is not finite (REG005) or no column is
        left (REG012).

    Examples
    --------
    >>> design = design_of(np.array([[1.0, 2, 4], [1, 3, 6], [1, 5, 10]]), ["1", "x", "2x"])
    >>> design.names, design.redundant, design.intercept
    (('1', 'x'), ('2x',), 0)
    """
    if matrix.ndim != 2 or matrix.shape[1] != len(names):
        raise DataError(problems.shapes_disagree(f"shape {matrix.shape}, {len(names)} names"))
    _check_finite(matrix, names, studies)
    kept = independent_columns(matrix)
    if not kept:
        raise DataError(problems.nothing_to_estimate(f"columns: {', '.join(names) or 'none'}"))
    place = {old: new for new, old in enumerate(kept)}
    whole = terms or {name: (j,) for j, name in enumerate(names)}
    inside = {term: tuple(place[j] for j in cols if j in place) for term, cols in whole.items()}
    chosen = matrix.take(kept, axis=1)
    constant = (chosen == 1.0).all(axis=0).tolist()
    return Design(
        tuple(names[j] for j in kept),
        chosen,
        {term: cols for term, cols in inside.items() if cols},
        constant.index(True) if True in constant else None,
        tuple(name for j, name in enumerate(names) if j not in place),
        tuple(kept),
        formula,
    )


def _check_finite(matrix: Floats, names: Sequence[str], studies: Sequence[str]) -> None:
    largest = np.abs(matrix).max(axis=0, initial=0.0).tolist()
    odd = [j for j, size in enumerate(largest) if not (SMALLEST <= size <= LARGEST or size == 0)]
    if not odd:
        return
    bad = ~np.isfinite(matrix)
    if bad.any():
        column = int(np.flatnonzero(bad.any(axis=0))[0])
        rows = np.flatnonzero(bad[:, column])
        whose = [studies[i] if studies else f"row {i + 1}" for i in rows.tolist()]
        raise DataError(problems.not_finite(names[column], whose))
    raise DataError(problems.beyond_computing(names[odd[0]], largest[odd[0]]))


def independent_columns(matrix: Floats) -> list[int]:
    """Columns that are not combinations of those before them."""
    if 0 < matrix.shape[1] <= matrix.shape[0]:
        left_over = np.abs(triangle_of(matrix.T).diagonal())
        if (left_over > 100 * DEPENDENT * np.linalg.norm(matrix, axis=0)).all():
            return list(range(matrix.shape[1]))
    basis: list[Floats] = []
    kept = []
    for j, column in enumerate(matrix.T):
        scale = np.abs(column).max(initial=0.0)
        if not scale > 0:
            continue
        left = column / scale
        length = np.linalg.norm(left)
        for _ in range(2):
            for direction in basis:
                left = left - direction * (direction @ left)
        remaining = np.linalg.norm(left)
        if remaining > DEPENDENT * length:
            basis.append(left / remaining)
            kept.append(j)
    return kept
