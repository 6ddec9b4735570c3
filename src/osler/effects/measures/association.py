"""Association of two yes-or-no variables or of one with a measurement."""

import math

import numpy as np
from scipy import special

from osler.core.arrays import Floats
from osler.core.quantiles import normal_quantile
from osler.effects.measures.means import pooled_sd
from osler.effects.measures.measure import Arms, Estimated, Measure, Options
from osler.effects.measures.odds import cells_of


def phi(arms: Arms, options: Options) -> Estimated:
    r"""Phi coefficient, :math:`(ad - bc) / \sqrt{n_1 n_2 m_1 m_2}`, by the delta method.

    ``options.variance`` says how people were sampled: "ST", so many in each arm (the group
    sizes are fixed, as in a trial), or "CS", so many in all (cross-sectional).

    References
    ----------
    .. [1] Fleiss & Berlin (2009), in: Cooper, Hedges & Valentine, The Handbook of Research
       Synthesis and Meta-Analysis, 2nd ed., 237-253.
    .. [2] Bishop, Fienberg & Holland (1975). Discrete Multivariate Analysis, section 11.3.
    """
    a, b, c, d = cells_of(arms)
    n = a + b + c + d
    row, column = (a + b) / n, (a + c) / n
    spread = row * (1 - row) * column * (1 - column)
    value = (a * d - b * c) / n**2 / np.sqrt(spread)
    if options.variance == "ST":
        return value, _phi_of_two_samples(a, b, c, d)
    skew = (2 * row - 1) * (2 * column - 1) / np.sqrt(spread)
    lopsided = (2 * row - 1) ** 2 / (row * (1 - row))
    lopsided = lopsided + (2 * column - 1) ** 2 / (column * (1 - column))
    square = value * value
    v = 1 - square + value * (1 + square / 2) * skew - 0.75 * square * lopsided
    return value, v / n


def _phi_of_two_samples(a: Floats, b: Floats, c: Floats, d: Floats) -> Floats:
    """Phi as a function of two independent proportions, the shares of the groups fixed."""
    n1, n2 = a + b, c + d
    p1, p2, w1 = a / n1, c / n2, n1 / (n1 + n2)
    w2 = 1 - w1
    mean = w1 * p1 + w2 * p2
    spread, difference = mean * (1 - mean), p1 - p2
    bend = difference * (1 - 2 * mean) / (2 * spread)
    by_first = (1 - bend * w1) / np.sqrt(spread)
    by_second = (-1 - bend * w2) / np.sqrt(spread)
    v = by_first**2 * p1 * (1 - p1) / n1 + by_second**2 * p2 * (1 - p2) / n2
    return np.asarray(w1 * w2 * v)


def probit_difference(arms: Arms, options: Options) -> Estimated:
    r"""Difference of probits of two risks, a standardised mean difference.

    .. math:: z_1 - z_2, \quad z = \Phi^{-1}(p), \qquad
              \sum \frac{2\pi p (1 - p) e^{z^2}}{n}

    References
    ----------
    .. [1] Sánchez-Meca, Marín-Martínez & Chacón-Moscoso (2003). Psychol Methods 8, 448-467.
    """
    y, v = [], []
    for group in ("treated", "control"):
        n = arms[f"n_{group}"]
        p = arms[f"events_{group}"] / n
        z = normal_quantile(p)
        y.append(z)
        v.append(2 * math.pi * p * (1 - p) * np.exp(z * z) / n)
    return y[0] - y[1], v[0] + v[1]


def point_biserial(arms: Arms, options: Options) -> Estimated:
    r"""Correlation of belonging to the treated arm with what is measured.

    .. math:: r = \frac{d}{\sqrt{d^2 + h}}, \qquad h = \frac m{n_1} + \frac m{n_2},
              \quad m = n_1 + n_2 - 2

    ``options.variance``: "ST" where the group sizes are fixed (delta method from d), "CS"
    where only the total is (Tate 1954).

    References
    ----------
    .. [1] Tate (1954). Ann Math Stat 25, 603-607. doi:10.1214/aoms/1177728730
    .. [2] Jacobs & Viechtbauer (2017). Res Synth Methods 8, 161-180. doi:10.1002/jrsm.1218
    """
    d, h, n1, n2 = _cohen(arms)
    r = d / np.sqrt(d * d + h)
    n = n1 + n2
    if options.variance == "CS":
        p = n1 / n
        return r, (1 - r**2) ** 2 * (1 - 1.5 * r**2 + r**2 / (4 * p * (1 - p))) / n
    of_d = 1 / n1 + 1 / n2 + d * d / (2 * n)
    return r, h * h / (h + d * d) ** 3 * of_d


def biserial(arms: Arms, options: Options) -> Estimated:
    r"""Correlation of what is measured with a normal variable that was cut in two.

    .. math:: r_b = \frac{\sqrt{pq}}{f} r_{pb}, \qquad \frac1{n - 1}\left[\frac{pq}{f^2} -
              \left(\frac32 + \left(1 - \frac{pz}f\right)\left(1 + \frac{qz}f\right)\right) r_b^2
              + r_b^4\right]

    with p the share of the treated arm, z the normal quantile of q = 1 - p and f the normal
    density there. It can lie beyond 1, where the outcome is far from normal; the variance is
    then taken at 1.

    References
    ----------
    .. [1] Jacobs & Viechtbauer (2017). Res Synth Methods 8, 161-180. doi:10.1002/jrsm.1218
    .. [2] Soper (1914). Biometrika 10, 384-390. doi:10.2307/2331789
    """
    d, h, n1, n2 = _cohen(arms)
    n = n1 + n2
    p, q = n1 / n, n2 / n
    z = normal_quantile(q)
    f = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    r = np.sqrt(p * q) / f * d / np.sqrt(d * d + h)
    within = np.clip(r, -1.0, 1.0)
    v = p * q / f**2 - (1.5 + (1 - p * z / f) * (1 + q * z / f)) * within**2 + within**4
    return r, v / (n - 1)


