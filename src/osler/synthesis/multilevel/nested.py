r"""Log-likelihood of nested random intercepts in time proportional to the number of rows.

With independent sampling errors, groups nested within groups need no matrix. Members with
values :math:`u` and weights :math:`w` (the inverses of their variances) fall apart into their
spread around the weighted mean of the group and that mean, which then is a member of the next
level with its own weight:

.. math:: U' M^{-1} U = \sum w (u - \bar u)(u - \bar u)' + t\, \bar u \bar u', \quad
          t = \frac{S}{1 + \sigma^2 S}, \quad S = \sum w,
          \quad \log|M| = -\sum \log w + \log(1 + \sigma^2 S)

with :math:`U = (X, y)`. Nothing is subtracted that is nearly equal, so that precision does not
suffer where sampling variances are tiny beside heterogeneity. Derivatives by every variance
go along.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats

Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Sums:
    """What the likelihood is made of.

    Attributes
    ----------
    log_det : float
        Of the marginal covariance M.
    cross : array of shape (p + 1, p + 1)
        U' M⁻¹ U with U = (X, y).
    log_det_slopes : array of shape (m,)
        Derivatives of ``log_det`` by the variances.
    cross_slopes : array of shape (m, p + 1, p + 1)
    """

    log_det: float
    cross: Floats
    log_det_slopes: Floats
    cross_slopes: Floats


@dataclass(frozen=True, slots=True)
class Chain:
    """Nested groupings, finest first.

    Attributes
    ----------
    order : tuple of int
        Position of each level's term among the random terms.
    parents : tuple of arrays
        For every level, to which of its groups each group of the level below belongs (rows,
        for the finest).
    sizes : tuple of int
        Number of groups of each level.
    """

    order: tuple[int, ...]
    parents: tuple[Codes, ...]
    sizes: tuple[int, ...]


def chain_of(groupings: Sequence[Codes]) -> Chain | None:
    """The chain the groupings make, or None where one does not lie within another."""
    order = sorted(range(len(groupings)), key=lambda i: -int(groupings[i].max()))
    parents, sizes = [], []
    below = np.arange(groupings[0].size) if groupings else np.zeros(0, np.intp)
    for i in order:
        codes = groupings[i]
        parent = np.zeros(int(below.max()) + 1, np.intp)
        parent[below] = codes
        if not np.array_equal(parent[below], codes):
            return None
        parents.append(parent)
        sizes.append(int(codes.max()) + 1)
        below = codes
    return Chain(tuple(order), tuple(parents), tuple(sizes))


def nested_sums(chain: Chain, variances: Floats, U: Floats, sigma2: Floats) -> Sums:
    """The sums at variance components ``sigma2``, in the order of the random terms.

    Parameters
    ----------
    chain : Chain
    variances : array of shape (n,)
        Of the sampling errors, independent of each other.
    U : array of shape (n, p + 1)
    sigma2 : array of shape (m,)
    """
    m, q = sigma2.size, U.shape[1]
    w, u = 1.0 / variances, U
    log_det, cross = float(np.log(variances).sum()), np.zeros((q, q))
    by_w: dict[int, Floats] = {}
    by_u: dict[int, Floats] = {}
    slopes, cross_slopes = np.zeros(m), np.zeros((m, q, q))
    for level, term in enumerate(chain.order):
        parent, size = chain.parents[level], chain.sizes[level]
        S = _gathered(w, parent, size)
        mean = _gathered(u * w[:, None], parent, size) / S[:, None]
        apart = u - mean[parent]
        cross += apart.T @ (apart * w[:, None])
        shrunk = 1.0 / (1.0 + sigma2[term] * S)
        log_det -= float(np.log(shrunk).sum())
        for j, dw in by_w.items():
            moved = by_u[j] * w[:, None]
            mixed = moved.T @ apart
            cross_slopes[j] += (apart * dw[:, None]).T @ apart + mixed + mixed.T
            dS = _gathered(dw, parent, size)
            slopes[j] += float((sigma2[term] * shrunk) @ dS)
            by_u[j] = _gathered(apart * dw[:, None] + moved, parent, size) / S[:, None]
            by_w[j] = dS * shrunk**2
        w, u = S * shrunk, mean
        slopes[term] += float(w.sum())
        by_w[term], by_u[term] = -w * w, np.zeros_like(mean)
    cross += u.T @ (u * w[:, None])
    for j, dw in by_w.items():
        mixed = (by_u[j] * w[:, None]).T @ u
        cross_slopes[j] += (u * dw[:, None]).T @ u + mixed + mixed.T
    return Sums(log_det, cross, slopes, cross_slopes)


def _gathered(values: Floats, parent: Codes, size: int) -> Floats:
    """Sums over the members of each group."""
    if values.ndim == 1:
        return np.asarray(np.bincount(parent, values, size))
    columns = [np.bincount(parent, values[:, j], size) for j in range(values.shape[1])]
    return np.stack(columns, axis=1)
