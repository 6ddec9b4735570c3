"""What can be asked of a plan that cannot be answered, as diagnostics."""

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity


def _error(code: str, message: str, found: str, help_: str) -> DataError:
    so = "no power is computed until it is corrected"
    return DataError(Diagnostic(code, Severity.ERROR, Place(""), message, found, so, help_))


def no_effect(found: str) -> DataError:
    return _error(
        "POW001",
        "there is no effect to find",
        found,
        "give an effect on the analysis scale (a ratio as its log) that is finite and not 0",
    )


def not_a_rate(name: str, value: float) -> DataError:
    return _error(
        "POW002",
        f"{name} is out of range",
        f"{name} = {value:g}",
        "alpha and power lie between 0 and 1, and power above alpha",
    )


def variance_unknown(found: str) -> DataError:
    return _error(
        "POW003",
        "the variance of a study cannot be told",
        found,
        "give variance (above 0), or measure with n_treated and n_control and, where the measure "
        "needs it, sd or control_risk",
    )


def heterogeneity_unknown(found: str) -> DataError:
    return _error(
        "POW004",
        "the heterogeneity that is assumed cannot be",
        found,
        "give tau2 (0 or more), or i2 (from 0 to below 1), not both",
    )


def number_of_studies(found: str) -> DataError:
    return _error(
        "POW005",
        "the number of studies cannot be planned with",
        found,
        "give a whole number, as many as there are variances, and enough for the test",
    )


def unknown_choice(what: str, given: object, known: str) -> DataError:
    return _error("POW006", f"unknown {what}", repr(given), f"use one of {known}")


def out_of_reach(found: str) -> DataError:
    return _error(
        "POW007",
        "no number of studies, or no effect, gives this power",
        found,
        "plan for larger studies, another effect, or less power",
    )
