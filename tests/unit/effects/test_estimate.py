"""A table in, one effect a study out, and an account of everything."""

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest

from osler.core.diagnostics import DataError
from osler.effects import MEASURES, Effects, ZeroCells, estimate_effects
from osler.effects.measures.zero_cells import CONVENTIONS

# Four of the trials of dat.bcg, one that cannot be, and two without events in an arm or both.
TABLE = {
    "author": ["Aronson", "Ferguson", "Rosenthal", "Hart", "Slip", "None treated", "Nobody"],
    "year": [1948, 1949, 1960, 1977, 1999, 2001, 2002],
    "tpos": [4, 6, 3, 62, 12, 0, 0],
    "tneg": [119, 300, 228, 13536, -3, 50, 40],
    "cpos": [11, 29, 11, 248, 3, 3, 0],
    "cneg": [128, 274, 209, 12619, 10, 47, 45],
    "ablat": [44, 55, 42, 52, 1, 2, 3],
}


def codes(error: pytest.ExceptionInfo[DataError]) -> list[str]:
    return [d.code for d in error.value.diagnostics]


def of(effects: Effects, study: str) -> tuple[float, float, str]:
    i = effects.studies.index(study)
    return effects.estimates[i], effects.variances[i], effects.notes[i]


def test_a_study_without_events_gives_no_ratio_unless_that_is_asked_for() -> None:
    effects = estimate_effects(TABLE, "RR")
    assert [e.label for e in effects.excluded] == ["Slip 1999", "Nobody 2002"]


def test_what_is_computed_and_what_is_left_out() -> None:
    effects = estimate_effects(TABLE, "RR", zero_cells="metafor")
    assert effects.studies[0] == "Aronson 1948"
    assert effects.estimates[0] == pytest.approx(math.log((4 / 123) / (11 / 139)))
    assert effects.variances[0] == pytest.approx(1 / 4 - 1 / 123 + 1 / 11 - 1 / 139)
    assert effects.row_numbers == (1, 2, 3, 4, 6, 7)
    assert [(e.label, e.row_number) for e in effects.excluded] == [("Slip 1999", 5)]
    assert "negative" in effects.excluded[0].why or "not above" in effects.excluded[0].why
    assert effects.data["ablat"] == (44, 55, 42, 52, 2, 3)
    assert effects.arms["n_treated"].tolist() == [123, 306, 231, 13598, 50, 40]
    assert of(effects, "Nobody 2002")[2] == "no events in either group; 1/2 added to every cell"


def test_any_data_frame_gives_the_same() -> None:
    expected = estimate_effects(TABLE, "OR")
    for frame in (pd.DataFrame(TABLE), pl.DataFrame(TABLE)):
        assert estimate_effects(frame, "OR").estimates == expected.estimates


@pytest.mark.parametrize("measure", ["RR", "OR", "RD"])
@pytest.mark.parametrize("rule", CONVENTIONS)
def test_every_rule_says_what_it_did(rule: str, measure: str) -> None:
    effects = estimate_effects(TABLE, measure, zero_cells=rule)
    assert any(f'(rule "{rule}")' in told for told in effects.conventions)
    assert len(effects) + len(effects.excluded) == 7
    assert all(math.isfinite(y) for y in effects.estimates)
    assert all(v > 0 for v in effects.variances)


def test_metafor_meta_and_revman_differ_as_they_do() -> None:
    one = {"study": ["A", "B"], "ai": [0, 5], "n1i": [50, 60], "ci": [3, 9], "n2i": [50, 60]}
    by = {rule: estimate_effects(one, "RR", zero_cells=rule) for rule in ("metafor", "meta")}
    assert of(by["metafor"], "A")[0] == pytest.approx(math.log((0.5 / 51) / (3.5 / 51)))
    assert of(by["meta"], "A")[0] == pytest.approx(math.log((0.5 / 50.5) / (3.5 / 50.5)))
    rd = {rule: estimate_effects(one, "RD", zero_cells=rule) for rule in CONVENTIONS}
    assert of(rd["metafor"], "A")[0] == pytest.approx(0.5 / 51 - 3.5 / 51)
    assert of(rd["meta"], "A")[0] == pytest.approx(-3 / 50)
    p, q = 0.5 / 51, 3.5 / 51
    assert of(rd["meta"], "A")[1] == pytest.approx(p * (1 - p) / 51 + q * (1 - q) / 51)
    assert of(rd["revman"], "A")[1] == pytest.approx(3 / 50 * 47 / 50 / 50)
    assert of(rd["osler"], "A") == of(rd["revman"], "A")


