"""What can be wrong with questions put to a fitted network, as diagnostics."""

from collections.abc import Sequence

from osler.core.diagnostics import Diagnostic, Place, Severity

_MOST_NAMES = 6


def _error(code: str, message: str, found: str, help_: str) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, Place(""), message, found, "nothing is computed", help_)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def covariate_missing(name: str, studies: Sequence[str]) -> Diagnostic:
    return _error(
        "NET030",
        "studies of the network have no value of a covariate",
        f"{name}: {_listed(studies)}",
        "fill the values in, or fit the network without these studies first",
    )


def covariate_flat(name: str, value: object) -> Diagnostic:
    return _error(
        "NET031",
        "a covariate is the same in all studies",
        f"{name} = {value}",
        "a covariate that does not vary explains nothing; choose another",
    )


def covariate_untold(name: str, interaction: str) -> Diagnostic:
    return _error(
        "NET032",
        "no study can tell what the covariate does",
        f"{name}, interaction {interaction!r}",
        "the covariate must vary between studies of one comparison, or around closed loops",
    )


def no_freedom(name: str, contrasts: int, coefficients: int) -> Diagnostic:
    return _error(
        "NET033",
        "the regression has as many coefficients as there are contrasts",
        f"{name}: {coefficients} coefficients, {contrasts} contrasts",
        'ask for less: interaction="common", or fewer levels',
    )


def order_incomplete(lacking: Sequence[str], unknown: Sequence[str]) -> Diagnostic:
    told = [f"lacking {_listed(lacking)}"] if lacking else []
    told += [f"unknown {_listed(unknown)}"] if unknown else []
    return _error(
        "NET034",
        "the order of treatments is not that of the network",
        "; ".join(told) or "a treatment stands twice",
        "name every treatment once, for example from the oldest to the newest",
    )


def too_few_contrasts(k: int) -> Diagnostic:
    return _error(
        "NET035",
        "too few comparisons for a funnel plot",
        f"{k} contrasts of comparisons with two studies or more",
        "a test of asymmetry needs three contrasts at least, and ten to be worth reading",
    )


def no_modifiers(columns: Sequence[str]) -> Diagnostic:
    return _error(
        "NET036",
        "there is no effect modifier to compare",
        f"columns: {_listed(columns) or 'none'}",
        "give a column named study, and one column or more of what studies differ in",
    )
