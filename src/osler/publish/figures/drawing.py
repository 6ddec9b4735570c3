"""A figure as a value: marks with named styles, in CSS pixels, origin at the top left.

A :class:`Drawing` knows neither colours nor file formats. :mod:`osler.publish.figures.svg`
and :mod:`osler.publish.figures.raster` give it both.
"""

from dataclasses import dataclass
from typing import Literal

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    style: str


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle; ``radius`` rounds its corners."""

    x: float
    y: float
    width: float
    height: float
    style: str
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class Polygon:
    points: tuple[tuple[float, float], ...]
    style: str


@dataclass(frozen=True, slots=True)
class Circle:
    x: float
    y: float
    radius: float
    style: str


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; ``y`` is its baseline."""

    x: float
    y: float
    text: str
    style: str
    anchor: Anchor = "start"


Mark = Line | Rect | Polygon | Circle | Text


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure. ``description`` says in words what it shows, for who cannot see it.

    Later marks lie over earlier ones.
    """

    width: float
    height: float
    title: str
    description: str
    marks: tuple[Mark, ...]
