"""What can be wrong with a network, as diagnostics."""

from collections.abc import Sequence

from osler.core.diagnostics import Diagnostic, Place, Severity


def _error(
    code: str, message: str, found: str, help_: str, so: str = "nothing is pooled"
) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, Place(""), message, found, so, help_)


def number_unusable(study: str, a: str, b: str, estimate: float, variance: float) -> Diagnostic:
    return _error(
        "NET001",
        "a contrast has no estimate, or no variance above 0",
        f"{study}, {a} against {b}: estimate {estimate:g}, variance {variance:g}",
        "fill the contrast in, or leave the study out by name",
    )


def same_treatment(study: str, treatment: str) -> Diagnostic:
    return _error(
        "NET002",
        "a treatment is compared with itself",
        f"{study}: {treatment} against {treatment}",
        "give doses or kinds that differ names of their own, or combine the arms first",
    )


def contrast_twice(study: str, a: str, b: str) -> Diagnostic:
    return _error(
        "NET003",
        "a study has the same contrast twice",
        f"{study}: {a} against {b}",
        "two studies of one name need two names; of two outcomes or times choose one",
    )


def contrasts_absent(
    study: str, arms: Sequence[str], absent: Sequence[tuple[str, str]]
) -> Diagnostic:
    wanted = ", ".join(f"{a} against {b}" for a, b in absent[:6])
    return _error(
        "NET004",
        "a study with several arms lacks contrasts between them",
        f"{study} has {len(arms)} arms ({', '.join(arms)}) and no row for {wanted}",
        "add the rows (their variances tell how the contrasts share an arm), or give the arms",
    )


def estimates_contradict(study: str, a: str, b: str, told: float, implied: float) -> Diagnostic:
    return _error(
        "NET005",
        "the estimates of one study contradict each other",
        f"{study}: {a} against {b} is {told:g}, and {implied:g} by way of its other arms",
        "check signs and digits: within a study A-B and B-C give A-C exactly",
    )


def variances_contradict(study: str, arms: Sequence[str]) -> Diagnostic:
    return _error(
        "NET006",
        "no arms could have these variances",
        f"{study}: {', '.join(arms)}",
        "check the standard errors: adjusted or rounded ones often do not fit together",
    )


def no_such_treatment(name: str, known: Sequence[str]) -> Diagnostic:
    return _error(
        "NET010",
        "the network has no such treatment",
        f"{name!r}; there are {', '.join(known)}",
        "name one of these",
    )


def no_studies() -> Diagnostic:
    return _error(
        "NET011", "there is no study to pool", "no rows", "give a row a contrast or an arm"
    )


def ranking_unclear(better: object, mid: object) -> Diagnostic:
    return _error(
        "NET012",
        "the ranking does not know what is good",
        f"better={better!r}, mid={mid!r}",
        'say better="lower" (pain) or better="higher" (recovery), with mid 0 or above',
        "nothing is ranked",
    )
