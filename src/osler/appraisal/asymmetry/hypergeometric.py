"""Mean and variance of Fisher's noncentral hypergeometric distribution."""

import numpy as np
from scipy import special

from osler.core.arrays import Floats


def noncentral_moments(
    n1: Floats, n0: Floats, events: Floats, odds_ratio: float
) -> tuple[Floats, Floats]:
    """Of the events in the first of two arms when both margins and the odds ratio are fixed.

    Parameters
    ----------
    n1, n0, events : array of shape (k,)
        Sizes of the arms, and events in both together; whole numbers.
    odds_ratio : float
        Above 0.

    Returns
    -------
    mean, variance : array of shape (k,)

    Examples
    --------
    >>> mean, variance = noncentral_moments(
    ...     np.array([10.0]), np.array([10.0]), np.array([4.0]), 1.0
    ... )
    >>> mean.round(6), variance.round(6)
    (array([2.]), array([0.842105]))
    """
    found = [_moments(*each, odds_ratio) for each in zip(n1, n0, events, strict=True)]
    mean, variance = np.array(found).T
    return mean, variance


def _moments(n1: float, n0: float, events: float, odds_ratio: float) -> tuple[float, float]:
    x = np.arange(max(0.0, events - n0), min(n1, events) + 1.0)
    logs = x * np.log(odds_ratio) - (
        special.gammaln(x + 1)
        + special.gammaln(n1 - x + 1)
        + special.gammaln(events - x + 1)
        + special.gammaln(n0 - events + x + 1)
    )
    chance = np.exp(logs - logs.max())
    chance /= chance.sum()
    mean = float((chance * x).sum())
    return mean, float((chance * (x - mean) ** 2).sum())
