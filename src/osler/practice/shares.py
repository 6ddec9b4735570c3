"""Shares of everybody who began, bounded by what is missing."""

from osler.practice.model import Share
from osler.synthesis.counts.single import proportion_interval


def share(yes: int, known: int, everybody: int) -> Share:
    """``yes`` of those ``known``, with the bounds that ``everybody`` leaves.

    Notes
    -----
    Wilson's interval (1927, J Am Stat Assoc 22, 209-212), which stays within 0 and 1. Where
    nothing is known of anybody, the proportion is 0 of 0: NaN, between 0 and 1.

    Examples
    --------
    >>> found = share(6, 8, 10)
    >>> found.proportion, found.worst, found.best, found.missing
    (0.75, 0.6, 0.8, 2)
    """
    lower, upper = 0.0, 1.0
    if known:
        ends = proportion_interval([yes], [known], method="Wilson")
        lower, upper = float(ends[0][0]), float(ends[1][0])
    return Share(
        yes,
        known,
        everybody,
        yes / known if known else float("nan"),
        lower,
        upper,
        yes / everybody,
        (yes + everybody - known) / everybody,
    )
