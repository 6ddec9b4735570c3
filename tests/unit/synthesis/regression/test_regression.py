"""What a meta-regression gives, says, and refuses."""

import math
import pickle
from dataclasses import FrozenInstanceError, dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from osler.core.diagnostics import DataError
from osler.synthesis.regression import Omitted, Regression, regress, regress_arrays
from osler.synthesis.regression import data as data_module
from tests.unit.synthesis.regression.trials import bcg


def code_of(error: pytest.ExceptionInfo[DataError]) -> str:
    return error.value.diagnostics[0].code


@pytest.fixture(scope="module")
def fit() -> Regression:
    return regress("ablat + C(alloc)", bcg(), measure="RR")


def test_the_result_names_its_numbers(fit: Regression) -> None:
    assert fit.names == ("Intercept", "ablat", "C(alloc)[T.random]", "C(alloc)[T.systematic]")
    assert fit.studies[0] == "Aronson"
    assert (fit.k, fit.p, fit.df) == (13, 4, 9.0)
    assert fit.coefficient("ablat") == fit.coefficients[1]
    assert fit.moderators.df1 == 3
    assert fit.columns()["term"] == list(fit.names)


ON_ASKING = (
    "moderators residual i2 h2 r2 r2_raw tau2_without tau2_se tau2_ci_lower tau2_ci_upper "
    "log_likelihood aic bic aicc notes"
).split()


@pytest.mark.parametrize("method", ["REML", "DL", "PM"])
def test_what_is_made_on_asking_is_kept_and_travels(method: str) -> None:
    table = bcg()
    X = np.column_stack([np.ones(13), table["ablat"], table["year"]])
    made = regress_arrays(table["yi"], table["vi"], X, ["1", "x", "z"], tau2_method=method)
    before = pickle.loads(pickle.dumps(made))
    asked = [getattr(made, name) for name in ON_ASKING]
    after = pickle.loads(pickle.dumps(made))
    assert asked == [getattr(before, name) for name in ON_ASKING]
    assert asked == [getattr(after, name) for name in ON_ASKING]
    assert made.moderators is made.moderators
    assert made.summary() == before.summary() == after.summary()


def test_what_becomes_of_the_arrays_given_changes_nothing() -> None:
    table = bcg()
    arrays = [np.array(table["yi"]), np.array(table["vi"])]
    X = np.column_stack([np.ones(13), table["ablat"]])
    expected = regress_arrays(*arrays, X, ["1", "x"]).summary()
    fit = regress_arrays(*arrays, X, ["1", "x"])
    for array in (*arrays, X):
        array *= 2.0
    assert fit.summary() == expected


@pytest.mark.parametrize("name", ["tau2", "notes", "aic"])
def test_nothing_of_a_result_can_be_changed(fit: Regression, name: str) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(fit, name, 1.0)


def test_the_summary_fits_a_terminal_and_names_every_choice(fit: Regression) -> None:
    told = fit.summary()
    assert max(map(len, told.splitlines())) <= 96
    for part in (
        "13 studies",
        "REML",
        "HKSJ",
        "Knapp-Hartung",
        "9 df",
        "Q-profile 95%",
        "R²",
        "exp",
    ):
        assert part in told
    assert repr(fit) == told


def test_the_text_tells_methods_and_results(fit: Regression) -> None:
    told = fit.text()
    assert "restricted maximum likelihood (REML)" in told
    assert "Knapp-Hartung" in told
    assert "included 13 studies" in told
    assert "log RR" in told


def test_every_reason_is_given(fit: Regression) -> None:
    for name in fit.reasons():
        assert str(fit.why(name))
    why = fit.why("ablat")
    assert dict(why.inputs)["tau2"] == fit.tau2
    with pytest.raises(DataError) as error:
        fit.why("nothing")
    assert code_of(error) == "RES001"


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_any_frame_will_do(make: Any, fit: Regression) -> None:
    other = regress("ablat + C(alloc)", make(bcg()))
    assert other.coefficients == pytest.approx(fit.coefficients, rel=1e-12)


