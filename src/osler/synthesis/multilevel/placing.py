"""Random terms placed on the rows of a table: which row belongs to which group and level."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import column, numbers
from osler.synthesis.multilevel import problems
from osler.synthesis.multilevel.curves import (
    SPATIAL,
    Curve,
    autoregression,
    compound_symmetry,
    spatial,
)
from osler.synthesis.multilevel.structures import (
    Curved,
    Diagonal,
    Scaled,
    Structure,
    Unstructured,
)
from osler.synthesis.multilevel.terms import (
    Intercept,
    RandomTerm,
    Related,
    Slopes,
    Structured,
    groups_of,
    shown,
)

Codes = NDArray[np.intp]
Columns = Mapping[str, Sequence[object]]


@dataclass(frozen=True, slots=True)
class Placed:
    """A random term on the rows of the data.

    The covariance it adds between rows i and j is :math:`a_i' T a_j` where both have the
    same ``outer`` code, else 0; :math:`a_i` picks the level ``inner[i]``, or is the row of
    ``loadings`` where there are any.

    Attributes
    ----------
    label, kind : str
        As the reader knows it, and the name of the structure ("intercept", "CS", ...).
    outer, inner : array of shape (n,)
    loadings : array of shape (n, levels) or None
    levels, groups : tuple of str
        Names of the inner levels and of the outer groups.
    structure : Structure
    """

    label: str
    kind: str
    outer: Codes
    inner: Codes
    loadings: Floats | None
    levels: tuple[str, ...]
    groups: tuple[str, ...]
    structure: Structure

    @property
    def is_intercept(self) -> bool:
        return self.kind == "intercept"

    def row_variances(self, T: Floats) -> Floats:
        """What the term adds to the variance of each row."""
        if self.loadings is None:
            return np.asarray(np.diag(T)[self.inner])
        return np.asarray(np.einsum("ij,jk,ik->i", self.loadings, T, self.loadings))

    def design(self) -> tuple[Floats, Codes, Codes]:
        """Rows by random effects, shape (n, q); the group and the level of each effect."""
        n = self.outer.size
        if self.loadings is None:
            size = len(self.levels)
            codes, back = np.unique(self.outer * size + self.inner, return_inverse=True)
            Z = np.zeros((n, codes.size))
            Z[np.arange(n), back.ravel()] = 1.0
            return Z, codes // size, codes % size
        size = self.loadings.shape[1]
        Z = np.zeros((n, len(self.groups) * size))
        for j in range(size):
            Z[np.arange(n), self.outer * size + j] = self.loadings[:, j]
        codes = np.arange(Z.shape[1])
        return Z, codes // size, codes % size


def placed(term: RandomTerm, columns: Columns) -> Placed:
    """A term on the data; DataError where a column is missing or does not fit."""
    match term:
        case Intercept():
            return _intercept(term, columns)
        case Related():
            return _related(term, columns)
        case Structured():
            return _structured(term, columns)
        case Slopes():
            return _slopes(term, columns)


def _grouping(columns: Columns, names: Sequence[str], label: str) -> tuple[Codes, tuple[str, ...]]:
    values = [column(columns, name) for name in names]
    empty = [i for i, row in enumerate(zip(*values, strict=True), 1) if None in row]
    if empty:
        raise DataError(problems.group_missing(label, empty))
    return groups_of(values)


def _intercept(term: Intercept, columns: Columns) -> Placed:
    codes, groups = _grouping(columns, term.columns, term.label)
    zero = np.zeros_like(codes)
    return Placed(
        term.label, "intercept", codes, zero, None, ("",), groups, Scaled(np.ones((1, 1)))
    )


def _related(term: Related, columns: Columns) -> Placed:
    codes, labels = _grouping(columns, [term.column], term.label)
    R, names = np.asarray(term.R, float), [shown(name) for name in term.names]
    if R.shape != (len(names), len(names)):
        raise DataError(problems.relation_shape(term.label, f"{R.shape} for {len(names)} names"))
    unknown = [label for label in labels if label not in names]
    if unknown:
        raise DataError(problems.relation_names(term.label, unknown))
    order = [names.index(label) for label in labels]
    R = R[np.ix_(order, order)]
    if not (np.isfinite(R).all() and (np.diag(R) > 0).all()):
        raise DataError(problems.relation_shape(term.label, "a diagonal that is not above 0"))
    R = _rescaled(R, term.scale)
    if not np.allclose(R, R.T, rtol=1e-8, atol=1e-10) or np.linalg.eigvalsh(R).min() < -1e-8:
        raise DataError(problems.relation_shape(term.label, "not symmetric, or not a covariance"))
    outer = np.zeros_like(codes)
    return Placed(term.label, "related", outer, codes, None, labels, ("all",), Scaled(R))


def _rescaled(R: Floats, scale: str) -> Floats:
    if scale in ("cor", "cor0"):
        sd = np.sqrt(np.diag(R))
        R = R / np.outer(sd, sd)
    if scale == "cor0":
        R = (R - R.min()) / (1.0 - R.min())
    if scale == "cov0":
        R = R - R.min()
    return R


def _structured(term: Structured, columns: Columns) -> Placed:
    outer, groups = _grouping(columns, [term.within], term.label)
    if term.structure in SPATIAL or term.structure == "CAR":
        inner, levels, distance = _points(term, columns)
    else:
        inner, levels = _ordered(column(columns, term.inner_columns[0]), term.label)
        steps = np.arange(len(levels), dtype=float)
        distance = np.abs(steps[:, None] - steps)
        if len(term.inner_columns) > 1:
            raise DataError(problems.one_inner_column(term.label, term.structure))
    structure = _structure(term.structure, len(levels), distance)
    return Placed(term.label, term.structure, outer, inner, None, levels, groups, structure)


def _structure(name: str, size: int, distance: Floats) -> Structure:
    many = size if name in ("HCS", "HAR") else 1
    curve: Curve
    match name:
        case "ID":
            return Scaled(np.eye(size))
        case "DIAG":
            return Diagonal(size)
        case "UN":
            return Unstructured(size)
        case "CS" | "HCS":
            curve = compound_symmetry(size)
        case "AR" | "HAR" | "CAR":
            curve = autoregression(distance, continuous=name == "CAR")
        case _:
            curve = spatial(name, distance)
    return Curved(size, many, curve)


def _ordered(values: Sequence[object], label: str) -> tuple[Codes, tuple[str, ...]]:
    """Levels sorted, as numbers where they are numbers, else by name."""
    empty = [i for i, value in enumerate(values, 1) if value is None]
    if empty:
        raise DataError(problems.group_missing(label, empty))
    numeric = all(isinstance(value, (int, float)) for value in values)
    distinct = sorted(set(values)) if numeric else sorted(set(values), key=shown)  # type: ignore[type-var]
    code = {value: i for i, value in enumerate(distinct)}
    return np.array([code[value] for value in values], np.intp), tuple(map(shown, distinct))


def _points(term: Structured, columns: Columns) -> tuple[Codes, tuple[str, ...], Floats]:
    """Distinct times or places, and the distances between them."""
    at = np.stack([numbers(columns, name) for name in term.inner_columns], axis=1)
    if not np.isfinite(at).all():
        empty = (np.flatnonzero(~np.isfinite(at).all(axis=1)) + 1).tolist()
        raise DataError(problems.group_missing(term.label, empty))
    points, inner = np.unique(at, axis=0, return_inverse=True)
    distance = np.sqrt(((points[:, None, :] - points) ** 2).sum(axis=2))
    labels = tuple(", ".join(shown(float(value)) for value in point) for point in points)
    return inner.ravel(), labels, distance


def _slopes(term: Slopes, columns: Columns) -> Placed:
    outer, groups = _grouping(columns, [term.within], term.label)
    loadings = [numbers(columns, name) for name in term.slope_columns]
    names = term.slope_columns
    if term.intercept:
        loadings, names = [np.ones(outer.size), *loadings], ("intercept", *names)
    A = np.stack(loadings, axis=1)
    if not np.isfinite(A).all():
        empty = (np.flatnonzero(~np.isfinite(A).all(axis=1)) + 1).tolist()
        raise DataError(problems.group_missing(term.label, empty))
    zero = np.zeros_like(outer)
    return Placed(term.label, "GEN", outer, zero, A, names, groups, Unstructured(A.shape[1]))
