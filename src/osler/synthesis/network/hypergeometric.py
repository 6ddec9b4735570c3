r"""The non-central hypergeometric model of a network: rare events, given their sum in a study.

Given all events of a study, how they fall on its arms depends on odds ratios alone, not on the
study's own risk. The exact likelihood is Fisher's non-central hypergeometric one of several
arms; for rare events it comes close to a multinomial one with probabilities
:math:`n_i e^{\theta_i} / \sum_j n_j e^{\theta_j}` (Breslow's approximation) [1]_.

References
----------
.. [1] Stijnen, Hamza & Özdemir (2010). Stat Med 29, 3046-3067. doi:10.1002/sim.4040
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.core.frames import Table
from osler.synthesis.network.arm_counts import Design, read_arm_counts
from osler.synthesis.network.rare import RareNetwork, chosen

SOURCE = "Stijnen, Hamza & Özdemir (2010), Stat Med 29, 3046-3067"
_STEPS = 100
# Beyond it the ways in which events can fall on arms take minutes to add up.
_MOST_EVENTS = 10_000


@dataclass(frozen=True, slots=True)
class Told:
    """Of studies of one design at log odds of their arms: log likelihood and derivatives."""

    height: float
    slope: Floats
    information: Floats


Likelihood = Callable[[Floats, Floats, Floats], Told]


def hypergeometric_network(
    table: Table,
    *,
    exact: bool = False,
    reference: str = "",
    columns: Mapping[str, str] | None = None,
    level: float = 0.95,
) -> RareNetwork:
    """Pool events by arm over a network, given the sum of events in each study.

    Parameters
    ----------
    table : data frame or mapping of columns
        One row an arm: study, treatment, events, n.
    exact : bool
        The exact conditional likelihood, right for events that are not rare as well, rather
        than Breslow's approximation.
    reference : str
        The first treatment of the largest sub-network where left out.
    columns : mapping of str to str, optional
        From these names to those of the table.
    level : float

    Raises
    ------
    DataError
        As :func:`osler.synthesis.network.arm_counts.read_arm_counts`; where no treatment that is
        left has the name of the reference (NET010); for the exact likelihood where counts are not
        whole numbers (NET051), or a study has more than 10,000 events (NET056).

    Notes
    -----
    The approximation is that of ``netmetabin(method = "NCH")`` of netmeta, whose search stops
    up to 3e-5 from the maximum; it equals a Poisson regression on study and treatment. The exact
    likelihood is that of conditional logistic regression. Common effect only.

    Examples
    --------
    >>> data = {"study": ["Hart", "Hart", "Mill", "Mill"],
    ...     "treatment": ["rest", "walking", "rest", "walking"],
    ...     "events": [4, 2, 3, 0], "n": [100, 100, 50, 50]}
    >>> round(hypergeometric_network(data).effect("walking").estimate, 4)
    -1.2528
    >>> round(hypergeometric_network(data, exact=True).effect("walking").estimate, 4)
    -1.2794
    """
    counts = read_arm_counts(table, columns)
    if exact:
        _check_whole(counts.designs)
    mine = chosen(counts, reference, level)
    likelihood: Likelihood = exact_likelihood if exact else approximate_likelihood
    whole = _highest(mine.designs, mine.treatments, likelihood)
    apart = sum(_highest((d,), d.arms, likelihood).height for d in mine.designs)
    name = "exact" if exact else "Breslow's approximation"
    return mine.result(
        f"non-central hypergeometric, {name}",
        whole.position,
        whole.covariance,
        max(0.0, 2.0 * (apart - whole.height)),
        SOURCE,
    )


@dataclass(frozen=True, slots=True)
class _Top:
    """The highest point of a likelihood."""

    position: Floats
    covariance: Floats
    height: float


def _highest(designs: Sequence[Design], treatments: Sequence[str], likelihood: Likelihood) -> _Top:
    """Newton's steps, halved while they lead down; the likelihood has one maximum.

    It is finite: within each design every arm has events, and has non-events.
    """
    code = {name: i for i, name in enumerate(treatments)}
    at = [np.array([code[arm] for arm in design.arms]) for design in designs]

    def told(position: Floats) -> Told:
        n = len(treatments)
        height, slope, information = 0.0, np.zeros(n), np.zeros((n, n))
        for design, place in zip(designs, at, strict=True):
            found = likelihood(design.events, design.n, position[place])
            height += found.height
            slope[place] += found.slope
            information[np.ix_(place, place)] += found.information
        return Told(height, slope, information)

    position = np.zeros(len(treatments))
    here = told(position)
    for _ in range(_STEPS):
        step = _inverse(here.information) @ here.slope
        there = told(position + step)
        lowest = here.height - 1e-10 * abs(here.height)
        while not there.height >= lowest and np.abs(step).max() > 1e-12:
            step = 0.5 * step
            there = told(position + step)
        position, here = position + step, there
        if np.abs(step).max() < 1e-12:
            break
    return _Top(position, _inverse(here.information), here.height)


def _inverse(information: Floats) -> Floats:
    """Of a Laplacian matrix, beside its null vector of ones."""
    n = len(information)
    size = max(float(np.trace(information)) / n, 1e-300)
    null = np.full((n, n), 1.0 / n)
    return np.asarray(np.linalg.inv(information + size * null) - null / size)


def approximate_likelihood(events: Floats, n: Floats, log_odds: Floats) -> Told:
    """Multinomial: events of a study fall on arms as their sizes times their odds."""
    ahead = np.log(n) + log_odds
    ahead -= ahead.max(axis=1, keepdims=True)
    share = np.exp(ahead)
    whole = share.sum(axis=1, keepdims=True)
    share /= whole
    total = events.sum(axis=1)
    information = np.diag(total @ share) - np.einsum("s,si,sj->ij", total, share, share)
    height = float((events * (ahead - np.log(whole))).sum())
    return Told(height, events.sum(axis=0) - total @ share, information)


def exact_likelihood(events: Floats, n: Floats, log_odds: Floats) -> Told:
    """Fisher's non-central hypergeometric distribution, of any number of arms."""
    m = log_odds.size
    height, slope, information = 0.0, np.zeros(m), np.zeros((m, m))
    for own, sizes in zip(events, n, strict=True):
        found = _one_study(own, sizes, log_odds)
        height += found.height
        slope += found.slope
        information += found.information
    return Told(height, slope, information)


