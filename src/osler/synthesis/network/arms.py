"""From arms to contrasts: each arm's own summary, or one spread shared by all arms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from osler.core.arrays import Floats

# What is added to events and to non-events of every arm of a study in which an arm has none.
CORRECTION = 0.5


@dataclass(frozen=True, slots=True)
class StudyArms:
    """The arms of one study; arrays of shape (m,), NaN where the table does not tell."""

    events: Floats
    n: Floats
    mean: Floats
    sd: Floats
    time: Floats


@dataclass(frozen=True, slots=True)
class Contrasts:
    """Arms 1 to m - 1 against arm 0, their covariance, and what was added to cells.

    ``slack`` is what rounded rows miss y by; see :class:`osler.synthesis.network.data.SameArms`.
    """

    y: Floats
    v: Floats
    added: float = 0.0
    slack: Floats | None = None


def shared(y: Floats, v: Floats, added: float = 0.0) -> Contrasts:
    """Contrasts of independent arms: the first arm's variance is in all of them."""
    return Contrasts(y[1:] - y[0], np.diag(v[1:]) + v[0], added)


def covariance_of(v: Floats) -> Floats:
    """Covariance of contrasts against arm 0, from the variance of every pair; shape (m, m).

    Examples
    --------
    >>> covariance_of(np.array([[0.0, 2.0, 3.0], [2.0, 0.0, 3.0], [3.0, 3.0, 0.0]]))
    array([[2., 1.],
           [1., 3.]])
    """
    own = v[1:, 0]
    out = np.asarray(0.5 * (own[:, None] + own - v[1:, 1:]))
    np.fill_diagonal(out, own)
    return out


def _counts(
    arms: StudyArms, needed: Callable[[Floats, Floats], bool]
) -> tuple[Floats, Floats, float]:
    """Events and sizes, with the correction in every arm where any arm needs it.

    In every arm, because contrasts of one study must stay consistent with one another.
    """
    e, n = arms.events, arms.n
    added = CORRECTION if needed(e, n) else 0.0
    return e + added, n + 2.0 * added, added


def _no_cell(e: Floats, n: Floats) -> bool:
    return bool(((e == 0) | (e == n)).any())


def _odds_ratio(arms: StudyArms) -> Contrasts:
    e, n, added = _counts(arms, _no_cell)
    return shared(np.log(e / (n - e)), 1.0 / e + 1.0 / (n - e), added)


def _risk_ratio(arms: StudyArms) -> Contrasts:
    """What is added goes to the events alone, and so to the size once.

    An arm with nothing but events then has no variance, whatever is added; between two such arms
    it is added to the size alone. Both as the ``pairwise`` of meta does.
    """
    added = CORRECTION if _no_cell(arms.events, arms.n) else 0.0
    e, n = arms.events + added, arms.n + added
    of_arm, full = 1.0 / e - 1.0 / n, arms.events == arms.n
    of_full = 1.0 / arms.events.clip(CORRECTION) - 1.0 / n
    v = of_arm[:, None] + of_arm
    both = full[:, None] & full
    v[both] = (of_full[:, None] + of_full)[both]
    y = np.log(e / n)
    return Contrasts(y[1:] - y[0], covariance_of(v), added)


def _risk_difference(arms: StudyArms) -> Contrasts:
    e, n, added = _counts(arms, _no_cell)
    # The correction serves the variance alone: risks are what they were.
    return shared(arms.events / arms.n, e * (n - e) / n**3, added)


def _arcsine_difference(arms: StudyArms) -> Contrasts:
    return shared(np.arcsin(np.sqrt(arms.events / arms.n)), 0.25 / arms.n)


def _mean_difference(arms: StudyArms) -> Contrasts:
    return shared(arms.mean, arms.sd**2 / arms.n)


def _ratio_of_means(arms: StudyArms) -> Contrasts:
    return shared(np.log(arms.mean), arms.sd**2 / (arms.n * arms.mean**2))


