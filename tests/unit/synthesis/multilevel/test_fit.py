"""Fitting: what comes back, and what is refused."""

from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from osler.core.diagnostics import DataError
from osler.synthesis.multilevel import (
    Intercept,
    Multilevel,
    Related,
    Slopes,
    Structured,
    multilevel,
    parse_random,
)
from tests.reference.multilevel.test_multilevel import fitted as reference_fit
from tests.unit.synthesis.multilevel.data import schools, teeth


@pytest.fixture(scope="module")
def fit() -> Multilevel:
    return multilevel("yi ~ 1", schools(), random="~ 1 | district/school", variance="vi")


def small(**changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "y": [1.0, 2.0, 3.0, 2.0, 5.0],
        "v": [0.1, 0.1, 0.2, 0.1, 0.1],
        "g": list("aabbc"),
        "h": list(range(5)),
    }
    return data | changes


def fitted(fixed: Any = "~ 1", data: dict[str, Any] | None = None, **options: Any) -> Multilevel:
    options = {"random": ["g", "g/h"], "estimate": "y", "variance": "v"} | options
    return multilevel(fixed, data or small(), **options)


def code(error: pytest.ExceptionInfo[DataError]) -> str:
    return error.value.diagnostics[0].code


def test_components_have_names(fit: Multilevel) -> None:
    assert [c.name for c in fit.components] == ["sigma2[district]", "sigma2[district/school]"]
    assert [c.groups for c in fit.components] == [11, 56]
    assert fit.notes == ()


def test_the_result_is_frozen(fit: Multilevel) -> None:
    with pytest.raises(FrozenInstanceError):
        fit.level = 0.9  # type: ignore[misc]
    with pytest.raises(ValueError):
        fit.covariance[0, 0] = 1.0


def test_shares_add_up(fit: Multilevel) -> None:
    total, *parts = [share.i2 for share in fit.i2]
    assert total == pytest.approx(sum(parts))
    assert 0.94 < total < 0.96


@pytest.mark.parametrize(
    "random",
    [
        ["district", "district/school"],
        [Intercept("district"), Intercept("district", "school")],
        "~1|district/school",
        ["~ 1 | district", "district/school"],
    ],
)
def test_ways_to_write_nested_terms(fit: Multilevel, random: Any) -> None:
    other = multilevel("yi ~ 1", schools(), random=random, variance="vi")
    assert other.criteria == fit.criteria


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_any_data_frame(fit: Multilevel, frame: Any) -> None:
    other = multilevel("yi ~ 1", frame(schools()), random="~ 1 | district/school", variance="vi")
    assert other.criteria == fit.criteria


def test_nested_terms_take_the_fast_path_and_agree_with_the_general_one(fit: Multilevel) -> None:
    data = schools()
    general = multilevel(
        "yi ~ 1", data, random="~ 1 | district/school", V=[np.array(v) for v in data["vi"]],
    )  # fmt: skip
    covariance = np.diag(data["vi"])
    covariance[0, 1] = covariance[1, 0] = 1e-12
    blocks = multilevel("yi ~ 1", data, random="~ 1 | district/school", V=covariance)
    assert fit.fitted.solution.likelihood.chain is not None
    assert blocks.fitted.solution.likelihood.chain is None
    for other in (general, blocks):
        got, expected = [[c.value for c in f.components] for f in (other, fit)]
        assert got == pytest.approx(expected, rel=1e-7)
        assert other.criteria.log_likelihood == pytest.approx(fit.criteria.log_likelihood)


def test_compound_symmetry_is_two_levels(fit: Multilevel) -> None:
    other = multilevel("yi ~ 1", schools(), random="~ school | district", variance="vi")
    district, school = (c.value for c in fit.components)
    assert other.component("tau2[school | district]") == pytest.approx(district + school)
    assert other.component("rho[school | district]") == pytest.approx(
        district / (district + school)
    )


def test_crossed_terms_are_linked_by_low_rank() -> None:
    """Twelve labs by a hundred tasks: dense 600 x 600 in one piece, else small blocks."""
    rng = np.random.default_rng(3)
    lab, task = rng.integers(0, 12, 600), rng.integers(0, 100, 600)
    v = rng.uniform(0.05, 0.2, 600)
    y = rng.normal(0, 0.3, 12)[lab] + rng.normal(0, 0.5, 100)[task] + rng.normal(0, np.sqrt(v))
    fit = multilevel("y ~ 1", {"y": y, "v": v, "lab": lab, "task": task}, variance="v",
                     random=["lab", "task"])  # fmt: skip
    layout = fit.fitted.solution.likelihood.layout
    assert [link.term for link in layout.links] == [0]
    M = np.diag(v)
    for codes, component in zip((lab, task), fit.components, strict=True):
        M += component.value * (codes[:, None] == codes)
    W = np.linalg.inv(M)
    assert fit.estimate("Intercept") == pytest.approx(float((W @ y).sum() / W.sum()))
    assert fit.coefficients[0].se == pytest.approx(float(W.sum() ** -0.5))


