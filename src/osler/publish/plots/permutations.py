"""Permutation tests: where what was observed stands among what chance would give."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.wording import number, p_value
from osler.publish.plots import palette
from osler.publish.plots.chart_marks import area, curve, words
from osler.publish.plots.charts import (
    Sheet,
    chart,
    label_axes,
    number_axis,
    size_of,
    title_of,
)
from osler.publish.plots.paper import Drawn
from osler.publish.plots.problems import does_not_fit, unknown_choice

_OMNIBUS = "All moderators"
_GREY, _FAR = "#C3CBD3", palette.VERMILION
# Statistics this close, relative to their size, are the same one reached by other roundings.
_TIED = 1e-8


@dataclass(frozen=True, slots=True)
class _Null:
    """One statistic: as observed, and under every arrangement, the observed one among them."""

    name: str
    observed: float
    values: Floats
    p_value: float
    one_sided: bool = False

    @property
    def far(self) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Which are at least as far from 0 as the observed one."""
        return np.asarray(np.abs(self.values) >= abs(self.observed) * (1.0 - _TIED))


def permutation(
    result: Any,
    coefficients: str | Sequence[str] | None = None,
    *,
    title: str = "",
    width: float | str | None = None,
    height: float | None = None,
    font_size: float = 8.0,
) -> Drawn:
    """Null distribution of a permutation test, with the observed statistic.

    Parameters
    ----------
    result : PermutationTest
        Of a pooled mean, or of a meta-regression.
    coefficients : str or sequence of str, optional
        Which coefficients of a regression, a frame each; "All moderators" is the omnibus
        test. Without it, all moderators, and the omnibus test where they are several.
    title, height, font_size
        As for :func:`~osler.publish.plots.funnels.funnel`.
    width : float or {"single", "middle", "double"}, optional
        "single" for one frame, "double" for three and more, unless given.

    Returns
    -------
    matplotlib.figure.Figure
        Bars are shares of the arrangements; those at least as far from 0 as the observed
        statistic are set off in colour, and together are the p-value. The outermost bars hold
        all that lies beyond.

    Raises
    ------
    DataError
        FIG002 where it is no permutation test that keeps its null distribution, FIG003 for
        an unknown coefficient.

    References
    ----------
    .. [1] Higgins & Thompson (2004). Stat Med 23, 1663-1682. doi:10.1002/sim.1752

    Examples
    --------
    >>> from osler.synthesis.permutation import permutation_test
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(list("ABCDEF"), [0.3, 0.5, 0.2, 0.4, 0.6, 0.1], [0.04] * 6)
    >>> permutation(permutation_test(fit)).description
    'Null distribution of a permutation test. Pooled mean: 4.29, p = 0.031.'
    """
    found = _nulls(result, coefficients)
    count = len(found)
    columns = min(count, 3)
    rows = math.ceil(count / columns)
    wide = width or {1: "single", 2: "middle"}.get(columns, "double")
    shape = {1: 0.72, 2: 0.46, 3: 0.36}[columns] * rows
    sheet = chart(wide, height, size_of(font_size), rows=rows, columns=columns, shape=shape)
    for null, axes in zip(found, sheet.frames, strict=False):
        _draw(sheet, axes, null, result.exact, several=count > 1)
    for axes in sheet.frames[count:]:
        axes.set_visible(False)
    if title and count == 1:
        title_of(sheet, title)
    elif title:
        prop: dict[str, Any] = {"fontweight": "bold", "fontfamily": palette.FONT}
        sheet.figure.suptitle(
            title, x=0.01, ha="left", fontsize=sheet.size + 0.5, color=palette.INK, **prop
        )
    told = "; ".join(f"{n.name}: {number(n.observed, 2)}, {p_value(n.p_value)}" for n in found)
    sheet.figure.description = f"Null distribution of a permutation test. {told}."
    return sheet.figure


def _nulls(result: Any, asked: str | Sequence[str] | None) -> list[_Null]:
    null = getattr(result, "null", None)
    if null is None:
        found = type(result).__name__
        needs = "a permutation test that keeps its null distribution"
        raise DataError(does_not_fit("permutation", found, needs))
    if not hasattr(result, "names"):
        # All patterns hold only one of each pair that mirror each other.
        values = np.r_[null, -null] if result.exact else np.asarray(null, float)
        return [_Null("Pooled mean", result.statistic, values, result.p_value)]
    known = {
        name: _Null(name, statistic, np.asarray(values, float), p)
        for name, statistic, values, p in zip(
            result.names, result.statistics, null, result.p_values, strict=True
        )
    }
    if math.isfinite(result.omnibus):
        values = np.asarray(result.omnibus_null, float)
        known[_OMNIBUS] = _Null(_OMNIBUS, result.omnibus, values, result.omnibus_p_value, True)
    return [known[name] for name in _chosen(known, asked)]


