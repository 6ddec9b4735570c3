"""No maximum of the restricted likelihood slips through the scan."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.core.arrays import Floats
from osler.synthesis.kernel import Block, block_of, q_statistic
from osler.synthesis.tau2 import reml
from osler.synthesis.tau2.pm import tau2_where_q_is


def block(y: list[float], v: list[float]) -> Block:
    estimates, variances = np.array(y)[:, None], np.array(v)[:, None]
    return block_of(estimates, variances, np.ones(estimates.shape, bool))


def densely(one: Block, points: int) -> tuple[Floats, Floats]:
    """The log ratio of the two parts of the score, on many points of log(1 + tau2)."""
    s = np.linspace(0.0, np.log1p(one.reach[0]) + 0.1, points)
    tau2 = np.expm1(s)
    wide = np.ones_like(tau2)
    return s, reml._log_ratio(one.y * wide, one.v * wide, tau2)[0]


def test_two_maxima_so_near_that_a_coarse_scan_sees_one() -> None:
    y = [0.33978, 0.51256, 0.66427, -0.24697, 0.61233]
    y += [2.19155, -0.31414, 0.2816, 0.57319, -0.4149]
    v = [0.03997, 0.11273, 0.1163, 0.30356, 0.16328]
    v += [0.39513, 0.19091, 0.49502, 0.20026, 0.30154]
    found = reml.restricted_maxima(block(y, v))
    assert found.tau2 == pytest.approx([0.0, 0.0061585], rel=1e-5)
    assert found.height[1] - found.height[0] == pytest.approx(8.87e-6, rel=1e-2)
    best = reml.restricted_likelihood(block(y, v))[0] * min(v)
    assert best == pytest.approx(found.tau2[1])


studies = st.integers(2, 25).flatmap(
    lambda k: st.tuples(
        st.lists(st.floats(-30, 30), min_size=k, max_size=k),
        st.lists(st.floats(-6, 6).map(np.exp), min_size=k, max_size=k),
    )
)


@given(studies)
def test_slope_and_curvature_stay_within_what_the_scan_takes_for_granted(
    data: tuple[list[float], list[float]],
) -> None:
    one = block(*data)
    if one.reach[0] < 1e-3:
        return
    s, ratio = densely(one, 400)
    step = s[1] - s[0]
    slope = np.diff(ratio) / step
    assert slope.min() > -2.0 - 1e-6 and slope.max() < 1.0 + 1e-6
    bend = np.diff(slope) / step
    assert bend.min() > reml._LEAST_CURVATURE and bend.max() < reml._MOST_CURVATURE


@given(studies)
def test_the_slope_is_that_of_the_log_ratio(data: tuple[list[float], list[float]]) -> None:
    one = block(*data)
    if one.reach[0] < 1e-3:
        return
    s, ratio = densely(one, 400)
    tau2 = np.expm1(s)
    wide = np.ones_like(tau2)
    slope = reml._log_ratio(one.y * wide, one.v * wide, tau2)[1]
    step = s[1] - s[0]
    # The mean of the slopes at both ends misses that of the step by its bend's own slope.
    assert slope[:-1] + slope[1:] == pytest.approx(2.0 * np.diff(ratio) / step, abs=step + 1e-6)


def test_weights_of_forty_orders_of_magnitude_hide_no_maximum() -> None:
    y, v = [0.0, 3.0, -2.0, 40.0, 1e12], [1e-20, 1.0, 2.0, 500.0, 1e20]
    one = block(y, v)
    s = np.linspace(0.0, np.log1p(one.reach[0]), 20_000)
    heights = reml._log_likelihood(one, np.zeros(s.size, int), np.expm1(s))
    found = reml.restricted_maxima(one)
    best = found.tau2[np.argmax(found.height)] / one.unit[0] ** 2
    at_best = reml._log_likelihood(one, np.zeros(1, int), np.array([best]))[0]
    assert at_best >= heights.max() - 1e-9


@given(studies)
def test_a_dense_scan_finds_no_more(data: tuple[list[float], list[float]]) -> None:
    one = block(*data)
    if one.reach[0] < 1e-3:
        return
    s, ratio = densely(one, 2000)
    turns = int(ratio[0] <= 0) + np.count_nonzero((ratio[:-1] > 0) & (ratio[1:] <= 0))
    found = reml.restricted_maxima(one).tau2
    apart = np.diff(np.log1p(found / one.unit[0] ** 2))
    assert found.size == turns or apart.min(initial=1.0) < 3 * (s[1] - s[0])


far_apart = st.integers(1, 8).flatmap(
    lambda k: st.tuples(
        st.lists(st.floats(-30, 30), min_size=k, max_size=k),
        st.lists(st.floats(-40, 40).map(np.exp), min_size=k, max_size=k),
    )
)


@given(studies | far_apart)
def test_a_group_has_the_same_maxima_alone_and_among_others(
    data: tuple[list[float], list[float]],
) -> None:
    y, v = (np.array(values)[:, None] for values in data)
    alone = reml.restricted_maxima(block(*data))
    other = np.linspace(0.1, 0.4, y.size)[:, None]
    both = block_of(np.hstack([y, other]), np.hstack([v, other]), np.ones((y.size, 2), bool))
    found = reml.restricted_maxima(both)
    mine = found.group == 0
    padded = [np.vstack([values, [[np.nan]]]) for values in (y, v)]
    same = reml.restricted_maxima(block_of(*padded, ~np.isnan(padded[0])))
    assert same.tau2 == pytest.approx(alone.tau2, rel=1e-9, abs=1e-9 * min(data[1]))
    scale = alone.tau2 + min(data[1])
    assert found.tau2[mine].size == alone.tau2.size
    assert np.abs(found.tau2[mine] - alone.tau2) == pytest.approx(
        0.0 * scale, abs=1e-9 * scale.max()
    )


@given(studies | far_apart, st.floats(0.01, 60.0))
def test_a_group_meets_a_q_at_the_same_tau2_alone_and_among_others(
    data: tuple[list[float], list[float]], goal: float
) -> None:
    one = block(*data)
    alone = tau2_where_q_is(one, np.array([goal]))
    twice = one.columns(np.array([0, 0]))
    found = tau2_where_q_is(twice, np.array([goal, 2.0 * goal]))
    assert found[0] == pytest.approx(alone[0], rel=1e-9, abs=1e-9)
    assert found[1] <= found[0]
    if found[0] > 1e-6:
        q = q_statistic(one.y, one.v, found[:1])[0]
        assert q[0] == pytest.approx(goal, rel=1e-6)
