"""One group described: its proportion, its rate, its mean."""

import numpy as np

from osler.effects.measures.measure import Arms, Estimated, Measure, Options
from osler.effects.measures.standardised import small_sample_correction


def proportion(arms: Arms, options: Options) -> Estimated:
    """A proportion p; variance p(1 - p) / n."""
    p = arms["events"] / arms["n"]
    return p, p * (1 - p) / arms["n"]


def log_proportion(arms: Arms, options: Options) -> Estimated:
    """Log p; variance 1/x - 1/n."""
    x, n = arms["events"], arms["n"]
    return np.log(x / n), 1 / x - 1 / n


def logit_proportion(arms: Arms, options: Options) -> Estimated:
    """Log odds; variance 1/x + 1/(n - x)."""
    x, n = arms["events"], arms["n"]
    return np.log(x / (n - x)), 1 / x + 1 / (n - x)


def arcsine_proportion(arms: Arms, options: Options) -> Estimated:
    """Arcsine of the square root of p; variance 1/(4n)."""
    return np.arcsin(np.sqrt(arms["events"] / arms["n"])), 1 / (4 * arms["n"])


def double_arcsine_proportion(arms: Arms, options: Options) -> Estimated:
    r"""Freeman and Tukey's double arcsine, halved; variance 1/(4n + 2).

    .. math:: \frac12\left(\arcsin\sqrt{\frac{x}{n + 1}} + \arcsin\sqrt{\frac{x + 1}{n + 1}}\right)

    A pooled value has no group size, so its way back to a proportion is not defined, and
    conventions can mislead: see :func:`osler.effects.back.back` and [2]_.

    References
    ----------
    .. [1] Freeman & Tukey (1950). Ann Math Stat 21, 607-611. doi:10.1214/aoms/1177729756
    .. [2] Schwarzer, Chemaitelly, Abu-Raddad & Rücker (2019). Res Synth Methods 10, 476-483.
       doi:10.1002/jrsm.1348
    """
    x, n = arms["events"], arms["n"]
    y = np.arcsin(np.sqrt(x / (n + 1))) + np.arcsin(np.sqrt((x + 1) / (n + 1)))
    return y / 2, 1 / (4 * n + 2)


def rate(arms: Arms, options: Options) -> Estimated:
    """Events per person-time; variance x / t²."""
    x, t = arms["events"], arms["time"]
    return x / t, x / t / t


def log_rate(arms: Arms, options: Options) -> Estimated:
    """Log rate; variance 1/x."""
    return np.log(arms["events"] / arms["time"]), 1 / arms["events"]


def root_rate(arms: Arms, options: Options) -> Estimated:
    """Square root of the rate; variance 1/(4t)."""
    return np.sqrt(arms["events"] / arms["time"]), 1 / (4 * arms["time"])


def double_root_rate(arms: Arms, options: Options) -> Estimated:
    """Freeman and Tukey's mean of two square roots; variance 1/(4t)."""
    x, t = arms["events"], arms["time"]
    return (np.sqrt(x / t) + np.sqrt((x + 1) / t)) / 2, 1 / (4 * t)


def mean(arms: Arms, options: Options) -> Estimated:
    """A mean; variance s² / n."""
    return arms["mean"] + 0.0, arms["sd"] ** 2 / arms["n"]


def log_mean(arms: Arms, options: Options) -> Estimated:
    """Log of a mean above 0; variance s² / (n m²)."""
    m = arms["mean"]
    return np.log(m), arms["sd"] ** 2 / (arms["n"] * m * m)


def standardised_mean(arms: Arms, options: Options) -> Estimated:
    """Mean in standard deviations, J m / s; variance 1/n + g²/(2n)."""
    n = arms["n"]
    g = small_sample_correction(n - 1, options.correction) * arms["mean"] / arms["sd"]
    return g, 1 / n + g * g / (2 * n)


_FREEMAN = "Freeman & Tukey (1950). Ann Math Stat 21, 607-611"
_FLEISS = "Fleiss, Levin & Paik (2003). Statistical Methods for Rates and Proportions, 3rd ed."
_ROTHMAN = "Rothman et al. (2008), Modern Epidemiology, chapter 14"


def _of(name: str, label: str, kind: str, compute: object, **more: object) -> Measure:
    known = {"ratio": False, **more}
    return Measure(name, label, kind, compute=compute, **known)  # type: ignore[arg-type]


SINGLE_GROUP = (
    _of(
        *("PR", "proportion", "proportion", proportion),
        formula="x / n",
        variance_formula="p(1 - p) / n",
        source=_FLEISS,
        difference=True,
    ),
    _of(
        *("PLN", "proportion (log)", "proportion", log_proportion),
        formula="log(x / n)",
        variance_formula="1/x - 1/n",
        source=_FLEISS,
        back_by="exp",
    ),
    _of(
        *("PLO", "proportion (logit)", "proportion", logit_proportion),
        formula="log(x / (n - x))",
        variance_formula="1/x + 1/(n - x)",
        source=_FLEISS,
        back_by="expit",
    ),
    _of(
        *("PAS", "proportion (arcsine)", "proportion", arcsine_proportion),
        formula="arcsin √(x / n)",
        variance_formula="1 / (4n)",
        source=_FREEMAN,
        back_by="sine",
        defined_at_zero=True,
    ),
    _of(
        *("PFT", "proportion (double arcsine)", "proportion", double_arcsine_proportion),
        formula="½(arcsin √(x/(n+1)) + arcsin √((x+1)/(n+1)))",
        variance_formula="1 / (4n + 2)",
        source=_FREEMAN,
        back_by="double sine",
        defined_at_zero=True,
    ),
    _of(
        *("IR", "incidence rate", "rate", rate),
        formula="x / t",
        variance_formula="x / t²",
        source=_ROTHMAN,
        difference=True,
    ),
    _of(
        *("IRLN", "incidence rate (log)", "rate", log_rate),
        formula="log(x / t)",
        variance_formula="1/x",
        source=_ROTHMAN,
        back_by="exp",
    ),
    _of(
        *("IRS", "incidence rate (square root)", "rate", root_rate),
        formula="√(x / t)",
        variance_formula="1 / (4t)",
        source=_ROTHMAN,
        back_by="square",
        defined_at_zero=True,
    ),
    _of(
        *("IRFT", "incidence rate (Freeman-Tukey)", "rate", double_root_rate),
        formula="½(√(x/t) + √((x+1)/t))",
        variance_formula="1 / (4t)",
        source=_FREEMAN,
        back_by="double square",
        defined_at_zero=True,
    ),
    _of(
        *("MN", "mean", "mean", mean),
        formula="m",
        variance_formula="s² / n",
        source="variance of a mean",
    ),
    _of(
        *("MNLN", "mean (log)", "mean", log_mean),
        formula="log m",
        variance_formula="s² / (nm²)",
        source="delta method",
        back_by="exp",
    ),
    _of(
        *("SMN", "standardised mean", "mean", standardised_mean),
        formula="J(n - 1) · m / s",
        variance_formula="1/n + g² / (2n)",
        source="Gibbons, Hedeker & Davis (1993). J Educ Stat 18, 271-279",
    ),
)
