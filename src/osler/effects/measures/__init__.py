"""Effect measures, a module for each close family, and the list of them."""

from collections.abc import Mapping
from types import MappingProxyType

from osler.effects import problems
from osler.effects.measures.association import (
    BISERIAL,
    PHI,
    POINT_BISERIAL,
    PROBIT,
    TETRACHORIC,
)
from osler.effects.measures.change import CHANGES
from osler.effects.measures.correlations import CORRELATIONS
from osler.effects.measures.incidence import RATE_DIFFERENCE, RATE_RATIO, ROOT_RATE_DIFFERENCE
from osler.effects.measures.means import MEAN_DIFFERENCE, RATIO_OF_MEANS
from osler.effects.measures.measure import Measure, Options
from osler.effects.measures.odds import ODDS_RATIO, OR2DL, OR2DN, PETO, YULE_Q, YULE_Y
from osler.effects.measures.pairs import PAIRS
from osler.effects.measures.risks import ARCSINE_DIFFERENCE, RISK_DIFFERENCE, RISK_RATIO
from osler.effects.measures.single import SINGLE_GROUP
from osler.effects.measures.standardised import (
    D2ORL,
    D2ORN,
    GLASS,
    GLASS_UNEQUAL,
    STANDARDISED_MEAN_DIFFERENCE,
    UNEQUAL_SPREADS,
)
from osler.effects.measures.variability import (
    LOG_SD,
    LOG_VARIATION,
    VARIABILITY_RATIO,
    VARIATION_RATIO,
)
from osler.effects.measures.zero_cells import CONVENTIONS, ZeroCells, zero_cells_named

MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        measure.name: measure
        for measure in (
            *(RISK_RATIO, ODDS_RATIO, RISK_DIFFERENCE),
            *(MEAN_DIFFERENCE, STANDARDISED_MEAN_DIFFERENCE),
            *(ARCSINE_DIFFERENCE, PETO, YULE_Q, YULE_Y, PHI, TETRACHORIC),
            *(OR2DN, OR2DL, PROBIT),
            *(RATE_RATIO, RATE_DIFFERENCE, ROOT_RATE_DIFFERENCE),
            *(UNEQUAL_SPREADS, GLASS, GLASS_UNEQUAL, RATIO_OF_MEANS),
            *(VARIABILITY_RATIO, VARIATION_RATIO, POINT_BISERIAL, BISERIAL, D2ORN, D2ORL),
            *SINGLE_GROUP,
            *(LOG_SD, LOG_VARIATION),
            *CORRELATIONS,
            *CHANGES,
            *PAIRS,
        )
    }
)

# Ratios that trials report and that cannot be computed from two arms' counts or means.
_REPORTED_RATIOS = ("HR",)


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
    asked = str(name).upper()
    known = MEASURES.get(asked)
    return known.ratio if known else asked in _REPORTED_RATIOS


__all__ = [
    "CONVENTIONS",
    "MEASURES",
    "Measure",
    "Options",
    "ZeroCells",
    "is_ratio",
    "measure_named",
    "zero_cells_named",
]
