"""The curve of finds as SVG: lines and classes, no style of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from osler.records.screening.progress import Point

WIDTH, HEIGHT = 320.0, 120.0
MOST_POINTS = 240


@dataclass(frozen=True, slots=True)
class Drawing:
    """Points of a polyline, the chance line's end, and what it says in words."""

    points: str
    screened: int
    found: int
    total: int


def draw(points: Sequence[Point], total: int) -> Drawing:
    """The curve over the whole library, thinned to what a screen can show.

    Examples
    --------
    >>> draw([Point(0, 0), Point(1, 1), Point(2, 1)], 4).points
    '0.0,120.0 80.0,0.0 160.0,0.0'
    """
    last = points[-1]
    step = max(1, len(points) // MOST_POINTS)
    kept = [*points[:-1:step], last]
    wide, high = max(total, 1), max(last.found, 1)
    at = [(WIDTH * p.screened / wide, HEIGHT * (1 - p.found / high)) for p in kept]
    text = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
    return Drawing(text, last.screened, last.found, total)