def _cohen(arms: Arms) -> tuple[Floats, Floats, Floats, Floats]:
    n1, n2 = arms["n_treated"], arms["n_control"]
    m = n1 + n2 - 2
    d = (arms["mean_treated"] - arms["mean_control"]) / pooled_sd(arms)
    return d, m / n1 + m / n2, n1, n2


def tetrachoric(arms: Arms, options: Options) -> Estimated:
    """Correlation of two normal variables that were both cut in two.

    The correlation at which the bivariate normal distribution gives the observed table; the
    variance is the large-sample one, by the delta method from the three free cells. NaN where
    a cell is empty.

    References
    ----------
    .. [1] Pearson (1900). Philos Trans R Soc A 195, 1-47. doi:10.1098/rsta.1900.0022
    .. [2] Kirk (1973). Psychometrika 38, 259-268. doi:10.1007/BF02291118
    """
    a, b, c, d = cells_of(arms)
    n = a + b + c + d
    h, k = normal_quantile((a + b) / n), normal_quantile((a + c) / n)
    r = _correlation_that_gives(a / n, h, k)
    root = np.sqrt(1 - r * r)
    density = np.exp(-(h * h - 2 * r * h * k + k * k) / (2 * root * root)) / (2 * math.pi * root)
    # The first cell's share is a function of the margins and r: dr follows from what a
    # change of each cell does to it, and the cells are multinomial.
    by_row = special.ndtr((k - r * h) / root)
    by_column = special.ndtr((h - r * k) / root)
    pulls = (1 - by_row - by_column, -by_row, -by_column)
    mean = sum(pull * cell for pull, cell in zip(pulls, (a, b, c), strict=True)) / n
    square = sum(pull**2 * cell for pull, cell in zip(pulls, (a, b, c), strict=True)) / n
    inside = (a > 0) & (b > 0) & (c > 0) & (d > 0)  # else r is -1 or 1 and has no variance
    return r, np.where(inside, (square - mean * mean) / (n * density**2), np.nan)


def _correlation_that_gives(share: Floats, h: Floats, k: Floats) -> Floats:
    """Bisection on the arcsine of the correlation; 60 halvings are rounding."""
    low, high = np.full(share.shape, -math.pi / 2), np.full(share.shape, math.pi / 2)
    for _ in range(60):
        middle = (low + high) / 2
        too_small = _both_below(h, k, np.sin(middle)) < share
        low, high = np.where(too_small, middle, low), np.where(too_small, high, middle)
    return np.asarray(np.sin((low + high) / 2))


def _both_below(h: Floats, k: Floats, r: Floats) -> Floats:
    """Bivariate normal distribution function by Owen's T.

    Owen (1956). Ann Math Stat 27, 1075-1090, equation 2.1. doi:10.1214/aoms/1177728074
    """
    root = np.sqrt(np.maximum(1 - r * r, 1e-300))
    h, k = np.where(h == 0, 1e-150, h), np.where(k == 0, 1e-150, k)
    t = special.owens_t(h, (k / h - r) / root) + special.owens_t(k, (h / k - r) / root)
    apart = np.where(h * k < 0, 0.5, 0.0)
    return np.asarray((special.ndtr(h) + special.ndtr(k)) / 2 - t - apart)


PHI = Measure(
    "PHI",
    "phi coefficient",
    "binary",
    ratio=False,
    compute=phi,
    formula="(ad - bc) / √(n₁n₂m₁m₂)",
    variance_formula="delta method, group sizes fixed (ST) or total fixed (CS)",
    source="Fleiss & Berlin (2009), Handbook of Research Synthesis, 237-253",
    variances=("ST", "CS"),
    defined_at_zero=True,
)
TETRACHORIC = Measure(
    "RTET",
    "tetrachoric correlation",
    "binary",
    ratio=False,
    compute=tetrachoric,
    formula="r at which the bivariate normal distribution gives the table",
    variance_formula="large-sample variance by the delta method",
    source="Pearson (1900). Philos Trans R Soc A 195, 1-47",
)
PROBIT = Measure(
    "PBIT",
    "standardised mean difference from probits",
    "binary",
    ratio=False,
    compute=probit_difference,
    formula="Φ⁻¹(p₁) - Φ⁻¹(p₂)",
    variance_formula="Σ 2πp(1 - p)exp(z²) / n",
    source="Sánchez-Meca et al. (2003). Psychol Methods 8, 448-467",
)
POINT_BISERIAL = Measure(
    "RPB",
    "point-biserial correlation",
    "continuous",
    ratio=False,
    compute=point_biserial,
    formula="d / √(d² + h), h = m/n₁ + m/n₂, m = n₁ + n₂ - 2",
    variance_formula="h² / (h + d²)³ · var(d) (ST), or Tate's (CS)",
    source="Jacobs & Viechtbauer (2017). Res Synth Methods 8, 161-180",
    variances=("ST", "CS"),
)
BISERIAL = Measure(
    "RBIS",
    "biserial correlation",
    "continuous",
    ratio=False,
    compute=biserial,
    formula="√(pq) / φ(z) · r_pb",
    variance_formula="[pq/φ² - (3/2 + (1 - pz/φ)(1 + qz/φ)) r² + r⁴] / (n - 1)",
    source="Jacobs & Viechtbauer (2017). Res Synth Methods 8, 161-180",
)
