r"""Sums over the studies of a network, for several between-study variances at once.

Study s has contrasts :math:`y_s` against its first arm, with covariance
:math:`V_s + \tau^2 \Sigma`, where :math:`\Sigma` is 1 on its diagonal and 1/2 beside it: the
true effects of all comparisons vary alike, and contrasts share their first arm. With
:math:`W_s` its inverse the network's weights form a Laplacian matrix
:math:`L = \sum X_s' W_s X_s` of treatments by treatments; everything else follows from it, and
nothing as large as the number of contrasts squared is formed.

References
----------
.. [1] Rücker (2012). Res Synth Methods 3, 312-324. doi:10.1002/jrsm.1058
.. [2] Lu, Welton, Higgins, White & Ades (2011). Res Synth Methods 2, 43-60. doi:10.1002/jrsm.34
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from osler.core.arrays import Floats
from osler.synthesis.network.data import Codes, Network, SameArms

# A direction whose eigenvalue is a smaller part of the largest is one that no study tells.
ESTIMABLE = 1e-11


@dataclass(frozen=True, slots=True)
class Sums:
    r"""What one fit needs, for g values of tau2 and n treatments.

    Attributes
    ----------
    inverse : array of shape (g, n, n)
        Pseudoinverse of L: the covariance of the treatments' positions.
    position : array of shape (g, n)
        Each treatment's place, with sum 0; differences are the effects.
    q : array of shape (g,)
        Weighted squared residuals of the contrasts.
    spread : array of shape (g,)
        Trace of :math:`P \Sigma`, the slope of the expected Q in tau2 at weights of tau2.
    crude : array of shape (g,)
        Trace of :math:`W \Sigma`.
    pull : array of shape (g,)
        :math:`r' \Sigma r` of the weighted residuals r = W (y - X d).
    turn : array of shape (g,)
        Trace of :math:`P \Sigma P \Sigma`, how fast ``spread`` falls in tau2.
    crude_turn : array of shape (g,)
        Trace of :math:`W \Sigma W \Sigma`.
    bend : array of shape (g,)
        :math:`r' \Sigma P \Sigma r`, half the fall of ``pull`` in tau2.
    log_weights, log_laplacian : array of shape (g,)
        Log determinants of all W together and of L without its null space.
    """

    inverse: Floats
    position: Floats
    q: Floats
    spread: Floats
    crude: Floats
    pull: Floats
    turn: Floats
    crude_turn: Floats
    bend: Floats
    log_weights: Floats
    log_laplacian: Floats


@dataclass(frozen=True, slots=True)
class Places:
    """Where treatments lie, without what a search for tau2 needs; as in :class:`Sums`."""

    inverse: Floats
    position: Floats
    q: Floats


@dataclass(frozen=True)
class Model:
    """A network, and what holds its positions together beside the studies (see sums_of)."""

    network: Network
    span: Floats | None = None

    def sums(self, tau2: Floats) -> Sums:
        return sums_of(self.network, tau2, self.span)

    @cached_property
    def at_zero(self) -> Places:
        """By the common-effect model."""
        return places_of(self.network, np.zeros(1), self.span)

    @property
    def spread(self) -> float:
        r"""As in :class:`Sums`, at tau2 = 0: from the covariance of each study's own contrasts."""
        inverse, out = self.at_zero.inverse[0], 0.0
        for group in self.network.groups:
            w = weights_of(group, np.zeros(1))[0]
            ws = shaped(w)
            x = between(inverse, group.arms)
            out += float(np.einsum("sii->", ws) - np.einsum("sij,sji->", x, ws @ w))
        return out

    def residuals(self, position: Floats) -> list[Floats]:
        return [residuals_of(group, position[None])[0] for group in self.network.groups]

    @property
    def freedom(self) -> int:
        """Contrasts less the dimensions that they can tell."""
        if self.span is None:
            return self.network.freedom
        value = np.linalg.eigvalsh(self.span.T @ joined(self.network) @ self.span)
        return self.network.contrasts - int((value > ESTIMABLE * value.max(initial=0.0)).sum())


def joined(network: Network) -> Floats:
    """The Laplacian of a network whose contrasts all weigh 1; shape (n, n)."""
    n = len(network.treatments)
    out = np.zeros((1, n, n))
    for group in network.groups:
        size = group.y.shape[1]
        out += laplacian(group, np.tile(np.eye(size), (1, group.study.size, 1, 1)), n)
    return np.asarray(out[0])


def heterogeneity_shape(size: int) -> Floats:
    """Sigma: 1 on the diagonal, 1/2 beside it; shape (size, size)."""
    return 0.5 * (np.eye(size) + 1.0)


