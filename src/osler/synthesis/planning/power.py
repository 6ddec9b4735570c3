"""Power to find a mean effect, and the studies it needs."""

from collections.abc import Sequence
from math import isfinite, sqrt

import numpy as np
from scipy import optimize

from osler.core.arrays import Floats
from osler.synthesis.planning import problems
from osler.synthesis.planning.assumptions import (
    HEDGES_2001,
    MOST_STUDIES,
    VALENTINE,
    check_test,
    check_wanted,
    tail_of,
    tau2_of,
    variances_of,
)
from osler.synthesis.planning.result import Power, solved_for


def power(
    effect: float,
    *,
    k: int,
    variance: float | Sequence[float] | None = None,
    measure: str = "SMD",
    n_treated: float | None = None,
    n_control: float | None = None,
    sd: float | None = None,
    control_risk: float | None = None,
    tau2: float | None = None,
    i2: float | None = None,
    alpha: float = 0.05,
    sides: int = 2,
    test: str = "Wald",
) -> Power:
    r"""Power to find a mean effect.

    With :math:`\lambda = \theta \sqrt{\sum 1 / (v_i + \tau^2)}` the two-sided Wald test has
    the power :math:`\Phi(\lambda - z) + \Phi(-\lambda - z)`; the Hartung-Knapp test takes
    the noncentral t distribution with k - 1 degrees of freedom, which is exact where all
    studies have one variance.

    Parameters
    ----------
    effect : float
        True mean effect, on the analysis scale (a ratio as its log).
    k : int
        Number of studies.
    variance : float or sequence of k floats, optional
        Of each study. Or give the group sizes, and it is worked out for ``measure``.
    measure, n_treated, n_control, sd, control_risk
        As in :func:`study_variance`; sizes are those of one typical study.
    tau2, i2 : float, optional
        Heterogeneity: a variance, or the share of it in a typical study (Hedges and Pigott
        call tau2 of 1/3, 2/3 and 1 times the variance small, moderate and large: an i2 of
        0.25, 0.4 and 0.5). Neither: none.
    alpha : float
    sides : {2, 1}
        One-sided tests look on the side of the effect.
    test : {"Wald", "HKSJ"}

    Returns
    -------
    Power

    Raises
    ------
    DataError
        Where the effect is not finite (POW001), alpha is impossible (POW002), the variance
        is unknown (POW003) or the heterogeneity (POW004), the number of studies is (POW005),
        or a choice is not known (POW006).

    Notes
    -----
    Takes tau2 as known; with few studies it is not, and the Wald test then finds too much.
    Equals the fixed-effect power of R's metapower.

    References
    ----------
    .. [1] Hedges & Pigott (2001). Psychol Methods 6, 203-217. doi:10.1037/1082-989X.6.3.203
    .. [2] Valentine, Pigott & Rothstein (2010). J Educ Behav Stat 35, 215-247.
       doi:10.3102/1076998609346961

    Examples
    --------
    >>> round(power(0.3, k=10, n_treated=10, n_control=10).power, 4)
    0.5595
    >>> round(power(0.3, k=10, n_treated=10, n_control=10, i2=0.5, test="HKSJ").power, 4)
    0.2665
    """
    check_test(alpha, sides, test)
    if not isfinite(effect):
        raise problems.no_effect(f"effect {effect:g}")
    v = variances_of(effect, k, variance, measure, n_treated, n_control, sd, control_risk)
    if test == "HKSJ" and len(v) < 2:
        raise problems.number_of_studies("one study, where this test needs two or more")
    spread = tau2_of(tau2, i2, v)
    shift = abs(effect) * sqrt(float(np.sum(1.0 / (v + spread))))
    critical, found, df = tail_of(shift, alpha, sides, test, len(v))
    t = {"Wald": "normal distribution", "HKSJ": "noncentral t, Hartung-Knapp"}[test]
    return Power(
        question="test of the mean effect",
        power=found,
        k=len(v),
        effect=effect,
        noncentrality=shift,
        critical=critical,
        df=df,
        alpha=alpha,
        tau2=spread,
        assumed=_assumed(effect, v, n_treated, n_control, sd, control_risk),
        formula="λ = |θ| √Σ 1/(vᵢ + τ²); power = P(|T| > critical | λ)",
        method=f"{sides}-sided test by the {t}, tau² taken as known",
        source=f"{HEDGES_2001}; {VALENTINE}",
    )