def test_related_levels() -> None:
    data = small(s=["u", "w", "u", "x", "w"])
    R = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, 0.1], [0.2, 0.1, 1.0]])
    fit = fitted(data=data, random=Related("s", R, ["u", "w", "x"]))
    scaled = fitted(data=data, random=Related("s", 4 * R, ["u", "w", "x"]))
    assert scaled.criteria == fit.criteria
    raw = fitted(data=data, random=Related("s", 4 * R, ["u", "w", "x"], "none"))
    assert raw.components[0].value == pytest.approx(fit.components[0].value / 4)
    for scale in ("cor0", "cov0"):
        assert fitted(data=data, random=Related("s", R, ["u", "w", "x"], scale)).components


def test_slopes_alone_are_what_intercepts_are() -> None:
    one = fitted(random=Slopes((), within="g"))
    other = fitted(random="g")
    assert one.components[0].value == pytest.approx(other.components[0].value)
    assert one.components[0].name == "tau2[intercept | g]"


def test_held_components() -> None:
    fit = fitted(hold={"sigma2[g]": 0.25})
    assert fit.components[0].held and fit.component("sigma2[g]") == pytest.approx(0.25)
    free = fitted()
    assert fit.criteria.log_likelihood <= free.criteria.log_likelihood
    assert fit.criteria.estimated == free.criteria.estimated - 1


def test_no_random_terms_is_the_common_effect() -> None:
    fit = fitted(random=[])
    w = 1 / np.array(small()["v"])
    assert fit.estimate("Intercept") == pytest.approx(float(w @ small()["y"] / w.sum()))
    assert fit.components == () and fit.i2 == ()


def test_what_cannot_be_told_is_said() -> None:
    twice = fitted(random=[Intercept("g/h"), "h"])
    assert any("do not tell" in note for note in twice.notes)
    assert not any(c.identified for c in twice.components)
    one = fitted(data=small(g=list("aaaaa")))
    assert one.components[0].held and "one level only" in one.notes[0]
    never = fitted(random=Structured("h", within="g", structure="UN"))
    assert any("rests on one estimate" in note for note in never.notes)


def test_columns_are_known_by_their_usual_names() -> None:
    plain = multilevel("~ 1", small(), random="g", estimate="y", variance="v")
    data = {"yi": small()["y"], "vi": small()["v"], "lab": small()["g"]}
    assert multilevel("~ 1", data, random="lab").coefficients == plain.coefficients
    for left_out in ("yi", "vi"):
        less = {name: values for name, values in data.items() if name != left_out}
        with pytest.raises(DataError) as error:
            multilevel("~ 1", less, random="lab")
        assert code(error) == "MLV011"


def test_identical_estimates_have_no_heterogeneity() -> None:
    fit = fitted(data=small(y=[1.0] * 5))
    assert [c.value for c in fit.components] == [0.0, 0.0]
    assert all(c.at_boundary for c in fit.components)
    assert fit.q == pytest.approx(0.0, abs=1e-12)


def test_tiny_variances_beside_large_heterogeneity() -> None:
    """Balanced, so that the answer is in closed form: 0.5 within, 2 - 0.5 / 2 between."""
    fit = fitted(data={"y": [1.0, 2.0, 3.0, 4.0], "v": [1e-30] * 4, "g": list("aabb"),
                       "h": [1, 2, 3, 4]})  # fmt: skip
    assert [c.value for c in fit.components] == pytest.approx([1.75, 0.5])


def test_missing_rows_are_left_out_with_a_note() -> None:
    fit = fitted(data=small(y=[1.0, None, 3.0, 2.0, 5.0]))
    assert fit.k == 4
    assert fit.notes[0] == "1 row with missing values left out: row 2"
    formula = fitted("~ x", small(x=[1.0, 2.0, 3.0, 5.0, None]))
    assert formula.k == 4


def test_degrees_of_freedom_by_level() -> None:
    data = small(y=[1.0, 2.0, 3.0, 2.0, 5.0, 4.0], v=[0.1] * 6, g=list("aabbcc"), h=list(range(6)))
    data["x"] = [0, 0, 1, 1, 3, 3]
    contain = fitted("~ x", data, df="contain")
    assert [c.df for c in contain.coefficients] == [1.0, 1.0]
    assert [c.df for c in fitted("~ x", data, df=[3, 2]).coefficients] == [3.0, 2.0]
    assert np.isinf(fitted("~ x", data, test="z").coefficients[0].df)


