"""The support vector machine of the ranking beside scikit-learn's."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.svm import LinearSVC

from osler.records.screening.separating import separate


def rows_of(rng: np.random.Generator, size: int, terms: int) -> sparse.csr_matrix:
    made = sparse.random(size, terms, 0.1, "csr", np.float32, rng)
    length = np.sqrt(made.multiply(made).sum(axis=1)).A1
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(length, 1e-6)) @ made, dtype=np.float32)


@pytest.mark.parametrize(("size", "relevant"), [(2, 1), (30, 3), (300, 20)])
@pytest.mark.parametrize("cost", [0.01, 1.0, 30.0])
def test_the_weights_are_scikit_learns(size: int, relevant: int, cost: float) -> None:
    rng = np.random.default_rng([size, relevant])
    rows = rows_of(rng, size, 80)
    labels = np.arange(size) < relevant
    costs = (cost * rng.uniform(0.5, 2.0, size)).astype(np.float32)
    theirs = LinearSVC(C=1, tol=1e-9, max_iter=1_000_000, random_state=0)
    theirs.fit(rows.astype(float), labels, sample_weight=costs)
    ours = separate(rows, labels, costs)
    assert np.abs(ours - theirs.coef_[0]).max() < 1e-3 * np.abs(theirs.coef_[0]).max()


def test_a_row_that_costs_nothing_counts_for_nothing() -> None:
    rows = rows_of(np.random.default_rng(4), 20, 30)
    labels = np.arange(20) < 5
    costs = np.ones(20, np.float32)
    costs[7:12] = 0
    kept = costs > 0
    without = separate(rows[kept], labels[kept], costs[kept])
    assert separate(rows, labels, costs) == pytest.approx(without, abs=1e-5)


def test_rows_that_contradict_each_other_come_out_even() -> None:
    rows = sparse.csr_matrix(np.array([[1.0], [1.0]], np.float32))
    costs = np.ones(2, np.float32)
    assert separate(rows, np.array([True, False]), costs) == pytest.approx([0.0], abs=1e-6)
