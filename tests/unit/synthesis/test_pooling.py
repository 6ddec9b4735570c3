"""A table in, a synthesis out; with ``by``, one for each group."""

from collections.abc import Callable

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import osler
from osler.core.diagnostics import DataError
from osler.synthesis.grouped import GroupedSynthesis

ARMS = {
    "trial": ["A", "B", "C", "D"],
    "ai": [4, 6, 3, 62],
    "n1i": [123, 306, 231, 13598],
    "ci": [11, 29, 11, 248],
    "n2i": [139, 303, 220, 12867],
    "place": ["x", "y", "x", "y"],
}
LONG = {
    "drug": ["b", "a", "b", "a", "c"],
    "study": ["1", "2", "3", "4", "5"],
    "yi": [0.1, 0.3, 0.9, 0.2, 0.4],
    "vi": [0.04, 0.02, 0.03, 0.05, 0.06],
}


@pytest.mark.parametrize("make", [dict, pd.DataFrame, pl.DataFrame, pa.table])
def test_any_table_gives_the_same(make: type) -> None:
    fit = osler.pool(make(ARMS), "RR")
    expected = osler.pool(ARMS, "RR")
    assert (fit.random, fit.heterogeneity) == (expected.random, expected.heterogeneity)
    assert fit.effects is not None and fit.effects.measure == "RR"


def test_a_number_is_traced_from_the_mean_to_the_cells() -> None:
    fit = osler.pool(ARMS, "RR")
    assert dict(fit.why("random.estimate").inputs)["yᵢ"] == fit.estimates
    assert "n_treated" in dict(fit.why("A.estimate").inputs)


def test_methods_are_passed_on_and_effects_taken_as_they_are() -> None:
    effects = osler.estimate_effects(ARMS, "OR", zero_cells="none")
    fit = osler.pool(effects, tau2_method="PM", ci_method="Wald", level=0.9)
    assert fit.heterogeneity.tau2_method == "PM"
    assert (fit.random.ci_method, fit.level, fit.measure) == ("Wald", 0.9, "OR")


def test_rows_left_out_are_said() -> None:
    empty = {**ARMS, "ai": [0, 6, 3, 62], "ci": [0, 29, 11, 248]}
    with pytest.warns(UserWarning, match="rows left out: A: "):
        fit = osler.pool(empty, "RR")
    assert fit.k == 3


@pytest.mark.parametrize("make", [dict, pd.DataFrame, pl.DataFrame, pa.table])
def test_each_group_is_the_synthesis_of_its_rows(make: type) -> None:
    found = osler.pool(make(LONG), by="drug", tau2_method="DL")
    assert isinstance(found, GroupedSynthesis)
    assert found.groups.tolist() == ["b", "a", "c"]
    assert found.pooled.k.tolist() == [2, 2, 1]
    alone = osler.synthesise(["1", "3"], [0.1, 0.9], [0.04, 0.03], tau2_method="DL")
    assert found.pooled.estimate[0] == pytest.approx(alone.random.estimate, rel=1e-12)
    assert found.group("b").studies == ("1", "3")
    assert found.group("b").random.estimate == pytest.approx(alone.random.estimate, rel=1e-14)
    assert found.why("b.estimate").value == pytest.approx(alone.random.estimate)


def test_groups_of_counts() -> None:
    found = osler.pool(ARMS, "RR", by="place")
    mine = {name: values[::2] for name, values in ARMS.items()}
    expected = osler.pool(mine, "RR").random.estimate
    assert found.pooled.estimate[0] == pytest.approx(expected, rel=1e-12)


def test_a_group_that_cannot_be_pooled_is_named_and_harms_no_other() -> None:
    found = osler.pool({**LONG, "vi": [0.04, 0.02, 0.03, 0.05, -1.0]}, by="drug")
    assert list(found.problems) == ["c"]
    assert "row 1 of the group: variance -1" in found.summary()
    frame = found.to_frame("polars")
    assert frame["problem"].to_list()[2].startswith("a variance is not above 0")
    assert frame["estimate"].is_nan().to_list() == [False, False, True]


def test_standard_errors_are_squared_and_no_column_is_guessed() -> None:
    se = {"g": [1, 1], "estimate": [0.1, 0.3], "se": [0.2, 0.1]}
    found = osler.pool(se, by="g")
    expected = osler.pool({name: se[name] for name in ("estimate", "se")})
    assert found.pooled.estimate[0] == pytest.approx(expected.random.estimate, rel=1e-14)
    for data, code in ((LONG, "FRM001"), ({"g": [1], "x": [1]}, "DAT001")):
        with pytest.raises(DataError) as caught:
            osler.pool(data, by="group" if code == "FRM001" else "g")
        assert caught.value.diagnostics[0].code == code
    with pytest.raises(DataError) as caught:
        found.group(2)
    assert caught.value.diagnostics[0].code == "SYN030"


