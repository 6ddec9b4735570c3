"""Two odds compared: odds ratio, Peto's odds ratio, Yule's Q and Y, and d from an odds ratio."""

import math

import numpy as np

from osler.core.arrays import Floats
from osler.effects.measures.measure import Arms, Estimated, Measure, Options

# Cox (1970), The Analysis of Binary Data: the logistic curve with this slope is nearest to
# the normal one; and the standard deviation of the standard logistic distribution.
COX = 1.65
LOGISTIC_SD = math.pi / math.sqrt(3)


def cells_of(arms: Arms) -> tuple[Floats, Floats, Floats, Floats]:
    """Events and non-events of the treated arm, then of the control arm."""
    a, c = arms["events_treated"], arms["events_control"]
    return a, arms["n_treated"] - a, c, arms["n_control"] - c


def log_odds_ratio(arms: Arms, options: Options) -> Estimated:
    r"""Log odds ratio and its variance.

    .. math:: \log\frac{a d}{b c}, \qquad \frac1a + \frac1b + \frac1c + \frac1d

    Notes
    -----
    Equals metafor's ``escalc("OR")``. Not finite where a cell is empty.

    References
    ----------
    .. [1] Woolf (1955). Ann Hum Genet 19, 251-253. doi:10.1111/j.1469-1809.1955.tb01348.x

    Examples
    --------
    >>> arms = {"events_treated": np.array([4.0]), "n_treated": np.array([123.0]),
    ...         "events_control": np.array([11.0]), "n_control": np.array([139.0])}
    >>> y, v = log_odds_ratio(arms, Options())
    >>> y.round(4), v.round(4)
    (array([-0.9387]), array([0.3571]))
    """
    a, b, c, d = cells_of(arms)
    return np.log(a) - np.log(b) - np.log(c) + np.log(d), 1 / a + 1 / b + 1 / c + 1 / d


def peto_log_odds_ratio(arms: Arms, options: Options) -> Estimated:
    r"""Log odds ratio by Peto's one step from no effect, and its variance.

    .. math:: \frac{a - E}{V}, \qquad \frac1V, \qquad E = \frac{n_1 m}{N}, \quad
              V = \frac{n_1 n_2 m (N - m)}{N^2 (N - 1)}

    with m events among all N. An empty cell needs nothing added; only a study without any
    event, or without any participant spared, has no estimate.

    Notes
    -----
    Equals metafor's ``rma.peto``; ``escalc("PETO")`` adds 1/2 to tables with an empty cell,
    which the method does not call for.

    References
    ----------
    .. [1] Yusuf, Peto, Lewis, Collins & Sleight (1985). Prog Cardiovasc Dis 27, 335-371.
       doi:10.1016/S0033-0620(85)80003-7
    """
    a, _, c, _ = cells_of(arms)
    n1, n2, m = arms["n_treated"], arms["n_control"], a + c
    total = n1 + n2
    variance = n1 * n2 * (m / total) * ((total - m) / total) / (total - 1)
    return (a - n1 * m / total) / variance, 1 / variance


def yule_q(arms: Arms, options: Options) -> Estimated:
    r"""Yule's Q, :math:`(\mathrm{OR} - 1) / (\mathrm{OR} + 1)`; variance by the delta method.

    References
    ----------
    .. [1] Yule (1912). J R Stat Soc 75, 579-652. doi:10.2307/2340126
    """
    log, v = log_odds_ratio(arms, options)
    q = np.tanh(log / 2)
    return q, (1 - q * q) ** 2 / 4 * v


def yule_y(arms: Arms, options: Options) -> Estimated:
    r"""Yule's Y, :math:`(\sqrt{\mathrm{OR}} - 1) / (\sqrt{\mathrm{OR}} + 1)`."""
    log, v = log_odds_ratio(arms, options)
    y = np.tanh(log / 4)
    return y, (1 - y * y) ** 2 / 16 * v


def d_from_odds_normal(arms: Arms, options: Options) -> Estimated:
    """Standardised mean difference: log odds ratio divided by 1.65.

    References
    ----------
    .. [1] Sánchez-Meca, Marín-Martínez & Chacón-Moscoso (2003). Psychol Methods 8, 448-467.
       doi:10.1037/1082-989X.8.4.448
    """
    log, v = log_odds_ratio(arms, options)
    return log / COX, v / COX**2


def d_from_odds_logistic(arms: Arms, options: Options) -> Estimated:
    r"""Standardised mean difference: log odds ratio times :math:`\sqrt 3 / \pi`.

    References
    ----------
    .. [1] Chinn (2000). Stat Med 19, 3127-3131.
       doi:10.1002/1097-0258(20001130)19:22<3127::AID-SIM784>3.0.CO;2-M
    """
    log, v = log_odds_ratio(arms, options)
    return log / LOGISTIC_SD, v / LOGISTIC_SD**2


_LOG = "log(ad / (bc))"
_WOOLF = "1/a + 1/b + 1/c + 1/d"
ODDS_RATIO = Measure(
    "OR",
    "odds ratio",
    "binary",
    ratio=True,
    compute=log_odds_ratio,
    formula=_LOG,
    variance_formula=_WOOLF,
    source="Woolf (1955). Ann Hum Genet 19, 251-253",
    back_by="exp",
)
PETO = Measure(
    "PETO",
    "odds ratio by Peto's method",
    "binary",
    ratio=True,
    compute=peto_log_odds_ratio,
    formula="(a - E) / V, E = n₁m / N, V = n₁n₂m(N - m) / (N²(N - 1))",
    variance_formula="1 / V",
    source="Yusuf et al. (1985). Prog Cardiovasc Dis 27, 335-371",
    back_by="exp",
    defined_at_zero=True,
)
YULE_Q = Measure(
    "YUQ",
    "Yule's Q",
    "binary",
    ratio=False,
    compute=yule_q,
    formula="(ad - bc) / (ad + bc)",
    variance_formula=f"(1 - Q²)² / 4 · ({_WOOLF})",
    source="Yule (1912). J R Stat Soc 75, 579-652",
)
YULE_Y = Measure(
    "YUY",
    "Yule's Y",
    "binary",
    ratio=False,
    compute=yule_y,
    formula="(√(ad) - √(bc)) / (√(ad) + √(bc))",
    variance_formula=f"(1 - Y²)² / 16 · ({_WOOLF})",
    source="Yule (1912). J R Stat Soc 75, 579-652",
)
OR2DN = Measure(
    "OR2DN",
    "standardised mean difference from an odds ratio (normal)",
    "binary",
    ratio=False,
    compute=d_from_odds_normal,
    formula=f"{_LOG} / 1.65",
    variance_formula=f"({_WOOLF}) / 1.65²",
    source="Sánchez-Meca et al. (2003). Psychol Methods 8, 448-467",
)
OR2DL = Measure(
    "OR2DL",
    "standardised mean difference from an odds ratio (logistic)",
    "binary",
    ratio=False,
    compute=d_from_odds_logistic,
    formula=f"{_LOG} · √3 / π",
    variance_formula=f"({_WOOLF}) · 3 / π²",
    source="Chinn (2000). Stat Med 19, 3127-3131",
)
