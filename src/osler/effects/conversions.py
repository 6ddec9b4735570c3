"""From what an arm reports of its spread to a standard deviation."""

import math

from osler.core.diagnostics import DataError
from osler.core.quantiles import t_quantile
from osler.effects import problems


def sd_from_se(se: float, n: int) -> float:
    r"""Standard deviation from the standard error of a mean: :math:`\mathrm{se} \sqrt n`.

    Parameters
    ----------
    se : float
        Of one arm's mean, not of a difference; above 0.
    n : int
        Participants behind the mean, >= 2.

    Raises
    ------
    DataError
        Where ``se`` is not above 0 (EFF031) or ``n`` below 2 (EFF021).

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions 6.5, section 6.5.2.2.

    Examples
    --------
    >>> sd_from_se(2.0, 25)
    10.0
    """
    _check_size(n)
    if not (math.isfinite(se) and se > 0):
        raise problems.se_not_positive(se)
    return se * math.sqrt(n)


def sd_from_ci(lower: float, upper: float, n: int, level: float = 0.95) -> float:
    r"""Standard deviation from the confidence interval of one arm's mean.

    .. math:: \sqrt n \, \frac{\mathrm{upper} - \mathrm{lower}}{2 t_{n - 1}}

    Parameters
    ----------
    lower, upper : float
        Ends of the interval, in the unit of the mean.
    n : int
        Participants behind the mean, >= 2; t with n - 1 degrees of freedom is assumed,
        which in a large arm is the normal distribution.
    level : float
        Confidence level of the interval.

    Raises
    ------
    DataError
        Where the ends are out of order (EFF032), ``n`` is below 2 (EFF021), or ``level``
        is not between 0 and 1 (EFF042).

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions 6.5, section 6.5.2.2.

    Examples
    --------
    >>> round(sd_from_ci(30.0, 34.2, 25), 3)
    5.087
    """
    _check_size(n)
    check_interval(lower, upper, level)
    return math.sqrt(n) * (upper - lower) / (2 * float(t_quantile(0.5 + level / 2, n - 1)))


def check_interval(lower: float, upper: float, level: float) -> None:
    """Raise where an interval has no width, runs backwards, or has no level."""
    if not 0 < level < 1:
        raise problems.level_unusable(level)
    if not (math.isfinite(lower) and math.isfinite(upper) and lower < upper):
        raise problems.interval_reversed(lower, upper)


def _check_size(n: int) -> None:
    if n < 2:
        raise DataError(problems.too_few_for_sd("this", n))