def studies_needed(
    effect: float,
    *,
    power: float = 0.8,
    variance: float | None = None,
    measure: str = "SMD",
    n_treated: float | None = None,
    n_control: float | None = None,
    sd: float | None = None,
    control_risk: float | None = None,
    tau2: float | None = None,
    i2: float | None = None,
    alpha: float = 0.05,
    sides: int = 2,
    test: str = "Wald",
) -> Power:
    """The fewest studies that find a mean effect with a given power.

    Parameters are those of :func:`power`, with one variance, or size, for all studies.

    Raises
    ------
    DataError
        As :func:`power`; where the effect is 0 (POW001), the wanted power is not between
        alpha and 1 (POW002), or ten million studies would not do (POW007).

    Examples
    --------
    >>> needed = studies_needed(0.3, n_treated=10, n_control=10, i2=0.5)
    >>> needed.k, round(needed.power, 3)
    (36, 0.808)
    """
    if effect == 0.0:
        raise problems.no_effect("effect 0")
    check_wanted(power, alpha)

    def at(k: int) -> Power:
        return _mean_power(
            effect,
            k=k,
            variance=variance,
            measure=measure,
            n_treated=n_treated,
            n_control=n_control,
            sd=sd,
            control_risk=control_risk,
            tau2=tau2,
            i2=i2,
            alpha=alpha,
            sides=sides,
            test=test,
        )

    least = 2 if test == "HKSJ" else 1
    high = least
    while at(high).power < power:
        high *= 2
        if high > MOST_STUDIES:
            raise problems.out_of_reach(f"{MOST_STUDIES} studies do not reach {power:g}")
    low = max(least - 1, high // 2)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if at(middle).power >= power else (middle, high)
    return solved_for(at(high), "k")


def detectable_effect(
    *,
    k: int,
    power: float = 0.8,
    variance: float | Sequence[float] | None = None,
    measure: str = "SMD",
    n_treated: float | None = None,
    n_control: float | None = None,
    sd: float | None = None,
    tau2: float | None = None,
    i2: float | None = None,
    alpha: float = 0.05,
    sides: int = 2,
    test: str = "Wald",
) -> Power:
    """The smallest mean effect that k studies find with a given power.

    Parameters are those of :func:`power`. For RR, OR and RD give ``variance``: it depends on
    the effect on both sides of no effect.

    Raises
    ------
    DataError
        As :func:`power`, where the wanted power is not between alpha and 1 (POW002), or
        no effect reaches it (POW007).

    Examples
    --------
    >>> found = detectable_effect(k=10, n_treated=10, n_control=10)
    >>> round(found.effect, 4), round(found.power, 6)
    (0.4001, 0.8)
    """
    check_wanted(power, alpha)

    def short(effect: float) -> float:
        return at(effect).power - power

    def at(effect: float) -> Power:
        return _mean_power(
            effect,
            k=k,
            variance=variance,
            measure=measure,
            n_treated=n_treated,
            n_control=n_control,
            sd=sd,
            control_risk=None,
            tau2=tau2,
            i2=i2,
            alpha=alpha,
            sides=sides,
            test=test,
        )

    top = sqrt(float(variances_of(0.0, k, variance, measure, n_treated, n_control, sd, None).max()))
    tried = 0
    while short(top) < 0:
        top, tried = 2.0 * top, tried + 1
        if tried > 60:
            raise problems.out_of_reach(f"an effect of {top:g} does not reach {power:g}")
    root = float(optimize.brentq(short, 0.0, top, xtol=1e-13 * top, rtol=1e-13))
    return solved_for(at(root), "effect")


_mean_power = power


def _assumed(
    effect: float,
    v: Floats,
    n_treated: float | None,
    n_control: float | None,
    sd: float | None,
    control_risk: float | None,
) -> tuple[tuple[str, float], ...]:
    sizes = (
        ("treated a study", n_treated),
        ("controls a study", n_control),
        ("standard deviation", sd),
        ("control risk", control_risk),
    )
    given = tuple((name, float(value)) for name, value in sizes if value is not None)
    return (("effect", effect), ("k", float(v.size)), ("variance (mean)", float(v.mean())), *given)
