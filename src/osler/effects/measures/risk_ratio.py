"""Risk ratio, analysed as its logarithm."""

import math

from osler.effects import problems
from osler.effects.measures.measure import Measure
from osler.effects.measures.zero_cells import without_zero
from osler.effects.model import Counts, Effect


def log_risk_ratio(treated: Counts, control: Counts) -> Effect:
    r"""Log risk ratio and its variance.

    .. math:: \log\frac{a / n_1}{c / n_2}, \qquad
              \frac1a - \frac1{n_1} + \frac1c - \frac1{n_2}

    Parameters
    ----------
    treated, control : Counts
        Possible counts (``Measure.estimate`` checks).

    Returns
    -------
    Effect
        Where a cell is zero, 1/2 is added to all four cells (so 1 to each group), and
        ``added`` says so: metafor's ``to="only0"``.

    Raises
    ------
    DataError
        Where no one (EFF013) or everyone (EFF014) had the event: the ratio of 0 to 0 is
        not known, and the ratio of 1 to 1 would be known without error.

    References
    ----------
    .. [1] Katz, Baptista, Azen & Pike (1978). Biometrics 34, 469-474. doi:10.2307/2530610

    Examples
    --------
    >>> effect = log_risk_ratio(Counts(4, 123), Counts(11, 139))
    >>> round(effect.estimate, 4), round(effect.variance, 4)
    (-0.8893, 0.3256)
    """
    if not treated.events and not control.events:
        raise problems.no_events("RR", treated.n, control.n)
    if treated.events == treated.n and control.events == control.n:
        raise problems.all_events("RR", treated.n, control.n)
    (a, b, c, d), added = without_zero(treated, control)
    estimate = math.log(a / (a + b)) - math.log(c / (c + d))
    variance = 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)
    return Effect("RR", estimate, variance, added)


RISK_RATIO = Measure("RR", "risk ratio", "binary", ratio=True, of_counts=log_risk_ratio)
