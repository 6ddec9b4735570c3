"""Drawings as PNG and PDF, through matplotlib's canvas alone (no pyplot, no state).

The typeface is DejaVu Sans, which comes with matplotlib: the same drawing gives the
same picture on every machine. It runs wider than the faces that the layout was
measured for, so it is set smaller.

This module is imported by :func:`osler.publish.figures.files.save` when a picture is
asked for; nothing else needs matplotlib.
"""

import warnings
from io import BytesIO
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Circle as CirclePatch
from matplotlib.patches import FancyBboxPatch, Patch, Rectangle
from matplotlib.patches import Polygon as PolygonPatch

from osler.publish.figures.drawing import Circle, Drawing, Line, Mark, Polygon, Rect, Text
from osler.publish.figures.styles import LIGHT, STYLES, Style

MARGIN = 16.0
_PIXELS_PER_INCH = 96.0  # CSS
_POINTS = 72.0 / _PIXELS_PER_INCH
_NARROWER = 0.87  # DejaVu Sans against Helvetica, by the widths of running text


def png(drawing: Drawing, *, dots_per_inch: float = 300.0) -> bytes:
    """The drawing on white; 300 dots per inch is what journals ask for."""
    figure = _figure(drawing)
    FigureCanvasAgg(figure)
    buffer = BytesIO()
    _save(figure, buffer, format="png", dpi=dots_per_inch, metadata={"Software": None})
    return buffer.getvalue()


def pdf(drawing: Drawing) -> bytes:
    """The drawing on white, without a date: the same drawing gives the same bytes."""
    figure = _figure(drawing)
    FigureCanvasPdf(figure)
    buffer = BytesIO()
    metadata = {"Title": drawing.title, "CreationDate": None, "Producer": None, "Creator": None}
    _save(figure, buffer, format="pdf", metadata=metadata)
    return buffer.getvalue()


def missing_characters(drawing: Drawing) -> str:
    """The characters that the typeface does not have: they are drawn as empty boxes."""
    known = get_font(findfont("DejaVu Sans")).get_charmap()
    texts = "".join(mark.text for mark in drawing.marks if isinstance(mark, Text))
    return "".join(dict.fromkeys(c for c in texts if ord(c) not in known))


def _save(figure: Figure, buffer: BytesIO, **options: Any) -> None:
    with warnings.catch_warnings():
        # Told as a diagnostic (PUB013) by whoever writes the file.
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing")
        figure.savefig(buffer, **options)


def _figure(drawing: Drawing) -> Figure:
    width, height = drawing.width + 2 * MARGIN, drawing.height + 2 * MARGIN
    figure = Figure(figsize=(width / _PIXELS_PER_INCH, height / _PIXELS_PER_INCH))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(-MARGIN, drawing.width + MARGIN)
    axes.set_ylim(drawing.height + MARGIN, -MARGIN)
    axes.set_axis_off()
    for layer, mark in enumerate(drawing.marks):
        _draw(axes, mark, STYLES[mark.style], layer)
    return figure


def _draw(axes: Axes, mark: Mark, style: Style, layer: int) -> None:
    if isinstance(mark, Text):
        _write(axes, mark, style, layer)
    elif isinstance(mark, Line):
        xs, ys = (mark.x1, mark.x2), (mark.y1, mark.y2)
        axes.add_line(
            Line2D(
                xs,
                ys,
                color=LIGHT[style.stroke],
                linewidth=style.width * _POINTS,
                linestyle=(0, (3, 3)) if style.dash else "-",
                solid_capstyle="butt",
                zorder=layer,
            )
        )
    else:
        axes.add_patch(_patch(mark, style, layer))


def _write(axes: Axes, mark: Text, style: Style, layer: int) -> None:
    axes.text(
        mark.x,
        mark.y,
        mark.text,
        color=LIGHT[style.fill],
        fontfamily="DejaVu Sans",
        fontsize=style.size * _POINTS * _NARROWER,
        fontweight="bold" if style.bold else "normal",
        ha={"start": "left", "middle": "center", "end": "right"}[mark.anchor],
        va="baseline",
        parse_math=False,
        zorder=layer,
    )


def _patch(mark: Rect | Polygon | Circle, style: Style, layer: int) -> Patch:
    patch: Patch
    if isinstance(mark, Polygon):
        patch = PolygonPatch(mark.points, closed=True)
    elif isinstance(mark, Circle):
        patch = CirclePatch((mark.x, mark.y), mark.radius)
    elif mark.radius:
        corner = f"round,pad=0,rounding_size={mark.radius}"
        patch = FancyBboxPatch((mark.x, mark.y), mark.width, mark.height, boxstyle=corner)
    else:
        patch = Rectangle((mark.x, mark.y), mark.width, mark.height)
    patch.set_facecolor(LIGHT[style.fill] if style.fill else "none")
    patch.set_edgecolor(LIGHT[style.stroke] if style.stroke else "none")
    patch.set_linewidth(style.width * _POINTS if style.stroke else 0.0)
    patch.set_zorder(layer)
    return patch