def test_the_order_of_categories_of_a_frame_is_kept() -> None:
    kinds = pd.Categorical(bcg()["alloc"], ["systematic", "random", "alternate"])
    found = regress("alloc", pd.DataFrame(bcg()).assign(alloc=kinds))
    assert found.names == ("Intercept", "alloc[T.random]", "alloc[T.alternate]")


@dataclass
class Effects:
    measure: str = "RR"
    studies: tuple[str, ...] = tuple(bcg()["author"])
    estimates: tuple[float, ...] = tuple(bcg()["yi"])
    variances: tuple[float, ...] = tuple(bcg()["vi"])
    data: dict[str, Any] = field(default_factory=lambda: {"ablat": bcg()["ablat"]})


def test_effects_bring_their_estimates_and_moderators() -> None:
    found = regress("ablat", Effects())
    assert found.measure == "RR"
    assert found.coefficients == regress("ablat", bcg()).coefficients
    assert regress("1", Effects(data={})).k == 13


def test_columns_can_be_named_and_arrays_given() -> None:
    table = bcg()
    renamed = {"lor": table["yi"], "s": np.sqrt(table["vi"]), "x": table["ablat"]}
    wanted = regress("ablat", table).coefficients
    assert regress("lor ~ x", renamed, se="s").coefficients == pytest.approx(wanted)
    assert regress("x", renamed, estimate="lor", se="s").coefficients == pytest.approx(wanted)
    given = regress("x", renamed, estimate=table["yi"], variance=table["vi"], study=table["author"])
    assert given.coefficients == wanted
    assert given.studies == tuple(table["author"])


def test_rows_that_lack_something_are_listed() -> None:
    table = bcg()
    table["ablat"][2] = None
    table["vi"][4] = float("nan")
    found = regress("ablat", table)
    assert found.omitted == (
        Omitted("Rosenthal", "no value of ablat"),
        Omitted("Frimodt", "no value of variance"),
    )
    assert found.k == 11
    assert "Left out: Rosenthal (no value of ablat)" in found.summary()
    assert "2 with missing values were left out" in found.text()


def test_redundant_columns_are_named() -> None:
    table = bcg() | {"twice": [2 * x for x in bcg()["ablat"]]}
    found = regress("ablat + twice", table)
    assert found.redundant == ("twice",)
    assert found.names == ("Intercept", "ablat")
    assert "twice" in found.summary()
    assert found.predict({"ablat": [10], "twice": [20]}).estimates == pytest.approx(
        regress("ablat", table).predict({"ablat": [10]}).estimates
    )


def test_without_intercept_every_coefficient_is_tested() -> None:
    found = regress("0 + ablat", bcg(), ci_method="Wald")
    assert found.moderators.df1 == 1
    assert found.moderators.statistic == pytest.approx(found.statistics[0] ** 2)
    assert "No intercept" in found.notes[-1]
    cells = regress("0 + C(alloc)", bcg())
    assert cells.moderators.df1 == 3
    assert cells.r2 >= 0  # the columns span a constant


def test_with_nothing_but_an_intercept_nothing_is_tested() -> None:
    found = regress("1", bcg())
    assert found.moderators.df1 == 0
    assert math.isnan(found.moderators.p_value)
    assert "Test of moderators" not in found.summary()
    assert found.predict().estimates[0] == pytest.approx(found.coefficients[0])


def test_a_negative_r2_is_truncated_and_said() -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        table = bcg() | {"noise": rng.normal(size=13)}
        found = regress("noise", table)
        if found.r2_raw < 0:
            break
    assert found.r2 == 0.0
    assert any("R² is" in note for note in found.notes)
    assert "came out below 0" in str(found.why("r2"))


def test_terms_coefficients_and_contrasts_can_be_tested(fit: Regression) -> None:
    term = fit.test("alloc")
    assert term.df1 == 2
    assert term.tested == ("C(alloc)[T.random]", "C(alloc)[T.systematic]")
    one = fit.test("ablat")
    assert one.statistic == pytest.approx(fit.statistics[1] ** 2)
    difference = fit.test([0, 0, 1, -1])
    assert difference.tested == ("C(alloc)[T.random] - C(alloc)[T.systematic]",)
    assert fit.test().statistic == pytest.approx(fit.moderators.statistic)
    shifted = fit.test("ablat", fit.coefficients[1])
    assert shifted.statistic == pytest.approx(0, abs=1e-20)
    assert "All at once" in term.summary()
    assert "Wald-type" in term.text()
    assert str(term.why("statistic"))


