r"""Cluster-robust covariance of regression coefficients, with small-sample corrections.

With residuals :math:`e_j` and weights :math:`W_j` of cluster j, :math:`B = (X'WX)^{-1}`,

.. math:: V^R = B \Big[\sum_j X_j' W_j A_j e_j e_j' A_j' W_j X_j\Big] B .

CR0 has :math:`A_j = I`. CR2 chooses :math:`A_j` so that :math:`V^R` is unbiased where the
working covariance :math:`\Phi` is right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.synthesis.robust import problems

Kind: TypeAlias = Literal["CR0", "CR1", "CR1p", "CR2"]
KINDS = ("CR0", "CR1", "CR1p", "CR2")
Codes = NDArray[np.intp]
# Eigenvalues of a residual covariance below this share of the largest count as 0: a
# coefficient that only this cluster informs leaves it no residual in that direction.
_NULL = 1e-10


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster of the working model.

    Attributes
    ----------
    X : array of shape (n, p)
    residuals : array of shape (n,)
    weights, target : arrays of shape (n, n)
        W and the working covariance Φ.
    """

    X: Floats
    residuals: Floats
    weights: Floats
    target: Floats


@dataclass(frozen=True, slots=True)
class Robust:
    """A robust covariance and what its degrees of freedom are made of.

    Attributes
    ----------
    covariance : array of shape (p, p)
    bread : array of shape (p, p)
        (X' W X)⁻¹.
    scores : array of shape (m, p)
        X' W A e of each cluster, times the root of the correction factor.
    kind : str
    clusters : tuple of Cluster
    leverage : tuple of arrays of shape (n, p)
        A' W X of each cluster.
    meat : array of shape (p, p)
        X' W Φ W X.
    """

    covariance: Floats
    bread: Floats
    scores: Floats
    kind: str
    clusters: tuple[Cluster, ...]
    leverage: tuple[Floats, ...]
    meat: Floats

    @property
    def m(self) -> int:
        return len(self.clusters)


def robust_covariance(
    X: Floats,
    residuals: Floats,
    weight_blocks: Floats | Sequence[Floats],
    clusters: Sequence[object] | Codes,
    kind: Kind = "CR2",
    *,
    target_blocks: Floats | Sequence[Floats] | None = None,
) -> Robust:
    r"""Cluster-robust covariance of the coefficients of a weighted regression.

    Parameters
    ----------
    X : array of shape (n, p)
    residuals : array of shape (n,)
        y − X b with b by these weights.
    weight_blocks : array of shape (n,), or sequence of (n_j, n_j) arrays
        Weights of the estimates, or a block a cluster, clusters in the order in which they
        first appear and rows in the order of the data.
    clusters : sequence of length n
    kind : {"CR0", "CR1", "CR1p", "CR2"}
        CR1 multiplies CR0 by m / (m − 1), CR1p by m / (m − p); CR2 corrects each cluster.
    target_blocks : like ``weight_blocks``, optional
        Working covariance Φ; without, the inverse of the weights.

    Returns
    -------
    Robust

    Raises
    ------
    DataError
        ROB001 (lengths), ROB002 (fewer than two clusters, or for CR1p not more than
        coefficients), ROB003 (kind), ROB007 (weights).

    Notes
    -----
    Equals clubSandwich's ``vcovCR`` of the same type; with weights that are the inverse of
    the working covariance and with others. metafor's ``robust()`` is CR1p.

    References
    ----------
    .. [1] Hedges, Tipton & Johnson (2010). Res Synth Methods 1, 39-65. doi:10.1002/jrsm.5
    .. [2] Tipton (2015). Psychol Methods 20, 375-393. doi:10.1037/met0000011
    .. [3] Pustejovsky & Tipton (2018). J Bus Econ Stat 36, 672-683.
       doi:10.1080/07350015.2016.1247004

    Examples
    --------
    >>> X = np.ones((6, 1))
    >>> y = np.array([0.1, 0.3, 0.8, 0.6, 0.2, 0.5])
    >>> e = y - y.mean()
    >>> fit = robust_covariance(X, e, np.ones(6), ["a", "a", "b", "b", "c", "c"])
    >>> round(float(fit.covariance[0, 0]), 5)
    0.02194
    """
    if kind not in KINDS:
        raise DataError(problems.unknown_kind("kind", kind, ", ".join(KINDS)))
    parts = _clusters(X, residuals, weight_blocks, clusters, target_blocks)
    m, p = len(parts), X.shape[1]
    if m < 2 or (kind == "CR1p" and m <= p):
        raise DataError(problems.too_few_clusters(m, p))
    information = sum((c.X.T @ c.weights @ c.X for c in parts), np.zeros((p, p)))
    bread = np.asarray(np.linalg.inv(information))
    meat = sum((c.X.T @ c.weights @ c.target @ c.weights @ c.X for c in parts), np.zeros((p, p)))
    leverage = tuple(_leverage(c, bread, meat, kind) for c in parts)
    factor = {"CR1": m / (m - 1), "CR1p": m / (m - p) if m > p else 1.0}.get(kind, 1.0)
    scores = np.array([g.T @ c.residuals for g, c in zip(leverage, parts, strict=True)])
    scores = scores * np.sqrt(factor)
    half = scores @ bread
    return Robust(half.T @ half, bread, scores, kind, parts, leverage, meat)


