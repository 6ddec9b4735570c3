"""Which random terms make blocks of rows, which link the blocks, and where everything stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats
from osler.synthesis.multilevel.placing import Placed
from osler.synthesis.multilevel.sampling import Sampling

Codes = NDArray[np.intp]


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
class Link:
    """A term of Z and the columns of Z that are its effects.

    Attributes
    ----------
    term : int
        Position among the terms.
    columns, outer, inner : array of shape (effects,)
        Column of Z, group and level of each effect.
    """

    term: int
    columns: Codes
    outer: Codes
    inner: Codes


@dataclass(frozen=True, slots=True)
class Layout:
    """How the terms are divided between D and Z, and the blocks that result.

    Attributes
    ----------
    terms : tuple of Placed
    in_blocks : tuple of int
        Positions of the terms in D.
    links : tuple of Link
        The terms in Z; terms with the same groups share columns.
    classes : tuple of SizeClass
    rows : int
    width : int
        Columns of Z, q.
    at, entries : array of shape (n, K)
        Columns and values of the entries of Z in each row.
    """

    terms: tuple[Placed, ...]
    in_blocks: tuple[int, ...]
    links: tuple[Link, ...]
    classes: tuple[SizeClass, ...]
    rows: int
    width: int
    at: Codes
    entries: Floats

    def gathered(self, U: Floats) -> Floats:
        """Z' U, shape (q, c)."""
        out = np.zeros((self.width, U.shape[1]))
        for k in range(self.at.shape[1]):
            for j in range(U.shape[1]):
                weights = self.entries[:, k] * U[:, j]
                out[:, j] += np.bincount(self.at[:, k], weights, self.width)
        return out

    def spread(self, E: Floats) -> Floats:
        """Z E, shape (n, c)."""
        return np.asarray(np.einsum("nk,nkc->nc", self.entries, E[self.at]))

    def within(self, C: Floats, index: Codes) -> Floats:
        """The blocks of Z C Z' at ``index``, shape (blocks, size, size)."""
        out = np.zeros((*index.shape, index.shape[1]))
        for k in range(self.at.shape[1]):
            for m in range(self.at.shape[1]):
                i, j = self.at[index, k], self.at[index, m]
                scale = self.entries[index, k][:, :, None] * self.entries[index, m][:, None, :]
                out += scale * C[i[:, :, None], j[:, None, :]]
        return out

    def collected(self, blocks: Sequence[Floats]) -> Floats:
        """Z' B Z for a block diagonal B, shape (q, q)."""
        out = np.zeros((self.width, self.width))
        for each, B in zip(self.classes, blocks, strict=True):
            for k in range(self.at.shape[1]):
                for m in range(self.at.shape[1]):
                    i, j = self.at[each.index, k], self.at[each.index, m]
                    scale = (
                        self.entries[each.index, k][:, :, None]
                        * self.entries[each.index, m][:, None, :]
                    )
                    out += by_pairs(i[:, :, None], j[:, None, :], scale * B, self.width)
        return out


def layout_of(terms: Sequence[Placed], sampling: Sampling) -> Layout:
    """The division of the terms that makes a likelihood cheapest."""
    n, base = sampling.variances.size, sampling.components()
    choices = product((True, False), repeat=len(terms))
    in_blocks = min(choices, key=lambda choice: _cost(choice, terms, base))
    inside = tuple(i for i, yes in enumerate(in_blocks) if yes)
    labels = joined([base, *(terms[i].outer for i in inside)])
    outside = [i for i, yes in enumerate(in_blocks) if not yes]
    links, at, entries, width = _links(terms, outside, n)
    return Layout(
        tuple(terms),
        inside,
        tuple(links),
        tuple(_classes([terms[i] for i in inside], sampling, labels)),
        n,
        width,
        at,
        entries,
    )


def _links(
    terms: Sequence[Placed], outside: Sequence[int], n: int
) -> tuple[list[Link], Codes, Floats, int]:
    """Links, and the entries of Z; terms that group the rows alike share columns."""
    links: list[Link] = []
    at: list[Codes] = []
    entries: list[Floats] = []
    known: list[tuple[Codes, int]] = []
    width = 0
    for i in outside:
        term = terms[i]
        if term.loadings is not None:
            size = term.loadings.shape[1]
            columns = np.arange(len(term.groups) * size)
            links.append(Link(i, width + columns, columns // size, columns % size))
            at.append(width + term.outer[:, None] * size + np.arange(size))
            entries.append(term.loadings)
            width += columns.size
            continue
        effects, codes = np.unique(term.outer * len(term.levels) + term.inner, return_inverse=True)
        codes = codes.ravel()
        offset, order = _shared(codes, effects.size, known)
        if offset < 0:
            offset, order = width, np.arange(effects.size)
            known.append((codes, offset))
            at.append(offset + codes[:, None])
            entries.append(np.ones((n, 1)))
            width += effects.size
        levels = len(term.levels)
        links.append(Link(i, offset + order, effects // levels, effects % levels))
    empty = np.zeros((n, 0))
    return (
        links,
        np.concatenate([empty.astype(np.intp), *at], axis=1),
        np.concatenate([empty, *entries], axis=1),
        width,
    )


def _shared(codes: Codes, size: int, known: Sequence[tuple[Codes, int]]) -> tuple[int, Codes]:
    """Where columns for the same groups begin, and which is whose; -1 where there are none."""
    for other, offset in known:
        order = np.zeros(size, np.intp)
        order[codes] = other
        if int(other.max()) + 1 == size and np.array_equal(order[codes], other):
            return offset, order
    return -1, np.zeros(0, np.intp)


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
    outside = [i for i, yes in enumerate(choice) if not yes]
    width = _links(terms, outside, base.size)[3]
    return float(3.0 * (sizes**3).sum() + 5.0 * width**3)


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


def by_pairs(i: Codes, j: Codes, values: Floats, size: int) -> Floats:
    """Sums of values over pairs of codes, shape (size, size)."""
    codes = np.broadcast_to(i * size + j, values.shape)
    sums = np.bincount(codes.ravel(), values.ravel(), size * size)
    return np.asarray(sums, float).reshape(size, size)
