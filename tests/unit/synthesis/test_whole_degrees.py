"""The finite sums give what the functions for every case give."""

import numpy as np
import pytest

from osler.core.quantiles import chi2_tail, t_two_sided
from osler.synthesis.intervals.whole_degrees import q_probability, t_probability

DEGREES = [1, 2, 3, 4, 5, 8, 9, 30, 59, 60, 61]
RNG = np.random.default_rng(11)
T = RNG.normal(0, 3, 500) * RNG.choice([1e-4, 1.0, 30.0], 500)
T[:4] = [0.0, np.inf, -np.inf, 1e200]
Q = RNG.chisquare(8, 500) * RNG.choice([1e-3, 1.0, 10.0], 500)
Q[0] = 0.0


@pytest.mark.parametrize("df", DEGREES)
def test_they_agree_with_the_functions_for_every_case(df: int) -> None:
    same = np.full(T.size, float(df))
    assert t_probability(T, same) == pytest.approx(t_two_sided(T, same), rel=1e-9, abs=0)
    assert q_probability(Q, same) == pytest.approx(chi2_tail(Q, same), rel=1e-12, abs=0)


@pytest.mark.parametrize("df", [1, 4, 9])
def test_a_test_alone_and_tests_together_tell_the_same(df: int) -> None:
    same = np.full(T.size, float(df))
    alone = [t_probability(T[i : i + 1], same[:1]).item() for i in range(T.size)]
    assert t_probability(T, same) == pytest.approx(alone, rel=1e-9, abs=0)


def test_a_q_beyond_all_powers_has_no_probability() -> None:
    q, df = np.append(Q, 1e140), np.full(Q.size + 1, 9.0)
    assert q_probability(q, df)[-1] == 0.0
    assert q_probability(q, df)[:-1] == pytest.approx(q_probability(Q, df[:-1]), rel=1e-12)


@pytest.mark.parametrize("df", [0.0, 2.5, np.inf, np.nan])
def test_other_degrees_of_freedom_are_left_to_those_functions(df: float) -> None:
    same = np.full(T.size, df)
    found, other = t_probability(T, same), t_two_sided(T, same)
    assert found == pytest.approx(other, rel=0, abs=0, nan_ok=True)
    assert np.array_equal(q_probability(Q, same), chi2_tail(Q, same), equal_nan=True)


def test_missing_tests_stay_missing() -> None:
    t = np.append(T, np.nan)
    assert np.isnan(t_probability(t, np.full(t.size, 9.0))[-1])
