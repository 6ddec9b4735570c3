r"""The distribution of a weighted sum of squares of normal estimates.

:math:`Q_a = \sum a_i (y_i - \bar y_a)^2` of independent normal estimates with variances
:math:`m_i` is a weighted sum of chi-squared variables. Its transform

.. math:: E e^{-p Q_a} = \prod (1 + 2 p a_i m_i)^{-1/2} \; g(p)^{-1/2}, \quad
          g(p) = \sum \frac{a_i}{1 + 2 p a_i m_i} \Big/ \sum a_i

needs no eigenvalues, because the matrix is diagonal but for a part of rank one. Its
singularities lie on the negative real axis, so the transform of the distribution function is
inverted along a parabola that bends around them, where the integrand falls off like a normal
density: a hundred points give an absolute error near 1e-14, for two studies or a thousand.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats

Complexes: TypeAlias = NDArray[np.complex128]

# Where the path crosses the real axis (in standard deviations of Q), the step along it (in
# widths of the integrand) and the number of steps. The trapezoidal rule errs by
# exp(-2 pi distance / step) with the pole at 0 at a distance of 0.25 or more, and 11 widths
# away the integrand is below exp(-11**2 / 3).
_CROSSING, _STEP, _POINTS = 0.4, 0.05, 230
# So many standard deviations above its mean Q is never found: about 5e-11 at most.
_CERTAIN = 30.0
_NEWTON_STEPS = 100
# Numbers evaluated at a time: what a core's cache holds.
_CACHED = 100_000


def q_distribution(a: Floats, m: Floats, q: Floats) -> Floats:
    """Probability that the weighted sum of squares is at most ``q``.

    Parameters
    ----------
    a : array of shape (studies,)
        Weights above 0; two studies or more.
    m : array of shape (studies, n)
        True variances of the estimates, above 0.
    q : array of shape (n,)
        Where to evaluate; 0 gives 0.

    Returns
    -------
    array of shape (n,)
        In [0, 1], with an absolute error of about 1e-13.

    References
    ----------
    .. [1] Jackson (2013). Res Synth Methods 4, 220-229 (the distribution and its use).
       doi:10.1002/jrsm.1081
    .. [2] Weideman & Trefethen (2007). Math Comp 76, 1341-1356 (integration along a parabola).
       doi:10.1090/S0025-5718-07-01945-X

    Examples
    --------
    Equal variances make it chi-squared with one degree of freedom less:

    >>> q_distribution(np.ones(13), np.ones((13, 1)), np.array([23.336664])).round(6)
    array([0.975])
    """
    out = np.zeros(q.shape)
    stride = max(1, _CACHED // (a.size * _POINTS))
    inside = np.flatnonzero(q > 0)
    for first in range(0, inside.size, stride):
        part = inside[first : first + stride]
        out[part] = _cdf(a, m[:, part], q[part])
    return out


def _cdf(a: Floats, m: Floats, q: Floats) -> Floats:
    share = (a / a.sum())[:, None]
    b = 2.0 * a[:, None] * m
    unit = b.max(axis=0)
    b, q = b / unit, q / unit
    mean, variance = (-_derivatives(share, b, 0.0 * q)[0], _derivatives(share, b, 0.0 * q)[1])
    deviation = np.sqrt(variance)
    far = q > mean + _CERTAIN * deviation
    q = np.where(far, mean, q)
    crossing = np.maximum(_CROSSING / deviation, _saddle(share, b, q, mean))
    _, second, third = _derivatives(share, b, crossing)
    # The path of steepest descent near the crossing: no oscillation to speak of.
    bend = third / (6.0 * second)
    step = _STEP / np.sqrt(second)
    u = np.arange(_POINTS)[:, None] * step
    p = crossing + 1j * u + bend * u * u
    slope = 1j + 2.0 * bend * u
    values = (np.exp(_log_transform(share, b, p) + p * q) / p * slope).imag
    total = (values.sum(axis=0) - 0.5 * values[0]) * step / np.pi
    return np.where(far, 1.0, np.clip(total, 0.0, 1.0))


def _saddle(share: Floats, b: Floats, q: Floats, mean: Floats) -> Floats:
    """Where the exponent is stationary on the positive axis, roughly; 0 above the mean."""
    low, high = np.zeros_like(q), b.shape[0] / q
    at = np.where(q < mean, np.minimum(high, (mean - q) / (q * mean)), 0.0)
    searching = q < mean
    for _ in range(_NEWTON_STEPS):
        first, second, _ = _derivatives(share, b, at)
        gap = first + q
        low, high = np.where(gap < 0, at, low), np.where(gap >= 0, at, high)
        new = at - gap / second
        new = np.where((new > low) & (new < high), new, 0.5 * (low + high))
        searching &= np.abs(new - at) > 1e-2 * np.abs(new)
        at = np.where(searching, new, at)
        if not searching.any():
            break
    return at


def _log_transform(share: Floats, b: Floats, p: Complexes) -> Complexes:
    factor = 1.0 + b[:, None] * p
    g = (share[:, None] / factor).sum(axis=0)
    # Each factor, and g as a mean of their inverses, stays off the negative real axis, so
    # the principal logarithm is the continuous one.
    return np.asarray(-0.5 * np.log(factor).sum(axis=0) - 0.5 * np.log(g))


def _derivatives(share: Floats, b: Floats, p: Floats) -> tuple[Floats, Floats, Floats]:
    """The first three derivatives of the log of the transform, at real points."""
    z = 1.0 / (1.0 + b * p)
    r = b * z
    g = (share * z).sum(axis=0)
    # The derivatives of g over g are -1, 2 and -6 times these.
    one, two, three = ((share * z * r**n).sum(axis=0) / g for n in (1, 2, 3))
    return (
        -0.5 * r.sum(axis=0) + 0.5 * one,
        0.5 * (r * r).sum(axis=0) - two + 0.5 * one**2,
        -(r**3).sum(axis=0) + 3.0 * three - 3.0 * one * two + one**3,
    )
