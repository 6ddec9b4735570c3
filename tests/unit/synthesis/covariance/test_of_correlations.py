"""Covariances of correlations: what they must be, and what is refused."""

from typing import Any

import numpy as np
import pytest

from osler.core.diagnostics import DataError
from osler.synthesis.covariance import correlation_covariance
from osler.synthesis.multilevel import multilevel

TABLE: dict[str, Any] = {
    "r": [0.5, 0.3, 0.4, 0.2],
    "one": ["x", "x", "y", "x"],
    "two": ["y", "z", "z", "y"],
    "n": [50, 50, 50, 80],
    "study": ["a", "a", "a", "b"],
}
ROLES = ("r", "one", "two", "n", "study")


def test_it_goes_into_a_multilevel_model() -> None:
    V = correlation_covariance(*ROLES, data=TABLE)
    fit = multilevel("r ~ 1", TABLE, V=V, random="~ 1 | study")
    assert 0.2 < fit.estimate("Intercept") < 0.5
    assert "same people" in V.text() and V.clusters == ("a", "b")


def test_by_simulation() -> None:
    """Olkin and Finn's formula holds for normal variables, to its order in 1 / n."""
    R = np.array([[1, 0.5, 0.3], [0.5, 1, 0.4], [0.3, 0.4, 1]])
    rng = np.random.default_rng(20_261_123)
    X = rng.multivariate_normal(np.zeros(3), R, (3000, 200))
    drawn = np.array([np.corrcoef(x.T)[np.tril_indices(3, -1)] for x in X])
    V = correlation_covariance(
        [0.5, 0.3, 0.4], ["x", "x", "y"], ["y", "z", "z"], [200] * 3, ["a"] * 3
    )
    ratio = np.cov(drawn.T) / V.matrix
    assert np.abs(ratio - 1).max() < 0.2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"r": [0.5, 1.0, 0.4, 0.2]}, "COV005"),
        ({"r": [0.9, -0.9, 0.9, 0.2]}, "COV006"),
        ({"r": [0.5, None, 0.4, 0.2]}, "COV002"),
        ({"n": [50, 50, 60, 80]}, "COV009"),
        ({"n": [50, 50, 50, 3]}, "COV009"),
        ({"two": ["y", "z", "z", "x"]}, "COV009"),
        ({"one": ["x", "x", "x", "x"]}, "COV009"),
        ({"two": ["y", "z", "w", "y"]}, "COV009"),
        ({"study": ["a", "a", "a"]}, "COV001"),
    ],
)
def test_what_is_refused(change: dict[str, Any], code: str) -> None:
    values = TABLE | change
    with pytest.raises(DataError) as error:
        correlation_covariance(*(values[role] for role in ROLES))
    assert error.value.diagnostics[0].code == code
