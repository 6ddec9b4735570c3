"""Standard deviations from what is reported, arms combined, and scores on another range."""

import math
import statistics

import pytest

from osler.core.diagnostics import DataError
from osler.effects import (
    MEASURES,
    Counts,
    Effect,
    Moments,
    Range,
    combine_counts,
    combine_moments,
    rescale_difference,
    rescale_moments,
    sd_from_ci,
    sd_from_se,
)


def test_sd_from_the_interval_of_a_mean() -> None:
    """t with n - 1 degrees of freedom: 95 % of 2.064 standard errors each way for n = 25."""
    se = 1.0
    half = 2.0638985616280205 * se
    assert sd_from_ci(10 - half, 10 + half, 25) == pytest.approx(5.0)
    assert sd_from_se(1.0, 25) == 5.0


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: sd_from_se(0.0, 25), "EFF031"),
        (lambda: sd_from_se(1.0, 1), "EFF021"),
        (lambda: sd_from_ci(3.0, 2.0, 25), "EFF032"),
        (lambda: sd_from_ci(2.0, 3.0, 0), "EFF021"),
        (lambda: sd_from_ci(2.0, 3.0, 25, level=95), "EFF042"),
        (lambda: combine_counts([]), "EFF041"),
        (lambda: combine_moments([]), "EFF041"),
        (lambda: combine_counts([Counts(9, 8)]), "EFF012"),
        (lambda: combine_moments([Moments(1.0, -1.0, 8)]), "EFF020"),
        (lambda: rescale_moments(Moments(1, 1, 9), Range(10, 10), Range(0, 100)), "EFF040"),
        (lambda: rescale_difference(Effect("MD", 1, 1), Range(0, 10), Range(100, 0)), "EFF040"),
    ],
)
def test_what_cannot_be(call: object, code: str) -> None:
    assert callable(call)
    with pytest.raises(DataError) as error:
        call()
    assert error.value.diagnostics[0].code == code


def test_arms_combined_are_all_their_participants() -> None:
    scores = [[1.0, 4.0, 2.5], [8.0, 9.0], [3.0, 3.5, 7.0, 6.0]]
    arms = [Moments(statistics.mean(s), statistics.stdev(s), len(s)) for s in scores]
    together = [x for s in scores for x in s]
    got = combine_moments(arms)
    assert got.mean == pytest.approx(statistics.mean(together))
    assert got.sd == pytest.approx(statistics.stdev(together))
    assert got.n == len(together)


def test_one_arm_stays_as_it_is() -> None:
    got = combine_moments([Moments(5.0, 2.0, 30)])
    assert (got.mean, got.n) == (5.0, 30)
    assert got.sd == pytest.approx(2.0)
    assert combine_counts([Counts(3, 9)]) == Counts(3, 9)


@pytest.mark.parametrize("reverse", [False, True])
def test_rescaling_arms_or_their_difference_is_the_same(reverse: bool) -> None:
    old, new = Range(1, 7), Range(0, 100)
    arms = Moments(2.5, 1.1, 40), Moments(3.5, 1.3, 38)
    first, second = (rescale_moments(arm, old, new, reverse=reverse) for arm in arms)
    of_arms = MEASURES["MD"].estimate(treated=first, control=second)
    before = MEASURES["MD"].estimate(treated=arms[0], control=arms[1])
    after = rescale_difference(before, old, new, reverse=reverse)
    assert after.estimate == pytest.approx(of_arms.estimate)
    assert after.variance == pytest.approx(of_arms.variance)
    assert math.copysign(1, after.estimate) == (1 if reverse else -1)


def test_the_ends_of_a_range_go_to_the_ends() -> None:
    old, new = Range(-3, 3), Range(0, 100)
    assert rescale_moments(Moments(-3, 1, 9), old, new).mean == 0
    assert rescale_moments(Moments(3, 1, 9), old, new).mean == 100
    assert rescale_moments(Moments(3, 1, 9), old, new, reverse=True).mean == 0
