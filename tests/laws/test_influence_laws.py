"""What must hold for the influence of studies, whatever the data."""

import math
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.appraisal.influence import cumulative, gosh, influence, leave_one_out
from osler.appraisal.multiverse import multiverse
from osler.appraisal.sequential import alpha_boundaries, crossing_probabilities
from osler.synthesis import Synthesis, synthesise

# A few digits, as in print: differences of data are then differences that matter.
estimates = st.integers(-300, 300).map(lambda i: i / 100)
variances = st.integers(2, 200).map(lambda i: i / 100)
Data = list[tuple[float, float]]
studies = st.lists(st.tuples(estimates, variances), min_size=3, max_size=8)
few = settings(deadline=None, max_examples=30)
models = st.sampled_from(("random_effects", "common_effect"))


def fitted(data: Data) -> Synthesis:
    y, v = zip(*data, strict=True)
    # DL has one solution, so that a law cannot fail at a tie of two maxima.
    return synthesise([str(i) for i in range(len(data))], y, v, tau2_method="DL")


@few
@given(studies, models, st.randoms(use_true_random=False))
def test_the_order_of_studies_does_not_matter(data: Data, model: str, random: Random) -> None:
    order = random.sample(range(len(data)), len(data))
    one = influence(fitted(data), model=model, tau2_method="DL")
    other = influence(fitted([data[i] for i in order]), model=model, tau2_method="DL")
    for name in ("studentised", "dffits", "cooks_distance", "dfbetas", "hat"):
        expected = [getattr(one, name)[i] for i in order]
        np.testing.assert_allclose(getattr(other, name), expected, rtol=1e-7, atol=1e-9)


@few
@given(studies, models, st.sampled_from((0.1, 25.4, 1000.0)))
def test_a_change_of_unit_changes_no_measure(data: Data, model: str, factor: float) -> None:
    one = influence(fitted(data), model=model, tau2_method="DL")
    scaled = [(y * factor, v * factor**2) for y, v in data]
    other = influence(fitted(scaled), model=model, tau2_method="DL")
    for name in ("standardised", "studentised", "dffits", "cooks_distance", "dfbetas"):
        got, expected = getattr(other, name), getattr(one, name)
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-8)


@few
@given(studies, models)
def test_swapped_arms_flip_residuals(data: Data, model: str) -> None:
    one = influence(fitted(data), model=model, tau2_method="DL")
    other = influence(fitted([(-y, v) for y, v in data]), model=model, tau2_method="DL")
    np.testing.assert_allclose(other.studentised, np.negative(one.studentised), atol=1e-8)
    np.testing.assert_allclose(other.cooks_distance, one.cooks_distance, rtol=1e-7, atol=1e-9)


@few
@given(studies)
def test_with_fixed_weights_both_residuals_are_one(data: Data) -> None:
    found = influence(fitted(data), model="common_effect")
    np.testing.assert_allclose(found.studentised, found.standardised, rtol=1e-9, atol=1e-10)


@few
@given(studies, models)
def test_the_last_step_and_the_largest_subset_are_the_whole(data: Data, model: str) -> None:
    fit = fitted(data)
    pooled = fit.random if model == "random_effects" else fit.common
    last = cumulative(fit, model=model, tau2_method="DL").rows[-1]
    cloud = gosh(fit, model=model, tau2_method="DL")
    assert last.estimate == pytest.approx(pooled.estimate, abs=1e-10)
    assert float(cloud.estimate[-1]) == pytest.approx(pooled.estimate, abs=1e-10)
    without = leave_one_out(fit, model=model, tau2_method="DL")
    codes = [2 ** len(data) - 1 - 2**i for i in range(len(data))]
    got = [row.estimate for row in without.rows]
    np.testing.assert_allclose(cloud.estimate[np.array(codes) - 1], got, atol=1e-9)


@few
@given(studies)
def test_specifications_do_not_depend_on_each_other(data: Data) -> None:
    fit = fitted(data)
    both = multiverse(fit, tau2_methods=["DL", "PM"], exclusions={"first": ["0"]})
    for method in ("DL", "PM"):
        alone = multiverse(fit, tau2_methods=[method], common_effect=False)
        rows = {s.name: s.estimate for s in both.specifications}
        for s in alone.specifications:
            assert rows[s.name] == pytest.approx(s.estimate, rel=1e-10, abs=1e-12)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.floats(0.02, 1.0), min_size=1, max_size=8),
    st.sampled_from((0.01, 0.05, 0.2)),
    st.sampled_from(("OBF", "Pocock")),
)
def test_alpha_is_spent_and_no_more(steps: list[float], alpha: float, spending: str) -> None:
    times = (np.cumsum(steps) / sum(steps)).tolist()
    times[-1] = 1.0
    bounds = alpha_boundaries(times, alpha=alpha, spending=spending)
    above, below = crossing_probabilities(times, bounds)
    assert math.fsum(above) + math.fsum(below) == pytest.approx(alpha, rel=1e-9)
    ordinary = alpha_boundaries([1.0], alpha=alpha)[0]
    assert all(c >= ordinary - 1e-9 for c in bounds)
