"""Rankograms: how often each treatment has each rank."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from osler.core.diagnostics import DataError
from osler.core.wording import number
from osler.publish.plots import palette
from osler.publish.plots.charts import size_of
from osler.publish.plots.network_keys import stacked
from osler.publish.plots.network_problems import not_in_network
from osler.publish.plots.paper import Drawn, inches, sheet, text_width, wrapped
from osler.publish.plots.pens import Pen
from osler.publish.plots.problems import does_not_fit

_MARGIN = 6.0
_GAP = 12.0
_LEAST = 78.0  # points across a panel
_TITLE = 0.92


def rankogram(
    result: Any,
    *,
    cumulative: bool = False,
    show: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    title: str = "",
    width: float | str = "double",
    font_size: float = 8.0,
) -> Drawn:
    """Rankogram: a panel a treatment with the probability of each rank, 1 the best.

    Parameters
    ----------
    result : Ranking
    cumulative : bool
        The probability of a rank or a better one; the area below the steps is SUCRA.
    show : sequence of str, optional
        Which treatments, in this order; all, best first, where left out.
    labels : mapping of str to str, optional
        Other names for treatments.
    title, width, font_size
        As for :func:`~osler.publish.plots.forests.forest`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    DataError
        FIG002 where the result is no ranking, FIG012 for a treatment that it does not have.

    Notes
    -----
    A flat panel is a treatment of which the data do not say where it stands.

    References
    ----------
    .. [1] Salanti, Ades & Ioannidis (2011). J Clin Epidemiol 64, 163-171.
       doi:10.1016/j.jclinepi.2010.03.016
    """
    if not (hasattr(result, "ranks") and hasattr(result, "sucra")):
        raise DataError(does_not_fit("rankogram", type(result).__name__, "a ranking"))
    if absent := [name for name in show or () if name not in result.treatments]:
        raise DataError(not_in_network("treatments", absent, result.treatments))
    chosen = [result.treatments.index(n) for n in (result.treatments if show is None else show)]
    size, wide = size_of(font_size), inches(width) * palette.INCH
    names = [str((labels or {}).get(t, t)) for t in result.treatments]
    panels = _panels(names, chosen, wide, size, beside=cumulative)
    head = 2.0 * size if title else 0.0
    figure, axes = sheet(wide, head + panels.height + 2 * _MARGIN)
    pen = Pen(axes, size)
    if title:
        pen.text(_MARGIN, _MARGIN + size, title, bold=True, size=size + 0.5)
    ranks = np.asarray(result.ranks, float)
    shown = np.cumsum(ranks, axis=1) if cumulative else ranks
    most = 1.0 if cumulative else _ceiling(float(shown[chosen].max()))
    for place, i in enumerate(chosen):
        left, top = panels.corner(place, head)
        frame = _Frame(left, top, panels.across, panels.tall, most, len(ranks[i]), pen)
        frame.head(panels.titles[place], f"SUCRA {number(result.sucra[i], 2)}" * cumulative)
        frame.draw(shown[i], steps=cumulative)
        frame.ticks(left_most=place % panels.columns == 0)
    _axis_words(panels, head, wide, pen, cumulative=cumulative)
    stacked(axes)
    figure.description = _told(result, names, chosen, cumulative=cumulative)
    return figure


def _ceiling(value: float) -> float:
    """The next of 25, 50, 75 and 100 per cent."""
    return min(1.0, max(0.25, math.ceil(value * 4 - 1e-9) / 4))


@dataclass(frozen=True, slots=True)
class _Panels:
    """Where panels stand; ``heads`` is the room for names over each row of them."""

    columns: int
    across: float
    tall: float
    start: float
    titles: tuple[tuple[str, ...], ...]
    heads: tuple[float, ...]
    size: float

    def corner(self, place: int, head: float) -> tuple[float, float]:
        row, column = divmod(place, self.columns)
        x = self.start + column * (self.across + _GAP)
        above = sum(self.heads[:row]) + row * (self.tall + 2.4 * self.size)
        return x, _MARGIN + head + above + self.heads[row]

    @property
    def height(self) -> float:
        rows = len(self.heads)
        return sum(self.heads) + rows * (self.tall + 2.4 * self.size) + 1.4 * self.size


def _panels(
    names: Sequence[str], chosen: Sequence[int], wide: float, size: float, *, beside: bool
) -> _Panels:
    start = _MARGIN + text_width("100%", 0.9 * size) + 6.0
    room = wide - start - _MARGIN
    columns = max(1, min(len(chosen), 6, int((room + _GAP) / (_LEAST + _GAP))))
    columns = math.ceil(len(chosen) / math.ceil(len(chosen) / columns))  # rows as even as can be
    across = min((room - _GAP * (columns - 1)) / columns, 2.2 * _LEAST)
    titles = tuple(wrapped(names[i], across + 0.6 * _GAP, _TITLE * size, bold=True) for i in chosen)
    most = [max(map(len, titles[i : i + columns])) for i in range(0, len(chosen), columns)]
    heads = tuple(_TITLE * 1.2 * size * n + (0.7 + 1.2 * beside) * size for n in most)
    tall = 0.55 * min(across, 1.3 * _LEAST)
    return _Panels(columns, across, tall, start, titles, heads, size)


@dataclass(frozen=True, slots=True)
class _Frame:
    """One panel, its upper left corner at ``left``, ``top``."""

    left: float
    top: float
    across: float
    tall: float
    most: float
    n: int
    pen: Pen

    def y(self, share: float) -> float:
        return self.top + self.tall * (1 - share / self.most)

    def x(self, rank: float) -> float:
        """Middle of a rank's place; ranks count from 1."""
        return self.left + self.across * (rank - 0.5) / self.n

    def head(self, lines: Sequence[str], beside: str) -> None:
        size = self.pen.size
        base = self.top - 0.6 * size - (1.2 * size if beside else 0.0)
        for i, line in enumerate(reversed(lines)):
            at = base - _TITLE * 1.2 * size * i
            self.pen.text(self.left, at, line, bold=True, size=_TITLE * size)
        if beside:
            at = self.top - 0.6 * size
            self.pen.text(self.left, at, beside, size=0.9 * size, color=palette.SOFT)

    def draw(self, shares: Any, *, steps: bool) -> None:
        low = self.y(0.0)
        for share in (0.25, 0.5, 0.75, 1.0):
            if share <= self.most:
                line = ((self.left, self.y(share)), (self.left + self.across, self.y(share)))
                self.pen.line(line, color=palette.HAIR, width=0.4)
        half = self.across / self.n / 2
        room = 0.0 if steps else min(0.15 * half, 1.2)
        for rank, share in enumerate(np.asarray(shares, float).tolist(), start=1):
            x, y = self.x(rank), self.y(share)
            fill = palette.SKY if steps else palette.BLUE
            if share > 0:
                self.pen.box(x - half + room, y, x + half - room, low, fill=fill, gid="rank")
        if steps:
            levels = np.repeat([self.y(float(s)) for s in shares], 2)
            edges = [self.left + self.across * i / self.n for i in range(self.n + 1)]
            places = np.repeat(edges, 2)[1:-1]
            outline = list(zip(places.tolist(), levels.tolist(), strict=True))
            self.pen.line(outline, color=palette.BLUE, width=1.2)
        self.pen.line(((self.left, low), (self.left + self.across, low)), width=0.6)

    def ticks(self, *, left_most: bool) -> None:
        size = 0.9 * self.pen.size
        if left_most:
            for share in (0.0, 0.5, 1.0) if self.most >= 0.5 else (0.0, 0.25):
                if share <= self.most:
                    at = self.pen.middle(self.y(share), size)
                    text = f"{round(100 * share)}%"
                    self.pen.text(self.left - 4.0, at, text, align="right", size=size)
        low = self.y(0.0)
        for rank in _ranks(self.n, self.across, size):
            x = self.x(rank)
            self.pen.line(((x, low), (x, low + 2.0)), width=0.5)
            self.pen.text(x, low + 2.6 + size, str(rank), align="center", size=size)


