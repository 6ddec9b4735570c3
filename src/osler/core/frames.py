"""Columns of any data frame in, a data frame of the same library out.

pandas, Polars, PyArrow and whatever else narwhals knows, or a plain mapping of columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError, Diagnostic, Place, Severity


class Table(Protocol):
    """Columns by name: a mapping of columns, or a data frame of any library."""

    def __getitem__(self, name: str, /) -> Iterable[object]: ...


Columns: TypeAlias = dict[str, list[object]]
# Asked in this order for a library to make frames with, where the data came from none.
LIBRARIES = ("polars", "pandas", "pyarrow")


def columns_of(table: Table) -> Columns:
    """Every column as a list of Python values; missing ones are None.

    Raises
    ------
    DataError
        Where columns differ in length (FRM003), one is no list of values (FRM006), or it is
        no table (FRM005).

    Examples
    --------
    >>> columns_of({"study": ("A", "B"), "yi": np.array([0.1, np.nan])})
    {'study': ['A', 'B'], 'yi': [0.1, None]}
    """
    if isinstance(table, Mapping):
        out = {str(name): _plain(_listed(values, str(name))) for name, values in table.items()}
        if len(out) < len(table):
            told = ", ".join(map(repr, table))
            raise DataError(_error("FRM005", "two columns have one name", told, "rename one"))
    else:
        frame = _frame(table)
        out = {str(name): _plain(frame.get_column(name).to_list()) for name in frame.columns}
    lengths = {name: len(values) for name, values in out.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise DataError(_error("FRM003", "columns differ in length", told, "fill the gaps"))
    return out


def column_names(table: Table) -> list[str]:
    """Names of the columns."""
    return list(map(str, table if isinstance(table, Mapping) else _frame(table).columns))


def array(table: Table, name: str) -> NDArray[Any]:
    """One column as an array, without a Python value for every cell.

    Raises
    ------
    DataError
        Where there is no such column (FRM001).
    """
    names = column_names(table)
    if name not in names:
        column(dict.fromkeys(names, ()), name)
    if not isinstance(table, Mapping):
        return np.asarray(_frame(table).get_column(_as_is(names, table, name)).to_numpy())
    values = _listed(table[_as_is(names, table, name)], name)
    if isinstance(values, np.ma.MaskedArray):
        # What lies under a mask is not a value.
        return np.array(_plain(values), object)
    found = np.asarray(values)
    # Lists of lists, and whatever NumPy cannot look into, are one Python value a cell.
    return found if found.ndim == 1 else _objects(_plain(values))


def _as_is(names: Sequence[str], table: Any, name: str) -> Any:
    """A column's name with its own type: pandas also has columns called 0, 1, ..."""
    own = table if isinstance(table, Mapping) else _frame(table).columns
    return list(own)[names.index(name)]


def _objects(values: list[object]) -> NDArray[Any]:
    out = np.empty(len(values), object)
    out[:] = values
    return out


def numbers_of(values: object, name: str) -> Floats:
    """Values given one by one, outside a table, as an array of shape (k,); missing ones NaN.

    Raises
    ------
    DataError
        Where they are no list of values (FRM006), or one is not a number (FRM002).

    Examples
    --------
    >>> numbers_of(np.ma.masked_array([0.5, 9.9], [False, True]), "estimates")
    array([0.5, nan])
    """
    listed = _listed(values, name)
    plain = isinstance(listed, np.ndarray) and not isinstance(listed, np.ma.MaskedArray)
    if plain and listed.ndim == 1 and listed.dtype.kind in "fiu":
        return np.asarray(listed, float)
    return numbers({name: _plain(listed)}, name)


def float_array(table: Table, name: str) -> Floats:
    """One column as numbers, shape (rows,); missing values are NaN. Errors as :func:`numbers`."""
    values = array(table, name)
    if values.dtype.kind in "fiu":
        return values.astype(float)
    return numbers({name: _plain(values)}, name)


