r"""Mantel-Haenszel and Peto estimates: common effects that need no study to have an event.

Array code: events ``a`` of ``n1`` treated and ``c`` of ``n2`` controls (or in person-times
``t1`` and ``t2``), one number a study, shape (k,). Cells may be fractions, where a
correction was added to them.
"""

import math
from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.core.quantiles import chi2_tail


@dataclass(frozen=True, slots=True)
class Common:
    """A common effect on the analysis scale, and what each study adds to it.

    ``weights`` are the studies' shares of the whole weight, shape (k,). Estimate and
    variance are NaN, or the estimate infinite, where the counts do not determine them.
    """

    estimate: float
    variance: float
    weights: Floats


@dataclass(frozen=True, slots=True)
class ChiSquared:
    """A statistic with its degrees of freedom and p-value; NaN where it cannot be had."""

    statistic: float
    df: int
    p_value: float


def chi_squared(statistic: float, df: int) -> ChiSquared:
    """With the upper tail probability; p is 1 where ``df`` is 0."""
    p = float(chi2_tail(statistic, df)) if math.isfinite(statistic) else math.nan
    return ChiSquared(statistic, df, p)


def _over(top: Floats | float, bottom: Floats | float) -> Floats:
    """A quotient; 0 where both are 0, infinite where only the divisor is."""
    top, bottom = np.asarray(top, float), np.asarray(bottom, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where((top == 0) & (bottom == 0), 0.0, top / bottom))


def _log(x: float) -> float:
    return math.log(x) if x > 0 else -math.inf


def mantel_haenszel_or(a: Floats, n1: Floats, c: Floats, n2: Floats) -> Common:
    r"""Common log odds ratio, with the variance of Robins, Breslow & Greenland.

    .. math:: \log\frac{\sum R_i}{\sum S_i}, \quad R_i = \frac{a_i d_i}{N_i}, \quad
              S_i = \frac{b_i c_i}{N_i}, \qquad
              \frac{\sum P R}{2 R^2} + \frac{\sum (P S + Q R)}{2 R S} + \frac{\sum Q S}{2 S^2}

    with :math:`P_i = (a_i + d_i) / N_i` and :math:`Q_i = (b_i + c_i) / N_i`.

    References
    ----------
    .. [1] Mantel & Haenszel (1959). J Natl Cancer Inst 22, 719-748.
    .. [2] Robins, Breslow & Greenland (1986). Biometrics 42, 311-323. doi:10.2307/2531052

    Examples
    --------
    >>> common = mantel_haenszel_or(*np.array([[4.0, 6], [123, 306], [11, 29], [139, 303]]))
    >>> round(common.estimate, 4), round(common.variance, 4)
    (-1.4215, 0.1293)
    """
    b, d, n = n1 - a, n2 - c, n1 + n2
    r, s, p, q = a * d / n, b * c / n, (a + d) / n, (b + c) / n
    R, S = float(r.sum()), float(s.sum())
    if R == 0 or S == 0:
        return Common(_log(R) - _log(S) if R or S else math.nan, math.nan, _shares(s))
    variance = (
        float((p * r).sum()) / (2 * R * R)
        + float((p * s + q * r).sum()) / (2 * R * S)
        + float((q * s).sum()) / (2 * S * S)
    )
    return Common(math.log(R) - math.log(S), variance, _shares(s))


def mantel_haenszel_rr(a: Floats, n1: Floats, c: Floats, n2: Floats) -> Common:
    r"""Common log risk ratio, with the variance of Greenland & Robins.

    .. math:: \log\frac{\sum a_i n_{2i} / N_i}{\sum c_i n_{1i} / N_i}, \qquad
              \frac{\sum (n_{1i} n_{2i} (a_i + c_i) - a_i c_i N_i) / N_i^2}{R S}

    References
    ----------
    .. [1] Greenland & Robins (1985). Biometrics 41, 55-68. doi:10.2307/2530643

    Examples
    --------
    >>> common = mantel_haenszel_rr(*np.array([[4.0, 6], [123, 306], [11, 29], [139, 303]]))
    >>> round(common.estimate, 4), round(common.variance, 4)
    (-1.3517, 0.1194)
    """
    n = n1 + n2
    r, s = a * n2 / n, c * n1 / n
    R, S = float(r.sum()), float(s.sum())
    if R == 0 or S == 0:
        return Common(_log(R) - _log(S) if R or S else math.nan, math.nan, _shares(s))
    # (a + c)(n1/N)(n2/N) - a c / N: no products of sizes, which could overflow
    spread = (a + c) * (n1 / n) * (n2 / n) - a * c / n
    return Common(math.log(R) - math.log(S), float(spread.sum()) / (R * S), _shares(s))


