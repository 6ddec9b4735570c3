"""Distributions against R (tests/reference/distributions.json)."""

import numpy as np
import pytest

from osler.core.quantiles import (
    chi2_quantile,
    chi2_tail,
    normal_quantile,
    normal_two_sided,
    t_quantile,
    t_two_sided,
)
from tests.reference.stored import stored

R = stored("distributions")
CLOSE = {"rtol": 1e-11, "atol": 1e-13}


def test_normal() -> None:
    np.testing.assert_allclose(normal_quantile(R["p"]), R["normal_quantile"], **CLOSE)
    np.testing.assert_allclose(
        normal_two_sided(R["x"]), R["normal_two_sided"], rtol=1e-11, atol=1e-200
    )
    np.testing.assert_array_equal(normal_two_sided(R["x"]), normal_two_sided([-x for x in R["x"]]))


@pytest.mark.parametrize(("i", "df"), list(enumerate(R["df"])))
def test_t(i: int, df: float) -> None:
    got = [float(t_quantile(p, df)) for p in R["p"]]
    np.testing.assert_allclose(got, R["t_quantile"][i], **CLOSE)
    np.testing.assert_allclose(t_two_sided(R["x"], df), R["t_two_sided"][i], rtol=1e-11)


@pytest.mark.parametrize(("i", "df"), list(enumerate(R["df"])))
def test_chi2(i: int, df: float) -> None:
    got = [float(chi2_quantile(p, df)) for p in R["p"]]
    np.testing.assert_allclose(got, R["chi2_quantile"][i], **CLOSE)
    np.testing.assert_allclose(chi2_tail(R["x"], df), R["chi2_tail"][i], rtol=1e-10)


def test_many_sizes_at_once_are_the_same_as_one_by_one() -> None:
    df = np.array([[3.0, 5.0], [5.0, 0.0]])
    got = t_quantile(0.975, df)
    assert got.shape == (2, 2)
    assert got[0, 0] == t_quantile(0.975, 3.0)
    assert got[0, 1] == got[1, 0]
    assert np.isnan(got[1, 1])
