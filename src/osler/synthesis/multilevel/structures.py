r"""Covariance of the random effects within one group, as a function of free coordinates.

A structure turns coordinates :math:`z` without bounds into a covariance matrix :math:`T` of
the inner levels. Variances are squares, :math:`\tau^2 = z^2`, and correlations
:math:`\rho = m + h \sin z`, so that the ends (no variance, correlation 1) are ordinary
points: a maximum there is a stationary point in :math:`z`, which Newton's method reaches
as well as any other.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats
from osler.synthesis.multilevel.curves import INSIDE, Curve


@dataclass(frozen=True, slots=True)
class Natural:
    """One number a reader knows: a variance, a correlation, or the range of a correlation.

    ``coordinate`` is the free coordinate that alone decides it; -1 where several do.
    """

    kind: str
    levels: tuple[int, ...]
    coordinate: int


class Structure(ABC):
    """A family of covariance matrices over ``size`` inner levels."""

    __slots__ = ()

    @property
    @abstractmethod
    def naturals(self) -> tuple[Natural, ...]:
        """The numbers of the family, in the order of :meth:`values`."""

    @property
    @abstractmethod
    def coordinates(self) -> int:
        """How many free coordinates there are."""

    @abstractmethod
    def covariance(self, z: Floats) -> Floats:
        """T, shape (size, size)."""

    @abstractmethod
    def pull(self, z: Floats, adjoint: Floats) -> Floats:
        """Derivative by z of a function of T whose derivative by T is ``adjoint``."""

    @abstractmethod
    def values(self, z: Floats) -> Floats:
        """The numbers of the family at ``z``."""

    @abstractmethod
    def start(self, variance: float, correlation: float) -> Floats:
        """Coordinates of equal variances and, about, equal correlations."""

    @abstractmethod
    def coordinate_of(self, which: int, value: float) -> float:
        """The coordinate that gives the number ``which`` its value."""


@dataclass(frozen=True, slots=True)
class Scaled(Structure):
    """One variance times a known matrix: random intercepts, ID, known relationship."""

    matrix: Floats

    @property
    def naturals(self) -> tuple[Natural, ...]:
        return (Natural("variance", (), 0),)

    @property
    def coordinates(self) -> int:
        return 1

    def covariance(self, z: Floats) -> Floats:
        return np.asarray(z[0] ** 2 * self.matrix)

    def pull(self, z: Floats, adjoint: Floats) -> Floats:
        return np.array([2.0 * z[0] * np.vdot(self.matrix, adjoint)])

    def values(self, z: Floats) -> Floats:
        return np.asarray(z[:1] ** 2)

    def start(self, variance: float, correlation: float) -> Floats:
        return np.array([np.sqrt(variance)])

    def coordinate_of(self, which: int, value: float) -> float:
        return float(np.sqrt(value))


@dataclass(frozen=True, slots=True)
class Curved(Structure):
    """One correlation parameter: CS, AR, CAR, spatial; with a variance a level HCS, HAR.

    ``variances`` is 1, or the number of levels. One standard deviation is its coordinate;
    several are squares of theirs: through 0, where the covariances they are in bend, a
    standard deviation has no slope, its root has.
    """

    size: int
    variances: int
    curve: Curve

    @property
    def naturals(self) -> tuple[Natural, ...]:
        levels = [()] if self.variances == 1 else [(j,) for j in range(self.size)]
        kind = "correlation" if self.curve.bounded else "range"
        named = [Natural("variance", level, i) for i, level in enumerate(levels)]
        return (*named, Natural(kind, (), self.variances))

    @property
    def coordinates(self) -> int:
        return self.variances + 1

    def _sd(self, z: Floats) -> Floats:
        return np.asarray(np.abs(z[:1]) if self.variances == 1 else z[: self.variances] ** 2)

    def _parts(self, z: Floats) -> tuple[Floats, Floats]:
        sd = np.broadcast_to(self._sd(z), (self.size,))
        return sd, self.curve.matrix(self.curve.value(float(z[-1])))

    def covariance(self, z: Floats) -> Floats:
        sd, R = self._parts(z)
        return np.asarray(sd[:, None] * R * sd)

    def pull(self, z: Floats, adjoint: Floats) -> Floats:
        sd, R = self._parts(z)
        each = 2.0 * ((adjoint * R) @ sd)
        if self.variances > 1:
            by_sd = each * 2.0 * z[: self.variances]
        else:
            by_sd = np.array([each.sum() * np.sign(z[0])])
        slope = self.curve.slope(self.curve.value(float(z[-1])))
        by_rho = self.curve.rate(float(z[-1])) * (sd @ (adjoint * slope) @ sd)
        return np.append(by_sd, by_rho)

    def values(self, z: Floats) -> Floats:
        return np.append(self._sd(z) ** 2, self.curve.value(float(z[-1])))

    def start(self, variance: float, correlation: float) -> Floats:
        first = np.full(self.variances, self.coordinate_of(0, variance))
        return np.append(first, self.curve.start(correlation))

    def coordinate_of(self, which: int, value: float) -> float:
        if which < self.variances:
            return float(value**0.5 if self.variances == 1 else value**0.25)
        return self.curve.coordinate(value)


@dataclass(frozen=True, slots=True)
class Diagonal(Structure):
    """A variance a level, no correlation."""

    size: int

    @property
    def naturals(self) -> tuple[Natural, ...]:
        return tuple(Natural("variance", (j,), j) for j in range(self.size))

    @property
    def coordinates(self) -> int:
        return self.size

    def covariance(self, z: Floats) -> Floats:
        return np.diag(z**2)

    def pull(self, z: Floats, adjoint: Floats) -> Floats:
        return np.asarray(2.0 * z * np.diag(adjoint))

    def values(self, z: Floats) -> Floats:
        return np.asarray(z**2)

    def start(self, variance: float, correlation: float) -> Floats:
        return np.full(self.size, np.sqrt(variance))

    def coordinate_of(self, which: int, value: float) -> float:
        return float(np.sqrt(value))


@dataclass(frozen=True, slots=True)
class Unstructured(Structure):
    """Any covariance matrix, as the product of a lower triangle with itself.

    No single coordinate is a variance or a correlation; to hold one, :class:`Spherical`.
    """

    size: int

    @property
    def naturals(self) -> tuple[Natural, ...]:
        variances = [Natural("variance", (j,), -1) for j in range(self.size)]
        return (*variances, *(Natural("correlation", p, -1) for p in pairs(self.size)))

    @property
    def coordinates(self) -> int:
        return self.size * (self.size + 1) // 2

    def _triangle(self, z: Floats) -> Floats:
        L = np.zeros((self.size, self.size))
        L[np.tril_indices(self.size)] = z
        return L

    def covariance(self, z: Floats) -> Floats:
        L = self._triangle(z)
        return np.asarray(L @ L.T)

    def pull(self, z: Floats, adjoint: Floats) -> Floats:
        both = (adjoint + adjoint.T) @ self._triangle(z)
        return np.asarray(both[np.tril_indices(self.size)])

    def values(self, z: Floats) -> Floats:
        return _variances_and_correlations(self.covariance(z))

    def start(self, variance: float, correlation: float) -> Floats:
        T = equal_correlations(self.size, variance, correlation)
        return np.asarray(np.linalg.cholesky(T)[np.tril_indices(self.size)])

    def coordinate_of(self, which: int, value: float) -> float:
        raise NotImplementedError("an unstructured matrix is held through Spherical")


@dataclass(frozen=True, slots=True)
class Spherical(Structure):
    r"""Any covariance matrix by its standard deviations and angles.

    Row i of the triangle is a point on the unit sphere,
    :math:`(\sin a_1, \cos a_1 \sin a_2, \ldots)`, times the standard deviation, whose root
    is the coordinate. The
    correlation of the first two levels of ``order`` is the sine of the first angle, so
    that any one correlation can be held by putting its levels first.
    """

    size: int
    order: tuple[int, ...]

    @property
    def naturals(self) -> tuple[Natural, ...]:
        first = tuple(sorted(self.order[:2]))
        variances = [Natural("variance", (j,), self.order.index(j)) for j in range(self.size)]
        correlations = [
            Natural("correlation", pair, self.size if tuple(sorted(pair)) == first else -1)
            for pair in pairs(self.size)
        ]
        return (*variances, *correlations)

    @property
    def coordinates(self) -> int:
        return self.size * (self.size + 1) // 2

    def _rows(self, z: Floats) -> tuple[Floats, Floats, list[NDArray[np.intp]]]:
        """Standard deviations, the unit triangle and where each row's angles stand."""
        U = np.zeros((self.size, self.size))
        places, at = [], self.size
        for i in range(self.size):
            places.append(np.arange(at, at + i))
            angles = z[at : at + i]
            shrink = np.concatenate([[1.0], np.cumprod(np.cos(angles))])
            U[i, : i + 1] = np.append(np.sin(angles), 1.0) * shrink
            at += i
        return z[: self.size] ** 2, U, places

    def _unordered(self, T: Floats) -> Floats:
        back = np.argsort(self.order)
        return np.asarray(T[np.ix_(back, back)])

    def covariance(self, z: Floats) -> Floats:
        sd, U, _ = self._rows(z)
        return self._unordered(sd[:, None] * (U @ U.T) * sd)

    def pull(self, z: Floats, adjoint: Floats) -> Floats:
        sd, U, places = self._rows(z)
        bar = (adjoint + adjoint.T)[np.ix_(self.order, self.order)] / 2.0
        out = np.zeros(z.size)
        out[: self.size] = 4.0 * ((bar * (U @ U.T)) @ sd) * z[: self.size]
        by_row = 2.0 * (sd[:, None] * bar * sd) @ U
        for i, where in enumerate(places):
            for a, place in enumerate(where):
                turned = z.copy()
                turned[place] += np.pi / 2
                # Sine and cosine turn into their derivatives a quarter of a circle on;
                # entries before the angle do not hold it.
                moved = self._rows(turned)[1][i]
                out[place] = by_row[i, a : i + 1] @ moved[a : i + 1]
        return out

    def values(self, z: Floats) -> Floats:
        return _variances_and_correlations(self.covariance(z))

    def start(self, variance: float, correlation: float) -> Floats:
        return self.at(equal_correlations(self.size, variance, correlation))

    def at(self, T: Floats) -> Floats:
        """Coordinates of a covariance matrix."""
        T = T[np.ix_(self.order, self.order)]
        sd = np.sqrt(np.diag(T))
        R = T / np.where(np.outer(sd, sd) > 0, np.outer(sd, sd), 1.0)
        np.fill_diagonal(R, 1.0)
        L = triangle_of(R)
        z = list(np.sqrt(sd))
        for i in range(self.size):
            left = 1.0
            for j in range(i):
                sine = float(np.clip(L[i, j] / left if left > 1e-12 else 0.0, -1.0, 1.0))
                z.append(float(np.arcsin(sine)))
                left *= float(np.sqrt(1.0 - sine**2))
        return np.array(z)

    def coordinate_of(self, which: int, value: float) -> float:
        return float(value**0.25 if which < self.size else np.arcsin(value))


