"""What leaving out estimates or studies does to a multilevel model."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import osler
from osler.core.diagnostics import DataError
from osler.synthesis.multilevel import Multilevel, MultilevelInfluence, multilevel
from osler.synthesis.multilevel.core import solve, solve_near
from tests.unit.synthesis.multilevel.data import schools, teeth
from tests.unit.synthesis.regression.trials import bcg


@pytest.fixture(scope="module")
def fit() -> Multilevel:
    return multilevel("yi ~ 1", schools(), random="~ 1 | district/school", variance="vi")


@pytest.fixture(scope="module")
def found(fit: Multilevel) -> MultilevelInfluence:
    return fit.influence("district")


def rows(table: dict[str, Any], keep: list[int]) -> dict[str, Any]:
    return {name: [values[i] for i in keep] for name, values in table.items()}


def test_a_deletion_is_the_fit_without_the_unit(
    fit: Multilevel, found: MultilevelInfluence
) -> None:
    table = schools()
    unit = found.units[6]
    keep = [i for i, d in enumerate(table["district"]) if str(d) != unit]
    less = multilevel("yi ~ 1", rows(table, keep), random="~ 1 | district/school", variance="vi")
    moved = fit.estimate("Intercept") - less.estimate("Intercept")
    se = fit.coefficient("Intercept").se
    assert found.cooks_distance[6] == pytest.approx((moved / se) ** 2, rel=1e-6)
    told = dict(zip(found.components, found.components_deleted[6], strict=True))
    for each in less.components:
        assert told[each.name] == pytest.approx(each.value, rel=1e-6)


def test_hat_values_add_up_to_the_coefficients(found: MultilevelInfluence) -> None:
    assert sum(found.hat) == pytest.approx(1.0)
    assert sum(found.sizes) == len(found.studies) == 56


def test_it_is_told(found: MultilevelInfluence) -> None:
    told = found.summary()
    assert max(map(len, told.splitlines())) <= 96
    assert "searched for anew" in told and "DFB Intercept" in told
    assert "None was influential" in found.text() or "Influential" in found.text()
    table = found.columns()
    assert len(table["unit"]) == 11 and "sigma2[district] deleted" in table
    assert len(found.estimate_columns()["studentised"]) == 56
    for name in ("cooks_distance[0]", "studentised[3]"):
        assert found.why(name).how
    assert found.to_frame() is not None


def test_components_that_are_held_stay(fit: Multilevel) -> None:
    held = fit.influence("district", reestimate=False)
    values = tuple(c.value for c in fit.components)
    assert all(row == pytest.approx(values) for row in held.components_deleted)
    assert "held as they were" in held.text()


def test_labels_will_do_for_clusters(fit: Multilevel, found: MultilevelInfluence) -> None:
    given = fit.influence(schools()["district"], reestimate=False)
    assert given.units == found.units and given.cluster == "cluster"


def test_a_search_from_nearby_ends_where_a_whole_one_does() -> None:
    data, V = teeth()
    fit = multilevel("yi ~ 0 + outcome", data, V=V, random="~ outcome | trial", structure="UN")
    near = fit.fitted.solution
    shifted = replace(fit.fitted.problem, y=fit.fitted.problem.y + np.linspace(-0.02, 0.05, 10))
    ours, whole = solve_near(shifted, {}, near), solve(shifted, {})
    assert ours.log_likelihood == pytest.approx(whole.log_likelihood, rel=1e-10)


def test_a_variance_at_0_can_rise_without_a_study() -> None:
    """The start, the maximum of all, lies where the slope vanishes whatever lies beyond."""
    away = math.sqrt(0.0075)
    table = {"yi": [-away, -away, away, away, 0.0, 0.0], "vi": [0.02] * 6, "s": list("aabbcc")}
    fit = multilevel("~ 1", table, random="~ 1 | s")
    assert fit.component("sigma2[s]") == 0.0
    gone = fit.influence("s")
    # Two means of variance 0.01, 2 * away apart.
    assert gone.components_deleted[2][0] == pytest.approx(2 * 0.0075 - 0.01, rel=1e-6)


def test_what_cannot_be_had_is_nan_and_said() -> None:
    data, V = teeth()
    X = np.column_stack(
        [np.ones(10), [1.0 if t == data["trial"][0] else 0.0 for t in data["trial"]]]
    )
    fit = multilevel(X, data, V=V, random="~ outcome | trial", estimate="yi")
    found = fit.influence("trial", reestimate=False)
    assert math.isnan(found.cooks_distance[0]) and math.isnan(found.studentised[0])
    assert not any(math.isnan(c) for c in found.cooks_distance[1:])
    assert f"cannot be had without {found.units[0]}" in found.text()


def test_a_level_that_is_in_one_trial_only() -> None:
    data, V = teeth()
    outcomes = ["new" if i == 3 else o for i, o in enumerate(data["outcome"])]
    data = data | {"outcome": outcomes}
    fit = multilevel("yi ~ 1", data, V=V, random="~ outcome | trial", structure="HCS")
    found = fit.influence("trial", reestimate=False)
    assert math.isnan(found.studentised[3])  # nothing tells how it varies
    assert not math.isnan(found.cooks_distance[1])


def test_through_osler_influence(fit: Multilevel, found: MultilevelInfluence) -> None:
    assert osler.influence(fit, cluster="district").cooks_distance == found.cooks_distance
    trials = osler.regress("ablat", bcg())
    assert osler.influence(trials).cook == trials.influence().cook


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"tau2_method": "DL"}, "INF012"),
        ({"model": "common_effect"}, "INF012"),
        ({"cluster": "nothing"}, "FRM001"),
        ({"cluster": ["a", "b"]}, "MLV015"),
        ({"cluster": [None] * 56}, "MLV008"),
    ],
)
def test_what_is_refused(fit: Multilevel, options: dict[str, Any], code: str) -> None:
    with pytest.raises(DataError) as error:
        osler.influence(fit, **options)
    assert error.value.diagnostics[0].code == code


def test_clusters_are_for_multilevel_models() -> None:
    pooled = osler.synthesise(["a", "b", "c"], [0.1, 0.2, 0.3], [0.1] * 3)
    for given in (pooled, osler.regress("ablat", bcg())):
        with pytest.raises(DataError) as error:
            osler.influence(given, cluster="study")  # type: ignore[call-overload]
        assert error.value.diagnostics[0].code == "INF012"
