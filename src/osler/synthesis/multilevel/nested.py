r"""Log-likelihood of nested random intercepts in time proportional to the number of rows.

With independent sampling errors, groups nested within groups need no matrix: adding a level
changes the inverse of each group's covariance by one outer product,

.. math:: (D + \sigma^2 1 1')^{-1} = D^{-1} - c D^{-1} 1 1' D^{-1}, \quad
          c = \frac{\sigma^2}{1 + \sigma^2 s}, \quad s = 1' D^{-1} 1,

so that the sums :math:`s` and :math:`a = U' D^{-1} 1`, :math:`U = (X, y)`, passed from level to
level, are all that is needed. Derivatives by every variance go along.
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
    s = 1.0 / variances
    a = U * s[:, None]
    log_det, cross = float(np.log(variances).sum()), U.T @ a
    by_s: dict[int, Floats] = {}
    by_a: dict[int, Floats] = {}
    slopes, cross_slopes = np.zeros(m), np.zeros((m, q, q))
    for level, term in enumerate(chain.order):
        parent, size = chain.parents[level], chain.sizes[level]
        s, a = _gathered(s, parent, size), _gathered(a, parent, size)
        by_s = {j: _gathered(d, parent, size) for j, d in by_s.items()}
        by_a = {j: _gathered(d, parent, size) for j, d in by_a.items()}
        v = sigma2[term]
        d = 1.0 + v * s
        c = v / d
        log_det += float(np.log(d).sum())
        ca = a * c[:, None]
        cross = cross - a.T @ ca
        inverse = 1.0 / d
        for j, ds in by_s.items():
            slopes[j] += float(c @ ds)
            mixed = by_a[j].T @ ca
            cross_slopes[j] += (ca * ds[:, None]).T @ ca - mixed - mixed.T
            by_a[j] = by_a[j] * inverse[:, None] - a * (v * ds * inverse**2)[:, None]
            by_s[j] = ds * inverse**2
        slopes[term] += float((s * inverse).sum())
        ad = a * inverse[:, None]
        cross_slopes[term] -= ad.T @ ad
        by_s[term] = -((s * inverse) ** 2)
        by_a[term] = ad * -(s * inverse)[:, None]
        s, a = s * inverse, ad
    return Sums(log_det, cross, slopes, cross_slopes)


def _gathered(values: Floats, parent: Codes, size: int) -> Floats:
    """Sums over the members of each group."""
    if values.ndim == 1:
        return np.asarray(np.bincount(parent, values, size))
    columns = [np.bincount(parent, values[:, j], size) for j in range(values.shape[1])]
    return np.stack(columns, axis=1)
