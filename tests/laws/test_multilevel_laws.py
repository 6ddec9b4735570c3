"""What must hold for any multilevel model, covariance and robust variance."""

from random import Random
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.synthesis import synthesise
from osler.synthesis.covariance import aggregate_effects, sampling_covariance
from osler.synthesis.multilevel import Multilevel, multilevel
from osler.synthesis.robust import robust

# A few digits, as in print: differences of data are then differences that matter.
rows = st.tuples(
    st.integers(-300, 300).map(lambda i: i / 100),
    st.integers(5, 200).map(lambda i: i / 100),
    st.sampled_from("abcd"),
)
tables = st.lists(rows, min_size=5, max_size=14).filter(lambda t: len({r[2] for r in t}) > 2)
factors = st.sampled_from((0.1, 10.0, 1000.0))
few = settings(max_examples=25, deadline=None)

Rows = list[tuple[float, float, str]]


def fit(data: Rows, **options: Any) -> Multilevel:
    y, v, g = zip(*data, strict=True)
    table = {"y": y, "v": v, "g": g, "h": [str(i) for i in range(len(y))]}
    options = {"random": ["g", "g/h"], "variance": "v"} | options
    return multilevel("y ~ 1", table, **options)


def numbers(found: Multilevel) -> list[float]:
    c = found.coefficients[0]
    return [c.estimate, c.se, found.q, found.criteria.log_likelihood]


def same(one: list[float], other: list[float]) -> None:
    np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-7)


@few
@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_estimates_does_not_matter(data: Rows, random: Random) -> None:
    one, other = fit(data), fit(random.sample(data, len(data)))
    if not one.fitted.solution.others:
        same(numbers(one), numbers(other))


@few
@given(tables, factors)
def test_a_change_of_unit_changes_only_the_unit(data: Rows, factor: float) -> None:
    one = fit(data)
    other = fit([(y * factor, v * factor**2, g) for y, v, g in data])
    if not one.fitted.solution.others:
        expected = [one.coefficients[0].estimate * factor, one.coefficients[0].se * factor]
        got = [other.coefficients[0].estimate, other.coefficients[0].se]
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-6 * factor)
        values = [c.value * factor**2 for c in one.components]
        np.testing.assert_allclose(
            [c.value for c in other.components], values, rtol=1e-5, atol=1e-6 * factor**2
        )


@few
@given(tables, st.integers(-50, 50))
def test_a_shift_moves_the_mean_alone(data: Rows, shift: int) -> None:
    one, other = fit(data), fit([(y + shift, v, g) for y, v, g in data])
    if not one.fitted.solution.others:
        before, after = numbers(one), numbers(other)
        same([before[0] + shift, *before[1:]], after)


@few
@given(tables)
def test_one_level_is_the_random_effects_model(data: Rows) -> None:
    y, v, _ = zip(*data, strict=True)
    one = fit(data, random="h")
    other = synthesise([str(i) for i in range(len(y))], y, v, ci_method="Wald")
    c = one.coefficients[0]
    same([c.estimate, c.se, one.q], [other.random.estimate, other.random.se, other.heterogeneity.q])
    same([one.components[0].value], [other.heterogeneity.tau2])


@few
@given(tables)
def test_the_paths_of_the_likelihood_agree(data: Rows) -> None:
    """Nested sums, and blocks with a covariance too small to matter."""
    _, v, _ = zip(*data, strict=True)
    V = np.diag(np.array(v))
    V[0, 1] = V[1, 0] = 1e-14
    one = fit(data)
    other = fit(data, variance="", V=V)
    assert other.fitted.solution.likelihood.chain is None
    same(numbers(one), numbers(other))


@few
@given(tables)
def test_a_larger_model_is_no_lower(data: Rows) -> None:
    assert fit(data).criteria.log_likelihood >= fit(data, random="g").criteria.log_likelihood - 1e-8


@few
@given(tables)
def test_combining_first_is_the_common_effect_of_all(data: Rows) -> None:
    """Without heterogeneity nothing is lost by combining within clusters."""
    y, v, g = zip(*data, strict=True)
    V = sampling_covariance(v, g, rho=0.4)
    all_at_once = multilevel("y ~ 1", {"y": y}, V=V)
    first = aggregate_effects(y, v, g, rho=0.4)
    w = 1 / np.array(first.variances)
    c = all_at_once.coefficients[0]
    same([c.estimate, c.se], [float(w @ first.estimates / w.sum()), float(w.sum() ** -0.5)])


@few
@given(tables, st.sampled_from(("CR0", "CR1", "CR2")), factors)
def test_robust_errors_follow_the_unit(data: Rows, kind: Any, factor: float) -> None:
    options: dict[str, Any] = {"hold": {"sigma2[g]": 0.1, "sigma2[g/h]": 0.1}}
    one = robust(fit(data, **options), "g", kind=kind).coefficients[0]
    options = {"hold": {name: value * factor**2 for name, value in options["hold"].items()}}
    scaled = [(y * factor, v * factor**2, g) for y, v, g in data]
    other = robust(fit(scaled, **options), "g", kind=kind).coefficients[0]
    np.testing.assert_allclose(
        [other.se, other.df], [one.se * factor, one.df], rtol=1e-6, atol=1e-9
    )