def _ranks(n: int, across: float, size: float) -> list[int]:
    """Ranks to be written below a panel: all, or the first, the last and round steps between."""
    for step in (1, 2, 5, 10, 20, 50, 100):
        found = sorted({1, n, *range(step, n + 1, step)}) if step > 1 else list(range(1, n + 1))
        found = [r for r in found if r in (1, n) or (r - 1 >= 0.6 * step and n - r >= 0.6 * step)]
        gaps = [b - a for a, b in pairwise(found)]
        room = text_width(str(n), size) + 4.0
        if all(gap * across / n >= room for gap in gaps):
            return found
    return [1, n] if n > 1 else [1]


def _axis_words(panels: _Panels, head: float, wide: float, pen: Pen, *, cumulative: bool) -> None:
    bottom = _MARGIN + head + panels.height
    told = "Probability of a rank or a better one" if cumulative else "Probability of each rank"
    pen.text(wide / 2, bottom, f"Rank (1 is best). {told}.", align="center", color=palette.SOFT)


def _told(result: Any, names: Sequence[str], chosen: Sequence[int], *, cumulative: bool) -> str:
    parts = [
        f"{names[i]}: SUCRA {number(result.sucra[i], 2)}, "
        f"first {number(100 * result.ranks[i][0], 0)}%"
        for i in chosen
    ]
    kind = "Cumulative rankogram" if cumulative else "Rankogram"
    return f"{kind} of {len(chosen)} treatments. {'; '.join(parts)}."
