import numpy as np

from osler.core.arrays import Floats
from osler.core.roots import newton_in_bracket


def test_each_root_in_its_bracket() -> None:
    goals = np.array([1e-9, 0.5, 3.0, 1e6])

    def gap(x: Floats) -> tuple[Floats, Floats]:
        return goals - x**3, -3 * x**2

    upper = np.array([1.0, 1.0, 5.0, 1e3])
    got = newton_in_bracket(gap, np.zeros(4), upper, upper / 2, np.cbrt(goals))
    np.testing.assert_allclose(got, np.cbrt(goals), rtol=1e-14)


def test_a_slope_that_misleads_is_overruled() -> None:
    """Newton alone leaves for infinity from here: arctan is too flat at its start."""

    def gap(x: Floats) -> tuple[Floats, Floats]:
        return -np.arctan(x), -1 / (1 + x * x)

    got = newton_in_bracket(
        gap, np.array([-20.0]), np.array([30.0]), np.array([25.0]), np.array([1.0])
    )
    np.testing.assert_allclose(got, 0.0, atol=1e-12)


def test_a_start_on_the_root_stays() -> None:
    one = np.ones(1)
    got = newton_in_bracket(lambda x: (1 - x, -np.ones(1)), 0 * one, 2 * one, one, one)
    assert got[0] == 1.0
