"""Differences of means in standard deviations: Hedges' g, Glass's delta, and relatives."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import special

from osler.core.arrays import Floats
from osler.effects.measures.means import pooled_sd
from osler.effects.measures.measure import Arms, Estimated, Measure, Options
from osler.effects.measures.odds import COX, LOGISTIC_SD


def small_sample_correction(m: Floats | float, kind: str = "exact") -> Floats:
    r"""The factor that makes a standardised difference unbiased.

    .. math:: J(m) = \frac{\Gamma(m / 2)}{\sqrt{m / 2} \, \Gamma((m - 1) / 2)}
              \approx 1 - \frac{3}{4m - 1}

    Parameters
    ----------
    m : float or array
        Degrees of freedom of the standard deviation; NaN below 2.
    kind : {"exact", "approximate", "none"}

    References
    ----------
    .. [1] Hedges (1981). J Educ Stat 6, 107-128, equation 6e. doi:10.3102/10769986006002107

    Examples
    --------
    >>> small_sample_correction(np.array([2.0, 18.0])).round(4)
    array([0.5642, 0.9576])
    """
    m = np.asarray(m, float)
    if kind == "none":
        return np.ones(m.shape)
    usable = np.where(m >= 2, m, np.nan)
    if kind == "approximate":
        return np.asarray(1 - 3 / (4 * usable - 1))
    # Beyond a million both logarithms of the gamma function are large and nearly cancel.
    far = usable > 1e6
    near = np.where(far, 2.0, usable)
    exact = np.exp(
        special.gammaln(near / 2) - 0.5 * np.log(near / 2) - special.gammaln((near - 1) / 2)
    )
    return np.where(far, 1 - 3 / (4 * usable - 1), exact)


def hedges_g(arms: Arms, options: Options) -> Estimated:
    r"""Difference of means in pooled standard deviations, without small-sample bias.

    .. math:: g = J(m) \frac{m_1 - m_2}{s_p}, \qquad
              \frac1{n_1} + \frac1{n_2} + \frac{g^2}{2 (n_1 + n_2)}

    with :math:`m = n_1 + n_2 - 2` and :math:`s_p` the pooled standard deviation.
    ``options.correction`` "none" gives Cohen's d.

    ``options.variance``: "LS" as above (Hedges 1982, eq. 8; metafor's default); "LS2"
    (Borenstein 2009, eq. 12.17), J² times the variance of d; "UB", unbiased (Hedges 1983,
    eq. 9; the default of meta); "AV", with the average of g over the studies, weighted by
    size; "RevMan", with :math:`2 (n_1 + n_2 - 3.94)` below :math:`g^2`.

    References
    ----------
    .. [1] Hedges (1981). J Educ Stat 6, 107-128. doi:10.3102/10769986006002107
    .. [2] Hedges (1982). Psychol Bull 92, 490-499. doi:10.1037/0033-2909.92.2.490
    .. [3] Hedges (1983). Psychol Bull 93, 388-395. doi:10.1037/0033-2909.93.2.388
    .. [4] Deeks & Higgins (2010). Statistical algorithms in Review Manager 5.

    Examples
    --------
    >>> arms = {"mean_treated": np.array([55.0]), "sd_treated": np.array([47.0]),
    ...         "n_treated": np.array([155.0]), "mean_control": np.array([75.0]),
    ...         "sd_control": np.array([64.0]), "n_control": np.array([156.0])}
    >>> y, v = hedges_g(arms, Options())
    >>> y.round(4), v.round(4)
    (array([-0.3552]), array([0.0131]))
    """
    n1, n2 = arms["n_treated"], arms["n_control"]
    d = (arms["mean_treated"] - arms["mean_control"]) / pooled_sd(arms)
    m = n1 + n2 - 2
    j = small_sample_correction(m, options.correction)
    if options.variance == "AV":
        return j * d, _with_average(j * d, arms, n1 + n2)
    return j * d, _variance_of_g(d, j, m, n1 + n2, 1 / n1 + 1 / n2, options.variance)


def _variance_of_g(
    d: Floats, j: Floats, m: Floats, n: Floats, sizes: Floats, formula: str
) -> Floats:
    g = j * d
    if formula == "LS2":
        return np.asarray(j * j * (sizes + d * d / (2 * n)))
    if formula == "UB":
        return np.asarray(sizes + (1 - (m - 2) / (m * j * j)) * g * g)
    if formula == "RevMan":
        return np.asarray(sizes + g * g / (2 * (n - 3.94)))
    return np.asarray(sizes + g * g / (2 * n))


def _with_average(g: Floats, arms: Arms, n: Floats) -> Floats:
    """Variances with one g for all studies: the average, weighted by size."""
    total = arms["n_treated"] + arms["n_control"]
    fine = np.isfinite(g)
    mean = np.sum(g[fine] * total[fine]) / np.sum(total[fine])
    return np.asarray(1 / arms["n_treated"] + 1 / arms["n_control"] + mean * mean / (2 * n))


def unequal_spreads(arms: Arms, options: Options) -> Estimated:
    r"""Difference of means in root mean square standard deviations, these allowed to differ.

    .. math:: g = J(n_1 + n_2 - 2) \frac{m_1 - m_2}{s}, \qquad s^2 = \frac{s_1^2 + s_2^2}2
    .. math:: J^2 \left[ \frac{g^2}{8 s^4}\left(\frac{s_1^4}{n_1 - 1} + \frac{s_2^4}{n_2 - 1}\right)
              + \frac{s_1^2}{s^2 (n_1 - 1)} + \frac{s_2^2}{s^2 (n_2 - 1)} \right]

    References
    ----------
    .. [1] Bonett (2008). Psychol Methods 13, 99-109. doi:10.1037/1082-989X.13.2.99
    .. [2] Bonett (2009). J Educ Behav Stat 34, 537-540. doi:10.3102/1076998609332751
    """
    n1, n2 = arms["n_treated"], arms["n_control"]
    u1, u2 = arms["sd_treated"] ** 2, arms["sd_control"] ** 2
    s2 = (u1 + u2) / 2
    d = (arms["mean_treated"] - arms["mean_control"]) / np.sqrt(s2)
    j = small_sample_correction(n1 + n2 - 2, options.correction)
    g = j * d
    v = g * g * ((u1 / s2) ** 2 / (n1 - 1) + (u2 / s2) ** 2 / (n2 - 1)) / 8
    return g, j * j * (v + u1 / s2 / (n1 - 1) + u2 / s2 / (n2 - 1))


def glass_delta(arms: Arms, options: Options) -> Estimated:
    r"""Difference of means in standard deviations of the control arm.

    .. math:: g = J(n_2 - 1) \frac{m_1 - m_2}{s_2}, \qquad
              \frac1{n_1} + \frac1{n_2} + \frac{g^2}{2 n_2}

    References
    ----------
    .. [1] Glass, McGaw & Smith (1981). Meta-Analysis in Social Research.
    .. [2] Hedges (1981). J Educ Stat 6, 107-128. doi:10.3102/10769986006002107
    """
    n1, n2 = arms["n_treated"], arms["n_control"]
    d = (arms["mean_treated"] - arms["mean_control"]) / arms["sd_control"]
    j = small_sample_correction(n2 - 1, options.correction)
    if options.variance == "AV":
        return j * d, _with_average(j * d, arms, n2)
    return j * d, _variance_of_g(d, j, n2 - 1, n2, 1 / n1 + 1 / n2, options.variance)


def glass_delta_unequal(arms: Arms, options: Options) -> Estimated:
    r"""Glass's delta with standard deviations that may differ.

    .. math:: \frac{s_1^2}{s_2^2 n_1} + \frac1{n_2} + \frac{g^2}{2 n_2}

    Notes
    -----
    Equals metafor's ``escalc("SMD1H")``; Bonett's own formula has n - 1 for n.

    References
    ----------
    .. [1] Bonett (2008). Psychol Methods 13, 99-109. doi:10.1037/1082-989X.13.2.99
    """
    n1, n2 = arms["n_treated"], arms["n_control"]
    d = (arms["mean_treated"] - arms["mean_control"]) / arms["sd_control"]
    g = small_sample_correction(n2 - 1, options.correction) * d
    ratio = (arms["sd_treated"] / arms["sd_control"]) ** 2
    return g, ratio / n1 + 1 / n2 + g * g / (2 * n2)


def log_odds_from_d(factor: float) -> Callable[[Arms, Options], Estimated]:
    """Cohen's d, without correction, turned into a log odds ratio by a factor."""

    def compute(arms: Arms, options: Options) -> Estimated:
        d, v = hedges_g(arms, replace(options, correction="none"))
        return factor * d, factor**2 * v

    return compute


_G = "J · (m₁ - m₂) / s_p"
_D = "(m₁ - m₂) / s_p"
_ALL = ("LS", "LS2", "UB", "AV", "RevMan")
_HEDGES = "Hedges (1981). J Educ Stat 6, 107-128"
STANDARDISED_MEAN_DIFFERENCE = Measure(
    "SMD",
    "standardised mean difference",
    "continuous",
    ratio=False,
    compute=hedges_g,
    formula=_G,
    variance_formula="1/n₁ + 1/n₂ + g² / (2(n₁ + n₂))",
    source=_HEDGES,
    variances=_ALL,
)
UNEQUAL_SPREADS = Measure(
    "SMDH",
    "standardised mean difference, unequal variances",
    "continuous",
    ratio=False,
    compute=unequal_spreads,
    formula="J · (m₁ - m₂) / √((s₁² + s₂²) / 2)",
    variance_formula="J²·[g²(s₁⁴/(n₁-1) + s₂⁴/(n₂-1)) / (8s⁴) + (s₁²/(n₁-1) + s₂²/(n₂-1)) / s²]",
    source="Bonett (2008). Psychol Methods 13, 99-109",
)
GLASS = Measure(
    "SMD1",
    "Glass's delta",
    "continuous",
    ratio=False,
    compute=glass_delta,
    formula="J(n₂ - 1) · (m₁ - m₂) / s₂",
    variance_formula="1/n₁ + 1/n₂ + g² / (2n₂)",
    source=_HEDGES,
    variances=("LS", "LS2", "UB", "AV"),
)
GLASS_UNEQUAL = Measure(
    "SMD1H",
    "Glass's delta, unequal variances",
    "continuous",
    ratio=False,
    compute=glass_delta_unequal,
    formula="J(n₂ - 1) · (m₁ - m₂) / s₂",
    variance_formula="s₁²/(s₂²n₁) + 1/n₂ + g² / (2n₂)",
    source="Bonett (2008). Psychol Methods 13, 99-109",
)
D2ORN = Measure(
    "D2ORN",
    "odds ratio from a standardised mean difference (normal)",
    "continuous",
    ratio=True,
    compute=log_odds_from_d(COX),
    formula=f"1.65 · {_D}",
    variance_formula="1.65² · var(d)",
    source="Sánchez-Meca et al. (2003). Psychol Methods 8, 448-467",
    back_by="exp",
)
D2ORL = Measure(
    "D2ORL",
    "odds ratio from a standardised mean difference (logistic)",
    "continuous",
    ratio=True,
    compute=log_odds_from_d(LOGISTIC_SD),
    formula=f"π / √3 · {_D}",
    variance_formula="π² / 3 · var(d)",
    source="Chinn (2000). Stat Med 19, 3127-3131",
    back_by="exp",
)
