"""Selection models: choices, messages, degenerate data, and how results are told."""

import math
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr

from osler.appraisal.asymmetry.studies import numbers_of
from osler.appraisal.selection import likelihood as layout
from osler.appraisal.selection import p_curve, p_uniform_star, selection_model
from osler.appraisal.selection.families import FAMILIES, KINDS
from osler.appraisal.selection.likelihood import Likelihood, Steps, smooth_selection, z_of_p
from osler.appraisal.selection.p_uniform import _Truncated
from osler.core.diagnostics import DataError
from osler.core.results import Result
from tests.unit.appraisal.studies import BCG, made

MIXED = made(
    [0.1, 0.5, 0.6, 0.75, 0.9, 0.2, 1.1, 0.45, 0.05, 0.7],
    [0.01, 0.05, 0.06, 0.11, 0.16, 0.03, 0.28, 0.04, 0.02, 0.1],
    "SMD",
)


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(DataError) as caught:
        call()
    return caught.value.diagnostics[0].code


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_tells_itself(kind: str) -> None:
    result = selection_model(BCG, kind, alternative="less")
    told(result)
    assert result.converged
    assert result.log_likelihood >= result.log_likelihood_unselected - 1e-9
    assert "BCG" not in result.text() and "less" in result.summary()
    if kind == "truncated":
        assert code_of(lambda: result.weight([0.5])) == "SEL009"
        return
    weights = result.weight([0.001, 0.3, 0.9])
    assert all(w >= 0 and math.isfinite(w) for w in weights)


def told(result: Result) -> None:
    assert all(len(line) <= 96 for line in result.summary().splitlines())
    assert result.text().endswith((".", ")"))
    assert result.columns()
    for name in result.reasons():
        assert "Source:" in str(result.why(name))


@pytest.mark.parametrize("method", [p_curve, p_uniform_star])
def test_others_tell_themselves(method: Callable[..., Result]) -> None:
    told(method(MIXED))
    assert "Fewer than 10" in method(made(MIXED.estimates[:5], MIXED.variances[:5])).text()


def test_the_summary_of_a_step_model() -> None:
    lines = selection_model(MIXED).summary().splitlines()
    assert lines[0] == "Selection model: step function, cut at p = 0.025"
    assert lines[1] == "  random-effects model, maximum likelihood, one-sided p (greater)"
    assert lines[2] == "  10 studies; p-values: 7 to 0.025, 3 to 1"


def test_the_text_of_a_step_model_is_english() -> None:
    said = selection_model(MIXED, model="random").text()
    assert said.startswith(
        "A random-effects model with selection by one-sided p-values that favour larger estimates "
        "(step function, cut at p = 0.025; "
    )
    assert "standard deviations (95% CI " in said and "_" not in said
    fixed = selection_model(MIXED, delta=(1, 0.5), level=0.9)
    assert "selection was not tested" in fixed.text() and "(90% CI " in fixed.text()


def test_both_spellings_of_a_model() -> None:
    for short, name in (("random", "random_effects"), ("common", "common_effect")):
        found = selection_model(MIXED, model=short)
        assert found.model == name
        assert found.estimate == selection_model(MIXED, model=name).estimate


@pytest.mark.parametrize("method", [selection_model, p_curve, p_uniform_star])
@pytest.mark.parametrize("given", [{"yi": [0.1], "vi": [0.2]}, [0.1, 0.2], None])
def test_a_table_is_no_effects(method: Callable[..., Result], given: object) -> None:
    assert code_of(lambda: method(given)) == "INF010"
    pandas = pytest.importorskip("pandas")
    assert code_of(lambda: method(pandas.DataFrame({"yi": [0.1]}))) == "INF010"


@pytest.mark.parametrize(("kind", "two_sided"), list(product(FAMILIES, (False, True))))
def test_mean_weights_equal_brute_force(kind: str, two_sided: bool) -> None:
    """The integral by panels against a plain sum of a million slices."""
    family = FAMILIES[kind]
    delta = np.array(family.starts[1])
    y, v, tau2 = np.array([0.3]), np.array([0.5]), 0.7
    laid = smooth_selection(
        family,
        y / np.sqrt(v),
        two_sided=two_sided,
        threshold=None,
        p_min=family.p_min,
        imprecision=np.ones(1),
    )
    likelihood = Likelihood(y, v, np.ones((1, 1)), laid, two_sided)
    plain = Likelihood(y, v, np.ones((1, 1)), None, two_sided)
    x = np.array([[0.4, tau2, *delta]])
    seen = laid.at(delta[None]).log_data + plain.heights(x[:, :2])
    mean = math.exp(float((seen - likelihood.heights(x))[0]))
    assert mean == pytest.approx(brute(kind, delta, two_sided, 0.4, 0.5, tau2), rel=5e-6)


