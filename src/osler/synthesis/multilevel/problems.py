"""What can be wrong with a multilevel model, as diagnostics."""

from collections.abc import Sequence

from osler.core.diagnostics import Diagnostic, Place, Severity

_NOWHERE = Place("")


def _error(code: str, message: str, found: str, help_: str) -> Diagnostic:
    so = "the model is not fitted until it is corrected"
    return Diagnostic(code, Severity.ERROR, _NOWHERE, message, found, so, help_)


def _listed(values: Sequence[object]) -> str:
    head = ", ".join(str(value) for value in values[:5])
    return f"{head}, ... ({len(values)} in all)" if len(values) > 5 else head


def too_few_rows(rows: int, coefficients: int) -> Diagnostic:
    return _error(
        "MLV001",
        "there are not more estimates than coefficients",
        f"{rows} estimates with all that the model needs, {coefficients} coefficients",
        "fit fewer coefficients, or bring more estimates",
    )


def not_finite(name: str, rows: Sequence[int]) -> Diagnostic:
    return _error(
        "MLV002",
        "a value is not a finite number",
        f"{name}, row {_listed(rows)}",
        "correct the value, or leave the cell empty to leave the row out",
    )


def variance_not_positive(row: int, value: float) -> Diagnostic:
    return _error(
        "MLV003",
        "a sampling variance is not above 0",
        f"row {row}: variance {value:g}",
        "an estimate known without error cannot be weighed; check it, or leave it out by name",
    )


def covariance_shape(found: str) -> Diagnostic:
    return _error(
        "MLV004",
        "the sampling covariance does not fit the data",
        found,
        "give one row and column for each row of the data, or blocks that add up to them",
    )


def covariance_not_definite(found: str) -> Diagnostic:
    return _error(
        "MLV005",
        "the sampling covariance is not a covariance matrix",
        found,
        "check the correlations; sampling_covariance(..., nearest=True) mends small errors",
    )


def not_a_random_term(found: str) -> Diagnostic:
    return _error(
        "MLV006",
        "a random term is not understood",
        found,
        'write "district", "~ 1 | district/school", "~ outcome | study", or one of Intercept, '
        "Structured, Related, Slopes",
    )


def unknown_structure(given: str, known: Sequence[str]) -> Diagnostic:
    return _error("MLV007", "unknown structure", repr(given), f"use one of {', '.join(known)}")


def one_inner_column(label: str, structure: str) -> Diagnostic:
    return _error(
        "MLV007",
        "the structure takes one inner column",
        f"{label} with {structure}",
        "name one column of levels; several columns are coordinates, for SP... structures",
    )


def group_missing(label: str, rows: Sequence[int]) -> Diagnostic:
    return _error(
        "MLV008",
        "a row has no group or level for a random term",
        f"{label}, row {_listed(rows)}",
        "fill the cells in, or leave the rows out by name",
    )


def relation_shape(label: str, found: str) -> Diagnostic:
    return _error(
        "MLV009",
        "a relationship matrix cannot be used",
        f"{label}: {found}",
        "give a symmetric correlation matrix with one name a row",
    )


def relation_names(label: str, unknown: Sequence[str]) -> Diagnostic:
    return _error(
        "MLV010",
        "a relationship matrix lacks levels of the data",
        f"{label}: {_listed(unknown)}",
        "name the rows of the matrix as the column of the data does",
    )


def unknown_choice(kind: str, given: object, known: str) -> Diagnostic:
    return _error("MLV011", f"unknown {kind}", repr(given), f"use {known}")


def not_full_rank(names: Sequence[str]) -> Diagnostic:
    return _error(
        "MLV012",
        "coefficients cannot be told apart",
        f"the columns {_listed(names)} depend on each other",
        "leave one of them out of the formula",
    )


def beyond_computing(found: str) -> Diagnostic:
    return _error(
        "MLV013",
        "a number is too large or too small to compute with",
        found,
        "check the units in which estimates and variances are given",
    )


def formula_not_read(formula: str, reason: str) -> Diagnostic:
    return _error(
        "MLV014",
        "the formula cannot be used",
        f"{formula!r}: {reason}",
        'write "~ 1", "~ year + design" with columns of the data; formulas beyond "~ 1" need '
        "the package formulaic (pip install 'osler[formula]')",
    )


def sizes_disagree(found: str) -> Diagnostic:
    return _error(
        "MLV015",
        "arrays do not fit together",
        found,
        "give one row of the design for each row of the data, and a name for each column",
    )


def no_component(name: str, known: Sequence[str]) -> Diagnostic:
    return _error(
        "MLV016",
        "there is no such variance component",
        f"{name!r}; there are {', '.join(known) or 'none'}",
        "ask for one of these, as it is written",
    )


def impossible_value(name: str, value: float) -> Diagnostic:
    return _error(
        "MLV017",
        "a component cannot have this value",
        f"{name} = {value:g}",
        "variances are at least 0, correlations lie between their ends",
    )


def new_level(label: str, level: str, known: Sequence[str]) -> Diagnostic:
    return _error(
        "MLV018",
        "a level is not among those of the data",
        f"{label}: {level}; there are {_listed(known)}",
        "ask for one of these",
    )


def models_not_comparable(found: str) -> Diagnostic:
    return Diagnostic(
        "MLV019",
        Severity.ERROR,
        _NOWHERE,
        "the two models cannot be compared by their likelihoods",
        found,
        "no test is made",
        "fit both by method='ML' to the same rows, one model within the other; by 'REML' only "
        "where the moderators are the same",
    )
