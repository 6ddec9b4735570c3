r"""When may screening stop? A bound on what may have been missed, with a stated error.

    answers in the order they were given, size of the library --risk_of_missing--> Risk
                                                              --recall_so_far----> RecallEstimate

**The rule.** After the newest relevant record, *n* records in a row were irrelevant. If a tenth
relevant record or more were still unread, such a run would be a surprise. How great a surprise is
a probability, and it stays what it says although one looks after every record, because the
allowance is divided beforehand over all the moments at which one might stop.

It rests on one assumption: whoever chooses what is read next does at least as well as chance
(``lift=1``), or at least ``lift`` times as well. No assumption is made on how fast finds become
rare. :func:`hypergeometric_risk` is the test of Callaghan and Müller-Hansen, which is better
known; looked at after every record it can break its promise (docs/explanation/stopping.md).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.records.screening.chances import at_most

TARGET, RISK = 0.95, 0.05


@dataclass(frozen=True, slots=True)
class Risk:
    """How likely it is that the recall wanted has not been reached.

    Attributes
    ----------
    target : float
        Recall wanted, as a fraction.
    allowed : float
        The stated error: largest share of reviews in which stopping by this rule is too early.
    lift : float
        What is assumed: the next record is relevant with at least ``lift`` times the odds of an
        unread record taken by chance.
    total, screened, relevant : int
        Records in the library, read, and relevant among the read.
    run : int
        Irrelevant records in a row since the last relevant one.
    missing : int
        The smallest number of relevant records left with which the target would be missed.
    chance : float
        Of such a run if ``missing`` were left.
    threshold : float
        Below which ``chance`` permits to stop: the part of ``allowed`` for this number of finds.
    """

    target: float
    allowed: float
    lift: float
    total: int
    screened: int
    relevant: int
    run: int
    missing: int
    chance: float
    threshold: float

    @property
    def reached(self) -> bool:
        """Whether screening may stop."""
        return self.screened == self.total or self.chance <= self.threshold

    @property
    def still_to_read(self) -> int:
        """Irrelevant records in a row that would still be needed; 0 where it may stop."""
        if self.reached:
            return 0
        low, high = 0, self.total - self.screened
        while low < high:
            middle = (low + high) // 2
            if self._chance_after(middle) <= self.threshold:
                high = middle
            else:
                low = middle + 1
        return low

    def _chance_after(self, more: int) -> float:
        unread = self.total - self.screened + self.run
        return chance_of_run(unread, self.missing, self.run + more, self.lift)

    def __str__(self) -> str:
        """As it is shown.

        Examples
        --------
        >>> print(risk_of_missing([True] * 40 + [False] * 900, 1000))
        95 % recall reached with at most 5 % risk
        """
        if self.screened == self.total:
            return "every record was screened"
        words = f"{_percent(self.target)} recall"
        if self.reached:
            return f"{words} reached with at most {_percent(self.allowed)} risk"
        return f"{words} not shown yet: {self.still_to_read} more without a find would show it"


@dataclass(frozen=True, slots=True)
class RecallEstimate:
    """How much of what is relevant has been found.

    ``ci_lower`` is a bound with the stated error (at most ``1 - level``). Nothing but reading on
    can show that anything is left, so the upper end is 1. ``estimate`` is the recall at which a
    run like the present one would be as likely as not.
    """

    estimate: float
    ci_lower: float
    ci_upper: float
    level: float


def missing_for(relevant: int, target: float) -> int:
    """Smallest number of relevant records left with which recall is below ``target``.

    Examples
    --------
    >>> missing_for(19, 0.95), missing_for(18, 0.95), missing_for(100, 0.95)
    (2, 1, 6)
    """
    # The small number keeps 19 / 0.95 from falling below 20.
    return math.floor(relevant / target + 1e-9) - relevant + 1


def chance_of_run(unread: int, missing: int, run: int, lift: float = 1.0) -> float:
    r"""Probability of ``run`` irrelevant records in a row from ``unread`` with ``missing`` left.

    .. math:: \prod_{s<n} \frac{N-K-s}{N-K-s+\omega K}

    With a lift of 1 it is the hypergeometric probability of no find in a draw of *n*; otherwise
    Wallenius's noncentral one.

    Examples
    --------
    >>> round(chance_of_run(1000, 6, 390), 4), round(chance_of_run(1000, 6, 390, lift=2), 4)
    (0.051, 0.0027)
    """
    others = unread - missing
    if missing <= 0:
        return 1.0
    if others < run:
        return 0.0
    pull = lift * missing
    logs = (
        math.lgamma(others + 1)
        - math.lgamma(others - run + 1)
        - math.lgamma(others + pull + 1)
        + math.lgamma(others - run + pull + 1)
    )
    return math.exp(min(logs, 0.0))


def threshold_for(missing: int, allowed: float) -> float:
    r"""The part of ``allowed`` that a run after one certain find may use.

    A review with *R* relevant records stops too early only in a run after its *j*-th find, for
    some *j* from which the target is not reached. There are *K* or more left then, and with
    *R - j* left a run that has probability *a* with *K* has at most :math:`a^{(R-j)/K}`. The
    sum of these over all *j* is at most ``allowed`` where *a* solves
    :math:`a / (1 - a^{1/K}) =` ``allowed``.

    Examples
    --------
    >>> round(threshold_for(1, 0.05), 4), round(threshold_for(5, 0.05), 4)
    (0.0476, 0.0259)
    """
    low, high = 0.0, allowed
    for _ in range(100):
        middle = (low + high) / 2
        if middle <= allowed * (1 - middle ** (1 / missing)):
            low = middle
        else:
            high = middle
    return low


def risk_of_missing(
    found: Sequence[bool],
    total: int,
    *,
    target: float = TARGET,
    allowed: float = RISK,
    lift: float = 1.0,
) -> Risk:
    """Whether screening may stop now.

    Parameters
    ----------
    found : sequence of bool
        Whether each record was relevant, in the order in which they were screened.
    total : int
        Records in the library.
    target, allowed : float
        Recall wanted and error accepted, as fractions.
    lift : float
        See :class:`Risk`; 1 assumes least.

    Raises
    ------
    DataError
        Where more was screened than there is, or a number is out of its range (REC054).

    Examples
    --------
    >>> risk = risk_of_missing([True] * 40 + [False] * 100, 1000)
    >>> risk.missing, risk.reached, risk.still_to_read
    (3, False, 549)
    """
    _check(found, total, target, allowed, lift)
    relevant = sum(found)
    run = len(found) if not relevant else list(reversed(found)).index(True)
    missing = missing_for(relevant, target)
    chance = chance_of_run(total - len(found) + run, missing, run, lift)
    threshold = threshold_for(missing, allowed)
    return Risk(target, allowed, lift, total, len(found), relevant, run, missing, chance, threshold)


def recall_so_far(
    found: Sequence[bool], total: int, *, level: float = 0.95, lift: float = 1.0
) -> RecallEstimate:
    """Recall estimated, with its bound.

    Examples
    --------
    >>> told = recall_so_far([True] * 40 + [False] * 700, 1000)
    >>> round(told.estimate, 3), round(told.ci_lower, 3)
    (1.0, 0.952)
    """
    _check(found, total, TARGET, 1 - level, lift)
    relevant = sum(found)
    run = len(found) if not relevant else list(reversed(found)).index(True)
    unread = total - len(found)

    def most_left(allowed: float) -> int:
        """The largest number left that the run does not rule out."""
        low, high = 0, unread
        while low < high:
            middle = (low + high + 1) // 2
            limit = threshold_for(middle, allowed) if allowed < 0.5 else allowed
            if chance_of_run(unread + run, middle, run, lift) > limit:
                low = middle
            else:
                high = middle - 1
        return low

    if relevant == 0:
        return RecallEstimate(1.0 if unread == 0 else 0.0, 1.0 if unread == 0 else 0.0, 1.0, level)
    estimate, lower = (relevant / (relevant + most_left(a)) for a in (0.5, 1 - level))
    return RecallEstimate(estimate, lower, 1.0, level)


def hypergeometric_risk(found: Sequence[bool], total: int, *, target: float = TARGET) -> float:
    """Callaghan and Müller-Hansen's p: stop where it falls below the error accepted.

    Everything screened since an earlier moment is taken as if it had been drawn by chance from
    what was unread then; the smallest probability over all such moments counts.

    Notes
    -----
    Only moments just after a find are tried: with the same finds a longer draw has the smaller
    probability. Equals the published rule except that it does not switch to drawing by chance.

    References
    ----------
    .. [1] Callaghan & Müller-Hansen (2020). Syst Rev 9, 273. doi:10.1186/s13643-020-01521-4

    Examples
    --------
    >>> round(hypergeometric_risk([True] * 40 + [False] * 400, 1000), 3)
    0.198
    """
    finds = np.flatnonzero(np.asarray(found, bool)) + 1
    begin = np.concatenate([[0], finds])
    before = np.arange(finds.size + 1)
    left = finds.size + missing_for(finds.size, target) - before
    drawn = len(found) - begin
    if missing_for(finds.size, target) > total - len(found):
        return 0.0
    chances = at_most(finds.size - before, total - begin, left, drawn)
    return float(np.min(np.where(drawn > 0, chances, 1.0)))


def first_stop(
    found: Sequence[bool],
    total: int,
    *,
    target: float = TARGET,
    allowed: float = RISK,
    lift: float = 1.0,
) -> int:
    """After how many records the rule first permits to stop; all where it never does.

    Examples
    --------
    >>> first_stop([True] * 40 + [False] * 960, 1000)
    689
    """
    finds = np.flatnonzero(np.asarray(found, bool)) + 1
    begins = [0, *finds.tolist()]
    ends = [*begins[1:], len(found) + 1]
    for relevant, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        missing = missing_for(relevant, target)
        limit = threshold_for(missing, allowed)
        needed = _run_needed(total - begin, missing, limit, lift)
        # The find at `end` is seen only after the record before it.
        if relevant and begin + needed < end:
            return begin + needed
    return total


def _run_needed(unread: int, missing: int, limit: float, lift: float) -> int:
    low, high = 0, unread
    while low < high:
        middle = (low + high) // 2
        if chance_of_run(unread, missing, middle, lift) <= limit:
            high = middle
        else:
            low = middle + 1
    return low


def _percent(share: float) -> str:
    return f"{100 * share:g} %"


def _check(found: Sequence[bool], total: int, target: float, allowed: float, lift: float) -> None:
    wrong = {
        f"{len(found)} records screened of {total}": len(found) > total,
        f"a recall of {target}": not 0 < target <= 1,
        f"an error of {allowed}": not 0 < allowed < 1,
        f"a lift of {lift}": not 1 <= lift < math.inf,
    }
    for told, is_wrong in wrong.items():
        if is_wrong:
            raise DataError(
                Diagnostic(
                    "REC054",
                    Severity.ERROR,
                    Place(""),
                    "recall cannot be judged from these numbers",
                    told,
                    "no stopping rule is applied",
                    "give recall and error between 0 and 1, a lift of 1 or more, and a library at "
                    "least as large as what was screened",
                )
            )
