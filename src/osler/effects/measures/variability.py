"""Two spreads compared, and one spread alone: how much people differ, not how much on average."""

import numpy as np

from osler.effects.measures.measure import Arms, Estimated, Measure, Options


def log_variability_ratio(arms: Arms, options: Options) -> Estimated:
    r"""Log ratio of standard deviations, without small-sample bias.

    .. math:: \log\frac{s_1}{s_2} + \frac1{2(n_1 - 1)} - \frac1{2(n_2 - 1)}, \qquad
              \frac1{2(n_1 - 1)} + \frac1{2(n_2 - 1)}

    References
    ----------
    .. [1] Nakagawa et al. (2015). Methods Ecol Evol 6, 143-152. doi:10.1111/2041-210X.12309
    """
    u1, u2 = 1 / (2 * (arms["n_treated"] - 1)), 1 / (2 * (arms["n_control"] - 1))
    return np.log(arms["sd_treated"] / arms["sd_control"]) + u1 - u2, u1 + u2


def log_variation_ratio(arms: Arms, options: Options) -> Estimated:
    r"""Log ratio of coefficients of variation, without small-sample bias.

    The variance is that of the log ratio of standard deviations plus that of the log ratio
    of means: in normal data mean and standard deviation are independent.

    References
    ----------
    .. [1] Nakagawa et al. (2015). Methods Ecol Evol 6, 143-152, equations 11 and 12.
    """
    y, v = log_variability_ratio(arms, options)
    m1, m2 = arms["mean_treated"], arms["mean_control"]
    v = v + arms["sd_treated"] ** 2 / (arms["n_treated"] * m1 * m1)
    return y - np.log(m1 / m2), v + arms["sd_control"] ** 2 / (arms["n_control"] * m2 * m2)


def log_sd(arms: Arms, options: Options) -> Estimated:
    r"""Log standard deviation, :math:`\log s + 1/(2(n - 1))`; variance :math:`1/(2(n - 1))`."""
    u = 1 / (2 * (arms["n"] - 1))
    return np.log(arms["sd"]) + u, u


def log_variation(arms: Arms, options: Options) -> Estimated:
    r"""Log coefficient of variation, without small-sample bias."""
    u, m = 1 / (2 * (arms["n"] - 1)), arms["mean"]
    return np.log(arms["sd"] / m) + u, u + arms["sd"] ** 2 / (arms["n"] * m * m)


_NAKAGAWA = "Nakagawa et al. (2015). Methods Ecol Evol 6, 143-152"
VARIABILITY_RATIO = Measure(
    "VR",
    "variability ratio",
    "spreads",
    ratio=True,
    compute=log_variability_ratio,
    formula="log(s₁ / s₂) + 1/(2(n₁-1)) - 1/(2(n₂-1))",
    variance_formula="1/(2(n₁-1)) + 1/(2(n₂-1))",
    source=_NAKAGAWA,
    back_by="exp",
)
VARIATION_RATIO = Measure(
    "CVR",
    "coefficient of variation ratio",
    "continuous",
    ratio=True,
    compute=log_variation_ratio,
    formula="log((s₁/m₁) / (s₂/m₂)) + 1/(2(n₁-1)) - 1/(2(n₂-1))",
    variance_formula="1/(2(n₁-1)) + s₁²/(n₁m₁²) + 1/(2(n₂-1)) + s₂²/(n₂m₂²)",
    source=_NAKAGAWA,
    back_by="exp",
)
LOG_SD = Measure(
    "SDLN",
    "standard deviation",
    "spread",
    ratio=True,
    compute=log_sd,
    formula="log s + 1/(2(n-1))",
    variance_formula="1/(2(n-1))",
    source=_NAKAGAWA,
    back_by="exp",
)
LOG_VARIATION = Measure(
    "CVLN",
    "coefficient of variation",
    "mean",
    ratio=True,
    compute=log_variation,
    formula="log(s / m) + 1/(2(n-1))",
    variance_formula="1/(2(n-1)) + s²/(nm²)",
    source=_NAKAGAWA,
    back_by="exp",
)
