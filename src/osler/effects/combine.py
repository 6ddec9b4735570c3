"""Several arms made into one."""

import math
from collections.abc import Sequence

from osler.effects import problems
from osler.effects.arms import Counts, Moments
from osler.effects.checks import check_counts, check_moments


def combine_counts(arms: Sequence[Counts]) -> Counts:
    """Events and participants of several arms, added up.

    Raises
    ------
    DataError
        Where there is no arm (EFF041) or one cannot be (EFF010 to EFF012).

    Examples
    --------
    >>> combine_counts([Counts(3, 20), Counts(5, 21)])
    Counts(events=8, n=41)
    """
    _check_some(len(arms))
    check_counts(**{_th(i): arm for i, arm in enumerate(arms, 1)})
    return Counts(sum(arm.events for arm in arms), sum(arm.n for arm in arms))


def combine_moments(arms: Sequence[Moments]) -> Moments:
    r"""Mean and standard deviation of several arms as if they were one.

    .. math:: \bar m = \frac{\sum n_j m_j}{N}, \qquad
              s^2 = \frac{\sum (n_j - 1) s_j^2 + \sum n_j (m_j - \bar m)^2}{N - 1}

    Exact: the result is what all participants together would have given.

    Raises
    ------
    DataError
        Where there is no arm (EFF041) or one cannot be (EFF020 to EFF022).

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions 6.5, section 6.5.2.10,
       table 6.5.a.

    Examples
    --------
    >>> both = combine_moments([Moments(10.0, 2.0, 20), Moments(12.0, 3.0, 30)])
    >>> both.mean, round(both.sd, 4), both.n
    (11.2, 2.8031, 50)
    """
    _check_some(len(arms))
    check_moments(**{_th(i): arm for i, arm in enumerate(arms, 1)})
    n = sum(arm.n for arm in arms)
    mean = sum(arm.n * arm.mean for arm in arms) / n
    within = sum((arm.n - 1) * arm.sd * arm.sd for arm in arms)
    between = sum(arm.n * (arm.mean - mean) * (arm.mean - mean) for arm in arms)
    return Moments(mean, math.sqrt((within + between) / (n - 1)), n)


def _check_some(arms: int) -> None:
    if not arms:
        raise problems.no_arms()


def _th(i: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(i, "th")
    return f"{i}{ending}"
