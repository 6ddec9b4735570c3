"""The restricted likelihood written out again, plainly, and searched by brute force."""

import math

import numpy as np
import pytest

from osler.core.arrays import Floats
from osler.synthesis import synthesise_many


def log_likelihood(tau2: float, y: Floats, v: Floats) -> float:
    w = 1 / (v + tau2)
    mu = (w * y).sum() / w.sum()
    return -0.5 * (np.log(v + tau2).sum() + math.log(w.sum()) + (w * (y - mu) ** 2).sum())


def cases(spread: float, k: int, seed: int) -> tuple[Floats, Floats]:
    """Groups built to give several maxima: variances over orders of magnitude, wild outliers."""
    rng = np.random.default_rng(seed)
    v = np.exp(rng.uniform(-spread, 0, (k, 25)))
    y = rng.normal(0, 1, (k, 25)) * np.sqrt(v) * rng.choice([0.5, 1, 3, 10], (k, 25))
    return y, v


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("k", [2, 3, 5, 8])
@pytest.mark.parametrize("spread", [1.0, 5.0, 12.0])
def test_no_point_of_a_fine_grid_is_higher(spread: float, k: int, seed: int) -> None:
    y, v = cases(spread, k, seed)
    tau2 = synthesise_many(y, v).tau2
    for group in range(y.shape[1]):
        column = y[:, group], v[:, group]
        top = np.ptp(column[0]) ** 2
        small = column[1].min()
        grid = np.expm1(np.linspace(0, math.log1p(top / small), 400)) * small
        best = max(log_likelihood(t, *column) for t in grid)
        assert log_likelihood(tau2[group], *column) >= best - 1e-9


def test_the_cases_do_hold_several_maxima() -> None:
    """Else the test above would prove little."""
    several = 0
    for seed in range(3):
        y, v = cases(5.0, 5, seed)
        for group in range(y.shape[1]):
            column = y[:, group], v[:, group]
            grid = np.concatenate([[0.0], np.geomspace(1e-4, 1e3, 800)])
            values = np.array([log_likelihood(t, *column) for t in grid])
            inner = (values[1:-1] > values[:-2]) & (values[1:-1] > values[2:])
            several += int(inner.sum()) + int(values[0] > values[1]) > 1
    assert several >= 1
