"""What must hold for any data."""

import math
from dataclasses import astuple, fields
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from osler.core.quantiles import chi2_quantile
from osler.synthesis import Synthesis, SynthesisBatch, synthesise, synthesise_by, synthesise_many
from osler.synthesis.kernel import block_of, q_statistic
from osler.synthesis.tau2.reml import restricted_maxima

METHODS = ("DL", "PM", "REML", "ML", "HE", "HS", "SJ", "DL2", "GENQ", "PMM")
# Of two peaks of one height rounding may choose either.
WITH_PEAKS = ("REML", "ML")
# A few digits, as in print: differences of data are then differences that matter.
estimates = st.integers(-500, 500).map(lambda i: i / 100)
variances = st.integers(1, 400).map(lambda i: i / 100)
studies = st.lists(st.tuples(estimates, variances), min_size=2, max_size=12)
methods = st.sampled_from(METHODS)
intervals = st.sampled_from(("Wald", "HKSJ", "HKSJ-adhoc", "HKSJ-hybrid", "t"))

Data = list[tuple[float, float]]


def pooled(data: Data, method: str = "REML", ci_method: str = "auto") -> Synthesis:
    labels = [str(i) for i in range(len(data))]
    y, v = zip(*data, strict=True)
    return synthesise(labels, y, v, tau2_method=method, ci_method=ci_method)


def numbers(fit: Synthesis) -> list[float]:
    values = (*astuple(fit.common), *astuple(fit.random), *astuple(fit.heterogeneity))
    return [v for v in values if isinstance(v, float)]


def same(one: Synthesis, other: Synthesis) -> None:
    np.testing.assert_allclose(numbers(one), numbers(other), rtol=1e-7, atol=1e-9)


def maxima(data: Data) -> int:
    y, v = (np.array(column)[:, None] for column in zip(*data, strict=True))
    return int(restricted_maxima(block_of(y, v, np.ones(y.shape, bool))).tau2.size)


@given(studies, methods, intervals, st.randoms(use_true_random=False))
def test_the_order_of_studies_does_not_matter(
    data: Data, method: str, ci_method: str, random: Random
) -> None:
    shuffled = random.sample(data, len(data))
    if method not in WITH_PEAKS or maxima(data) == 1:
        same(pooled(data, method, ci_method), pooled(shuffled, method, ci_method))


@given(studies, methods, intervals, st.sampled_from((0.1, 10.0, 25.4, 1000.0)))
def test_a_change_of_unit_changes_only_the_unit(
    data: Data, method: str, ci_method: str, factor: float
) -> None:
    before = pooled(data, method, ci_method)
    after = pooled([(y * factor, v * factor**2) for y, v in data], method, ci_method)
    for name in ("estimate", "se", "ci_lower", "ci_upper"):
        expected = getattr(before.random, name) * factor
        assert getattr(after.random, name) == pytest.approx(expected, rel=1e-7, abs=1e-9 * factor)
    tau2 = before.heterogeneity.tau2
    assert after.heterogeneity.tau2 == pytest.approx(tau2 * factor**2, abs=1e-9 * factor**2)
    assert after.heterogeneity.i2 == pytest.approx(before.heterogeneity.i2, abs=1e-8)
    assert after.heterogeneity.q == pytest.approx(before.heterogeneity.q, rel=1e-9, abs=1e-12)


@given(studies, methods, intervals)
def test_swapped_arms_flip_the_sign(data: Data, method: str, ci_method: str) -> None:
    one = pooled(data, method, ci_method)
    other = pooled([(-y, v) for y, v in data], method, ci_method)
    assert other.random.estimate == pytest.approx(-one.random.estimate, abs=1e-12)
    assert other.random.ci_lower == pytest.approx(-one.random.ci_upper, abs=1e-9)
    assert other.heterogeneity.tau2 == pytest.approx(one.heterogeneity.tau2, abs=1e-12)
    assert other.random.p_value == pytest.approx(one.random.p_value, nan_ok=True)


@given(studies, methods, estimates)
def test_a_shift_shifts_the_estimate_alone(data: Data, method: str, shift: float) -> None:
    one, other = pooled(data, method), pooled([(y + shift, v) for y, v in data], method)
    if method not in WITH_PEAKS or maxima(data) == 1:
        assert other.random.estimate == pytest.approx(one.random.estimate + shift, abs=1e-8)
        assert other.heterogeneity.tau2 == pytest.approx(one.heterogeneity.tau2, abs=1e-8)


@given(estimates, variances, st.integers(2, 40), methods)
def test_identical_studies_are_one_large_one(y: float, v: float, k: int, method: str) -> None:
    fit = pooled([(y, v)] * k, method)
    assert fit.heterogeneity.tau2 == 0
    assert fit.heterogeneity.i2 == 0
    assert fit.random.estimate == pytest.approx(y, abs=1e-14)
    assert fit.random.se == pytest.approx(math.sqrt(v / k))
    assert fit.random_weights == pytest.approx([1 / k] * k)