def test_the_corrections_of_sweeting() -> None:
    """k_t = 1/(R + 1), k_c = R/(R + 1), and with the odds ratio: W/(R + W), R/(R + W)."""
    table = {"ai": [0, 8], "n1i": [20, 100], "ci": [2, 10], "n2i": [60, 100]}
    table["study"] = ["zero", "full"]  # type: ignore[assignment]
    ratio = 60 / 20
    for rule, w in (("treatment-arm", 1.0), ("empirical", (8 * 90) / (92 * 10))):
        k, m = w / (ratio + w), ratio / (ratio + w)
        y, v, note = of(estimate_effects(table, "OR", zero_cells=rule), "zero")
        assert y == pytest.approx(math.log(k * (58 + m) / ((20 + k) * (2 + m))))
        assert v == pytest.approx(1 / k + 1 / (20 + k) + 1 / (2 + m) + 1 / (58 + m))
        assert "treated group" in note


def test_the_empirical_correction_needs_a_full_table() -> None:
    empty = {"ai": [0, 0], "n1i": [20, 10], "ci": [2, 3], "n2i": [60, 10]}
    with pytest.raises(DataError) as error:
        estimate_effects(empty, "OR", zero_cells="empirical")
    assert codes(error) == ["EFF054"]


def test_double_zeros_stay_where_they_can_be_used() -> None:
    for measure in ("RD", "AS"):
        effects = estimate_effects(TABLE, measure)
        assert "Nobody 2002" in effects.studies
    for measure, rule in (("OR", "meta"), ("RR", "revman"), ("PETO", "metafor"), ("OR", "none")):
        effects = estimate_effects(TABLE, measure, zero_cells=rule)
        why = {e.label: e.why for e in effects.excluded}
        assert why["Nobody 2002"].startswith("no events in either group")


def test_no_row_is_dropped_so_that_columns_still_line_up() -> None:
    """A double-zero row keeps its place; other programs return one row fewer for these."""
    table = {"ai": [0, 3], "bi": [50, 47], "ci": [0, 5], "di": [50, 45]}
    effects = estimate_effects(table, "RD")
    assert effects.row_numbers == (1, 2)


def test_an_arcsine_difference_at_zero() -> None:
    effects = estimate_effects({"ai": [0], "bi": [20], "ci": [3], "di": [17]}, "AS")
    assert effects.estimates[0] == pytest.approx(-0.3977, abs=5e-5)


def test_only_zero_studies_of_a_proportion_are_changed() -> None:
    """Logits of dat.pritz1997: 14 studies, 1/2 added in one alone."""
    events = [11, 24, 179, 82, 60, 11, 99, 9, 88, 17, 26, 23, 40]
    sizes = [29, 33, 326, 240, 110, 29, 244, 17, 215, 26, 138, 55, 54]
    effects = estimate_effects({"xi": events, "ni": sizes}, "PLO")
    w = 1 / np.array(effects.variances)
    assert effects.notes == ("",) * 13
    assert float(w @ effects.estimates / w.sum()) == pytest.approx(-0.21977, abs=5e-6)


def test_person_time_with_no_events() -> None:
    table = {"x1i": [0, 5], "t1i": [100.0, 90.0], "x2i": [4, 6], "t2i": [80.0, 85.0]}
    effects = estimate_effects(table, "IRR")
    assert effects.estimates[0] == pytest.approx(math.log((0.5 / 100) / (4.5 / 80)))
    assert effects.notes == ("1/2 added to the events", "")


