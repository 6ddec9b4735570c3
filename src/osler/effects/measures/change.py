"""The same people before and after, or matched pairs, measured on a scale.

"post" and "pre" stand for any two members of a pair. The correlation between them must be
known: reported, found from the standard deviation of the change, or assumed and said so.
"""

import numpy as np

from osler.core.arrays import Floats
from osler.effects.measures.measure import Arms, Estimated, Measure, Options
from osler.effects.measures.standardised import small_sample_correction


def _change_variance(arms: Arms) -> Floats:
    """Variance of one person's change."""
    s1, s2 = arms["sd_post"], arms["sd_pre"]
    return np.asarray(s1 * s1 + s2 * s2 - 2 * arms["correlation"] * s1 * s2)


def mean_change(arms: Arms, options: Options) -> Estimated:
    r"""Mean change; variance :math:`(s_1^2 + s_2^2 - 2 r s_1 s_2) / n`."""
    return arms["mean_post"] - arms["mean_pre"], _change_variance(arms) / arms["n"]


def change_in_sd_of_change(arms: Arms, options: Options) -> Estimated:
    r"""Mean change in standard deviations of the change, J d; variance 1/n + g²/(2n).

    References
    ----------
    .. [1] Gibbons, Hedeker & Davis (1993). J Educ Stat 18, 271-279.
       doi:10.3102/10769986018003271
    """
    n = arms["n"]
    d = (arms["mean_post"] - arms["mean_pre"]) / np.sqrt(_change_variance(arms))
    g = small_sample_correction(n - 1, options.correction) * d
    return g, 1 / n + g * g / (2 * n)


def change_in_baseline_sd(arms: Arms, options: Options) -> Estimated:
    r"""Mean change in standard deviations at baseline; variance 2(1 - r)/n + g²/(2n).

    References
    ----------
    .. [1] Becker (1988). Br J Math Stat Psychol 41, 257-278.
       doi:10.1111/j.2044-8317.1988.tb00901.x
    """
    n = arms["n"]
    d = (arms["mean_post"] - arms["mean_pre"]) / arms["sd_pre"]
    g = small_sample_correction(n - 1, options.correction) * d
    return g, 2 * (1 - arms["correlation"]) / n + g * g / (2 * n)


def change_in_baseline_sd_unequal(arms: Arms, options: Options) -> Estimated:
    r"""Mean change in standard deviations at baseline, where the two spreads may differ.

    .. math:: J^2\left[\frac{s_\Delta^2}{s_2^2 (n - 1)} + \frac{g^2}{2 (n - 1)}\right]

    References
    ----------
    .. [1] Bonett (2008). Psychol Methods 13, 99-109. doi:10.1037/1082-989X.13.2.99
    """
    n, s = arms["n"], arms["sd_pre"]
    d = (arms["mean_post"] - arms["mean_pre"]) / s
    j = small_sample_correction(n - 1, options.correction)
    g = j * d
    v = _change_variance(arms) / (s * s * (n - 1)) + g * g / (2 * (n - 1))
    return g, j * j * v


def log_ratio_of_paired_means(arms: Arms, options: Options) -> Estimated:
    r"""Log ratio of two means of the same people.

    .. math:: \log\frac{m_1}{m_2}, \qquad \frac1n\left(\frac{s_1^2}{m_1^2} + \frac{s_2^2}{m_2^2}
              - \frac{2 r s_1 s_2}{m_1 m_2}\right)

    References
    ----------
    .. [1] Lajeunesse (2011). Ecology 92, 2049-2055. doi:10.1890/11-0423.1
    """
    m1, m2 = arms["mean_post"], arms["mean_pre"]
    cv1, cv2 = arms["sd_post"] / m1, arms["sd_pre"] / m2
    v = (cv1 * cv1 + cv2 * cv2 - 2 * arms["correlation"] * cv1 * cv2) / arms["n"]
    return np.log(m1 / m2), v


def log_paired_variability_ratio(arms: Arms, options: Options) -> Estimated:
    """Log ratio of two standard deviations of the same people; variance (1 - r²)/(n - 1)."""
    v = (1 - arms["correlation"] ** 2) / (arms["n"] - 1)
    return np.log(arms["sd_post"] / arms["sd_pre"]), v


def log_paired_variation_ratio(arms: Arms, options: Options) -> Estimated:
    """Log ratio of two coefficients of variation of the same people."""
    ratio, v = log_paired_variability_ratio(arms, options)
    of_means, more = log_ratio_of_paired_means(arms, options)
    return ratio - of_means, v + more


_BONETT = "Bonett (2008). Psychol Methods 13, 99-109"
_LAJEUNESSE = "Lajeunesse (2011). Ecology 92, 2049-2055"
_NAKAGAWA = "Nakagawa et al. (2015). Methods Ecol Evol 6, 143-152"
CHANGES = (
    Measure(
        "MC",
        "mean change",
        "change",
        ratio=False,
        compute=mean_change,
        formula="m₁ - m₂",
        variance_formula="(s₁² + s₂² - 2rs₁s₂) / n",
        source="Becker (1988). Br J Math Stat Psychol 41, 257-278",
    ),
    Measure(
        "SMCC",
        "standardised mean change (by the SD of the change)",
        "change",
        ratio=False,
        compute=change_in_sd_of_change,
        formula="J(n - 1) · (m₁ - m₂) / s_Δ",
        variance_formula="1/n + g² / (2n)",
        source="Gibbons, Hedeker & Davis (1993). J Educ Stat 18, 271-279",
    ),
    Measure(
        "SMCR",
        "standardised mean change (by the baseline SD)",
        "change",
        ratio=False,
        compute=change_in_baseline_sd,
        formula="J(n - 1) · (m₁ - m₂) / s₂",
        variance_formula="2(1 - r)/n + g² / (2n)",
        source="Becker (1988). Br J Math Stat Psychol 41, 257-278",
    ),
    Measure(
        "SMCRH",
        "standardised mean change (by the baseline SD), unequal variances",
        "change",
        ratio=False,
        compute=change_in_baseline_sd_unequal,
        formula="J(n - 1) · (m₁ - m₂) / s₂",
        variance_formula="J²·[s_Δ²/(s₂²(n-1)) + g²/(2(n-1))]",
        source=_BONETT,
    ),
    Measure(
        "ROMC",
        "ratio of means of the same people",
        "change",
        ratio=True,
        compute=log_ratio_of_paired_means,
        formula="log(m₁ / m₂)",
        variance_formula="(s₁²/m₁² + s₂²/m₂² - 2rs₁s₂/(m₁m₂)) / n",
        source=_LAJEUNESSE,
        back_by="exp",
    ),
    Measure(
        "VRC",
        "variability ratio of the same people",
        "change of spread",
        ratio=True,
        compute=log_paired_variability_ratio,
        formula="log(s₁ / s₂)",
        variance_formula="(1 - r²) / (n - 1)",
        source=_NAKAGAWA,
        back_by="exp",
    ),
    Measure(
        "CVRC",
        "coefficient of variation ratio of the same people",
        "change",
        ratio=True,
        compute=log_paired_variation_ratio,
        formula="log((s₁/m₁) / (s₂/m₂))",
        variance_formula="(1 - r²)/(n - 1) + (s₁²/m₁² + s₂²/m₂² - 2rs₁s₂/(m₁m₂)) / n",
        source=_NAKAGAWA,
        back_by="exp",
    ),
)
