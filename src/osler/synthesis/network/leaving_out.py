"""A network without each of its studies in turn, from one factorisation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from osler.core.arrays import Floats
from osler.core.quantiles import normal_quantile
from osler.core.results import Result, Why
from osler.core.wording import aligned, number, significant
from osler.effects.scales import interval, scale_of, shown
from osler.synthesis.network.data import Codes, Network, SameArms
from osler.synthesis.network.designs import cut_off
from osler.synthesis.network.kernel import (
    heterogeneity_shape,
    laplacian,
    residuals_of,
    shaped,
    sums_of,
    weights_of,
)
from osler.synthesis.network.model import NetworkSynthesis

_SHOWN = 10


@dataclass(frozen=True, slots=True, repr=False)
class NetworkWithout(Result):
    """All results against the reference, without each study in turn.

    Attributes
    ----------
    studies : tuple of str, length k
    treatments : tuple of str, length n
    reference : str
    estimate, se : array of shape (k, n)
        At the network's tau2; NaN where nothing connects treatment and reference without the
        study, 0 for the reference.
    most_moved : array of shape (k,)
        Position of the treatment that moves most, or is lost.
    shift : array of shape (k,)
        Its change, in its standard errors with all studies; infinite where it is lost.
    leverage : array of shape (k,)
        Mean share of the fit to each study's contrasts that is its own doing, from 0 to 1.
    q, df : array of shape (k,)
        Of the common-effect model.
    tau2 : array of shape (k,)
        By the method of moments.
    """

    measure: str
    studies: tuple[str, ...]
    treatments: tuple[str, ...]
    reference: str
    estimate: Floats
    se: Floats
    most_moved: Codes
    shift: Floats
    leverage: Floats
    q: Floats
    df: Codes
    tau2: Floats
    level: float

    def summary(self) -> str:
        scale = scale_of(self.measure)
        z = float(normal_quantile(0.5 + self.level / 2.0))
        rows = [["Without", "Most moved", scale.measure or "Estimate", "CI", "Shift", "Q", "tau²"]]
        for i in np.argsort(-np.abs(self.shift), kind="stable")[:_SHOWN].tolist():
            t = int(self.most_moved[i])
            e, se = float(self.estimate[i, t]), float(self.se[i, t])
            lost = bool(np.isnan(e))
            rows.append([
                self.studies[i], self.treatments[t], "lost" if lost else shown(scale, e),
                "" if lost else interval(scale, e - z * se, e + z * se),
                "" if lost else number(float(self.shift[i]), 2),
                number(float(self.q[i]), 2), significant(float(self.tau2[i])),
            ])  # fmt: skip
        head = f"Without one study at a time, against {self.reference}: the largest shifts"
        foot = "Shift: of the treatment most moved, in its standard errors; tau² of estimates kept"
        return "\n".join([head, "", *aligned(rows), "", foot])

    def columns(self) -> dict[str, list[object]]:
        """One row a study."""
        return {
            "without": list(self.studies),
            "most_moved": [self.treatments[t] for t in self.most_moved.tolist()],
            "shift": [*self.shift.tolist()],
            "leverage": [*self.leverage.tolist()],
            "q": [*self.q.tolist()],
            "df": [*self.df.tolist()],
            "tau2": [*self.tau2.tolist()],
        }

    def text(self) -> str:
        at = int(np.argmax(np.abs(self.shift)))
        lost = int(np.isinf(self.shift).sum())
        return (
            "Each study was left out in turn. "
            + (f"Without {lost} of them a treatment is no longer connected. " if lost else "")
            + f"The largest change was that of {self.treatments[int(self.most_moved[at])]} "
            f"without {self.studies[at]}."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {name: partial(self._why, i) for i, name in enumerate(self.studies)}

    def _why(self, i: int) -> Why:
        return Why(
            self.studies[i],
            float(self.shift[i]),
            "Positions without a study follow from those with it, its residuals and its leverage.",
            "d(−s) = d − L⁺Xₛ'(Mₛ − Hₛₛ)⁺ rₛ",
            (("leverage", float(self.leverage[i])), ("q", float(self.q[i]))),
            "Viechtbauer & Cheung (2010), Res Synth Methods 1, 112-125",
        )


def without_each(fit: NetworkSynthesis) -> NetworkWithout:
    """Leave out each study of a network in turn.

    Notes
    -----
    Estimates and standard errors keep the network's tau2, as weights would otherwise all change;
    ``tau2`` tells what the method of moments would give without the study. With s arms of a
    study each takes work of order n (s - 1): the network is fitted once.

    References
    ----------
    .. [1] Viechtbauer & Cheung (2010). Res Synth Methods 1, 112-125. doi:10.1002/jrsm.11
    """
    network, k, n = fit.network, len(fit.network.studies), len(fit.treatments)
    told = _told(network)
    q, tau2, df = _heterogeneity(fit, told)
    reference = fit.place(fit.reference)
    estimate, se = np.zeros((k, n)), np.zeros((k, n))
    leverage = np.zeros(k)
    sums = sums_of(network, np.array([fit.tau2]))
    inverse, position = sums.inverse[0], sums.position[0]
    own = np.diag(inverse) + inverse[reference, reference] - 2.0 * inverse[reference]
    for group in network.groups:
        one = _Studies.of(group, inverse, position, fit.tau2)
        kept = one.kept(told[group.study])
        reach = one.reach(inverse)
        reach = reach - reach[:, reference : reference + 1]
        along = np.einsum("sni,sij->snj", reach, one.vectors)
        moved = np.einsum("snj,sj,sj->sn", along, kept, one.along)
        estimate[group.study] = position - position[reference] - moved
        gained = np.einsum("snj,sj->sn", along * along, kept)
        se[group.study] = np.sqrt(np.maximum(own + gained, 0.0))
        leverage[group.study] = 1.0 - one.free.mean(axis=1)
    _lose(network, told, reference, estimate, se)
    full = fit.random
    change = (estimate - full.estimate[:, reference]) / np.where(
        full.se[:, reference] > 0, full.se[:, reference], 1.0
    )
    change[np.isnan(change)] = np.inf
    most = np.abs(change).argmax(axis=1)
    return NetworkWithout(
        fit.measure, network.studies, fit.treatments, fit.reference, estimate, se,
        np.asarray(most, np.intp), change[np.arange(k), most], leverage, q, df, tau2, fit.level,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Studies:
    """Studies of one size, in coordinates in which their contrasts have unit covariance.

    ``free`` are the shares of each direction that the other studies leave open or tell,
    ascending; ``along`` the residuals, ``vectors`` the directions, ``root`` what unwhitens.
    """

    group: SameArms
    root: Floats
    free: Floats
    vectors: Floats
    along: Floats

    @classmethod
    def of(cls, group: SameArms, inverse: Floats, position: Floats, tau2: float) -> "_Studies":
        size = group.y.shape[1]
        whole = group.v + tau2 * heterogeneity_shape(size)
        root = np.asarray(np.linalg.cholesky(whole), float)
        share = _both_sides(root, _between(inverse, group.arms))
        free, vectors = np.linalg.eigh(np.eye(size) - 0.5 * (share + share.transpose(0, 2, 1)))
        r = residuals_of(group, position[None])[0]
        along = np.einsum("sij,si->sj", vectors, np.linalg.solve(root, r[..., None])[..., 0])
        return cls(group, root, free, vectors, along)

    def kept(self, told: Codes) -> Floats:
        """1 over ``free`` in the directions that the other studies tell; shape (s, m - 1)."""
        size = self.free.shape[1]
        wanted = np.arange(size) >= size - told[:, None]
        return np.asarray(
            np.divide(1.0, self.free, out=np.zeros_like(self.free), where=wanted), float
        )

    def reach(self, inverse: Floats) -> Floats:
        """What each direction of a study moves; shape (s, n, m - 1)."""
        there = inverse[self.group.arms]
        there = there[:, 1:] - there[:, :1]
        return np.asarray(np.linalg.solve(self.root, there).transpose(0, 2, 1))


def _both_sides(root: Floats, middle: Floats) -> Floats:
    half = np.linalg.solve(root, middle)
    return np.asarray(np.linalg.solve(root, half.transpose(0, 2, 1)).transpose(0, 2, 1))


def _between(values: Floats, arms: Codes) -> Floats:
    """X A X' for each study, of a matrix by treatments; shape (s, m - 1, m - 1)."""
    there = values[arms[:, :, None], arms[:, None, :]]
    return np.asarray(there[:, 1:, 1:] - there[:, 1:, :1] - there[:, :1, 1:] + there[:, :1, :1])


