"""Drawings as SVG: inside a page, which gives the colours, or on their own."""

from collections.abc import Iterable, Iterator, Mapping
from html import escape as escape_html
from itertools import groupby

from osler.core.decoding import CONTROL
from osler.publish.figures.drawing import Circle, Drawing, Line, Mark, Polygon, Rect, Text
from osler.publish.figures.styles import LIGHT, STYLES, Style

# Faces of one width come first, so that columns fall where metrics.py expects them.
FONTS = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', Roboto, system-ui, sans-serif"
_MARGIN = 16.0  # around a figure that stands alone


def svg_inline(drawing: Drawing, *, name: str) -> str:
    """SVG for a page: classes only, so that the page's light and dark palettes hold.

    Parameters
    ----------
    drawing : Drawing
        The figure.
    id : str
        Unique in the page; title and description are named after it.

    Returns
    -------
    str
        An ``<svg>`` element with ``role="img"``, named by its title and description.
    """
    head = (
        f'<svg class="figure" role="img" aria-labelledby="{name}-title {name}-desc" '
        f'viewBox="0 0 {_n(drawing.width)} {_n(drawing.height)}" '
        f'width="{_n(drawing.width)}" height="{_n(drawing.height)}" focusable="false">'
    )
    return "".join((head, *_named(drawing, name), *_groups(drawing.marks), "</svg>"))


def svg_standalone(drawing: Drawing) -> str:
    """SVG as a file of its own, on white, with its colours inside."""
    width, height = drawing.width + 2 * _MARGIN, drawing.height + 2 * _MARGIN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-labelledby="figure-title figure-desc" width="{_n(width)}" height="{_n(height)}" '
        f'viewBox="{_n(-_MARGIN)} {_n(-_MARGIN)} {_n(width)} {_n(height)}">'
    )
    paper = f'<rect x="{-_MARGIN}" y="{-_MARGIN}" width="{_n(width)}" height="{_n(height)}"'
    return "\n".join(
        (
            head,
            *_named(drawing, "figure"),
            f"<style>{stylesheet(LIGHT)}</style>",
            f'{paper} class="f-paper"/>',
            *_groups(drawing.marks),
            "</svg>\n",
        )
    )


def stylesheet(colours: Mapping[str, str] | None = None) -> str:
    """CSS rules for every style.

    ``colours`` names colours outright; without it they are the page's custom
    properties (``--f-ink`` and so on).
    """
    return "".join(f".f-{name}{{{_rule(style, colours)}}}" for name, style in STYLES.items())


def _rule(style: Style, colours: Mapping[str, str] | None) -> str:
    def colour(name: str) -> str:
        return colours[name] if colours else f"var(--f-{name})"

    parts = [f"fill:{colour(style.fill)}" if style.fill else "fill:none"]
    if style.stroke:
        parts.append(f"stroke:{colour(style.stroke)};stroke-width:{_n(style.width)}")
    if style.dash:
        parts.append(f"stroke-dasharray:{style.dash}")
    if style.size:
        parts.append(f"font:{600 if style.bold else 400} {_n(style.size)}px {FONTS}")
        parts.append("font-variant-numeric:tabular-nums")
    return ";".join(parts)


def _named(drawing: Drawing, name: str) -> tuple[str, str]:
    return (
        f'<title id="{name}-title">{escape(drawing.title)}</title>',
        f'<desc id="{name}-desc">{escape(drawing.description)}</desc>',
    )


def _groups(marks: Iterable[Mark]) -> Iterator[str]:
    """Neighbours of one style share a group, which keeps the file small."""
    for style, group in groupby(marks, key=lambda mark: mark.style):
        yield f'<g class="f-{style}">{"".join(map(_element, group))}</g>'


def _element(mark: Mark) -> str:
    match mark:
        case Line():
            return (
                f'<line x1="{_n(mark.x1)}" y1="{_n(mark.y1)}" '
                f'x2="{_n(mark.x2)}" y2="{_n(mark.y2)}"/>'
            )
        case Rect():
            radius = f' rx="{_n(mark.radius)}"' if mark.radius else ""
            return (
                f'<rect x="{_n(mark.x)}" y="{_n(mark.y)}" '
                f'width="{_n(mark.width)}" height="{_n(mark.height)}"{radius}/>'
            )
        case Polygon():
            points = " ".join(f"{_n(x)},{_n(y)}" for x, y in mark.points)
            return f'<polygon points="{points}"/>'
        case Circle():
            return f'<circle cx="{_n(mark.x)}" cy="{_n(mark.y)}" r="{_n(mark.radius)}"/>'
        case Text():
            anchor = "" if mark.anchor == "start" else f' text-anchor="{mark.anchor}"'
            return f'<text x="{_n(mark.x)}" y="{_n(mark.y)}"{anchor}>{escape(mark.text)}</text>'


def escape(text: str) -> str:
    """Text for XML, which cannot hold control characters even when they are escaped."""
    return escape_html(CONTROL.sub("\ufffd", text))


def _n(value: float) -> str:
    """A coordinate: a tenth of a pixel is as fine as anyone sees."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
