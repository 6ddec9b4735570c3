import math
from collections.abc import Mapping

import pytest

from osler.core.diagnostics import DataError, Place
from osler.effects.from_table import TableEffects, TableRow, effects_of_table


def table(*rows: Mapping[str, object], measure: str | None = None) -> TableEffects:
    made = [TableRow(row, Place("t.csv", i), {}) for i, row in enumerate(rows, 2)]
    return effects_of_table(list(rows[0]), made, measure)


def counts(study: str, *numbers: object) -> dict[str, object]:
    return dict(zip(("study", "ai", "n1i", "ci", "n2i"), (study, *numbers), strict=True))


def means(study: str, *numbers: object) -> dict[str, object]:
    names = ("study", "m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
    return dict(zip(names, (study, *numbers), strict=True))


GOOD = counts("A", 12, 60, 5, 58)


def test_the_measure_left_out() -> None:
    assert table(GOOD).measure == "RR"
    assert table(means("A", 1, 2, 30, 4, 5, 30)).measure == "MD"
    assert table({"estimate": 1, "se": 1}).measure == ""
    assert table({"loghr": 1, "se": 1}).measure == "HR"
    assert table(GOOD, measure="or").measure == "OR"


def test_text_and_numbers_are_the_same() -> None:
    assert (
        table(counts("A", "12", " 60", "5.0", 58)).studies[0].effect
        == table(GOOD).studies[0].effect
    )


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        (counts("B", "x", 60, 5, 58), "DAT003", "ai"),
        (counts("B", "20%", 60, 5, 58), "DAT003", "ai"),
        (counts("B", "inf", 60, 5, 58), "DAT003", "ai"),
        (counts("B", "1,5", 60, 5, 58), "DAT004", "ai"),
        (counts("B", 12, "1,060", 5, 58), "DAT004", "n1i"),
        (counts("B", 12, 60, "", 58), "DAT005", "ci"),
        (counts("B", 12, 60, None, 58), "DAT005", "ci"),
        (counts("B", 12, 60, math.nan, 58), "DAT005", "ci"),
        (counts("B", 12, 60, "NA", 58), "DAT005", "ci"),
        (counts("B", 12.5, 60, 5, 58), "DAT009", "ai"),
        (counts("B", 61, 60, 5, 58), "EFF012", "ai"),
        (counts("B", 12, 60, -5, 58), "EFF011", "ci"),
        (counts("B", 12, 60, 5, 0), "EFF010", "n2i"),
        (counts("B", 0, 60, 0, 58), "EFF013", "ai"),
        (counts("B", 60, 60, 58, 58), "EFF014", "ai"),
    ],
)
def test_a_bad_row_is_left_out_and_named(row: dict[str, object], code: str, field: str) -> None:
    got = table(GOOD, row)
    assert [s.label for s in got.studies] == ["A"]
    assert [e.label for e in got.excluded] == ["B"]
    found = got.diagnostics[0]
    assert (found.code, found.place.line, found.place.field) == (code, 3, field)
    assert found.found.startswith("B")


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        (means("B", 1, -2, 30, 4, 5, 30), "EFF020", "sd1i"),
        (means("B", 1, 2, 30, 4, 0, 30), "EFF020", "sd2i"),
        (means("B", 1, 2, 1, 4, 5, 30), "EFF021", "n1i"),
    ],
)
def test_a_bad_row_of_means(row: dict[str, object], code: str, field: str) -> None:
    got = table(means("A", 1, 2, 30, 4, 5, 30), row)
    assert [(d.code, d.place.field) for d in got.diagnostics] == [(code, field)]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"estimate": 1, "se": 0}, "EFF031"),
        ({"estimate": 1, "vi": -1}, "EFF037"),
        ({"estimate": 1, "ci_lower": 3, "ci_upper": 2}, "EFF032"),
        ({"estimate": 5, "ci_lower": 1, "ci_upper": 2}, "EFF033"),
        ({"or": -1, "ci_lower": 1, "ci_upper": 2}, "EFF035"),
        ({"or": -1, "se": 1}, "EFF035"),
    ],
)
def test_a_bad_estimate(row: dict[str, object], code: str) -> None:
    got = table(row)
    assert not got.studies
    assert [d.code for d in got.diagnostics] == [code]


