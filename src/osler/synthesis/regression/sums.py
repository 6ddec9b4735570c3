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

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats

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
    products : array of shape (studies, designs, (p + 1)² + 1)
        Products of every pair of basis columns and estimates, row by row; then 1. One design
        for each problem, or one that all share. A design of fewer than p columns has zeros.
    idle : array of shape (designs, p, p)
        1 on the diagonal for the columns that a design lacks, else 0.
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
    idle: Floats
    without: NDArray[np.intp] | None
    k: float
    problems: int
    squares: float

    @property
    def df(self) -> Floats:
        """Studies less columns, shape (problems,)."""
        df = self.k - self.idle.shape[1] + self.idle.sum(axis=(1, 2))
        return df if df.size == self.problems else np.full(self.problems, df[0])

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
        studies, designs, columns = self.products.shape
        sums = _product(weights, self.products.reshape(studies, -1))
        sums = sums.reshape(*weights.shape[:-1], designs, columns)
        sums = sums[row, :, problem if designs > 1 else 0]
        if self.without is not None:
            gone = self.without[problem]
            sums -= weights[row, :, gone][:, :, None] * self.products[gone]
        return np.asarray(sums)

    def with_and_without(
        self, weights: Floats, problem: NDArray[np.intp]
    ) -> tuple["Figures", Floats]:
        """Figures of problems that each lack a study, and the gram matrices with it.

        ``weights`` has the shape (problems, studies); one point for each problem.
        """
        assert self.without is not None
        gone = self.without[problem]
        whole = _product(weights, self.products[:, 0])
        own = weights[np.arange(gone.size), gone]
        part = (whole - own[:, None] * self.products[gone, 0])[:, None]
        return self.figures(part, part, problem), _parts(whole, self.idle.shape[1])[0]

    def figures(self, first: Floats, second: Floats, problem: NDArray[np.intp]) -> "Figures":
        """From sums weighted by w, and by the squares of w."""
        p = self.idle.shape[1]
        gram, along, square = _parts(first, p)
        gram2, along2, square2 = _parts(second, p)
        if self.products.shape[1] > 1:
            gram = gram + self.idle[problem, None]
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
    root = 1.0 / np.sqrt(v + np.sqrt(v.max()))
    q, triangle = np.linalg.qr(X * root[:, None])
    left = y / unit * root
    centre = left @ q
    left = left - q @ centre
    again = left @ q
    left = left - q @ again
    hat = np.einsum("kp,kp->k", q, q)
    return Basis(unit, v, q / root[:, None], left / root, triangle, hat, centre + again)


def basis_of_mean(y: Floats, v: Floats) -> Basis:
    """As :func:`basis_of`, of an intercept alone."""
    smallest = float(v.min())
    unit, v = smallest**0.5, v / smallest
    w = 1.0 / (v + np.sqrt(v.max()))
    total = float(w.sum())
    first = float(y[0])
    y = (y - first) / unit
    mean = float(w @ y) / total
    length = total**0.5
    return Basis(
        unit,
        v,
        np.full((y.size, 1), 1.0 / length),
        y - mean,
        np.full((1, 1), length),
        w / total,
        np.full(1, (mean + first / unit) * length),
    )


def far_apart(v: Floats) -> bool:
    """Whether variances differ too much for sums of products."""
    return bool(v.max() > FARTHEST * v.min())


def sums_of(*bases: Basis) -> Sums:
    """Regressions of the same studies, the first of which has the most columns."""
    k, most = bases[0].columns.shape
    rows = np.zeros((k, len(bases), most + 1))
    idle = np.zeros((len(bases), most, most))
    for j, basis in enumerate(bases):
        p = basis.columns.shape[1]
        rows[:, j, :p], rows[:, j, -1] = basis.columns, basis.y
        idle[j, range(p, most), range(p, most)] = 1.0
    squares = max(float(basis.y @ basis.y) for basis in bases)
    return Sums(bases[0].v, _products(rows), idle, None, float(k), len(bases), squares)


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

    def pairs(self, part: slice) -> "Figures":
        """Those of some of the pairs."""
        return Figures(*(getattr(self, field.name)[part] for field in fields(self)))


def _parts(sums: Floats, p: int) -> tuple[Floats, Floats, Floats]:
    """Basis by basis, basis by estimates, estimates by estimates."""
    square = sums[..., :-1].reshape(*sums.shape[:-1], p + 1, p + 1)
    return square[..., :p, :p], square[..., :p, p], square[..., p, p]