@pytest.mark.parametrize("method", ["Bonferroni", "holm", "BH"])
def test_corrected_p_values_never_fall(fit: Regression, method: str) -> None:
    adjusted = fit.adjusted(method)
    assert list(adjusted) == list(fit.names[1:])
    assert all(adjusted[n] >= p for n, p in zip(fit.names[1:], fit.p_values[1:], strict=True))


def test_predictions_know_the_levels_of_factors(fit: Regression) -> None:
    found = fit.predict({"ablat": [13.0, 55.0], "alloc": ["random", "alternate"]})
    assert found.labels == ("ablat 13, alloc random", "ablat 55, alloc alternate")
    assert found.pred_lower[0] < found.ci_lower[0] < found.estimates[0]
    assert "RR" in found.summary()
    assert str(found.why("ablat 13, alloc random"))
    with pytest.raises(DataError) as error:
        fit.predict({"ablat": [13.0], "alloc": ["tossed"]})
    assert code_of(error) == "REG022"
    assert "tossed" in error.value.diagnostics[0].found
    assert "systematic" in error.value.diagnostics[0].found


@pytest.mark.parametrize(
    "new", [{"ablat": [1.0]}, {"ablat": [None], "alloc": ["random"]}, {"alloc": ["random"]}]
)
def test_predictions_need_every_moderator(fit: Regression, new: dict[str, Any]) -> None:
    with pytest.raises(DataError) as error:
        fit.predict(new)
    assert code_of(error) == "REG023"


def test_a_matrix_of_new_rows_must_fit(fit: Regression) -> None:
    with pytest.raises(DataError) as error:
        fit.predict(np.ones((2, 3)))
    assert code_of(error) == "REG011"


def test_terms_with_memory_predict_as_they_were_fitted() -> None:
    found = regress("poly(ablat, 2)", bcg())
    at = found.predict({"ablat": [44.0]}).estimates[0]
    assert at == pytest.approx(found.predict().estimates[0])


def test_a_value_missing_inside_a_function_is_listed() -> None:
    table = bcg()
    table["ablat"][0] = None
    for formula in ("poly(ablat, 2)", "center(ablat)", "log(ablat)"):
        assert regress(formula, table).omitted == (Omitted("Aronson", "no value of ablat"),)


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("ablat +", "REG001"),
        ("", "REG001"),
        ("yi ~ ", "REG001"),
        ("latitude", "REG002"),
        ("log(ablat - 13)", "REG005"),
        ("0", "REG012"),
        ("C(author)", "REG010"),
    ],
)
def test_formulas_that_cannot_be_used(formula: str, code: str) -> None:
    with pytest.raises(DataError) as error:
        regress(formula, bcg())
    assert code_of(error) == code


def test_without_formulaic_a_matrix_still_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_module, "find_spec", lambda name: None)
    with pytest.raises(DataError) as error:
        regress("ablat", bcg())
    assert code_of(error) == "REG003"


def test_estimates_must_be_found() -> None:
    with pytest.raises(DataError) as error:
        regress("ablat", {"ablat": [1, 2, 3]})
    assert code_of(error) == "REG004"


@pytest.mark.parametrize(
    ("option", "code"),
    [
        ({"tau2_method": "magic"}, "SYN005"),
        ({"ci_method": "magic"}, "SYN005"),
        ({"level": 1.5}, "SYN006"),
        ({"scale": "ablat", "tau2_method": "DL"}, "REG030"),
        ({"scale": "ablat", "link": "probit"}, "SYN005"),
    ],
)
def test_choices_that_do_not_exist(option: dict[str, Any], code: str) -> None:
    with pytest.raises(DataError) as error:
        regress("ablat", bcg(), **option)
    assert code_of(error) == code


