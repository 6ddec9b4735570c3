"""How much information a synthesis needs, and how much diversity adds to it."""

from math import isfinite, log

import numpy as np
from scipy import special

from osler.appraisal.sequential import problems
from osler.core.arrays import Floats


def drift_of(alpha: float, power: float) -> float:
    """Mean of Z that a two-sided test finds with a given power.

    Examples
    --------
    >>> round(drift_of(0.05, 0.9), 4)
    3.2415
    """
    for name, value in (("alpha", alpha), ("power", power)):
        if not 0.0 < value < 1.0:
            raise problems.not_a_probability(name, value)
    if power <= alpha / 2.0:
        raise problems.not_a_probability("power", power)
    return float(special.ndtri(1.0 - alpha / 2.0) + special.ndtri(power))


def required_information(effect: float, *, alpha: float = 0.05, power: float = 0.9) -> float:
    r"""Information (one over a variance) that shows an effect with a given power.

    .. math:: I = \left(\frac{z_{1-\alpha/2} + z_{1-\beta}}{\theta}\right)^2

    Parameters
    ----------
    effect : float
        On the analysis scale; not 0.
    alpha : float
        Two-sided error rate.
    power : float

    Raises
    ------
    DataError
        Where a rate is impossible (SEQ001), or the effect is 0 or not finite (SEQ002).

    Examples
    --------
    >>> round(required_information(np.log(0.8)), 1)
    211.0
    """
    if not isfinite(effect) or effect == 0.0:
        raise problems.no_relevant_effect(f"relevant effect {effect:g}")
    return float((drift_of(alpha, power) / effect) ** 2)


def required_participants_binary(
    control_risk: float, reduction: float, *, alpha: float = 0.05, power: float = 0.9
) -> float:
    r"""Participants in two equal groups that show a relative risk reduction.

    .. math:: N = 4 (z_{1-\alpha/2} + z_{1-\beta})^2 \frac{\bar p (1 - \bar p)}{(p_C - p_E)^2}

    Parameters
    ----------
    control_risk : float
        Risk in the control group, between 0 and 1.
    reduction : float
        Relative reduction; negative for an increase.

    Raises
    ------
    DataError
        Where a risk would not lie between 0 and 1 (SEQ006), or as :func:`drift_of`.

    References
    ----------
    .. [1] Wetterslev, Thorlund, Brok & Gluud (2009). BMC Med Res Methodol 9, 86.
       doi:10.1186/1471-2288-9-86

    Examples
    --------
    >>> round(required_participants_binary(0.1, 0.2, power=0.8), 1)
    6428.2
    """
    treated = _treated_risk(control_risk, reduction)
    middle = 0.5 * (control_risk + treated)
    share = middle * (1.0 - middle) / (control_risk - treated) ** 2
    return 4.0 * drift_of(alpha, power) ** 2 * share


def required_participants_mean(
    difference: float, sd: float, *, alpha: float = 0.05, power: float = 0.9
) -> float:
    r"""Participants in two equal groups that show a mean difference.

    :math:`N = 4 (z_{1-\alpha/2} + z_{1-\beta})^2 \sigma^2 / \delta^2`.

    Examples
    --------
    >>> round(required_participants_mean(5.0, 10.0), 1)
    168.1
    """
    if not (isfinite(sd) and sd > 0):
        raise problems.no_relevant_effect(f"standard deviation {sd:g}")
    return 4.0 * sd**2 * required_information(difference, alpha=alpha, power=power)


def effect_of_reduction(measure: str, control_risk: float, reduction: float) -> float:
    """A relative risk reduction on the analysis scale of RR, OR or RD.

    Examples
    --------
    >>> round(effect_of_reduction("RR", 0.1, 0.2), 4)
    -0.2231
    >>> round(effect_of_reduction("RD", 0.1, 0.2), 4)
    -0.02
    """
    treated = _treated_risk(control_risk, reduction)
    if measure == "RD":
        return treated - control_risk
    if measure == "RR":
        return log(treated / control_risk)
    if measure == "OR":
        return log(treated / control_risk) + log((1 - control_risk) / (1 - treated))
    raise problems.no_relevant_effect(f"a risk reduction for the measure {measure or 'unknown'!r}")


def diversity(common_variance: float, random_variance: float) -> float:
    r"""Share by which between-study variance inflates the variance of the pooled estimate.

    :math:`D^2 = (V_R - V_C) / V_R`; 0 without heterogeneity, and never below I2 by the same
    tau2 where studies are of one size.

    Parameters
    ----------
    common_variance, random_variance : float
        Variances of the pooled estimate by either model (Wald).

    References
    ----------
    .. [1] Wetterslev, Thorlund, Brok & Gluud (2009). BMC Med Res Methodol 9, 86.
       doi:10.1186/1471-2288-9-86

    Examples
    --------
    >>> diversity(0.01, 0.04)
    0.75
    """
    return max(0.0, 1.0 - common_variance / random_variance)


def pooled_variances(v: Floats, tau2: float) -> tuple[float, float]:
    """Variances of the pooled estimate by the common-effect and the random-effects model."""
    return float(1.0 / np.sum(1.0 / v)), float(1.0 / np.sum(1.0 / (v + tau2)))


def _treated_risk(control_risk: float, reduction: float) -> float:
    treated = control_risk * (1.0 - reduction)
    if not (0.0 < control_risk < 1.0 and 0.0 < treated < 1.0):
        found = f"control risk {control_risk:g}, reduction {reduction:g}"
        raise problems.risks_impossible(found)
    if reduction == 0.0:
        raise problems.no_relevant_effect("a relative risk reduction of 0")
    return treated