def _one_study(events: Floats, n: Floats, log_odds: Floats) -> Told:
    total, m = int(events.sum()), events.size
    tilt = _tilt(n, log_odds, total)
    arms = [
        _binomial(int(size), odds + tilt, total) for size, odds in zip(n, log_odds, strict=True)
    ]
    sums = [_given(arms, [i], total) for i in range(m)]
    mean, variance = np.array([s[0] for s in sums]), np.array([s[1] for s in sums])
    information = np.diag(variance)
    for i in range(m):
        for j in range(i):
            # Var(i + j) holds their covariance; of two arms the sum does not vary.
            pair = _given(arms, [i, j], total)[1] if m > 2 else 0.0
            information[i, j] = information[j, i] = 0.5 * (pair - variance[i] - variance[j])
    scale = float((n * np.logaddexp(0.0, log_odds + tilt)).sum()) - tilt * total
    height = float(events @ log_odds) - scale - float(np.log(_joined(arms, total)[total]))
    return Told(height, events - mean, information)


def _tilt(n: Floats, log_odds: Floats, total: int) -> float:
    """Added to the log odds of all arms so that as many events are expected as there were.

    It cancels, and keeps what is summed from being too small for a number.
    """
    low, high = -log_odds.max() - 800.0, -log_odds.min() + 800.0
    for _ in range(80):
        middle = 0.5 * (low + high)
        if float((n * expit(log_odds + middle)).sum()) < total:
            low = middle
        else:
            high = middle
    return float(0.5 * (low + high))


def _binomial(size: int, log_odds: float, most: int) -> Floats:
    """Probabilities of 0, 1, ... events, up to ``most``."""
    k = np.arange(min(size, most) + 1.0)
    # Factor by factor: log gamma of large sizes has no digits left for their difference.
    ways = np.concatenate([[0.0], np.cumsum(np.log((size - k[:-1]) / k[1:]))])
    return np.asarray(np.exp(ways + k * log_odds - size * np.logaddexp(0.0, log_odds)))


def _joined(arms: Sequence[Floats], most: int) -> Floats:
    """Probabilities of sums over arms, up to ``most``; shape (most + 1,)."""
    out = np.ones(1)
    for arm in arms:
        out = np.convolve(out, arm)[: most + 1]
    return np.pad(out, (0, most + 1 - out.size))


def _given(arms: Sequence[Floats], these: Sequence[int], total: int) -> tuple[float, float]:
    """Mean and variance of the events in some arms, given those in all."""
    inside = _joined([arms[i] for i in these], total)
    outside = _joined([arm for i, arm in enumerate(arms) if i not in these], total)
    weight = inside * outside[::-1]
    weight /= weight.sum()
    k = np.arange(total + 1.0)
    mean = float(weight @ k)
    return mean, float(weight @ (k - mean) ** 2)


def _check_whole(designs: Sequence[Design]) -> None:
    studies = [
        (study, events, n)
        for design in designs
        for study, events, n in zip(design.studies, design.events, design.n, strict=True)
    ]
    many = [study for study, events, _ in studies if events.sum() > _MOST_EVENTS]
    wrong = [study for study, events, n in studies if (events % 1).any() or (n % 1).any()]
    if many:
        raise DataError(
            Diagnostic(
                "NET056",
                Severity.ERROR,
                Place(""),
                "a study has too many events for the exact likelihood",
                f"{', '.join(many)}: more than {_MOST_EVENTS:,}",
                "nothing is pooled",
                "events are not rare there: pool by inverse variance or by Mantel-Haenszel",
            )
        )
    if wrong:
        raise DataError(
            Diagnostic(
                "NET051",
                Severity.ERROR,
                Place(""),
                "counts are not whole numbers",
                ", ".join(wrong),
                "nothing is pooled",
                "give the counts themselves, or use Breslow's approximation (exact=False)",
            )
        )
