r"""Weighted least squares on many problems at once, in O(k p²) a problem.

Arrays are shaped (studies, *batch), the columns of the design (coefficients, studies,
*batch), so that every sum runs over the first axis of studies and NumPy works along the
batch. With :math:`W = \mathrm{diag}(1 / (v_i + \tau^2))`, everything that estimators of
:math:`\tau^2` need of

.. math:: P = W - W X (X' W X)^{-1} X' W

is had from an orthonormal basis :math:`U` of :math:`W^{1/2} X`, as
:math:`P = W^{1/2} (I - U U') W^{1/2}`: no k x k matrix is ever formed, and no normal
equations are, which would square the condition number.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.linalg import lapack

from osler.core.arrays import Bools, Floats

# Up to so many problems LAPACK, one after the other, is quicker than NumPy along the batch.
_FEW = 8
# Below this part of its own length, what is left of a column is rounding.
DEPENDENT = 1e-9


@dataclass(frozen=True, slots=True)
class Projection:
    """One weighted fit for each member of a batch.

    Attributes
    ----------
    weights : array of shape (studies, *batch)
        0 for a study that is not there.
    basis : array of shape (coefficients, studies, *batch)
        Orthonormal columns that span the weighted design.
    triangle : array of shape (coefficients, coefficients, *batch)
        Upper triangular: weighted design = basis times this.
    effects : array of shape (coefficients, *batch)
        The weighted estimates along the basis.
    residuals : array of shape (studies, *batch)
        Residuals times the root of their weights.
    """

    weights: Floats
    basis: Floats
    triangle: Floats
    effects: Floats
    residuals: Floats

    @property
    def full_rank(self) -> Bools:
        """False where a column depends on those before it; of the shape batch."""
        left = np.abs(np.einsum("jj...->j...", self.triangle))
        length = np.sqrt(np.einsum("ij...,ij...->j...", self.triangle, self.triangle))
        return np.asarray((left > DEPENDENT * length).all(axis=0))


def project(y: Floats, X: Floats, w: Floats) -> Projection:
    """Fit every member of a batch.

    Parameters
    ----------
    y : array of shape (studies, *batch)
    X : array of shape (coefficients, studies, *batch)
    w : array of shape (studies, *batch)
        Not below 0. The batches of the three are broadcast against each other.

    Notes
    -----
    By modified Gram-Schmidt, each step done twice, which makes the basis orthogonal to
    rounding whatever the design ("twice is enough"); a few problems by Householder's method.

    References
    ----------
    .. [1] Giraud, Langou, Rozložník & van den Eshof (2005). Numer Math 101, 87-100.
       doi:10.1007/s00211-005-0615-4

    Examples
    --------
    >>> y, w = np.array([1.0, 2.0, 4.0]), np.ones(3)
    >>> X = np.array([[1.0, 1.0, 1.0], [0.0, 1.0, 2.0]])
    >>> coefficients(project(y, X, w)).round(3)
    array([0.833, 1.5  ])
    """
    root = np.sqrt(w)
    p = X.shape[0]
    if y.ndim == 1 and w.ndim == 1 and X.ndim == 2 and y.size >= p:
        return _project_one(root * y, root * X, w)
    batch = np.broadcast_shapes(y.shape[1:], X.shape[2:], w.shape[1:])
    if math.prod(batch) <= _FEW and X.shape[1] >= p:
        return _project_few(np.broadcast_to(root * y, (X.shape[1], *batch)), root * X, w)
    basis = np.empty((p, X.shape[1], *batch))
    triangle = np.zeros((p, p, *batch))
    for j in range(p):
        column = np.empty((X.shape[1], *batch))
        np.multiply(root, X[j], out=column)
        _orthogonalise(column, basis[:j], triangle[:j, j])
        left = _length(column)
        with np.errstate(divide="ignore", invalid="ignore"):
            basis[j] = np.where(left > 0, column / left, 0.0)
        triangle[j, j] = left
    residuals = np.empty((X.shape[1], *batch))
    np.multiply(root, y, out=residuals)
    effects = np.zeros((p, *batch))
    _orthogonalise(residuals, basis, effects)
    return Projection(w, basis, triangle, effects, residuals)


def _project_one(y: Floats, X: Floats, w: Floats) -> Projection:
    """As :func:`project`, of a single problem already weighted."""
    basis, triangle = orthonormal(X)
    effects = basis.dot(y)
    left = y - effects.dot(basis)
    again = basis.dot(left)
    return Projection(w, basis, triangle, effects + again, left - again.dot(basis))


def orthonormal(X: Floats) -> tuple[Floats, Floats]:
    """A basis of rows, and the upper triangle by whose columns the rows are made of it.

    LAPACK itself: what NumPy adds around it takes ten times as long for a few columns.

    Parameters
    ----------
    X : array of shape (p, k)
        No more rows than columns.

    Returns
    -------
    basis : array of shape (p, k)
    triangle : array of shape (p, p)
        X = triangle.T @ basis.

    Examples
    --------
    >>> basis, triangle = orthonormal(np.array([[3.0, 4.0], [4.0, 2.0]]))
    >>> (triangle.T @ basis).round(12), (basis @ basis.T).round(12) + 0.0
    (array([[3., 4.],
           [4., 2.]]), array([[1., 0.],
           [0., 1.]]))
    """
    reflected, scales, _, _ = lapack.dgeqrf(X.T)
    triangle = reflected[: X.shape[0]] * _above(X.shape[0])
    return lapack.dorgqr(reflected, scales, overwrite_a=True)[0].T, triangle


def triangle_of(X: Floats) -> Floats:
    """As :func:`orthonormal`, without the basis."""
    return np.asarray(lapack.dgeqrf(X.T)[0][: X.shape[0]] * _above(X.shape[0]))


@lru_cache(maxsize=64)
def _above(p: int) -> Floats:
    """1 on and above the diagonal."""
    return np.triu(np.ones((p, p)))


def _project_few(y: Floats, X: Floats, w: Floats) -> Projection:
    """As :func:`project`, of columns already weighted."""
    batch = y.shape[1:]
    p, k = X.shape[:2]
    flat = np.broadcast_to(X, (p, k, *batch)).reshape(p, k, -1)
    q, r = np.linalg.qr(np.moveaxis(flat, 2, 0).swapaxes(1, 2))
    diagonal = np.einsum("mjj->mj", r)
    sign = np.where(diagonal < 0, -1.0, 1.0)
    q, r = q * sign[:, None, :], r * sign[:, :, None]
    right = y.reshape(k, -1).T[:, :, None]
    effects = q.swapaxes(1, 2) @ right
    left = right - q @ effects
    again = q.swapaxes(1, 2) @ left
    return Projection(
        w,
        np.moveaxis(q, (2, 1, 0), (0, 1, 2)).reshape(p, k, *batch),
        np.moveaxis(r, 0, 2).reshape(p, p, *batch),
        (effects + again)[:, :, 0].T.reshape(p, *batch),
        (left - q @ again)[:, :, 0].T.reshape(k, *batch),
    )


def _orthogonalise(column: Floats, basis: Floats, along: Floats) -> None:
    """Take from a column its parts along a basis, in place, and add these to ``along``."""
    for _ in range(2):
        for i, direction in enumerate(basis):
            part = np.einsum("k...,k...->...", direction, column)
            column -= direction * part
            along[i] += part


def _length(column: Floats) -> Floats:
    return np.asarray(np.sqrt(np.einsum("k...,k...->...", column, column)))


def coefficients(fit: Projection) -> Floats:
    """Regression coefficients, shape (coefficients, *batch)."""
    return _back_substituted(fit.triangle, fit.effects)


def inverse_triangle(fit: Projection) -> Floats:
    """Inverse of ``triangle``; times its transpose it is the inverse of X'WX."""
    p = fit.triangle.shape[0]
    if fit.triangle.ndim == 2 and fit.triangle.diagonal().all():
        return np.asarray(lapack.dtrtri(fit.triangle)[0])
    out = np.zeros_like(fit.triangle)
    for j in range(p):
        unit = np.zeros(fit.effects.shape)
        unit[j] = 1.0
        out[:, j] = _back_substituted(fit.triangle, unit)
    return out


