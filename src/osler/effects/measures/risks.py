"""Two risks compared: risk ratio, risk difference, arcsine difference."""

import numpy as np

from osler.effects.measures.measure import Arms, Estimated, Measure, Options


def log_risk_ratio(arms: Arms, options: Options) -> Estimated:
    r"""Log risk ratio and its variance.

    .. math:: \log\frac{a / n_1}{c / n_2}, \qquad
              \frac1a - \frac1{n_1} + \frac1c - \frac1{n_2}

    Parameters
    ----------
    arms : mapping of str to array of shape (k,)
        Events and participants of both arms.
    options : Options
        Not used.

    Returns
    -------
    estimates, variances : array of shape (k,)
        Not finite where an arm has no events; the variance is 0 where everybody had one.

    Notes
    -----
    Equals metafor's ``escalc("RR")``.

    References
    ----------
    .. [1] Katz, Baptista, Azen & Pike (1978). Biometrics 34, 469-474. doi:10.2307/2530610

    Examples
    --------
    >>> arms = {"events_treated": np.array([4.0]), "n_treated": np.array([123.0]),
    ...         "events_control": np.array([11.0]), "n_control": np.array([139.0])}
    >>> y, v = log_risk_ratio(arms, Options())
    >>> y.round(4), v.round(4)
    (array([-0.8893]), array([0.3256]))
    """
    a, n1 = arms["events_treated"], arms["n_treated"]
    c, n2 = arms["events_control"], arms["n_control"]
    return np.log(a / n1) - np.log(c / n2), (1 / a - 1 / n1) + (1 / c - 1 / n2)


def risk_difference(arms: Arms, options: Options) -> Estimated:
    r"""Difference of risks and its variance.

    .. math:: p_1 - p_2, \qquad \frac{p_1 (1 - p_1)}{n_1} + \frac{p_2 (1 - p_2)}{n_2}

    with n - 1 below where ``options.variance`` is "UB".

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions 6.5, section 6.4.1.
    """
    less = 1.0 if options.variance == "UB" else 0.0
    (p1, n1), (p2, n2) = _risk(arms, "treated"), _risk(arms, "control")
    return p1 - p2, p1 * (1 - p1) / (n1 - less) + p2 * (1 - p2) / (n2 - less)


def arcsine_difference(arms: Arms, options: Options) -> Estimated:
    r"""Difference of arcsines of square roots of risks; exists with empty cells, too.

    .. math:: \arcsin\sqrt{p_1} - \arcsin\sqrt{p_2}, \qquad \frac1{4 n_1} + \frac1{4 n_2}

    References
    ----------
    .. [1] Rücker, Schwarzer, Carpenter & Olkin (2009). Stat Med 28, 721-738.
       doi:10.1002/sim.3511
    """
    (p1, n1), (p2, n2) = _risk(arms, "treated"), _risk(arms, "control")
    return np.arcsin(np.sqrt(p1)) - np.arcsin(np.sqrt(p2)), 1 / (4 * n1) + 1 / (4 * n2)


def _risk(arms: Arms, group: str) -> Estimated:
    n = arms[f"n_{group}"]
    return arms[f"events_{group}"] / n, n


RISK_RATIO = Measure(
    "RR",
    "risk ratio",
    "binary",
    ratio=True,
    compute=log_risk_ratio,
    formula="log((a / n₁) / (c / n₂))",
    variance_formula="1/a - 1/n₁ + 1/c - 1/n₂",
    source="Katz et al. (1978). Biometrics 34, 469-474",
    back_by="exp",
)
RISK_DIFFERENCE = Measure(
    "RD",
    "risk difference",
    "binary",
    ratio=False,
    compute=risk_difference,
    formula="a / n₁ - c / n₂",
    variance_formula="p₁(1 - p₁) / n₁ + p₂(1 - p₂) / n₂",
    source="Cochrane Handbook 6.5, section 6.4.1",
    variances=("LS", "UB"),
    difference=True,
)
ARCSINE_DIFFERENCE = Measure(
    "AS",
    "arcsine difference",
    "binary",
    ratio=False,
    compute=arcsine_difference,
    formula="arcsin √p₁ - arcsin √p₂",
    variance_formula="1/(4 n₁) + 1/(4 n₂)",
    source="Rücker et al. (2009). Stat Med 28, 721-738",
    defined_at_zero=True,
)
