"""A list of diagnostics, as text or as JSON."""

import json
from collections.abc import Iterable, Sequence
from typing import Literal

from osler.core.diagnostics import Diagnostic, Fix
from osler.core.rendering.passages import end_column
from osler.core.rendering.report import Aside, Told
from osler.core.rendering.text import WIDTH, told_as_text

Style = Literal["text", "json"]


def render(
    diagnostics: Sequence[Diagnostic],
    style: Style = "text",
    colour: bool = False,
    width: int = WIDTH,
) -> str:
    """All diagnostics in one text, without a closing newline.

    Parameters
    ----------
    diagnostics : sequence of Diagnostic
        In the order in which they are to be shown.
    style : "text" or "json"
        Text shows the line with the place underlined; JSON is a list of objects with
        code, severity, file, line, column, end_column, field, message, found, so, help,
        rule, fix (null, or line, column, end_column and text) and set_aside (null).
    colour : bool
        ANSI colours in the text; ignored for JSON.
    width : int
        Columns at which text is wrapped; ignored for JSON.

    Examples
    --------
    >>> from osler.core.diagnostics import Place, Severity
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
    told = [Told(d) for d in diagnostics]
    if style == "json":
        return as_json(told)
    return "\n\n".join(told_as_text(t, colour, width) for t in told)


def as_json(told: Iterable[Told]) -> str:
    """A JSON list with one object for each."""
    return json.dumps([_as_object(t) for t in told], indent=2, ensure_ascii=False)


def _as_object(told: Told) -> dict[str, object]:
    d = told.diagnostic
    return {
        "code": d.code,
        "severity": d.severity.value,
        "file": d.place.file,
        "line": d.place.line,
        "column": d.place.column,
        "end_column": end_column(d.place),
        "field": d.place.field,
        "message": d.message,
        "found": d.found,
        "so": d.so,
        "help": d.help,
        "rule": d.rule,
        "fix": _fix(d.fix),
        "set_aside": _aside(told.aside),
    }


def _fix(fix: Fix | None) -> dict[str, object] | None:
    if fix is None:
        return None
    place = fix.place
    return {
        "line": place.line,
        "column": place.column,
        "end_column": place.end_column,
        "text": fix.text,
    }


def _aside(aside: Aside | None) -> dict[str, object] | None:
    if aside is None:
        return None
    line = aside.place.line if aside.place else None
    return {"by": aside.by, "because": aside.because, "line": line}
