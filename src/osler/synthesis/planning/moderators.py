"""Power to find that studies differ: heterogeneity, subgroups, a slope."""

from collections.abc import Sequence
from math import isfinite, sqrt

import numpy as np
from scipy import special

from osler.core.arrays import Floats
from osler.core.quantiles import chi2_quantile
from osler.synthesis.planning import problems
from osler.synthesis.planning.assumptions import (
    HEDGES_2001,
    HEDGES_2004,
    check_test,
    tail_of,
    tau2_of,
    variances_of,
)
from osler.synthesis.planning.result import Power


def heterogeneity_power(
    *,
    k: int,
    variance: float | Sequence[float],
    tau2: float | None = None,
    i2: float | None = None,
    alpha: float = 0.05,
) -> Power:
    r"""Power of Cochran's Q to find heterogeneity.

    With :math:`\tau^2` between studies Q is a weighted sum of chi-squared variables. It is
    taken as a multiple of one of them with the same mean and variance, which is exact where
    all studies have one variance.

    Parameters
    ----------
    k : int
        Two or more.
    variance : float or sequence of k floats
    tau2, i2, alpha
        As in :func:`power`.

    Raises
    ------
    DataError
        As :func:`power`.

    References
    ----------
    .. [1] Hedges & Pigott (2001). Psychol Methods 6, 203-217. doi:10.1037/1082-989X.6.3.203

    Examples
    --------
    >>> round(heterogeneity_power(k=10, variance=0.1, i2=0.5).power, 3)
    0.489
    """
    check_test(alpha, 2, "Wald")
    v = variances_of(0.0, k, variance, "", None, None, None, None)
    if len(v) < 2:
        raise problems.number_of_studies("one study, where two or more can differ")
    spread = tau2_of(tau2, i2, v)
    factor, df = _q_distribution(v, spread)
    critical = float(chi2_quantile(1.0 - alpha, len(v) - 1.0))
    return Power(
        question="test of heterogeneity (Q)",
        power=float(special.gammaincc(df / 2.0, critical / factor / 2.0)),
        k=len(v),
        effect=float("nan"),
        noncentrality=factor,
        critical=critical,
        df=df,
        alpha=alpha,
        tau2=spread,
        assumed=(("k", float(len(v))), ("variance (mean)", float(v.mean()))),
        formula="Q ≈ c χ²(h), c and h from the mean and the variance of Q at τ²",
        method="chi-squared with matched mean and variance, exact for equal variances",
        source=HEDGES_2001,
    )


def subgroup_power(
    means: Sequence[float],
    *,
    k: Sequence[int],
    variance: float,
    tau2: float | None = None,
    i2: float | None = None,
    alpha: float = 0.05,
) -> Power:
    r"""Power to find that subgroups of studies have different mean effects.

    Noncentral chi-squared with :math:`\sum W_g (\mu_g - \bar\mu)^2`, G - 1 degrees of freedom.

    Parameters
    ----------
    means : sequence of float
        True mean of each subgroup; two or more.
    k : sequence of int
        Studies in each.
    variance : float
        Of each study.
    tau2, i2 : float, optional
        Within the subgroups, as in :func:`power`.
    alpha : float

    Raises
    ------
    DataError
        As :func:`power`, and with fewer than two subgroups (POW005).

    References
    ----------
    .. [1] Hedges & Pigott (2004). Psychol Methods 9, 426-445. doi:10.1037/1082-989X.9.4.426

    Examples
    --------
    >>> round(subgroup_power([0.1, 0.4], k=[10, 10], variance=0.1).power, 3)
    0.564
    """
    check_test(alpha, 2, "Wald")
    mu = np.asarray(means, float)
    if mu.size < 2 or len(k) != mu.size or min(k) < 1:
        raise problems.number_of_studies(f"{mu.size} means and studies {list(k)}")
    if not np.isfinite(mu).all():
        raise problems.no_effect(f"means {list(means)}")
    v = variances_of(0.0, int(sum(k)), variance, "", None, None, None, None)
    spread = tau2_of(tau2, i2, v)
    w = np.asarray(k, float) / (v[0] + spread)
    shift = float(np.sum(w * (mu - np.sum(w * mu) / w.sum()) ** 2))
    df = mu.size - 1.0
    critical = float(chi2_quantile(1.0 - alpha, df))
    each = tuple(
        (f"mean {i + 1} ({n} studies)", float(m))
        for i, (m, n) in enumerate(zip(mu, k, strict=True))
    )
    return Power(
        question="test between subgroups",
        power=float(1.0 - special.chndtr(critical, df, shift)),
        k=int(sum(k)),
        effect=float("nan"),
        noncentrality=shift,
        critical=critical,
        df=df,
        alpha=alpha,
        tau2=spread,
        assumed=(*each, ("variance", float(v[0]))),
        formula="λ = Σ W_g (μ_g − μ)², W_g = k_g / (v + τ²); power = P(χ²(G − 1, λ) > critical)",
        method="noncentral chi-squared, tau² taken as known",
        source=HEDGES_2004,
    )


