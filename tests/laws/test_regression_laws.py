"""Laws of meta-regression."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.synthesis import synthesise
from osler.synthesis.regression import Regression, adjust_p_values, regress_arrays

METHODS = st.sampled_from(["REML", "ML", "DL", "HE", "HS", "HSk", "SJ", "PM", "PMM", "EB"])
TESTS = st.sampled_from(["HKSJ", "HKSJ-adhoc", "t", "Wald"])


@st.composite
def studies(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    k = draw(st.integers(5, 15))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    spread = draw(st.sampled_from([0.0, 0.3, 2.0]))
    v = np.exp(rng.normal(-2, 1, k))
    X = np.column_stack([np.ones(k), rng.normal(size=k), rng.integers(0, 2, k)])
    X[0, 2], X[1, 2] = 0, 1
    return rng.normal(0, np.sqrt(v + spread)), v, X


def fit(y: np.ndarray, v: np.ndarray, X: np.ndarray, method: str, test: str) -> Regression:
    names = [f"x{j}" for j in range(X.shape[1])]
    return regress_arrays(y, v, X, names, tau2_method=method, ci_method=test)


@given(studies(), METHODS, TESTS, st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_order_of_studies_does_not_matter(
    data: tuple[np.ndarray, ...], method: str, test: str, random: object
) -> None:
    y, v, X = data
    order = np.arange(y.size)
    random.shuffle(order)  # type: ignore[attr-defined]
    one, two = fit(y, v, X, method, test), fit(y[order], v[order], X[order], method, test)
    assert two.tau2 == pytest.approx(one.tau2, rel=1e-7, abs=1e-10)
    assert two.coefficients == pytest.approx(one.coefficients, rel=1e-6, abs=1e-8)
    assert two.se == pytest.approx(one.se, rel=1e-6)


@given(studies(), METHODS, TESTS)
@settings(max_examples=40)
def test_another_basis_of_the_same_moderators_changes_nothing_but_coefficients(
    data: tuple[np.ndarray, ...], method: str, test: str
) -> None:
    y, v, X = data
    A = np.array([[1.0, 3.0, 0.5], [0.0, 2.0, -1.0], [0.0, 0.0, 0.25]])
    one, two = fit(y, v, X, method, test), fit(y, v, X @ A, method, test)
    assert two.tau2 == pytest.approx(one.tau2, rel=1e-7, abs=1e-10)
    assert A @ two.coefficients == pytest.approx(one.coefficients, rel=1e-6, abs=1e-7)
    assert two.moderators.statistic == pytest.approx(one.moderators.statistic, rel=1e-5, abs=1e-7)


@given(studies(), METHODS, TESTS)
@settings(max_examples=40)
def test_a_shift_by_a_moderator_moves_its_coefficient_only(
    data: tuple[np.ndarray, ...], method: str, test: str
) -> None:
    if method == "SJ":  # its start is the spread about the plain mean
        return
    y, v, X = data
    one, two = fit(y, v, X, method, test), fit(y + 2 * X[:, 1] - 5, v, X, method, test)
    assert two.tau2 == pytest.approx(one.tau2, rel=1e-7, abs=1e-10)
    expected = np.add(one.coefficients, (-5, 2, 0))
    assert two.coefficients == pytest.approx(expected, rel=1e-7, abs=1e-7)


@given(studies(), st.sampled_from(["REML", "DL", "PM"]), st.sampled_from(["HKSJ", "Wald"]))
@settings(max_examples=40)
def test_an_intercept_alone_is_a_synthesis(
    data: tuple[np.ndarray, ...], method: str, test: str
) -> None:
    y, v, _ = data
    one = fit(y, v, np.ones((y.size, 1)), method, test)
    two = synthesise([str(i) for i in range(y.size)], y, v, tau2_method=method, ci_method=test)
    assert one.tau2 == pytest.approx(two.heterogeneity.tau2, rel=1e-8, abs=1e-12)
    assert one.coefficients[0] == pytest.approx(two.random.estimate, rel=1e-8, abs=1e-10)
    assert one.se[0] == pytest.approx(two.random.se, rel=1e-8)
    assert one.i2 == pytest.approx(two.heterogeneity.i2, abs=1e-8)


@given(studies(), st.sampled_from(["REML", "ML"]))
@settings(max_examples=30)
def test_no_tau2_is_more_likely_than_the_one_found(
    data: tuple[np.ndarray, ...], method: str
) -> None:
    y, v, X = data
    found = fit(y, v, X, method, "Wald")

    def height(tau2: float) -> float:
        w = 1 / (v + tau2)
        A = X.T @ (w[:, None] * X)
        r = y - X @ np.linalg.solve(A, X.T @ (w * y))
        value = 0.5 * np.log(w).sum() - 0.5 * (w * r * r).sum()
        return float(value - 0.5 * np.linalg.slogdet(A)[1] if method == "REML" else value)

    best = height(found.tau2)
    assert all(height(t) <= best + 1e-9 for t in np.r_[0, np.geomspace(1e-4, 1e3, 300)])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_corrections_keep_their_order(p: list[float]) -> None:
    holm, hochberg, hommel, bonferroni, bh = (
        adjust_p_values(p, m) for m in ("Holm", "Hochberg", "Hommel", "Bonferroni", "BH")
    )
    tiny = 1e-12
    assert (np.array(p) <= bh + tiny).all()
    assert (bh <= hochberg + tiny).all()
    assert (hommel <= hochberg + tiny).all()
    assert (hochberg <= holm + tiny).all()
    assert (holm <= bonferroni + tiny).all()