def weights_of(group: SameArms, tau2: Floats) -> Floats:
    """Inverse covariances of the contrasts of each study; shape (g, s, m - 1, m - 1)."""
    size = group.y.shape[1]
    v = group.v + tau2[:, None, None, None] * heterogeneity_shape(size)
    if size == 1:
        return 1.0 / v
    return np.asarray(np.linalg.inv(v))


def sums_of(network: Network, tau2: Floats, span: Floats | None = None) -> Sums:
    """All sums at each tau2 of an array of shape (g,).

    ``span``, of shape (n, c), holds the treatments' positions to combinations of its columns:
    the components that they are made of.

    Where nothing connects two parts of the network, positions have a sum of 0 within each, and
    differences between them mean nothing.
    """
    n, g = len(network.treatments), tau2.size
    stacked, b = np.zeros((3 * g, n, n)), np.zeros((g, n))
    crude, crude_turn, log_weights = np.zeros(g), np.zeros(g), np.zeros(g)
    weights = [weights_of(group, tau2) for group in network.groups]
    for group, w in zip(network.groups, weights, strict=True):
        ws = shaped(w)
        wsw = ws @ w
        stacked += laplacian(group, np.concatenate([w, wsw, ws @ wsw]), n)
        b += at_arms(group, _pulled(group, w), n)
        crude += np.einsum("gsii->g", ws)
        crude_turn += np.einsum("gsij,gsji->g", ws, ws)
        log_weights += _log_determinants(w)
    L, first, second = stacked.reshape(3, g, n, n)
    inverse, log_laplacian = _whole(L, network.part) if span is None else _held(L, span)
    position = np.einsum("gij,gj->gi", inverse, b)
    q, pull, bend, beside = np.zeros(g), np.zeros(g), np.zeros(g), np.zeros((g, n))
    for group, w in zip(network.groups, weights, strict=True):
        residual = _residual(group, position, w)
        r = times(w, residual)
        q += (r * residual).sum(axis=(1, 2))
        u = shaped(r)
        pull += (r * u).sum(axis=(1, 2))
        wu = times(w, u)
        bend += (wu * u).sum(axis=(1, 2))
        beside += at_arms(group, wu, n)
    bend -= np.einsum("gi,gij,gj->g", beside, inverse, beside)
    cf = inverse @ first
    return Sums(
        inverse,
        position,
        q,
        crude - np.einsum("gii->g", cf),
        crude,
        pull,
        crude_turn
        - 2.0 * np.einsum("gij,gji->g", inverse, second)
        + np.einsum("gij,gji->g", cf, cf),
        crude_turn,
        bend,
        log_weights,
        log_laplacian,
    )


def places_of(network: Network, tau2: Floats, span: Floats | None = None) -> Places:
    """Positions, their covariance and Q alone; as :func:`sums_of`."""
    n, g = len(network.treatments), tau2.size
    L, b, q = np.zeros((g, n, n)), np.zeros((g, n)), np.zeros(g)
    weights = [weights_of(group, tau2) for group in network.groups]
    for group, w in zip(network.groups, weights, strict=True):
        L += laplacian(group, w, n)
        b += at_arms(group, _pulled(group, w), n)
    inverse = _pseudoinverse(*_filled(L, network.part)) if span is None else _held(L, span)[0]
    position = (inverse @ b[..., None])[..., 0]
    for group, w in zip(network.groups, weights, strict=True):
        residual = _residual(group, position, w)
        q += (times(w, residual) * residual).sum(axis=(1, 2))
    return Places(inverse, position, q)


def times(w: Floats, y: Floats) -> Floats:
    """W y for y of shape (s, m - 1) or (g, s, m - 1); shape (g, s, m - 1)."""
    if w.shape[-1] == 1:
        return np.asarray(w[..., 0] * y)
    return np.asarray((w * y[..., None, :]).sum(axis=-1))


def _residual(group: SameArms, position: Floats, w: Floats) -> Floats:
    """What the network leaves of the contrasts that fit a study's rows best at these weights."""
    residual = residuals_of(group, position)
    return residual if group.slack is None else residual + moved_by(group.slack, w)


def _pulled(group: SameArms, w: Floats) -> Floats:
    """W y; shape (g, s, m - 1)."""
    pulled = times(w, group.y)
    return pulled if group.slack is None else pulled + _weighed(group.slack, w)


def _weighed(slack: Floats, w: Floats) -> Floats:
    """What rows that miss y pull arms 1 to m - 1 by, each at its weight; shape (g, s, m - 1)."""
    among = np.einsum("gsij,sij->gsi", -w, slack[:, 1:, 1:])
    return np.asarray(among + w.sum(axis=3) * slack[:, 1:, 0])


