"""From one instrument's range to another's."""

import math
from dataclasses import dataclass

from osler.effects import problems
from osler.effects.arms import Effect, Moments


@dataclass(frozen=True, slots=True)
class Range:
    """Lowest and highest possible score of an instrument.

    Examples
    --------
    >>> Range(0, 10).width
    10
    """

    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


def rescale_moments(moments: Moments, old: Range, new: Range, *, reverse: bool = False) -> Moments:
    """One arm's mean and SD on another instrument's range.

    Parameters
    ----------
    moments : Moments
        On the range ``old``.
    old, new : Range
        Both finite and not empty.
    reverse : bool
        Whether high on one instrument is low on the other.

    Raises
    ------
    DataError
        Where a range is empty (EFF040).

    Examples
    --------
    >>> rescale_moments(Moments(2.5, 1.0, 40), Range(0, 10), Range(0, 100))
    Moments(mean=25.0, sd=10.0, n=40)
    >>> rescale_moments(Moments(2.5, 1.0, 40), Range(0, 10), Range(0, 100), reverse=True).mean
    75.0
    """
    factor = _factor(old, new)
    share = (moments.mean - old.low) * factor
    mean = new.high - share if reverse else new.low + share
    return Moments(mean, moments.sd * factor, moments.n)


def rescale_difference(effect: Effect, old: Range, new: Range, *, reverse: bool = False) -> Effect:
    """A mean difference on another instrument's range; the variance goes with the square.

    Raises
    ------
    DataError
        Where a range is empty (EFF040).

    Examples
    --------
    >>> rescale_difference(Effect("MD", -1.5, 0.25), Range(0, 10), Range(0, 100), reverse=True)
    Effect(measure='MD', estimate=15.0, variance=25.0, added=0.0)
    """
    factor = -_factor(old, new) if reverse else _factor(old, new)
    return Effect(
        effect.measure, effect.estimate * factor, effect.variance * factor**2, effect.added
    )


def _factor(old: Range, new: Range) -> float:
    for given in (old, new):
        if not (math.isfinite(given.width) and given.width > 0):
            raise problems.empty_range(given.low, given.high)
    return new.width / old.width
