r"""Weighted sums over studies, from which regressions with any tau2 follow.

With :math:`c_i` the row of a basis of the moderators followed by the estimate, sums of
:math:`w_i c_i c_i'` over the studies are all that a weighted regression needs. For one tau2
after another only the weights change, so that the sums at many tau2 are one product of
matrices; and without a study they are the same sums less one term.

Normal equations would square the condition number of the moderators. So the basis is
orthonormal, and the estimates are residuals, under the weights that belong to a tau2 in the
middle, the geometric mean of the smallest and the largest variance: at any other tau2 the
condition number of the sums is then below :math:`1 + \sqrt{v_{max} / v_{min}}`, whatever the
moderators. Where that is too much (:data:`FARTHEST`) the slower
:mod:`~osler.synthesis.regression.tau2` is used.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats

# The largest variance over the smallest: sums then keep 12 of 16 digits, most often all.
FARTHEST = 1e6


@dataclass(frozen=True, slots=True)
class Sums:
    """Regressions of the same studies, scaled so that the smallest variance is 1.

    Attributes
    ----------
    v : array of shape (studies,)
    products : array of shape (designs, studies, (p + 1)² + 1)
        Products of every pair of basis columns and estimates, row by row; then 1. One design
        for each problem, or one that all share.
    without : array of shape (problems,) or None
        The study that each problem lacks.
    k : float
        Studies in each problem.
    p : int
    problems : int
    squares : float
        A sum of squared residuals that bounds that of ordinary least squares in every problem.
    """

    v: Floats
    products: Floats
    without: NDArray[np.intp] | None
    k: float
    p: int
    problems: int
    squares: float

    @property
    def df(self) -> float:
        return self.k - self.p

    def weighted(
        self, weights: Floats, row: NDArray[np.intp], problem: NDArray[np.intp]
    ) -> Floats:
        """Sums of the products.

        Parameters
        ----------
        weights : array of shape (rows, points, studies)
        row, problem : array of shape (pairs,)
            Which row of weights meets which problem.

        Returns
        -------
        array of shape (pairs, points, (p + 1)² + 1)
        """
        if self.products.shape[0] > 1:
            return np.asarray(np.matmul(weights[row], self.products[problem]))
        sums = np.matmul(weights, self.products[0])[row]
        if self.without is not None:
            gone = self.without[problem]
            own = weights[row, :, gone]
            sums -= own[:, :, None] * self.products[0, gone, None, :]
        return np.asarray(sums)


@dataclass(frozen=True, slots=True)
class Basis:
    """Moderators of one regression in an orthonormal basis.

    Attributes
    ----------
    unit : float
        ``variance = unit**2 * v``.
    v : array of shape (studies,)
    columns : array of shape (studies, p)
        Orthonormal under the middle weights.
    y : array of shape (studies,)
        Residuals of the fit with these weights, in the unit.
    triangle : array of shape (p, p)
        Moderators = columns times this.
    leverage : array of shape (studies,)
        Under these weights.
    """

    unit: float
    v: Floats
    columns: Floats
    y: Floats
    triangle: Floats
    leverage: Floats


def basis_of(y: Floats, v: Floats, X: Floats) -> Basis:
    """One regression: ``y`` and ``v`` of shape (studies,), ``X`` of shape (studies, p)."""
    smallest = float(v.min())
    unit, v = smallest**0.5, v / smallest
    root = 1.0 / np.sqrt(v + np.sqrt(v.max()))
    q, triangle = np.linalg.qr(X * root[:, None])
    left = y / unit * root
    for _ in range(2):
        left = left - q @ (q.T @ left)
    return Basis(unit, v, q / root[:, None], left / root, triangle, np.einsum("kp,kp->k", q, q))


def far_apart(v: Floats) -> bool:
    """Whether variances differ too much for sums of products."""
    return bool(v.max() > FARTHEST * v.min())


def sums_of(basis: Basis, without: NDArray[np.intp] | None = None) -> Sums:
    """One regression, or those that each lack one of its studies."""
    y = basis.y
    k = float(y.size - (without is not None))
    rows = np.concatenate([basis.columns, y[:, None]], axis=1)
    return Sums(
        v=basis.v,
        products=_products(rows)[None],
        without=without,
        k=k,
        p=rows.shape[1] - 1,
        problems=1 if without is None else without.size,
        squares=float(y @ y),
    )


def _products(rows: Floats) -> Floats:
    """Of every pair of columns, and 1; from shape (..., columns) to (..., columns² + 1)."""
    c = rows.shape[-1]
    pairs = rows[..., :, None] * rows[..., None, :]
    out = np.ones((*rows.shape[:-1], c * c + 1))
    out[..., :-1] = pairs.reshape(*rows.shape[:-1], c * c)
    return out


@dataclass(frozen=True, slots=True)
class Figures:
    """What sums say; arrays of shape (pairs, points, ...).

    Attributes
    ----------
    q : array
        Weighted sum of squared residuals, y'Py.
    pull, spread : array
        y'PPy and tr(P): their difference is twice the restricted score.
    total : array
        Sum of the weights.
    coefficients : array of shape (pairs, points, p)
        Along the basis.
    gram, inverse : array of shape (pairs, points, p, p)
        X'WX for the basis; the covariance of its coefficients.
    """

    q: Floats
    pull: Floats
    spread: Floats
    total: Floats
    coefficients: Floats
    gram: Floats
    inverse: Floats


def figures_of(first: Floats, second: Floats, p: int) -> Figures:
    """From sums weighted by w, and by the squares of w."""
    gram, along, square = _parts(first, p)
    gram2, along2, square2 = _parts(second, p)
    inverse = np.linalg.inv(gram)
    b = np.einsum("...ij,...j->...i", inverse, along)
    twice = 2.0 * along2 - np.einsum("...ij,...j->...i", gram2, b)
    total = first[..., -1]
    # Of a fit without residuals rounding may leave less than nothing.
    return Figures(
        q=np.maximum(0.0, square - np.einsum("...i,...i->...", along, b)),
        pull=np.maximum(0.0, square2 - np.einsum("...i,...i->...", twice, b)),
        spread=total - np.einsum("...ij,...ij->...", inverse, gram2),
        total=total,
        coefficients=b,
        gram=gram,
        inverse=inverse,
    )


def _parts(sums: Floats, p: int) -> tuple[Floats, Floats, Floats]:
    """Basis by basis, basis by estimates, estimates by estimates."""
    square = sums[..., :-1].reshape(*sums.shape[:-1], p + 1, p + 1)
    return square[..., :p, :p], square[..., :p, p], square[..., p, p]