def test_a_rule_of_ones_own_reaches_every_measure() -> None:
    table = {"ai": [0], "bi": [20], "ci": [3], "di": [17]}
    rule = ZeroCells(add=0.25, to="all")
    assert estimate_effects(table, "AS", zero_cells=rule).notes == ("0.25 added to every cell",)
    assert estimate_effects(table, "AS", zero_cells="constant").notes == ("",)


def test_columns_by_name_and_by_role() -> None:
    table = {"dead": [1, 2], "all": [10, 20], "gone": [3, 4], "many": [11, 21], "who": ["a", "b"]}
    roles = {"events_treated": "dead", "n_treated": "all", "events_control": "gone"}
    effects = estimate_effects(table, "OR", columns={**roles, "n_control": "many", "study": "who"})
    assert effects.studies == ("a", "b")
    with pytest.raises(DataError) as error:
        estimate_effects(table, "OR", columns=roles)
    assert codes(error) == ["EFF057"]
    with pytest.raises(DataError) as error:
        estimate_effects(table, "OR", columns={"deaths": "dead"})
    assert codes(error) == ["EFF050"]
    with pytest.raises(DataError) as error:
        estimate_effects(table, "OR", columns={**roles, "n_control": "most"})
    assert codes(error) == ["FRM001"]
    two = {"ai": [1], "events_t": [1], "n1i": [4], "ci": [1], "n2i": [4]}
    with pytest.raises(DataError) as error:
        estimate_effects(two, "RR")
    assert codes(error) == ["DAT002"]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ({"measure": "XX"}, "EFF001"),
        ({"measure": "RR", "zero_cells": "stata"}, "EFF053"),
        ({"measure": "RR", "variance": "UB"}, "EFF056"),
        ({"measure": "RR", "correction": "some"}, "EFF056"),
        ({"measure": "RR", "level": 1.0}, "EFF042"),
        ({"measure": "MC", "correlation": 1.5}, "EFF058"),
    ],
)
def test_what_is_asked_for_must_be(call: dict[str, object], code: str) -> None:
    with pytest.raises(DataError) as error:
        estimate_effects(TABLE, **call)  # type: ignore[arg-type]
    assert codes(error) == [code]


def test_nothing_at_all() -> None:
    table = {"ai": [None, "NR"], "n1i": [3, 4], "ci": [1, 2], "n2i": [3, 4]}
    with pytest.raises(DataError) as error:
        estimate_effects(table, "RR")
    assert codes(error) == ["EFF051"]
    assert "events_treated is not reported" in error.value.diagnostics[0].found
    with pytest.raises(DataError) as error:
        estimate_effects({name: [] for name in table}, "RR")
    assert codes(error) == ["EFF051"]


def test_cells_that_are_no_numbers() -> None:
    table = {
        "study": ["a", "b", "c", "d"],
        "ai": ["few", "1,5", None, 3],
        "n1i": [9] * 4,
        "ci": [2] * 4,
        "n2i": [9] * 4,
    }
    why = {e.label: e.why for e in estimate_effects(table, "RR").excluded}
    assert why == {
        "a": "events_treated is not a number ('few')",
        "b": "events_treated has a comma ('1,5')",
        "c": "events_treated is not reported",
    }


MEANS = {
    "study": ["a", "b", "c", "d"],
    "m1i": [10.0, 11.0, -2.0, 9.0],
    "sd1i": [2.0, 3.0, 1.0, 0.0],
    "n1i": [20, 25, 30, 22],
    "m2i": [8.0, 12.0, 3.0, 8.0],
    "sd2i": [2.5, 2.8, 1.2, 2.0],
    "n2i": [21, 24, 29, 20],
}


def test_means_and_their_ratio() -> None:
    effects = estimate_effects(MEANS, "ROM")
    assert effects.studies == ("a", "b")
    why = {e.label: e.why for e in effects.excluded}
    assert why["c"].startswith("ROM cannot be had")
    assert why["d"] == "sd_treated is not above 0"
    smd = estimate_effects(MEANS, "SMD", correction="none", variance="RevMan")
    assert any("Cohen's d" in told for told in smd.conventions)
    assert any("RevMan" in told for told in smd.conventions)


