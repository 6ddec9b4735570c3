"""What can be wrong with assumed covariances, as diagnostics."""

from osler.core.diagnostics import Diagnostic, Place, Severity


def _error(code: str, message: str, found: str, help_: str) -> Diagnostic:
    so = "no covariance is made until it is corrected"
    return Diagnostic(code, Severity.ERROR, Place(""), message, found, so, help_)


def lengths_disagree(found: str) -> Diagnostic:
    return _error("COV001", "columns do not fit together", found, "give one value for each row")


def value_missing(name: str, row: int) -> Diagnostic:
    return _error(
        "COV002",
        "a value is missing or not a finite number",
        f"{name}, row {row}",
        "fill the cell in, or leave the row out by name",
    )


def variance_not_positive(row: int, value: float) -> Diagnostic:
    return _error(
        "COV003", "a variance is not above 0", f"row {row}: {value:g}", "check the extraction"
    )


def correlation_needed(what: str, argument: str) -> Diagnostic:
    return _error(
        "COV004",
        "a correlation is needed and was not given",
        what,
        f"give {argument}, and try several values: it is an assumption",
    )


def correlation_not_usable(found: str) -> Diagnostic:
    return _error(
        "COV005",
        "a correlation cannot be used",
        found,
        "correlations lie between −1 and 1; a matrix is symmetric and names every level",
    )


def not_definite(cluster: str, lowest: float) -> Diagnostic:
    return _error(
        "COV006",
        "the correlations of a cluster are impossible together",
        f"cluster {cluster}: smallest eigenvalue of its correlations {lowest:.3g}",
        "check the levels and the correlations; nearest=True takes the nearest possible matrix",
    )


def unknown_choice(kind: str, given: object, known: str) -> Diagnostic:
    return _error("COV007", f"unknown {kind}", repr(given), f"use {known}")


def matrix_does_not_fit(found: str) -> Diagnostic:
    return _error(
        "COV008",
        "the covariance matrix does not fit the clusters",
        found,
        "give one row for each estimate, and no covariance between clusters",
    )


def correlations_incomplete(found: str) -> Diagnostic:
    return _error(
        "COV009",
        "the correlations of a study are not one complete matrix",
        found,
        "give every correlation among the variables of a study once, with one number of people",
    )
