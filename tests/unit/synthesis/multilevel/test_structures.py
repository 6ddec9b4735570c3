"""Structures: covariances, and slopes against differences."""

from typing import Any

import numpy as np
import pytest

from osler.synthesis.multilevel.curves import (
    SPATIAL,
    autoregression,
    compound_symmetry,
    spatial,
)
from osler.synthesis.multilevel.structures import (
    Curved,
    Diagonal,
    Scaled,
    Spherical,
    Structure,
    Unstructured,
    equal_correlations,
)

POINTS = np.array([0.0, 1.0, 3.5])
DISTANCE = np.abs(POINTS[:, None] - POINTS)
STEPS = np.abs(np.subtract.outer(np.arange(3.0), np.arange(3.0)))
FAMILIES: dict[str, Structure] = {
    "ID": Scaled(np.eye(3)),
    "DIAG": Diagonal(3),
    "CS": Curved(3, 1, compound_symmetry(3)),
    "HCS": Curved(3, 3, compound_symmetry(3)),
    "AR": Curved(3, 1, autoregression(STEPS, continuous=False)),
    "HAR": Curved(3, 3, autoregression(STEPS, continuous=False)),
    "CAR": Curved(3, 1, autoregression(DISTANCE, continuous=True)),
    "UN": Unstructured(3),
    "UN by angles": Spherical(3, (2, 0, 1)),
    **{name: Curved(3, 1, spatial(name, DISTANCE)) for name in SPATIAL},
}


@pytest.mark.parametrize("name", FAMILIES)
def test_slopes_are_those_of_the_covariance(name: str) -> None:
    family, rng = FAMILIES[name], np.random.default_rng(5)
    adjoint = rng.normal(size=(3, 3))
    adjoint = adjoint + adjoint.T
    z = family.start(1.3, 0.4) + rng.normal(0, 0.05, family.coordinates)
    by_difference = [
        (np.vdot(adjoint, family.covariance(z + h)) - np.vdot(adjoint, family.covariance(z - h)))
        / 2e-6
        for h in 1e-6 * np.eye(z.size)
    ]
    np.testing.assert_allclose(family.pull(z, adjoint), by_difference, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", FAMILIES)
def test_covariances_are_covariances(name: str) -> None:
    family = FAMILIES[name]
    rng = np.random.default_rng(6)
    for _ in range(20):
        T = family.covariance(rng.normal(0, 2, family.coordinates))
        np.testing.assert_allclose(T, T.T)
        # On a line every spatial family is a correlation.
        assert np.linalg.eigvalsh(T).min() >= -1e-9 * max(np.abs(T).max(), 1e-300)


@pytest.mark.parametrize("name", FAMILIES)
def test_numbers_and_coordinates(name: str) -> None:
    family = FAMILIES[name]
    z = family.start(2.0, 0.3)
    values = family.values(z)
    assert len(values) == len(family.naturals)
    for i, natural in enumerate(family.naturals):
        if natural.kind == "variance":
            assert values[i] == pytest.approx(2.0)
        if natural.coordinate >= 0:
            assert family.coordinate_of(i, values[i]) == pytest.approx(z[natural.coordinate])


def test_angles_of_a_given_covariance() -> None:
    T = np.array([[2.0, 0.6, -0.3], [0.6, 1.0, 0.2], [-0.3, 0.2, 0.5]])
    for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0)):
        family = Spherical(3, order)
        np.testing.assert_allclose(family.covariance(family.at(T)), T, atol=1e-12)
        (held,) = [n for n in family.naturals if n.kind == "correlation" and n.coordinate >= 0]
        assert set(held.levels) == set(order[:2])


def test_holding_an_unstructured_matrix_needs_angles() -> None:
    with pytest.raises(NotImplementedError):
        Unstructured(2).coordinate_of(0, 1.0)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_equal_correlations_stay_possible(size: int) -> None:
    assert np.linalg.eigvalsh(equal_correlations(size, 1.0, -0.9)).min() > 0


def test_ends_of_correlations() -> None:
    curve: Any = compound_symmetry(4)
    assert curve.value(-np.pi / 2) == pytest.approx(-1 / 3)
    assert curve.value(np.pi / 2) == pytest.approx(1.0)
    car = Curved(3, 1, autoregression(DISTANCE, continuous=True))
    assert np.isfinite(car.pull(np.array([1.0, -np.pi / 2]), np.ones((3, 3)))).all()
