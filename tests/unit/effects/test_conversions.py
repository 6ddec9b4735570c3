"""Conversions, against the worked examples of the Cochrane Handbook and of Borenstein 2009."""

import math

import pytest

from osler.core.diagnostics import DataError
from osler.effects import Counts, Effect, Moments
from osler.effects import conversions as c
from osler.effects import designs as d


def test_handbook_6_5_2_3_from_a_p_value_to_a_standard_error() -> None:
    """MD 3.8, p = 0.008, groups of 25 and 22: t 2.78, SE 1.37."""
    t = c.t_from_p(0.008, 25 + 22 - 2)
    assert round(t, 2) == 2.78
    assert round(c.se_from_t(3.8, t), 2) == 1.37


def test_handbook_23_1_clusters() -> None:
    """ICC 0.02, 10 clusters with 295 children: design effect 1.57; 63/295 become 40/188."""
    assert round(d.design_effect(29.5, 0.02), 2) == 1.57
    events, n = d.effective_counts(63, 295, 29.5, 0.02)
    assert (round(events), round(n)) == (40, 188)
    assert d.effective_size(295, 29.5, 0.02) == n
    effect = d.clustered_effect(Effect("MD", 1.0, 0.5), 29.5, 0.02)
    assert effect.variance == pytest.approx(0.5 * 1.57)


def test_there_and_back() -> None:
    sd = c.sd_of_change(4.0, 4.4, 0.7)
    assert c.correlation_from_change(4.0, 4.4, sd) == pytest.approx(0.7)
    y, v = c.log_or_from_d(*c.d_from_log_or(0.9, 0.07))
    assert (y, v) == pytest.approx((0.9, 0.07))
    r, vr = c.r_from_d(*c.d_from_r(0.4, 0.01))
    assert (r, vr) == pytest.approx((0.4, 0.01))
    assert c.t_from_f(c.d_from_t(1.0, 2, 2) ** 2) == pytest.approx(1.0)
    assert c.r_from_t(3.0, 40) == pytest.approx(3 / 7)


def test_two_crossover_arms() -> None:
    independent = d.crossover_difference(7, 2, 6, 2, 16, 0.0)
    paired = d.crossover_difference(7, 2, 6, 2, 16, 0.75)
    assert paired.variance == pytest.approx(independent.variance / 4)


def test_a_control_group_that_is_shared() -> None:
    assert d.split_control(Counts(9, 30), 3) == (3.0, 10.0)
    assert d.split_control(Moments(5.0, 1.0, 31), 2) == (15.5,)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: c.t_from_p(0.0, 40), "EFF061"),
        (lambda: c.t_from_p(0.05, 0), "EFF061"),
        (lambda: c.t_from_f(-1.0), "EFF061"),
        (lambda: c.se_from_t(3.0, -2.0), "EFF061"),
        (lambda: c.se_from_t(math.nan, 2.0), "EFF061"),
        (lambda: c.d_from_t(2.0, 1, 20), "EFF061"),
        (lambda: c.d_from_r(1.0), "EFF058"),
        (lambda: c.sd_of_change(1.0, -1.0, 0.5), "EFF061"),
        (lambda: c.sd_of_change(1.0, 1.0, 1.5), "EFF058"),
        (lambda: c.correlation_from_change(4.0, 4.0, 9.0), "EFF058"),
        (lambda: c.correlation_from_change(0.0, 4.0, 4.0), "EFF061"),
        (lambda: d.design_effect(0.5, 0.1), "EFF064"),
        (lambda: d.design_effect(10, 2), "EFF064"),
        (lambda: d.crossover_difference(7, 2, 6, 2, 1, 0.5), "EFF061"),
        (lambda: d.split_control(Counts(1, 2), 0), "EFF041"),
    ],
)
def test_what_cannot_be(call: object, code: str) -> None:
    with pytest.raises(DataError) as error:
        call()  # type: ignore[operator]
    assert [x.code for x in error.value.diagnostics] == [code]


@pytest.mark.parametrize(
    ("smd", "superiority", "above"),
    [(0.5, 0.6381632, 0.6914625), (-1.2, 0.1980720, 0.1150697)],
)
def test_probabilities_behind_a_standardised_difference(
    smd: float, superiority: float, above: float
) -> None:
    """As metafor's transf.dtocles and transf.dtou3 print them (7 digits)."""
    assert c.superiority_from_d(smd) == pytest.approx(superiority, abs=1e-7)
    assert c.above_control_from_d(smd) == pytest.approx(above, abs=1e-7)
