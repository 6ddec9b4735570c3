"""What can be asked of a multiverse that cannot be answered, as diagnostics."""

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity


def _error(code: str, message: str, found: str, help_: str) -> DataError:
    so = "nothing is computed until it is corrected"
    return DataError(Diagnostic(code, Severity.ERROR, Place(""), message, found, so, help_))


def empty_choice(name: str) -> DataError:
    return _error("MUV001", f"there is nothing to choose from in {name}", "no option", "name one")


def study_not_there(exclusion: str, study: str) -> DataError:
    return _error(
        "MUV002",
        "a study to be left out is not there",
        f"exclusion {exclusion!r} names {study!r}",
        "write study labels as in the table, or give a function of a row",
    )


def nothing_computed(first: str) -> DataError:
    return _error(
        "MUV003",
        "no specification could be computed",
        f"the first: {first}",
        "look at the choices: each must leave studies, and be known",
    )


def needs_a_table(names: str) -> DataError:
    return _error(
        "MUV004",
        "effects are already computed: these choices come too late",
        names,
        "give the table itself, or a mapping of names to effects computed in several ways",
    )


def mid_unusable(found: str) -> DataError:
    return _error(
        "MUV005",
        "the smallest important effect cannot be used",
        found,
        "give a distance from no effect above 0 on the analysis scale (a ratio as its log), or "
        "one for each measure",
    )


def too_many(count: int, most: int) -> DataError:
    return _error(
        "MUV006",
        "the grid is too large",
        f"{count} specifications, where {most} are the most",
        "leave out choices that nobody would defend",
    )
