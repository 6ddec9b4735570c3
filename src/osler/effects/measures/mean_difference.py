"""Difference of means."""

from osler.effects.measures.measure import Measure
from osler.effects.model import Effect, Moments


def mean_difference(treated: Moments, control: Moments) -> Effect:
    r"""Difference of means and its variance, without assuming equal variances.

    .. math:: m_1 - m_2, \qquad \frac{s_1^2}{n_1} + \frac{s_2^2}{n_2}

    Parameters
    ----------
    treated, control : Moments
        In one unit (``Measure.estimate`` checks the rest).

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions 6.5, section 6.5.1.1.

    Examples
    --------
    >>> effect = mean_difference(Moments(55, 47, 155), Moments(75, 64, 156))
    >>> round(effect.estimate, 1), round(effect.variance, 2)
    (-20, 40.51)
    """
    variance = treated.sd * treated.sd / treated.n + control.sd * control.sd / control.n
    return Effect("MD", treated.mean - control.mean, variance)


MEAN_DIFFERENCE = Measure(
    "MD", "mean difference", "continuous", ratio=False, of_moments=mean_difference
)
