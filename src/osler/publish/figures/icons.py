"""Icon arrays: two groups of people, so that 68 in 100 and 41 in 100 can be seen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from osler.certainty.model import Absolute, Finding
from osler.core.wording import capital, round_half_up
from osler.publish.cells import denominator, people
from osler.publish.figures.drawing import Circle, Drawing, Mark, Rect, Text
from osler.publish.figures.metrics import wrapped

_GAP = 60.0
_LINE = 19.0  # from one line of a group's label to the next
_COUNT = 27.0  # from the label to the baseline of its count
_BELOW = 12.0  # from the count to the first row of icons


@dataclass(frozen=True, slots=True)
class _Layout:
    """Columns of icons by how many there are, the width of a group, and where the next stands."""

    columns: Mapping[int, int]
    width: float
    beside: bool


_WIDE = _Layout({100: 10, 1000: 40}, 240.0, beside=True)
# One above the other, so that labels keep their size and their room on a phone.
_SMALL = _Layout({100: 20, 1000: 50}, 320.0, beside=False)


def icons_of_finding(finding: Finding, *, small: bool = False) -> Drawing:
    """Two groups of 100 (or 1000, for rare events), the comparator's first.

    Parameters
    ----------
    finding : Finding
        One with an absolute effect.
    small : bool
        For a phone: the groups one above the other, 320 pixels wide.

    Raises
    ------
    ValueError
        Where no absolute effect is known.
    """
    absolute = finding.absolute
    if absolute is None:
        raise ValueError(f"no absolute effect is known for {finding.about!r}")
    of = denominator(absolute)
    layout = _SMALL if small else _WIDE
    sides = (
        (finding.comparison.comparator, absolute.baseline),
        (finding.comparison.intervention, absolute.risk),
    )
    heads = [wrapped(f"With {name}", "title", layout.width, lines=3) for name, _ in sides]
    top = _LINE * max(map(len, heads)) + _COUNT + _BELOW
    group = top + of / layout.columns[of] ** 2 * layout.width + 4
    across, down = (layout.width + _GAP, 0.0) if layout.beside else (0.0, group + _GAP / 2)
    filled = "icon-harm" if finding.outcome.harm else "icon-on"
    marks: list[Mark] = []
    for place, (head, (_, risk)) in enumerate(zip(heads, sides, strict=True)):
        corner = (place * across, place * down)
        marks += _label(corner, top, head, f"{people(risk, of)} of {of}")
        marks += _people((corner[0], corner[1] + top), layout, round_half_up(risk * of), of, filled)
    title = f"{capital(finding.outcome.label)}: people in {of}"
    text = icons_text(finding, absolute)
    return Drawing(layout.width + across, group + down, title, text, tuple(marks))


def icons_text(finding: Finding, absolute: Absolute) -> str:
    """What the two groups show, in words."""
    of = denominator(absolute)
    return (
        f"With {finding.comparison.comparator}, {people(absolute.baseline, of)} of {of} people; "
        f"with {finding.comparison.intervention}, {people(absolute.risk, of)} of {of} people "
        f"(between {people(absolute.risk_lower, of)} and {people(absolute.risk_upper, of)})."
    )


def _label(
    corner: tuple[float, float], top: float, head: Sequence[str], count: str
) -> Iterator[Mark]:
    """What a group is, and its count just above the icons."""
    x, y = corner
    for i, line in enumerate(head):
        yield Text(x, y + 15 + i * _LINE, line, "title")
    yield Text(x, y + top - _BELOW, count, "number")


def _people(
    corner: tuple[float, float], layout: _Layout, count: int, of: int, filled: str
) -> Iterator[Mark]:
    columns = layout.columns[of]
    step = layout.width / columns
    # Filled icons first, row by row: a count is easier to read from a block than from a scatter.
    for style, first, last in ((filled, 0, count), ("icon-off", count, of)):
        for i in range(first, last):
            yield from _icon(
                corner[0] + (i % columns) * step, corner[1] + (i // columns) * step, step, style
            )


def _icon(x: float, y: float, step: float, style: str) -> Iterator[Mark]:
    """A head and shoulders; a dot where that would be too small to see."""
    middle = x + step / 2
    if step < 12:
        yield Circle(middle, y + step / 2, 0.36 * step, style)
        return
    yield Circle(middle, y + 0.22 * step, 0.15 * step, style)
    yield Rect(middle - 0.2 * step, y + 0.41 * step, 0.4 * step, 0.5 * step, style, 0.17 * step)
