"""Pairs that answer yes or no twice, reliability, and genotypes.

Of a pair's four possible answers: ``both`` yes, only the ``first``, only the ``second``,
``neither``.
"""

import numpy as np

from osler.core.arrays import Bools, Floats
from osler.effects.measures.measure import Arms, Estimated, Measure, Options


def _cells(arms: Arms) -> tuple[Floats, Floats, Floats, Floats]:
    return arms["both"], arms["first_only"], arms["second_only"], arms["neither"]


def marginal_risk_ratio(arms: Arms, options: Options) -> Estimated:
    r"""Log ratio of the two risks of the same pairs.

    .. math:: \log\frac{a + b}{a + c}, \qquad \frac{b + c}{(a + b)(a + c)}

    References
    ----------
    .. [1] Zou (2007). Stat Med 26, 2884-2901 (one-to-two matched trials); May & Johnson
       (1997). Stat Med 16, 2127-2136.
    """
    a, b, c, _ = _cells(arms)
    return np.log((a + b) / (a + c)), (b + c) / (a + b) / (a + c)


def marginal_risk_difference(arms: Arms, options: Options) -> Estimated:
    r"""Difference of the two risks, :math:`(b - c)/n`.

    References
    ----------
    .. [1] May & Johnson (1997). Stat Med 16, 2127-2136.
    """
    a, b, c, d = _cells(arms)
    n = a + b + c + d
    return (b - c) / n, (b + c) / n**2 - (b - c) ** 2 / n**3


def marginal_odds_ratio(arms: Arms, options: Options) -> Estimated:
    r"""Log ratio of the two odds of the same pairs.

    The variance is that of two independent groups less twice the covariance
    :math:`n (ad - bc) / [(a+b)(c+d)(a+c)(b+d)]`.

    References
    ----------
    .. [1] Elbourne et al. (2002). Int J Epidemiol 31, 140-149. doi:10.1093/ije/31.1.140
    """
    a, b, c, d = _cells(arms)
    x1, o1, x2, o2 = a + b, c + d, a + c, b + d
    covariance = (a + b + c + d) * (a * d - b * c) / x1 / o1 / x2 / o2
    v = 1 / x1 + 1 / o1 + 1 / x2 + 1 / o2 - 2 * covariance
    return np.log(x1 / o1) - np.log(x2 / o2), v


def odds_ratio_of_margins(arms: Arms, options: Options) -> Estimated:
    r"""The same from the two totals and the correlation (phi) of the paired answers.

    With both totals fixed, phi and the joint table determine each other, and the covariance is
    :math:`n \phi / \sqrt{x_1 o_1 x_2 o_2}` with x the events and o = n - x.

    References
    ----------
    .. [1] Elbourne et al. (2002). Int J Epidemiol 31, 140-149. doi:10.1093/ije/31.1.140
    """
    x1, x2, n, phi = (arms[r] for r in ("events_first", "events_second", "n", "correlation"))
    o1, o2 = n - x1, n - x2
    covariance = n * phi / np.sqrt(x1 * o1) / np.sqrt(x2 * o2)
    v = 1 / x1 + 1 / o1 + 1 / x2 + 1 / o2 - 2 * covariance
    return np.log(x1 / o1) - np.log(x2 / o2), v


def pairs_cannot_agree(x1: Floats, x2: Floats, arms: Arms) -> Bools:
    """Whether no table has these two totals and this correlation.

    A cell of the table may come out at half a pair below 0: correlations are reported rounded.
    """
    n, phi = arms["n"], arms["correlation"]
    spread = np.sqrt(np.maximum(x1 * (n - x1) * x2 * (n - x2), 0.0))
    with np.errstate(all="ignore"):
        both = (x1 * x2 + phi * spread) / n
        fewest, most = np.maximum(0.0, x1 + x2 - n), np.minimum(x1, x2)
        return np.asarray((both < fewest - 0.5) | (both > most + 0.5))


def conditional_odds_ratio(arms: Arms, options: Options) -> Estimated:
    r"""Log odds ratio from the pairs that disagree, :math:`\log(b/c)`, :math:`1/b + 1/c`."""
    _, b, c, _ = _cells(arms)
    return np.log(b / c), 1 / b + 1 / c


def conditional_peto(arms: Arms, options: Options) -> Estimated:
    r"""The same by Peto's method, :math:`2(b - c)/(b + c)`, :math:`4/(b + c)`.

    References
    ----------
    .. [1] Curtin, Altman & Elbourne (2002). Stat Med 21, 2131-2144. doi:10.1002/sim.1205
    """
    _, b, c, _ = _cells(arms)
    return 2 * (b - c) / (b + c), 4 / (b + c)


def alpha(arms: Arms, options: Options) -> Estimated:
    r"""Cronbach's alpha; variance :math:`2k(1-\alpha)^2 / ((k-1)(n-2))`.

    References
    ----------
    .. [1] Bonett (2010). Psychol Methods 15, 368-385. doi:10.1037/a0020142
    """
    raw, k, n = arms["alpha"], arms["items"], arms["n"]
    return raw + 0.0, 2 * k * (1 - raw) ** 2 / ((k - 1) * (n - 2))


def alpha_hakstian(arms: Arms, options: Options) -> Estimated:
    r"""Alpha as :math:`1 - (1 - \alpha)^{1/3}`.

    References
    ----------
    .. [1] Hakstian & Whalen (1976). Psychometrika 41, 219-231. doi:10.1007/BF02291840
    """
    rest, k, n = 1 - arms["alpha"], arms["items"], arms["n"]
    v = 18 * k * (n - 1) * np.cbrt(rest) ** 2 / ((k - 1) * (9 * n - 11) ** 2)
    return 1 - np.cbrt(rest), v


