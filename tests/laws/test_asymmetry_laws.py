"""What must hold of small-study effects and selection models for any data."""

import math
from dataclasses import dataclass
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from osler.appraisal.asymmetry import (
    asymmetry_test,
    excess_significance,
    fail_safe_n,
    limit_meta_analysis,
    rank_test,
    trim_and_fill,
    weighted_average,
)
from osler.appraisal.asymmetry.kendall import kendall
from osler.appraisal.selection import selection_model
from osler.core.diagnostics import DataError

Data = list[tuple[float, float]]
estimates = st.integers(-300, 300).map(lambda i: i / 100)
variances = st.integers(1, 400).map(lambda i: i / 100)
studies = st.lists(st.tuples(estimates, variances), min_size=4, max_size=14)


@dataclass(frozen=True)
class Made:
    measure: str
    studies: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]


def made(data: Data) -> Made:
    y, v = zip(*data, strict=True)
    return Made("", tuple(str(i) for i in range(len(data))), y, v)


def uneven(data: Data) -> None:
    assume(len({v for _, v in data}) > 1)


@given(studies, st.sampled_from(["multiplicative", "additive", "common"]), st.randoms())
@settings(max_examples=40)
def test_order_does_not_matter(data: Data, model: str, random: Random) -> None:
    uneven(data)
    mixed = list(data)
    random.shuffle(mixed)
    one, other = asymmetry_test(made(data), model=model), asymmetry_test(made(mixed), model=model)
    assert other.slope == pytest.approx(one.slope, rel=1e-6, abs=1e-9)
    assert other.tau2 == pytest.approx(one.tau2, rel=1e-6, abs=1e-9)
    assert rank_test(made(mixed)).score == rank_test(made(data)).score


@given(studies, st.sampled_from(["multiplicative", "additive"]))
def test_turning_effects_turns_the_slope(data: Data, model: str) -> None:
    uneven(data)
    turned = [(-y, v) for y, v in data]
    one, other = asymmetry_test(made(data), model=model), asymmetry_test(made(turned), model=model)
    assert other.slope == pytest.approx(-one.slope, rel=1e-7, abs=1e-9)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-6, abs=1e-9)
    assert other.limit_estimate == pytest.approx(-one.limit_estimate, rel=1e-7, abs=1e-8)


@given(studies, st.sampled_from([0.001, 10.0, 1e6]))
def test_the_unit_does_not_matter(data: Data, unit: float) -> None:
    uneven(data)
    moved = [(unit * y, unit * unit * v) for y, v in data]
    one, other = asymmetry_test(made(data)), asymmetry_test(made(moved))
    assert other.slope == pytest.approx(one.slope, rel=1e-6, abs=1e-9)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-6, abs=1e-9)


@given(studies)
def test_adding_a_constant_leaves_the_slope(data: Data) -> None:
    uneven(data)
    moved = [(y + 1.0, v) for y, v in data]
    one, other = asymmetry_test(made(data)), asymmetry_test(made(moved))
    assert other.slope == pytest.approx(one.slope, rel=1e-6, abs=1e-8)
    assert other.limit_estimate == pytest.approx(one.limit_estimate + 1.0, abs=1e-7)


@given(studies)
def test_without_heterogeneity_the_limit_is_the_common_line(data: Data) -> None:
    uneven(data)
    limit = limit_meta_analysis(made(data))
    if limit.tau2 == 0:
        line = asymmetry_test(made(data), model="common")
        assert limit.estimate == pytest.approx(line.limit_estimate, rel=1e-8, abs=1e-9)
        assert limit.se == pytest.approx(line.limit_se, rel=1e-8)
    assert limit.q == pytest.approx(limit.q_small + limit.q_residual, rel=1e-7, abs=1e-7)


@given(studies, st.sampled_from(["L0", "R0", "Q0"]), st.sampled_from(["left", "right"]))
@settings(max_examples=20)
def test_filled_studies_mirror(data: Data, estimator: str, side: str) -> None:
    found = trim_and_fill(made(data), estimator, side=side, trim_model="common")
    assert 0 <= found.missing < len(data)
    turned = [(-y, v) for y, v in data]
    # Equal estimates or distances are taken in the order given, which turning may change.
    assume(len({y for y, _ in data}) == len(data))
    other = trim_and_fill(
        made(turned), estimator, side="left" if side == "right" else "right", trim_model="common"
    )
    assert other.missing == found.missing
    assert other.refitted.common.estimate == pytest.approx(
        -found.refitted.common.estimate, abs=1e-9
    )


@given(st.permutations(list(range(6))))
def test_kendall_counts_inversions(order: list[int]) -> None:
    x, y = np.arange(6.0), np.array(order, float)
    inversions = sum(order[i] > order[j] for i in range(6) for j in range(i + 1, 6))
    found = kendall(x, y)
    assert found.score == 15 - 2 * inversions
    assert found.tau == pytest.approx(1 - 2 * inversions / 15)


@given(studies)
@settings(max_examples=25)
def test_exact_and_binomial_chances_are_chances(data: Data) -> None:
    for test in ("exact", "binomial", "chi2"):
        found = excess_significance(made(data), test=test)
        assert 0 <= found.p_value <= 1
        assert all(0 <= power <= 1 for power in found.powers)


@given(studies)
def test_fail_safe_studies_do_what_they_say(data: Data) -> None:
    found = fail_safe_n(made(data), "rosenberg")
    if found.n:
        w = [1 / v for _, v in data]
        total = sum(wi * y for wi, (y, _) in zip(w, data, strict=True))
        mean = sum(w) / len(w)
        z = abs(total) / math.sqrt(sum(w) + found.n * mean)
        before = abs(total) / math.sqrt(sum(w) + (found.n - 1) * mean)
        assert z <= 1.959963984540054 + 1e-9 <= before + 2e-9


@given(studies)
def test_powered_studies_are_the_precise_ones(data: Data) -> None:
    found = weighted_average(made(data))
    precise = [v for (_, v), powered in zip(data, found.powered, strict=True) if powered]
    rest = [v for (_, v), powered in zip(data, found.powered, strict=True) if not powered]
    assert not precise or not rest or max(precise) <= min(rest)


@given(studies, st.sampled_from(["step", "half-normal", "beta"]))
@settings(max_examples=12)
def test_selection_never_fits_worse(data: Data, kind: str) -> None:
    try:
        found = selection_model(made(data), kind)
    except DataError as error:
        codes = {diagnostic.code for diagnostic in error.diagnostics}
        if codes <= {"SEL003", "SEL004"}:
            return
        raise
    assert found.log_likelihood >= found.log_likelihood_unselected - 1e-7
    assert found.tau2 >= 0
    assert all(value >= 0 for value in found.delta)
    assert math.isfinite(found.estimate)
