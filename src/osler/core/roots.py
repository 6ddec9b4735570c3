"""Roots of many functions at once, each held in its own bracket."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Bools, Floats

Positions: TypeAlias = NDArray[np.intp]
Function: TypeAlias = Callable[[Floats], tuple[Floats, Floats]]

# Newton's step squares the error: a step this small, relative to the scale, is the last.
_LAST_STEP = 1e-7
_MOST_STEPS = 200
# Work goes on with the functions still running alone once so few of all are left.
_FEW = 0.5
# For so few searches the bracket is kept only where Newton's method alone does not arrive.
_SO_FEW, _QUICK_STEPS = 64, 12


def newton_in_bracket(
    function: Function,
    lower: Floats,
    upper: Floats,
    start: Floats,
    scale: Floats,
    *,
    among: Callable[[Positions], Function] | None = None,
) -> Floats:
    """Roots of functions that fall from above 0 at ``lower`` to below 0 at ``upper``.

    Newton's method; where a step would leave the bracket, or is more than half of the
    step before the last, the bracket is halved instead, so that it always arrives.

    Parameters
    ----------
    function : callable
        From points of shape (m,) to values and slopes of shape (m,).
    lower, upper, start : array of shape (m,)
        Brackets and first points, ``lower <= start <= upper``.
    scale : array of shape (m,)
        A step below 1e-7 of this is taken and is the last; the error left is its square.
    among : callable, optional
        From positions to ``function`` for those alone. Where it is given, the last few
        searches do not drag the others along.

    Returns
    -------
    array of shape (m,)

    References
    ----------
    .. [1] Press et al. (2007). Numerical Recipes, 3rd ed., section 9.4.

    Examples
    --------
    >>> two = np.array([2.0, 9.0])
    >>> lower, upper = np.zeros(2), np.array([2.0, 9.0])
    >>> root = newton_in_bracket(lambda x: (two - x * x, -2 * x), lower, upper, upper, upper)
    >>> root.round(12)
    array([1.41421356, 3.        ])
    """
    if start.size <= _SO_FEW:
        quick = _unguarded(function, lower, upper, start, scale)
        if quick is not None:
            return quick
    roots, at = start.copy(), np.arange(start.size)
    search = _Search(start, lower, upper, upper - lower, upper - lower, scale)
    running = np.ones(start.shape, bool)
    for _ in range(_MOST_STEPS):
        moved, going = search.stepped(*function(search.x))
        roots[at[running]] = moved.x[running]
        running &= going
        if not running.any():
            break
        search = moved
        if among and np.count_nonzero(running) <= _FEW * at.size:
            at, search, running = at[running], moved.those(running), running[running]
            function = among(at)
    return roots


def _unguarded(
    function: Function, lower: Floats, upper: Floats, x: Floats, scale: Floats
) -> Floats | None:
    """Newton's steps alone; None where one leaves its bracket or they do not die out."""
    for _ in range(_QUICK_STEPS):
        value, slope = function(x)
        if not (slope < 0).all():
            return None
        step = -value / slope
        x = x + step
        if ((x < lower) | (x > upper)).any():
            return None
        if (np.abs(step) <= _LAST_STEP * scale).all():
            return x
    return None


@dataclass(frozen=True, slots=True)
class _Search:
    """Where each search stands: its point, its bracket, and the sizes of its last two steps."""

    x: Floats
    lower: Floats
    upper: Floats
    last: Floats
    before: Floats
    scale: Floats

    def stepped(self, value: Floats, slope: Floats) -> tuple["_Search", Bools]:
        """The searches after one step, and which have not arrived."""
        lower = np.where(value >= 0, self.x, self.lower)
        upper = np.where(value <= 0, self.x, self.upper)
        step = np.divide(-value, slope, out=np.full_like(value, np.inf), where=slope < 0)
        new, size = self.x + step, np.abs(step)
        arrived = size <= _LAST_STEP * self.scale
        newton = arrived | ((new > lower) & (new < upper) & (size <= 0.5 * self.before))
        step = np.where(newton, step, 0.5 * (lower + upper) - self.x)
        moved = _Search(self.x + step, lower, upper, np.abs(step), self.last, self.scale)
        return moved, ~(arrived | (upper <= lower))

    def those(self, wanted: Bools) -> "_Search":
        return _Search(*(getattr(self, f.name)[wanted] for f in fields(self)))
