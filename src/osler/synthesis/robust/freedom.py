r"""Degrees of freedom of robust tests, from the moments of the variance estimator.

Under the working model the estimated variance of a contrast is a sum over clusters of
squares :math:`(p_j' \varepsilon)^2`. The covariance of :math:`p_j'\varepsilon` and
:math:`p_k'\varepsilon` is diagonal but for a matrix of low rank, so that all sums over
pairs of clusters cost no more than one over clusters.
"""

from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.synthesis.robust.sandwich import Robust


@dataclass(frozen=True, slots=True)
class _Contrast:
    """Covariances of cluster parts of one contrast: diag(own) + U S U'.

    ``g`` are the clusters' vectors A' W X B c; ``own`` is only within one contrast.
    """

    g: tuple[Floats, ...]
    U: Floats


def satterthwaite(robust: Robust, contrasts: Floats) -> Floats:
    r"""Degrees of freedom of robust t-tests.

    .. math:: \nu = \frac{(\sum_j P_{jj})^2}{\sum_{jk} P_{jk}^2}, \quad
              P_{jk} = \mathrm{Cov}(p_j'\varepsilon, p_k'\varepsilon)

    Parameters
    ----------
    robust : Robust
    contrasts : array of shape (q, p)

    Returns
    -------
    array of shape (q,)

    References
    ----------
    .. [1] Tipton (2015). Psychol Methods 20, 375-393. doi:10.1037/met0000011
    """
    S = _core(robust)
    out = []
    for row in contrasts:
        each = _contrast(robust, row)
        own = _own(robust, each, each)
        within = np.einsum("ji,ik,jk->j", each.U, S, each.U)
        cross = S @ (each.U.T @ each.U)
        pairs = float(own @ own + 2.0 * (own @ within) + np.trace(cross @ cross))
        out.append(float((own + within).sum()) ** 2 / pairs if pairs > 0 else float("nan"))
    return np.array(out)


def hotelling_df(robust: Robust, contrasts: Floats) -> float:
    r"""Degrees of freedom of the approximate Hotelling test of several contrasts.

    .. math:: \eta = \frac{q (q + 1)}{\sum_{st} \mathrm{Var}(D_{st})}, \quad
              D = \Omega^{-1/2} C V^R C' \Omega^{-1/2}, \quad \Omega = E(C V^R C')

    References
    ----------
    .. [1] Tipton & Pustejovsky (2015). J Educ Behav Stat 40, 604-634, section 3, method
       "HTZ". doi:10.3102/1076998615606099
    """
    S = _core(robust)
    raw = [_contrast(robust, row) for row in contrasts]
    q = len(raw)
    omega = np.array([[_expected(robust, S, s, t) for t in raw] for s in raw])
    values, vectors = np.linalg.eigh((omega + omega.T) / 2.0)
    if values[0] <= 1e-12 * values[-1]:
        return float("nan")
    root = (vectors / np.sqrt(values)) @ vectors.T
    each = [_contrast(robust, row) for row in root @ contrasts]
    total = 0.0
    for s in range(q):
        for t in range(q):
            total += _products(robust, S, each[s], each[s], each[t], each[t])
            total += _products(robust, S, each[s], each[t], each[s], each[t], turned=True)
    return q * (q + 1) / total


def _core(robust: Robust) -> Floats:
    B = robust.bread
    zero = np.zeros_like(B)
    return np.block([[B @ robust.meat @ B, -B], [-B, zero]])


def _contrast(robust: Robust, row: Floats) -> _Contrast:
    """Parts of c: a row of U is (X' g, X' W Φ g) of a cluster."""
    c = robust.bread @ row
    g = tuple(G @ c for G in robust.leverage)
    b = np.array([k.X.T @ v for k, v in zip(robust.clusters, g, strict=True)])
    f = np.array(
        [k.X.T @ k.weights @ (k.target @ v) for k, v in zip(robust.clusters, g, strict=True)]
    )
    return _Contrast(g, np.hstack([b, f]))


def _own(robust: Robust, s: _Contrast, t: _Contrast) -> Floats:
    return np.array([a @ k.target @ b for a, k, b in zip(s.g, robust.clusters, t.g, strict=True)])


def _expected(robust: Robust, S: Floats, s: _Contrast, t: _Contrast) -> float:
    return float(_own(robust, s, t).sum() + np.einsum("ji,ik,jk->", s.U, S, t.U))


def _products(
    robust: Robust,
    S: Floats,
    s: _Contrast,
    t: _Contrast,
    u: _Contrast,
    v: _Contrast,
    *,
    turned: bool = False,
) -> float:
    """Sum over pairs of P^{st}_{jk} P^{uv}_{jk}, or of P^{uv}_{kj} where ``turned``."""
    first, second = _own(robust, s, t), _own(robust, u, v)
    one = np.einsum("ji,ik,jk->j", u.U, S, v.U)
    two = np.einsum("ji,ik,jk->j", s.U, S, t.U)
    total = first @ second + first @ one + second @ two
    if turned:
        # tr(P^{st} P^{uv}): the columns of the first meet the rows of the second.
        low = np.trace(S @ (t.U.T @ u.U) @ S @ (v.U.T @ s.U))
    else:
        low = np.trace(S @ (t.U.T @ v.U) @ S.T @ (u.U.T @ s.U))
    return float(total + low)
