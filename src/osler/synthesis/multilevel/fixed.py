"""Fixed effects: the design matrix from a formula or an array, for the data and for new rows.

formulaic, an optional dependency, is asked only where a formula has more than an intercept.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from osler.core.arrays import Bools, Floats
from osler.core.diagnostics import DataError
from osler.core.frames import frame_of
from osler.synthesis.multilevel import problems

Columns = Mapping[str, Sequence[object]]
_INTERCEPT = "Intercept"


@dataclass(frozen=True, slots=True)
class Design:
    """The design matrix, and what makes it again for new data.

    Attributes
    ----------
    formula : str
        The right-hand side, or "given as an array".
    response : str
        The left-hand side of the formula; empty where there was none.
    names : tuple of str
    X : array of shape (n, p)
        NaN in rows where a moderator is missing.
    spec : object
        formulaic's own memory of levels and of transformations; None without a formula.
    """

    formula: str
    response: str
    names: tuple[str, ...]
    X: Floats
    spec: Any = field(repr=False, default=None)

    @property
    def intercept_only(self) -> bool:
        return self.names == (_INTERCEPT,)

    def rows(self, keep: Bools) -> "Design":
        return Design(self.formula, self.response, self.names, self.X[keep], self.spec)


def design_of(
    fixed: str | ArrayLike, columns: Columns, rows: int, names: Sequence[str] | None
) -> Design:
    """From "~ 1", "yi ~ year + C(design)" or an array of shape (rows, p)."""
    if not isinstance(fixed, str):
        return _array(np.asarray(fixed, float), rows, names)
    response, _, right = fixed.rpartition("~")
    response, right = response.strip(), right.strip() or "1"
    if right == "1":
        return Design("~ 1", response, (_INTERCEPT,), np.ones((rows, 1)))
    return _formula(right, response, columns, rows)


def _array(X: Floats, rows: int, names: Sequence[str] | None) -> Design:
    X = X[:, None] if X.ndim == 1 else X
    if X.ndim != 2 or X.shape[0] != rows or (names is not None and len(names) != X.shape[1]):
        found = f"a design of shape {X.shape} for {rows} rows, names: {names}"
        raise DataError(problems.sizes_disagree(found))
    if names is None:
        ones = [bool(np.all(X[:, j] == 1.0)) for j in range(X.shape[1])]
        names = [_INTERCEPT if one else f"x{j + 1}" for j, one in enumerate(ones)]
    return Design("given as an array", "", tuple(names), X)


def _formula(right: str, response: str, columns: Columns, rows: int) -> Design:
    if not (find_spec("formulaic") and find_spec("pandas")):
        raise DataError(problems.formula_not_read(right, "formulaic is not installed"))
    named = import_module("osler.synthesis.regression.formulas").variables_of(right)
    absent = [name for name in named if name not in columns]
    if absent:  # a formula is Python: what is no column is not to be looked for elsewhere
        raise DataError(problems.formula_not_read(right, f"no column {', '.join(absent)}"))
    whole, frame = _complete(right, columns, rows)
    if not whole.any():
        raise DataError(problems.formula_not_read(right, "no row has all its columns"))
    try:
        matrix = import_module("formulaic").model_matrix(right, frame)
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(problems.formula_not_read(right, reason)) from error
    if not matrix.shape[1]:
        raise DataError(problems.formula_not_read(right, "no column is left to estimate"))
    X = np.full((rows, matrix.shape[1]), np.nan)
    X[whole] = np.asarray(matrix, float)
    names = tuple(str(name) for name in matrix.columns)
    return Design(f"~ {right}", response, names, X, matrix.model_spec)


def _complete(right: str, columns: Columns, rows: int) -> tuple[Bools, Any]:
    """Rows that have every column the formula names, and these as a frame."""
    words = set(re.findall(r"[^\W\d]\w*(?:\.\w+)*", right)) | set(re.findall(r"`([^`]+)`", right))
    named = [name for name in columns if name in words]
    whole = np.ones(rows, bool)
    for name in named:
        whole &= np.array([value is not None for value in columns[name]], bool)
    kept = np.flatnonzero(whole).tolist()
    used: dict[str, list[object]] = {name: [columns[name][i] for i in kept] for name in named} or {
        "row": list(kept)
    }
    return whole, frame_of(used, "pandas")


def new_rows(design: Design, new: object, columns: Columns | None) -> Floats:
    """The design of new data, shape (m, p): from a table for a formula, else an array."""
    if columns is None:
        X = np.atleast_2d(np.asarray(new, float))
        if X.shape[1] != len(design.names):
            found = f"{X.shape[1]} columns; the coefficients are {', '.join(design.names)}"
            raise DataError(problems.sizes_disagree(found))
        return X
    rows = len(next(iter(columns.values()), ()))
    if design.intercept_only:
        return np.ones((rows, 1))
    if design.spec is None:
        found = "the model was given an array, the new data are a table"
        raise DataError(problems.sizes_disagree(found))
    try:
        matrix = design.spec.get_model_matrix(frame_of(dict(columns), "pandas"))
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(problems.formula_not_read(design.formula, reason)) from error
    return np.asarray(matrix, float)
