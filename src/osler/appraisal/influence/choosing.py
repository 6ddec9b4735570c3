"""Which subsets of studies to look at: all, or as many as wanted, drawn at random."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from osler.appraisal.influence import problems
from osler.core.arrays import Bools

ALL_UP_TO = 20
"""Beyond so many studies subsets are drawn: 2**20 take seconds, 2**30 would take hours."""
MOST_SUBSETS = 5_000_000
DEFAULT_DRAWN = 100_000


class SubsetGenerator(Protocol):
    """What is asked of a random generator here: numpy's has it."""

    def integers(self, low: int, high: int, size: tuple[int, int]) -> NDArray[np.int64]: ...


@dataclass(frozen=True, slots=True)
class Chosen:
    """Subsets of ``k`` studies.

    ``packed`` holds the members of each, eight studies a byte, the first study in the lowest
    bit; ``complete`` says whether these are all subsets but the empty one, in order of their
    codes.
    """

    packed: NDArray[np.uint8]
    k: int
    complete: bool

    @property
    def members(self) -> Bools:
        """Shape (subsets, k)."""
        return np.unpackbits(self.packed, axis=1, count=self.k, bitorder="little").astype(bool)


def chosen_subsets(
    k: int,
    subsets: int | None,
    rng: SubsetGenerator | int | None,
    all_up_to: int = ALL_UP_TO,
) -> Chosen:
    """All subsets, or as many different ones as wanted.

    Parameters
    ----------
    k : int
    subsets : int, optional
        Without it all of up to ``all_up_to`` studies, and ``DEFAULT_DRAWN`` beyond.
    rng : numpy.random.Generator or int, optional
    all_up_to : int

    Raises
    ------
    DataError
        INF006, INF007.

    Examples
    --------
    >>> chosen_subsets(3, None, None).members.sum(axis=1)
    array([1, 1, 2, 1, 2, 2, 3])
    """
    if subsets is None:
        wanted = None if k <= all_up_to else DEFAULT_DRAWN
    elif isinstance(subsets, bool) or subsets != int(subsets) or not 1 <= subsets <= MOST_SUBSETS:
        raise problems.subsets_out_of_range(subsets, MOST_SUBSETS)
    else:
        wanted = None if k <= ALL_UP_TO and subsets >= 2**k - 1 else int(subsets)
    if wanted is None:
        return Chosen(_all_packed(k), k, True)
    if rng is None:
        raise problems.generator_missing("drawing subsets")
    drawn_by = np.random.default_rng(rng) if isinstance(rng, int) else rng
    return Chosen(_drawn(drawn_by, k, wanted), k, False)


def _all_packed(k: int) -> NDArray[np.uint8]:
    codes = np.arange(1, 1 << k, dtype="<u4")
    return codes.view(np.uint8).reshape(-1, 4)[:, : (k + 7) // 8].copy()


def _drawn(rng: SubsetGenerator, k: int, wanted: int) -> NDArray[np.uint8]:
    """Different subsets, none empty, each equally likely, in the order they were drawn."""
    width = (k + 7) // 8
    last = np.uint8((1 << (k - 8 * (width - 1))) - 1)
    found = np.empty((0, width), np.uint8)
    while len(found) < wanted:
        more = rng.integers(0, 256, (wanted - len(found) + 16, width)).astype(np.uint8)
        more[:, -1] &= last
        found = np.concatenate([found, more[more.any(axis=1)]])
        _, first = np.unique(found, axis=0, return_index=True)
        found = found[np.sort(first)]
    return found[:wanted]
