"""Figures of models: residuals, weight functions, null distributions, profiles of components."""

import math
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.figure import Figure

from osler.appraisal.selection import selection_model
from osler.appraisal.selection.results import SelectionModel
from osler.core.diagnostics import DataError
from osler.publish import plots
from osler.publish.plots.component_profiles import curves_of
from osler.publish.plots.permutations import _bars, _nulls
from osler.synthesis.multilevel import Multilevel, multilevel
from osler.synthesis.permutation import permutation_test
from osler.synthesis.pool import synthesise
from osler.synthesis.regression import Regression, regress
from tests.unit.publish.plots.sample import bcg, bcg_fit, made, outside, overlaps

LATITUDE = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]


def code_of(call: Any) -> str:
    with pytest.raises(DataError) as caught:
        call()
    return caught.value.diagnostics[0].code


def regressed(fit: Any, x: list[float]) -> Regression:
    table = {
        "study": list(fit.studies),
        "y": list(fit.estimates),
        "v": list(fit.variances),
        "x": x,
    }
    return regress("x", table, estimate="y", variance="v", study="study", measure=fit.measure)


@cache
def by_latitude() -> Regression:
    return regressed(bcg_fit(), [float(v) for v in LATITUDE])


def marks(figure: Figure) -> np.ndarray:
    (found,) = [c for c in figure.axes[0].collections if isinstance(c, PathCollection)]
    return np.asarray(found.get_offsets())


# Residuals


def test_a_funnel_of_a_regression_holds_its_residuals_around_none() -> None:
    fit = by_latitude()
    figure = plots.funnel(fit)
    found = fit.residuals()
    assert marks(figure)[:, 0] == pytest.approx(np.array(found.raw))
    assert marks(figure)[:, 1] == pytest.approx(np.array(found.standardised_se))
    middle = figure.axes[0].lines[-1].get_xdata()
    assert list(middle) == [0.0, 0.0]
    assert figure.axes[0].get_xlabel() == "Risk ratio, over what the model expects"
    assert "funnel" in dir(fit.plot)


def test_residuals_without_the_study_are_wider() -> None:
    one, other = (plots.funnel(by_latitude(), residuals=kind) for kind in _KINDS)
    assert (marks(other)[:, 1] > marks(one)[:, 1]).all()


_KINDS = ("standardised", "studentised")


def test_contours_of_residuals_lie_around_no_residual() -> None:
    figure = plots.funnel(by_latitude(), contours=True)
    assert sum(isinstance(c, PolyCollection) for c in figure.axes[0].collections) == 6


def test_a_study_without_residual_is_told() -> None:
    fit = regressed(made(4, 3, "PLO"), [0, 0, 0, 1])
    figure = plots.funnel(fit)
    assert len(marks(figure)) == 3
    assert "1 study without residual, not shown" in figure.description
    # What is bent has no way back from a difference: it is shown as analysed.
    assert figure.axes[0].get_xlabel() == "Residual, proportion (logit)"


@pytest.mark.parametrize("k", [5, 150])
@pytest.mark.parametrize("y", ["se", "precision", "variance"])
def test_words_of_residual_funnels_keep_apart(k: int, y: str) -> None:
    fit = regressed(made(k, 2, "MD", 20.0), np.random.default_rng(0).normal(size=k).tolist())
    figure = plots.funnel(fit, y=y, labels="outside")
    assert overlaps(figure) == [] and outside(figure) == []


def test_what_residuals_cannot_be_is_refused() -> None:
    assert code_of(lambda: plots.funnel(by_latitude(), residuals="raw")) == "FIG003"
    assert code_of(lambda: plots.funnel(by_latitude(), reference="common")) == "FIG003"


# Selection


@cache
def selected(k: int = 60) -> Any:
    """Studies of which those with large p-values were mostly lost."""
    fit, rng = made(4 * k, 3, "SMD"), np.random.default_rng(1)
    z = np.array(fit.estimates) / np.sqrt(np.array(fit.variances))
    kept = [i for i in range(4 * k) if z[i] < -1.96 or rng.random() < 0.25][:k]
    parts = ([values[i] for i in kept] for values in (fit.studies, fit.estimates, fit.variances))
    return synthesise(*parts, measure="SMD")


@cache
def weighed(kind: str = "step", k: int = 60, **options: Any) -> SelectionModel:
    return selection_model(selected(k), kind, alternative="less", **options)


