"""Diagnostics as text for a terminal."""

import textwrap
from collections.abc import Iterator, Sequence

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.rendering.passages import cells, end_column, harmless
from osler.core.rendering.report import Aside, Report, Told

WIDTH = 96
_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}
_DIM = "2"
_FRAME = 4  # "| ", and an ellipsis at either end
_LEAD = 30  # characters shown before the passage where a long line is cut


def report_as_text(report: Report, colour: bool, width: int, show_set_aside: bool) -> str:
    """Everything that counts, what was set aside where asked for, and the line that counts it."""
    shown = [t for t in report.told if t.aside is None or show_set_aside]
    blocks = [told_as_text(t, colour, width) for t in shown]
    closing = count_line(report.standing, report.checked, report.set_aside)
    fixable = sum(d.fix is not None for d in report.standing)
    if fixable:
        closing += f"\n{_can_be_mended(fixable)}"
    return "\n\n".join([*blocks, closing])


def count_line(
    diagnostics: Sequence[Diagnostic], checked: str, set_aside: Sequence[Told] = ()
) -> str:
    """One closing line: how many findings of each severity, in what, and what was set aside.

    Examples
    --------
    >>> count_line([], "2 pages")
    'No findings in 2 pages.'
    """
    counts = [(s, sum(d.severity is s for d in diagnostics)) for s in Severity]
    told = [f"{n} {s}{'s' if n != 1 else ''}" for s, n in counts if n]
    line = f"{', '.join(told)} in {checked}." if told else f"No findings in {checked}."
    return line + _set_aside_line([t.aside for t in set_aside if t.aside])


def _set_aside_line(asides: Sequence[Aside]) -> str:
    in_pages = sum(a.by == "page" for a in asides)
    known = len(asides) - in_pages
    told = [f"{in_pages} in the pages, with a reason"] if in_pages else []
    told += [f"{known} known from the baseline"] if known else []
    return f"\nSet aside: {'; '.join(told)}." if told else ""


def _can_be_mended(count: int) -> str:
    subject = "1 of them has" if count == 1 else f"{count} of them have"
    return f"{subject} a safe rewriting: see it with --diff, write it with --fix."


def told_as_text(told: Told, colour: bool, width: int) -> str:
    """One diagnostic: where, what, the line with the passage underlined, and what to do."""
    d = told.diagnostic
    tint = _DIM if told.aside else _COLOURS[d.severity]
    place = harmless(f"{d.place.file}:{d.place.line}:{d.place.column}:")
    field = f" [{harmless(d.place.field)}]" if d.place.field else ""
    word = "set aside" if told.aside else d.severity
    head = _paint(f"{d.code} {word}:", tint, colour)
    if d.place.file:  # what stands in no file has no line either
        head = f"{_paint(place, '1', colour)} {head}"
    lines = [f"{head} {harmless(d.message)}{field}"]
    gutter = " " * (len(str(d.place.line)) + 2)
    if d.place.source:
        lines += _excerpt(d.place, gutter, tint, colour, width - len(gutter) - _FRAME)
    for label, text in _parts(told):
        lines += _labelled(label, harmless(text), gutter, width)
    return "\n".join(lines)


def _parts(told: Told) -> Iterator[tuple[str, str]]:
    d = told.diagnostic
    told_parts = (("found", d.found), ("so", d.so if told.aside is None else ""), ("help", d.help))
    yield from ((label, text) for label, text in told_parts if text)
    if d.fix is not None and told.aside is None:
        yield "fix", f'"{d.fix.text}" (osler check --fix writes it)'
    if told.aside is not None:
        yield "why", reason(told.aside)
    rule = f", osler explain {d.rule}" if d.rule else ""
    yield "more", f"osler explain {d.code}{rule}"


def reason(aside: Aside) -> str:
    """Why a finding does not count, in words."""
    if aside.by == "baseline":
        return f"known from {aside.because}"
    return f"{aside.because} (line {aside.place.line})" if aside.place else aside.because


def _excerpt(place: Place, gutter: str, tint: str, colour: bool, window: int) -> list[str]:
    """The line, cut to a window around the passage, and the underline below it."""
    size = len(place.source)
    start = min(place.column - 1, size)
    length = max(1, end_column(place) - place.column)
    lead = min(_LEAD, window // 4)
    left = max(0, min(start - lead, size - window)) if size > window else 0
    around = place.source[left : left + window].replace("\t", " ")
    shown = _fitting(harmless(around), window)
    before = "…" if left else ""
    after = "…" if left + len(shown) < size else ""
    under = shown[start - left : start - left + length]
    pad = " " * cells(before + shown[: start - left])
    marks = "^" * max(1, cells(under))
    return [
        f"{gutter}|",
        f" {place.line} | {before}{shown}{after}",
        f"{gutter}| {pad}{_paint(marks, tint, colour)}",
    ]


def _fitting(text: str, window: int) -> str:
    """As much of the text as fits into so many cells of a terminal."""
    over = cells(text) - window
    while over > 0:
        over -= cells(text[-1])
        text = text[:-1]
    return text


def _labelled(label: str, text: str, gutter: str, width: int) -> list[str]:
    head = f"{gutter}= {label:<5} "
    body: list[str] = []
    for paragraph in text.splitlines():
        body += _wrapped(paragraph, max(width - len(head), 20)) or [""]
    body = body or [""]
    return [head + body[0], *(" " * len(head) + line for line in body[1:])]


def _wrapped(text: str, width: int) -> list[str]:
    """Lines that break at spaces only, so that addresses and ids can be copied."""
    return textwrap.wrap(text, width, break_on_hyphens=False, break_long_words=False)


def _paint(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text