def moved_by(slack: Floats, w: Floats) -> Floats:
    """How the contrasts that fit rounded rows best differ from y at these weights."""
    return np.asarray(np.linalg.solve(w, _weighed(slack, w)[..., None])[..., 0])


def shaped(w: Floats) -> Floats:
    """W Sigma, which halves each entry and adds half of its row's sum."""
    return np.asarray(w if w.shape[-1] == 1 else 0.5 * (w + w.sum(axis=-1, keepdims=True)))


def _log_determinants(w: Floats) -> Floats:
    """Summed over the studies; shape (g,)."""
    log = np.log(w[..., 0, 0]) if w.shape[-1] == 1 else np.linalg.slogdet(w)[1]
    return np.asarray(log.sum(axis=1))


def residuals_of(group: SameArms, position: Floats) -> Floats:
    """Contrasts less those of the network, for positions of shape (g, n); shape (g, s, m - 1)."""
    there = position[:, group.arms]
    return group.y - (there[..., 1:] - there[..., :1])


def between(inverse: Floats, arms: Codes) -> Floats:
    """Covariance of contrasts against the first arm, from that of positions; (s, m - 1, m - 1)."""
    there = inverse[arms[:, :, None], arms[:, None, :]]
    return np.asarray(there[:, 1:, 1:] - there[:, 1:, :1] - there[:, :1, 1:] + there[:, :1, :1])


def laplacian(group: SameArms, m: Floats, n: int) -> Floats:
    """Sum of X' M X over the studies, for M of shape (g, s, m - 1, m - 1); shape (g, n, n)."""
    g, s, size, _ = m.shape
    whole = np.empty((g, s, size + 1, size + 1))
    whole[..., 1:, 1:] = m
    whole[..., 0, 1:] = -m.sum(axis=2)
    whole[..., 1:, 0] = -m.sum(axis=3)
    whole[..., 0, 0] = m.sum(axis=(2, 3))
    at = group.arms[:, :, None] * n + group.arms[:, None, :]
    return _gathered(at, whole.reshape(g, -1), n * n).reshape(g, n, n)


def at_arms(group: SameArms, u: Floats, n: int) -> Floats:
    """Sum of X' u over the studies, for u of shape (g, s, m - 1); shape (g, n)."""
    whole = np.concatenate([-u.sum(axis=2, keepdims=True), u], axis=2)
    return _gathered(group.arms, whole.reshape(u.shape[0], -1), n)


def _gathered(at: np.ndarray, values: Floats, length: int) -> Floats:
    """Values summed by their place; ``values`` of shape (g, places)."""
    g = values.shape[0]
    offset = np.arange(g)[:, None] * length + at.ravel()
    return np.asarray(np.bincount(offset.ravel(), values.ravel(), g * length), float).reshape(
        g, length
    )


def _whole(L: Floats, part: Codes) -> tuple[Floats, Floats]:
    """Pseudoinverses of Laplacian matrices, and the log of the product of what is not 0 in them."""
    filled, null = _filled(L, part)
    size = _size(L, part)
    log = np.linalg.slogdet(filled)[1] - (int(part.max(initial=-1)) + 1) * np.log(size)
    return _pseudoinverse(filled, null), np.asarray(log)


def _size(L: Floats, part: Codes) -> Floats:
    """The mean of the eigenvalues that are not 0."""
    parts = int(part.max(initial=-1)) + 1
    return np.asarray(np.einsum("gii->g", L) / max(L.shape[-1] - parts, 1))


def _filled(L: Floats, part: Codes) -> tuple[Floats, Floats]:
    """Laplacian matrices made regular along their null space; and the inverse of what was added.

    ``part`` labels the treatments; within a part studies connect them all, and the null space has
    one vector a part.
    """
    null = (part[:, None] == part) / np.bincount(part)[part]
    # Added along the null space, of the size of the rest so that nothing is lost.
    size = _size(L, part)[:, None, None]
    return L + size * null, null / size


def _pseudoinverse(filled: Floats, added: Floats) -> Floats:
    whole = np.linalg.inv(filled)
    return np.asarray(0.5 * (whole + whole.transpose(0, 2, 1)) - added)


def _held(L: Floats, span: Floats) -> tuple[Floats, Floats]:
    """As :func:`_pseudoinverse`, for positions that are combinations of the columns of span."""
    value, vectors = np.linalg.eigh(span.T @ L @ span)
    kept = value > ESTIMABLE * value[:, -1:]
    inverse = np.where(kept, 1.0 / np.where(kept, value, 1.0), 0.0)
    root = (span @ vectors) * np.sqrt(inverse)[:, None]
    return root @ root.transpose(0, 2, 1), np.log(np.where(kept, value, 1.0)).sum(axis=1)