def test_a_standard_deviation_from_a_standard_error() -> None:
    table = {k: list(v) for k, v in MEANS.items()}
    table["sd1i"] = [None, 3.0, 1.0, 2.0]
    table["se1i"] = [2.0 / math.sqrt(20), None, None, None]
    effects = estimate_effects(table, "MD")
    assert effects.variances[0] == pytest.approx(4 / 20 + 2.5**2 / 21)
    assert effects.notes[0] == "sd_treated from the standard error of the mean"


CHANGES = {
    "study": ["r", "change", "nothing"],
    "mean_post": [8.0, 7.0, 6.0],
    "mean_pre": [10.0, 10.0, 9.0],
    "sd_post": [2.0, 2.2, 2.4],
    "sd_pre": [2.1, 2.0, 2.5],
    "sd_change": [None, 1.5, None],
    "n": [30, 25, 20],
    "ri": [0.6, None, None],
}


def test_a_correlation_is_reported_implied_or_assumed() -> None:
    effects = estimate_effects(CHANGES, "SMCR")
    assert effects.studies == ("r", "change")
    assert "correlation 0.749 from the standard deviation" in effects.notes[1]
    assert effects.excluded[0].why == "correlation is not reported"
    assumed = estimate_effects(CHANGES, "SMCR", correlation=0.5)
    assert assumed.notes[2] == "correlation 0.5 assumed"
    assert any("0.5 assumed" in told for told in assumed.conventions)


def test_the_standard_deviation_of_the_change_is_enough_for_a_mean_change() -> None:
    table = {name: CHANGES[name] for name in ("study", "mean_post", "mean_pre", "n")}
    table["sd_change"] = [1.4, 1.5, 1.6]
    effects = estimate_effects(table, "MC")
    assert effects.variances == pytest.approx([1.4**2 / 30, 1.5**2 / 25, 1.6**2 / 20])


def test_reported_estimates() -> None:
    table = {"trial": ["a", "b"], "hr": [0.8, 0.6], "lower": [0.6, 0.5], "upper": [1.07, 0.72]}
    effects = estimate_effects(table)
    assert effects.measure == "HR"
    assert effects.estimates[0] == pytest.approx(math.log(0.8))
    general = estimate_effects({"yi": [0.1, 0.2, 0.3], "vi": [0.01, -1.0, 0.04]})
    assert general.measure == "" and len(general) == 2
    assert "variance is not above 0" in general.excluded[0].why
    with pytest.raises(DataError) as error:
        estimate_effects(table, "RR")
    assert codes(error) in (["DAT018"], ["EFF057"])


def test_repeated_labels_are_told_apart() -> None:
    table = {**MEANS, "study": ["a", "a", "b", "a"], "sd1i": [2.0, 3.0, 1.0, 1.0]}
    assert estimate_effects(table, "MD").studies == ("a", "a (row 2)", "b", "a (row 4)")


def test_numbers_far_out_of_range_are_named() -> None:
    table = {**MEANS, "sd1i": [1e200, 1e-200, 1.0, 2.0]}
    effects = estimate_effects(table, "MD")
    assert "cannot be had" in effects.excluded[0].why
    assert all(math.isfinite(v) and v > 0 for v in effects.variances)


def test_it_tells_of_itself() -> None:
    effects = estimate_effects(TABLE, "RR", zero_cells="metafor")
    summary = effects.summary()
    assert all(len(line) <= 96 for line in summary.splitlines())
    for word in ("Risk ratio", "Aronson 1948", "Left out: 1 row", 'rule "metafor"', "Katz"):
        assert word in summary
    assert "risk ratio" in effects.text() and "Slip 1999" in effects.text()
    why = effects.why("Aronson 1948.variance")
    assert why.value == effects.variances[0] and "1/a" in why.formula
    assert "events_treated" in str(why)
    columns = effects.columns()
    assert len({len(c) for c in columns.values()}) == 1
    assert columns["ci_lower"][0] == pytest.approx(
        effects.estimates[0] - 1.959964 * math.sqrt(effects.variances[0]), abs=1e-6
    )
    with pytest.raises(ValueError):
        effects.arms["n_treated"][0] = 1.0


