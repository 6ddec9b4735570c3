"""Families of correlation matrices with one parameter: equal, falling with time, with distance."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np

from osler.core.arrays import Floats

Function: TypeAlias = Callable[[Floats], Floats]
# The smallest distance from an end at which a search starts.
INSIDE = 1e-3


@dataclass(frozen=True, slots=True)
class Curve:
    """A correlation matrix with one parameter, and its derivative by the parameter.

    A correlation runs from ``lower`` to ``upper``. The range of a spatial correlation has
    no upper end: ``upper`` is infinite and ``lower`` a typical distance to start from.
    The functions belong to this module, so that a fit can be pickled.
    """

    lower: float
    upper: float
    matrix: Callable[[float], Floats]
    slope: Callable[[float], Floats]

    @property
    def bounded(self) -> bool:
        return bool(np.isfinite(self.upper))

    def value(self, z: float) -> float:
        """The parameter; a range, which has no upper end, is exp(z)."""
        if not self.bounded:
            return float(np.exp(np.clip(z, -300, 300)))
        middle, half = (self.lower + self.upper) / 2, (self.upper - self.lower) / 2
        return float(middle + half * np.sin(z))

    def rate(self, z: float) -> float:
        """Derivative of :meth:`value`."""
        if not self.bounded:
            return self.value(z)
        return float((self.upper - self.lower) / 2 * np.cos(z))

    def coordinate(self, value: float) -> float:
        if not self.bounded:
            return float(np.log(value))
        middle, half = (self.lower + self.upper) / 2, (self.upper - self.lower) / 2
        return float(np.arcsin(np.clip((value - middle) / half, -1.0, 1.0)))

    def start(self, correlation: float) -> float:
        """A coordinate inside the ends; for a range, one that grows with the correlation."""
        if not self.bounded:
            return float(np.log(self.lower) + 2.0 * correlation)
        gap = INSIDE * (self.upper - self.lower)
        return self.coordinate(float(np.clip(correlation, self.lower + gap, self.upper - gap)))


def compound_symmetry(size: int) -> Curve:
    """Equal correlations; below -1 / (size - 1) there is no such matrix."""
    off = np.ones((size, size)) - np.eye(size)
    lower = -1.0 / (size - 1) if size > 1 else -1.0
    return Curve(lower, 1.0, partial(_equal, off), partial(_constant, off))


def _equal(off: Floats, rho: float) -> Floats:
    return np.asarray(np.eye(off.shape[0]) + rho * off)


def _constant(off: Floats, rho: float) -> Floats:
    return off


def autoregression(distance: Floats, *, continuous: bool) -> Curve:
    """The correlation to the power of the distance; continuous time allows none below 0."""
    lower = 0.0 if continuous else -1.0
    return Curve(lower, 1.0, partial(_power, distance), partial(_power_slope, distance))


def _power(distance: Floats, rho: float) -> Floats:
    return np.asarray(np.power(rho, distance))


def _power_slope(distance: Floats, rho: float) -> Floats:
    # At correlation 0 the slope of a power below 1 has no bound; a hair beside it has.
    near = rho if abs(rho) > 1e-12 else 1e-12
    return np.where(distance > 0, distance * _power(distance - 1.0, near), 0.0)


def spatial(name: str, distance: Floats) -> Curve:
    """Correlation falling with distance over a range, in Pinheiro and Bates's forms."""
    apart = distance[distance > 0]
    middle = float(np.median(apart)) if apart.size else 1.0
    return Curve(
        middle, np.inf, partial(_falling, name, distance), partial(_falling_slope, name, distance)
    )


def _falling(name: str, distance: Floats, reach: float) -> Floats:
    return _SPATIAL[name][0](distance / reach)


def _falling_slope(name: str, distance: Floats, reach: float) -> Floats:
    return -_SPATIAL[name][1](distance / reach) * distance / reach**2


# Correlation as a function of distance over range, and its derivative.
_SPATIAL: dict[str, tuple[Function, Function]] = {
    "SPEXP": (lambda u: np.exp(-u), lambda u: -np.exp(-u)),
    "SPGAU": (lambda u: np.exp(-u * u), lambda u: -2.0 * u * np.exp(-u * u)),
    "SPLIN": (lambda u: np.maximum(1.0 - u, 0.0), lambda u: np.where(u < 1.0, -1.0, 0.0)),
    "SPRAT": (lambda u: 1.0 / (1.0 + u * u), lambda u: -2.0 * u / (1.0 + u * u) ** 2),
    "SPSPH": (
        lambda u: np.where(u < 1.0, 1.0 - 1.5 * u + 0.5 * u**3, 0.0),
        lambda u: np.where(u < 1.0, -1.5 + 1.5 * u * u, 0.0),
    ),
}
SPATIAL = tuple(_SPATIAL)