def curve_of(figure: Figure, nth: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """A weight function as drawn; line 0 is that of no selection."""
    line = figure.axes[0].lines[nth]
    return np.asarray(line.get_xdata()), np.asarray(line.get_ydata())


def test_the_curve_is_the_weight_function() -> None:
    for kind in ("step", "beta", "power"):
        model = weighed(kind)
        x, heights = curve_of(plots.selection_weights(model, scale="even"))
        assert heights == pytest.approx(np.array(model.weight(x.tolist())))


def test_a_root_scale_moves_only_places() -> None:
    x, heights = curve_of(plots.selection_weights(weighed("power"), xlim=(0.0, 0.25)))
    assert heights == pytest.approx(np.array(weighed("power").weight((x**2).tolist())))
    assert x[-1] == 0.5


def test_a_step_is_drawn_upright_at_its_p_value() -> None:
    x, heights = curve_of(plots.selection_weights(weighed(), scale="even"))
    at = np.flatnonzero(np.diff(heights))
    assert len(at) == 1
    assert x[at[0]] == 0.025 and x[at[0] + 1] == np.nextafter(0.025, 1)


def test_intervals_are_shown_where_they_are_known() -> None:
    def shaded(model: SelectionModel, **options: Any) -> int:
        found = plots.selection_weights(model, **options).axes[0].collections
        return sum(isinstance(c, PolyCollection) for c in found)

    steps = weighed(steps=(0.025, 0.5))
    assert shaded(steps) == 2  # the first step is 1 whatever happens
    assert shaded(weighed("power")) == 1
    assert shaded(weighed("beta")) == 0  # two parameters
    assert shaded(weighed("beta", delta=(1.0, None))) == 1
    assert shaded(steps, interval=False) == 0
    assert shaded(steps, others={"power": weighed("power")}) == 0


def test_one_weight_may_be_set_to_one_to_compare_shapes() -> None:
    figure = plots.selection_weights(
        weighed("beta"), {"power": weighed("power")}, relative_to=0.025, scale="even"
    )
    for nth in (1, 2):
        x, heights = curve_of(figure, nth)
        assert np.interp(0.025, x, heights) == pytest.approx(1.0, abs=1e-3)


def test_weights_without_end_do_not_set_the_axis() -> None:
    figure = plots.selection_weights(weighed("beta"))
    assert figure.axes[0].get_ylim()[1] < 100


def test_the_number_of_studies_stands_over_each_step() -> None:
    model = weighed(steps=(0.025, 0.5))
    said = [t.get_text() for t in plots.selection_weights(model).axes[0].texts]
    assert said == [f"k = {part.studies}" for part in model.intervals]


@pytest.mark.parametrize("steps", [(0.025,), (0.001, 0.01, 0.025, 0.05, 0.1, 0.3, 0.5, 0.95)])
@pytest.mark.parametrize("scale", ["root", "even"])
def test_words_of_weight_functions_keep_apart(steps: tuple[float, ...], scale: str) -> None:
    figure = plots.selection_weights(weighed(steps=steps), scale=scale, title="Selection")
    assert overlaps(figure) == [] and outside(figure) == []


def test_wrong_wishes_for_weights() -> None:
    model = weighed()
    other = selection_model(selected(), "power")
    assert code_of(lambda: plots.selection_weights(bcg_fit())) == "FIG002"
    assert code_of(lambda: plots.selection_weights(model, scale="log")) == "FIG003"
    assert code_of(lambda: plots.selection_weights(model, {"power": other})) == "FIG003"
    assert code_of(lambda: plots.selection_weights(model, relative_to=0.0)) == "FIG003"
    assert code_of(lambda: plots.selection_weights(model, xlim=(0.5, 0.1))) == "FIG007"
    assert code_of(lambda: plots.selection_weights(model, dict.fromkeys("abcde", model))) == (
        "FIG003"
    )


# Permutation


@dataclass(frozen=True)
class PermutationTest:
    """A test of six estimates by all patterns of signs, by hand."""

    statistic: float
    p_value: float
    exact: bool
    null: np.ndarray


def by_hand(y: list[float]) -> PermutationTest:
    """Means over their standard errors with equal variances, a plus for the first estimate."""
    signs = np.array([(1.0, *rest) for rest in product((1.0, -1.0), repeat=len(y) - 1)])
    values = (signs * np.array(y)).mean(axis=1) * math.sqrt(len(y)) / 0.2
    p = float((np.abs(values) >= abs(values[0]) - 1e-12).mean())
    return PermutationTest(float(values[0]), p, True, values)


def test_bars_are_shares_and_the_far_ones_are_the_p_value() -> None:
    test = by_hand([0.3, 0.5, 0.2, 0.4, 0.6, -0.1])
    (null,) = _nulls(test, None)
    assert len(null.values) == 64 and null.values.sum() == pytest.approx(0.0)
    edges, near, far = _bars(null)
    assert near.sum() + far.sum() == pytest.approx(1.0)
    assert far.sum() == pytest.approx(test.p_value) == 4 / 64
    assert np.abs(edges - test.statistic).min() < 1e-9
    # Nothing far lies within, nothing near beyond.
    within = edges[:-1] < test.statistic - 1e-9
    assert far[:, within].sum() == 0 and near[:, ~within].sum() == 0


def test_one_frame_a_moderator_and_one_for_all() -> None:
    rng = np.random.default_rng(0)
    test = _Regressed(
        ("Intercept", "year", "dose"), (3.0, 1.2, -0.01), (0.01, 0.25, 0.99),
        rng.standard_t(10, (3, 4000)), 2.4, 0.1, rng.f(2, 10, 4000), False,
    )  # fmt: skip
    figure = plots.permutation(test, title="Moderators")
    titles = [axes.get_title("left") for axes in figure.axes if axes.get_visible()]
    assert titles == ["year", "dose", "All moderators"]
    assert figure.axes[2].get_xlim()[0] == 0.0  # one-sided
    assert overlaps(figure) == [] and outside(figure) == []
    assert "year: 1.20, p = 0.25" in figure.description
    assert len(plots.permutation(test, "Intercept").axes) == 1
    assert code_of(lambda: plots.permutation(test, "place")) == "FIG003"


@dataclass(frozen=True)
class _Regressed:
    names: tuple[str, ...]
    statistics: tuple[float, ...]
    p_values: tuple[float, ...]
    null: np.ndarray
    omnibus: float
    omnibus_p_value: float
    omnibus_null: np.ndarray
    exact: bool


def test_tests_keep_their_null_distribution() -> None:
    pooled = permutation_test(bcg_fit())
    (null,) = _nulls(pooled, None)
    assert len(null.values) == 2**13 and null.far.mean() == pooled.p_value
    drawn = permutation_test(made(20, 1), draws=500)
    (null,) = _nulls(drawn, None)
    assert len(null.values) == 501 and null.far.mean() == drawn.p_value
    for n, exact in ((400, False), (2000, True)):
        fit = by_latitude() if not exact else regressed(made(6, 1), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
        test = fit.permutation_test(n, rng=1)
        assert test.exact is exact
        for null, p in zip(_nulls(test, test.names), test.p_values, strict=True):
            assert null.far.mean() == pytest.approx(p) and len(null.values) == test.arrangements
        assert test.plot.permutation().description


def test_what_has_no_null_distribution_is_refused() -> None:
    assert code_of(lambda: plots.permutation(bcg_fit())) == "FIG002"


# Profiles


@cache
def nested() -> Multilevel:
    rng, k = np.random.default_rng(2), 40
    group = np.arange(k) // 4
    y = rng.normal(0, 0.4, 10)[group] + rng.normal(0, 0.2, k) + rng.normal(0, 0.2, k)
    data = {"y": y.tolist(), "v": [0.04] * k, "g": group.tolist(), "e": list(range(k))}
    return multilevel("1", data, random="g/e", estimate="y", variance="v")


def test_a_frame_a_component_with_its_interval() -> None:
    model = nested()
    names, curves, flat = curves_of(model, None)
    assert names == ["sigma2[g]", "sigma2[g/e]"] and not flat
    for curve, name in zip(curves, names, strict=True):
        found = model.component_interval(name)
        assert curve.ends == (found.lower, found.upper)
        assert curve.heights.max() == 0.0
        assert np.interp(curve.peak, curve.values, curve.heights) == pytest.approx(0.0, abs=1e-6)
        at = np.interp(curve.ends, curve.values, curve.heights)
        assert at == pytest.approx(np.array([-curve.cut] * 2), abs=1e-3)
    figure = plots.profile_likelihood(model, title="Levels")
    assert [axes.get_xlabel() for axes in figure.axes] == names
    assert overlaps(figure) == [] and outside(figure) == []


def test_one_component_and_the_profile_alone() -> None:
    model = nested()
    assert len(plots.profile_likelihood(model, components="sigma2[g]").axes) == 1
    (profile,) = model.profile("sigma2[g]", points=9)
    figure = profile.plot.profile_likelihood(title="Between groups")
    assert figure.axes[0].get_ylabel() == "Log-likelihood, less its maximum"


def test_a_flat_profile_is_drawn_and_said_to_be_flat() -> None:
    (profile,) = nested().profile("sigma2[g]", points=9)
    flat = replace(
        profile, log_likelihoods=(profile.highest,) * len(profile.values), identified=False
    )
    figure = plots.profile_likelihood(flat)
    assert "flat" in figure.description
    assert figure.axes[0].get_ylim()[0] < -1.9


def test_what_a_multilevel_profile_does_not_take() -> None:
    model = nested()
    assert code_of(lambda: plots.profile_likelihood(model, method="ML")) == "FIG003"
    assert code_of(lambda: plots.profile_likelihood(model, components="tau2")) == "FIG003"
    held = replace(model, components=tuple(replace(c, held=True) for c in model.components))
    assert code_of(lambda: plots.profile_likelihood(held)) == "FIG002"


def test_each_result_knows_its_figure() -> None:
    assert plots.figures_of(weighed()) == ["selection_weights"]
    assert plots.figures_of(nested()) == ["profile_likelihood"]
    assert plots.figures_of(by_hand([0.1, 0.2])) == ["permutation"]
    assert bcg()[0]