def _chosen(known: dict[str, _Null], asked: str | Sequence[str] | None) -> list[str]:
    if asked is not None:
        names = [asked] if isinstance(asked, str) else list(asked)
        for name in names:
            if name not in known:
                raise DataError(unknown_choice("coefficient", name, known))
        return names
    moderators = [name for name in known if name not in ("Intercept", _OMNIBUS)]
    if not moderators:
        return ["Intercept"]
    return [*moderators, _OMNIBUS] if len(moderators) > 1 and _OMNIBUS in known else moderators


def _draw(sheet: Sheet, axes: Axes, null: _Null, exact: bool, *, several: bool) -> None:
    edges, near, far = _bars(null)
    low = 0.0 if null.one_sided else float(-edges[-1])
    most = float((near + far).max())
    number_axis(sheet, axes, 1.04 * low, 1.04 * float(edges[-1]))
    number_axis(sheet, axes, 0.0, 1.18 * most, of="y")
    for side in (1,) if null.one_sided else (-1, 1):
        row = 0 if side > 0 else 1
        _pile(axes, side * edges, near[row], np.zeros_like(near[row]), _GREY)
        _pile(axes, side * edges, far[row], near[row], _FAR)
    at = null.observed
    curve(axes, [at, at], [0.0, 1.03 * most], color=palette.INK, width=1.2, order=4)
    middle = (1.04 * low + 1.04 * float(edges[-1])) / 2
    align = "left" if at < middle else "right"
    told = f"{number(at, 2)}, {p_value(null.p_value)}"
    words(sheet, axes, at, 1.05 * most, told, align=align, valign="bottom")
    statistic = "Statistic" if null.one_sided else "Estimate / standard error"
    label_axes(sheet, statistic, "Share" if several else "Share of arrangements", axes)
    if several:
        title_of(sheet, null.name, axes)


def _bars(null: _Null) -> tuple[Floats, Floats, Floats]:
    """Edges of bars from 0 outwards, one of them the observed value; shares near and far.

    Shares have a row for statistics above 0 and one for those below. An observed value next
    to 0 is no edge: its bar has both colours.
    """
    known = np.isfinite(null.values)
    size = np.abs(null.values)
    seen = abs(null.observed)
    # What ties with the observed value stands beyond it, whatever was rounded.
    size = np.where(null.far, np.maximum(size, seen), size)
    end = max(_end(size[known]), 1.12 * seen, 1e-12)
    step = end / 24
    if seen > 0.5 * step:
        step = seen / round(seen / step)
    edges = step * np.arange(math.ceil(end / step - 1e-9) + 1, dtype=float)
    size = np.minimum(size, edges[-1] - 1e-9 * step)  # the last bar holds all beyond
    place = np.floor(size / step * (1 + 1e-12) + 1e-9)
    place = np.clip(np.where(known, place, -1), -1, len(edges) - 2).astype(int)
    above = null.values >= 0 if not null.one_sided else np.ones_like(known)
    share = [
        [
            np.bincount(place[known & rows & which], minlength=len(edges) - 1) / len(size)
            for rows in (above, ~above)
        ]
        for which in (~null.far, null.far)
    ]
    return np.asarray(edges, float), np.array(share[0]), np.array(share[1])


def _end(sizes: Floats) -> float:
    """The largest statistic, or one that few exceed where it would press the others together."""
    most, usual = float(sizes.max()), float(np.quantile(sizes, 0.99))
    return most if most <= 2 * usual else usual


def _pile(axes: Axes, edges: Floats, heights: Floats, below: Floats, fill: str) -> None:
    for i, (height, foot) in enumerate(zip(heights, below, strict=True)):
        if height > 0:
            a, b = edges[i], edges[i + 1]
            corners = [(a, foot), (b, foot), (b, foot + height), (a, foot + height)]
            area(axes, corners, fill=fill, edge=palette.WHITE, order=1.0)
