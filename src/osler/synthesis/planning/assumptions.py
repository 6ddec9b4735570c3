"""What a plan assumes, checked, and the tail of its test."""

from collections.abc import Sequence
from math import inf, isfinite
from numbers import Integral

import numpy as np
from scipy import special

from osler.core.arrays import Floats
from osler.core.quantiles import normal_quantile, t_quantile
from osler.synthesis.planning import problems
from osler.synthesis.planning.variances import study_variance

TESTS = ("Wald", "HKSJ")
MOST_STUDIES = 10_000_000
HEDGES_2001 = "Hedges & Pigott (2001), Psychol Methods 6, 203-217"
HEDGES_2004 = "Hedges & Pigott (2004), Psychol Methods 9, 426-445"
VALENTINE = "Valentine, Pigott & Rothstein (2010), J Educ Behav Stat 35, 215-247"


def check_test(alpha: float, sides: int, test: str) -> None:
    if not 0.0 < alpha < 1.0:
        raise problems.not_a_rate("alpha", alpha)
    if sides not in (1, 2):
        raise problems.unknown_choice("number of sides", sides, "1, 2")
    if test not in TESTS:
        raise problems.unknown_choice("test", test, ", ".join(TESTS))


def check_wanted(power: float, alpha: float) -> None:
    if not alpha < power < 1.0:
        raise problems.not_a_rate("power", power)


def variances_of(
    effect: float,
    k: int,
    variance: float | Sequence[float] | None,
    measure: str,
    n_treated: float | None,
    n_control: float | None,
    sd: float | None,
    control_risk: float | None,
) -> Floats:
    """Variance of every study, shape (k,)."""
    whole = isinstance(k, Integral | float) and not isinstance(k, bool) and k == k // 1
    if not (whole and 1 <= k <= MOST_STUDIES):
        raise problems.number_of_studies(f"k = {k!r}")
    if variance is None:
        if n_treated is None or n_control is None:
            raise problems.variance_unknown("neither a variance nor group sizes")
        variance = study_variance(
            measure,
            effect,
            n_treated=n_treated,
            n_control=n_control,
            sd=sd,
            control_risk=control_risk,
        )
    v = np.asarray(variance, float)
    v = np.full(int(k), float(v)) if v.ndim == 0 else v
    if v.shape != (int(k),):
        raise problems.number_of_studies(f"k = {k}, and {v.size} variances")
    if not (np.isfinite(v) & (v > 0)).all():
        raise problems.variance_unknown(f"variance {v.min():g}")
    return v


def tau2_of(tau2: float | None, i2: float | None, v: Floats) -> float:
    """Between-study variance; from i2 by the typical variance of Higgins and Thompson."""
    if tau2 is not None and i2 is not None:
        raise problems.heterogeneity_unknown("both tau2 and i2 were given")
    if tau2 is not None:
        if not (isfinite(tau2) and tau2 >= 0):
            raise problems.heterogeneity_unknown(f"tau2 = {tau2:g}")
        return float(tau2)
    if i2 is None:
        return 0.0
    if not 0.0 <= i2 < 1.0:
        raise problems.heterogeneity_unknown(f"i2 = {i2:g}")
    unit = float(v.min())
    w = unit / v
    total = float(w.sum())
    typical = (v.size - 1) / (total - float((w * w).sum()) / total) if v.size > 1 else 1.0
    return unit * typical * i2 / (1.0 - i2)


def tail_of(
    shift: float, alpha: float, sides: int, test: str, k: int
) -> tuple[float, float, float]:
    """Critical value, power and degrees of freedom of a test with a shifted statistic."""
    if test == "Wald":
        # From the lower tail: 1 less a small alpha is 1.
        critical = -float(normal_quantile(alpha / sides))
        found = float(special.ndtr(shift - critical))
        other = float(special.ndtr(-shift - critical))
        return critical, found + (other if sides == 2 else 0.0), inf
    df = k - 1.0
    critical = -float(t_quantile(alpha / sides, df))
    found = 1.0 - float(special.nctdtr(df, shift, critical))
    other = float(special.nctdtr(df, shift, -critical)) if sides == 2 else 0.0
    return critical, min(1.0, found + other), df
