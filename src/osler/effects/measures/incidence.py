"""Two rates of events per person-time compared."""

import numpy as np

from osler.effects.measures.measure import Arms, Estimated, Measure, Options


def log_rate_ratio(arms: Arms, options: Options) -> Estimated:
    r"""Log incidence rate ratio, :math:`\log\frac{x_1/t_1}{x_2/t_2}`, :math:`1/x_1 + 1/x_2`.

    References
    ----------
    .. [1] Rothman, Greenland & Lash (2008). Modern Epidemiology, 3rd ed., chapter 14.
    """
    x1, x2 = arms["events_treated"], arms["events_control"]
    log = np.log(x1 / arms["time_treated"]) - np.log(x2 / arms["time_control"])
    return log, 1 / x1 + 1 / x2


def rate_difference(arms: Arms, options: Options) -> Estimated:
    r"""Difference of rates, :math:`x_1/t_1 - x_2/t_2`, :math:`x_1/t_1^2 + x_2/t_2^2`."""
    x1, x2 = arms["events_treated"], arms["events_control"]
    t1, t2 = arms["time_treated"], arms["time_control"]
    return x1 / t1 - x2 / t2, x1 / t1 / t1 + x2 / t2 / t2


def root_rate_difference(arms: Arms, options: Options) -> Estimated:
    r"""Difference of square roots of rates; variance :math:`1/(4t_1) + 1/(4t_2)`.

    References
    ----------
    .. [1] Bagos & Nikolopoulos (2009). Int J Biostat 5 (1), 21. doi:10.2202/1557-4679.1168
    """
    x1, x2 = arms["events_treated"], arms["events_control"]
    t1, t2 = arms["time_treated"], arms["time_control"]
    return np.sqrt(x1 / t1) - np.sqrt(x2 / t2), 1 / (4 * t1) + 1 / (4 * t2)


RATE_RATIO = Measure(
    "IRR",
    "incidence rate ratio",
    "rates",
    ratio=True,
    compute=log_rate_ratio,
    formula="log((x₁ / t₁) / (x₂ / t₂))",
    variance_formula="1/x₁ + 1/x₂",
    source="Rothman et al. (2008), Modern Epidemiology, chapter 14",
    back_by="exp",
)
RATE_DIFFERENCE = Measure(
    "IRD",
    "incidence rate difference",
    "rates",
    ratio=False,
    compute=rate_difference,
    formula="x₁/t₁ - x₂/t₂",
    variance_formula="x₁/t₁² + x₂/t₂²",
    source="Rothman et al. (2008), Modern Epidemiology, chapter 14",
    difference=True,
)
ROOT_RATE_DIFFERENCE = Measure(
    "IRSD",
    "difference of square roots of incidence rates",
    "rates",
    ratio=False,
    compute=root_rate_difference,
    formula="√(x₁/t₁) - √(x₂/t₂)",
    variance_formula="1/(4t₁) + 1/(4t₂)",
    source="Bagos & Nikolopoulos (2009). Int J Biostat 5, 21",
    defined_at_zero=True,
)