def mantel_haenszel_rd(
    a: Floats, n1: Floats, c: Floats, n2: Floats, variance: str = "Sato"
) -> Common:
    r"""Common risk difference.

    .. math:: \frac{\sum (a_i n_{2i} - c_i n_{1i}) / N_i}{\sum n_{1i} n_{2i} / N_i}

    Parameters
    ----------
    variance : {"Sato", "Greenland-Robins"}
        Sato's stays right both with few large and with many small studies; that of
        Greenland & Robins is right with large ones only, and 0 for a study in which each
        group had the event wholly or not at all.

    References
    ----------
    .. [1] Sato, Greenland & Robins (1989). Biometrics 45, 1323-1324. doi:10.2307/2531784
    .. [2] Greenland & Robins (1985). Biometrics 41, 55-68. doi:10.2307/2530643

    Examples
    --------
    >>> common = mantel_haenszel_rd(*np.array([[4.0, 6], [123, 306], [11, 29], [139, 303]]))
    >>> round(common.estimate, 4), round(common.variance, 6)
    (-0.0673, 0.000241)
    """
    n = n1 + n2
    w = n1 * (n2 / n)
    total = float(w.sum())
    estimate = float((a * (n2 / n) - c * (n1 / n)).sum()) / total
    if variance == "Sato":
        f1, f2 = n1 / n, n2 / n
        p = c * f1 * f1 - a * f2 * f2 + f1 * f2 * (n2 - n1) / 2
        q = (a * (n2 - c) / n + c * (n1 - a) / n) / 2
        spread = estimate * float(p.sum()) + float(q.sum())
    else:
        spread = float((w * w * (a * (n1 - a) / n1**3 + c * (n2 - c) / n2**3)).sum())
    return Common(estimate, spread / total**2, _shares(w))


def mantel_haenszel_irr(a: Floats, t1: Floats, c: Floats, t2: Floats) -> Common:
    r"""Common log incidence rate ratio from events and person-times.

    .. math:: \log\frac{\sum a_i t_{2i} / T_i}{\sum c_i t_{1i} / T_i}, \qquad
              \frac{\sum (a_i + c_i) t_{1i} t_{2i} / T_i^2}{R S}

    References
    ----------
    .. [1] Greenland & Robins (1985). Biometrics 41, 55-68. doi:10.2307/2530643

    Examples
    --------
    >>> common = mantel_haenszel_irr(*np.array([[9.0, 8], [413, 263], [19, 19], [398, 245]]))
    >>> round(common.estimate, 4), round(common.variance, 4)
    (-0.8578, 0.0851)
    """
    t = t1 + t2
    r, s = a * (t2 / t), c * (t1 / t)
    R, S = float(r.sum()), float(s.sum())
    if R == 0 or S == 0:
        return Common(_log(R) - _log(S) if R or S else math.nan, math.nan, _shares(s))
    variance = float(((a + c) * (t1 / t) * (t2 / t)).sum()) / (R * S)
    return Common(math.log(R) - math.log(S), variance, _shares(s))


def mantel_haenszel_ird(a: Floats, t1: Floats, c: Floats, t2: Floats) -> Common:
    r"""Common difference of incidence rates, per unit of the person-times.

    .. math:: \frac{\sum (a_i t_{2i} - c_i t_{1i}) / T_i}{\sum t_{1i} t_{2i} / T_i}, \qquad
              \frac{\sum (t_{1i} t_{2i} / T_i)^2 (a_i / t_{1i}^2 + c_i / t_{2i}^2)}
              {(\sum t_{1i} t_{2i} / T_i)^2}

    References
    ----------
    .. [1] Greenland & Robins (1985). Biometrics 41, 55-68. doi:10.2307/2530643

    Examples
    --------
    >>> common = mantel_haenszel_ird(*np.array([[9.0, 8], [413, 263], [19, 19], [398, 245]]))
    >>> round(common.estimate, 4), round(common.variance, 6)
    (-0.0341, 0.000129)
    """
    t = t1 + t2
    w = t1 * (t2 / t)
    total = float(w.sum())
    estimate = float((a * (t2 / t) - c * (t1 / t)).sum()) / total
    spread = float((a * (t2 / t) ** 2 + c * (t1 / t) ** 2).sum())
    return Common(estimate, spread / total**2, _shares(w))


def peto(a: Floats, n1: Floats, c: Floats, n2: Floats) -> tuple[Common, Floats, Floats]:
    r"""Common log odds ratio by Peto's one step from 1.

    .. math:: \frac{\sum (a_i - E_i)}{\sum V_i}, \quad E_i = \frac{n_{1i} (a_i + c_i)}{N_i},
              \quad V_i = \frac{n_{1i} n_{2i} (a_i + c_i) (b_i + d_i)}{N_i^2 (N_i - 1)}

    Nothing is ever added: a zero in one arm is no trouble, and a study with zeros in both
    has :math:`V_i = 0` and no weight. Good for rare events, effects not far from 1 and
    arms of like size; biased otherwise.

    Returns
    -------
    common : Common
    o_minus_e, v : array of shape (k,)

    References
    ----------
    .. [1] Yusuf, Peto, Lewis, Collins & Sleight (1985). Prog Cardiovasc Dis 27, 335-371.
       doi:10.1016/s0033-0620(85)80003-7

    Examples
    --------
    >>> common, _, _ = peto(*np.array([[1.0, 0, 5], [50, 40, 60], [3, 4, 9], [50, 40, 60]]))
    >>> round(common.estimate, 4)
    -0.9902
    """
    n, m = n1 + n2, a + c
    o_minus_e = a * (n2 / n) - c * (n1 / n)
    v = (n1 / n) * (n2 / n) * m * _over(n - m, n - 1)
    total = float(v.sum())
    if total == 0:
        return Common(math.nan, math.nan, _shares(v)), o_minus_e, v
    return Common(float(o_minus_e.sum()) / total, 1 / total, _shares(v)), o_minus_e, v


