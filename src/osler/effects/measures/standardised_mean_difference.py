"""Standardised mean difference (Hedges' g)."""

import math

from osler.effects.measures.measure import Measure
from osler.effects.model import Effect, Moments


def hedges_g(treated: Moments, control: Moments, *, approximate: bool = False) -> Effect:
    r"""Difference of means in units of the pooled standard deviation, without small-sample bias.

    .. math:: g = J(m) \frac{m_1 - m_2}{s_p}, \qquad
              \frac1{n_1} + \frac1{n_2} + \frac{g^2}{2 (n_1 + n_2)}

    with :math:`m = n_1 + n_2 - 2` and :math:`s_p` the pooled standard deviation.

    Parameters
    ----------
    treated, control : Moments
        On one instrument (``Measure.estimate`` checks the rest).
    approximate : bool
        Correct by :math:`1 - 3 / (4m - 1)`, as RevMan does, rather than exactly.

    Notes
    -----
    Equals metafor's ``escalc("SMD", vtype="LS")``, its default. ``meta`` and RevMan take
    :math:`2 (n_1 + n_2 - 3.94)` below :math:`g^2`, so their variances are a little larger.

    References
    ----------
    .. [1] Hedges (1981). J Educ Stat 6, 107-128. doi:10.3102/10769986006002107
    .. [2] Hedges (1982). Psychol Bull 92, 490-499. doi:10.1037/0033-2909.92.2.490

    Examples
    --------
    >>> effect = hedges_g(Moments(55, 47, 155), Moments(75, 64, 156))
    >>> round(effect.estimate, 4), round(effect.variance, 4)
    (-0.3552, 0.0131)
    """
    m = treated.n + control.n - 2
    within = (treated.n - 1) * treated.sd * treated.sd + (control.n - 1) * control.sd * control.sd
    pooled = math.sqrt(within / m)
    correction = 1 - 3 / (4 * m - 1) if approximate else small_sample_correction(m)
    g = correction * (treated.mean - control.mean) / pooled
    variance = 1 / treated.n + 1 / control.n + g * g / (2 * (treated.n + control.n))
    return Effect("SMD", g, variance)


def small_sample_correction(m: int) -> float:
    r"""The factor that makes a standardised difference unbiased.

    .. math:: J(m) = \frac{\Gamma(m / 2)}{\sqrt{m / 2} \, \Gamma((m - 1) / 2)}

    Parameters
    ----------
    m : int
        Degrees of freedom of the standard deviation, >= 2.

    References
    ----------
    .. [1] Hedges (1981). J Educ Stat 6, 107-128, equation 6e. doi:10.3102/10769986006002107

    Examples
    --------
    >>> round(small_sample_correction(2), 4), round(small_sample_correction(18), 4)
    (0.5642, 0.9576)
    """
    return math.exp(math.lgamma(m / 2) - 0.5 * math.log(m / 2) - math.lgamma((m - 1) / 2))


STANDARDISED_MEAN_DIFFERENCE = Measure(
    "SMD", "standardised mean difference", "continuous", ratio=False, of_moments=hedges_g
)
