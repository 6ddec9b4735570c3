"""What can be wrong with the wish for a figure of a network, as diagnostics."""

from collections.abc import Iterable, Sequence

from osler.core.diagnostics import Diagnostic, Place, Severity


def _error(code: str, message: str, found: str, help_: str) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, Place(""), message, found, "nothing is drawn", help_)


def not_in_network(what: str, names: Iterable[str], known: Iterable[str]) -> Diagnostic:
    return _error(
        "FIG012",
        f"{what} that the network does not have",
        ", ".join(map(repr, names)),
        f"there are {', '.join(known)}",
    )


def no_value(what: str, names: Iterable[str]) -> Diagnostic:
    return _error(
        "FIG012",
        f"{what} are not given for every treatment",
        ", ".join(map(repr, names)),
        "give a number of 0 or more for each, or leave the sizes out",
    )


def wrong_shape(
    figure: str, found: Sequence[int], rows: Sequence[object], columns: Sequence[object]
) -> Diagnostic:
    return _error(
        "FIG013",
        f"the numbers of a {figure} figure do not fit its names",
        f"{' by '.join(map(str, found))} numbers, {len(rows)} rows, {len(columns)} columns",
        "give one row of numbers a row's name, one number a column's name",
    )


def nothing_to_show(figure: str, why: str) -> Diagnostic:
    return _error("FIG014", f"there is nothing to show in a {figure} figure", why, "see its page")


def not_finite(figure: str, what: str) -> Diagnostic:
    return _error(
        "FIG015",
        f"a {figure} figure was given numbers it cannot show",
        what,
        "give finite numbers, and standard errors above 0",
    )