def cochran_mantel_haenszel(
    a: Floats, n1: Floats, c: Floats, n2: Floats, *, correct: bool = True
) -> ChiSquared:
    r"""Test that no study has an effect, given the margins of each.

    .. math:: \frac{(|\sum (a_i - E_i)| - 1/2)^2}{\sum V_i}

    Parameters
    ----------
    correct : bool
        Take off the half.

    Examples
    --------
    >>> cells = np.array([[4.0, 6], [123, 306], [11, 29], [139, 303]])
    >>> round(cochran_mantel_haenszel(*cells).statistic, 4)
    16.9213
    """
    _, o_minus_e, v = peto(a, n1, c, n2)
    return _score_test(o_minus_e, v, correct)


def person_time_test(
    a: Floats, t1: Floats, c: Floats, t2: Floats, *, correct: bool = True
) -> ChiSquared:
    r"""The same for rates: given all events of a study, those of the treated are binomial.

    References
    ----------
    .. [1] Rothman, Greenland & Lash (2008). Modern Epidemiology, 3rd ed., chapter 15.
    """
    t = t1 + t2
    return _score_test(a * (t2 / t) - c * (t1 / t), (a + c) * (t1 / t) * (t2 / t), correct)


def _score_test(o_minus_e: Floats, v: Floats, correct: bool) -> ChiSquared:
    total = float(v.sum())
    if total == 0:
        return ChiSquared(math.nan, 1, math.nan)
    away = abs(float(o_minus_e.sum())) - (0.5 if correct else 0.0)
    return chi_squared(away * away / total, 1)


def breslow_day(
    a: Floats, n1: Floats, c: Floats, n2: Floats, log_or: float
) -> tuple[ChiSquared, ChiSquared]:
    r"""Tests that all studies share an odds ratio: Breslow & Day's, and with Tarone's correction.

    .. math:: X^2 = \sum \frac{(a_i - e_i)^2}{v_i}, \qquad
              X_T^2 = X^2 - \frac{(\sum (a_i - e_i))^2}{\sum v_i}

    with :math:`e_i` the expected and :math:`v_i` the asymptotic variance of the treated
    with the event, given the margins and the common odds ratio. Studies in which no one or
    everyone had the event say nothing and are not counted.

    References
    ----------
    .. [1] Breslow & Day (1980). Statistical Methods in Cancer Research, vol. 1, equation 4.30.
    .. [2] Tarone (1985). Biometrika 72, 91-95. doi:10.1093/biomet/72.1.91

    Examples
    --------
    >>> cells = np.array([[4.0, 6], [123, 306], [11, 29], [139, 303]])
    >>> both = breslow_day(*cells, mantel_haenszel_or(*cells).estimate)
    >>> [round(test.statistic, 4) for test in both]
    [0.9534, 0.953]
    """
    m = a + c
    use = (m > 0) & (m < n1 + n2)
    df = int(use.sum()) - 1
    if df < 0 or not math.isfinite(log_or):
        none = ChiSquared(math.nan, max(df, 0), math.nan)
        return none, none
    a, n1, n2, m = a[use], n1[use], n2[use], m[use]
    e = _expected(n1, n2, m, math.exp(log_or))
    v = 1 / (1 / e + 1 / (n1 - e) + 1 / (m - e) + 1 / (n2 - m + e))
    plain = float(((a - e) ** 2 / v).sum())
    corrected = plain - float((a - e).sum()) ** 2 / float(v.sum())
    return chi_squared(plain, df), chi_squared(corrected, df)


def _expected(n1: Floats, n2: Floats, m: Floats, odds_ratio: float) -> Floats:
    """The e between its limits for which e (n2 - m + e) = OR (n1 - e)(m - e).

    Of the quadratic's two roots the one within the limits, in the form that does not
    cancel.
    """
    if odds_ratio == 1:
        return n1 * m / (n1 + n2)
    q = 1 - odds_ratio
    b = n2 - m + odds_ratio * (n1 + m)
    root = np.sqrt(np.maximum(b * b + 4 * q * odds_ratio * n1 * m, 0.0))
    return np.asarray(2 * odds_ratio * n1 * m / (b + root))


def _shares(w: Floats) -> Floats:
    total = float(w.sum())
    return w / total if total > 0 else np.full_like(w, math.nan)
