"""Sessions until recovery, where people may also stop coming: two ends that compete."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Incidence:
    """The share to whom something has happened by each time, others having left before.

    Attributes
    ----------
    times : array of shape (m,)
        The times at which anything happened, ascending.
    at_risk : array of shape (m,)
        How many were still under way just before.
    share, se, ci_lower, ci_upper : arrays of shape (m, causes)
        From that time on. The limits are 0 and 1 where nothing has happened yet; where it has
        happened to everybody, the lower one is that of the time before.
    waiting : array of shape (m,)
        The share still under way: one less all the others.
    """

    times: Floats
    at_risk: Floats
    share: Floats
    se: Floats
    ci_lower: Floats
    ci_upper: Floats
    waiting: Floats

    def by(self, time: float, cause: int = 0) -> tuple[float, float, float]:
        """Share, lower and upper limit at ``time``; (0, 0, 1) before anything happened."""
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        if place < 0:
            return 0.0, 0.0, 1.0
        return (
            float(self.share[place, cause]),
            float(self.ci_lower[place, cause]),
            float(self.ci_upper[place, cause]),
        )


def cumulative_incidence(
    times: ArrayLike, causes: Sequence[int], *, kinds: int = 2, level: float = 0.95
) -> Incidence:
    r"""The Aalen-Johansen estimate of what happened to whom by when.

    .. math:: F_j(t) = \sum_{u \le t} S(u^-) \, d_j(u) / n(u)

    Parameters
    ----------
    times : array-like of shape (n,)
        When each was last seen: sessions, days.
    causes : sequence of int, of length n
        What ended it then: 1 to ``kinds``; 0 where it had not ended.
    kinds : int
        How many ends there are.
    level : float
        Of the intervals, made on the scale of the complementary log-log.

    Returns
    -------
    Incidence

    Raises
    ------
    ValueError
        Where there is nobody, a time is not finite, or a cause is none of them.

    Notes
    -----
    With one kind of end it is one less the Kaplan-Meier estimate. To take those who stopped
    coming as censored there would be to suppose that they went on to recover like the rest.
    The standard error is the infinitesimal jackknife's; it equals that of R's
    ``survival::survfit``. Written here because the estimator of the usual Python library moves
    equal times apart at random, and sessions are whole numbers.

    Once it has happened to all who were followed the standard error is 0, and an interval of
    100% to 100% would be told of three people. A share never falls: what was its lower limit
    before is one still. Where it happened to everybody at the first time there is none before,
    and the limit is the exact binomial one of n in n.

    References
    ----------
    .. [1] Aalen & Johansen (1978). Scand J Stat 5, 141-150.
    .. [2] Therneau, Crowson & Atkinson (2024). Multi-state models and competing risks.
       Vignette of the R package survival.

    Examples
    --------
    >>> told = cumulative_incidence([2, 3, 3, 5], [1, 2, 1, 0])
    >>> told.share[:, 0], told.waiting
    (array([0.25, 0.5 , 0.5 ]), array([0.75, 0.25, 0.25]))
    """
    when = np.asarray(times, dtype=float)
    cause = np.asarray(causes, dtype=int)
    _refuse(when, cause, kinds)
    moments = np.unique(when)
    still, share = 1.0, np.zeros(kinds)
    # How much each person moves each share: the derivative by their weight.
    moved_still, moved = np.zeros(when.size), np.zeros((kinds, when.size))
    shares, ses, left, risk = [], [], [], []
    for moment in moments:
        under_way = when >= moment
        n = under_way.sum()
        ended = np.stack([(when == moment) & (cause == j) for j in range(1, kinds + 1)])
        hazard = ended.sum(axis=1) / n
        pull = (ended - hazard[:, None] * under_way) / n
        moved = moved + moved_still * hazard[:, None] + still * pull
        moved_still = moved_still * (1 - hazard.sum()) - still * pull.sum(axis=0)
        share = share + still * hazard
        still *= 1 - hazard.sum()
        risk.append(n)
        shares.append(share)
        left.append(still)
        ses.append(np.sqrt((moved**2).sum(axis=1)))
    at_risk = np.array(risk, dtype=float)
    lower, upper = _limits(np.array(shares), np.array(ses), at_risk, level)
    return Incidence(
        moments,
        at_risk,
        np.array(shares),
        np.array(ses),
        lower,
        upper,
        np.array(left),
    )


_ALL = 1 - 1e-12


def _limits(share: Floats, se: Floats, at_risk: Floats, level: float) -> tuple[Floats, Floats]:
    everybody = share > _ALL
    inside = (share > 0) & ~everybody
    p = np.where(inside, share, 0.5)
    half = ndtri((1 + level) / 2) * se / (p * np.log(p))
    centre = np.log(-np.log(p))
    one, other = np.exp(-np.exp(centre - half)), np.exp(-np.exp(centre + half))
    lower = np.where(inside, np.minimum(one, other), 0.0)
    at_once = np.where(everybody[:1], ((1 - level) / 2) ** (1 / at_risk[0]), 0.0)
    before = np.maximum.accumulate(np.vstack([at_once, lower]), axis=0)[1:]
    return np.where(everybody, before, lower), np.where(inside, np.maximum(one, other), 1.0)


def _refuse(when: Floats, cause: NDArray[np.int_], kinds: int) -> None:
    if when.ndim != 1 or when.size == 0 or when.shape != cause.shape:
        raise ValueError("times and causes must be two lists of the same length, not empty")
    if not np.isfinite(when).all():
        raise ValueError("a time is not a finite number")
    if ((cause < 0) | (cause > kinds)).any():
        raise ValueError(f"a cause is not one of 0 to {kinds}")
