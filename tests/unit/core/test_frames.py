"""Any data frame in, a frame of the same library out."""

import math

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from osler.core.diagnostics import DataError
from osler.core.frames import column, columns_of, frame_of, library_of, numbers

COLUMNS = {"study": ["A", "B", "C"], "yi": [0.5, None, -1.0]}
FRAMES = {
    "pandas": pd.DataFrame(COLUMNS),
    "polars": pl.DataFrame(COLUMNS),
    "pyarrow": pa.table(COLUMNS),
}


@pytest.mark.parametrize("library", FRAMES)
def test_columns_go_in_and_come_out_the_same(library: str) -> None:
    frame = FRAMES[library]
    assert columns_of(frame) == COLUMNS
    assert library_of(frame) == library
    back = frame_of(COLUMNS, library)
    assert type(back) is type(frame)
    assert columns_of(back) == COLUMNS


def test_what_pandas_calls_missing_is_none() -> None:
    frame = pd.DataFrame(
        {"n": pd.array([1, None], "Int64"), "at": [pd.Timestamp("2026-01-01"), pd.NaT]}
    )
    assert columns_of(frame)["n"] == [1, None]
    assert columns_of(frame)["at"][1] is None


def test_a_mapping_of_arrays_is_a_table() -> None:
    assert columns_of({"yi": np.array([1.0, math.nan])}) == {"yi": [1.0, None]}


def test_numbers_name_the_row_that_is_none() -> None:
    assert numbers({"yi": ["1.5", None, 2]}, "yi").tolist()[0] == 1.5
    with pytest.raises(DataError) as caught:
        numbers({"yi": [1.0, "n.a."]}, "yi")
    assert caught.value.diagnostics[0].code == "FRM002"
    assert "row 2" in caught.value.diagnostics[0].found


@pytest.mark.parametrize(
    ("code", "work"),
    [
        ("FRM001", lambda: column({"yi": [1.0]}, "vi")),
        ("FRM003", lambda: columns_of({"a": [1], "b": [1, 2]})),
        ("FRM004", lambda: frame_of({"a": [1]}, "excel")),
        ("FRM005", lambda: columns_of(3)),  # type: ignore[arg-type]
    ],
)
def test_what_is_not_a_table_is_said(code: str, work: object) -> None:
    with pytest.raises(DataError) as caught:
        work()  # type: ignore[operator]
    assert caught.value.diagnostics[0].code == code