@pytest.mark.parametrize(
    ("what", "code"),
    [("nothing", "REG020"), ([[1, 0]], "REG021"), ([[0, 0, 0, 0]], "REG021"), ([{}], "REG021")],
)
def test_contrasts_that_cannot_be_tested(fit: Regression, what: Any, code: str) -> None:
    with pytest.raises(DataError) as error:
        fit.test(what)
    assert code_of(error) == code


def arrays(y: list[float], v: list[float], x: list[float], **options: Any) -> Regression:
    return regress_arrays(y, v, [[1, value] for value in x], ["Intercept", "x"], **options)


@pytest.mark.parametrize("method", ["REML", "ML", "DL", "HE", "HS", "HSk", "SJ", "PM", "PMM", "EB"])
@pytest.mark.parametrize("unit", [1e-40, 1.0, 1e40])
def test_identical_estimates_leave_nothing(method: str, unit: float) -> None:
    found = arrays(
        [unit] * 4, [unit**2, 2 * unit**2, unit**2, unit**2], [0, 1, 2, 5], tau2_method=method
    )
    assert found.tau2 == pytest.approx(0, abs=1e-20 * unit**2)
    assert found.coefficients == pytest.approx((unit, 0), abs=1e-12 * unit)


@pytest.mark.parametrize("method", ["REML", "ML", "DL", "HE", "PM", "SJ"])
@pytest.mark.parametrize("factor", [1e-30, 1e30])
def test_results_follow_the_unit(method: str, factor: float) -> None:
    table = bcg()
    one = arrays(table["yi"], table["vi"], table["ablat"], tau2_method=method)
    y, v = np.array(table["yi"]) * factor, np.array(table["vi"]) * factor**2
    other = arrays(y.tolist(), v.tolist(), table["ablat"], tau2_method=method)
    assert other.tau2 == pytest.approx(one.tau2 * factor**2, rel=1e-9)
    assert other.statistics == pytest.approx(one.statistics, rel=1e-9)
    assert other.i2 == pytest.approx(one.i2, rel=1e-9)


@pytest.mark.parametrize("method", ["REML", "ML", "DL", "HE", "HS", "HSk", "SJ", "PM", "PMM"])
@pytest.mark.parametrize("extreme", [1e-90, 1e-20, 1e20, 1e90])
def test_variances_far_apart_give_numbers(method: str, extreme: float) -> None:
    found = arrays(
        [0.1, 0.5, 0.2, 0.9], [extreme, 1.0, 1 / extreme, 1.0], [0, 1, 2, 3], tau2_method=method
    )
    assert all(map(math.isfinite, (*found.coefficients, *found.se, found.tau2)))
    assert found.summary()


@pytest.mark.parametrize(
    ("y", "v", "code"),
    [
        ([0.1, 0.2, math.nan], [1, 1, 1], "SYN004"),
        ([0.1, 0.2, 0.3], [1, 0, 1], "SYN003"),
        ([0.1, 0.2, 0.3], [1, -1, 1], "SYN003"),
        ([0.1, 0.2, 0.3], [1, 1e-300, 1], "SYN007"),
        ([], [], "SYN001"),
        ([0.1], [1.0], "REG010"),
        ([0.1, 0.2], [1.0, 1.0], "REG010"),
    ],
)
def test_numbers_that_cannot_be_used(y: list[float], v: list[float], code: str) -> None:
    with pytest.raises(DataError) as error:
        regress_arrays(y, v, np.column_stack([np.ones(len(y)), np.arange(len(y))]), ["1", "x"])
    assert code_of(error) == code


def test_shapes_must_agree() -> None:
    with pytest.raises(DataError) as error:
        regress_arrays([1, 2, 3], [1, 1, 1], [[1], [1]], ["1"])
    assert code_of(error) == "REG011"
    with pytest.raises(DataError) as error:
        regress_arrays([1, 2], [1, 1], [[1], [1]], ["1", "2"])
    assert code_of(error) == "REG011"


def test_several_maxima_are_told_and_the_highest_taken() -> None:
    found = regress_arrays(
        [0.9, -5.7, 0.2, 1.1], [0.46, 5.2, 2.21, 0.28], np.ones((4, 1)), ["Intercept"]
    )
    assert "several maxima" in found.notes[0]


