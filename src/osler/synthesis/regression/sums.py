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

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats
from osler.synthesis.regression.kernel import leverage, project

# The largest variance over the smallest: sums then keep 12 of 16 digits, most often all.
FARTHEST = 1e6
# Residuals, in standard errors, whose squares may still be squared again.
LARGEST_SQUARES = 1e100
# Studies in one product of matrices.
_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Sums:
    """Regressions of the same studies, scaled so that the smallest variance is 1.

    Attributes
    ----------
    v : array of shape (studies,)
    products : array of shape (studies, (p + 1)² + 1)
        Products of every pair of basis columns and estimates, row by row; then 1.
    p : int
    without : array of shape (problems,) or None
        The study that each problem lacks.
    k : float
        Studies in each problem.
    problems : int
    squares : float
        A sum of squared residuals that bounds that of ordinary least squares in every problem.
    """

    v: Floats
    products: Floats
    p: int
    without: NDArray[np.intp] | None
    k: float
    problems: int
    squares: float

    @property
    def df(self) -> Floats:
        """Studies less columns, shape (problems,)."""
        return np.full(self.problems, self.k - self.p)

    def weighted(self, weights: Floats, row: NDArray[np.intp], problem: NDArray[np.intp]) -> Floats:
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
        sums = _product(weights, self.products)[row]
        if self.without is not None:
            gone = self.without[problem]
            sums -= weights[row, :, gone][:, :, None] * self.products[gone, None]
        return sums

    def with_and_without(
        self, weights: Floats, problem: NDArray[np.intp]
    ) -> tuple["Figures", Floats]:
        """Figures of problems that each lack a study, and the gram matrices with it.

        ``weights`` has the shape (problems, studies); one point for each problem.
        """
        assert self.without is not None
        gone = self.without[problem]
        whole = _product(weights, self.products)
        own = weights[np.arange(gone.size), gone]
        part = (whole - own[:, None] * self.products[gone])[:, None]
        return self.figures(part, part), _parts(whole, self.p)[0]

    def figures(self, first: Floats, second: Floats) -> "Figures":
        """From sums weighted by w, and by the squares of w."""
        gram, along, square = _parts(first, self.p)
        gram2, along2, square2 = _parts(second, self.p)
        inverse: Floats = np.asarray(np.linalg.inv(gram))
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
    centre : array of shape (p,)
        Coefficients of that fit along the columns, in the unit.
    """

    unit: float
    v: Floats
    columns: Floats
    y: Floats
    triangle: Floats
    leverage: Floats
    centre: Floats


def basis_of(y: Floats, v: Floats, X: Floats) -> Basis:
    """One regression: ``y`` and ``v`` of shape (studies,), ``X`` of shape (studies, p)."""
    smallest = float(v.min())
    unit, v = smallest**0.5, v / smallest
    made = project(y / unit, X.T, 1.0 / (v + np.sqrt(v.max())))
    root = np.sqrt(made.weights)
    columns = (made.basis / root).T
    return Basis(
        unit, v, columns, made.residuals / root, made.triangle, leverage(made), made.effects
    )


def far_apart(v: Floats) -> bool:
    """Whether variances differ too much for sums of products."""
    return bool(v.max() > FARTHEST * v.min())


def sums_of(basis: Basis) -> Sums:
    """One regression."""
    rows = np.column_stack([basis.columns, basis.y])
    k, p = basis.columns.shape
    return Sums(basis.v, _products(rows), p, None, float(k), 1, float(basis.y @ basis.y))


def sums_without(basis: Basis, without: NDArray[np.intp]) -> Sums:
    """A regression without each of some of its studies."""
    return replace(sums_of(basis), without=without, k=basis.y.size - 1.0, problems=without.size)


def _product(a: Floats, b: Floats) -> Floats:
    """Of matrices, in parts so small that BLAS does not set threads to work on them."""
    if b.shape[0] <= _AT_ONCE:
        return np.asarray(np.matmul(a, b))
    parts = range(0, b.shape[0], _AT_ONCE)
    return np.asarray(sum(a[..., i : i + _AT_ONCE] @ b[i : i + _AT_ONCE] for i in parts))


def _products(rows: Floats) -> Floats:
    """Of every pair of columns, and 1; from shape (studies, c) to (studies, c² + 1)."""
    c = rows.shape[1]
    out = np.ones((rows.shape[0], c * c + 1))
    out[:, :-1] = (rows[:, :, None] * rows[:, None, :]).reshape(-1, c * c)
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


def _parts(sums: Floats, p: int) -> tuple[Floats, Floats, Floats]:
    """Basis by basis, basis by estimates, estimates by estimates."""
    square = sums[..., :-1].reshape(*sums.shape[:-1], p + 1, p + 1)
    return square[..., :p, :p], square[..., :p, p], square[..., p, p]