def test_subgroups_of_a_column_and_the_whole_beside_them() -> None:
    found = osler.pool({**ARMS, "place": ["x", "y", None, "y"]}, "RR", subgroups="place")
    assert list(found.results) == ["x", "y", "not stated"]
    assert found.overall is not None
    assert found.overall.random == osler.pool(ARMS, "RR").random
    shared = osler.pool(ARMS, "RR", subgroups="place", tau2="common")
    assert shared.tau2_sharing == "common"


def test_subgroups_are_those_of_synthesise_by() -> None:
    effects = osler.estimate_effects(ARMS, "RR")
    found = osler.pool(ARMS, "RR", subgroups="place", tau2_method="DL")
    expected = osler.synthesise_by(
        list(effects.data["place"]),
        effects.studies,
        effects.estimates,
        effects.variances,
        measure="RR",
        tau2_method="DL",
    )
    assert found.columns() == expected.columns()
    assert (found.q, found.p_value) == (expected.q, expected.p_value)
    assert osler.pool(ARMS, "RR", subgroups="place", tau2="common").tau2_sharing == "common"


def test_a_column_of_subgroups_that_is_not_there_is_said() -> None:
    with pytest.raises(DataError) as caught:
        osler.pool(ARMS, "RR", subgroups="country")
    assert "place" in caught.value.diagnostics[0].found


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [({"ci": "HKSJ"}, "ci_method"), ({"method": "DL"}, "tau2_method"), ({"lvel": 0.9}, "level")],
)
def test_a_wrong_argument_is_answered_with_the_right_one(
    wrong: dict[str, object], meant: str
) -> None:
    with pytest.raises(TypeError, match=f"pool.. has no argument .* did you mean '{meant}'"):
        osler.pool(ARMS, "RR", **wrong)  # type: ignore[call-overload]


def test_by_and_subgroups_do_not_go_together() -> None:
    with pytest.raises(TypeError, match="not both"):
        osler.pool(ARMS, "RR", by="place", subgroups="place")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="no argument 'seed' with subgroups"):
        osler.pool(ARMS, "RR", subgroups="place", seed=1)
    with pytest.raises(TypeError, match="no argument 'tau2'"):
        osler.pool(ARMS, "RR", tau2="common")


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises(DataError) as caught:
        work()
    return caught.value.diagnostics[0].code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"drug": ["b", "a", "b", "a", None]}, "SYN031"),
        ({"drug": [1.0, 2.0, 1.0, 2.0, float("nan")]}, "SYN031"),
        ({"drug": ["b", "a"]}, "FRM003"),
        ({"study": ["1", "2"]}, "FRM003"),
        ({"yi": 0.1}, "FRM006"),
        ({name: [] for name in LONG}, "SYN001"),
    ],
)
def test_what_cannot_be_grouped_is_said(change: dict[str, object], code: str) -> None:
    assert code_of(lambda: osler.pool({**LONG, **change}, by="drug")) == code


def test_groups_of_several_types_are_known_by_their_texts() -> None:
    found = osler.pool({**LONG, "drug": pd.Series(["b", 1, "b", 1, 2.5], dtype=object)}, by="drug")
    assert found.groups.tolist() == ["b", "1", "2.5"]


def test_a_column_named_for_one_measure_is_not_another() -> None:
    named = {"drug": LONG["drug"], "logor": LONG["yi"], "vi": LONG["vi"]}
    assert osler.pool(named, "or", by="drug").measure == "OR"
    assert code_of(lambda: osler.pool(named, "RR", by="drug")) == "DAT018"


@pytest.mark.parametrize("by", ["k", "tau2", "problem"])
def test_a_column_called_like_a_result_stays_beside_it(by: str) -> None:
    table = {by: LONG["drug"], "yi": LONG["yi"], "vi": LONG["vi"]}
    columns = osler.pool(table, by=by).columns()
    assert columns[f"group_{by}"] == ["b", "a", "c"]
    assert columns["k"] == [2.0, 2.0, 1.0]


def test_groups_cannot_be_changed_and_say_what_they_lack_within_a_line() -> None:
    table = {**LONG, "vi": [0.04, None, 0.03, 0.05, 0.06]}
    found = osler.pool(table, by="drug")
    with pytest.raises(ValueError, match="read-only"):
        found.pooled.estimate[0] = 9.0
    assert max(map(len, str(found).splitlines())) <= 96
    assert found.why("b.estimate").name == "b.estimate"
