"""No maximum of the restricted likelihood slips through the scan."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.core.arrays import Floats
from osler.synthesis.kernel import Block, block_of
from osler.synthesis.tau2 import reml


def block(y: list[float], v: list[float]) -> Block:
    estimates, variances = np.array(y)[:, None], np.array(v)[:, None]
    return block_of(estimates, variances, np.ones(estimates.shape, bool))


def densely(one: Block, points: int) -> tuple[Floats, Floats]:
    """The log ratio of the two parts of the score, on many points of log(1 + tau2)."""
    s = np.linspace(0.0, np.log1p(one.reach[0]) + 0.1, points)
    tau2 = np.expm1(s)
    wide = np.ones_like(tau2)
    return s, reml._log_ratio(one.y * wide, one.v * wide, tau2)


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
    assert np.abs(np.diff(slope) / step).max() < reml._CURVATURE


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
