"""Risk difference."""

from osler.effects.measures.measure import Measure
from osler.effects.measures.zero_cells import ADDED, Cells, cells
from osler.effects.model import Counts, Effect


def risk_difference(treated: Counts, control: Counts) -> Effect:
    r"""Difference of risks and its variance.

    .. math:: p_1 - p_2, \qquad \frac{p_1 (1 - p_1)}{n_1} + \frac{p_2 (1 - p_2)}{n_2}

    Parameters
    ----------
    treated, control : Counts
        Possible counts (``Measure.estimate`` checks).

    Returns
    -------
    Effect
        As a proportion: 0.1 is ten in a hundred more. Nothing is added to a zero cell.
        Only where the variance would be 0 (in each group no one or everyone had the event)
        is it computed with 1/2 in every cell; the estimate stays as observed and ``added``
        says what was done.

    Notes
    -----
    metafor adds 1/2 to estimate and variance wherever a cell is zero; ``escalc("RD",
    to="none")`` equals this, and gives a variance of 0 where this does not.

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions 6.5, section 6.4.1.

    Examples
    --------
    >>> effect = risk_difference(Counts(4, 123), Counts(11, 139))
    >>> round(effect.estimate, 4), round(effect.variance, 5)
    (-0.0466, 0.00078)
    >>> risk_difference(Counts(0, 50), Counts(0, 50)).estimate
    0.0
    """
    observed = cells(treated, control)
    variance, added = _variance(observed), 0.0
    if variance == 0:
        added = ADDED
        variance = _variance(cells(treated, control, added))
    estimate = treated.events / treated.n - control.events / control.n
    return Effect("RD", estimate, variance, added)


def _variance(of: Cells) -> float:
    a, b, c, d = of
    return a * b / (a + b) ** 3 + c * d / (c + d) ** 3


RISK_DIFFERENCE = Measure("RD", "risk difference", "binary", ratio=False, of_counts=risk_difference)
