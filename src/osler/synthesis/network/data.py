"""A network of studies as arrays: each study's contrasts against its first arm."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats

Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class SameArms:
    """All studies with the same number of arms, side by side.

    Attributes
    ----------
    study : array of shape (s,)
        Position of each in :attr:`Network.studies`.
    arms : array of shape (s, m)
        Position of each arm in :attr:`Network.treatments`; a study's arms differ.
    y : array of shape (s, m - 1)
        Arm j + 1 against arm 0, on the analysis scale.
    v : array of shape (s, m - 1, m - 1)
        Their sampling covariance; the shared arm 0 makes it other than diagonal.
    slack : array of shape (s, m, m), optional
        What rows of a study, rounded, miss ``y`` by: arm i against arm j, as told less as in
        ``y``. Which contrasts fit the rows best moves with the weights of tau2.
    """

    study: Codes
    arms: Codes
    y: Floats
    v: Floats
    slack: Floats | None = None


@dataclass(frozen=True, slots=True)
class Pairs:
    """Every pairwise contrast of a network, p of them; study by study as the groups hold them.

    Attributes
    ----------
    study, treatment, comparator : array of shape (p,)
        Positions in the network's studies and treatments.
    y, v : array of shape (p,)
        Treatment against comparator, and its variance.
    """

    study: Codes
    treatment: Codes
    comparator: Codes
    y: Floats
    v: Floats


@dataclass(frozen=True)
class Network:
    """Studies, treatments and contrasts, grouped by number of arms (the fewest first)."""

    treatments: tuple[str, ...]
    studies: tuple[str, ...]
    groups: tuple[SameArms, ...]

    @property
    def contrasts(self) -> int:
        """Independent contrasts: the arms of all studies less one each."""
        return sum(group.y.size for group in self.groups)

    @cached_property
    def part(self) -> Codes:
        """For each treatment the sub-network it belongs to, counted from 0; shape (n,)."""
        return _components(len(self.treatments), self.groups)

    @property
    def freedom(self) -> int:
        """Contrasts less treatments plus parts: what is left to judge consistency and spread."""
        parts = int(self.part.max(initial=-1)) + 1
        return self.contrasts - (len(self.treatments) - parts)

    def subset(self, kept: Sequence[int]) -> "Network":
        """The network of some of its studies, with the treatments that are left in them."""
        chosen = np.zeros(len(self.studies), bool)
        chosen[list(kept)] = True
        place = np.cumsum(chosen) - 1
        groups = [_those(group, chosen[group.study], place) for group in self.groups]
        groups = [group for group in groups if group.study.size]
        used = np.unique(
            np.concatenate([group.arms.ravel() for group in groups] or [np.empty(0, np.intp)])
        )
        code = np.full(len(self.treatments), -1)
        code[used] = np.arange(used.size)
        return Network(
            tuple(self.treatments[t] for t in used.tolist()),
            tuple(name for name, keep in zip(self.studies, chosen.tolist(), strict=True) if keep),
            tuple(replace(group, arms=code[group.arms]) for group in groups),
        )

    def parts(self) -> list["Network"]:
        """The sub-networks that no study connects, the largest first."""
        if self.studies and not self.part.any():
            return [self]
        label = self.part
        of_study = np.empty(len(self.studies), np.intp)
        for group in self.groups:
            of_study[group.study] = label[group.arms[:, 0]]
        kept = [np.flatnonzero(of_study == part).tolist() for part in np.unique(of_study)]
        return sorted(
            (self.subset(k) for k in kept), key=lambda n: (-len(n.treatments), n.treatments)
        )

    @cached_property
    def paired(self) -> Pairs:
        """Every pairwise contrast, as arrays."""
        found = [_paired(group) for group in self.groups]
        nothing = np.empty(0, np.intp)
        study, a, b = (np.concatenate([nothing, *(f[i] for f in found)]) for i in range(3))
        y, v = (np.concatenate([np.empty(0), *(f[i] for f in found)]) for i in (3, 4))
        return Pairs(study, a, b, y, v)

    def pairs(self) -> Iterator[tuple[int, int, int, float, float]]:
        """Every pairwise contrast: study, treatment, comparator, estimate, variance."""
        all_ = self.paired
        columns = (all_.study, all_.treatment, all_.comparator, all_.y, all_.v)
        return zip(*(column.tolist() for column in columns), strict=True)


def against_arms(group: SameArms) -> tuple[Floats, Floats]:
    """Each study's arms as if its first were known to be 0: values (s, m), covariance (s, m, m)."""
    s, m = group.arms.shape
    y, v = np.zeros((s, m)), np.zeros((s, m, m))
    y[:, 1:], v[:, 1:, 1:] = group.y, group.v
    return y, v


def _paired(group: SameArms) -> tuple[Codes, Codes, Codes, Floats, Floats]:
    y, v = against_arms(group)
    first, second = np.triu_indices(group.arms.shape[1], 1)
    own = np.einsum("sii->si", v)
    variance = own[:, first] + own[:, second] - 2.0 * v[:, first, second]
    return (
        np.repeat(group.study, first.size),
        group.arms[:, first].ravel(),
        group.arms[:, second].ravel(),
        (y[:, first] - y[:, second] + _missed(group, first, second)).ravel(),
        variance.ravel(),
    )


def _missed(group: SameArms, first: Codes, second: Codes) -> Floats | float:
    """What rounded rows say beside ``y``."""
    return 0.0 if group.slack is None else group.slack[:, first, second]


def _those(group: SameArms, wanted: NDArray[np.bool_], place: Codes) -> SameArms:
    return SameArms(
        place[group.study[wanted]],
        group.arms[wanted],
        group.y[wanted],
        group.v[wanted],
        None if group.slack is None else group.slack[wanted],
    )


def _components(n: int, groups: Sequence[SameArms]) -> Codes:
    """For each treatment the part that studies connect, counted from 0."""
    beside = np.zeros((n, n), bool)
    for group in groups:
        beside[group.arms[:, :1], group.arms] = True
        beside[group.arms, group.arms[:, :1]] = True
    label, part = np.full(n, -1), 0
    while (label < 0).any():
        reached = np.zeros(n, bool)
        reached[np.argmax(label < 0)] = True
        front = reached
        while front.any():
            front = beside[front].any(axis=0) & ~reached
            reached = reached | front
        label[reached] = part
        part += 1
    return label
