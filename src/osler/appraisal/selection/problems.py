"""What can be wrong with a selection model, as diagnostics."""

from collections.abc import Iterable

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity


def _error(code: str, message: str, found: str, help_: str) -> DataError:
    so = "no selection model is fitted until it is put right"
    return DataError(Diagnostic(code, Severity.ERROR, Place(""), message, found, so, help_))


def unknown_choice(what: str, given: object, known: Iterable[str]) -> DataError:
    return _error("SEL001", f"unknown {what}", repr(given), f"use one of {', '.join(known)}")


def unusable_steps(found: str) -> DataError:
    return _error(
        "SEL002",
        "the steps cannot be used",
        found,
        "give rising p-values between 0 and 1, as (0.025, 0.5); other functions than steps "
        "take one, or none",
    )


def empty_interval(found: str) -> DataError:
    return _error(
        "SEL003",
        "no study has a p-value within an interval",
        found,
        "its weight cannot be estimated: take fewer steps, or fix the weights",
    )


def too_few(k: int, least: int, parameters: int) -> DataError:
    return _error(
        "SEL004",
        "there are too few studies for the selection model",
        f"{k} studies for {parameters} parameters; at least {least} are needed",
        "take a simpler model, or say that selection could not be examined",
    )


def unusable_weights(found: str) -> DataError:
    return _error(
        "SEL005",
        "the fixed selection parameters cannot be used",
        found,
        "give one a parameter, None where it is to be estimated",
    )


def unusable_moderators(found: str) -> DataError:
    return _error(
        "SEL006",
        "the moderators cannot be used",
        found,
        "give finite numbers, one a study, that are no combination of each other",
    )


def out_of_range(what: str, given: float, allowed: str) -> DataError:
    return _error("SEL007", f"{what} is out of range", f"{given:g}", f"it lies {allowed}")


def none_significant(what: str, found: str) -> DataError:
    return _error(
        "SEL008",
        f"{what} has no study to work with",
        found,
        "it looks only at significant studies: say that there are none",
    )


def not_by_p(title: str) -> DataError:
    return _error(
        "SEL009",
        "the weights of this model are not of p-values",
        title,
        "read its two weights from .selection",
    )
