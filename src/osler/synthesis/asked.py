"""Checks of what a synthesis is asked for, below both the fit and its result."""

from collections.abc import Collection
from numbers import Real

from osler.core.diagnostics import DataError
from osler.synthesis import problems
from osler.synthesis.intervals import CI_METHODS

# Beyond it the quantiles of t with one degree of freedom lose their digits.
HIGHEST_LEVEL = 0.999999


def checked_name(kind: str, asked: object, known: Collection[str]) -> str:
    """The name as it is printed; capitals do not matter in what is asked for."""
    if isinstance(asked, str):
        if asked in known:
            return asked
        for name in known:
            if name.lower() == asked.lower():
                return name
    raise DataError(problems.unknown_method(kind, asked, ", ".join(known)))


def checked_level(level: float) -> float:
    """The level, if it is a fraction that an interval can be computed for."""
    if not isinstance(level, Real) or not 0.0 < level <= HIGHEST_LEVEL:
        raise DataError(problems.level_out_of_range(level))
    return level


def checked_ci_method(asked: str, *, own: bool) -> str:
    """The interval method; weights of one's own leave only the intervals of the fit itself."""
    name = checked_name("interval method", asked, CI_METHODS)
    if own:
        raise DataError(problems.no_interval_with_own_weights("interval", name, "the fit's own"))
    return name
