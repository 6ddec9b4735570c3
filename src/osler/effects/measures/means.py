"""Two means compared: their difference, and their ratio."""

import numpy as np

from osler.core.arrays import Floats
from osler.effects.measures.measure import Arms, Estimated, Measure, Options


def pooled_sd(arms: Arms) -> Floats:
    """Standard deviation within arms, taken to be the same in both; shape (k,)."""
    n1, n2 = arms["n_treated"], arms["n_control"]
    within = (n1 - 1) * arms["sd_treated"] ** 2 + (n2 - 1) * arms["sd_control"] ** 2
    return np.asarray(np.sqrt(within / (n1 + n2 - 2)))


def mean_difference(arms: Arms, options: Options) -> Estimated:
    r"""Difference of means and its variance.

    .. math:: m_1 - m_2, \qquad \frac{s_1^2}{n_1} + \frac{s_2^2}{n_2}

    ``options.variance`` "HO" takes one standard deviation for both arms.

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions 6.5, section 6.5.1.1.

    Examples
    --------
    >>> arms = {"mean_treated": np.array([55.0]), "sd_treated": np.array([47.0]),
    ...         "n_treated": np.array([155.0]), "mean_control": np.array([75.0]),
    ...         "sd_control": np.array([64.0]), "n_control": np.array([156.0])}
    >>> y, v = mean_difference(arms, Options())
    >>> float(y[0]), round(float(v[0]), 2)
    (-20.0, 40.51)
    """
    n1, n2 = arms["n_treated"], arms["n_control"]
    y = arms["mean_treated"] - arms["mean_control"]
    if options.variance == "HO":
        return y, pooled_sd(arms) ** 2 * (1 / n1 + 1 / n2)
    return y, arms["sd_treated"] ** 2 / n1 + arms["sd_control"] ** 2 / n2


def log_ratio_of_means(arms: Arms, options: Options) -> Estimated:
    r"""Log ratio of means (log response ratio) and its variance.

    .. math:: \log\frac{m_1}{m_2}, \qquad
              \frac{s_1^2}{n_1 m_1^2} + \frac{s_2^2}{n_2 m_2^2}

    ``options.variance``: "LS" as above; "HO", one standard deviation for both arms; "AV",
    each arm's coefficient of variation averaged over the studies, weighted by size; "AVHO",
    one such average for both arms.

    Returns
    -------
    estimates, variances : array of shape (k,)
        NaN where the means have not the same sign: a ratio needs a scale with a true zero.

    References
    ----------
    .. [1] Hedges, Gurevitch & Curtis (1999). Ecology 80, 1150-1156, equation 1.
       doi:10.1890/0012-9658(1999)080[1150:TMAORR]2.0.CO;2
    """
    m1, m2 = arms["mean_treated"], arms["mean_control"]
    n1, n2 = arms["n_treated"], arms["n_control"]
    y = np.log(m1 / m2)
    if options.variance == "HO":
        return y, pooled_sd(arms) ** 2 * (1 / (n1 * m1 * m1) + 1 / (n2 * m2 * m2))
    cv1, cv2 = arms["sd_treated"] / m1, arms["sd_control"] / m2
    fine = np.isfinite(y)
    first, second = np.sum((cv1 * n1)[fine]), np.sum((cv2 * n2)[fine])
    size1, size2 = np.sum(n1[fine]), np.sum(n2[fine])
    if options.variance == "AV":
        cv1, cv2 = np.full(y.shape, first / size1), np.full(y.shape, second / size2)
    if options.variance == "AVHO":
        cv1 = cv2 = np.full(y.shape, (first + second) / (size1 + size2))
    return y, cv1 * cv1 / n1 + cv2 * cv2 / n2


MEAN_DIFFERENCE = Measure(
    "MD",
    "mean difference",
    "continuous",
    ratio=False,
    compute=mean_difference,
    formula="m₁ - m₂",
    variance_formula="s₁²/n₁ + s₂²/n₂",
    source="Cochrane Handbook 6.5, section 6.5.1.1",
    variances=("LS", "HO"),
)
RATIO_OF_MEANS = Measure(
    "ROM",
    "ratio of means",
    "continuous",
    ratio=True,
    compute=log_ratio_of_means,
    formula="log(m₁ / m₂)",
    variance_formula="s₁²/(n₁m₁²) + s₂²/(n₂m₂²)",
    source="Hedges, Gurevitch & Curtis (1999). Ecology 80, 1150-1156, eq. 1",
    variances=("LS", "HO", "AV", "AVHO"),
    back_by="exp",
)
