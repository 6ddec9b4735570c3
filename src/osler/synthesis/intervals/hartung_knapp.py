"""The interval of Hartung, Knapp, Sidik and Jonkman for a pooled estimate."""

import numpy as np

from osler.core.arrays import Floats
from osler.synthesis.intervals.student import student_quantile
from osler.synthesis.intervals.whole_degrees import t_probability
from osler.synthesis.kernel import quotient

# Stands for an error of 0: less than any other, and no estimate over it overflows.
_SMALLEST = 1e-200


def hartung_knapp_se(q: Floats, k: Floats, total_weight: Floats, *, guarded: bool) -> Floats:
    r"""Standard error that takes the observed spread into account.

    .. math:: \sqrt{\frac{1}{k - 1} \sum w_i (y_i - \hat\mu)^2 \Big/ \sum w_i},
              \quad w_i = 1 / (v_i + \hat\tau^2)

    Parameters
    ----------
    q : array of shape (groups,)
        The sum above, at the estimated tau2.
    k : array of shape (groups,)
        Number of studies; NaN is given where it is 1.
    total_weight : array of shape (groups,)
        Sum of the random-effects weights.
    guarded : bool
        Never below the Wald standard error ("HKSJ-adhoc"); equals metafor's
        ``test="adhoc"``, and ``test="knha"`` where False.

    References
    ----------
    .. [1] Knapp & Hartung (2003). Stat Med 22, 2693-2710. doi:10.1002/sim.1482
    .. [2] Sidik & Jonkman (2002). Stat Med 21, 3153-3159. doi:10.1002/sim.1262

    Examples
    --------
    >>> q, k, total = np.array([6.0]), np.array([4.0]), np.array([50.0])
    >>> hartung_knapp_se(q, k, total, guarded=False).round(3)
    array([0.2])
    """
    ratio = quotient(q, k - 1.0, np.nan)
    return np.sqrt((np.maximum(ratio, 1.0) if guarded else ratio) / total_weight)


def hartung_knapp_interval(
    estimate: Floats, se: Floats, k: Floats, level: float
) -> tuple[Floats, Floats, Floats]:
    """Lower and upper bound and two-sided p-value by t with k - 1 degrees of freedom.

    Takes the standard error of :func:`hartung_knapp_se`. Where all studies agree to the
    last digit that is 0 and the interval a point; the p-value is then 0, or 1 where that
    point is no effect.

    Examples
    --------
    >>> half = [0.5], [0.2], [4.0]
    >>> lower, upper, p = hartung_knapp_interval(*map(np.array, half), level=0.95)
    >>> lower.round(4), upper.round(4), p.round(4)
    (array([-0.1365]), array([1.1365]), array([0.0877]))
    """
    df = k - 1.0
    half = student_quantile(0.5 + level / 2.0, df) * se
    # An estimate of 0 without an error is 0 errors away from 0.
    ratio = estimate / np.maximum(se, _SMALLEST)
    return estimate - half, estimate + half, t_probability(ratio, df)
