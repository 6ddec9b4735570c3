"""The graph of a network: a numbered circle for each treatment, a line for each comparison.

Names stand in a list beside the graph, where they can be as long as they are: on a narrow screen
nothing else could be read.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from osler.core.wording import counted
from osler.publish.figures.drawing import Circle, Drawing, Line, Mark, Rect, Text
from osler.publish.figures.metrics import text_width
from osler.publish.plots.network_layouts import placed

_WIDE, _SMALL = 700.0, 350.0
_LARGEST, _LEAST = 21.0, 13.0  # radii; a number of two digits fits the least
_GAP = 26.0
_FLAT = 0.82
_APART = 2 * _LEAST + 14  # from one circle's middle to the next on the oval
_HEAD = 24.0
# Lines have three widths: one trial, two or three, four and more.
_STRONG, _MIDDLE = 4, 2


@dataclass(frozen=True, slots=True)
class Cluster:
    """Treatments that trials connect, by their numbers, and what joins them.

    Attributes
    ----------
    numbers : tuple of int
        As in the list of names.
    edges : tuple of (int, int, int)
        Places in ``numbers`` and how many trials compared the two.
    trials : tuple of int
        In which each treatment was tested.
    inert : tuple of bool
        Which are placebo, sham or usual care.
    """

    numbers: tuple[int, ...]
    edges: tuple[tuple[int, int, int], ...]
    trials: tuple[int, ...]
    inert: tuple[bool, ...]


def network_drawing(
    clusters: Sequence[Cluster], names: Mapping[int, str], title: str, *, small: bool = False
) -> Drawing:
    """The clusters side by side, those that no trial links apart.

    Parameters
    ----------
    clusters : sequence of Cluster
        One at least.
    names : mapping of int to str
        Of every number, for those who cannot see the figure.
    small : bool
        For a narrow screen.

    Examples
    --------
    >>> two = Cluster((1, 2), ((0, 1, 3),), (3, 3), (False, True))
    >>> network_drawing([two], {1: "Rest", 2: "Usual care"}, "Pain").description
    'A network of 2 treatments. Rest and Usual care: 3 trials.'
    """
    width = _SMALL if small else _WIDE
    most = max(n for cluster in clusters for n in cluster.trials)
    head = _HEAD if len(clusters) > 1 else 0.0
    cells = [_cell(cluster, most, width, head) for cluster in clusters]
    marks: list[Mark] = []
    x = y = tall = 0.0
    for i, cell in enumerate(cells, 1):
        if x and x + cell.width > width:
            x, y, tall = 0.0, y + tall + _GAP, 0.0
        marks += cell.drawn(x, y, f"Group {i}" if head else "")
        x, tall = x + cell.width + _GAP, max(tall, cell.height)
    return Drawing(width, y + tall, title, _told(clusters, names), tuple(marks))


@dataclass(frozen=True, slots=True)
class _Cell:
    """One cluster with its places, from the cell's upper left corner."""

    cluster: Cluster
    at: tuple[tuple[float, float], ...]
    radii: tuple[float, ...]
    width: float
    height: float

    def drawn(self, x: float, y: float, head: str) -> Iterator[Mark]:
        if head:
            yield Text(x + 2, y + 13, head, "head")
        at = [(x + a, y + b) for a, b in self.at]
        for one, other, trials in self.cluster.edges:
            (x1, y1), (x2, y2) = at[one], at[other]
            strength = 3 if trials >= _STRONG else 2 if trials >= _MIDDLE else 1
            yield Line(x1, y1, x2, y2, f"edge-{strength}")
        for one, other, trials in self.cluster.edges:
            yield from _count(at[one], at[other], self.radii[one], self.radii[other], trials)
        for i, (cx, cy) in enumerate(at):
            inert = self.cluster.inert[i]
            yield Circle(cx, cy, self.radii[i], "node-inert" if inert else "node")
            number = "node-inert-number" if inert else "node-number"
            yield Text(cx, cy + 4.6, str(self.cluster.numbers[i]), number, "middle")


def _count(
    a: tuple[float, float], b: tuple[float, float], first: float, second: float, trials: int
) -> Iterator[Mark]:
    """How many trials a line stands for, in the middle of what the circles leave of it."""
    length = math.dist(a, b)
    share = (first + (length - first - second) / 2) / length
    x, y = a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
    half = text_width(str(trials), "small") / 2 + 3
    yield Rect(x - half, y - 8, 2 * half, 16, "paper", 3)
    yield Text(x, y + 4.2, str(trials), "small", "middle")


def _cell(cluster: Cluster, most: int, width: float, head: float) -> _Cell:
    n = len(cluster.numbers)
    radii = tuple(
        _LEAST + (_LARGEST - _LEAST) * math.sqrt(trials / most) for trials in cluster.trials
    )
    if n == 2:
        at = [(radii[0], 0.0), (radii[0] + 104.0, 0.0)]
    else:
        unit, _ = placed(n, [(a, b) for a, b, _ in cluster.edges], "auto")
        reach = min(46.0 + 11.0 * n, (width - 2 * _LARGEST) / 2)
        down = reach * _flatness(n, reach)
        at = [(reach * ux, -down * uy) for ux, uy in unit.tolist()]
    left = min(x - r for (x, _), r in zip(at, radii, strict=True)) - 1
    top = min(y - r for (_, y), r in zip(at, radii, strict=True)) - 1
    right = max(x + r for (x, _), r in zip(at, radii, strict=True)) + 1
    bottom = max(y + r for (_, y), r in zip(at, radii, strict=True)) + 1
    moved = tuple((x - left, y - top + head) for x, y in at)
    return _Cell(cluster, moved, radii, max(right - left, 60.0), bottom - top + head)


def _flatness(n: int, reach: float) -> float:
    """Height of the oval over its width: flat, but for so many circles that they would touch."""
    around = n * _APART / (2 * math.pi)
    least = 2 * (around / reach) ** 2 - 1
    return max(_FLAT, math.sqrt(max(least, 0.0)))


def _told(clusters: Sequence[Cluster], names: Mapping[int, str]) -> str:
    treatments = sum(len(cluster.numbers) for cluster in clusters)
    head = f"A network of {counted(treatments, 'treatment')}"
    if len(clusters) > 1:
        head += f" in {counted(len(clusters), 'group')} that no trial links"
    joined = [
        f"{names[cluster.numbers[a]]} and {names[cluster.numbers[b]]}: {counted(k, 'trial')}"
        for cluster in clusters
        for a, b, k in cluster.edges
    ]
    return f"{head}. {'; '.join(joined)}."