def slope_power(
    slope: float,
    *,
    x: Sequence[float],
    variance: float | Sequence[float],
    tau2: float | None = None,
    i2: float | None = None,
    alpha: float = 0.05,
) -> Power:
    """Power to find the slope of a meta-regression on one covariate.

    Parameters
    ----------
    slope : float
        Change of the effect for one unit of the covariate.
    x : sequence of float
        The covariate of each study; two different values or more.
    variance, tau2, i2, alpha
        As in :func:`power`; the heterogeneity is what the covariate leaves.

    Raises
    ------
    DataError
        As :func:`power`, and where the covariate does not vary (POW005).

    References
    ----------
    .. [1] Hedges & Pigott (2004). Psychol Methods 9, 426-445. doi:10.1037/1082-989X.9.4.426

    Examples
    --------
    >>> round(slope_power(0.2, x=[0, 0, 1, 1, 2, 2, 3, 3], variance=0.1).power, 3)
    0.516
    """
    check_test(alpha, 2, "Wald")
    at = np.asarray(x, float)
    if at.size < 3 or not np.isfinite(at).all() or np.ptp(at) == 0:
        raise problems.number_of_studies(f"a covariate of {at.size} studies that does not vary")
    if not isfinite(slope):
        raise problems.no_effect(f"slope {slope:g}")
    v = variances_of(0.0, at.size, variance, "", None, None, None, None)
    spread = tau2_of(tau2, i2, v)
    w = 1.0 / (v + spread)
    sum_of_squares = float(np.sum(w * (at - np.sum(w * at) / w.sum()) ** 2))
    shift = abs(slope) * sqrt(sum_of_squares)
    critical, found, df = tail_of(shift, alpha, 2, "Wald", at.size)
    return Power(
        question="test of a slope",
        power=found,
        k=at.size,
        effect=slope,
        noncentrality=shift,
        critical=critical,
        df=df,
        alpha=alpha,
        tau2=spread,
        assumed=(("slope", slope), ("variance (mean)", float(v.mean()))),
        formula="λ = |β| √Σ wᵢ (xᵢ − x̄)², wᵢ = 1 / (vᵢ + τ²)",
        method="2-sided test by the normal distribution, tau² taken as known",
        source=HEDGES_2004,
    )


def _q_distribution(v: Floats, tau2: float) -> tuple[float, float]:
    """Factor and degrees of freedom of the chi-squared that has Q's mean and variance."""
    unit = float(v.min())
    w, s = unit / v, (v + tau2) / unit
    total = float(w.sum())
    mean = float((w * s).sum() - (w * w * s).sum() / total)
    squares = float(
        (w**2 * s**2).sum() - 2.0 * (w**3 * s**2).sum() / total + ((w * w * s).sum() / total) ** 2
    )
    return squares / mean, mean * mean / squares
