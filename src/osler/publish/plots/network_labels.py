"""Names of treatments beside their circles, none over another."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np

from osler.core.arrays import Floats
from osler.publish.plots import palette
from osler.publish.plots.network_layouts import Edge
from osler.publish.plots.paper import text_width
from osler.publish.plots.pens import Pen, Point

_LINE = 1.22  # from line to line, of the size of letters
_GAP = 3.0
_COVERS = 5.0  # a name that costs so much lies on something
Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Label:
    """Lines of words; ``y`` is the middle of them, ``x`` where ``align`` says."""

    x: float
    y: float
    lines: tuple[str, ...]
    align: Align
    size: float
    leader: tuple[Point, Point] | None = None

    @property
    def tall(self) -> float:
        return (_LINE * (len(self.lines) - 1) + 1.0) * self.size

    @property
    def top(self) -> float:
        return self.y - self.tall / 2

    @property
    def bottom(self) -> float:
        return self.y + self.tall / 2

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        wide = max(text_width(line, self.size) for line in self.lines)
        left = self.x - {"left": 0.0, "center": wide / 2, "right": wide}[self.align]
        return left, self.top, left + wide, self.bottom

    def shifted(self, right: float, down: float) -> "Label":
        moved = replace(self, x=self.x + right, y=self.y + down)
        if self.leader is None:
            return moved
        (x0, y0), (x1, y1) = self.leader
        return replace(moved, leader=((x0 + right, y0 + down), (x1 + right, y1 + down)))

    def write(self, pen: Pen) -> None:
        """The words; a line below them is broken."""
        left, top, right, bottom = self.box
        pen.box(left - 0.8, top, right + 0.8, bottom, fill=palette.WHITE)
        for i, line in enumerate(self.lines):
            middle = self.top + (0.5 + _LINE * i) * self.size
            pen.text(self.x, pen.middle(middle, self.size), line, align=self.align)


def round_circle(
    at: Floats,
    radii: Floats,
    texts: Sequence[tuple[str, ...]],
    size: float,
    half: tuple[float, float],
) -> tuple[Label, ...]:
    """Names outside an ellipse, left and right of it, moved apart where they would touch."""
    out: dict[int, Label] = {}
    alone = [i for i in range(len(at)) if abs(at[i, 0]) < 1e-6 and len(at) <= 12]
    for i in alone:
        up = -1.0 if at[i, 1] < 0 else 1.0
        bare = Label(0.0, 0.0, texts[i], "center", size)
        out[i] = replace(bare, y=at[i, 1] + up * (radii[i] + _GAP + bare.tall / 2))
    for way in (-1, 1):
        side = [
            i for i in range(len(at))
            if i not in alone and (at[i, 0] * way > 1e-6 or (way > 0 and abs(at[i, 0]) <= 1e-6))
        ]  # fmt: skip
        out |= _one_side(side, way, at, radii, texts, size, half)
    return tuple(out[i] for i in range(len(at)))


def _one_side(
    side: list[int],
    way: int,
    at: Floats,
    radii: Floats,
    texts: Sequence[tuple[str, ...]],
    size: float,
    half: tuple[float, float],
) -> dict[int, Label]:
    side.sort(key=lambda i: float(at[i, 1]))
    align: Align = "left" if way > 0 else "right"
    bare = [Label(0.0, 0.0, texts[i], align, size) for i in side]
    wanted = [float(at[i, 1]) * (1 + (float(radii[i]) + _GAP) / half[1]) for i in side]
    found: dict[int, Label] = {}
    for i, label, y in zip(side, bare, spread(wanted, [b.tall + 0.25 * size for b in bare]),
                           strict=True):  # fmt: skip
        reach = float(radii[i]) + _GAP
        edge = _edge(y, label.tall, at * [way, 1], radii)
        x = way * max(edge, abs(float(at[i, 0])), 1.5)
        far = math.hypot(x - float(at[i, 0]), y - float(at[i, 1])) - reach
        moved = far > max(0.9 * size, label.tall / 2 + 0.3 * size)
        start = _rim(at[i], float(radii[i]), (x, y))
        leader = (start, (x - way * 1.2, y)) if moved else None
        found[i] = Label(x, y, label.lines, align, size, leader)
    return found


def _rim(centre: Floats, radius: float, to: Point) -> Point:
    away = np.array(to) - centre
    far = max(float(np.hypot(*away)), 1e-9)
    x, y = centre + away / far * min(radius + 0.6, far)
    return float(x), float(y)


def _edge(y: float, tall: float, at: Floats, radii: Floats) -> float:
    """How far out the circles reach over the height of a name."""
    away = np.maximum(np.abs(at[:, 1] - y) - tall / 2, 0.0)
    room = (radii + _GAP) ** 2 - away**2
    near = at[:, 0] + np.sqrt(np.maximum(room, 0.0))
    return float(np.where(room > 0, near, 0.0).max(initial=0.0))


def spread(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Rising places as near to those wanted as heights allow without touching.

    Examples
    --------
    >>> spread([0.0, 1.0, 9.0], [4.0, 4.0, 4.0])
    [-1.5, 2.5, 9.0]
    """
    steps = [(one + next_) / 2 for one, next_ in pairwise(heights)]
    offsets = np.concatenate([[0.0], np.cumsum(steps)])
    blocks: list[tuple[float, int]] = []  # means of what is pressed together, and how many
    for value in (np.asarray(wanted, float) - offsets[: len(wanted)]).tolist():
        mean, count = value, 1
        while blocks and blocks[-1][0] > mean:
            before, many = blocks.pop()
            mean, count = (before * many + mean * count) / (many + count), many + count
        blocks.append((mean, count))
    level = [mean for mean, count in blocks for _ in range(count)]
    return [float(a + b) for a, b in zip(level, offsets, strict=False)]


