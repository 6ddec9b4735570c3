r"""The marginal covariance by independent blocks, and what links them by its low rank.

.. math:: M = D + Z G Z', \qquad
          M^{-1} = D^{-1} - D^{-1} Z C Z' D^{-1}, \quad C = F (I + F' S F)^{-1} F',
          \quad S = Z' D^{-1} Z, \quad G = F F'

D is block diagonal: sampling covariances and the random terms whose groups are small. The
terms of Z cross the blocks (crossed intercepts, a tree of species). Blocks of one size are
worked on together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats
from osler.synthesis.multilevel.placing import Placed
from osler.synthesis.multilevel.sampling import Sampling
from osler.synthesis.multilevel.structures import triangle_of

Codes = NDArray[np.intp]


class NotDefiniteError(Exception):
    """The marginal covariance is not positive definite in floating-point arithmetic."""


@dataclass(frozen=True, slots=True)
class SizeClass:
    """All blocks of one size.

    Attributes
    ----------
    index : array of shape (blocks, size)
        Rows of the data.
    sampling : array of shape (blocks, size, size)
    same : tuple of arrays of shape (blocks, size, size)
        For each term of D, 1 where two rows have the same outer group.
    """

    index: Codes
    sampling: Floats
    same: tuple[Floats, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the terms are divided between D and Z, and the blocks that result.

    Attributes
    ----------
    terms : tuple of Placed
    in_blocks, linking : tuple of int
        Positions of the terms in D, and of those in Z.
    classes : tuple of SizeClass
    labels : array of shape (n,)
        Block of D that each row lies in.
    Z : array of shape (n, q)
    owners, outer, inner : array of shape (q,)
        Term, group and level of every column of Z.
    """

    terms: tuple[Placed, ...]
    in_blocks: tuple[int, ...]
    linking: tuple[int, ...]
    classes: tuple[SizeClass, ...]
    labels: Codes
    Z: Floats
    owners: Codes
    outer: Codes
    inner: Codes


@dataclass(frozen=True, slots=True)
class Inverse:
    """M⁻¹ at given covariances of the random effects.

    Attributes
    ----------
    log_det : float
        Of M.
    blocks : tuple of arrays of shape (blocks, size, size)
        D⁻¹, one array a size class.
    DZ : array of shape (n, q)
        D⁻¹ Z.
    C : array of shape (q, q)
    """

    layout: Layout
    log_det: float
    blocks: tuple[Floats, ...]
    DZ: Floats
    C: Floats

    def times(self, U: Floats) -> Floats:
        """M⁻¹ U, shape of U: (n,) or (n, c)."""
        if U.ndim == 1:
            return self.times(U[:, None])[:, 0]
        out = _blockwise(self.layout.classes, self.blocks, U)
        if self.C.size:
            out = out - self.DZ @ (self.C @ (self.DZ.T @ U))
        return out

    def diagonal_blocks(self) -> list[Floats]:
        """The blocks of M⁻¹ itself on the diagonal, where links have their part."""
        if not self.C.size:
            return list(self.blocks)
        out = []
        for each, inverse in zip(self.layout.classes, self.blocks, strict=True):
            part = self.DZ[each.index]
            out.append(inverse - part @ self.C @ part.transpose(0, 2, 1))
        return out

    def between_links(self) -> Floats:
        """Z' M⁻¹ Z."""
        S = self.layout.Z.T @ self.DZ
        return np.asarray(S - S @ self.C @ S)

    def dense(self) -> Floats:
        """M⁻¹ as a matrix, shape (n, n)."""
        return self.times(np.eye(self.layout.labels.size))


def layout_of(terms: Sequence[Placed], sampling: Sampling) -> Layout:
    """The division of the terms that makes a likelihood cheapest."""
    n, base = sampling.variances.size, sampling.components()
    choices = product((True, False), repeat=len(terms))
    in_blocks = min(choices, key=lambda choice: _cost(choice, terms, base))
    inside = tuple(i for i, yes in enumerate(in_blocks) if yes)
    linking = tuple(i for i, yes in enumerate(in_blocks) if not yes)
    labels = joined([base, *(terms[i].outer for i in inside)])
    designs = [terms[i].design() for i in linking]
    empty = np.zeros(0, np.intp)
    return Layout(
        tuple(terms),
        inside,
        linking,
        tuple(_classes([terms[i] for i in inside], sampling, labels)),
        labels,
        np.concatenate([np.zeros((n, 0)), *(Z for Z, _, _ in designs)], axis=1),
        np.concatenate(
            [empty, *(np.full(d[1].size, i) for i, d in zip(linking, designs, strict=True))]
        ),
        np.concatenate([empty, *(d[1] for d in designs)]),
        np.concatenate([empty, *(d[2] for d in designs)]),
    )


def joined(groupings: Sequence[Codes]) -> Codes:
    """The finest grouping within which every one of the groupings lies."""
    labels = groupings[0]
    while True:
        before = labels
        for codes in groupings:
            least = np.full(int(codes.max()) + 1, labels.size)
            np.minimum.at(least, codes, labels)
            labels = least[codes]
        if np.array_equal(before, labels):
            return np.asarray(np.unique(labels, return_inverse=True)[1]).ravel()


def _cost(choice: Sequence[bool], terms: Sequence[Placed], base: Codes) -> float:
    """Multiplications of one likelihood, about."""
    inside = [term.outer for term, yes in zip(terms, choice, strict=True) if yes]
    sizes = np.bincount(joined([base, *inside])).astype(float)
    columns = sum(
        np.unique(term.outer * len(term.levels) + term.inner).size
        if term.loadings is None
        else len(term.groups) * len(term.levels)
        for term, yes in zip(terms, choice, strict=True)
        if not yes
    )
    links = columns**2 * (3.0 * base.size + 4.0 * columns) if columns else 0.0
    return float((sizes**3).sum() * 2.0 + links)