def _frame(table: object) -> Any:
    """Any library's frame behind one set of methods; loaded only where there is one."""
    try:
        return import_module("narwhals").from_native(table, eager_only=True)
    except (TypeError, ValueError) as error:
        # narwhals answers with its own DuplicateError, a ValueError, where names repeat.
        kind = f"a {type(table).__name__}"
        if isinstance(error, ValueError):
            kind += f": {' '.join(str(error).split())}"
        help_ = "give a pandas, Polars or PyArrow table, or a mapping of columns"
        raise DataError(_error("FRM005", "this is not a table", kind, help_)) from None


def column(columns: Mapping[str, Sequence[object]], name: str) -> Sequence[object]:
    """One column; a DataError (FRM001) that lists the names there are, where it is not there."""
    if name not in columns:
        known = ", ".join(columns) or "none"
        raise DataError(
            _error(
                "FRM001", f"there is no column {name!r}", f"columns: {known}", "name one of these"
            )
        )
    return columns[name]


def numbers(columns: Mapping[str, Sequence[object]], name: str) -> Floats:
    """One column as numbers, shape (rows,); missing values are NaN.

    Raises
    ------
    DataError
        Where there is no such column (FRM001), or a value is not a number (FRM002, with
        its row counted from 1).

    Examples
    --------
    >>> numbers({"yi": [0.5, None, "2"]}, "yi")
    array([0.5, nan, 2. ])
    """
    return np.array([_number(v, name, i) for i, v in enumerate(column(columns, name), 1)], float)


def frame_of(columns: Mapping[str, Sequence[object]], library: str | None = None) -> Any:
    """A data frame of ``library`` ("pandas", "polars", "pyarrow"), or of the first installed.

    Raises
    ------
    DataError
        Where the library is not known or none is installed (FRM004).
    """
    wanted = (library,) if library else LIBRARIES
    found = next((name for name in wanted if name in LIBRARIES and find_spec(name)), None)
    if found is None:
        help_ = "install one of them, or use `.columns()`, which needs none"
        asked = f"asked for: {library or 'any of ' + ', '.join(LIBRARIES)}"
        raise DataError(_error("FRM004", "no library to make a frame with", asked, help_))
    make = {"polars": "DataFrame", "pandas": "DataFrame", "pyarrow": "table"}[found]
    values = {name: list(column) for name, column in columns.items()}
    return getattr(import_module(found), make)(values)


def library_of(table: object) -> str | None:
    """The library a frame comes from; None for a mapping.

    Examples
    --------
    >>> library_of({"yi": [1.0]}) is None
    True
    """
    home = type(table).__module__.partition(".")[0]
    return home if home in LIBRARIES else None


def _listed(values: Any, name: str) -> Any:
    """A column's values; a text, a single value and what has no order are none."""
    unfit = isinstance(values, str | bytes | Mapping | set | frozenset)
    single = getattr(values, "ndim", 1) == 0 or not hasattr(values, "__iter__")
    if unfit or single:
        kind = f"{name!r} is a {type(values).__name__}"
        help_ = "give a list, tuple, array or column, with one value a row"
        raise DataError(_error("FRM006", "a column is not a list of values", kind, help_))
    return values


def _plain(values: Iterable[object]) -> list[object]:
    """Python's own values, None for what is missing."""
    to_list = getattr(values, "tolist", None)
    # NaN, pandas' NA and NaT are not equal to themselves, or to anything.
    return [
        None if value is None or _missing(value) else value
        for value in (to_list() if callable(to_list) else values)
    ]


def _missing(value: object) -> bool:
    return (isinstance(value, float) and value != value) or type(value).__name__ in (
        "NAType",
        "NaTType",
    )


def _number(value: object, name: str, row: int) -> float:
    if value is None:
        return float("nan")
    try:
        if isinstance(value, str | bytes) and "_" in str(value):
            # Python's own notation: 1_0 is more likely a slip than ten.
            raise ValueError
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise DataError(
            _error(
                "FRM002",
                "a value is not a number",
                f"column {name!r}, row {row}: {value!r}",
                "write a number, or leave the cell empty",
            )
        ) from None


def _error(code: str, message: str, found: str, help_: str) -> Diagnostic:
    so = "nothing is computed until it is corrected"
    return Diagnostic(code, Severity.ERROR, Place("table"), message, found, so, help_)
