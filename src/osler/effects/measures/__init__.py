"""Effect measures, one module each, and the list of them."""

from collections.abc import Mapping
from types import MappingProxyType

from osler.effects import problems
from osler.effects.measures.mean_difference import MEAN_DIFFERENCE
from osler.effects.measures.measure import Measure
from osler.effects.measures.odds_ratio import ODDS_RATIO
from osler.effects.measures.risk_difference import RISK_DIFFERENCE
from osler.effects.measures.risk_ratio import RISK_RATIO
from osler.effects.measures.standardised_mean_difference import STANDARDISED_MEAN_DIFFERENCE

MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        measure.name: measure
        for measure in (
            RISK_RATIO,
            ODDS_RATIO,
            RISK_DIFFERENCE,
            MEAN_DIFFERENCE,
            STANDARDISED_MEAN_DIFFERENCE,
        )
    }
)

# Ratios that trials report and that cannot be computed from two arms' counts or means.
_REPORTED_RATIOS = ("HR", "IRR", "ROM")


def measure_named(name: str) -> Measure:
    """The measure of that name, in capitals or not; a DataError (EFF001) where there is none.

    Examples
    --------
    >>> measure_named("smd").label
    'standardised mean difference'
    """
    if name.upper() not in MEASURES:
        raise problems.unknown_measure(name, ", ".join(MEASURES))
    return MEASURES[name.upper()]


def is_ratio(name: str) -> bool:
    """Whether results of this name are analysed as logarithms.

    Examples
    --------
    >>> is_ratio("HR"), is_ratio("MD")
    (True, False)
    """
    known = MEASURES.get(name.upper())
    return known.ratio if known else name.upper() in _REPORTED_RATIOS


__all__ = ["MEASURES", "Measure", "is_ratio", "measure_named"]
