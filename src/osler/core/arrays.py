"""The array types that numeric code takes and returns."""

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]


def every(mask: Bools) -> bool:
    """Whether all are true; of a single truth sooner than NumPy's ``all`` tells.

    Examples
    --------
    >>> every(np.array([True, False])), every(np.float64(2.0) > 1.0)
    (False, True)
    """
    return bool(mask.all()) if mask.ndim else bool(mask)


def floats_of(values: ArrayLike) -> Floats:
    """An array of numbers; what a mask covers is missing, not the number under it.

    Raises
    ------
    DataError
        Where a value is not a number, or the values make no rectangle (FRM002).

    Examples
    --------
    >>> floats_of(np.ma.masked_array([0.5, 9.9], [False, True]))
    array([0.5, nan])
    """
    if isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(float), np.nan)
    try:
        return np.asarray(values, float)
    except (TypeError, ValueError) as error:
        raise DataError(
            Diagnostic(
                "FRM002",
                Severity.ERROR,
                Place(""),
                "a value is not a number",
                " ".join(str(error).split()),
                help="give numbers alone; NaN where one is missing",
            )
        ) from None
