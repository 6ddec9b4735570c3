"""Sums of the kernel against dense matrices."""

import numpy as np
import pytest

from osler.synthesis.regression import kernel
from osler.synthesis.regression.permutation import multiset_permutations
from osler.synthesis.regression.tau2 import maxima, problem_of


@pytest.mark.parametrize("batch", [1, 40])
def test_sums_are_those_of_dense_matrices(batch: int) -> None:
    rng = np.random.default_rng(2)
    y, w, X = (
        rng.normal(size=(8, batch)),
        rng.uniform(0.1, 3, (8, batch)),
        rng.normal(size=(3, 8, batch)),
    )
    fit = kernel.project(y, X, w)
    hat, a = kernel.leverage(fit), w * rng.uniform(size=(8, batch))
    for m in range(batch):
        W, x = np.diag(w[:, m]), X[:, :, m].T
        inverse = np.linalg.inv(x.T @ W @ x)
        P = W - W @ x @ inverse @ x.T @ W
        assert kernel.residual_q(fit)[m] == pytest.approx(y[:, m] @ P @ y[:, m])
        assert kernel.coefficients(fit)[:, m] == pytest.approx(inverse @ x.T @ W @ y[:, m])
        assert kernel.covariance(fit)[:, :, m] == pytest.approx(inverse)
        assert kernel.log_determinant(fit)[m] == pytest.approx(-np.linalg.slogdet(inverse)[1])
        root = np.sqrt(W)
        inner = np.linalg.inv(root) @ P @ np.linalg.inv(root)
        assert hat[:, m] == pytest.approx(np.diag(np.eye(8) - inner))
        A, B = np.diag(a[:, m]), np.diag(w[:, m])
        trace = np.trace(inner @ A @ inner @ B)
        assert kernel.trace_of_product(fit, a, w, hat)[m] == pytest.approx(trace)
        assert kernel.quadratic(fit, a, w)[m] == pytest.approx(a[:, m] @ inner @ w[:, m])


def test_one_problem_is_as_one_of_a_batch() -> None:
    rng = np.random.default_rng(3)
    y, w, X = rng.normal(size=9), rng.uniform(0.1, 3, 9), rng.normal(size=(3, 9))
    X = X * np.array([[1e-80], [1.0], [1e80]])
    one, batch = kernel.project(y, X, w), kernel.project(y[:, None], X[:, :, None], w[:, None])
    for what in (kernel.residual_q, kernel.leverage, kernel.coefficients, kernel.log_determinant):
        assert what(one) == pytest.approx(what(batch)[..., 0], rel=1e-12)
    assert kernel.covariance(one) == pytest.approx(kernel.covariance(batch)[..., 0], rel=1e-10)
    assert one.full_rank
    assert not kernel.project(y, np.concatenate([X, X[:1] + X[1:2] * 1e-80]), w).full_rank


@pytest.mark.parametrize("rows", [1, 3, 9])
def test_a_basis_is_orthonormal_and_gives_the_rows_again(rows: int) -> None:
    X = np.random.default_rng(5).normal(size=(rows, 9)) * np.logspace(-90, 90, rows)[:, None]
    basis, triangle = kernel.orthonormal(X)
    assert basis @ basis.T == pytest.approx(np.eye(rows), abs=1e-14)
    assert (np.tril(triangle, -1) == 0).all()
    length = np.linalg.norm(X, axis=1)[:, None]
    assert triangle.T @ basis / length == pytest.approx(X / length, abs=1e-14)
    assert kernel.triangle_of(X) == pytest.approx(triangle, rel=1e-15)


def test_both_ways_of_fitting_agree_and_see_dependence() -> None:
    rng = np.random.default_rng(4)
    y, X, w = rng.normal(size=(6, 1)), rng.normal(size=(2, 6, 1)), np.ones((6, 1))
    few = kernel.project(y, X, w)
    many = kernel.project(np.repeat(y, 30, axis=1), X, w)
    assert many.residuals[:, 3] == pytest.approx(few.residuals[:, 0])
    assert many.triangle[:, :, 3] == pytest.approx(few.triangle[:, :, 0])
    twice = np.concatenate([X, X[:1] * 2])
    assert not kernel.project(y, twice, w).full_rank.any()
    assert not kernel.project(np.repeat(y, 30, axis=1), twice, w).full_rank.any()


def test_the_bound_on_tau2_holds() -> None:
    rng = np.random.default_rng(8)
    for _ in range(200):
        k = int(rng.integers(3, 9))
        y, v = rng.normal(size=(k, 1)) * 3, rng.uniform(0.01, 10, (k, 1))
        problem = problem_of(y, v, rng.normal(size=(2, k, 1)))
        for restricted in (True, False):
            found = maxima(problem, restricted)
            assert (found.tau2 <= problem.reach[0]).all()


def test_every_arrangement_comes_once() -> None:
    found = list(multiset_permutations([0, 0, 1, 2]))
    assert len(found) == len(set(found)) == 12
