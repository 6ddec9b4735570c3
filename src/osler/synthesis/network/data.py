"""A network of studies as arrays: each study's contrasts against its first arm."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

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
    """

    study: Codes
    arms: Codes
    y: Floats
    v: Floats


@dataclass(frozen=True, slots=True)
class Network:
    """Studies, treatments and contrasts, grouped by number of arms (the fewest first)."""

    treatments: tuple[str, ...]
    studies: tuple[str, ...]
    groups: tuple[SameArms, ...]

    @property
    def contrasts(self) -> int:
        """Independent contrasts: the arms of all studies less one each."""
        return sum(group.y.size for group in self.groups)

    @property
    def part(self) -> Codes:
        """For each treatment the sub-network it belongs to, counted from 0; shape (n,)."""
        label = _components(len(self.treatments), self.groups)
        return np.asarray(np.unique(label, return_inverse=True)[1], np.intp)

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
        label = self.part
        of_study = np.empty(len(self.studies), np.intp)
        for group in self.groups:
            of_study[group.study] = label[group.arms[:, 0]]
        kept = [np.flatnonzero(of_study == part).tolist() for part in np.unique(of_study)]
        return sorted(
            (self.subset(k) for k in kept), key=lambda n: (-len(n.treatments), n.treatments)
        )

    def pairs(self) -> Iterator[tuple[int, int, int, float, float]]:
        """Every pairwise contrast: study, treatment, comparator, estimate, variance."""
        for group in self.groups:
            for s, arms, y, v in zip(group.study, group.arms, group.y, group.v, strict=True):
                whole, spread = np.r_[0.0, y], np.zeros((arms.size, arms.size))
                spread[1:, 1:] = v
                for a in range(arms.size):
                    for b in range(a + 1, arms.size):
                        variance = spread[a, a] + spread[b, b] - 2.0 * spread[a, b]
                        yield (
                            int(s),
                            int(arms[a]),
                            int(arms[b]),
                            float(whole[a] - whole[b]),
                            float(variance),
                        )


def _those(group: SameArms, wanted: NDArray[np.bool_], place: Codes) -> SameArms:
    return SameArms(
        place[group.study[wanted]], group.arms[wanted], group.y[wanted], group.v[wanted]
    )


def _components(n: int, groups: Sequence[SameArms]) -> Codes:
    """A label for each treatment, equal where studies connect them."""
    label = np.arange(n)
    while True:
        before = label.copy()
        for group in groups:
            lowest = label[group.arms].min(axis=1)
            for arm in group.arms.T:
                np.minimum.at(label, arm, lowest)
        label = label[label]
        if (label == before).all():
            return label
