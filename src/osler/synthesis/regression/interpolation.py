r"""Roots of a function from its values at a few points of an interval.

Functions of :math:`s = \log(1 + \tau^2)` met here are sums of powers of
:math:`1 / (d + \tau^2)` with :math:`d \geq 1`: analytic wherever the imaginary part of s is
below pi. On an interval of half-width a, small beside pi, a polynomial through n Chebyshev
points is wrong by about :math:`(2 \pi / a)^{-n}`: with a = 0.25 and 12 points, by rounding.

References
----------
Trefethen (2013). Approximation Theory and Approximation Practice, chapter 8.
"""

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats

# The widest interval that 12 points describe to rounding.
WIDEST = 0.5
_POINTS = 12
# Roots closer together than two neighbours of a grid this fine are one for every purpose.
_FINE = 128
# From a chord that short each of Newton's steps doubles the digits: 5, 11, all.
_NEWTON = 3

_ORDERS = np.arange(_POINTS, dtype=float)
_ANGLES = np.pi * (_ORDERS + 0.5) / _POINTS
# Where the values are wanted, as fractions of the interval.
NODES: Floats = 0.5 * (1.0 - np.cos(_ANGLES))
# From values at the nodes to coefficients of Chebyshev polynomials, their slope, and values on
# the fine grid.
_COEFFICIENTS = np.cos(np.outer(_ORDERS, np.pi - _ANGLES)) * 2.0 / _POINTS
_COEFFICIENTS[0] /= 2.0
_SLOPES = np.polynomial.chebyshev.chebder(_COEFFICIENTS, axis=0)
_GRID = np.linspace(-1.0, 1.0, _FINE + 1)
_ON_GRID = np.cos(np.outer(np.arccos(_GRID), _ORDERS)) @ _COEFFICIENTS


def falls(values: Floats, first: Floats, last: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Where functions fall from above 0 to 0 or below.

    Parameters
    ----------
    values : array of shape (functions, 12)
        At ``NODES`` of the interval.
    first, last : array of shape (functions,)
        At its ends. Their signs decide whether there is a root at an end, so that intervals
        that share one find it once.

    Returns
    -------
    which : array of shape (roots,)
        The function.
    at : array of shape (roots,)
        As a fraction of the interval.

    Examples
    --------
    >>> def line(x):
    ...     return 1.5 - np.exp(x)
    >>> which, at = falls(line(NODES)[None], np.array([0.5]), np.array([-1.2]))
    >>> at.round(12), round(np.log(1.5), 12)
    (array([0.40546511]), np.float64(0.405465108108))
    """
    fine = values @ _ON_GRID.T
    fine[:, 0], fine[:, -1] = first, last
    which, step = np.nonzero((fine[:, :-1] > 0) & (fine[:, 1:] <= 0))
    low, high = fine[which, step], fine[which, step + 1]
    lower, upper = _GRID[step], _GRID[step + 1]
    x = lower + (upper - lower) * low / (low - high)
    c, slopes = values[which] @ _COEFFICIENTS.T, values[which] @ _SLOPES.T
    for _ in range(_NEWTON):
        powers = np.cos(np.arccos(x)[:, None] * _ORDERS)
        value = np.einsum("rj,rj->r", powers, c)
        slope = np.einsum("rj,rj->r", powers[:, :-1], slopes)
        move = np.divide(value, slope, out=np.zeros_like(value), where=slope < 0)
        x = np.minimum(np.maximum(x - move, lower), upper)
    return which, 0.5 * (1.0 + x)
