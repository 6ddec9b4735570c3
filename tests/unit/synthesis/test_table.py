import re
from collections.abc import Iterable

import numpy as np
import pytest

import osler
from osler.core.diagnostics import DataError
from osler.synthesis.table import pool

TRIALS = {
    "study": ["A", "B", "C", "D"],
    "ai": [12, 3, 8, 20],
    "n1i": [60, 40, 55, 80],
    "ci": [5, 6, 4, 9],
    "n2i": [58, 41, 50, 82],
    "allocation": ["central", "central", "none", ""],
}


class Frame:
    """What a data frame of any library has: columns by name."""

    def __init__(self, data: dict[str, list[object]]) -> None:
        self.columns = list(data)
        self._data = data

    def __getitem__(self, name: str) -> Iterable[object]:
        return np.array(self._data[name], dtype=object)


def test_a_mapping_and_a_frame_give_the_same() -> None:
    one, two = pool(TRIALS), pool(Frame({k: list(v) for k, v in TRIALS.items()}))
    assert repr(one.synthesis) == repr(two.synthesis)  # NaN is not equal to itself
    assert one.measure == "RR"
    assert one.synthesis.studies == ("A", "B", "C", "D")
    assert one.columns.unused == ("allocation",)


def test_the_public_name_is_this_one() -> None:
    assert osler.pool is pool
    assert set(osler.__all__) <= set(dir(osler))
    with pytest.raises(AttributeError):
        osler.__getattr__("poool")


def test_subgroups_by_a_column() -> None:
    by = pool(TRIALS, by="allocation").subgroups
    assert by is not None
    assert list(by.results) == ["central", "none", "not stated"]


def test_rows_left_out_are_warned_of() -> None:
    bad = TRIALS | {"ai": [12, 300, 8, "x"]}
    with pytest.warns(UserWarning, match=re.escape("B: events exceed the group size")):
        result = pool(bad)
    assert [e.label for e in result.excluded] == ["B", "D"]
    assert result.synthesis.k == 2


def test_one_study_is_told() -> None:
    result = pool({"estimate": [0.4], "se": [0.1]})
    assert result.synthesis.k == 1
    assert [d.code for d in result.diagnostics] == ["SYN011"]


def test_two_maxima_are_noted() -> None:
    result = pool({"yi": [0.9, -5.7, 0.2, 1.1], "vi": [0.46, 5.2, 2.21, 0.28]})
    assert [d.code for d in result.diagnostics] == ["SYN010"]
    moments = pool({"yi": [0.9, -5.7, 0.2, 1.1], "vi": [0.46, 5.2, 2.21, 0.28]}, tau2_method="PM")
    assert moments.diagnostics == ()


def test_a_number_beyond_computing_is_left_out() -> None:
    with pytest.warns(UserWarning, match="too large"):
        result = pool({"estimate": [0.4, 1e200, 0.5], "se": [0.1, 0.1, 0.2]})
    assert result.synthesis.k == 2


@pytest.mark.parametrize(
    ("table", "options", "code"),
    [
        ({}, {}, "DAT001"),
        ({"study": []}, {}, "DAT001"),
        ({"estimate": [], "se": []}, {}, "DAT015"),
        ({"estimate": [1, 2], "se": [1]}, {}, "SYN002"),
        ({"estimate": ["1,5"], "se": [1]}, {}, "DAT004"),
        (TRIALS, {"by": "site"}, "DAT014"),
        (TRIALS, {"tau2_method": "XX"}, "SYN005"),
        (TRIALS, {"level": 95}, "SYN006"),
        (TRIALS, {"measure": "XX"}, "EFF001"),
    ],
)
def test_what_stops(table: dict[str, list[object]], options: dict[str, str], code: str) -> None:
    with pytest.raises(DataError) as error:
        pool(table, **options)  # type: ignore[arg-type]
    assert error.value.diagnostics[0].code == code
