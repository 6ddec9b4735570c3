"""Quantiles and tail probabilities of the normal, t and chi-squared distributions.

Built on :mod:`scipy.special` alone: importing :mod:`scipy.stats` takes half a second.
"""

from collections.abc import Callable
from typing import cast

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from osler.core.arrays import Floats, every


def normal_quantile(p: ArrayLike) -> Floats:
    """Value below which a standard normal variable falls with probability ``p``.

    Examples
    --------
    >>> round(float(normal_quantile(0.975)), 6)
    1.959964
    """
    return np.asarray(special.ndtri(np.asarray(p, float)))


def normal_two_sided(z: ArrayLike) -> Floats:
    """Probability that a standard normal variable lies at least as far from 0 as ``z``.

    Examples
    --------
    >>> round(float(normal_two_sided(-1.959964)), 6)
    0.05
    """
    p: Floats = 2.0 * special.ndtr(-np.abs(z))
    return p


def t_quantile(p: float, df: ArrayLike) -> Floats:
    """Value below which Student's t with ``df`` degrees of freedom falls with probability ``p``.

    NaN where ``df`` < 1: without a degree of freedom there is no distribution.

    Examples
    --------
    >>> t_quantile(0.975, np.array([0.0, 1.0, 12.0])).round(6)
    array([      nan, 12.706205,  2.178813])
    """
    return _on_distinct(lambda each: _t_quantile(p, each), np.asarray(df, float))


def _t_quantile(p: float, df: Floats) -> Floats:
    usable = np.where(df >= 1.0, df, np.nan)
    x = np.asarray(special.stdtrit(usable, p))
    # Older releases of SciPy stop at a relative error near 1e-9; one Newton step on the
    # distribution function takes that to rounding and leaves a good value alone.
    log_density = (
        special.gammaln((usable + 1) / 2)
        - special.gammaln(usable / 2)
        - 0.5 * np.log(usable * np.pi)
        - (usable + 1) / 2 * np.log1p(x * x / usable)
    )
    return np.asarray(x - (special.stdtr(usable, x) - p) / np.exp(log_density))


def _on_distinct(function: Callable[[Floats], Floats], values: Floats) -> Floats:
    """Work once for each distinct value: among 10,000 meta-analyses few sizes occur."""
    if values.size < 2:
        return function(values)
    distinct, back = np.unique(values, return_inverse=True)
    return function(distinct)[back].reshape(values.shape)


def t_two_sided(t: ArrayLike, df: ArrayLike) -> Floats:
    """Probability that Student's t lies at least as far from 0 as ``t``; NaN where ``df`` < 1.

    Examples
    --------
    >>> round(float(t_two_sided(2.178813, 12)), 6)
    0.05
    """
    df = _numbers(df)
    p: Floats = 2.0 * special.stdtr(df, -np.abs(t))
    return p if every(df >= 1.0) else np.where(df >= 1.0, p, np.nan)


def chi2_quantile(p: float, df: ArrayLike) -> Floats:
    """Value below which chi-squared with ``df`` degrees of freedom falls with probability ``p``.

    Examples
    --------
    >>> round(float(chi2_quantile(0.975, 12)), 6)
    23.336664
    """
    return _on_distinct(
        lambda each: np.asarray(2.0 * special.gammaincinv(each / 2.0, p)), np.asarray(df, float)
    )


def chi2_tail(q: ArrayLike, df: ArrayLike) -> Floats:
    """Probability that chi-squared is at least ``q``; 1 where ``df`` is 0.

    Examples
    --------
    >>> chi2_tail(np.array([23.336664, 0.0]), np.array([12.0, 0.0])).round(6)
    array([0.025, 1.   ])
    """
    q, df = _numbers(q), _numbers(df)
    some = df > 0
    if every(some):
        p: Floats = special.gammaincc(df / 2.0, q / 2.0)
        return p
    return np.where(some, special.gammaincc(np.where(some, df, 1.0) / 2.0, q / 2.0), 1.0)


def _numbers(values: ArrayLike) -> Floats:
    """An array of numbers, or one of NumPy's numbers as it is: it computes sooner."""
    return cast(Floats, values) if isinstance(values, np.float64) else np.asarray(values, float)