def _common_deviation(arms: StudyArms) -> float:
    """One standard deviation of all arms, so that contrasts of a study stay consistent."""
    df = arms.n.sum() - arms.n.size
    return float(np.sqrt(((arms.n - 1.0) * arms.sd**2).sum() / df))


def _standardised(arms: StudyArms, factor: float = 1.0) -> Contrasts:
    whole = float(arms.n.sum())
    d = factor * (arms.mean[1:] - arms.mean[0]) / _common_deviation(arms)
    v = np.diag(1.0 / arms.n[1:]) + 1.0 / arms.n[0] + np.outer(d, d) / (2.0 * whole)
    return Contrasts(d, v)


def _cohen(arms: StudyArms) -> Contrasts:
    r"""Cohen's d, with :math:`1/n_i + 1/n_j + d_{ij}^2 / (2 N)` as its variance.

    N counts all arms of the study, as their one standard deviation does; as ``pairwise`` of meta.
    Crippa & Orsini (2016), BMC Med Res Methodol 16, 91, equations 4 and 5,
    doi:10.1186/s12874-016-0189-0.
    """
    return _standardised(arms)


def _hedges(arms: StudyArms) -> Contrasts:
    r"""Hedges' g with the correction of all arms, and the covariance that follows.

    :math:`\operatorname{cov}(g_i, g_j) = 1/n_0 + g_i g_j / (2 N)`; Gleser & Olkin (2009),
    chapter 19 in the Handbook of Research Synthesis, equation 19.19.
    """
    df = float(arms.n.sum()) - arms.n.size
    exact = np.exp(gammaln(df / 2.0) - gammaln((df - 1.0) / 2.0)) / np.sqrt(df / 2.0)
    return _standardised(arms, float(exact))


def _rate_ratio(arms: StudyArms) -> Contrasts:
    added = CORRECTION if (arms.events == 0).any() else 0.0
    e = arms.events + added
    return shared(np.log(e / arms.time), 1.0 / e, added)


def _rate_difference(arms: StudyArms) -> Contrasts:
    added = CORRECTION if (arms.events == 0).any() else 0.0
    return shared(arms.events / arms.time, (arms.events + added) / arms.time**2, added)


@dataclass(frozen=True, slots=True)
class ArmMeasure:
    """What a measure needs of each arm, and how contrasts come of it.

    ``silent`` tells which studies say nothing about it: no events at all, or only events.
    """

    needs: tuple[str, ...]
    contrasts: Callable[[StudyArms], Contrasts]
    silent: Callable[[StudyArms], bool] = lambda arms: False


def _one_outcome(arms: StudyArms) -> bool:
    return bool((arms.events == 0).all() or (arms.events == arms.n).all())


def _without_events(arms: StudyArms) -> bool:
    return bool((arms.events == 0).all())


_COUNTS, _MEANS, _RATES = ("events", "n"), ("mean", "sd", "n"), ("events", "time")
ARM_MEASURES: Mapping[str, ArmMeasure] = {
    "OR": ArmMeasure(_COUNTS, _odds_ratio, _one_outcome),
    "RR": ArmMeasure(_COUNTS, _risk_ratio, _without_events),
    "RD": ArmMeasure(_COUNTS, _risk_difference),
    "AS": ArmMeasure(_COUNTS, _arcsine_difference),
    "MD": ArmMeasure(_MEANS, _mean_difference),
    "SMD": ArmMeasure(_MEANS, _cohen),
    "ROM": ArmMeasure(_MEANS, _ratio_of_means),
    "IRR": ArmMeasure(_RATES, _rate_ratio, _without_events),
    "IRD": ArmMeasure(_RATES, _rate_difference),
}
"""Measures that a network can be made of from arms; others enter as contrasts."""

STANDARDISED: Mapping[str, ArmMeasure] = {
    "d": ARM_MEASURES["SMD"],
    "g": ArmMeasure(_MEANS, _hedges),
}
"""Kinds of standardised mean difference: Cohen's d as in netmeta, and Hedges' g."""
