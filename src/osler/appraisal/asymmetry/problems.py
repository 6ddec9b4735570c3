"""What can be wrong with what a look at small-study effects is given, as diagnostics."""

from collections.abc import Iterable

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity

_NOWHERE = Place("")


def _error(code: str, message: str, found: str, help_: str) -> DataError:
    so = "nothing is tested or corrected until it is put right"
    return DataError(Diagnostic(code, Severity.ERROR, _NOWHERE, message, found, so, help_))


def too_few(what: str, k: int, least: int) -> DataError:
    return _error(
        "ASY001",
        f"there are too few studies for {what}",
        f"{k} given, at least {least} needed",
        "say that small-study effects could not be examined",
    )


def unusable_number(whose: str, estimate: float, variance: float) -> DataError:
    return _error(
        "ASY002",
        "an estimate or a variance cannot be used",
        f"{whose}: estimate {estimate:g}, variance {variance:g}",
        "estimates are finite, variances above 0, both within 1e-100 and 1e100; check the study, "
        "or leave it out by name",
    )


def lengths_disagree(found: str) -> DataError:
    return _error(
        "ASY002", "numbers are not of one length", found, "give one of each for every study"
    )


def unknown_choice(what: str, given: object, known: Iterable[str]) -> DataError:
    return _error("ASY003", f"unknown {what}", repr(given), f"use one of {', '.join(known)}")


def missing_numbers(what: str, missing: Iterable[str]) -> DataError:
    return _error(
        "ASY004",
        f"{what} needs numbers that were not given",
        f"missing: {', '.join(missing)}",
        "give them as `arms={...}` or `n=...`, one value a study",
    )


def unusable_arm_number(whose: str, what: str) -> DataError:
    return _error(
        "ASY004",
        "numbers of participants or events cannot be used",
        f"{whose}: {what}",
        "check the study's counts, or leave it out by name",
    )


def no_spread(what: str, found: str) -> DataError:
    return _error(
        "ASY005",
        f"{what} needs studies that differ in size",
        found,
        "say that small-study effects could not be examined",
    )


def out_of_range(what: str, given: float, allowed: str) -> DataError:
    return _error("ASY006", f"{what} is out of range", f"{given:g}", f"it lies {allowed}")
