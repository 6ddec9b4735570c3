"""Which design drives the inconsistency of which: the matrix behind a net-heat plot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.core.results import Result, Why
from osler.core.wording import aligned, number
from osler.synthesis.network.data import Codes
from osler.synthesis.network.designs import (
    Designs,
    pooled_designs,
    sign_between,
    told_without,
)
from osler.synthesis.network.kernel import places_of
from osler.synthesis.network.model import NetworkSynthesis

_SHOWN = 12


@dataclass(frozen=True, slots=True, repr=False)
class NetHeat(Result):
    """Inconsistency of each design, and how it changes once another is detached.

    Attributes
    ----------
    designs : tuple of str, length d
    q : array of shape (d,)
        What each design adds to Q between designs.
    heat : array of shape (d, d)
        Entry (i, j): what the inconsistency of design i loses once design j has effects of its
        own. Above 0 (warm) j is at odds with i, below 0 (cool) it speaks for i. The diagonal
        is ``q``.
    carried : array of shape (d, d)
        Entry (i, j): how much the network's estimate for design i rests on design j, as a share
        of design i's row of the hat matrix; of designs with several arms the size of the block,
        whatever its contrasts are taken against.
    tau2 : float
        Of the weights; 0 for the common effect.
    """

    designs: tuple[str, ...]
    q: Floats
    heat: Floats
    carried: Floats
    tau2: float

    def summary(self) -> str:
        off = self.heat - np.diag(np.diag(self.heat))
        order = np.argsort(-np.abs(off), axis=None)[:_SHOWN]
        rows = [["Design", "Detached", "Its Q changes by"]]
        for i, j in zip(*np.unravel_index(order, off.shape), strict=True):
            if abs(off[i, j]) > 1e-9:
                rows.append([self.designs[i], self.designs[j], number(-float(off[i, j]), 2)])
        own = [
            ["Design", "Q"],
            *([d, number(q, 2)] for d, q in zip(self.designs, self.q, strict=True)),
        ]
        head = f"Inconsistency by design (Q between designs {number(float(self.q.sum()), 2)})"
        return "\n".join([head, "", *aligned(own), "", *aligned(rows)])

    def columns(self) -> dict[str, list[object]]:
        d = len(self.designs)
        return {
            "design": [name for name in self.designs for _ in range(d)],
            "detached": [name for _ in range(d) for name in self.designs],
            "heat": [*self.heat.ravel().tolist()],
            "carried": [*self.carried.ravel().tolist()],
        }

    def text(self) -> str:
        hottest = int(np.argmax(self.q)) if self.q.size else 0
        most = number(float(self.q.max(initial=0.0)), 2)
        return (
            "Sources of inconsistency were sought with the net-heat matrix, which detaches one "
            "design after another. "
            + (
                f"{self.designs[hottest]} added most to Q between designs ({most})."
                if self.q.size
                else ""
            )
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {"q": self._why}

    def _why(self) -> Why:
        return Why(
            "q",
            list(zip(self.designs, self.q.tolist(), strict=True)),
            "Squared residuals of each design's own estimates against the consistent network.",
            "Q_d = r_d' C_d⁻¹ r_d",
            (("tau2", self.tau2),),
            "Krahn, Binder & König (2013), BMC Med Res Methodol 13, 35",
        )


def net_heat(fit: NetworkSynthesis, *, common: bool = True) -> NetHeat:
    r"""The net-heat matrix by designs.

    Parameters
    ----------
    fit : NetworkSynthesis
    common : bool
        Weights of the common-effect model, in which all heterogeneity shows; else with the tau2
        of the network.

    Notes
    -----
    Without design j residuals of i become :math:`r_i + H_{ij} (C_j - H_{jj})^+ r_j`: the
    network is not fitted again. Of a design with several arms all its contrasts count together,
    so that each design has one row; netmeta shows one for each of its contrasts. Designs whose
    effects no other study tells have q = 0 and change nothing.

    References
    ----------
    .. [1] Krahn, Binder & König (2013). BMC Med Res Methodol 13, 35.
       doi:10.1186/1471-2288-13-35
    """
    tau2 = 0.0 if common else fit.tau2
    own = pooled_designs(fit.network, tau2)
    sums = places_of(fit.network, np.array([tau2]))
    blocks = _whitened(own, len(fit.treatments))
    x = np.concatenate([b.x for b in blocks])
    there = x @ sums.inverse[0] @ x.T
    r = np.concatenate([b.y for b in blocks]) - x @ sums.position[0]
    at = np.split(np.arange(len(x)), np.cumsum([len(b.x) for b in blocks])[:-1])
    told = np.concatenate(told_without(own))
    size = len(at)
    owner = np.repeat(np.arange(size), [len(rows) for rows in at])
    q = np.bincount(owner, r * r, size)
    heat, carried = np.zeros((size, size)), np.zeros((size, size))
    for j, rows in enumerate(at):
        moved = r + there[:, rows] @ _left_out(there[np.ix_(rows, rows)], r[rows], int(told[j]))
        moved[rows] = 0.0
        heat[:, j] = q - np.bincount(owner, moved * moved, size)
        block = np.bincount(owner, (there[:, rows] ** 2).sum(axis=1), size)
        carried[:, j] = np.sqrt(block) / blocks[j].spread
    heat[np.abs(heat) < 1e-12 * max(1.0, float(q.max(initial=0.0)))] = 0.0
    order = np.argsort(np.concatenate([d.first for d in own]), kind="stable")
    sign = sign_between(fit.treatments)
    names = [sign.join(fit.treatments[t] for t in b.arms) for b in blocks]
    total = carried.sum(axis=1, keepdims=True)
    return NetHeat(
        tuple(names[i] for i in order.tolist()),
        np.asarray(q[order], float),
        heat[np.ix_(order, order)],
        (carried / total)[np.ix_(order, order)],
        tau2,
    )


@dataclass(frozen=True, slots=True)
class _Block:
    """One design's contrasts with unit covariance, and their typical standard error before."""

    arms: list[int]
    x: Floats
    y: Floats
    spread: float


def _whitened(own: Sequence[Designs], n: int) -> list[_Block]:
    out = []
    for designs in own:
        for arms, y, v in zip(designs.arms, designs.y, designs.v, strict=True):
            factor = np.linalg.cholesky(v)
            root, spread = np.linalg.inv(factor), float(np.exp(np.log(np.diag(factor)).mean()))
            out.append(_Block(arms.tolist(), root @ _contrasts(arms, n), root @ y, spread))
    return out


def _contrasts(arms: Codes, n: int) -> Floats:
    x = np.zeros((arms.size - 1, n))
    x[np.arange(arms.size - 1), arms[1:]] = 1.0
    x[:, arms[0]] = -1.0
    return x


def _left_out(explained: Floats, r: Floats, told: int) -> Floats:
    """(I - H)^+ r along the directions that other designs tell too."""
    free, vectors = np.linalg.eigh(np.eye(r.size) - explained)
    kept = vectors[:, r.size - told :]
    return np.asarray(kept @ ((kept.T @ r) / free[r.size - told :]))
