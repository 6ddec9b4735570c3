"""From what is reported to what is needed: spreads, statistics, one measure into another."""

import math

import numpy as np

from osler.core.diagnostics import DataError
from osler.core.quantiles import t_quantile
from osler.effects import problems
from osler.effects.arms import Effect
from osler.effects.measures import MEASURES, Options
from osler.effects.measures.odds import LOGISTIC_SD


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


def t_from_p(p: float, df: float, sign: float = 1.0) -> float:
    """Student's t from its exact two-sided p-value; the sign is that of the effect.

    Raises
    ------
    DataError
        Where p is not between 0 and 1, or df below 1 (EFF061).

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions 6.5, section 6.5.2.3.

    Examples
    --------
    >>> round(t_from_p(0.008, 45), 2)
    2.78
    """
    if not 0 < p < 1:
        raise problems.statistic_unusable("this p-value", f"p = {p:g}")
    _check_df(df)
    return math.copysign(float(t_quantile(1 - p / 2, df)), sign)


def t_from_f(f: float, sign: float = 1.0) -> float:
    """Student's t from an F that compares two groups (1 degree of freedom): its root.

    Raises
    ------
    DataError
        Where F is negative (EFF061). An F of several groups has no such root; do not use it.

    Examples
    --------
    >>> t_from_f(9.0, sign=-1)
    -3.0
    """
    if not (math.isfinite(f) and f >= 0):
        raise problems.statistic_unusable("this F", f"F = {f:g}")
    return math.copysign(math.sqrt(f), sign)


def se_from_t(estimate: float, t: float) -> float:
    """Standard error of an estimate from its t (or z).

    Raises
    ------
    DataError
        Where one of them is 0 or not finite, or their signs differ (EFF061).

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions 6.5, section 6.5.2.3.

    Examples
    --------
    >>> round(se_from_t(3.8, 2.78), 2)
    1.37
    """
    if not (math.isfinite(estimate) and math.isfinite(t)) or estimate * t <= 0:
        raise problems.statistic_unusable("this t", f"estimate {estimate:g}, t {t:g}")
    return estimate / t


def d_from_t(t: float, n_treated: float, n_control: float) -> float:
    r"""Cohen's d from the t of two independent groups, :math:`t \sqrt{1/n_1 + 1/n_2}`.

    Examples
    --------
    >>> round(d_from_t(2.78, 25, 22), 3)
    0.813
    """
    _check_sizes(n_treated, n_control)
    return t * math.sqrt(1 / n_treated + 1 / n_control)


def smd_from_d(d: float, n_treated: float, n_control: float) -> Effect:
    """Hedges' g and its variance from Cohen's d, as ``MEASURES["SMD"]`` computes them.

    Examples
    --------
    >>> effect = smd_from_d(0.813, 25, 22)
    >>> round(effect.estimate, 3), round(effect.variance, 4)
    (0.799, 0.0923)
    """
    _check_sizes(n_treated, n_control)
    names = ("mean_treated", "sd_treated", "n_treated", "mean_control", "sd_control", "n_control")
    arms = dict(zip(names, (d, 1.0, n_treated, 0.0, 1.0, n_control), strict=True))
    given = {role: np.array([value], float) for role, value in arms.items()}
    y, v = MEASURES["SMD"].compute(given, Options())
    return Effect("SMD", float(y[0]), float(v[0]))


def md_from_d(d: float, sd: float, variance: float = math.nan) -> tuple[float, float]:
    r"""Difference on the scale of an instrument from a standardised one, :math:`d \cdot s`.

    Parameters
    ----------
    d : float
    sd : float
        Of people like those of the trials, on the instrument wanted; above 0 and taken as known.
    variance : float
        Of ``d``.

    Raises
    ------
    DataError
        Where ``sd`` is not above 0 (EFF061).

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions 6.5, section 15.5.3.2.

    Examples
    --------
    >>> tuple(round(x, 4) for x in md_from_d(0.5, 4.0, 0.02))
    (2.0, 0.32)
    """
    if not (math.isfinite(sd) and sd > 0):
        raise problems.statistic_unusable("a standard deviation not above 0", f"sd = {sd:g}")
    return d * sd, variance * sd * sd


def r_from_t(t: float, df: float) -> float:
    r"""Correlation from its t, :math:`t / \sqrt{t^2 + \mathrm{df}}`, df = n - 2.

    Examples
    --------
    >>> round(r_from_t(2.5, 48), 3)
    0.339
    """
    _check_df(df)
    return t / math.sqrt(t * t + df)


def d_from_r(r: float, variance: float = math.nan) -> tuple[float, float]:
    r"""Standardised mean difference from a correlation, and its variance.

    .. math:: d = \frac{2r}{\sqrt{1 - r^2}}, \qquad \frac{4 v_r}{(1 - r^2)^3}

    Supposes groups of equal size, made by cutting a continuous variable in two.

    References
    ----------
    .. [1] Borenstein, Hedges, Higgins & Rothstein (2009). Introduction to Meta-Analysis,
       equations 7.5 and 7.6.

    Examples
    --------
    >>> tuple(round(x, 4) for x in d_from_r(0.50, 0.0058))
    (1.1547, 0.055)
    """
    if not -1 < r < 1:
        raise problems.correlation_unusable(r)
    rest = 1 - r * r
    return 2 * r / math.sqrt(rest), 4 * variance / rest**3


