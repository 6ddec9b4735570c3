r"""Do reviewers agree? Percent, Cohen's kappa and Gwet's AC1, each with an interval.

    decisions --votes_of--> one row of votes a record --agreement--> three numbers with intervals

Kappa falls towards 0 where nearly everything is excluded, as in screening, even when reviewers
hardly ever differ; AC1 does not. Both are shown, because kappa is what journals ask for.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from osler.core.arrays import Floats
from osler.core.quantiles import normal_quantile, t_quantile
from osler.records.model import Decision, Stage, Verdict
from osler.records.screening.standing import standings

# One record: reviewer -> what they voted.
Votes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One measure of agreement as a fraction.

    ``estimate`` is None where the measure is not defined: no record was seen by two reviewers,
    or, for kappa, everybody voted the same on everything. ``se`` is None where it cannot be had.
    """

    name: str
    estimate: float | None
    se: float | None = None
    ci_lower: float | None = None
    ci_upper: float | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far reviewers agree.

    Attributes
    ----------
    reviewers : tuple of str
    records : int
        With votes of at least two of them.
    percent, kappa, ac1 : Coefficient
        ``kappa`` is Cohen's for two reviewers, Fleiss's for more.
    """

    reviewers: tuple[str, ...]
    records: int
    percent: Coefficient
    kappa: Coefficient
    ac1: Coefficient


def votes_of(
    decisions: Iterable[Decision],
    stage: Stage = Stage.TITLE_ABSTRACT,
    *,
    maybe_is_include: bool = True,
) -> dict[str, dict[str, str]]:
    """The reviewers' own votes by record; what a consensus settled afterwards does not count.

    Examples
    --------
    >>> votes_of([Decision("r1", Stage.TITLE_ABSTRACT, Verdict.MAYBE, "one", "2026-01-05")])
    {'r1': {'one': 'include'}}
    """
    return {
        record: {
            who: _category(vote.verdict, maybe_is_include)
            for who, vote in standing.votes.items()
            if vote.role == "reviewer"
        }
        for record, standing in standings(decisions, stage).items()
    }


def _category(verdict: Verdict, maybe_is_include: bool) -> str:
    if maybe_is_include and verdict is Verdict.MAYBE:
        return Verdict.INCLUDE.value
    return verdict.value


def agreement(votes: Iterable[Votes], *, level: float = 0.95) -> Agreement:
    """Percent agreement, kappa and AC1 among everybody who voted.

    Parameters
    ----------
    votes : iterable of mapping of str to str
        One a record; a reviewer who did not see it is left out of its mapping.
    level : float
        Of the intervals.

    Notes
    -----
    Equals irrCAC 1.0 ``gwet.ac1.raw``, ``pa.coeff.raw``, ``fleiss.kappa.raw`` (three reviewers
    or more) and ``kappa2.table`` (two) in estimates and standard errors. The interval of the
    percent is Wilson's for two reviewers, which stays honest at 100 %. Where everybody agrees on
    everything, the standard error of kappa and AC1 is 0; their interval is then Wilson's for the
    percent, put through the same correction for chance.

    References
    ----------
    .. [1] Gwet (2008). Br J Math Stat Psychol 61, 29-48. doi:10.1348/000711006X126600
    .. [2] Cohen (1960). Educ Psychol Meas 20, 37-46. doi:10.1177/001316446002000104
    .. [3] Fleiss, Cohen & Everitt (1969). Psychol Bull 72, 323-327. doi:10.1037/h0028106
    .. [4] Wilson (1927). J Am Stat Assoc 22, 209-212. doi:10.1080/01621459.1927.10502953

    Examples
    --------
    >>> pairs = [("in", "in")] * 13 + [("in", "out")] * 7 + [("out", "out")] * 80
    >>> told = agreement([{"one": a, "two": b} for a, b in pairs])
    >>> [round(c.estimate, 3) for c in (told.percent, told.kappa, told.ac1)]
    [0.93, 0.748, 0.903]
    """
    rows = [dict(row) for row in votes if row]
    reviewers = tuple(sorted({who for row in rows for who in row}))
    categories = sorted({vote for row in rows for vote in row.values()})
    counts = np.array(
        [[list(row.values()).count(category) for category in categories] for row in rows], float
    ).reshape(len(rows), len(categories))
    both = int((counts.sum(axis=1) >= 2).sum()) if rows else 0
    if both == 0:
        nothing = [Coefficient(name, None) for name in ("percent", "kappa", "AC1")]
        return Agreement(reviewers, 0, *nothing)
    if len(reviewers) == 2:
        return _of_two(rows, reviewers, categories, counts, both, level)
    pi = _prevalence(counts)
    return Agreement(
        reviewers,
        both,
        _corrected("percent", counts, 0.0, np.zeros(len(counts)), level),
        _fleiss_kappa(counts, pi, level),
        _ac1(counts, pi, level),
    )


def _of_two(
    rows: Sequence[Votes],
    reviewers: tuple[str, ...],
    categories: Sequence[str],
    counts: Floats,
    both: int,
    level: float,
) -> Agreement:
    seen = counts[counts.sum(axis=1) == 2]
    table = np.zeros((len(categories), len(categories)))
    for row in rows:
        if len(row) == 2:
            first, second = (categories.index(row[who]) for who in reviewers)
            table[first, second] += 1
    agreed = float(np.trace(table)) / both
    lower, upper = wilson(agreed, both, level)
    percent = Coefficient("percent", agreed, math.sqrt(agreed * (1 - agreed) / both), lower, upper)
    return Agreement(
        reviewers, both, percent, cohen_kappa(table, level), _ac1(seen, _prevalence(seen), level)
    )


def pairwise(votes: Iterable[Votes], *, level: float = 0.95) -> dict[tuple[str, str], Agreement]:
    """Agreement of each pair of reviewers who share a record: who differs from whom.

    Examples
    --------
    >>> list(pairwise([{"one": "in", "two": "in"}, {"two": "in", "three": "out"}]))
    [('one', 'two'), ('three', 'two')]
    """
    rows = [dict(row) for row in votes]
    names = sorted({who for row in rows for who in row})
    found = {}
    for first, second in combinations(names, 2):
        shared = [
            {first: row[first], second: row[second]}
            for row in rows
            if first in row and second in row
        ]
        if shared:
            found[first, second] = agreement(shared, level=level)
    return found


def cohen_kappa(table: Floats, level: float = 0.95) -> Coefficient:
    r"""Cohen's kappa from a square table of counts, with the interval of large samples.

    .. math:: \kappa = (p_a - p_e) / (1 - p_e),\quad p_e = \sum_k p_{k+} p_{+k}

    Examples
    --------
    >>> round(cohen_kappa(np.array([[20.0, 5.0], [10.0, 15.0]])).estimate, 3)
    0.4
    """
    n = float(table.sum())
    p = table / n
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    pa, pe = float(np.trace(p)), float(rows @ columns)
    if pe >= 1.0:  # one category alone: nothing could have differed
        return Coefficient("kappa", None)
    kappa = (pa - pe) / (1 - pe)
    # Fleiss, Cohen and Everitt (1969), equation 13; the divisor n is theirs.
    own = np.diag(p) @ ((1 - (rows + columns) * (1 - kappa)) ** 2)
    across = p * (columns[:, None] + rows[None, :]) ** 2
    other = (1 - kappa) ** 2 * (across.sum() - np.trace(across))
    spread = float(own + other) - (kappa - pe * (1 - kappa)) ** 2
    return _interval("kappa", kappa, math.sqrt(max(spread, 0.0) / n) / (1 - pe), pa, pe, n, level)


def _prevalence(counts: Floats) -> Floats:
    return np.asarray((counts / counts.sum(axis=1, keepdims=True)).mean(axis=0))


def _ac1(counts: Floats, pi: Floats, level: float) -> Coefficient:
    # With one category in use there could have been two: include and exclude.
    q = max(pi.size, 2)
    pe = float((pi * (1 - pi)).sum()) / (q - 1)
    shares = counts / counts.sum(axis=1, keepdims=True)
    own = ((1 - shares) @ pi) / (q - 1)
    return _corrected("AC1", counts, pe, own - pe, level)


def _fleiss_kappa(counts: Floats, pi: Floats, level: float) -> Coefficient:
    pe = float((pi**2).sum())
    if pe >= 1.0:
        return Coefficient("kappa", None)
    shares = counts / counts.sum(axis=1, keepdims=True)
    return _corrected("kappa", counts, pe, shares @ pi - pe, level)


def _corrected(name: str, counts: Floats, pe: float, own: Floats, level: float) -> Coefficient:
    """A coefficient corrected for chance, its spread from that between records (Gwet 2008)."""
    raters = counts.sum(axis=1)
    usable = raters >= 2
    n, used = len(counts), int(usable.sum())
    pairs = np.where(usable, raters * (raters - 1), 1.0)
    each = np.where(usable, (counts * (counts - 1)).sum(axis=1) / pairs, 0.0)
    pa = float(each.sum()) / used
    value = (pa - pe) / (1 - pe)
    parts = np.where(usable, (each - pe) * (n / used), 0.0) / (1 - pe)
    parts = parts - 2 * (1 - value) * own / (1 - pe)
    if n < 2:
        return Coefficient(name, value)
    se = math.sqrt(float(((parts - value) ** 2).sum()) / (n * (n - 1)))
    return _interval(name, value, se, pa, pe, n, level)


def _interval(
    name: str, value: float, se: float, pa: float, pe: float, n: float, level: float
) -> Coefficient:
    if pa == 1.0 or n < 2:
        lower, upper = ((p - pe) / (1 - pe) for p in wilson(pa, int(n), level))
    else:
        half = float(t_quantile(0.5 + level / 2, n - 1)) * se
        lower, upper = value - half, value + half
    # With gaps between reviewers a coefficient may fall below -1, and its interval with it.
    return Coefficient(name, value, se, max(lower, min(value, -1.0)), min(upper, 1.0))


def wilson(share: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's interval for a proportion.

    Examples
    --------
    >>> [round(x, 4) for x in wilson(81 / 263, 263)]
    [0.2553, 0.3662]
    """
    z = float(normal_quantile(0.5 + level / 2))
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(middle - half, 0.0), min(middle + half, 1.0)
