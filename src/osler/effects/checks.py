"""Whether one arm's numbers can be."""

import math

from osler.core.diagnostics import DataError, Diagnostic
from osler.effects import problems
from osler.effects.arms import Counts, Moments, Rate


def check_counts(**groups: Counts) -> None:
    """Raise :class:`DataError` with everything that is wrong with the counts.

    Examples
    --------
    >>> check_counts(treated=Counts(3, 10), control=Counts(5, 9))
    """
    found: list[Diagnostic] = []
    for group, counts in groups.items():
        if counts.n < 1:
            found.append(problems.no_participants(group))
        elif counts.events < 0:
            found.append(problems.negative_count(group, counts.events))
        elif counts.events > counts.n:
            found.append(problems.too_many_events(group, counts.events, counts.n))
    if found:
        raise DataError(*found)


def check_moments(**groups: Moments) -> None:
    """Raise :class:`DataError` with everything that is wrong with the means, SDs and sizes."""
    found: list[Diagnostic] = []
    for group, moments in groups.items():
        if not math.isfinite(moments.mean):
            found += problems.not_finite(f"the mean of the {group} group", moments.mean).diagnostics
        if moments.n < 2:
            found.append(problems.too_few_for_sd(group, moments.n))
        if not (math.isfinite(moments.sd) and moments.sd > 0):
            found.append(problems.sd_not_positive(group, moments.sd))
    if found:
        raise DataError(*found)


def check_rates(**groups: Rate) -> None:
    """Raise :class:`DataError` with everything that is wrong with events and person-time."""
    found: list[Diagnostic] = []
    for group, rate in groups.items():
        if not (math.isfinite(rate.time) and rate.time > 0):
            found.append(problems.time_not_positive(group, rate.time))
        if rate.events < 0:
            found.append(problems.negative_count(group, rate.events))
    if found:
        raise DataError(*found)