def test_every_measure_shows_itself() -> None:
    """Whatever the kind: a summary that fits, columns, reasons."""
    numbers = {
        "events_treated": 12.0, "n_treated": 60.0, "events_control": 5.0, "n_control": 58.0,
        "time_treated": 60.5, "time_control": 58.5, "mean_treated": 30.0, "sd_treated": 9.0,
        "mean_control": 25.0, "sd_control": 8.0, "events": 12.0, "n": 60.0, "time": 33.0,
        "mean": 4.0, "sd": 1.0, "correlation": 0.4, "t": 2.5, "predictors": 3.0,
        "r_squared": 0.3, "mean_post": 8.0, "mean_pre": 10.0, "sd_post": 2.0, "sd_pre": 2.1,
        "both": 10.0, "first_only": 12.0, "second_only": 6.0, "neither": 30.0, "alpha": 0.8,
        "items": 9.0, "dominant": 30.0, "heterozygous": 50.0, "recessive": 20.0,
        "events_first": 22.0, "events_second": 16.0,
    }  # fmt: skip
    for measure in MEASURES.values():
        table = {role: [numbers[role]] * 2 for role in measure.roles}
        effects = estimate_effects(table, measure.name)
        assert all(len(line) <= 96 for line in effects.summary().splitlines()), measure.name
        assert effects.text() and measure.label in effects.text()
        assert effects.why("row 1.estimate").source == measure.source


def test_a_long_table_is_cut_in_the_terminal_alone() -> None:
    many = {name: list(values) * 60 for name, values in MEANS.items() if name != "study"}
    effects = estimate_effects(many, "MD")
    assert "more; to_frame() has them all" in effects.summary()
    assert len(effects.columns()["study"]) == len(effects) == 180


def test_a_column_that_only_sounds_like_events_costs_means_no_rows() -> None:
    """As in dat.curtis1998, whose column xtrt names what else the plants were given."""
    table = {**MEANS, "xtrt": ["FERT"] * 4, "time1": ["long"] * 4}
    for measure in ("MD", "VR"):
        found, expected = estimate_effects(table, measure), estimate_effects(MEANS, measure)
        assert found.excluded == expected.excluded
        assert found.estimates == expected.estimates


def test_of_two_columns_of_names_study_stands_before_trial() -> None:
    table = {"trial": [1, 2], "study": ["AFASAK", "SPAF"], "xi": [9, 8], "ni": [335, 210]}
    assert estimate_effects(table, "PLO").studies == ("AFASAK", "SPAF")


def test_the_cells_of_the_outcome_count_where_a_size_says_otherwise() -> None:
    """As in dat.gibson2002, where n1i is of the means and ai, bi of another outcome."""
    cells = {"ai": [34, 8], "bi": [63, 17], "ci": [36, 6], "di": [58, 26]}
    found = estimate_effects({**cells, "n1i": [97, 27], "n2i": [94, 32]}, "OR")
    assert found.estimates == estimate_effects(cells, "OR").estimates
    assert found.notes[0] == ""
    assert "n_treated is 27" in found.notes[1] and "25 together" in found.notes[1]


def test_a_label_stands_on_one_line() -> None:
    found = estimate_effects({"study": ["Hart\n1999\t", "B\x1b[3m"], "yi": [1, 2], "vi": [1, 1]})
    assert found.studies == ("Hart 1999", "B [3m")


def test_an_effect_that_cannot_be_had_is_told_with_its_numbers() -> None:
    table = {
        "study": ["A", "B"],
        "m1i": [0.0, 2.0],
        "sd1i": [1.0, 1.0],
        "n1i": [9, 9],
        "m2i": [1.0, 3.0],
        "sd2i": [1.0, 1.0],
        "n2i": [9, 9],
    }
    found = estimate_effects(table, "ROM")
    assert "mean_treated 0, sd_treated 1, n_treated 9" in found.excluded[0].why
    assert "inf" not in found.summary() and "nan" not in found.text()