def test_every_bad_cell_of_a_row_is_told() -> None:
    got = table(GOOD, counts("B", "x", 60, "", "y"))
    assert [d.place.field for d in got.diagnostics] == ["ai", "ci", "n2i"]
    assert len(got.excluded) == 1


def test_empty_cells_of_a_row_are_told_together() -> None:
    got = table(GOOD, counts("B", "x", 60, "", "NA"))
    assert [(d.code, d.place.field) for d in got.diagnostics] == [
        ("DAT003", "ai"),
        ("DAT005", "ci"),
    ]
    assert got.diagnostics[1].message == "events_control and n_control are empty"
    assert got.diagnostics[1].found == "B: ci is '', n2i is 'NA'"


def test_estimates_with_an_error_are_taken_as_they_stand() -> None:
    got = table({"estimate": -0.7, "se": 0.2}, measure="RR").studies[0].effect
    assert (got.measure, got.estimate, got.variance) == ("RR", -0.7, pytest.approx(0.04))


def test_a_column_of_ratios_is_taken_to_logs() -> None:
    got = table({"rr": 0.5, "se": 0.2}).studies[0].effect
    assert got.estimate == pytest.approx(math.log(0.5))


def test_intervals_of_a_ratio_are_as_printed_unless_the_column_says_log() -> None:
    printed = table({"estimate": 0.5, "lower": 0.25, "upper": 1.0}, measure="OR")
    logs = table({"logor": math.log(0.5), "lower": math.log(0.25), "upper": 0.0})
    assert printed.studies[0].effect.estimate == pytest.approx(logs.studies[0].effect.estimate)
    assert printed.studies[0].effect.variance == pytest.approx(logs.studies[0].effect.variance)


def test_an_interval_off_its_middle_stays_with_a_warning() -> None:
    got = table({"estimate": -8, "lower": -15, "upper": -5})
    assert len(got.studies) == 1
    assert [(d.code, d.is_finding) for d in got.diagnostics] == [("EFF034", True)]


def test_another_measure_than_the_column_says() -> None:
    with pytest.raises(DataError) as error:
        table({"or": 1.5, "se": 0.1}, measure="RR")
    assert error.value.diagnostics[0].code == "DAT018"


def test_an_unknown_measure_and_one_that_does_not_fit() -> None:
    for measure, code in (("XX", "EFF001"), ("SMD", "DAT001"), ("HR", "DAT001")):
        with pytest.raises(DataError) as error:
            table(GOOD, measure=measure)
        assert error.value.diagnostics[0].code == code


def test_a_repeated_row_is_counted_once() -> None:
    got = table(GOOD, counts("B", 1, 9, 2, 9), GOOD)
    assert [s.label for s in got.studies] == ["A", "B"]
    assert [(e.label, e.row.place.line) for e in got.excluded] == [("A", 4)]
    assert [d.code for d in got.diagnostics] == ["DAT006"]


def test_a_study_with_other_numbers_stays_and_is_told_apart() -> None:
    got = table(GOOD, counts("A", 1, 9, 2, 9), counts("A", 1, 9, 2, 9))
    assert [s.label for s in got.studies] == ["A", "A (line 3)"]
    assert [d.code for d in got.diagnostics] == ["DAT007", "DAT006"]


def test_rows_without_a_name_are_numbered() -> None:
    got = table({"yi": 1, "vi": 1}, {"yi": 1, "vi": 1})
    assert [s.label for s in got.studies] == ["row 1", "row 2"]
    assert got.diagnostics == ()


def test_names_take_the_year_and_where_needed_the_number() -> None:
    rows = [
        {"study": i, "author": name, "year": 1999, "yi": i, "vi": 1}
        for i, name in ((1, "Marik"), (2, "Marik"), (3, "Hannan 1999"))
    ]
    assert [s.label for s in table(*rows).studies] == [
        "Marik 1999 (1)",
        "Marik 1999 (2)",
        "Hannan 1999",
    ]