def _back_substituted(triangle: Floats, right: Floats) -> Floats:
    if right.ndim == 1 and triangle.diagonal().all():
        return np.asarray(lapack.dtrtrs(triangle, right)[0])
    out = np.zeros_like(right)
    with np.errstate(divide="ignore", invalid="ignore"):
        for i in reversed(range(right.shape[0])):
            above = np.einsum("j...,j...->...", triangle[i, i + 1 :], out[i + 1 :])
            out[i] = (right[i] - above) / triangle[i, i]
    return out


def covariance(fit: Projection) -> Floats:
    """Inverse of X'WX, shape (coefficients, coefficients, *batch)."""
    inverse = inverse_triangle(fit)
    return np.asarray(np.einsum("ij...,lj...->il...", inverse, inverse))


def log_determinant(fit: Projection) -> Floats:
    """Logarithm of the determinant of X'WX."""
    diagonal = np.einsum("jj...->j...", fit.triangle)
    with np.errstate(divide="ignore"):
        return np.asarray(2.0 * np.log(np.abs(diagonal)).sum(axis=0))


def leverage(fit: Projection) -> Floats:
    """Diagonal of the hat matrix, shape (studies, *batch)."""
    return np.asarray(np.einsum("jk...,jk...->k...", fit.basis, fit.basis))


def residual_q(fit: Projection) -> Floats:
    """Weighted sum of squared residuals, y'Py."""
    return np.asarray(np.einsum("k...,k...->...", fit.residuals, fit.residuals))


def quadratic(fit: Projection, left: Floats, right: Floats) -> Floats:
    """a'(I - UU')b for two columns of shape (studies, *batch)."""
    a = np.einsum("jk...,k...->j...", fit.basis, left)
    b = a if right is left else np.einsum("jk...,k...->j...", fit.basis, right)
    return np.asarray(np.einsum("k...,k...->...", left, right) - np.einsum("j...,j...->...", a, b))


def trace_of_product(fit: Projection, a: Floats, b: Floats, hat: Floats) -> Floats:
    """Trace of (I - UU')A(I - UU')B for diagonals of shape (studies, *batch).

    ``hat`` is :func:`leverage` of the fit, which the caller has at hand.
    """
    inner_a = np.einsum("ik...,k...,jk...->ij...", fit.basis, a, fit.basis)
    same = b is a
    inner_b = inner_a if same else np.einsum("ik...,k...,jk...->ij...", fit.basis, b, fit.basis)
    return np.asarray(
        np.einsum("k...,k...,k...->...", a, b, 1.0 - 2.0 * hat)
        + np.einsum("ij...,ij...->...", inner_a, inner_b)
    )
