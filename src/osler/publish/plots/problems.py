"""What can be wrong with the wish for a figure, as diagnostics."""

from collections.abc import Iterable

from osler.core.diagnostics import Diagnostic, Place, Severity

_NOWHERE = Place("")


def _error(code: str, message: str, found: str, help_: str) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, _NOWHERE, message, found, "nothing is drawn", help_)


def no_matplotlib(figure: str) -> Diagnostic:
    return _error(
        "FIG001",
        "figures need Matplotlib, which is not installed",
        f"asked for: {figure}",
        "pip install 'osler[figures]'",
    )


def does_not_fit(figure: str, kind: str, needs: str) -> Diagnostic:
    return _error(
        "FIG002",
        f"a {figure} figure cannot be drawn of this",
        f"a {kind}",
        f"give {needs}",
    )


def unknown_choice(option: str, given: object, known: Iterable[str]) -> Diagnostic:
    return _error("FIG003", f"unknown {option}", repr(given), f"use one of {', '.join(known)}")


def wrong_length(column: str, found: int, wanted: int) -> Diagnostic:
    return _error(
        "FIG004",
        "a column does not have one value a study",
        f"{column}: {found} values for {wanted} studies",
        "give one value a study, in the order of the studies; None where there is none",
    )


def no_column(name: str, known: Iterable[str]) -> Diagnostic:
    return _error(
        "FIG005",
        f"there is no column {name!r} to show",
        f"columns: {', '.join(known) or 'none'}",
        "name one of these, or hand a table with it as `data`",
    )


def too_few(figure: str, k: int, least: int) -> Diagnostic:
    return _error(
        "FIG006",
        f"a {figure} figure needs at least {least} studies",
        f"{k}",
        "draw a forest plot instead",
    )


def bad_limits(given: object) -> Diagnostic:
    return _error(
        "FIG007",
        "the limits of an axis are not two rising numbers",
        repr(given),
        "write (lower, upper) as shown on the axis; ratios as ratios, above 0",
    )


def bad_file_type(path: str, known: Iterable[str]) -> Diagnostic:
    return _error(
        "FIG008",
        "a figure cannot be written to a file of this kind",
        path,
        f"use a name that ends in one of {', '.join(known)}; several pages go into a .pdf",
    )


def no_counts(figure: str, needed: Iterable[str], known: Iterable[str]) -> Diagnostic:
    return _error(
        "FIG009",
        f"a {figure} figure needs the counts of both arms",
        f"columns: {', '.join(known) or 'none'}",
        f"hand a table with {', '.join(needed)} as `data`",
    )


def bad_size(option: str, given: object) -> Diagnostic:
    return _error(
        "FIG010",
        f"{option} is not a size that can be drawn",
        repr(given),
        "give a number above 0 (inches; points for fonts), or 'single', 'middle' or 'double'",
    )


def no_interval(label: str, given: object) -> Diagnostic:
    return _error(
        "FIG016",
        "a row of one's own is no estimate with its interval",
        f"{label}: {given!r}"[:200],
        "give a result with an interval, or (estimate, lower, upper) as shown, ratios as ratios",
    )


def different_studies(panel: str) -> Diagnostic:
    return _error(
        "FIG011",
        "there is nothing to set side by side",
        panel,
        "give a mapping of at least one panel's name to its result",
    )
