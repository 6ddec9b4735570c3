"""Findings as GitHub's workflow commands, which show them beside the lines of a pull request."""

from collections.abc import Iterable

from osler.core.diagnostics import Diagnostic, Severity
from osler.core.rendering.passages import end_column
from osler.core.rendering.report import Report

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def report_as_annotations(report: Report) -> str:
    """One command a line for each finding that counts; GitHub shows ten of a kind in a step."""
    return "\n".join(annotation(d) for d in report.standing)


def annotation(d: Diagnostic) -> str:
    """The workflow command for one finding.

    Examples
    --------
    >>> from osler.core.diagnostics import Place
    >>> print(annotation(Diagnostic("CLM006", Severity.ERROR, Place("a.md", 3, 5, 9), "100%")))
    ::error file=a.md,line=3,endLine=3,col=5,endColumn=9,title=CLM006%3A 100%25::100%25
    """
    place = d.place
    where = [
        ("file", place.file),
        ("line", str(place.line)),
        ("endLine", str(place.line)),
        ("col", str(place.column)),
        ("endColumn", str(end_column(place))),
        ("title", f"{d.code}: {d.message}"),
    ]
    values = ",".join(f"{name}={_property(value)}" for name, value in where)
    return f"::{_LEVELS[d.severity]} {values}::{_data(_body(d))}"


def _body(d: Diagnostic) -> str:
    parts = [d.found, d.so, d.help]
    return "\n".join(_without_empty(parts)) or d.message


def _without_empty(parts: Iterable[str]) -> Iterable[str]:
    return (part for part in parts if part)


def _data(text: str) -> str:
    """As the runner reads it back: a per cent sign first, or it would be read twice."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
