r"""The (restricted) log-likelihood of the variance components, and its slope.

.. math:: \ell_{REML} = -\tfrac12 \left[(k - p) \log 2\pi - \log|X'X| + \log|M|
          + \log|X' M^{-1} X| + (y - X\hat\beta)' M^{-1} (y - X\hat\beta)\right]

Estimates are scaled to a typical deviation of 1 and X is made orthonormal, so that
:math:`|X'X| = 1` and the sums stay far from overflow and cancellation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.synthesis.multilevel.blocks import Inverse, NotDefiniteError, adjoints, inverse_at
from osler.synthesis.multilevel.layout import Layout, layout_of
from osler.synthesis.multilevel.nested import Chain, chain_of, nested_sums
from osler.synthesis.multilevel.placing import Placed
from osler.synthesis.multilevel.sampling import Sampling
from osler.synthesis.multilevel.structures import Structure

_LOG_2PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True, slots=True)
class Scaled:
    """Data on the unit scale.

    Attributes
    ----------
    y : array of shape (n,)
        Estimates over ``unit``, less their least-squares fit.
    offset : array of shape (p,)
        Coefficients of Q in that fit.
    Q, R : arrays of shape (n, p) and (p, p)
        X = Q R with orthonormal Q.
    sampling : Sampling
        Over ``unit`` squared.
    unit : float
    """

    y: Floats
    offset: Floats
    Q: Floats
    R: Floats
    sampling: Sampling
    unit: float


def scaled(y: Floats, X: Floats, sampling: Sampling, unit: float | None = None) -> Scaled:
    """Data in a unit in which heterogeneity and sampling error are of moderate size.

    ``unit`` is the one of nearly the same data, whose coordinates are to be compared.
    """
    Q, R = np.linalg.qr(X)
    size = float(np.abs(y).max()) or 1.0
    offset = Q.T @ (y / size)
    residual = y / size - Q @ offset
    spread = float(residual @ residual) / max(y.size - X.shape[1], 1) * size * size
    unit = unit or float(np.sqrt(max(spread, float(np.median(sampling.variances)))))
    factor = size / unit
    return Scaled(residual * factor, offset * factor, Q, R, sampling.scaled(unit**-2.0), unit)


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The log-likelihood as a function of the free coordinates of all terms.

    Attributes
    ----------
    data : Scaled
    terms : tuple of Placed
    restricted : bool
        REML, or ML.
    layout : Layout
    chain : Chain or None
        Where the terms are nested intercepts and errors independent: the fast path.
    """

    data: Scaled
    terms: tuple[Placed, ...]
    restricted: bool
    layout: Layout
    chain: Chain | None

    @property
    def structures(self) -> tuple[Structure, ...]:
        return tuple(term.structure for term in self.terms)

    @property
    def constant(self) -> float:
        """What lies between :meth:`at` and the log-likelihood of the data as given."""
        n, p = self.data.Q.shape
        rows = n - p if self.restricted else n
        return float(-rows * (_LOG_2PI / 2.0 + np.log(self.data.unit)))

    def at(self, z: Floats, *, slope: bool = True) -> tuple[float, Floats]:
        """Log-likelihood less :attr:`constant`, and its slope (empty where not wanted).

        Minus infinity where the covariance is not positive definite in floating point.
        """
        if self.chain is not None:
            return self._nested(z)
        try:
            inverse = inverse_at(self.layout, self.covariances(z))
        except NotDefiniteError:
            return -np.inf, np.zeros(z.size)
        value, left = self._value(inverse)
        if not slope or not np.isfinite(value):
            return value, np.zeros(z.size if slope else 0)
        bars = adjoints(inverse, left)
        parts = split(z, self.structures)
        pulled = [
            s.pull(part, bar) for s, part, bar in zip(self.structures, parts, bars, strict=True)
        ]
        return value, np.concatenate([np.zeros(0), *pulled])

    def covariances(self, z: Floats) -> list[Floats]:
        """Matrix T of every term, on the unit scale."""
        return [
            s.covariance(part)
            for s, part in zip(self.structures, split(z, self.structures), strict=True)
        ]

    def _value(self, inverse: Inverse) -> tuple[float, Floats]:
        U = np.column_stack([self.data.Q, self.data.y])
        WU = inverse.times(U)
        value, b, L = _from_cross(inverse.log_det, U.T @ WU, restricted=self.restricted)
        residual = WU[:, -1] - WU[:, :-1] @ b
        if not np.isfinite(value) or not self.restricted:
            return value, residual[:, None]
        return value, np.column_stack([np.linalg.solve(L, WU[:, :-1].T).T, residual])

    def _nested(self, z: Floats) -> tuple[float, Floats]:
        assert self.chain is not None
        U = np.column_stack([self.data.Q, self.data.y])
        sums = nested_sums(self.chain, self.data.sampling.variances, U, z * z)
        value, b, L = _from_cross(sums.log_det, sums.cross, restricted=self.restricted)
        if not np.isfinite(value):
            return value, np.zeros(z.size)
        contrast = np.append(-b, 1.0)
        slopes = -0.5 * (sums.log_det_slopes + sums.cross_slopes @ contrast @ contrast)
        if self.restricted:
            inverse = np.linalg.inv(L)
            slopes -= 0.5 * np.einsum(
                "ij,mji->m", inverse.T @ inverse, sums.cross_slopes[:, :-1, :-1]
            )
        return value, 2.0 * z * slopes


def _from_cross(log_det: float, cross: Floats, *, restricted: bool) -> tuple[float, Floats, Floats]:
    """Log-likelihood, coefficients of Q and the root of Q' M⁻¹ Q."""
    p = cross.shape[0] - 1
    try:
        L = np.linalg.cholesky(cross[:p, :p])
    except np.linalg.LinAlgError:
        return -np.inf, np.zeros(p), np.eye(p)
    half = np.linalg.solve(L, cross[:p, p])
    rest = float(cross[p, p] - half @ half)
    by_x = 2.0 * float(np.log(np.diag(L)).sum()) if restricted else 0.0
    value = -0.5 * (log_det + by_x + rest)
    b = np.linalg.solve(L.T, half)
    return (value if np.isfinite(value) else -np.inf), np.asarray(b), np.asarray(L)


def split(z: Floats, structures: Sequence[Structure]) -> list[Floats]:
    """The coordinates of each structure."""
    sizes = [s.coordinates for s in structures]
    return np.split(z, np.cumsum(sizes)[:-1]) if sizes else []


def likelihood_of(data: Scaled, terms: Sequence[Placed], *, restricted: bool) -> Likelihood:
    """The likelihood of a model, with the division of labour that suits its terms."""
    nested = data.sampling.is_diagonal and all(term.is_intercept for term in terms)
    chain = chain_of([term.outer for term in terms]) if nested and terms else None
    layout = layout_of(terms if chain is None else (), data.sampling)
    return Likelihood(data, tuple(terms), restricted, layout, chain)
