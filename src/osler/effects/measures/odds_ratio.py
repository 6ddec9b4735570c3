"""Odds ratio, analysed as its logarithm."""

import math

from osler.effects import problems
from osler.effects.measures.measure import Measure
from osler.effects.measures.zero_cells import without_zero
from osler.effects.model import Counts, Effect


def log_odds_ratio(treated: Counts, control: Counts) -> Effect:
    r"""Log odds ratio and its variance.

    .. math:: \log\frac{a d}{b c}, \qquad \frac1a + \frac1b + \frac1c + \frac1d

    Parameters
    ----------
    treated, control : Counts
        Possible counts (``Measure.estimate`` checks).

    Returns
    -------
    Effect
        Where a cell is zero, 1/2 is added to all four cells and ``added`` says so:
        metafor's ``to="only0"``.

    Raises
    ------
    DataError
        Where no one (EFF013) or everyone (EFF014) had the event.

    References
    ----------
    .. [1] Woolf (1955). Ann Hum Genet 19, 251-253. doi:10.1111/j.1469-1809.1955.tb01348.x

    Examples
    --------
    >>> effect = log_odds_ratio(Counts(4, 123), Counts(11, 139))
    >>> round(effect.estimate, 4), round(effect.variance, 4)
    (-0.9387, 0.3571)
    """
    if not treated.events and not control.events:
        raise problems.no_events("OR", treated.n, control.n)
    if treated.events == treated.n and control.events == control.n:
        raise problems.all_events("OR", treated.n, control.n)
    (a, b, c, d), added = without_zero(treated, control)
    estimate = math.log(a) - math.log(b) - math.log(c) + math.log(d)
    return Effect("OR", estimate, 1 / a + 1 / b + 1 / c + 1 / d, added)


ODDS_RATIO = Measure("OR", "odds ratio", "binary", ratio=True, of_counts=log_odds_ratio)
