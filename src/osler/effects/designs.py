"""Trials that are not two independent groups of people: clusters, crossovers, several arms."""

import math

from osler.effects import problems
from osler.effects.arms import Counts, Effect, Moments
from osler.effects.conversions import sd_of_change


def design_effect(mean_cluster_size: float, icc: float) -> float:
    r"""By how much randomising clusters inflates a variance, :math:`1 + (m - 1)\,\mathrm{ICC}`.

    Parameters
    ----------
    mean_cluster_size : float
        Participants a cluster, >= 1.
    icc : float
        Intracluster correlation, 0 to 1.

    Raises
    ------
    DataError
        Where one of them cannot be (EFF064).

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions 6.5, section 23.1.4.

    Examples
    --------
    >>> round(design_effect(29.5, 0.02), 2)
    1.57
    """
    if not (math.isfinite(mean_cluster_size) and mean_cluster_size >= 1):
        raise problems.clusters_unusable("the mean size", f"{mean_cluster_size:g}")
    if not 0 <= icc <= 1:
        raise problems.clusters_unusable("the intracluster correlation", f"{icc:g}")
    return 1 + (mean_cluster_size - 1) * icc


def effective_counts(
    events: float, n: float, mean_cluster_size: float, icc: float
) -> tuple[float, float]:
    """Events and participants divided by the design effect, not rounded.

    Examples
    --------
    >>> tuple(round(x, 1) for x in effective_counts(63, 295, 29.5, 0.02))
    (40.1, 187.9)
    """
    by = design_effect(mean_cluster_size, icc)
    return events / by, n / by


def effective_size(n: float, mean_cluster_size: float, icc: float) -> float:
    """Participants divided by the design effect; mean and standard deviation stay."""
    return n / design_effect(mean_cluster_size, icc)


def clustered_effect(effect: Effect, mean_cluster_size: float, icc: float) -> Effect:
    """An effect analysed as if people had been randomised, its variance inflated."""
    by = design_effect(mean_cluster_size, icc)
    return Effect(effect.measure, effect.estimate, effect.variance * by, effect.added)


def crossover_difference(
    mean_treated: float,
    sd_treated: float,
    mean_control: float,
    sd_control: float,
    n: int,
    correlation: float,
) -> Effect:
    r"""Mean difference of a crossover trial in which each of n people had both treatments.

    .. math:: m_1 - m_2, \qquad \frac{s_1^2 + s_2^2 - 2 r s_1 s_2}{n}

    The correlation is found in another trial's paired result
    (:func:`osler.effects.conversions.correlation_from_change`), or assumed and varied.

    References
    ----------
    .. [1] Elbourne et al. (2002). Int J Epidemiol 31, 140-149. doi:10.1093/ije/31.1.140
    .. [2] Cochrane Handbook for Systematic Reviews of Interventions 6.5, section 23.2.7.

    Examples
    --------
    >>> effect = crossover_difference(7.0, 2.0, 6.5, 2.2, 10, 0.6)
    >>> effect.estimate, round(effect.variance ** 0.5, 4)
    (0.5, 0.5967)
    """
    if n < 2:
        raise problems.statistic_unusable("a group below 2", f"{n} people")
    spread = sd_of_change(sd_control, sd_treated, correlation)
    return Effect("MD", mean_treated - mean_control, spread**2 / n)


def split_control(control: Counts | Moments, into: int) -> tuple[float, ...]:
    """Size (and events) of one share of a control group that several arms are compared with.

    So that nobody is counted twice; means and standard deviations stay. It makes the
    comparisons look independent, which they are only nearly: combining the arms
    (:func:`osler.combine_counts`) or a multivariate model is better where it can be done.

    Returns
    -------
    tuple of float
        (events, n) for :class:`Counts`, (n,) for :class:`Moments`; not rounded.

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions 6.5, section 23.3.4.

    Examples
    --------
    >>> split_control(Counts(10, 61), 2)
    (5.0, 30.5)
    """
    if into < 1:
        raise problems.no_arms()
    if isinstance(control, Counts):
        return control.events / into, control.n / into
    return (control.n / into,)
