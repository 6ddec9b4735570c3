"""Rows of a table that know where they stand: what `osler pool` works on."""

from collections.abc import Mapping, Sequence

import pytest

import osler
from osler.core.diagnostics import DataError, Place
from osler.effects.from_table import TableRow
from osler.synthesis.table import Methods, TableSynthesis, pool_rows

TRIALS = {
    "study": ["A", "B", "C", "D"],
    "ai": [12, 3, 8, 20],
    "n1i": [60, 40, 55, 80],
    "ci": [5, 6, 4, 9],
    "n2i": [58, 41, 50, 82],
    "allocation": ["central", "central", "none", ""],
}


def pool(
    table: Mapping[str, Sequence[object]],
    *,
    measure: str | None = None,
    by: str | None = None,
    tau2: str = "REML",
    level: float = 0.95,
) -> TableSynthesis:
    rows = [
        TableRow(dict(zip(table, values, strict=True)), Place("table", number), {})
        for number, values in enumerate(zip(*table.values(), strict=True), 1)
    ]
    return pool_rows(list(table), rows, measure=measure, methods=Methods(tau2, level=level), by=by)


def test_the_rows_give_what_the_table_gives() -> None:
    result = pool(TRIALS)
    assert result.synthesis.random == osler.pool(TRIALS).random
    assert result.measure == "RR"
    assert result.columns.unused == ("allocation",)


def test_public_names_are_listed_and_others_refused() -> None:
    assert set(osler.__all__) <= set(dir(osler))
    with pytest.raises(AttributeError):
        osler.__getattr__("poool")


def test_subgroups_by_a_column() -> None:
    by = pool(TRIALS, by="allocation").subgroups
    assert by is not None
    assert list(by.results) == ["central", "none", "not stated"]


def test_rows_left_out_are_listed() -> None:
    bad = TRIALS | {"ai": [12, 300, 8, "x"]}
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
    moments = pool({"yi": [0.9, -5.7, 0.2, 1.1], "vi": [0.46, 5.2, 2.21, 0.28]}, tau2="PM")
    assert moments.diagnostics == ()


def test_a_number_beyond_computing_is_left_out() -> None:
    result = pool({"estimate": [0.4, 1e200, 0.5], "se": [0.1, 0.1, 0.2]})
    assert "too large" in result.excluded[0].why
    assert result.synthesis.k == 2


@pytest.mark.parametrize(
    ("table", "options", "code"),
    [
        ({}, {}, "DAT001"),
        ({"study": []}, {}, "DAT001"),
        ({"estimate": [], "se": []}, {}, "DAT015"),
        ({"estimate": ["1,5"], "se": [1]}, {}, "DAT004"),
        (TRIALS, {"by": "site"}, "DAT014"),
        (TRIALS, {"tau2": "XX"}, "SYN005"),
        (TRIALS, {"level": 95}, "SYN006"),
        (TRIALS, {"measure": "XX"}, "EFF001"),
    ],
)
def test_what_stops(table: dict[str, list[object]], options: dict[str, str], code: str) -> None:
    with pytest.raises(DataError) as error:
        pool(table, **options)  # type: ignore[arg-type]
    assert error.value.diagnostics[0].code == code


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (("ri", "ni"), "correlation from 'ri', n from 'ni': name the measure ZCOR;"),
        (("xi", "ni"), "events from 'xi', n from 'ni': name the measure PLO;"),
        (("xi", "ti"), "events from 'xi', time from 'ti': name the measure IRLN;"),
    ],
)
def test_columns_of_another_kind_are_told_their_measure(
    columns: tuple[str, ...], said: str
) -> None:
    with pytest.raises(DataError) as caught:
        osler.pool({name: [1.0, 2.0] for name in columns})
    assert caught.value.diagnostics[0].code == "DAT001"
    assert said in caught.value.diagnostics[0].help


def test_columns_of_no_measure_are_told_none() -> None:
    with pytest.raises(DataError) as caught:
        osler.pool({"xi": [1.0, 2.0], "colour": ["red", "blue"]})
    assert "name the measure" not in caught.value.diagnostics[0].help