def brute(kind: str, delta: Any, two_sided: bool, mu: float, v: float, tau2: float) -> float:
    family = FAMILIES[kind]
    sigma = math.sqrt(1 + tau2 / v)
    z = np.linspace(-15 * sigma, 15 * sigma, 1_000_001) + mu / math.sqrt(v)
    p = 2 * ndtr(-np.abs(z)) if two_sided else ndtr(-z)
    p = np.clip(p, max(family.p_min, 1e-300), 1 - max(family.p_min, 1e-16))
    logs, _, _ = family.log_weight(delta, np.log(p), np.log1p(-p), np.ones(1))
    density = np.exp(-0.5 * ((z - mu / math.sqrt(v)) / sigma) ** 2)
    return float((np.exp(logs) * density).sum() / density.sum())


def laid_out(kind: str, two_sided: bool, y: Any, v: Any) -> tuple[Any, tuple[float, ...]]:
    """A weight function on studies, and parameters to try it at."""
    z = y / np.sqrt(v)
    if kind == "step":
        which = (z < z_of_p(np.array([0.025]), two_sided)[0]).astype(np.intp)
        return Steps(z_of_p(np.array([0.025]), two_sided), which), (1.0, 0.4)
    if kind == "truncated":
        return Steps((0.3 / np.sqrt(v))[:, None], (y <= 0.3).astype(np.intp)), (1.0, 0.4)
    family = FAMILIES[kind]
    laid = smooth_selection(
        family,
        z,
        two_sided=two_sided,
        threshold=None,
        p_min=family.p_min,
        imprecision=np.sqrt(v / v.max()),
    )
    return laid, family.starts[1]


@pytest.mark.parametrize(("kind", "two_sided"), list(product(KINDS, (False, True))))
def test_derivatives_equal_differences(kind: str, two_sided: bool) -> None:
    y, v = np.array(MIXED.estimates), np.array(MIXED.variances)
    laid, delta = laid_out(kind, two_sided, y, v)
    X = np.column_stack([np.ones(y.size), np.linspace(-1.0, 1.0, y.size)])
    likelihood = Likelihood(y, v, X, laid, two_sided)
    x = np.array([0.3, -0.1, 0.2, *delta])
    at = likelihood.slopes(x[None])
    assert at.height == pytest.approx(likelihood.heights(x[None]), rel=1e-13)
    steps = 1e-5 * np.eye(x.size)
    up, down = likelihood.slopes(x + steps), likelihood.slopes(x - steps)
    np.testing.assert_allclose(at.gradient[0], (up.height - down.height) / 2e-5, 1e-5, 1e-7)
    np.testing.assert_allclose(at.hessian[0], (up.gradient - down.gradient) / 2e-5, 1e-5, 1e-6)
    # Several sets at once, in blocks or not, are the same as each alone.
    again = [likelihood.slopes(row[None]).gradient[0] for row in x + steps]
    np.testing.assert_allclose(up.gradient, again, 1e-12, 1e-12)


def test_many_studies_are_worked_on_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    y, v = np.array(MIXED.estimates), np.array(MIXED.variances)
    laid, delta = laid_out("beta", False, y, v)
    likelihood = Likelihood(y, v, np.ones((y.size, 1)), laid, False)
    x = np.array([[0.3, 0.2, *delta], [0.1, 0.4, *delta], [0.5, 0.0, *delta]])
    heights, slopes = likelihood.heights(x), likelihood.slopes(x)
    monkeypatch.setattr(layout, "_BLOCK", 1)
    assert likelihood.heights(x) == pytest.approx(heights, rel=1e-13)
    assert likelihood.slopes(x).hessian == pytest.approx(slopes.hessian, rel=1e-12)


def test_derivatives_of_p_uniform_equal_differences() -> None:
    hill = _Truncated.of(numbers_of(MIXED, "p-uniform*", 2), "right")
    x = np.array([0.4, 0.3])
    steps = 1e-5 * np.eye(2)
    (up, up_slopes, _), (down, down_slopes, _) = hill(*(x + steps).T), hill(*(x - steps).T)
    _, gradient, hessian = hill(*x[:, None])
    np.testing.assert_allclose(gradient[0], (up - down) / 2e-5, 1e-6)
    np.testing.assert_allclose(hessian[0], (up_slopes - down_slopes) / 2e-5, 1e-6)


def test_less_is_greater_turned() -> None:
    turned = made([-y for y in MIXED.estimates], MIXED.variances)
    one, other = selection_model(MIXED), selection_model(turned, alternative="less")
    assert other.estimate == pytest.approx(-one.estimate, abs=1e-9)
    assert other.delta == pytest.approx(one.delta, abs=1e-8)


def test_fixed_neutral_weights_change_nothing() -> None:
    fitted = selection_model(MIXED, delta=(1.0, 1.0))
    assert fitted.estimate == pytest.approx(fitted.unadjusted[0].estimate, abs=1e-8)
    assert fitted.lr_df == 0 and fitted.selection[1].fixed
    beta = selection_model(MIXED, "beta", delta=(1.0, 1.0))
    assert beta.log_likelihood == pytest.approx(beta.log_likelihood_unselected, abs=1e-9)