def r_from_d(
    d: float, variance: float = math.nan, n_treated: float = 1.0, n_control: float = 1.0
) -> tuple[float, float]:
    r"""Correlation from a standardised mean difference, and its variance.

    .. math:: r = \frac{d}{\sqrt{d^2 + a}}, \qquad \frac{a^2 v_d}{(d^2 + a)^3}, \qquad
              a = \frac{(n_1 + n_2)^2}{n_1 n_2}

    References
    ----------
    .. [1] Borenstein, Hedges, Higgins & Rothstein (2009). Introduction to Meta-Analysis,
       equations 7.7 to 7.9.

    Examples
    --------
    >>> tuple(round(x, 4) for x in r_from_d(1.1547, 0.0550))
    (0.5, 0.0058)
    """
    a = (n_treated + n_control) ** 2 / (n_treated * n_control)
    return d / math.sqrt(d * d + a), a * a * variance / (d * d + a) ** 3


def log_or_from_d(d: float, variance: float = math.nan) -> tuple[float, float]:
    r"""Log odds ratio from a standardised mean difference, times :math:`\pi / \sqrt 3`.

    References
    ----------
    .. [1] Chinn (2000). Stat Med 19, 3127-3131.
    .. [2] Borenstein, Hedges, Higgins & Rothstein (2009). Introduction to Meta-Analysis,
       equations 7.3 and 7.4.

    Examples
    --------
    >>> tuple(round(x, 4) for x in log_or_from_d(0.50, 0.0205))
    (0.9069, 0.0674)
    """
    return LOGISTIC_SD * d, LOGISTIC_SD**2 * variance


def d_from_log_or(log_or: float, variance: float = math.nan) -> tuple[float, float]:
    r"""Standardised mean difference from a log odds ratio, times :math:`\sqrt 3 / \pi`.

    Examples
    --------
    >>> tuple(round(x, 4) for x in d_from_log_or(0.9069, 0.0676))
    (0.5, 0.0205)
    """
    return log_or / LOGISTIC_SD, variance / LOGISTIC_SD**2


def superiority_from_d(d: float) -> float:
    r"""Probability that a treated person does better than a control: :math:`\Phi(d / \sqrt 2)`.

    Also the common-language effect size. Supposes normal distributions of one spread, and a
    measure of which more is better.

    References
    ----------
    .. [1] McGraw & Wong (1992). Psychol Bull 111, 361-365. doi:10.1037/0033-2909.111.2.361

    Examples
    --------
    >>> round(superiority_from_d(0.5), 4), superiority_from_d(0.0)
    (0.6382, 0.5)
    """
    return 0.5 * math.erfc(-d / 2)


def above_control_from_d(d: float) -> float:
    r"""Share of the controls whom the average treated person exceeds: Cohen's U3, :math:`\Phi(d)`.

    References
    ----------
    .. [1] Cohen (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed.,
       section 2.2.1.

    Examples
    --------
    >>> round(above_control_from_d(0.5), 4)
    0.6915
    """
    return 0.5 * math.erfc(-d / math.sqrt(2))


def sd_of_change(sd_pre: float, sd_post: float, correlation: float) -> float:
    r"""Standard deviation of a change, :math:`\sqrt{s_1^2 + s_2^2 - 2 r s_1 s_2}`.

    Raises
    ------
    DataError
        Where a standard deviation is negative (EFF061) or r not within -1 and 1 (EFF058).

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions 6.5, section 6.5.2.8.

    Examples
    --------
    >>> round(sd_of_change(4.2, 4.5, 0.73), 2)
    3.21
    """
    if not -1 <= correlation <= 1:
        raise problems.correlation_unusable(correlation)
    _check_sds(sd_pre, sd_post)
    spread = sd_pre**2 + sd_post**2 - 2 * correlation * sd_pre * sd_post
    return math.sqrt(max(0.0, spread))


def correlation_from_change(sd_pre: float, sd_post: float, sd_change: float) -> float:
    r"""Correlation of two measurements from the standard deviation of their difference.

    .. math:: r = \frac{s_1^2 + s_2^2 - s_\Delta^2}{2 s_1 s_2}

    Raises
    ------
    DataError
        Where a standard deviation is not above 0 (EFF061), or no correlation gives these
        three (EFF058).

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions 6.5, section 6.5.2.8.

    Examples
    --------
    >>> round(correlation_from_change(4.0, 4.4, 3.2), 2)
    0.71
    """
    _check_sds(sd_pre, sd_post, sd_change)
    if sd_pre * sd_post == 0:
        raise problems.statistic_unusable("a standard deviation of 0", f"{sd_pre:g}, {sd_post:g}")
    r = (sd_pre**2 + sd_post**2 - sd_change**2) / (2 * sd_pre * sd_post)
    if not -1 <= r <= 1:
        raise problems.correlation_unusable(r)
    return r


def _check_df(df: float) -> None:
    if not df >= 1:
        raise problems.statistic_unusable("degrees of freedom below 1", f"df = {df:g}")


def _check_sizes(*sizes: float) -> None:
    if not all(n >= 2 for n in sizes):
        raise problems.statistic_unusable("a group below 2", ", ".join(f"{n:g}" for n in sizes))


def _check_sds(*sds: float) -> None:
    if not all(math.isfinite(sd) and sd >= 0 for sd in sds):
        told = ", ".join(f"{sd:g}" for sd in sds)
        raise problems.statistic_unusable("a negative standard deviation", told)
