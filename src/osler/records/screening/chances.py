"""Drawing records by chance: how likely few relevant ones are among those drawn."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from osler.core.arrays import Floats

Whole = np.ndarray[Any, np.dtype[np.int64]]


def at_most(found: ArrayLike, total: ArrayLike, relevant: ArrayLike, drawn: ArrayLike) -> Floats:
    r"""Probability of ``found`` relevant records or fewer in a draw: the hypergeometric law.

    .. math:: \sum_{j \le f} \binom{K}{j} \binom{N-K}{n-j} \Big/ \binom{N}{n}

    Parameters
    ----------
    found, total, relevant, drawn : whole numbers or arrays of them
        *f*, *N*, *K* and *n*; of one shape, or shapes that fit each other.

    Notes
    -----
    As ``scipy.stats.hypergeom.cdf``, whose module alone takes a second to load.

    Examples
    --------
    >>> round(float(at_most(0, 1000, 8, 300)), 4), round(float(at_most(1, 20, 5, 10)), 4)
    (0.057, 0.1517)
    """
    wanted, n_all, k, n = np.broadcast_arrays(
        *(np.asarray(v) for v in (found, total, relevant, drawn))
    )
    finds = np.arange(int(wanted.max(initial=-1)) + 1)
    finds = finds.reshape(-1, *[1] * wanted.ndim)
    possible = (finds <= wanted) & (finds <= k) & (finds <= n) & (n - finds <= n_all - k)
    finds = np.where(possible, finds, np.maximum(0, n + k - n_all))
    logs = _choose(k, finds) + _choose(n_all - k, n - finds) - _choose(n_all, n)
    chances = np.where(possible, np.exp(logs), 0.0).sum(axis=0)
    return np.asarray(np.minimum(chances, 1.0))


def _choose(of: Whole, taken: Whole) -> Floats:
    """The logarithm of the number of ways to take so many."""
    return np.asarray(gammaln(of + 1) - gammaln(taken + 1) - gammaln(of - taken + 1))
