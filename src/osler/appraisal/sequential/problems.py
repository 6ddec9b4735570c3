"""What can be asked of a sequential analysis that cannot be answered, as diagnostics."""

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity


def _error(code: str, message: str, found: str, help_: str) -> DataError:
    so = "no boundary is computed until it is corrected"
    return DataError(Diagnostic(code, Severity.ERROR, Place(""), message, found, so, help_))


def not_a_probability(name: str, value: float) -> DataError:
    return _error(
        "SEQ001",
        f"{name} does not lie between 0 and 1",
        f"{name} = {value:g}",
        "write 0.05 for 5 %; the power must be larger than half of alpha",
    )


def no_relevant_effect(found: str) -> DataError:
    return _error(
        "SEQ002",
        "there is no relevant effect to plan for",
        found,
        "give relevant_effect on the analysis scale (a ratio as its log; not 0), or for RR, OR "
        "and RD a relative risk reduction and a control risk",
    )


def unknown_choice(what: str, given: object, known: str) -> DataError:
    return _error("SEQ003", f"unknown {what}", repr(given), f"use one of {known}")


def heterogeneity_out_of_range(given: object) -> DataError:
    return _error(
        "SEQ004",
        "the adjustment for heterogeneity is not a fraction below 1",
        f"heterogeneity = {given!r}",
        'write "diversity", "none", or a fraction from 0 to below 1',
    )


def times_not_increasing(found: str) -> DataError:
    return _error(
        "SEQ005",
        "information does not grow from look to look",
        found,
        "give fractions above 0, each larger than the one before by 1e-6 or more",
    )


def risks_impossible(found: str) -> DataError:
    return _error(
        "SEQ006",
        "the risks that were assumed cannot be",
        found,
        "give a control risk between 0 and 1, and a reduction that leaves a risk between 0 and 1",
    )


def participants_unusable(found: str) -> DataError:
    return _error(
        "SEQ007",
        "the participants cannot be counted",
        found,
        "give one number above 0 for every study, in the order of the studies",
    )