def test_tested_coefficients() -> None:
    data = small(x=[0, 1, 2, 0, 1])
    assert fitted("~ x", data).omnibus.tested == ("x",)
    assert fitted("~ x", data, tested=[0, 1]).omnibus.df1 == 2


@pytest.mark.parametrize(
    ("expected", "changes", "options"),
    [
        ("MLV001", {"y": [1.0, None, None, None, None]}, {}),
        ("MLV002", {"y": [1.0, float("inf"), 3.0, 2.0, 5.0]}, {}),
        ("MLV003", {"v": [0.1, -0.1, 0.2, 0.1, 0.1]}, {}),
        ("MLV003", {"v": [0.1, 0.0, 0.2, 0.1, 0.1]}, {}),
        ("MLV004", {}, {"variance": "", "V": np.eye(4)}),
        ("MLV004", {}, {"variance": "", "V": [np.eye(2), np.ones((1, 2))]}),
        ("MLV005", {}, {"variance": "", "V": np.ones((5, 5))}),
        ("MLV005", {}, {"variance": "", "V": np.eye(5) + np.eye(5, k=1)}),
        ("MLV006", {}, {"random": "~ | g"}),
        ("MLV006", {}, {"random": "~ h | g/h"}),
        ("MLV006", {}, {"random": [3]}),
        ("MLV007", {}, {"random": "~ h | g", "structure": "XX"}),
        ("MLV007", {}, {"random": Structured(("h", "v"), within="g")}),
        ("MLV008", {"g": ["a", None, "b", "b", "c"]}, {}),
        ("MLV009", {}, {"random": Related("g", np.eye(2), ["a", "b", "c"])}),
        ("MLV009", {}, {"random": Related("g", np.diag([1, 1, -1]), list("abc"), "none")}),
        ("MLV010", {}, {"random": Related("g", np.eye(2), ["a", "b"])}),
        ("MLV011", {}, {"method": "DL"}),
        ("MLV011", {}, {"test": "knha"}),
        ("MLV011", {}, {"df": "satterthwaite"}),
        ("MLV012", {}, {"fixed": np.ones((5, 2))}),
        ("MLV013", {"v": [1e-30, 1.0, 1.0, 1.0, 1.0]}, {}),
        ("MLV013", {"v": [1e-300] * 5}, {}),
        ("MLV014", {}, {"fixed": "~ nothing"}),
        ("MLV015", {}, {"fixed": np.ones((4, 1))}),
        ("MLV015", {}, {"df": [1.0, 2.0]}),
        ("MLV016", {}, {"hold": {"sigma2[x]": 1.0}}),
        ("MLV017", {}, {"hold": {"sigma2[g]": -1.0}}),
        ("FRM001", {}, {"random": "district"}),
        ("SYN006", {}, {"level": 1.0}),
    ],
)
def test_refused(expected: str, changes: dict[str, Any], options: dict[str, Any]) -> None:
    options = dict(options)
    fixed = options.pop("fixed", "~ 1")
    with pytest.raises(DataError) as error:
        fitted(fixed, small(**changes), **options)
    assert code(error) == expected


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(DataError) as error:
        fitted(data={"y": [], "v": [], "g": [], "h": []})
    assert code(error) == "MLV001"


def test_a_formula_with_a_left_side() -> None:
    data, V = teeth()
    fit = multilevel("yi ~ 0 + outcome", data, V=V, random="~ outcome | trial", structure="UN")
    assert [c.name for c in fit.coefficients] == ["outcome[AL]", "outcome[PD]"]
    assert fit.omnibus.tested == ("outcome[AL]", "outcome[PD]")


def test_parsing() -> None:
    assert parse_random("a/b") == (Intercept("a"), Intercept("a", "b"))
    assert parse_random(["a", "a/b"]) == parse_random("a/b")
    assert parse_random(["~ 1 | a/b/c"]) == (
        Intercept("a"), Intercept("a/b"), Intercept("a/b/c"),
    )  # fmt: skip
    assert parse_random("x + z | a", "SPEXP") == (Structured(("x", "z"), "a", "SPEXP"),)


def test_the_likelihood_of_several_modes_is_searched_for_the_highest() -> None:
    """Fine et al. (1993) with HAR: the usual start ends 0.6 lower than the best."""
    fit = reference_fit("fine1993_HAR")
    assert fit.criteria.log_likelihood == pytest.approx(-44.85609, abs=1e-5)
    assert any("several maxima" in note for note in fit.notes)


def test_a_formula_reaches_for_nothing_but_columns() -> None:
    with pytest.raises(DataError) as error:
        fitted("~ I(__import__('os').getpid() + 0 * v)")
    assert code(error) == "MLV014"
