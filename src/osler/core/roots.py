"""Roots of many functions at once, each held in its own bracket."""

from collections.abc import Callable

import numpy as np

from osler.core.arrays import Floats

# Newton's step squares the error: a step this small, relative to the scale, is the last.
_LAST_STEP = 1e-9
_MOST_STEPS = 200


def newton_in_bracket(
    function: Callable[[Floats], tuple[Floats, Floats]],
    lower: Floats,
    upper: Floats,
    start: Floats,
    scale: Floats,
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
        A step below 1e-9 of this is taken and is the last; the error left is its square.

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
    x, last, before = start, upper - lower, upper - lower
    running = np.ones(x.shape, bool)
    for _ in range(_MOST_STEPS):
        value, slope = function(x)
        lower, upper = np.where(value >= 0, x, lower), np.where(value <= 0, x, upper)
        step = np.divide(-value, slope, out=np.full_like(x, np.inf), where=slope < 0)
        new = x + step
        arrived = np.abs(step) <= _LAST_STEP * scale
        newton = arrived | ((new > lower) & (new < upper) & (np.abs(step) <= 0.5 * before))
        step = np.where(newton, step, 0.5 * (lower + upper) - x)
        x = np.where(running, x + step, x)
        running &= ~(arrived | (upper <= lower))
        if not running.any():
            break
        before, last = last, np.abs(step)
    return x