def alpha_bonett(arms: Arms, options: Options) -> Estimated:
    r"""Alpha as :math:`-\log(1 - \alpha)`; variance :math:`2k / ((k-1)(n-2))`.

    References
    ----------
    .. [1] Bonett (2002). J Educ Behav Stat 27, 335-340. doi:10.3102/10769986027004335
    """
    k, n = arms["items"], arms["n"]
    return -np.log(1 - arms["alpha"]), 2 * k / ((k - 1) * (n - 2))


def excess_heterozygosity(arms: Arms, options: Options) -> Estimated:
    r"""Log relative excess heterozygosity, :math:`\log\frac{b}{2\sqrt{ac}}`.

    References
    ----------
    .. [1] Ziegler, Steen & Wellek (2011). Stat Med 30, 3062-3076. doi:10.1002/sim.4326
    """
    a, b, c = arms["dominant"], arms["heterozygous"], arms["recessive"]
    return np.log(b) - np.log(2) - (np.log(a) + np.log(c)) / 2, 1 / b + (1 / a + 1 / c) / 4


_MAY = "May & Johnson (1997). Stat Med 16, 2127-2136"
_CURTIN = "Curtin, Altman & Elbourne (2002). Stat Med 21, 2131-2144"
PAIRS = (
    Measure(
        "MPRR",
        "risk ratio of matched pairs",
        "matched pairs",
        ratio=True,
        compute=marginal_risk_ratio,
        formula="log((a + b) / (a + c))",
        variance_formula="(b + c) / ((a + b)(a + c))",
        source=_MAY,
        back_by="exp",
    ),
    Measure(
        "MPOR",
        "odds ratio of matched pairs (marginal)",
        "matched pairs",
        ratio=True,
        compute=marginal_odds_ratio,
        formula="log(((a + b) / (c + d)) / ((a + c) / (b + d)))",
        variance_formula="1/(a+b) + 1/(c+d) + 1/(a+c) + 1/(b+d)"
        " - 2n(ad - bc)/((a+b)(c+d)(a+c)(b+d))",
        source="Elbourne et al. (2002). Int J Epidemiol 31, 140-149",
        back_by="exp",
    ),
    Measure(
        "MPORM",
        "odds ratio of matched pairs (marginal, from totals and a correlation)",
        "matched margins",
        ratio=True,
        compute=odds_ratio_of_margins,
        formula="log((x₁ / (n - x₁)) / (x₂ / (n - x₂)))",
        variance_formula="1/x₁ + 1/(n - x₁) + 1/x₂ + 1/(n - x₂) - 2nφ/√(x₁(n - x₁)x₂(n - x₂))",
        source="Elbourne et al. (2002). Int J Epidemiol 31, 140-149",
        back_by="exp",
    ),
    Measure(
        "MPRD",
        "risk difference of matched pairs",
        "matched pairs",
        ratio=False,
        compute=marginal_risk_difference,
        formula="(b - c) / n",
        variance_formula="(b + c)/n² - (b - c)²/n³",
        source=_MAY,
        difference=True,
    ),
    Measure(
        "MPORC",
        "odds ratio of matched pairs (conditional)",
        "matched pairs",
        ratio=True,
        compute=conditional_odds_ratio,
        formula="log(b / c)",
        variance_formula="1/b + 1/c",
        source=_CURTIN,
        back_by="exp",
    ),
    Measure(
        "MPPETO",
        "odds ratio of matched pairs by Peto's method",
        "matched pairs",
        ratio=True,
        compute=conditional_peto,
        formula="2(b - c) / (b + c)",
        variance_formula="4 / (b + c)",
        source=_CURTIN,
        back_by="exp",
        defined_at_zero=True,
    ),
    Measure(
        "ARAW",
        "Cronbach's alpha",
        "reliability",
        ratio=False,
        compute=alpha,
        formula="α",
        variance_formula="2k(1 - α)² / ((k - 1)(n - 2))",
        source="Bonett (2010). Psychol Methods 15, 368-385",
    ),
    Measure(
        "AHW",
        "Cronbach's alpha (Hakstian-Whalen)",
        "reliability",
        ratio=False,
        compute=alpha_hakstian,
        formula="1 - (1 - α)^⅓",
        variance_formula="18k(n - 1)(1 - α)^⅔ / ((k - 1)(9n - 11)²)",
        source="Hakstian & Whalen (1976). Psychometrika 41, 219-231",
        back_by="one less a cube",
    ),
    Measure(
        "ABT",
        "Cronbach's alpha (Bonett)",
        "reliability",
        ratio=False,
        compute=alpha_bonett,
        formula="-log(1 - α)",
        variance_formula="2k / ((k - 1)(n - 2))",
        source="Bonett (2002). J Educ Behav Stat 27, 335-340",
        back_by="one less an exponential",
    ),
    Measure(
        "REH",
        "relative excess heterozygosity",
        "genotypes",
        ratio=True,
        compute=excess_heterozygosity,
        formula="log(b / (2√(ac)))",
        variance_formula="1/b + (1/a + 1/c) / 4",
        source="Ziegler, Steen & Wellek (2011). Stat Med 30, 3062-3076",
        back_by="exp",
    ),
)
