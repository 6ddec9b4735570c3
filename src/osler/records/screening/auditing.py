"""A random sample of what was not read, and what it says about the rest.

    unread or excluded records --sample--> records to read --audit--> bound on what was missed

The bound needs no assumption about model or order, only that the sample was drawn by chance and
read whole. It is exact: the hypergeometric distribution turned round.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.records.screening.chances import at_most


@dataclass(frozen=True, slots=True)
class Audit:
    """What a random sample says.

    Attributes
    ----------
    pool : int
        Records that were left unread or excluded, the sample among them.
    sampled, found : int
        Records of the sample, and those of them that are relevant.
    most : int
        With the stated error, at most so many of the pool are relevant.
    level : float
        1 less the stated error.
    """

    pool: int
    sampled: int
    found: int
    most: int
    level: float

    @property
    def most_missed(self) -> int:
        """Of those that are not in the sample, and so still to be found."""
        return self.most - self.found

    def recall(self, relevant: int) -> float:
        """Least recall after the sample when ``relevant`` were known before it.

        Examples
        --------
        >>> round(audit(1000, 300, 0).recall(95), 3)
        0.922
        """
        known = relevant + self.found
        return known / (known + self.most_missed) if known else float(self.most_missed == 0)


def sample(pool: Collection[str], size: int, *, seed: int) -> tuple[str, ...]:
    """Records to read again, drawn by chance; the order of the pool does not matter.

    Examples
    --------
    >>> sample(["c", "a", "b", "d"], 2, seed=3) == sample(["a", "b", "c", "d"], 2, seed=3)
    True
    """
    keys = sorted(set(pool))
    chosen = np.random.default_rng(seed).permutation(len(keys))[:size]
    return tuple(keys[at] for at in chosen)


def audit(pool: int, sampled: int, found: int, *, level: float = 0.95) -> Audit:
    """The exact bound from a sample.

    References
    ----------
    .. [1] Buonaccorsi (1987). Am Stat 41, 215-218. doi:10.1080/00031305.1987.10475485

    Examples
    --------
    >>> audit(1000, 300, 0).most
    8
    """
    if not 0 <= found <= sampled <= pool or not 0 < level < 1:
        raise DataError(_impossible(f"{found} relevant among {sampled} drawn from {pool}"))
    low, high = found, pool - (sampled - found)
    while low < high:
        middle = (low + high + 1) // 2
        if at_most(found, pool, middle, sampled) > 1 - level:
            low = middle
        else:
            high = middle - 1
    return Audit(pool, sampled, found, low, level)


def sample_size(pool: int, relevant: int, *, target: float = 0.95, level: float = 0.95) -> int:
    """How many to draw so that finding none shows a recall of ``target``.

    Parameters
    ----------
    relevant : int
        Known relevant records, all outside the pool.

    Examples
    --------
    >>> sample_size(1000, 95)
    393
    """
    low, high = 0, pool
    while low < high:
        middle = (low + high) // 2
        if audit(pool, middle, 0, level=level).recall(relevant) >= target:
            high = middle
        else:
            low = middle + 1
    return low


def audited(answers: Sequence[bool], pool: int, *, level: float = 0.95) -> Audit:
    """The bound from the sample's answers as they came."""
    return audit(pool, len(answers), sum(answers), level=level)


def _impossible(found: str) -> Diagnostic:
    return Diagnostic(
        "REC055",
        Severity.ERROR,
        Place(""),
        "an audit sample has numbers that cannot be",
        found,
        "no bound is told",
        "count again: the sample is part of the pool, and the finds are part of the sample",
    )
