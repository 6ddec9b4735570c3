"""Chances of a draw beside whole numbers and scipy's own law."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from scipy.stats import hypergeom

from osler.records.screening.chances import at_most


def exact(found: int, total: int, relevant: int, drawn: int) -> Fraction:
    ways = (comb(relevant, j) * comb(total - relevant, drawn - j) for j in range(found + 1))
    return Fraction(sum(ways), comb(total, drawn))


@pytest.mark.parametrize("total", [1, 2, 7, 40])
def test_every_draw_of_small_libraries(total: int) -> None:
    step = max(1, total // 8)
    for relevant in range(0, total + 1, step):
        for drawn in range(0, total + 1, step):
            for found in range(min(relevant, drawn) + 1):
                told = float(at_most(found, total, relevant, drawn))
                assert told == pytest.approx(float(exact(found, total, relevant, drawn)), abs=1e-12)


def test_arrays_as_scipy_has_them() -> None:
    rng = np.random.default_rng(3)
    total = rng.integers(100, 20_000, 60)
    relevant = (total * rng.uniform(0, 0.2, 60)).astype(int)
    drawn = (total * rng.uniform(0, 1, 60)).astype(int)
    found = np.minimum(rng.integers(0, 60, 60), np.minimum(relevant, drawn))
    theirs = hypergeom.cdf(found, total, relevant, drawn)
    assert at_most(found, total, relevant, drawn) == pytest.approx(theirs, abs=1e-9)