def _clusters(
    X: Floats,
    residuals: Floats,
    weights: Floats | Sequence[Floats],
    clusters: Sequence[object] | Codes,
    targets: Floats | Sequence[Floats] | None,
) -> tuple[Cluster, ...]:
    codes = cluster_codes(clusters)
    if not len(X) == len(residuals) == codes.size:
        found = f"{len(X)} rows, {len(residuals)} residuals, {codes.size} clusters"
        raise DataError(problems.lengths_disagree(found))
    rows = rows_of(codes)
    W = _blocks(weights, rows)
    Phi = _blocks(targets, rows) if targets is not None else _inverses(W)
    return tuple(
        Cluster(X[r], residuals[r], w, phi) for r, w, phi in zip(rows, W, Phi, strict=True)
    )


def cluster_codes(clusters: Sequence[object] | Codes) -> Codes:
    """A number for every cluster, in the order of appearance."""
    seen: dict[object, int] = {}
    listed = clusters.tolist() if isinstance(clusters, np.ndarray) else clusters
    for i, value in enumerate(listed, 1):
        if value is None or value != value:
            raise DataError(problems.missing_cluster(i))
    return np.array([seen.setdefault(value, len(seen)) for value in listed], np.intp)


def rows_of(codes: Codes) -> list[Codes]:
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.cumsum(np.bincount(codes))[:-1])


def _blocks(given: Floats | Sequence[Floats], rows: list[Codes]) -> list[Floats]:
    if isinstance(given, np.ndarray) and given.ndim == 1:
        if given.size != sum(r.size for r in rows):
            raise DataError(problems.lengths_disagree(f"{given.size} weights"))
        return [np.diag(given[r]) for r in rows]
    blocks = [np.asarray(block, float) for block in given]
    if [b.shape for b in blocks] != [(r.size, r.size) for r in rows]:
        raise DataError(problems.lengths_disagree("the blocks have other sizes than the clusters"))
    return blocks


def _inverses(W: list[Floats]) -> list[Floats]:
    out: list[Floats] = []
    for j, block in enumerate(W, 1):
        if not np.isfinite(block).all() or np.linalg.eigvalsh(block).min() <= 0:
            raise DataError(problems.weights_not_definite(j))
        out.append(np.asarray(np.linalg.inv(block)))
    return out


def _leverage(c: Cluster, bread: Floats, meat: Floats, kind: str) -> Floats:
    """A' W X of one cluster."""
    WX = c.weights @ c.X
    return WX if kind != "CR2" else np.asarray(adjustment(c, bread, meat).T @ WX)


def adjustment(c: Cluster, bread: Floats, meat: Floats) -> Floats:
    """The matrix A that CR2 multiplies the residuals of a cluster with."""
    WX = c.weights @ c.X
    # Covariance of the residuals under the working model.
    PhiWX = c.target @ WX
    cross = c.X @ bread @ PhiWX.T
    spread = c.target - cross - cross.T + c.X @ bread @ meat @ bread @ c.X.T
    root = np.linalg.cholesky(c.target).T
    inner = root @ spread @ root.T
    return np.asarray(root.T @ _inverse_root(inner) @ root)


def _inverse_root(matrix: Floats) -> Floats:
    """Symmetric inverse root on the space where the matrix is not 0."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2.0)
    positive = values > _NULL * max(float(values[-1]), 0.0)
    root = np.where(positive, 1.0 / np.sqrt(np.where(positive, values, 1.0)), 0.0)
    return np.asarray((vectors * root) @ vectors.T)
