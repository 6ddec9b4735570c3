r"""Tail probabilities of very many tests that share a whole number of degrees of freedom.

There the distributions of t and of chi-squared are finite sums, several times as quick as the
functions that serve every case.
"""

import math
from collections.abc import Iterable

import numpy as np
from scipy.special import erfc

from osler.core.arrays import Floats
from osler.core.quantiles import chi2_tail, t_two_sided

# So many tests are worth the sum, so many terms are not.
_LEAST_TESTS, _MOST_DEGREES = 256, 60
# Below this probability 1 - A has lost more than three digits; beyond these numbers powers
# leave double precision.
_LEAST_P, _LARGEST_T, _MOST_Q = 1e-3, 1e100, 600.0


def t_probability(t: Floats, df: Floats) -> Floats:
    r"""As :func:`osler.core.quantiles.t_two_sided`.

    With :math:`\tan\theta = |t| / \sqrt\nu` it is 1 - A, where for even :math:`\nu`

    .. math:: A = \sin\theta \sum_{j < \nu/2} \frac{1 \cdot 3 \cdots (2j - 1)}{2 \cdot 4 \cdots 2j}
              \cos^{2j}\theta

    and for odd

    .. math:: A = \frac2\pi \Big(\theta + \sin\theta \cos\theta \sum_{j < (\nu - 1)/2}
              \frac{2 \cdot 4 \cdots 2j}{3 \cdot 5 \cdots (2j + 1)} \cos^{2j}\theta\Big)

    References
    ----------
    .. [1] Abramowitz & Stegun (1964). Handbook of Mathematical Functions, 26.7.3 and 26.7.4.

    Examples
    --------
    >>> t_probability(np.full(300, 2.178813), np.full(300, 12.0))[:2].round(6)
    array([0.05, 0.05])
    """
    n = _shared(df)
    if not n:
        return t_two_sided(t, df)
    size = np.minimum(np.abs(t), _LARGEST_T)
    root = np.sqrt(n + size * size)
    sine, cosine = size / root, math.sqrt(n) / root
    square = cosine * cosine
    if n % 2 == 0:
        p = 1.0 - sine * _series(((2 * j - 1) / (2 * j) for j in range(1, n // 2)), square)
    else:
        p = np.arctan(size / math.sqrt(n))
        if n > 1:
            ratios = (2 * j / (2 * j + 1) for j in range(1, (n - 1) // 2))
            p += sine * cosine * _series(ratios, square)
        p = 1.0 - 2.0 / math.pi * p
    rest = np.flatnonzero(~(p > _LEAST_P))
    p[rest] = t_two_sided(t[rest], df[rest])
    return np.asarray(p)


def q_probability(q: Floats, df: Floats) -> Floats:
    r"""As :func:`osler.core.quantiles.chi2_tail`: a sum without cancellation.

    For even :math:`\nu`, and for odd,

    .. math:: e^{-q/2} \sum_{j < \nu/2} \frac{(q/2)^j}{j!}, \quad
              \mathrm{erfc}\sqrt{q/2} + \sqrt{2q/\pi}\, e^{-q/2}
              \sum_{j < (\nu - 1)/2} \frac{q^j}{3 \cdot 5 \cdots (2j + 1)}

    References
    ----------
    .. [1] Abramowitz & Stegun (1964). Handbook of Mathematical Functions, 26.4.4 and 26.4.5.

    Examples
    --------
    >>> q_probability(np.full(300, 23.336664), np.full(300, 12.0))[:2].round(6)
    array([0.025, 0.025])
    """
    n = _shared(df)
    if not n or q.max() > _MOST_Q:
        return chi2_tail(q, df)
    half = 0.5 * q
    if n % 2 == 0:
        return np.asarray(np.exp(-half) * _series((1 / j for j in range(1, n // 2)), half))
    root = np.sqrt(half)
    p = erfc(root)
    if n > 1:
        series = _series((2 / (2 * j + 1) for j in range(1, (n - 1) // 2)), half)
        p += 2.0 / math.sqrt(math.pi) * root * np.exp(-half) * series
    return np.asarray(p)


def _shared(df: Floats) -> int:
    """The degrees of freedom, where they are the same for all and the sum is worth while; or 0."""
    if df.size < _LEAST_TESTS:
        return 0
    first = float(df[0])
    if not (first.is_integer() and 1 <= first <= _MOST_DEGREES and (df == first).all()):
        return 0
    return int(first)


def _series(ratios: Iterable[float], x: Floats) -> Floats:
    """1 and, term after term, that before it times ``x`` and its ratio (Horner's rule)."""
    out = np.ones_like(x)
    for ratio in reversed(list(ratios)):
        out *= x
        out *= ratio
        out += 1.0
    return out
