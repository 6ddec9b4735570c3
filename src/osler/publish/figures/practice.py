"""A clinic's audit drawn: sessions until recovery, and shares over time."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from osler.core.wording import percent
from osler.practice.model import Audit, Point, RunChart
from osler.practice.telling import describe_waiting
from osler.practice.waiting import Incidence
from osler.publish.figures.drawing import Anchor, Drawing, Line, Mark, Polygon, Rect, Text
from osler.publish.figures.metrics import text_width

_WIDE, _SMALL = 640.0, 320.0
_LEFT, _RIGHT, _HEIGHT = 46.0, 14.0, 230.0
_KEY_ROW = 24.0
_BELOW = "sessions; the lines are the 95% interval of recovered"
# Two of the colours look alike in a grey print: the words say where each stands.
_KEY = (
    ("icon-on", "recovered (below)"),
    ("icon-off", "still coming (between)"),
    ("icon-harm", "stopped coming (above)"),
)


def waiting_drawing(audit: Audit, within: int, *, small: bool = False) -> Drawing:
    """What had become of everybody by each session: recovered, still coming, stopped.

    The three add up to everybody. The lines are the 95% interval of the share recovered.

    Raises
    ------
    ValueError
        Where sessions were not counted.
    """
    found = audit.waiting
    if found is None:
        raise ValueError("sessions were not counted")
    width = _SMALL if small else _WIDE
    last = max(float(found.times[-1]), within) + 1.0
    key = tuple(_key(width))
    frame = _Frame(width, _KEY_ROW + max(mark.y for mark in key if isinstance(mark, Rect)), last)
    recovered, gone = _steps(found, found.share[:, 0], last), _steps(found, found.share[:, 1], last)
    floor = [(0.0, 0.0), (last, 0.0)]
    marks: list[Mark] = [
        *key,
        Rect(frame.left, frame.top, frame.right - frame.left, _HEIGHT, "icon-off"),
        frame.area(recovered, floor, "icon-on"),
        frame.area([(x, 1 - y) for x, y in gone], [(0.0, 1.0), (last, 1.0)], "icon-harm"),
        *frame.path(_limit(found, found.ci_lower[:, 0], last), "rule"),
        *frame.path(_limit(found, found.ci_upper[:, 0], last), "rule"),
        Line(frame.x(within), frame.top, frame.x(within), frame.bottom, "guide"),
        *frame.shares(),
        *frame.sessions(last),
        Text((frame.left + frame.right) / 2, frame.bottom + 36, _BELOW, "small", "middle"),
    ]
    return Drawing(
        width,
        frame.bottom + 44,
        "Sessions until recovery",
        describe_waiting(audit, within),
        tuple(marks),
    )


def run_drawing(chart: RunChart, *, small: bool = False) -> Drawing:
    """The share that recovered, by the quarter in which people began; the line is the median.

    A quarter's dot lies where the share is; below stands of how many it is known. Quarters
    where nobody's end is known have no dot.
    """
    width = _SMALL if small else _WIDE
    frame = _Frame(width, 12.0, max(len(chart.points) - 1, 1))
    known = [(i, p) for i, p in enumerate(chart.points) if p.known]
    line = [(float(i), p.share) for i, p in known]
    marks: list[Mark] = [
        *frame.shares(),
        *(_median(frame, chart) if known else ()),
        *frame.path(line, "axis"),
        *(Rect(frame.x(x) - 4, frame.y(y) - 4, 8, 8, "diamond", 4) for x, y in line),
        *frame.quarters(chart.points),
    ]
    return Drawing(
        width, frame.bottom + 46, "Recovered, by quarter", _run_told(chart), tuple(marks)
    )


class _Frame:
    """Where shares and sessions lie on the paper."""

    def __init__(self, width: float, top: float, last: float) -> None:
        self.left, self.right, self.top, self.bottom = _LEFT, width - _RIGHT, top, top + _HEIGHT
        self._last = last

    def x(self, value: float) -> float:
        return self.left + value / self._last * (self.right - self.left)

    def y(self, share: float) -> float:
        return self.bottom - share * _HEIGHT

    def area(
        self, upper: Sequence[tuple[float, float]], base: Sequence[tuple[float, float]], style: str
    ) -> Polygon:
        points = [*upper, *reversed(base)]
        return Polygon(tuple((self.x(a), self.y(b)) for a, b in points), style)

    def path(self, points: Sequence[tuple[float, float]], style: str) -> Iterator[Line]:
        for (a, b), (c, d) in pairwise(points):
            yield Line(self.x(a), self.y(b), self.x(c), self.y(d), style)

    def shares(self) -> Iterator[Mark]:
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            y = self.y(share)
            yield Line(self.left - 4, y, self.left, y, "axis")
            yield Text(self.left - 7, y + 4, percent(share), "small", "end")
        yield Line(self.left, self.top, self.left, self.bottom, "axis")
        yield Line(self.left, self.bottom, self.right, self.bottom, "axis")

    def sessions(self, last: float) -> Iterator[Mark]:
        step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 1000) if last / s <= 12)
        for value in range(0, int(last) + 1, step):
            yield Line(self.x(value), self.bottom, self.x(value), self.bottom + 4, "axis")
            yield Text(self.x(value), self.bottom + 18, str(value), "small", "middle")

    def quarters(self, points: Sequence[Point]) -> Iterator[Mark]:
        room = max(text_width(p.label, "small") for p in points) + 8
        most = max(1, int((self.right - self.left) / room))
        step = -(-len(points) // most)
        for i, point in enumerate(points):
            yield Line(self.x(i), self.bottom, self.x(i), self.bottom + 4, "axis")
            if i % step == 0:
                anchor = self._anchor(i)
                of = f"{point.recovered} of {point.known}"
                yield Text(self.x(i), self.bottom + 18, point.label, "small", anchor)
                yield Text(self.x(i), self.bottom + 34, of, "small", anchor)

    def _anchor(self, value: float) -> Anchor:
        """The outermost labels stay on the paper."""
        if value <= 0:
            return "start"
        return "end" if value >= self._last else "middle"


def _limit(found: Incidence, limit: np.ndarray, last: float) -> list[tuple[float, float]]:
    """A limit of the share recovered, from the first recovery on; before it there is none."""
    first = next((t for t, n in zip(found.times, found.share[:, 0], strict=True) if n > 0), last)
    return [point for point in _steps(found, limit, last) if point[0] >= first][1:]


def _steps(found: Incidence, share: np.ndarray, last: float) -> list[tuple[float, float]]:
    points, level = [(0.0, 0.0)], 0.0
    for time, value in zip(found.times, share, strict=True):
        points += [(float(time), level), (float(time), float(value))]
        level = float(value)
    return [*points, (last, level)]


def _key(width: float) -> Iterator[Mark]:
    """In as many rows as the paper's width asks for."""
    x, y = _LEFT, 6.0
    for style, name in _KEY:
        room = 16 + text_width(name, "small")
        if x > _LEFT and x + room > width:
            x, y = _LEFT, y + _KEY_ROW - 4
        yield Rect(x, y, 11, 11, style, 2)
        yield Text(x + 16, y + 10, name, "small")
        x += room + 14


def _median(frame: _Frame, chart: RunChart) -> Iterator[Mark]:
    y = frame.y(chart.median)
    yield Line(frame.left, y, frame.right, y, "guide")


def _run_told(chart: RunChart) -> str:
    known = [p for p in chart.points if p.known]
    if not known:
        return "Of nobody is it known whether they recovered."
    shown = "; ".join(f"{p.label}: {p.recovered} of {p.known}" for p in known)
    signals = ". ".join(chart.signals) or "No more than chance would make"
    middle = "" if math.isnan(chart.median) else f"Median {percent(chart.median)}. "
    return f"Recovered by quarter: {shown}. {middle}{signals}."