@given(studies, methods, intervals)
def test_bounds(data: Data, method: str, ci_method: str) -> None:
    fit = pooled(data, method, ci_method)
    h, y = fit.heterogeneity, fit.estimates
    assert h.tau2 >= 0
    assert 0 <= h.i2 < 1
    assert h.h2 == pytest.approx(1 / (1 - h.i2))
    assert 0 <= h.tau2_ci_lower <= h.tau2_ci_upper
    assert min(y) - 1e-9 <= fit.random.estimate <= max(y) + 1e-9
    assert fit.random.ci_lower <= fit.random.estimate <= fit.random.ci_upper
    # Median-unbiased estimators aim at the median of chi-squared, which lies below its mean.
    aim = float(chi2_quantile(0.5, h.df)) / h.df if method in ("PMM", "GENQM") else 1.0
    assert h.tau2 <= (max(y) - min(y)) ** 2 / (2 * aim) + 1e-9
    if len(data) > 2:
        assert fit.random.pred_lower <= fit.random.ci_lower + 1e-9
        assert fit.random.pred_lower <= fit.random.estimate <= fit.random.pred_upper
    assert sum(fit.random_weights) == pytest.approx(1)


@given(studies)
def test_paule_mandel_makes_q_its_expectation(data: Data) -> None:
    fit = pooled(data, "PM")
    y, v = (np.array(column)[:, None] for column in zip(*data, strict=True))
    q, _ = q_statistic(y, v, np.array([fit.heterogeneity.tau2]))
    if fit.heterogeneity.tau2 > 0:
        assert q[0] == pytest.approx(len(data) - 1, rel=1e-10)
    else:
        assert q[0] <= (len(data) - 1) * (1 + 1e-12)


@given(studies)
def test_the_q_profile_bounds_are_where_q_meets_its_quantiles(data: Data) -> None:
    h = pooled(data).heterogeneity
    y, v = (np.array(column)[:, None] for column in zip(*data, strict=True))
    for bound, tail in ((h.tau2_ci_lower, 0.975), (h.tau2_ci_upper, 0.025)):
        q, _ = q_statistic(y, v, np.array([bound]))
        goal = float(chi2_quantile(tail, len(data) - 1))
        if bound > 0:
            assert q[0] == pytest.approx(goal, rel=1e-9)
        else:
            assert q[0] <= goal * (1 + 1e-12)


@given(studies)
def test_the_restricted_score_is_zero_or_tau2_is(data: Data) -> None:
    tau2 = pooled(data, "REML").heterogeneity.tau2
    y, v = (np.array(column) for column in zip(*data, strict=True))

    def score(t: float) -> float:
        w = 1 / (v + t)
        mu = (w * y).sum() / w.sum()
        return float((w**2 * (y - mu) ** 2).sum() - w.sum() + (w**2).sum() / w.sum())

    size = float((1 / (v + tau2)).sum())
    if tau2 > 0:
        assert abs(score(tau2)) <= 1e-9 * size
    else:
        assert score(0.0) <= 1e-9 * size


@given(st.lists(studies, min_size=1, max_size=4), methods, intervals)
def test_side_by_side_is_one_by_one(groups: list[Data], method: str, ci_method: str) -> None:
    tall = max(len(data) for data in groups)
    y, v = (np.full((tall, len(groups)), np.nan) for _ in range(2))
    for i, data in enumerate(groups):
        y[: len(data), i], v[: len(data), i] = zip(*data, strict=True)
    many = synthesise_many(y, v, tau2_method=method, ci_method=ci_method)
    for i, data in enumerate(groups):
        one = synthesise_many(
            *(np.array(column)[:, None] for column in zip(*data, strict=True)),
            tau2_method=method,
            ci_method=ci_method,
        )
        for field in fields(SynthesisBatch):
            got, alone = getattr(many, field.name)[i], getattr(one, field.name)[0]
            if isinstance(alone, str):
                assert got == alone
            else:
                np.testing.assert_allclose(got, alone, rtol=1e-9, atol=1e-11)


@given(studies, st.floats(0.5, 0.8), st.floats(0.81, 0.999))
def test_more_confidence_is_wider(data: Data, low: float, high: float) -> None:
    y, v = zip(*data, strict=True)
    labels = [str(i) for i in range(len(data))]
    narrow, wide = (synthesise(labels, y, v, level=level) for level in (low, high))
    assert wide.random.ci_lower <= narrow.random.ci_lower
    assert wide.random.ci_upper >= narrow.random.ci_upper
    assert wide.heterogeneity.tau2_ci_upper >= narrow.heterogeneity.tau2_ci_upper - 1e-12
    assert wide.heterogeneity.tau2_ci_lower <= narrow.heterogeneity.tau2_ci_lower + 1e-12


@given(studies, st.data())
def test_subgroups_hold_each_study_once(data: Data, draw: DataObject) -> None:
    labels = [str(i) for i in range(len(data))]
    groups = draw.draw(st.lists(st.sampled_from("xyz"), min_size=len(data), max_size=len(data)))
    y, v = zip(*data, strict=True)
    by = synthesise_by(groups, labels, y, v)
    assert sorted(s for fit in by.results.values() for s in fit.studies) == sorted(labels)
    assert by.q >= 0
    assert 0 <= by.p_value <= 1
    assert by.df == len(set(groups)) - 1