def pairs(size: int) -> list[tuple[int, int]]:
    """Pairs of levels, column by column of the lower triangle: (1, 0), (2, 0), ..."""
    return [(i, j) for j in range(size) for i in range(j + 1, size)]


def triangle_of(matrix: Floats) -> Floats:
    """A lower triangle whose product with itself is the matrix, also where it is singular."""
    values, vectors = np.linalg.eigh(matrix)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    upper: Floats = np.linalg.qr(root.T)[1]
    triangle = upper.T
    return np.asarray(triangle * np.where(np.diag(triangle) < 0, -1.0, 1.0))


def equal_correlations(size: int, variance: float, correlation: float) -> Floats:
    """Equal variances and correlations, the latter raised to what a matrix of the size allows."""
    if size > 1:
        correlation = max(correlation, -1.0 / (size - 1) + INSIDE)
    return np.asarray(
        variance * ((1.0 - correlation) * np.eye(size) + correlation * np.ones((size, size)))
    )


def _variances_and_correlations(T: Floats) -> Floats:
    variances = np.diag(T)
    sd = np.sqrt(variances)
    found = [
        T[i, j] / (sd[i] * sd[j]) if sd[i] > 0 and sd[j] > 0 else 0.0 for i, j in pairs(len(T))
    ]
    return np.append(variances, np.clip(found, -1.0, 1.0))
