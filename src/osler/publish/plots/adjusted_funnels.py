"""Comparison-adjusted funnel plots: studies of all comparisons about a common middle."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.lines import Line2D

from osler.core.diagnostics import DataError
from osler.core.quantiles import normal_quantile
from osler.core.wording import capital, p_value
from osler.publish.plots import palette
from osler.publish.plots.chart_marks import area, curve, points
from osler.publish.plots.charts import (
    SMALL,
    around,
    chart,
    effect_axis,
    label_axes,
    number_axis,
    size_of,
    title_of,
)
from osler.publish.plots.network_problems import not_finite, nothing_to_show
from osler.publish.plots.paper import Drawn, font, inches, text_width
from osler.publish.plots.problems import wrong_length
from osler.publish.plots.showing import display_of

_SHAPES = ("o", "s", "^", "D", "v", "P", "X")
_COLORS = tuple(c for c in palette.SERIES if c not in (palette.YELLOW, palette.BLACK))
_FEW = 12
_ROOM = 11.0  # points for a sample in the key


def adjusted_funnel(
    centred: Any,
    se: Sequence[float] | None = None,
    comparisons: Sequence[str] | None = None,
    *,
    measure: str = "",
    level: float = 0.95,
    p: float = math.nan,
    favours: tuple[str, str] = ("", ""),
    axis_label: str | None = None,
    unit: str = "",
    title: str = "",
    width: float | str | None = None,
    font_size: float = 8.0,
) -> Drawn:
    """Comparison-adjusted funnel plot.

    Parameters
    ----------
    centred : AdjustedFunnel or sequence of float
        What :func:`osler.synthesis.network.adjusted_funnel.adjusted_funnel` gives, which needs
        nothing more; or each study's estimate less that of its comparison, on the analysis
        scale, with comparisons turned so that the same kind of treatment (the newer, the
        sponsored) stands first, for else asymmetry of one cancels that of another.
    se : sequence of float
        Standard errors, above 0.
    comparisons : sequence of str
        To which comparison each belongs, told apart by colour and shape; by shape alone up to
        14 of them.
    measure : str
    level : float
        Of the funnel: between its sides so many of the studies lie where all estimate the
        same effect.
    p : float
        Of a test of asymmetry, to be told below; of an AdjustedFunnel that of Egger where NaN.
    width : float or {"single", "middle", "double"}, optional
        Where left out "middle", and "double" for more than 12 comparisons.
    favours, axis_label, unit, title, font_size
        As for :func:`~osler.publish.plots.funnels.funnel`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    DataError
        FIG004 where the sequences differ in length, FIG014 where there is none, FIG015 where a
        number is not finite or a standard error not above 0.

    References
    ----------
    .. [1] Chaimani & Salanti (2012). Res Synth Methods 3, 161-176. doi:10.1002/jrsm.57

    Examples
    --------
    >>> adjusted_funnel([0.1, -0.1, 0.2], [0.1, 0.2, 0.3], ["A vs B", "A vs B", "A vs C"],
    ...     measure="MD").description
    'Comparison-adjusted funnel plot of 3 estimates of 2 comparisons.'
    """
    if hasattr(centred, "points"):
        p = centred.tests[0].p_value if math.isnan(p) else p
        measure = measure or centred.measure
    x, spread, named = _asked(centred, se, comparisons)
    kinds = list(dict.fromkeys(named))
    size = size_of(font_size)
    width = width or ("middle" if len(kinds) <= _FEW else "double")
    wide = inches(width) * palette.INCH
    columns, rows = _key_shape(kinds, wide, size)
    frame = min(0.72 * wide, 300.0)
    below = (rows + (not math.isnan(p)) + any(favours)) * 1.4 * size + 34.0
    sheet = chart(width, (frame + below) / palette.INCH, size)
    sheet.figure.set_layout_engine("none")
    tall = sheet.figure.get_size_inches()[1] * palette.INCH
    left, top = 42.0, 1.9 * size if title else 6.0
    sheet.axes.set_position((left / wide, below / tall, 1 - (left + 8) / wide,
                             (tall - below - top) / tall))  # fmt: skip
    z = float(normal_quantile(0.5 + level / 2))
    most = float(spread.max()) * 1.05
    display = display_of(measure, x.tolist(), unit)
    ends = around([*x.tolist(), -z * most, z * most], 0.03)
    far = max(abs(end) for end in ends)
    effect_axis(sheet, sheet.axes, -far, far, display)
    number_axis(sheet, sheet.axes, most, 0.0, of="y")
    area(sheet.axes, [(0, 0), (-z * most, most), (z * most, most)], fill=palette.WASH, order=0.3)
    for side in (-z, z):
        curve(sheet.axes, [0, side * most], [0, most], color=palette.RULE, width=0.6, dashes=(4, 3))
    curve(sheet.axes, [0, 0], [0, most], color=palette.RULE, width=0.8)
    of = np.array([kinds.index(name) for name in named])
    for i in range(len(kinds)):
        look = _look(i)
        points(
            sheet.axes, x[of == i], spread[of == i], size=4.8,
            fill=look.fill, edge=look.edge, marker=look.shape, width=look.width,
        )  # fmt: skip
    against = f"{capital(display.name)}, against the estimate of its comparison"
    label_axes(sheet, against if axis_label is None else axis_label, "Standard error")
    title_of(sheet, title)
    _below(sheet, kinds, (columns, rows), favours, p, below)
    sheet.figure.description = (
        f"Comparison-adjusted funnel plot of {len(x)} estimates of {len(kinds)} comparisons."
        + (f" Test of asymmetry: {p_value(p)}." if not math.isnan(p) else "")
    )
    return sheet.figure


def _asked(
    centred: Any, se: Sequence[float] | None, comparisons: Sequence[str] | None
) -> tuple[Any, Any, list[str]]:
    if hasattr(centred, "points"):
        told = centred.points
        x, spread = (np.array([getattr(q, name) for q in told]) for name in ("deviation", "se"))
        named = [f"{q.treatment} vs {q.comparator}" for q in told]
    else:
        x, spread = np.asarray(centred, float), np.asarray(se, float)
        named = [str(name) for name in comparisons or ()]
    if not x.size:
        raise DataError(nothing_to_show("adjusted_funnel", "no estimates"))
    for column, length in (("se", spread.size), ("comparisons", len(named))):
        if length != x.size:
            raise DataError(wrong_length(column, length, x.size))
    if not (np.isfinite(x).all() and np.isfinite(spread).all() and (spread > 0).all()):
        raise DataError(not_finite("adjusted_funnel", "an estimate or a standard error"))
    return x, spread, named


@dataclass(frozen=True, slots=True)
class _Look:
    """A mark: hollow ones have their colour on the edge."""

    shape: str
    fill: str
    edge: str
    width: float


def _look(i: int) -> _Look:
    """Different for 42 comparisons, in grey for 14: shapes first, then the same ones hollow."""
    shape, color = _SHAPES[i % len(_SHAPES)], _COLORS[i % len(_COLORS)]
    if i // len(_SHAPES) % 2:
        return _Look(shape, palette.WHITE, color, 1.1)
    return _Look(shape, color, palette.WHITE, 0.5)


def _key_size(kinds: Sequence[str], size: float) -> float:
    return size * (SMALL if len(kinds) <= _FEW else 0.8)


def _key_shape(kinds: Sequence[str], wide: float, size: float) -> tuple[int, int]:
    widest = max(text_width(name, _key_size(kinds, size)) for name in kinds) + _ROOM + 8.0
    columns = max(1, min(len(kinds), int((wide - 16.0) / widest)))
    return columns, math.ceil(len(kinds) / columns)


def _below(
    sheet: Any,
    kinds: Sequence[str],
    shape: tuple[int, int],
    favours: tuple[str, str],
    p: float,
    room: float,
) -> None:
    """The key and the test, in points from the lower edge."""
    figure, size = sheet.figure, _key_size(kinds, sheet.size)
    wide, tall = figure.get_size_inches() * palette.INCH
    columns, rows = shape
    step = (wide - 16.0) / columns

    def write(x: float, y: float, text: str, align: str = "left") -> None:
        figure.text(x / wide, y / tall, text, fontproperties=font(size), color=palette.INK,
                    ha=align, va="center", parse_math=False)  # fmt: skip

    y = room - 36.0
    if any(favours):
        middle = (sheet.axes.get_position().x0 + sheet.axes.get_position().x1) / 2 * wide
        for text, way, align in zip(favours, (-1, 1), ("right", "left"), strict=True):
            write(middle + way * 8, y, f"{text} →" if way > 0 else f"← {text}", align)
        y -= 1.5 * sheet.size
    for i, name in enumerate(kinds):
        column, row = divmod(i, rows)
        at = (8.0 + column * step, y - 1.4 * sheet.size * row)
        look = _look(i)
        figure.add_artist(
            Line2D([(at[0] + 3) / wide], [at[1] / tall], linestyle="none", marker=look.shape,
                   markersize=4.8, markerfacecolor=look.fill, markeredgecolor=look.edge,
                   markeredgewidth=look.width)
        )  # fmt: skip
        write(at[0] + _ROOM, at[1], name)
    if not math.isnan(p):
        write(8.0, y - 1.4 * sheet.size * rows, f"Test of asymmetry: {p_value(p)}")
