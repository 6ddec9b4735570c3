"""Icon arrays: two groups of people, so that 68 in 100 and 41 in 100 can be seen."""

from collections.abc import Iterator

from osler.certainty.model import Absolute, Finding
from osler.publish.cells import capital, denominator, people, round_half_up
from osler.publish.figures.drawing import Circle, Drawing, Mark, Rect, Text
from osler.publish.figures.metrics import wrapped

_COLUMNS = {100: 10, 1000: 40}
_GROUP = 240.0
_GAP = 60.0
_TOP = 66.0


def icons_of_finding(finding: Finding) -> Drawing:
    """Two groups of 100 (or 1000, for rare events), the comparator's first.

    Parameters
    ----------
    finding : Finding
        One with an absolute effect.

    Raises
    ------
    ValueError
        Where no absolute effect is known.
    """
    absolute = finding.absolute
    if absolute is None:
        raise ValueError(f"no absolute effect is known for {finding.about!r}")
    of = denominator(absolute)
    sides = (
        (finding.comparison.comparator, absolute.baseline),
        (finding.comparison.intervention, absolute.risk),
    )
    filled = "icon-harm" if finding.outcome.harm else "icon-on"
    marks: list[Mark] = []
    for place, (name, risk) in enumerate(sides):
        marks += _group(place * (_GROUP + _GAP), f"With {name}", risk, of, filled)
    title = f"{capital(finding.outcome.label)}: people in {of}"
    rows = of // _COLUMNS[of]
    height = _TOP + rows * _GROUP / _COLUMNS[of] + 4
    return Drawing(2 * _GROUP + _GAP, height, title, icons_text(finding, absolute), tuple(marks))


def icons_text(finding: Finding, absolute: Absolute) -> str:
    """What the two groups show, in words."""
    of = denominator(absolute)
    return (
        f"With {finding.comparison.comparator}, {people(absolute.baseline, of)} of {of} people; "
        f"with {finding.comparison.intervention}, {people(absolute.risk, of)} of {of} people "
        f"(between {people(absolute.risk_lower, of)} and {people(absolute.risk_upper, of)})."
    )


def _group(x: float, head: str, risk: float, of: int, filled: str) -> Iterator[Mark]:
    for i, line in enumerate(wrapped(head, "strong", _GROUP)):
        yield Text(x, 14 + i * 17, line, "strong")
    count = round_half_up(risk * of)
    yield Text(x, 55, f"{people(risk, of)} of {of}", "number")
    columns = _COLUMNS[of]
    step = _GROUP / columns
    # Filled icons first, row by row: a count is easier to read from a block than from a scatter.
    for style, first, last in ((filled, 0, count), ("icon-off", count, of)):
        for i in range(first, last):
            yield from _icon(x + (i % columns) * step, _TOP + (i // columns) * step, step, style)


def _icon(x: float, y: float, step: float, style: str) -> Iterator[Mark]:
    """A head and shoulders; a dot where that would be too small to see."""
    middle = x + step / 2
    if step < 12:
        yield Circle(middle, y + step / 2, 0.36 * step, style)
        return
    yield Circle(middle, y + 0.22 * step, 0.15 * step, style)
    yield Rect(middle - 0.2 * step, y + 0.41 * step, 0.4 * step, 0.5 * step, style, 0.17 * step)
