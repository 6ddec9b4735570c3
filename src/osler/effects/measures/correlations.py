"""Correlations: raw, without bias, by Fisher's z; partial and semi-partial ones."""

import math

import numpy as np
from scipy import special

from osler.core.arrays import Floats
from osler.effects.measures.measure import Arms, Estimated, Measure, Options


def correlation(arms: Arms, options: Options) -> Estimated:
    r"""A correlation as it is; variance :math:`(1 - r^2)^2 / (n - 1)`.

    ``options.variance``: "LS" as above; "UB", unbiased; "AV", with the average of r over the
    studies, weighted by size.

    References
    ----------
    .. [1] Hedges (1989). J Appl Psychol 74, 469-477. doi:10.1037/0021-9010.74.3.469
    """
    r, n = arms["correlation"], arms["n"]
    return r + 0.0, _variance(r, r, n, options.variance)


def unbiased_correlation(arms: Arms, options: Options) -> Estimated:
    r"""A correlation without bias, :math:`r \, {}_2F_1(\tfrac12, \tfrac12; \tfrac{n-2}2; 1 - r^2)`.

    References
    ----------
    .. [1] Olkin & Pratt (1958). Ann Math Stat 29, 201-211, eq. 2.3.
       doi:10.1214/aoms/1177706717
    """
    r, n = arms["correlation"], arms["n"]
    g = r * _by_halves(np.where(n > 4, n, np.nan), r)
    return g, _variance(g, r, n, options.variance)


def _variance(y: Floats, r: Floats, n: Floats, formula: str) -> Floats:
    if formula == "UB":
        spread = (1 - r * r) * _by_ones(np.where(n > 4, n, np.nan), r)
        return np.asarray(y * y - 1 + (n - 3) / (n - 2) * spread)
    if formula == "AV":
        fine = np.isfinite(y)
        y = np.full(y.shape, np.sum(y[fine] * n[fine]) / np.sum(n[fine]))
    return np.asarray((1 - y * y) ** 2 / (n - 1))


# Points and weights of the double exponential rule on (0, 1): near both ends points crowd, so
# that it is right to rounding where an integrand is steep there. Takahasi & Mori (1974). Publ
# RIMS 9, 721-741. doi:10.2977/prims/1195192451. SciPy's hyp2f1 loses digits, or is NaN, here.
_STEPS = np.linspace(-6.0, 6.0, 769)
_BENT = math.pi / 2 * np.sinh(_STEPS)
_FROM_LEFT, _FROM_RIGHT = special.expit(2 * _BENT), special.expit(-2 * _BENT)
_WEIGHTS = (_STEPS[1] - _STEPS[0]) * math.pi * np.cosh(_STEPS) * _FROM_LEFT * _FROM_RIGHT


def _by_halves(n: Floats, r: Floats) -> Floats:
    r"""The hypergeometric function with 1/2, 1/2 and (n - 2)/2 at 1 - r².

    By Euler's integral with t = 1 - s²; shape (k,).
    """
    c = (n - 2) / 2
    constant = np.exp(special.gammaln(c) - special.gammaln(c - 0.5)) / math.sqrt(math.pi)
    s, rest = _FROM_LEFT, _FROM_RIGHT * (1 + _FROM_LEFT)  # rest = 1 - s², without cancelling
    power = s ** (2 * c[:, None] - 2)
    under = np.maximum(r[:, None] ** 2 * rest + s * s, 1e-300)
    return np.asarray(constant * ((2 * power / np.sqrt(rest * under)) @ _WEIGHTS))


def _by_ones(n: Floats, r: Floats) -> Floats:
    """The hypergeometric function with 1, 1 and n/2 at 1 - r²; shape (k,)."""
    c = n / 2
    s, rest = _FROM_LEFT, _FROM_RIGHT
    under = np.maximum(r[:, None] ** 2 * rest + s, 1e-300)
    return np.asarray((c - 1) * ((s ** (c[:, None] - 2) / under) @ _WEIGHTS))


def fisher_z(arms: Arms, options: Options) -> Estimated:
    r"""Fisher's z, :math:`\operatorname{artanh} r`; variance :math:`1/(n - 3)`.

    References
    ----------
    .. [1] Fisher (1921). Metron 1, 3-32.
    """
    return np.arctanh(arms["correlation"]), 1 / (arms["n"] - 3)


