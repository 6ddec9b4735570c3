"""Formulas of moderators, read by formulaic.

The only module of this package that needs formulaic; it is imported by name, where a
formula is first met. A formula can call functions, as in any Python expression: take none
from people you would not let run code.
"""

import ast
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import narwhals as nw
import numpy as np
from formulaic import Formula
from formulaic.errors import DataMismatchWarning, FormulaicError, FormulaSyntaxError
from formulaic.materializers import NarwhalsMaterializer
from formulaic.parser.types import Term

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import columns_of
from osler.synthesis.regression import problems

# To take a formula apart costs as much as a regression; people fit the same one many times.
_REMEMBERED = 128


@dataclass(frozen=True, slots=True)
class Formed:
    """A matrix made by a formula.

    Attributes
    ----------
    matrix : array of shape (rows, columns)
    names : tuple of str
        As formulaic writes them.
    terms : mapping of str to tuple of int
    spec : object
        Makes the same columns of new data.
    """

    matrix: Floats
    names: tuple[str, ...]
    terms: dict[str, tuple[int, ...]]
    spec: Any


def variables_of(formula: str) -> list[str]:
    """Columns that the right side of a formula asks for.

    Examples
    --------
    >>> variables_of("log(dose) + C(allocation)*poly(year, 2)")
    ['allocation', 'dose', 'year']
    """
    return list(_variables_of(formula))


@lru_cache(maxsize=_REMEMBERED)
def _variables_of(formula: str) -> tuple[str, ...]:
    read = _read(formula)
    # formulaic forgets what functions with a memory (poly, bs, center, scale) are given.
    found = {str(name) for name in read.required_variables}
    found |= {name for term in read for factor in term.factors for name in _arguments(factor)}
    return tuple(sorted(found))


def _arguments(factor: Any) -> set[str]:
    """Names that stand in a Python expression as values, not as functions or modules."""
    if factor.eval_method.value != "python":
        return set()
    try:
        nodes = list(ast.walk(ast.parse(factor.expr, mode="eval")))
    except SyntaxError:
        return set()
    other = [n.func for n in nodes if isinstance(n, ast.Call)]
    other += [n.value for n in nodes if isinstance(n, ast.Attribute)]
    called = {id(n) for n in other}
    return {n.id for n in nodes if isinstance(n, ast.Name) and id(n) not in called}


def form(
    formula: str, table: Any, columns: Mapping[str, Sequence[object]], rows: Sequence[int]
) -> Formed:
    """The matrix that a formula makes of a table.

    Parameters
    ----------
    formula : str
        The right side.
    table : mapping of columns, or data frame
    columns : mapping of columns
        Of the table, with all those that the formula asks for.
    rows : sequence of int
        Those that are used, one at least; they lack nothing that the formula asks for.

    Raises
    ------
    DataError
        Where the formula is not understood (REG001).
    """
    frame = _frame(table, columns, variables_of(formula), rows)
    made = _made(formula, _read(formula), frame)
    spec = made.model_spec
    terms = {str(t): tuple(int(i) for i in at) for t, at in spec.term_indices.items()}
    names = tuple(str(name) for name in spec.column_names)
    return Formed(_numeric(made, len(rows)), names, terms, spec)


def formed_again(spec: Any, formula: str, table: Any) -> tuple[Floats, int]:
    """The columns of a fitted formula for new data, and the number of rows.

    Raises
    ------
    DataError
        Where a moderator is absent or missing (REG023), or a category new (REG022).
    """
    columns = columns_of(table)
    wanted = variables_of(formula)
    rows = len(next(iter(columns.values()), []))
    if not wanted:
        rows = max(rows, 1)
        table, columns = {"row": list(range(rows))}, {"row": list(range(rows))}
        return _numeric(
            _made(formula, spec, _frame(table, columns, ["row"], range(rows))), rows
        ), rows
    absent = [name for name in wanted if name not in columns]
    if absent:
        found = f"no column {', '.join(absent)}; there are {', '.join(columns) or 'none'}"
        raise DataError(problems.new_data_incomplete(found))
    for name in wanted:
        gaps = [i + 1 for i, value in enumerate(columns[name]) if value is None]
        if gaps:
            raise DataError(problems.new_data_incomplete(f"{name} is missing in row {gaps[0]}"))
    frame = _frame(None, columns, wanted, range(rows))
    return _numeric(_made(formula, spec, frame), rows), rows


@lru_cache(maxsize=_REMEMBERED)
def _read(formula: str) -> Any:
    """The formula taken apart: nothing of it depends on data, nor is changed by them."""
    try:
        read = Formula(formula)
        read.required_variables  # noqa: B018 - only one side has them
        if not all(isinstance(term, Term) for term in read):
            raise FormulaSyntaxError("a bar splits it into several formulas")
    except (FormulaicError, SyntaxError, AttributeError) as error:
        raise DataError(problems.formula_not_understood(formula, _plain(error))) from None
    return read


def _frame(
    table: Any, columns: Mapping[str, Sequence[object]], wanted: Sequence[str], rows: Sequence[int]
) -> Any:
    """A narwhals frame: of the table's own library, which keeps the order of categories."""
    if table is not None and not isinstance(table, Mapping):
        native = nw.from_native(table, eager_only=True, pass_through=True)
        if isinstance(native, nw.DataFrame):
            return native.select(list(wanted) or native.columns[:1])[list(rows)]
    names = list(wanted) or list(columns)[:1]
    # formulaic itself stands on pandas, so that one is there.
    return nw.from_dict({n: [columns[n][i] for i in rows] for n in names}, backend="pandas")


def _made(formula: str, how: Any, frame: Any) -> Any:
    with warnings.catch_warnings():
        # Anything formulaic warns of here would be a number made up for a missing one.
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", DataMismatchWarning)
        try:
            return NarwhalsMaterializer(frame).get_model_matrix(
                how, output="numpy", na_action="ignore"
            )
        except DataMismatchWarning as mismatch:
            raise DataError(problems.unknown_level(_levels(mismatch, how))) from None
        except (FormulaicError, SyntaxError, ValueError, TypeError) as error:
            raise DataError(problems.formula_not_understood(formula, _plain(error))) from None


def _numeric(made: Any, rows: int) -> Floats:
    matrix = np.asarray(made, float)
    if matrix.ndim == 1:
        matrix = matrix[:, None]
    return np.ascontiguousarray(matrix) if matrix.size else np.empty((rows, matrix.shape[1]))


def _levels(mismatch: Warning, spec: Any) -> str:
    """The strange categories, and those that are known."""
    strange = re.search(r"\{.*\}", str(mismatch))
    known = [
        f"{name} knows {', '.join(map(str, state['categories']))}"
        for name, (_, state) in getattr(spec, "encoder_state", {}).items()
        if "categories" in state
    ]
    found = strange.group(0).strip("{}") if strange else str(mismatch)
    return "; ".join([f"unknown: {found}", *known])


def _plain(error: BaseException) -> str:
    """Without the colours and pointers formulaic writes for a terminal."""
    first = str(error).strip().splitlines()
    text = re.sub(r"\x1b\[[0-9;]*m|\u29db[^\u29da]*\u29da?", "", first[0]) if first else ""
    return text or type(error).__name__