def test_a_threshold_leaves_significant_studies_alone() -> None:
    fitted = selection_model(MIXED, "half-normal", steps=(0.025,))
    assert fitted.weight([0.01, 0.0249])[0] == 1.0
    assert fitted.converged


def test_moderators() -> None:
    fitted = selection_model(MIXED, moderators={"year": [float(i) for i in range(10)]})
    assert [part.name for part in fitted.coefficients] == ["intercept", "year"]
    shifted = selection_model(MIXED, moderators={"year": [2000.0 + i for i in range(10)]})
    assert shifted.coefficients[1].estimate == pytest.approx(
        fitted.coefficients[1].estimate, abs=1e-6
    )
    assert code_of(lambda: selection_model(MIXED, moderators={"a": [1.0] * 10})) == "SEL006"
    assert code_of(lambda: selection_model(MIXED, moderators={"a": [1.0] * 9})) == "SEL006"


@pytest.mark.parametrize(
    ("choices", "code"),
    [
        ({"kind": "stepfun"}, "SEL001"),
        ({"alternative": "two.sided"}, "SEL001"),
        ({"model": "fixed"}, "SEL001"),
        ({"kind": "beta", "imprecision": "se"}, "SEL001"),
        ({"steps": (0.5, 0.025)}, "SEL002"),
        ({"steps": ()}, "SEL002"),
        ({"steps": (0.0, 0.5)}, "SEL002"),
        ({"kind": "power", "steps": (0.1, 0.2)}, "SEL002"),
        ({"steps": (1e-9,)}, "SEL003"),
        ({"delta": (1.0,)}, "SEL005"),
        ({"delta": (1.0, -1.0)}, "SEL005"),
        ({"delta": (1.0, 0.0)}, "SEL005"),
        ({"level": 95}, "SEL007"),
        ({"kind": "beta", "p_min": 0.0}, "SEL007"),
    ],
)
def test_what_cannot_be_asked(choices: dict[str, Any], code: str) -> None:
    assert code_of(lambda: selection_model(MIXED, **choices)) == code


@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_too_few_studies(k: int) -> None:
    few = made(MIXED.estimates[:k], MIXED.variances[:k])
    assert code_of(lambda: selection_model(few)) == ("SEL004" if k else "ASY001")


def test_all_significant_has_no_other_side() -> None:
    significant = made([2.0 + 0.1 * i for i in range(10)], [0.1] * 10)
    assert code_of(lambda: selection_model(significant)) == "SEL003"
    none = made([0.01 * i for i in range(10)], [0.1] * 10)
    assert code_of(lambda: p_curve(none)) == "SEL008"
    assert code_of(lambda: p_uniform_star(none)) == "SEL008"


@pytest.mark.parametrize("scale", [1e-40, 1e40])
def test_the_unit_does_not_matter(scale: float) -> None:
    moved = made([y * scale for y in MIXED.estimates], [v * scale * scale for v in MIXED.variances])
    one, other = selection_model(MIXED, "beta"), selection_model(moved, "beta")
    assert other.estimate / scale == pytest.approx(one.estimate, rel=1e-5)
    assert other.delta == pytest.approx(one.delta, rel=1e-5)


def test_identical_estimates() -> None:
    same = made([0.4] * 12, [0.01 * i * i for i in range(1, 13)])
    fitted = selection_model(same)
    assert fitted.tau2 == 0.0
    assert math.isfinite(fitted.estimate)


def test_few_in_an_interval_is_said() -> None:
    assert "hardly known" in selection_model(MIXED).text()


def test_a_truncated_model_counts_sides_and_says_so() -> None:
    fit = selection_model(MIXED, "truncated", steps=[0.5])
    assert [part.studies for part in fit.intervals] == [5, 5]
    assert "5 with y > 0.5, 5 with y ≤ 0.5" in fit.summary()
    less = selection_model(MIXED, "truncated", steps=[0.5], alternative="less")
    assert [part.name for part in less.selection] == ["y < 0.5", "y ≥ 0.5"]
    assert [part.studies for part in less.intervals] == [4, 6]
    held = selection_model(MIXED, "truncated", steps=[0.5], delta=[1, 1])
    assert held.estimate == pytest.approx(held.unadjusted[0].estimate, abs=1e-7)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({}, "SEL003"),  # no estimate below 0
        ({"steps": [0.1, 0.2]}, "SEL002"),
        ({"steps": [math.nan]}, "SEL002"),
        ({"steps": [0.5], "alternative": "two-sided"}, "SEL001"),
        ({"steps": [0.5], "imprecision": "se"}, "SEL001"),
        ({"steps": [0.5], "delta": [1, -1]}, "SEL005"),
    ],
)
def test_truncated_models_that_cannot_be_had(options: dict[str, Any], code: str) -> None:
    assert code_of(lambda: selection_model(MIXED, "truncated", **options)) == code
