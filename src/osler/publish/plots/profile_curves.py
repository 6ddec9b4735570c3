"""One frame of a profile likelihood: the curve, its peak, where an interval would end."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from osler.core.arrays import Floats
from osler.core.wording import level_percent
from osler.publish.plots import palette
from osler.publish.plots.chart_marks import curve, points, words
from osler.publish.plots.charts import Sheet, number_axis


@dataclass(frozen=True, slots=True)
class Curve:
    """A profile log-likelihood less its maximum.

    ``ends`` are the bounds of the interval at ``level`` that lie on the curve, ``cut`` how far
    below the maximum they are; ``peak`` is the value at the maximum.
    """

    values: Floats
    heights: Floats
    peak: float
    ends: tuple[float, ...]
    cut: float
    level: float

    @property
    def lowest(self) -> float:
        """The lower end of the axis: what lies far below is not shown."""
        return max(float(self.heights.min()), -2.2 * self.cut)


def draw_profile(sheet: Sheet, axes: Axes, profile: Curve) -> None:
    lowest, cut = profile.lowest, profile.cut
    left, right = float(profile.values[0]), float(profile.values[-1])
    number_axis(sheet, axes, left, right)
    # A flat profile has no height: the limit is shown all the same.
    bottom = min(lowest, -1.3 * cut)
    number_axis(sheet, axes, bottom, -0.06 * bottom, of="y")
    first, last = np.flatnonzero(profile.heights >= lowest)[[0, -1]]
    shown = slice(first, last + 1)
    heights = np.maximum(profile.heights, lowest)[shown]
    curve(axes, profile.values[shown], heights, color=palette.BLUE, width=1.4)
    look = (4, 3)
    curve(axes, [left, right], [-cut, -cut], color=palette.SOFT, width=0.6, dashes=look)
    at, align = _room(profile, left, right)
    told = f" {level_percent(profile.level)} limit "
    words(sheet, axes, at, -cut, told, align=align, valign="bottom", color=palette.SOFT)
    for end in profile.ends:
        curve(axes, [end, end], [bottom, -cut], color=palette.SOFT, width=0.6, dashes=look)
    points(axes, [profile.peak], [0.0], size=4.4)


def _room(profile: Curve, left: float, right: float) -> tuple[float, str]:
    """Where words on the limit do not meet the curve: under it between both ends, or beside."""
    if len(profile.ends) == 2:
        return sum(profile.ends) / 2, "center"
    if profile.ends and profile.ends[0] - left > 0.45 * (right - left):
        return left, "left"
    return right, "right"


def crossings(x: Floats, y: Floats) -> tuple[float, ...]:
    """Where a curve passes 0, by straight lines between its points."""
    at = np.flatnonzero(np.sign(y[:-1]) * np.sign(y[1:]) < 0)
    return tuple(float(x[i] - y[i] * (x[i + 1] - x[i]) / (y[i + 1] - y[i])) for i in at)