_AROUND = tuple((math.cos(a), math.sin(a)) for a in np.linspace(0, 2 * math.pi, 24, endpoint=False))


def beside(
    at: Floats,
    radii: Floats,
    texts: Sequence[tuple[str, ...]],
    size: float,
    edges: Sequence[Edge],
    limit: float,
) -> tuple[tuple[Label, ...], bool]:
    """Each name on the side of its circle where it covers the least; whether none covers any."""
    done: list[Label] = []
    worst = 0.0
    for i in range(len(at)):
        tried = [_at_side(at[i], float(radii[i]), way, texts[i], size) for way in _AROUND]
        costs = [_covers(label, at, radii, edges, done, limit) for label in tried]
        done.append(tried[int(np.argmin(np.round(costs, 6)))])
        worst = max(worst, min(costs))
    return tuple(done), worst < _COVERS


def _at_side(
    centre: Floats, radius: float, way: Point, lines: tuple[str, ...], size: float
) -> Label:
    align: Align = "left" if way[0] > 0.35 else "right" if way[0] < -0.35 else "center"
    bare = Label(0.0, 0.0, lines, align, size)
    x = float(centre[0]) + way[0] * (radius + _GAP)
    y = float(centre[1]) + way[1] * (radius + _GAP + bare.tall / 2)
    return replace(bare, x=x, y=y)


def _covers(
    label: Label,
    at: Floats,
    radii: Floats,
    edges: Sequence[Edge],
    done: Sequence[Label],
    limit: float,
) -> float:
    left, top, right, bottom = label.box
    cost = 500.0 * max(0.0, right - limit, -limit - left)
    cost += sum(_common(label.box, other.box) for other in done) * 50
    cost += sum(
        _common(label.box, (x - r, y - r, x + r, y + r)) * 20
        for (x, y), r in zip(at.tolist(), radii.tolist(), strict=True)
    )
    grid = np.array([(x, y) for x in np.linspace(left, right, 21) for y in (top, label.y, bottom)])
    for a, b in edges:
        along = at[b] - at[a]
        share = np.clip((grid - at[a]) @ along / max(float(along @ along), 1e-9), 0, 1)
        gap = np.hypot(*(grid - at[a] - share[:, None] * along).T)
        cost += float((gap < 3.5).sum()) * 6
    outward = float(np.hypot(*(np.array([(left + right) / 2, label.y]))))
    return cost - 0.02 * outward


def _common(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Area that two boxes share, in points squared."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    tall = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, wide) * max(0.0, tall)
