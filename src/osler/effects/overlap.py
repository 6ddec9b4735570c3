"""What a standardised mean difference means for two groups: how far their values overlap.

Each supposes normal distributions of one spread, whose means are d standard deviations apart.
:func:`osler.effects.conversions.superiority_from_d` and
:func:`osler.effects.conversions.above_control_from_d` tell more of the same.
"""

import math

from osler.effects.conversions import r_from_d


def non_overlap_from_d(d: float) -> float:
    r"""Share of the two groups together that lies where only one of them is: Cohen's U1.

    .. math:: \frac{2 \Phi(|d| / 2) - 1}{\Phi(|d| / 2)}

    References
    ----------
    .. [1] Cohen (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed.,
       section 2.2.1, table 2.2.1.

    Examples
    --------
    >>> [round(non_overlap_from_d(d), 3) for d in (0.0, 0.5, -0.5)]
    [0.0, 0.33, 0.33]
    """
    half = 0.5 * math.erfc(-abs(d) / math.sqrt(8))
    return math.erf(abs(d) / math.sqrt(8)) / half


def matching_shares_from_d(d: float) -> float:
    r"""Share of the treated that exceeds the same share of the controls: Cohen's U2.

    .. math:: \Phi(d / 2)

    References
    ----------
    .. [1] Cohen (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed.,
       section 2.2.1.

    Examples
    --------
    >>> round(matching_shares_from_d(0.5), 3)
    0.599
    """
    return 0.5 * math.erfc(-d / math.sqrt(8))


def success_rates_from_d(d: float) -> tuple[float, float]:
    r"""Rates of success, treated then control, that show d as Rosenthal and Rubin do.

    .. math:: \frac{1}{2} \pm \frac{r}{2}, \qquad r = \frac{d}{\sqrt{d^2 + 4}}

    The binomial effect size display: groups of equal size, half of all succeed. It shows the
    size of a correlation; it does not say how many patients recover.

    References
    ----------
    .. [1] Rosenthal & Rubin (1982). J Educ Psychol 74, 166-169. doi:10.1037/0022-0663.74.2.166

    Examples
    --------
    >>> tuple(round(rate, 4) for rate in success_rates_from_d(0.5))
    (0.6213, 0.3787)
    """
    half = r_from_d(d)[0] / 2
    return 0.5 + half, 0.5 - half
