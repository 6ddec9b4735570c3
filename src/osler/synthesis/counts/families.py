r"""Likelihoods of one study's counts, as functions of one log odds, log odds ratio or log rate.

Every model of this package joins pieces of one shape: given what is held fixed, the counts
of a study are an exponential family in a linear predictor :math:`\theta`,

.. math:: \ell(\theta) = y \theta - A(\theta) + c,

so that all there is to know is :math:`A` and its derivatives: :math:`A'` is the expected
count, :math:`A''` its variance. The log-likelihood is never above 0, being of counts.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import special

from osler.core.arrays import Floats

# Terms of a hypergeometric sum below exp(-_NEGLIGIBLE) of the largest are left out.
_NEGLIGIBLE = 60.0


class Family(Protocol):
    """Counts of k studies given a linear predictor each."""

    @property
    def y(self) -> Floats:
        """Counts, shape (k,)."""

    @property
    def lowest(self) -> Floats:
        """Smallest counts that can be, shape (k,)."""

    @property
    def highest(self) -> Floats:
        """Largest counts that can be, shape (k,); infinite for rates."""

    @property
    def terms(self) -> int:
        """How many numbers one evaluation works on."""

    def log_likelihood(self, theta: Floats) -> tuple[Floats, Floats, Floats]:
        """Log-likelihood and its first two derivatives at ``theta`` of shape (k, nodes)."""

    def third(self, theta: Floats) -> Floats:
        """Third derivative of the log-likelihood at ``theta`` of shape (k, nodes)."""


@dataclass(frozen=True, slots=True)
class Binomial:
    """``y`` of ``m``, with probability expit(theta + offset); arrays of shape (k,)."""

    y: Floats
    m: Floats
    offset: Floats
    constant: Floats

    @property
    def lowest(self) -> Floats:
        return np.zeros_like(self.y)

    @property
    def highest(self) -> Floats:
        return self.m

    @property
    def terms(self) -> int:
        return self.y.size

    def log_likelihood(self, theta: Floats) -> tuple[Floats, Floats, Floats]:
        eta = theta + self.offset[:, None]
        m, y = self.m[:, None], self.y[:, None]
        # y log p + (m - y) log(1 - p), each log kept whole where p is next to 0 or 1
        e = np.exp(-np.abs(eta))
        q = 1 / (1 + e)
        up = eta > 0
        value = np.where(up, y - m, y) * eta - m * np.log1p(e)
        p = np.where(up, q, e * q)
        return value + self.constant[:, None], y - m * p, -m * (e * q * q)

    def third(self, theta: Floats) -> Floats:
        p = special.expit(theta + self.offset[:, None])
        return np.asarray(-self.m[:, None] * p * (1 - p) * (1 - 2 * p))


def binomial(y: Floats, m: Floats, offset: Floats | None = None) -> Binomial:
    """Events of participants, or of all events those in one group."""
    shift = np.zeros_like(y) if offset is None else offset
    return Binomial(y, m, shift, -special.betaln(y + 1, m - y + 1) - np.log1p(m))


@dataclass(frozen=True, slots=True)
class Poisson:
    """``y`` events in ``time``, with rate exp(theta); arrays of shape (k,)."""

    y: Floats
    time: Floats

    @property
    def lowest(self) -> Floats:
        return np.zeros_like(self.y)

    @property
    def highest(self) -> Floats:
        return np.full_like(self.y, np.inf)

    @property
    def terms(self) -> int:
        return self.y.size

    def log_likelihood(self, theta: Floats) -> tuple[Floats, Floats, Floats]:
        eta = theta + np.log(self.time)[:, None]
        mean = np.exp(np.minimum(eta, 600.0))
        constant = special.gammaln(self.y + 1)[:, None]
        return self.y[:, None] * eta - mean - constant, self.y[:, None] - mean, -mean

    def third(self, theta: Floats) -> Floats:
        return np.asarray(-np.exp(np.minimum(theta + np.log(self.time)[:, None], 600.0)))


@dataclass(frozen=True, slots=True)
class Hypergeometric:
    """Events in the treated group given all events of the study: non-central hypergeometric.

    Attributes
    ----------
    y, lowest, highest : array of shape (k,)
        Events of the treated, and the fewest and most that the margins allow.
    step : array of shape (terms,)
        Possible counts less ``y``, of one study after the other.
    log_ways : array of shape (terms,)
        Log of the number of ways to each count, less that of ``y``.
    first : array of shape (k,)
        Where each study's terms begin.
    sizes : array of shape (k,)
        How many terms each study has.
    """

    y: Floats
    lowest: Floats
    highest: Floats
    step: Floats
    log_ways: Floats
    first: NDArray[np.intp]
    sizes: NDArray[np.intp]

    @property
    def terms(self) -> int:
        return self.step.size

    def _weights(self, theta: Floats) -> tuple[Floats, Floats, Floats]:
        """Relative probabilities of all terms (nodes, terms), their sums, and logs taken out."""
        terms = np.repeat(theta.T, self.sizes, axis=1)
        terms *= self.step
        terms += self.log_ways
        top = np.maximum.reduceat(terms, self.first, axis=1)
        terms -= np.repeat(top, self.sizes, axis=1)
        np.exp(terms, out=terms)
        return terms, np.add.reduceat(terms, self.first, axis=1), top

    def log_likelihood(self, theta: Floats) -> tuple[Floats, Floats, Floats]:
        weight, total, top = self._weights(theta)
        weight *= self.step
        mean = np.add.reduceat(weight, self.first, axis=1) / total
        weight *= self.step
        square = np.add.reduceat(weight, self.first, axis=1) / total
        return (-np.log(total) - top).T, -mean.T, (mean * mean - square).T

    def third(self, theta: Floats) -> Floats:
        weight, total, _ = self._weights(theta)
        mean = np.add.reduceat(weight * self.step, self.first, axis=1) / total
        away = self.step - np.repeat(mean, self.sizes, axis=1)
        weight *= away * away * away
        return np.asarray(-np.add.reduceat(weight, self.first, axis=1) / total).T


def hypergeometric(a: Floats, n1: Floats, c: Floats, n2: Floats) -> Hypergeometric:
    """Distribution of ``a`` of ``n1`` given ``a + c`` events in all; arrays of shape (k,).

    References
    ----------
    .. [1] Stijnen, Hamza & Özdemir (2010). Stat Med 29, 3046-3067. doi:10.1002/sim.4040

    Examples
    --------
    >>> one = np.ones(1)
    >>> law = hypergeometric(3 * one, 5 * one, 1 * one, 5 * one)
    >>> law.step, np.exp(law.log_likelihood(np.zeros((1, 1)))[0]).round(4)
    (array([-3., -2., -1.,  0.,  1.]), array([[0.2381]]))
    """
    lowest, highest = np.maximum(0.0, a + c - n2), np.minimum(n1, a + c)
    sizes = (highest - lowest).astype(np.intp) + 1
    parts = [_log_ways(*row) for row in zip(a, n1, a + c, n2, lowest, highest, strict=True)]
    steps = [np.arange(lo, hi + 1) - y for lo, hi, y in zip(lowest, highest, a, strict=True)]
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp)
    return Hypergeometric(
        a, lowest, highest, np.concatenate(steps), np.concatenate(parts), first, sizes
    )


def _log_ways(a: float, n1: float, m: float, n2: float, lowest: float, highest: float) -> Floats:
    """Logs of C(n1, j) C(n2, m - j), less that of j = a.

    Summed from ratios of neighbours: logs of factorials of 100,000 lose five digits.
    """
    j = np.arange(lowest, highest)
    ratios = np.log((n1 - j) * (m - j) / ((j + 1) * (n2 - m + j + 1)))
    upwards = np.concatenate([[0.0], np.cumsum(ratios)])
    return np.asarray(upwards - upwards[int(a - lowest)])
