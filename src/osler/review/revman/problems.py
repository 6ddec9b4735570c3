"""What can be wrong with a RevMan file, as diagnostics."""

from collections.abc import Sequence

from osler.core.diagnostics import Diagnostic, Place, Severity


def needs_defusedxml() -> Diagnostic:
    return Diagnostic(
        "RMN001",
        Severity.ERROR,
        Place(""),
        "reading RevMan files needs defusedxml, which is not installed",
        "XML from outside is not read without it",
        "nothing was read",
        "pip install 'osler[records]'",
    )


def not_revman(file: str, found: str) -> Diagnostic:
    return Diagnostic(
        "RMN002",
        Severity.ERROR,
        Place(file),
        "this is no RevMan file",
        found,
        "nothing was read",
        "give a file of RevMan 5 (.rm5), or a data package of RevMan Web (.zip, or its folder)",
    )


def broken(file: str, line: int, found: str) -> Diagnostic:
    return Diagnostic(
        "RMN003",
        Severity.ERROR,
        Place(file, max(line, 1)),
        "the file cannot be read as XML",
        found,
        "nothing was read",
        "save it again in RevMan, or download it again",
    )


def hostile(file: str, found: str) -> Diagnostic:
    return Diagnostic(
        "RMN004",
        Severity.ERROR,
        Place(file),
        "the file declares entities or draws on others, which RevMan never does",
        found,
        "nothing was read",
        "get the review from where it was published",
    )


def not_a_number(file: str, line: int, who: str, name: str, text: str) -> Diagnostic:
    return Diagnostic(
        "RMN005",
        Severity.WARNING,
        Place(file, line, field=name),
        "a number cannot be read",
        f"{who}: {name} is {text[:60]!r}",
        "the value is taken as missing",
        "look it up in the report, and correct it in the tables",
    )


def no_analysis(number: str, known: Sequence[str]) -> Diagnostic:
    shown = ", ".join(known[:30]) or "none"
    return Diagnostic(
        "RMN006",
        Severity.ERROR,
        Place(""),
        f"the review has no analysis {number!r}",
        f"it has {shown}{', ...' if len(known) > 30 else ''}",
        "nothing is taken",
        "ask for one of these, as it is written",
    )


def unknown_measure(file: str, line: int, analysis: str, text: str) -> Diagnostic:
    return Diagnostic(
        "RMN007",
        Severity.WARNING,
        Place(file, line),
        "the effect measure is not known by its name",
        f"{analysis}: {text[:60]!r}",
        "numbers are kept as they were analysed, without a measure",
        "name the measure when pooling, such as measure='HR'",
    )


def unknown_study(file: str, line: int, analysis: str, study: str) -> Diagnostic:
    return Diagnostic(
        "RMN008",
        Severity.WARNING,
        Place(file, line),
        "data belong to a study that the list of studies does not hold",
        f"{analysis}: {study[:80]!r}",
        "the study is kept under that name, without a reference",
        "add what is known of it to studies.csv",
    )


def scale_unclear(file: str, line: int, who: str, found: str) -> Diagnostic:
    return Diagnostic(
        "RMN009",
        Severity.WARNING,
        Place(file, line),
        "estimate, standard error and interval do not agree on any scale",
        f"{who}: {found}",
        "the row is kept as not estimable",
        "compute the effect from the report, and write it into contrasts.csv",
    )


def not_brought(file: str, line: int, what: str, why: str) -> Diagnostic:
    return Diagnostic(
        "RMN010",
        Severity.NOTE,
        Place(file, line),
        "part of the review was not brought over",
        what,
        why,
        "enter it by hand where it is needed",
    )


def several_subgroups(file: str, analysis: str, study: str) -> Diagnostic:
    return Diagnostic(
        "RMN011",
        Severity.WARNING,
        Place(file),
        "a study stands in several subgroups of one analysis",
        f"{analysis}: {study}",
        "its subgroups become outcomes of their own, so that none of its rows is lost",
        "see whether its people are counted twice where the subgroups were pooled",
    )


def same_labels(file: str, analysis: str, label: str) -> Diagnostic:
    return Diagnostic(
        "RMN012",
        Severity.WARNING,
        Place(file),
        "both groups of an analysis have the same name",
        f"{analysis}: {label!r}",
        "they are written as two treatments, with 'intervention' and 'comparator' added",
        "give the treatments their names in arms.csv",
    )