def _classes(terms: Sequence[Placed], sampling: Sampling, labels: Codes) -> list[SizeClass]:
    order = np.argsort(labels, kind="stable")
    sizes = np.bincount(labels)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    position = np.empty_like(labels)
    position[order] = np.arange(labels.size) - np.repeat(starts, sizes)
    out = []
    for size in np.unique(sizes):
        blocks = np.flatnonzero(sizes == size)
        index = order[starts[blocks][:, None] + np.arange(size)]
        V = np.zeros((blocks.size, size, size))
        V[:, np.arange(size), np.arange(size)] = sampling.variances[index]
        if not sampling.is_diagonal:
            number = np.full(sizes.size, -1)
            number[blocks] = np.arange(blocks.size)
            which = number[labels[sampling.rows]]
            here = which >= 0
            at = (which[here], position[sampling.rows[here]], position[sampling.columns[here]])
            V[at] = sampling.covariances[here]
        same = tuple(
            (t.outer[index][:, :, None] == t.outer[index][:, None, :]).astype(float) for t in terms
        )
        out.append(SizeClass(index, V, same))
    return out


def inverse_at(layout: Layout, covariances: Sequence[Floats]) -> Inverse:
    """M⁻¹ with ``covariances[t]`` the matrix T of term t.

    Raises
    ------
    NotDefiniteError
    """
    try:
        log_det, blocks = _inverse_blocks(layout, covariances)
        q = layout.owners.size
        if not q:
            return Inverse(layout, log_det, blocks, np.zeros((layout.labels.size, 0)), np.eye(0))
        DZ = _blockwise(layout.classes, blocks, layout.Z)
        F = _link_root(layout, covariances)
        inner = np.eye(F.shape[1]) + F.T @ (layout.Z.T @ DZ) @ F
        L = np.linalg.cholesky(inner)
    except np.linalg.LinAlgError as error:
        raise NotDefiniteError from error
    half = np.linalg.solve(L, F.T)
    return Inverse(
        layout, log_det + 2.0 * float(np.log(np.diag(L)).sum()), blocks, DZ, half.T @ half
    )


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


def _link_root(layout: Layout, covariances: Sequence[Floats]) -> Floats:
    """F with G = F F', one block of columns a term and group."""
    columns = []
    for i in layout.linking:
        mine = np.flatnonzero(layout.owners == i)
        root = triangle_of(covariances[i])
        groups, group = np.unique(layout.outer[mine], return_inverse=True)
        size = root.shape[0]
        F = np.zeros((layout.owners.size, groups.size * size))
        at = group.ravel()[:, None] * size + np.arange(size)
        F[mine[:, None], at] = root[layout.inner[mine]]
        columns.append(F)
    return np.concatenate(columns, axis=1)


def _blockwise(classes: Sequence[SizeClass], blocks: Sequence[Floats], U: Floats) -> Floats:
    out = np.empty_like(U)
    for each, matrix in zip(classes, blocks, strict=True):
        out[each.index] = matrix @ U[each.index]
    return out


def adjoints(inverse: Inverse, left: Floats, factor: float) -> list[Floats]:
    r"""Derivatives of the log-likelihood by the matrices T of the terms.

    The derivative by M is :math:`-\tfrac12 M^{-1} + \tfrac12 L J L'`, with L the columns of
    ``left`` and J diagonal: 1 for all but the last, which counts ``factor`` times.

    Parameters
    ----------
    inverse : Inverse
    left : array of shape (n, c)
        M⁻¹ X times the root of (X' M⁻¹ X)⁻¹, and M⁻¹ (y - X b) last.
    factor : float
    """
    layout = inverse.layout
    signs = np.ones(left.shape[1])
    signs[-1] = factor
    out = [np.zeros((0, 0))] * len(layout.terms)
    if layout.in_blocks:
        sizes = [_width(layout.terms[i]) for i in layout.in_blocks]
        sums = [np.zeros((size, size)) for size in sizes]
        for each, W in zip(layout.classes, inverse.diagonal_blocks(), strict=True):
            part = left[each.index]
            bar = 0.5 * ((part * signs) @ part.transpose(0, 2, 1) - W)
            for total, same, i in zip(sums, each.same, layout.in_blocks, strict=True):
                _scatter(total, bar * same, layout.terms[i], each.index)
        for total, i in zip(sums, layout.in_blocks, strict=True):
            out[i] = total
    if layout.linking:
        ZL = layout.Z.T @ left
        bar = 0.5 * ((ZL * signs) @ ZL.T - inverse.between_links())
        for i in layout.linking:
            mine = np.flatnonzero(layout.owners == i)
            outer, inner = layout.outer[mine], layout.inner[mine]
            part = bar[np.ix_(mine, mine)] * (outer[:, None] == outer)
            size = _width(layout.terms[i])
            out[i] = _by_pairs(inner[:, None], inner, part, size)
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
        total += _by_pairs(inner[:, :, None], inner[:, None, :], bar, len(total))


def _by_pairs(i: Codes, j: Codes, values: Floats, size: int) -> Floats:
    codes = np.broadcast_to(i * size + j, values.shape)
    sums = np.bincount(codes.ravel(), values.ravel(), size * size)
    return np.asarray(sums, float).reshape(size, size)
