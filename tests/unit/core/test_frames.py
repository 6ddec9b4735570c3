"""Any data frame in, a frame of the same library out."""

import math

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from osler.core.diagnostics import DataError
from osler.core.frames import (
    column,
    columns_of,
    float_array,
    frame_of,
    library_of,
    numbers,
    numbers_of,
)

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


@pytest.mark.parametrize("column", [0.2, "0.2", {0.1, 0.2}, None, np.array(0.2), {"a": 1}])
def test_a_single_value_or_a_set_is_no_column(column: object) -> None:
    for work in (
        lambda: columns_of({"yi": [0.1, 0.3], "vi": column}),  # type: ignore[dict-item]
        lambda: float_array({"yi": [0.1, 0.3], "vi": column}, "vi"),  # type: ignore[dict-item]
        lambda: numbers_of(column, "vi"),
    ):
        with pytest.raises(DataError) as caught:
            work()
        assert caught.value.diagnostics[0].code == "FRM006"
        assert "'vi'" in caught.value.diagnostics[0].found


def test_what_lies_under_a_mask_is_missing() -> None:
    masked = np.ma.masked_array([0.5, 99.0], mask=[False, True])
    for got in (numbers_of(masked, "yi"), float_array({"yi": masked}, "yi")):
        assert got[0] == 0.5 and np.isnan(got[1])


@pytest.mark.parametrize("value", ["1_0", 10**400, b"1_0", [0.1], 1j])
def test_what_is_not_a_number_is_said(value: object) -> None:
    with pytest.raises(DataError) as caught:
        numbers_of([0.5, value], "yi")
    assert caught.value.diagnostics[0].code == "FRM002"


def test_names_that_repeat_are_said() -> None:
    with pytest.raises(DataError, match="'yi' 2 times"):
        columns_of(pd.DataFrame([[1, 2]], columns=["yi", "yi"]))
    with pytest.raises(DataError, match="one name"):
        columns_of({0: [1], "0": [2]})  # type: ignore[dict-item]


def test_columns_called_by_numbers() -> None:
    frame = pd.DataFrame({0: [1.0], 1: [2.0]})
    assert columns_of(frame) == {"0": [1.0], "1": [2.0]}
    assert float_array(frame, "1").tolist() == [2.0]