def test_a_common_effect_has_no_tau2() -> None:
    found = regress("ablat", bcg(), tau2_method="CE", ci_method="Wald")
    assert found.tau2 == 0
    assert "common-effect" in found.text()
    assert found.i2 == pytest.approx(max(0, 1 - 11 / found.residual.statistic))


def test_inflation_of_terms(fit: Regression) -> None:
    found = fit.vif()
    assert found.terms == ("ablat", "C(alloc)")
    assert found.df == (1, 2)
    assert found.gvif[0] == pytest.approx(found.vif[0])
    assert found.gvif[0] == pytest.approx(found.gvif[1])  # two terms share one overlap
    assert "GVIF" in found.summary()
    assert "largest variance inflation" in found.text()
    assert str(found.why("ablat"))


def test_nested_models_are_compared() -> None:
    small, large = (regress(f, bcg(), tau2_method="ML") for f in ("ablat", "ablat + year"))
    found = large.compare(small)
    assert found.formulas == ("ablat", "ablat + year")
    assert found.df == 1
    assert found.statistic == pytest.approx(2 * (large.log_likelihood - small.log_likelihood))
    assert "Likelihood-ratio" in found.summary()
    assert str(found.why("p_value"))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (("ablat", "REML"), ("ablat + year", "REML")),
        (("ablat", "ML"), ("year", "ML")),
        (("ablat", "DL"), ("ablat + year", "DL")),
        (("ablat", "ML"), ("ablat + year", "REML")),
    ],
)
def test_other_models_are_not_compared(a: tuple[str, str], b: tuple[str, str]) -> None:
    models = [regress(formula, bcg(), tau2_method=method) for formula, method in (a, b)]
    with pytest.raises(DataError) as error:
        models[0].compare(models[1])
    assert code_of(error) == "REG024"


def test_residuals_name_the_outlying(fit: Regression) -> None:
    found = fit.residuals()
    assert found.outlying == ("Vandiviere",)
    assert sum(found.leverage) == pytest.approx(4)
    assert "Vandiviere" in found.text()
    assert str(found.why("Vandiviere"))
    influence = fit.influence()
    assert len(influence.dfbetas) == 13
    assert "dfbetas ablat" in influence.columns()
    assert max(map(len, influence.summary().splitlines())) <= 96
    assert str(influence.why("Hart"))


def test_a_study_that_alone_carries_a_coefficient_has_no_deleted_fit() -> None:
    found = regress_arrays(
        [0.1, 0.4, 0.3, 0.9], [0.1] * 4, [[1, 0], [1, 0], [1, 0], [1, 1]], ["1", "only"]
    )
    assert math.isnan(found.influence().cook[3])
    assert math.isnan(found.residuals().studentised[3])
    assert found.residuals().leverage[3] == pytest.approx(1)


def test_permutations_are_repeatable_and_say_how_they_were_made() -> None:
    found = regress("ablat", bcg(), tau2_method="DL")
    one, two = (found.permutation_test(500, rng=7) for _ in range(2))
    assert one.p_values == two.p_values
    assert (one.arrangements, one.exact) == (501, False)
    assert min(one.p_values) >= 1 / 501
    assert one.omnibus_p_value == pytest.approx(one.p_values[1])
    assert "random" in one.summary()
    assert "Monte Carlo" in one.text()
    assert str(one.why("ablat"))


def test_permutations_without_moderators_change_signs() -> None:
    found = regress("1", bcg(), tau2_method="DL").permutation_test()
    assert (found.arrangements, found.exact, found.signs) == (8192, True, True)
    drawn = regress("1", bcg(), tau2_method="DL").permutation_test(300, rng=1)
    assert not drawn.exact


def test_an_r2_that_does_not_exist_is_told_in_words() -> None:
    data = {"yi": [0.1, 0.2, 0.3, 0.15], "vi": [0.1, 0.2, 0.1, 0.3], "x": [1, 2, 3, 4]}
    told = str(regress("0 + x", data, estimate="yi", variance="vi").why("r2"))
    assert "cannot be told" in told
    assert "nan" not in told
