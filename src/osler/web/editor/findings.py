"""Findings as the editor's page takes them: places in the units in which browsers count."""

from collections.abc import Sequence

from osler.core.diagnostics import Diagnostic, Place


def as_data(found: Sequence[Diagnostic], text: str) -> list[dict[str, object]]:
    r"""Each finding with the offsets of its passage, and of what would be rewritten.

    Parameters
    ----------
    found : sequence of Diagnostic
    text : str
        What was checked, with line ends as ``\n``.

    Examples
    --------
    >>> from osler.core.diagnostics import Severity
    >>> place = Place("a.md", 2, 3, 5)
    >>> found = as_data([Diagnostic("CLM006", Severity.ERROR, place, "no trial")], "😀\nIt is.")
    >>> found[0]["from"], found[0]["to"]
    (5, 7)
    """
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + _units(line) + 1)
    return [_one(d, lines, starts) for d in found]


def _one(d: Diagnostic, lines: Sequence[str], starts: Sequence[int]) -> dict[str, object]:
    first, last = _span(d.place, lines, starts)
    fix = None
    if d.fix is not None:
        start, end = _span(d.fix.place, lines, starts)
        fix = {"from": start, "to": end, "text": d.fix.text}
    return {
        "code": d.code,
        "severity": d.severity.value,
        "line": d.place.line,
        "from": first,
        "to": last,
        "message": d.message,
        "found": d.found,
        "so": d.so,
        "help": d.help,
        "fix": fix,
    }


def _span(place: Place, lines: Sequence[str], starts: Sequence[int]) -> tuple[int, int]:
    """From and to; without an end, to the end of the word."""
    row = min(max(place.line, 1), len(lines)) - 1
    line = lines[row]
    start = min(max(place.column - 1, 0), len(line))
    end = place.end_column - 1
    if end <= start:
        end = start + max(len(line[start:].split(" ", 1)[0]), 1)
    end = min(end, len(line))
    return starts[row] + _units(line[:start]), starts[row] + _units(line[:end])


def _units(text: str) -> int:
    """Characters beyond the first 65,536 count twice in a browser."""
    return len(text) + sum(c > "\uffff" for c in text)
