"""Sessions until recovery: the limits where everybody has come to the end."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.practice.waiting import cumulative_incidence


@pytest.mark.parametrize(("n", "exact"), [(3, 0.2924018), (5, 0.4781762), (10, 0.6915029)])
def test_all_at_once_have_the_exact_limit(n, exact):
    """R: binom.test(n, n)$conf.int[1]."""
    told = cumulative_incidence([2] * n, [1] * n)
    assert told.by(2) == (1.0, pytest.approx(exact, abs=1e-7), 1.0)


def test_the_last_to_recover_makes_nothing_certain():
    told = cumulative_incidence([3, 4, 5, 6, 7, 8], [1] * 6)
    assert told.share[-1, 0] == pytest.approx(1)
    assert told.ci_lower[-1, 0] == told.ci_lower[-2, 0] < 0.3
    assert told.ci_upper[-1, 0] == 1


ENDS = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 2)), min_size=1, max_size=25)


@given(ENDS)
def test_a_share_lies_between_its_limits_and_they_are_never_one_point(ends):
    times, causes = zip(*ends, strict=True)
    told = cumulative_incidence(times, causes)
    assert np.all(told.ci_lower <= told.share + 1e-12)
    assert np.all(told.share <= told.ci_upper + 1e-12)
    assert np.all(told.ci_lower < told.ci_upper)