def _told(network: Network) -> Codes:
    """Dimensions of each study that the others tell too; shape (k,)."""
    beside: dict[int, list[int]] = {}
    for group in network.groups:
        for study, arms in zip(group.study.tolist(), group.arms.tolist(), strict=True):
            beside[~study] = arms
            for t in arms:
                beside.setdefault(t, []).append(~study)
    cut = cut_off(beside)
    return np.array([len(beside[~s]) - 1 - cut[~s] for s in range(len(network.studies))], np.intp)


def _heterogeneity(fit: NetworkSynthesis, told: Codes) -> tuple[Floats, Floats, Codes]:
    """Q, tau2 by the method of moments, and degrees of freedom without each study."""
    network, k = fit.network, len(fit.network.studies)
    zero = np.zeros(1)
    sums = sums_of(network, zero)
    inverse, position = sums.inverse[0], sums.position[0]
    weights = [weights_of(group, zero) for group in network.groups]
    first = sum(
        laplacian(group, shaped(w) @ w, len(fit.treatments))
        for group, w in zip(network.groups, weights, strict=True)
    )
    middle = inverse @ np.asarray(first)[0] @ inverse
    q, spread, df = np.zeros(k), np.zeros(k), fit.df - told
    for group in network.groups:
        one = _Studies.of(group, inverse, position, 0.0)
        kept = one.kept(told[group.study])
        q[group.study] = sums.q[0] - (one.along * one.along * kept).sum(axis=1)
        shape = np.broadcast_to(heterogeneity_shape(group.y.shape[1]), group.v.shape)
        sigma = _both_sides(one.root, shape)
        share = _both_sides(one.root, _between(inverse, group.arms))
        own = sigma - sigma @ share - share @ sigma
        own = own + _both_sides(one.root, _between(middle, group.arms))
        turned = np.einsum("sji,sjk,ski->si", one.vectors, own, one.vectors)
        spread[group.study] = sums.spread[0] - (turned * kept).sum(axis=1)
    excess = np.where((df > 0) & (spread > 0), q - df, 0.0)
    tau2 = np.divide(excess, spread, out=np.zeros(k), where=spread > 0)
    return np.maximum(q, 0.0), np.maximum(tau2, 0.0), df


def _lose(network: Network, told: Codes, reference: int, estimate: Floats, se: Floats) -> None:
    """NaN for what nothing connects with the reference without the study."""
    size = np.empty(len(network.studies), np.intp)
    for group in network.groups:
        size[group.study] = group.arms.shape[1] - 1
    for study in np.flatnonzero(told < size).tolist():
        groups = []
        for g in network.groups:
            keep = g.study != study
            slack = None if g.slack is None else g.slack[keep]
            groups.append(SameArms(g.study[keep], g.arms[keep], g.y[keep], g.v[keep], slack))
        part = Network(network.treatments, network.studies, tuple(groups)).part
        lost = part != part[reference]
        estimate[study, lost] = se[study, lost] = np.nan
