"""What circles, lines and colours mean, in rows below a figure drawn in points."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from osler.publish.plots import palette
from osler.publish.plots.paper import text_width
from osler.publish.plots.pens import Pen

_SWATCH = 20.0
_BETWEEN = 12.0
_LINE = 1.55


@dataclass(frozen=True, slots=True)
class KeyItem:
    """A sample ("circle", "line", "thin", "area", "strip", "square", "none") and what it means."""

    kind: str
    text: str
    color: str = palette.INK
    dashes: tuple[float, ...] | None = None


def keys_height(keys: Sequence[KeyItem], wide: float, size: float) -> float:
    return _LINE * size * len(_rows(keys, wide, size)) + (0.4 * size if keys else 0.0)


def draw_keys(keys: Sequence[KeyItem], pen: Pen, left: float, top: float, wide: float) -> None:
    size = 0.92 * pen.size
    for i, row in enumerate(_rows(keys, wide, pen.size)):
        y = top + (0.75 + _LINE * i) * pen.size
        x = left
        for item in row:
            _sample(item, pen, x, y)
            x += _room(item)
            pen.text(x, pen.middle(y, size), item.text, size=size)
            x += text_width(item.text, size) + _BETWEEN


def _room(item: KeyItem) -> float:
    return 0.0 if item.kind == "none" else _SWATCH + 4.0


def _rows(keys: Sequence[KeyItem], wide: float, size: float) -> list[list[KeyItem]]:
    rows: list[list[KeyItem]] = []
    used = wide + 1.0
    for item in keys:
        need = _room(item) + text_width(item.text, 0.92 * size)
        if used + need > wide:
            rows.append([])
            used = 0.0
        rows[-1].append(item)
        used += need + _BETWEEN
    return rows


def _sample(item: KeyItem, pen: Pen, x: float, y: float) -> None:
    if item.kind == "circle":
        pen.circle(x + 4.0, y, 2.0, fill=item.color)
        pen.circle(x + 14.0, y, 4.2, fill=item.color)
    elif item.kind == "line":
        pen.line(((x, y + 2.2), (x + _SWATCH, y + 2.2)), color=item.color, width=0.8)
        pen.line(((x, y - 1.8), (x + _SWATCH, y - 1.8)), color=item.color, width=4.0)
    elif item.kind == "thin":
        pen.line(((x, y), (x + _SWATCH, y)), color=item.color, width=0.7)
        for end in (x, x + _SWATCH):
            pen.line(((end, y - 2.0), (end, y + 2.0)), color=item.color, width=0.7)
    elif item.kind == "strip":
        pen.line(((x, y), (x + _SWATCH, y)), color=item.color, width=4.0, dashes=item.dashes)
    elif item.kind == "area":
        corners = ((x, y + 4.0), (x + _SWATCH / 2, y - 4.0), (x + _SWATCH, y + 4.0))
        pen.area(corners, fill=item.color, alpha=0.3)
    elif item.kind == "square":
        pen.box(x + 6.0, y - 4.0, x + 14.0, y + 4.0, fill=item.color, edge=palette.RULE)


def stacked(axes: Axes) -> None:
    """What is drawn later covers what was drawn before, whatever it is."""
    for i, artist in enumerate([*axes.get_children()]):
        artist.set_zorder(2.0 + 0.001 * i)
