"""Sums over the studies of a network whose contrasts depend on columns of any kind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from osler.core.arrays import Bools, Floats
from osler.synthesis.network.data import Network, SameArms
from osler.synthesis.network.kernel import Sums, shaped, weights_of

# What each arm of a group of studies takes from each column; shape (s, m, columns).
Columns = Callable[[SameArms], Floats]

# Of unit columns, a direction with less of its square than this is told by no study.
_ESTIMABLE = 1e-11
# A combination may lie outside of what is told by so much of its square: rounding.
_TOLD = 1e-12


@dataclass(frozen=True)
class Regressed:
    """A network with columns beside its treatments; treatments count against a reference.

    Attributes
    ----------
    network : Network
    x : tuple of array of shape (s, m - 1, r)
        Columns of each group's contrasts, in coordinates that the studies tell.
    basis : array of shape (p, r)
        From those to the coefficients; what lies outside it no study tells.
    scale : array of shape (p,)
        Lengths of the columns, by which what can be told is judged.
    """

    network: Network
    x: tuple[Floats, ...]
    basis: Floats
    scale: Floats

    @property
    def freedom(self) -> int:
        return int(self.network.contrasts - self.basis.shape[1])

    @cached_property
    def at_zero(self) -> Sums:
        """By the common-effect model."""
        return self.sums(np.zeros(1))

    @property
    def spread(self) -> float:
        return float(self.at_zero.spread[0])

    def residuals(self, position: Floats) -> list[Floats]:
        groups = zip(self.network.groups, self.x, strict=True)
        return [group.y - x @ position for group, x in groups]

    def sums(self, tau2: Floats) -> Sums:
        each = [self._sums(float(value)) for value in tau2]
        return Sums(*(np.concatenate([getattr(s, f.name) for s in each]) for f in fields(Sums)))

    def _sums(self, tau2: float) -> Sums:
        r = self.basis.shape[1]
        L, first, second, b = np.zeros((r, r)), np.zeros((r, r)), np.zeros((r, r)), np.zeros(r)
        crude = crude_turn = log_weights = 0.0
        weights = [weights_of(group, np.array([tau2]))[0] for group in self.network.groups]
        for group, x, w in zip(self.network.groups, self.x, weights, strict=True):
            wx, ws = w @ x, shaped(w)
            swx = np.ascontiguousarray(shaped(wx.transpose(0, 2, 1)).transpose(0, 2, 1))
            flat = wx.reshape(-1, r)
            L += x.reshape(-1, r).T @ flat
            first += flat.T @ swx.reshape(-1, r)
            second += swx.reshape(-1, r).T @ (w @ swx).reshape(-1, r)
            b += flat.T @ group.y.ravel()
            crude += float(np.einsum("sii->", ws))
            crude_turn += float(np.einsum("sij,sji->", ws, ws))
            log_weights += float(np.linalg.slogdet(w)[1].sum())
        inverse = np.asarray(np.linalg.inv(L), float)
        position, cf = inverse @ b, inverse @ first
        q = pull = bend = 0.0
        beside = np.zeros(r)
        for group, x, w in zip(self.network.groups, self.x, weights, strict=True):
            residual = group.y - x @ position
            pulled = np.einsum("sij,sj->si", w, residual)
            u = shaped(pulled)
            wu = np.einsum("sij,sj->si", w, u)
            q += float((pulled * residual).sum())
            pull += float((pulled * u).sum())
            bend += float((wu * u).sum())
            beside += np.einsum("sir,si->r", x, wu)
        turn = crude_turn - 2.0 * np.einsum("ij,ji->", inverse, second)
        return Sums(
            inverse[None], position[None], np.array([q]),
            np.array([crude - np.trace(cf)]), np.array([crude]), np.array([pull]),
            np.array([turn + np.einsum("ij,ji->", cf, cf)]), np.array([crude_turn]),
            np.array([bend - beside @ inverse @ beside]), np.array([log_weights]),
            np.array([float(np.linalg.slogdet(L)[1])]),
        )  # fmt: skip

    def coefficients(self, found: Sums, at: int = 0) -> tuple[Floats, Floats]:
        """Coefficients and their covariance; of those that cannot be told some solution."""
        return self.basis @ found.position[at], self.basis @ found.inverse[at] @ self.basis.T

    def told(self, rows: Floats) -> Bools:
        """Which combinations of coefficients, of shape (q, p), the studies tell."""
        unit, kept = rows / self.scale, self.basis * self.scale[:, None]
        beyond = unit - (unit @ kept) @ kept.T
        return np.asarray((beyond * beyond).sum(axis=1) <= _TOLD * (unit * unit).sum(axis=1), bool)


def regressed(network: Network, reference: int, columns: Sequence[Columns]) -> Regressed:
    """A network whose arms have columns beside their treatments.

    Coefficients are those of the treatments but the reference, in order, and then of the
    columns.
    """
    n = len(network.treatments)
    code = np.eye(n)[:, np.arange(n) != reference]
    x = []
    for group in network.groups:
        arms = np.concatenate([code[group.arms], *(f(group) for f in columns)], axis=2)
        x.append(arms[:, 1:] - arms[:, :1])
    whole = np.concatenate([block.reshape(-1, block.shape[2]) for block in x])
    scale = np.sqrt((whole * whole).sum(axis=0))
    scale[scale == 0.0] = 1.0
    unit = whole / scale
    value, vectors = np.linalg.eigh(unit.T @ unit)
    kept = vectors[:, value > _ESTIMABLE * max(value[-1], 1.0)]
    basis = kept / scale[:, None]
    return Regressed(network, tuple(block @ basis for block in x), basis, scale)
