"""Diagnostics as text for people and as JSON for programs."""

import json
import textwrap
from collections.abc import Sequence
from typing import Literal

from osler.core.diagnostics import Diagnostic, Place, Severity

Style = Literal["text", "json"]

_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}
_WIDTH = 96
_WINDOW = 110


def render(diagnostics: Sequence[Diagnostic], style: Style = "text", colour: bool = False) -> str:
    """All diagnostics in one text, without a closing newline.

    Parameters
    ----------
    diagnostics : sequence of Diagnostic
        In the order in which they are to be shown.
    style : "text" or "json"
        Text shows the line with the place underlined; JSON is a list of objects with
        code, severity, file, line, column, end_column, field, message, found, so, help.
    colour : bool
        ANSI colours in the text; ignored for JSON.

    Examples
    --------
    >>> d = Diagnostic(
    ...     "TAB004", Severity.ERROR, Place("arms.csv", 3, 5, 7, "n", "a,b,x1"), "not a number"
    ... )
    >>> print(render([d]))
    arms.csv:3:5: TAB004 error: not a number [n]
       |
     3 | a,b,x1
       |     ^^
       = more  osler explain TAB004
    """
    if style == "json":
        return json.dumps([_as_object(d) for d in diagnostics], indent=2, ensure_ascii=False)
    return "\n\n".join(_as_text(d, colour) for d in diagnostics)


def count_line(diagnostics: Sequence[Diagnostic], checked: str) -> str:
    """One closing line: how many findings of each severity, in what.

    Examples
    --------
    >>> count_line([], "2 pages")
    'No findings in 2 pages.'
    """
    counts = [(s, sum(d.severity is s for d in diagnostics)) for s in Severity]
    told = [f"{n} {s}{'s' if n != 1 else ''}" for s, n in counts if n]
    return f"{', '.join(told)} in {checked}." if told else f"No findings in {checked}."


def _as_object(d: Diagnostic) -> dict[str, str | int]:
    return {
        "code": d.code,
        "severity": d.severity.value,
        "file": d.place.file,
        "line": d.place.line,
        "column": d.place.column,
        "end_column": _end_column(d.place),
        "field": d.place.field,
        "message": d.message,
        "found": d.found,
        "so": d.so,
        "help": d.help,
    }


def _as_text(d: Diagnostic, colour: bool) -> str:
    tint = _COLOURS[d.severity]
    place = f"{d.place.file}:{d.place.line}:{d.place.column}:"
    field = f" [{d.place.field}]" if d.place.field else ""
    head = f"{_paint(place, '1', colour)} {_paint(f'{d.code} {d.severity}:', tint, colour)}"
    lines = [f"{head} {d.message}{field}"]
    gutter = " " * (len(str(d.place.line)) + 2)
    if d.place.source:
        lines += _excerpt(d.place, gutter, tint, colour)
    for label, text in (("found", d.found), ("so", d.so), ("help", d.help)):
        if text:
            lines += _labelled(label, text, gutter)
    lines.append(f"{gutter}= more  osler explain {d.code}")
    return "\n".join(lines)


def _excerpt(place: Place, gutter: str, tint: str, colour: bool) -> list[str]:
    """The line, cut to a window around the passage, and the underline below it."""
    source = place.source.replace("\t", " ")
    start = place.column - 1
    length = max(1, _end_column(place) - place.column)
    left = max(0, start - 30) if len(source) > _WINDOW else 0
    shown = source[left : left + _WINDOW]
    before = "…" if left else ""
    after = "…" if left + _WINDOW < len(source) else ""
    marks = "^" * max(1, min(length, len(shown) - (start - left)))
    pad = " " * (len(before) + start - left)
    return [
        f"{gutter}|",
        f" {place.line} | {before}{shown}{after}",
        f"{gutter}| {pad}{_paint(marks, tint, colour)}",
    ]


def _labelled(label: str, text: str, gutter: str) -> list[str]:
    head = f"{gutter}= {label:<5} "
    body: list[str] = []
    for paragraph in text.splitlines():
        body += textwrap.wrap(paragraph, _WIDTH - len(head)) or [""]
    return [head + body[0], *(" " * len(head) + line for line in body[1:])]


def _end_column(place: Place) -> int:
    """The stored end, or the end of the word that starts at the column."""
    if place.end_column > place.column:
        return place.end_column
    rest = place.source[place.column - 1 :]
    return place.column + max(1, len(rest.split(" ", 1)[0].split(",", 1)[0]))


def _paint(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text
