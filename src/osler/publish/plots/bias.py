"""Risk of bias: a light for each study and domain, and a bar for each domain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import Table
from osler.core.wording import capital, counted, number
from osler.publish.plots import palette
from osler.publish.plots.analyses import STUDIES
from osler.publish.plots.charts import size_of
from osler.publish.plots.grid import MARGIN
from osler.publish.plots.lights import (
    LIGHTS,
    Key,
    draw_legend,
    draw_light,
    judged,
    legend_height,
    legend_lines,
)
from osler.publish.plots.paper import Drawn, inches, sheet, text_width, wrapped
from osler.publish.plots.pens import Pen
from osler.publish.plots.problems import does_not_fit, unknown_choice
from osler.publish.plots.tables import study_values

_HEAD = 0.92  # letters of heads, of those of the rest
_WIDEST = 62.0  # points from one light to the next
_LEAST_SHARE = 0.035  # of a bar, to hold a sign


def bias_lights(
    result: Any,
    bias: Table,
    *,
    order: Sequence[int] | None = None,
    title: str = "",
    width: float | str = "double",
    font_size: float = 8.0,
) -> Drawn:
    """Traffic lights: what was judged of each study, a column a domain.

    Parameters
    ----------
    result : Synthesis, Effects or any result with ``studies``
    bias : data frame or mapping
        A column a domain with "low", "some concerns", "unclear", "high", "critical" or None,
        one row a study: in the order of the result, or named by a column "study".
    order : sequence of int, optional
        Which studies, counted from 0, in this order; all as they stand where left out.
    title, width, font_size
        As for :func:`~osler.publish.plots.forests.forest`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    DataError
        FIG002 where the result has no studies, FIG003 for a judgement that is not known,
        FIG004 where the table has another number of studies.

    References
    ----------
    .. [1] Sterne et al. (2019). BMJ 366, l4898. doi:10.1136/bmj.l4898

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(["A", "B"], [-0.4, -0.2], [0.1, 0.2], measure="RR")
    >>> figure = bias_lights(fit, {"blinding": ["low", "high"], "missing data": ["low", None]})
    >>> figure.description
    'Risk of bias of 2 studies. A: blinding low, missing data low. B: blinding high.'
    """
    found = _judgements("bias_lights", result, bias)
    rows = range(len(found.studies)) if order is None else order
    size, wide = size_of(font_size), inches(width) * palette.INCH
    names = _names([found.studies[i] for i in rows], wide, size, space=0.55)
    step = min(_WIDEST, (wide - 2 * MARGIN - names.room) / max(1, len(found.domains)))
    heads, keys = _heads(found.domains, step, size)
    legend = _legend(found, "no sign: not judged", keys, wide, size)
    head = 1.2 * size * max(map(len, heads), default=0) + 0.4 * size
    pen, y, figure = _page(title, wide, head + names.tall + legend_height(legend, size), size)
    y += head
    left = MARGIN + names.room
    right = left + step * len(found.domains)
    _draw_heads(heads, left, step, y - 0.6 * size, pen)
    pen.line(((MARGIN, y), (right, y)), width=0.6)
    for i, lines, height in zip(rows, names.lines, names.heights, strict=True):
        _draw_name(lines, y + height / 2, pen)
        for j, judgement in enumerate(found.judgements[i]):
            draw_light(judgement, left + (j + 0.5) * step, y + height / 2, pen)
        y += height
        pen.line(((MARGIN, y), (right, y)), color=palette.HAIR, width=0.4)
    draw_legend(legend, y + 0.4 * size, pen)
    figure.description = _lights_told(found, rows)
    return figure


def bias_summary(
    result: Any,
    bias: Table,
    *,
    weigh_by: str = "auto",
    title: str = "",
    width: float | str = "double",
    font_size: float = 8.0,
) -> Drawn:
    """Risk of bias as a whole: a bar a domain, with the share of each judgement.

    Parameters
    ----------
    result : Synthesis, Effects or any result with ``studies``
    bias : data frame or mapping
        As for :func:`bias_lights`.
    weigh_by : {"auto", "weight", "study"}
        "weight" counts a study by its weight in the random-effects synthesis, "study" each
        alike; "auto" takes weights where the result has them.
    title, width, font_size
        As for :func:`~osler.publish.plots.forests.forest`.

    Returns
    -------
    matplotlib.figure.Figure
        What was not judged is left white and counts as a part of the whole.

    Raises
    ------
    DataError
        As :func:`bias_lights`; FIG003 where weights are asked for and there are none.

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(["A", "B"], [-0.4, -0.2], [0.1, 0.1], measure="RR")
    >>> bias_summary(fit, {"blinding": ["low", "high"]}).description
    'Risk of bias, studies by weight. blinding: low 50%, high 50%.'
    """
    found = _judgements("bias_summary", result, bias)
    weights, by = _weights(result, weigh_by, len(found.studies))
    shares = [_shares(found, j, weights) for j in range(len(found.domains))]
    size, wide = size_of(font_size), inches(width) * palette.INCH
    names = _names([capital(name) for name in found.domains], wide, size, space=0.9)
    legend = _legend(found, "white: not judged", (), wide, size)
    below = 4.5 * size + legend_height(legend, size)
    pen, y, figure = _page(title, wide, names.tall + below, size)
    left, right = MARGIN + names.room, wide - MARGIN - text_width("100%", size) / 2
    for lines, height, share in zip(names.lines, names.heights, shares, strict=True):
        _draw_name(lines, y + height / 2, pen)
        _draw_bar(share, left, right, y + height / 2, pen)
        y += height
    y = _draw_shares_axis(left, right, y + 0.2 * size, by, pen)
    draw_legend(legend, y + 0.4 * size, pen)
    figure.description = _bars_told(found.domains, shares, by)
    return figure


@dataclass(frozen=True, slots=True)
class _Judged:
    """``judgements[i][j]`` is of study i in domain j; empty where nothing was judged."""

    studies: tuple[str, ...]
    domains: tuple[str, ...]
    judgements: tuple[tuple[str, ...], ...]

    @property
    def used(self) -> list[str]:
        """Judgements that occur, the best first."""
        return [name for name in LIGHTS if any(name in row for row in self.judgements)]


def _judgements(figure: str, result: Any, bias: Table) -> _Judged:
    if not hasattr(result, "studies"):
        raise DataError(does_not_fit(figure, type(result).__name__, STUDIES))
    studies = tuple(str(study) for study in result.studies)
    table = study_values(object(), studies, bias)
    table.pop("study", None)
    columns = [judged(values) for values in table.values()]
    return _Judged(studies, tuple(table), tuple(zip(*columns, strict=True)))


def _weights(result: Any, weigh_by: str, k: int) -> tuple[Floats, str]:
    known = getattr(result, "random_weights", None)
    offered = ("auto", "weight", "study") if known is not None else ("auto", "study")
    if weigh_by not in offered:
        raise DataError(unknown_choice("weigh_by", weigh_by, offered))
    if known is None or weigh_by == "study":
        return np.full(k, 1 / k), "studies"
    weights = np.asarray(known, float)
    return weights / weights.sum(), "studies by weight"


def _shares(found: _Judged, domain: int, weights: Floats) -> list[tuple[str, float]]:
    column = np.array([row[domain] for row in found.judgements])
    return [(name, float(weights[column == name].sum())) for name in found.used]


@dataclass(frozen=True, slots=True)
class _Names:
    """What stands at the left of each row, in lines, with the room that it takes."""

    lines: tuple[tuple[str, ...], ...]
    heights: tuple[float, ...]
    room: float

    @property
    def tall(self) -> float:
        return sum(self.heights)


def _names(names: Sequence[str], wide: float, size: float, *, space: float) -> _Names:
    """No more than a third of the sheet; ``space`` is between rows, in letters."""
    room = min(max((text_width(name, size) for name in names), default=0.0), wide / 3)
    lines = tuple(wrapped(name, room + 1.0, size) for name in names)
    heights = tuple((1.2 * len(each) + space) * size for each in lines)
    return _Names(lines, heights, room + 1.2 * size)


def _page(title: str, wide: float, tall: float, size: float) -> tuple[Pen, float, Drawn]:
    """A sheet with its title, and where the rest begins."""
    head = 2.0 * size if title else 0.0
    figure, axes = sheet(wide, head + tall + 2 * MARGIN + 0.8 * size)
    pen = Pen(axes, size)
    pen.text(MARGIN, MARGIN + size, title, bold=True, size=size + 0.5)
    return pen, MARGIN + head, figure


def _draw_name(lines: Sequence[str], middle: float, pen: Pen) -> None:
    for n, words in enumerate(lines):
        at = pen.middle(middle) + 1.2 * pen.size * (n - (len(lines) - 1) / 2)
        pen.text(MARGIN, at, words)


def _heads(
    domains: Sequence[str], step: float, size: float
) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    """Heads over the lights, and what they stand for where there is no room for names."""
    room = step - 3.0
    words = [word for name in domains for word in name.split()]
    if all(text_width(word, _HEAD * size, bold=True) <= room for word in words):
        return [wrapped(capital(name), room, _HEAD * size, bold=True) for name in domains], ()
    keys: dict[str, str] = {}
    for name in domains:  # "overall" is what readers look for: it keeps its name
        if name.casefold() != "overall":
            keys[f"D{len(keys) + 1}"] = name
    brief = {name: short for short, name in keys.items()}
    heads: list[tuple[str, ...]] = [(brief.get(name, capital(name)),) for name in domains]
    return heads, tuple(f"{short}: {name}" for short, name in keys.items())


def _draw_heads(
    heads: Sequence[tuple[str, ...]], left: float, step: float, base: float, pen: Pen
) -> None:
    size = _HEAD * pen.size
    for j, lines in enumerate(heads):
        for n, words in enumerate(reversed(lines)):
            x, y = left + (j + 0.5) * step, base - 1.2 * pen.size * n
            pen.text(x, y, words, align="center", bold=True, size=size)


def _draw_bar(
    shares: Sequence[tuple[str, float]], left: float, right: float, middle: float, pen: Pen
) -> None:
    half, x = 0.72 * pen.size, left
    for name, share in shares:
        light, end = LIGHTS[name], x + share * (right - left)
        if share > 0:
            pen.box(x, middle - half, end, middle + half, fill=light.fill, gid=f"bias {name}")
        if share >= _LEAST_SHARE:
            at = pen.middle(middle, 0.95 * pen.size)
            pen.text((x + end) / 2, at, light.sign, align="center", bold=True, color=light.ink)
        x = end
    corners = ((left, middle - half), (right, middle - half), (right, middle + half))
    outline = (*corners, (left, middle + half), (left, middle - half))
    pen.line(outline, color=palette.RULE, width=0.5)


def _draw_shares_axis(left: float, right: float, y: float, by: str, pen: Pen) -> float:
    """The axis of shares with its words; where it ends."""
    size = _HEAD * pen.size
    pen.line(((left, y), (right, y)), width=0.6)
    for quarter in range(5):
        x = left + quarter / 4 * (right - left)
        pen.line(((x, y), (x, y + 2.0)), width=0.5)
        pen.text(x, y + 2.6 + size, f"{25 * quarter}%", align="center", size=size)
    words = f"Share of {by}"
    pen.text((left + right) / 2, y + 3.2 + 2.3 * size, words, align="center", color=palette.SOFT)
    return y + 3.2 + 2.6 * size


def _legend(
    found: _Judged, unjudged: str, keys: Sequence[str], wide: float, size: float
) -> list[list[Key]]:
    entries: list[Key] = [(name, name) for name in found.used]
    if any("" in row for row in found.judgements):
        entries.append(("", unjudged))
    return legend_lines([*entries, *(("", words) for words in keys)], wide, size)


def _lights_told(found: _Judged, rows: Sequence[int]) -> str:
    parts = []
    for i in rows:
        pairs = zip(found.domains, found.judgements[i], strict=True)
        told = ", ".join(f"{domain} {judgement}" for domain, judgement in pairs if judgement)
        parts.append(f"{found.studies[i]}: {told or 'not judged'}.")
    return f"Risk of bias of {counted(len(parts), 'study', 'studies')}. {' '.join(parts)}"


def _bars_told(
    domains: Sequence[str], shares: Sequence[Sequence[tuple[str, float]]], by: str
) -> str:
    parts = []
    for domain, share in zip(domains, shares, strict=True):
        told = ", ".join(f"{name} {number(100 * s, 0)}%" for name, s in share if s > 0)
        parts.append(f"{domain}: {told or 'not judged'}.")
    return f"Risk of bias, {by}. {' '.join(parts)}"