def partial_correlation(arms: Arms, options: Options) -> Estimated:
    r"""Partial correlation from the t of a regression with p predictors.

    .. math:: r = \frac{t}{\sqrt{t^2 + n - p - 1}}, \qquad \frac{(1 - r^2)^2}{n - p - 1}

    References
    ----------
    .. [1] Aloe & Thompson (2013). J Soc Social Work Res 4, 390-405.
       doi:10.5243/jsswr.2013.24
    """
    df = arms["n"] - arms["predictors"] - 1
    df = np.where(df > 0, df, np.nan)
    r = arms["t"] / np.sqrt(arms["t"] ** 2 + df)
    return r, (1 - r * r) ** 2 / df


def partial_fisher_z(arms: Arms, options: Options) -> Estimated:
    r"""Fisher's z of a partial correlation; variance :math:`1/(n - (p - 1) - 3)`."""
    df = arms["n"] - arms["predictors"] - 1
    r, _ = partial_correlation(arms, options)
    return np.arctanh(r), 1 / np.where(df > 1, df - 1, np.nan)


def semipartial_correlation(arms: Arms, options: Options) -> Estimated:
    r"""Semi-partial correlation from t, R² and p; its square is what the predictor adds to R².

    .. math:: r = t \sqrt{\frac{1 - R^2}{n - p - 1}}, \qquad
              \frac{R^4 - 2 R^2 + R_0^2 + 1 - R_0^4}{n}, \quad R_0^2 = R^2 - r^2

    References
    ----------
    .. [1] Aloe & Becker (2012). J Educ Behav Stat 37, 278-297. doi:10.3102/1076998610396901
    """
    n, full = arms["n"], arms["r_squared"]
    df = n - arms["predictors"] - 1
    r = arms["t"] * np.sqrt((1 - full) / np.where(df > 0, df, np.nan))
    without = full - r * r
    return r, (full**2 - 2 * full + without + 1 - without**2) / n


_LS = "(1 - r²)² / (n - 1)"
CORRELATIONS = (
    Measure(
        "COR",
        "correlation",
        "correlation",
        ratio=False,
        compute=correlation,
        formula="r",
        variance_formula=_LS,
        source="Hedges (1989). J Appl Psychol 74, 469-477",
        variances=("LS", "UB", "AV"),
    ),
    Measure(
        "UCOR",
        "unbiased correlation",
        "correlation",
        ratio=False,
        compute=unbiased_correlation,
        formula="r · ₂F₁(½, ½; (n - 2)/2; 1 - r²)",
        variance_formula=_LS,
        source="Olkin & Pratt (1958). Ann Math Stat 29, 201-211, eq. 2.3",
        variances=("LS", "UB", "AV"),
    ),
    Measure(
        "ZCOR",
        "correlation (Fisher's z)",
        "correlation",
        ratio=False,
        compute=fisher_z,
        formula="artanh r",
        variance_formula="1 / (n - 3)",
        source="Fisher (1921). Metron 1, 3-32",
        back_by="tanh",
    ),
    Measure(
        "PCOR",
        "partial correlation",
        "partial correlation",
        ratio=False,
        compute=partial_correlation,
        formula="t / √(t² + n - p - 1)",
        variance_formula="(1 - r²)² / (n - p - 1)",
        source="Aloe & Thompson (2013). J Soc Social Work Res 4, 390-405",
    ),
    Measure(
        "ZPCOR",
        "partial correlation (Fisher's z)",
        "partial correlation",
        ratio=False,
        compute=partial_fisher_z,
        formula="artanh(t / √(t² + n - p - 1))",
        variance_formula="1 / (n - p - 2)",
        source="Fisher (1924). Metron 3, 329-332",
        back_by="tanh",
    ),
    Measure(
        "SPCOR",
        "semi-partial correlation",
        "semi-partial correlation",
        ratio=False,
        compute=semipartial_correlation,
        formula="t · √((1 - R²) / (n - p - 1))",
        variance_formula="(R⁴ - 2R² + R₀² + 1 - R₀⁴) / n, R₀² = R² - r²",
        source="Aloe & Becker (2012). J Educ Behav Stat 37, 278-297",
    ),
)
