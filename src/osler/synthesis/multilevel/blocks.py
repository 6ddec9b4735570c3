r"""The marginal covariance by independent blocks, and what links them by its low rank.

.. math:: M = D + Z G Z', \qquad
          M^{-1} = D^{-1} - D^{-1} Z C Z' D^{-1}, \quad C = (I + G S)^{-1} G,
          \quad S = Z' D^{-1} Z, \quad |M| = |D|\, |I + G S|

D is block diagonal: sampling covariances and the random terms whose groups are small. The
terms of Z cross the blocks (crossed intercepts, a tree of species). Blocks of one size are
worked on together, and Z, which has few entries a row, is never written out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.synthesis.multilevel.layout import Codes, Layout, by_pairs
from osler.synthesis.multilevel.placing import Placed


class NotDefiniteError(Exception):
    """The marginal covariance is not positive definite in floating-point arithmetic."""


@dataclass(frozen=True, slots=True)
class Inverse:
    """M⁻¹ at given covariances of the random effects.

    Attributes
    ----------
    log_det : float
        Of M.
    blocks : tuple of arrays of shape (blocks, size, size)
        D⁻¹, one array a size class.
    S, C : arrays of shape (q, q)
    """

    layout: Layout
    log_det: float
    blocks: tuple[Floats, ...]
    S: Floats
    C: Floats

    def times(self, U: Floats) -> Floats:
        """M⁻¹ U, shape of U: (n,) or (n, c)."""
        if U.ndim == 1:
            return self.times(U[:, None])[:, 0]
        out = self._by_blocks(U)
        if self.layout.width:
            linked = self.layout.spread(self.C @ self.layout.gathered(out))
            out = out - self._by_blocks(linked)
        return out

    def _by_blocks(self, U: Floats) -> Floats:
        """D⁻¹ U."""
        out = np.empty_like(U)
        for each, B in zip(self.layout.classes, self.blocks, strict=True):
            out[each.index] = B @ U[each.index]
        return out

    def diagonal_blocks(self) -> list[Floats]:
        """The blocks of M⁻¹ itself on the diagonal, where links have their part."""
        if not self.layout.width:
            return list(self.blocks)
        return [
            B - B @ self.layout.within(self.C, each.index) @ B
            for each, B in zip(self.layout.classes, self.blocks, strict=True)
        ]

    def between_links(self) -> Floats:
        """Z' M⁻¹ Z."""
        return np.asarray(self.S - self.S @ self.C @ self.S)


def inverse_at(layout: Layout, covariances: Sequence[Floats]) -> Inverse:
    """M⁻¹ with ``covariances[t]`` the matrix T of term t.

    Raises
    ------
    NotDefiniteError
    """
    try:
        log_det, blocks = _inverse_blocks(layout, covariances)
        if not layout.width:
            return Inverse(layout, log_det, blocks, np.zeros((0, 0)), np.zeros((0, 0)))
        S, G = layout.collected(blocks), _link_covariance(layout, covariances)
        inner = np.eye(layout.width) + G @ S
        C = np.linalg.solve(inner, G)
    except np.linalg.LinAlgError as error:
        raise NotDefiniteError from error
    sign, by_links = np.linalg.slogdet(inner)
    if sign <= 0:
        raise NotDefiniteError
    return Inverse(layout, log_det + float(by_links), blocks, S, (C + C.T) / 2.0)


def _inverse_blocks(
    layout: Layout, covariances: Sequence[Floats]
) -> tuple[float, tuple[Floats, ...]]:
    log_det = 0.0
    blocks: list[Floats] = []
    for each in layout.classes:
        M = each.sampling.copy()
        for same, i in zip(each.same, layout.in_blocks, strict=True):
            M += same * _between_rows(layout.terms[i], covariances[i], each.index)
        L = np.linalg.cholesky(M)
        log_det += 2.0 * float(np.log(np.diagonal(L, axis1=1, axis2=2)).sum())
        blocks.append(np.asarray(np.linalg.inv(M)))
    return log_det, tuple(blocks)


def _between_rows(term: Placed, T: Floats, index: Codes) -> Floats:
    if term.loadings is not None:
        a = term.loadings[index]
        return np.asarray(a @ T @ a.transpose(0, 2, 1))
    if T.shape == (1, 1):
        return T
    inner = term.inner[index]
    return np.asarray(T[inner[:, :, None], inner[:, None, :]])


def _link_covariance(layout: Layout, covariances: Sequence[Floats]) -> Floats:
    """G, shape (q, q)."""
    G = np.zeros((layout.width, layout.width))
    for link in layout.links:
        same = link.outer[:, None] == link.outer
        T = covariances[link.term][np.ix_(link.inner, link.inner)]
        G[np.ix_(link.columns, link.columns)] += np.where(same, T, 0.0)
    return G


def adjoints(inverse: Inverse, left: Floats) -> list[Floats]:
    r"""Derivatives of the log-likelihood by the matrices T of the terms.

    The derivative by M is :math:`-\tfrac12 M^{-1} + \tfrac12 L L'`, L the columns of ``left``.

    Parameters
    ----------
    inverse : Inverse
    left : array of shape (n, c)
        M⁻¹ (y - X b), and for the restricted likelihood M⁻¹ X times the root of
        (X' M⁻¹ X)⁻¹.
    """
    layout = inverse.layout
    out = [np.zeros((0, 0))] * len(layout.terms)
    if layout.in_blocks:
        sizes = [_width(layout.terms[i]) for i in layout.in_blocks]
        sums = [np.zeros((size, size)) for size in sizes]
        for each, W in zip(layout.classes, inverse.diagonal_blocks(), strict=True):
            part = left[each.index]
            bar = 0.5 * (part @ part.transpose(0, 2, 1) - W)
            for total, same, i in zip(sums, each.same, layout.in_blocks, strict=True):
                _scatter(total, bar * same, layout.terms[i], each.index)
        for total, i in zip(sums, layout.in_blocks, strict=True):
            out[i] = total
    if layout.links:
        ZL = layout.gathered(left)
        bar = 0.5 * (ZL @ ZL.T - inverse.between_links())
        for link in layout.links:
            part = bar[np.ix_(link.columns, link.columns)]
            part = np.where(link.outer[:, None] == link.outer, part, 0.0)
            size = _width(layout.terms[link.term])
            out[link.term] = by_pairs(link.inner[:, None], link.inner, part, size)
    return out


def _width(term: Placed) -> int:
    return len(term.levels)


def _scatter(total: Floats, bar: Floats, term: Placed, index: Codes) -> None:
    if term.loadings is not None:
        a = term.loadings[index]
        total += (a.transpose(0, 2, 1) @ bar @ a).sum(axis=0)
    elif total.size == 1:
        total += bar.sum()
    else:
        inner = term.inner[index]
        total += by_pairs(inner[:, :, None], inner[:, None, :], bar, len(total))
