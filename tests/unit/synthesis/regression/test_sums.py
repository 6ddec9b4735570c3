"""tau2 from sums of products against bases made anew for every tau2."""

from dataclasses import replace

import numpy as np
import pytest

from osler.core.quantiles import chi2_quantile
from osler.synthesis.regression import TAU2_METHODS, regress_arrays
from osler.synthesis.regression.between import between
from osler.synthesis.regression.deletion import without_each
from osler.synthesis.regression.interpolation import NODES, falls
from osler.synthesis.regression.q_profile import tau2_interval
from osler.synthesis.regression.scan import found_by, scanned
from osler.synthesis.regression.sums import FARTHEST, basis_of, sums_of, sums_without
from osler.synthesis.regression.tau2 import (
    Problem,
    estimate_tau2,
    maxima,
    problem_of,
    tau2_where_q_is,
)

ITERATIVE = ("REML", "ML", "PM", "PMM", "EB")


def some_studies(
    rng: np.random.Generator, spread: float = 0.5
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    k = int(rng.integers(5, 20))
    v = np.exp(rng.normal(0, rng.choice([0.3, 1.0, 2.5]), k))
    X = np.column_stack([np.ones(k), rng.normal(1950, 10, k), rng.normal(size=k)])
    return rng.normal(0, np.sqrt(v + spread)), v, X


def ends_by_bases(problem: Problem) -> list[float]:
    """Of the interval for tau2."""
    targets = [chi2_quantile(p, problem.df) for p in (0.975, 0.025)]
    return [float((tau2_where_q_is(problem, t) * problem.unit**2)[0]) for t in targets]


def by_bases(y: np.ndarray, v: np.ndarray, X: np.ndarray) -> Problem:
    return problem_of(y[:, None], v[:, None], X.T[:, :, None])


@pytest.mark.parametrize("method", TAU2_METHODS)
def test_estimates_and_intervals_agree(method: str) -> None:
    rng = np.random.default_rng(11)
    for round_ in range(25):
        y, v, X = some_studies(rng, spread=(0.0, 0.5, 10.0)[round_ % 3])
        problem = by_bases(y, v, X)
        found = between(y, v, X, method)
        size = v.min() * 1e-8
        assert found.tau2 == pytest.approx(
            estimate_tau2(problem, method, y[:, None])[0], rel=1e-8, abs=size
        )
        ends = ends_by_bases(problem)
        assert tau2_interval(y, v, X, 0.95) == pytest.approx(ends, rel=1e-8, abs=size)
        if method in ("REML", "ML"):
            expected = maxima(problem, method == "REML").tau2 * problem.unit[0] ** 2
            assert found.maxima == pytest.approx(tuple(expected), rel=1e-8, abs=size)


@pytest.mark.parametrize("method", TAU2_METHODS)
def test_without_each_study_sums_are_less_one_term(method: str) -> None:
    rng = np.random.default_rng(12)
    for _ in range(8):
        y, v, X = some_studies(rng)
        fit = regress_arrays(y, v, X, ["1", "x", "z"], tau2_method=method).fit
        found = without_each(fit)
        for i in range(y.size):
            keep = np.arange(y.size) != i
            one = regress_arrays(y[keep], v[keep], X[keep], ["1", "x", "z"], tau2_method=method)
            size = v.min() * 1e-8
            assert found.tau2[i] == pytest.approx(one.tau2, rel=1e-8, abs=size)
            assert found.b[i] == pytest.approx(one.fit.b, rel=1e-7, abs=1e-9)
            assert np.sqrt(np.diag(found.vcov[i])) == pytest.approx(one.fit.se, rel=1e-7)
            assert found.q[i] == pytest.approx(one.residual.statistic, rel=1e-9)


def test_a_study_that_carries_a_coefficient_does_not_spoil_the_others() -> None:
    rng = np.random.default_rng(13)
    y, v = rng.normal(size=9), rng.uniform(0.1, 1, 9)
    X = np.column_stack([np.ones(9), np.eye(9)[3], rng.normal(size=9)])
    found = without_each(regress_arrays(y, v, X, ["1", "only", "z"]).fit)
    assert np.isnan(found.tau2).tolist() == [i == 3 for i in range(9)]
    one = regress_arrays(y[1:], v[1:], X[1:], ["1", "only", "z"])
    assert found.b[0] == pytest.approx(one.fit.b, rel=1e-8)


@pytest.mark.parametrize("farther", [0.999, 1.001])
def test_variances_on_both_sides_of_the_limit_give_the_same(farther: float) -> None:
    rng = np.random.default_rng(14)
    for _ in range(10):
        y, v, X = some_studies(rng)
        v = v / v.min()
        v[np.argmax(v)] = farther * FARTHEST
        found = between(y, v, X, "REML")
        problem = by_bases(y, v, X)
        assert found.tau2 == pytest.approx(
            estimate_tau2(problem, "REML", y[:, None])[0], rel=1e-8, abs=1e-8
        )
        ends = ends_by_bases(problem)
        assert tau2_interval(y, v, X, 0.95) == pytest.approx(ends, rel=1e-8, abs=1e-8)


def test_every_maximum_is_found_and_the_highest_used() -> None:
    rng = np.random.default_rng(15)
    several = 0
    for _ in range(300):
        k = int(rng.integers(4, 8))
        v = np.exp(rng.normal(-2, 2, k))
        y, X = rng.normal(0, np.sqrt(v + 1), k), np.column_stack([np.ones(k), rng.normal(size=k)])
        if v.max() > FARTHEST * v.min():
            continue
        problem = by_bases(y, v, X)
        for method in ("REML", "ML"):
            expected = maxima(problem, method == "REML")
            found = between(y, v, X, method)
            several += expected.tau2.size > 1
            assert len(found.maxima) == expected.tau2.size
            tops = expected.tau2 * problem.unit[0] ** 2
            assert found.maxima == pytest.approx(tuple(tops), rel=1e-7, abs=1e-8 * v.min())
            assert found.tau2 == pytest.approx(tops[np.argmax(expected.height)], rel=1e-7)
    assert several > 5


def test_the_bound_on_the_curvature_holds() -> None:
    rng = np.random.default_rng(16)
    step = 1e-3
    for _ in range(40):
        y, v, X = some_studies(rng)
        sums = sums_of(basis_of(y, v, X))
        scan = scanned(sums)
        s = np.arange(0.0, scan.s[-1], step)
        tau2 = np.expm1(s)
        each = np.arange(1)
        w = 1.0 / (sums.v + tau2[None, :, None])
        figures = sums.figures(*(sums.weighted(part, each, each) for part in (w, w * w)))
        for spread in (figures.spread, figures.total):
            curve = np.diff(np.log(figures.pull / spread), 2) / step**2
            # A second difference carries rounding divided by the square of the step.
            assert curve.min() > -0.75 - 1e-3
            assert curve.max() < 1.25 + 1e-3


def test_a_root_where_two_steps_meet_is_found_once() -> None:
    left, right = -np.expm1(NODES - 1.0), -np.expm1(NODES)
    values = np.stack([left, right])
    which, at = falls(values, np.array([1 - np.exp(-1), 0.0]), np.array([0.0, 1 - np.e]))
    assert (which.tolist(), at.tolist()) == ([0], [1.0])
    which, at = falls(values, np.array([1 - np.exp(-1), 1e-300]), np.array([1e-300, 1 - np.e]))
    assert which.tolist() == [1]
    assert at == pytest.approx(0.0, abs=1e-12)


def test_the_grid_reaches_every_q() -> None:
    y, v, X = some_studies(np.random.default_rng(17), spread=50.0)
    for level in (0.5, 0.95, 0.999999):
        upper = tau2_interval(y, v, X, level)[1]
        target = float(chi2_quantile(0.5 - level / 2, y.size - 3))
        w = 1.0 / (v + upper)
        root = np.sqrt(w)
        left = np.linalg.lstsq(X * root[:, None], y * root)[0]
        assert float((w * (y - X @ left) ** 2).sum()) == pytest.approx(target, rel=1e-7)


def test_several_problems_are_those_one_by_one() -> None:
    y, v, X = some_studies(np.random.default_rng(18))
    basis = basis_of(y, v, X)
    whole = sums_without(basis, np.arange(y.size))
    crude = np.ones(y.size)
    together = found_by(scanned(whole, 1.0), "REML", crude)
    for i in range(y.size):
        one = replace(whole, without=np.array([i]), problems=1)
        assert found_by(scanned(one), "REML", crude[:1])[0] == pytest.approx(together[i])


def test_estimates_far_from_each_other_do_not_overflow() -> None:
    y, v = np.array([1.0, 3.0, -2.0, 5.0, 4.0]) * 1e50, np.full(5, 1e-91)
    X = np.column_stack([np.ones(5), np.arange(5.0)])
    fit = regress_arrays(y, v, X, ["1", "x"], tau2_method="SJ")
    small = regress_arrays(y / 1e50, v, X, ["1", "x"], tau2_method="SJ")
    assert fit.tau2_se == pytest.approx(small.tau2_se * 1e100, rel=1e-9)
