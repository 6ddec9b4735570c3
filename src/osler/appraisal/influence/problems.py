"""What can be asked of the influence of studies that cannot be answered, as diagnostics."""

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.core.wording import counted


def _error(code: str, message: str, found: str, help_: str) -> DataError:
    so = "nothing is computed until it is corrected"
    return DataError(Diagnostic(code, Severity.ERROR, Place(""), message, found, so, help_))


def too_few_studies(what: str, k: int, least: int) -> DataError:
    return _error(
        "INF001",
        f"too few studies for {what}",
        f"{counted(k, 'study', 'studies')}, where {least} are needed",
        "look at the studies one by one; with so few nothing can be said about influence",
    )


def unknown_choice(what: str, given: object, known: str) -> DataError:
    return _error("INF002", f"unknown {what}", repr(given), f"use one of {known}")


def order_of_other_length(given: int, k: int) -> DataError:
    return _error(
        "INF003",
        "the order does not name one value for every study",
        f"{counted(given, 'value')} for {counted(k, 'study', 'studies')}",
        "give one value a study, in the order of the studies",
    )


def order_not_comparable(found: str) -> DataError:
    return _error(
        "INF004",
        "the studies cannot be put in order",
        found,
        "give numbers, or texts, for all studies, and none missing",
    )


def no_such_column(name: str, known: str) -> DataError:
    return _error(
        "INF005",
        f"there is no column {name!r} to order the studies by",
        f"columns: {known or 'none'}",
        'name one of these, give one value a study, or write "precision"',
    )


def subsets_out_of_range(given: object, most: int) -> DataError:
    return _error(
        "INF006",
        "the number of subsets cannot be worked with",
        f"subsets = {given}",
        f"give a whole number from 1 to {most}, or none for the default",
    )


def generator_missing(what: str) -> DataError:
    return _error(
        "INF007",
        f"{what} needs a random generator",
        "no generator was given",
        "write rng=1 (or a numpy.random.Generator), so that the result can be repeated",
    )


def counts_keep_their_way(method: str) -> DataError:
    return _error(
        "INF011",
        "counts are pooled again as they were",
        f"a synthesis of counts by {method}, and another model, estimator or level beside it",
        "leave model, tau2_method, ci_method and level out; osler.pool_counts takes them",
    )


def models_keep_their_way(kind: str, found: str) -> DataError:
    return _error(
        "INF012",
        f"{found} cannot be chosen for {kind}",
        f"{kind}, and {found} beside it",
        "leave it out: a fitted model is fitted again as it was, without some of its rows",
    )


def own_weights(what: str) -> DataError:
    return _error(
        "INF014",
        f"{what} needs weights by inverse variances",
        "a meta-regression with weights of one's own",
        "fit it without weights",
    )


def level_out_of_range(name: str, value: float) -> DataError:
    return _error(
        "INF008",
        f"{name} does not lie between 0 and 1",
        f"{name} = {value:g}",
        "write 0.05 for 5 %",
    )


def fewest_repetitions(given: int, least: int) -> DataError:
    return _error(
        "INF009",
        "too few simulated sets of studies for an envelope",
        f"{counted(given, 'set')}, where {least} are needed at this level",
        "ask for more repetitions",
    )
