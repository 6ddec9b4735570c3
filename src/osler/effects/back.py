"""From the analysis scale to the scale people think in."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from osler.core.arrays import Floats, floats_of
from osler.effects import problems
from osler.effects.measures import MEASURES, is_ratio

# The trapezoid rule on a bell curve is right to rounding at this step and reach.
_GRID = np.linspace(-12.0, 12.0, 4801)
_BELL = np.exp(-_GRID * _GRID / 2) * (_GRID[1] - _GRID[0]) / math.sqrt(2 * math.pi)
# By how much a pooled double arcsine may change, as a proportion, between the smallest and
# the largest study before its way back counts as undefined.
_AGREES = 0.005


def back(
    measure: str, x: ArrayLike, *, n: ArrayLike | None = None, time: ArrayLike | None = None
) -> Floats:
    r"""Values of the analysis scale on the printed one.

    Ratios, logs: :math:`e^x`; logits: :math:`1/(1 + e^{-x})`; arcsines: :math:`\sin^2 x`;
    Fisher's z: :math:`\tanh x`; square roots: :math:`x^2`; what is analysed as it is stays.
    What lies beyond the scale (an arcsine below 0) comes back as its end.

    Parameters
    ----------
    measure : str
        "RR", "PLO", ... ; an unknown name is analysed as it is.
    x : float or array of any shape
        Estimates or ends of intervals.
    n : float or array, optional
        Group sizes, needed for the double arcsine (PFT): that of each study, or one size the
        proportion is to be imagined in. See :func:`pooled_proportion` for a pooled value.
    time : float or array, optional
        Person-time, needed for IRFT likewise.

    Raises
    ------
    DataError
        Where PFT is asked for without ``n``, or IRFT without ``time`` (EFF060).

    Notes
    -----
    Equals metafor's ``transf.exp.int`` and relatives without ``.int``: the back-transformed
    mean of a distribution is its median. For its mean, see :func:`mean_back`.

    References
    ----------
    .. [1] Miller (1978). Am Stat 32, 138. doi:10.1080/00031305.1978.10479283

    Examples
    --------
    >>> float(back("RR", 0.0)), float(back("PLO", 0.0)), float(back("MD", 3.5))
    (1.0, 0.5, 3.5)
    >>> back("PFT", [0.3, 0.5], n=40).round(4)
    array([0.0774, 0.2232])
    """
    x = floats_of(x)
    way = _way(measure)
    with np.errstate(over="ignore", invalid="ignore"):
        if way == "double sine":
            if n is None:
                raise problems.no_way_back(measure, "no group size was given", _PFT_HELP)
            return _from_double_sine(x, floats_of(n))
        if way == "double square":
            if time is None:
                help_ = "give time=, or analyse IRLN or IRS, which need none"
                raise problems.no_way_back(measure, "no person-time was given", help_)
            return _from_double_square(x, floats_of(time))
        return np.asarray(_PLAIN[way](x))


def mean_back(measure: str, mean: ArrayLike, tau2: ArrayLike) -> Floats:
    r"""Mean, on the printed scale, of effects that are normal on the analysis scale.

    .. math:: \int h(x) \, \phi\left(\frac{x - \mu}{\tau}\right) \frac{dx}{\tau}

    For ratios :math:`e^{\mu + \tau^2 / 2}`: with heterogeneity the mean ratio is larger than
    the back-transformed mean, which is the median.

    Parameters
    ----------
    measure : str
        Not PFT or IRFT, whose way back depends on a size.
    mean : float or array
        Of the distribution of true effects, analysis scale.
    tau2 : float or array
        Its variance, >= 0.

    Notes
    -----
    Equals metafor's ``transf.exp.int``, ``transf.ilogit.int``, ``transf.ztor.int`` with wide
    limits.

    Examples
    --------
    >>> round(float(mean_back("RR", -0.7, 0.3)), 4), round(float(back("RR", -0.7)), 4)
    (0.5769, 0.4966)
    """
    way = _way(measure)
    if way in ("double sine", "double square"):
        raise problems.no_way_back(measure, "its way back depends on a size", _PFT_HELP)
    mean, tau2 = np.broadcast_arrays(floats_of(mean), floats_of(tau2))
    if (tau2 < 0).any() or not np.isfinite(tau2).all():
        raise problems.statistic_unusable("tau2", f"{float(np.min(tau2)):g}")
    with np.errstate(over="ignore"):
        if way == "exp":
            return np.asarray(np.exp(mean + tau2 / 2))
        if way == "square":
            return np.asarray(mean * mean + tau2)
        points = mean[..., None] + np.sqrt(tau2)[..., None] * _GRID
        return np.asarray(_PLAIN[way](points) @ _BELL)


def pooled_proportion(x: float, sizes: ArrayLike) -> float:
    r"""A pooled double arcsine (PFT) as a proportion, by the harmonic mean of the sizes.

    Miller's inverse needs a group size, and a pooled value has none; the harmonic mean is the
    usual stand-in. Where studies differ much in size the answer depends on the stand-in, and
    can be far from every study: then this refuses.

    Parameters
    ----------
    x : float
        Pooled on the scale of PFT.
    sizes : array of shape (k,)
        Participants of each study.

    Raises
    ------
    DataError
        Where the smallest and the largest size would give proportions that differ by more
        than 0.005, or the value lies beyond what the harmonic mean size can hold (EFF060).

    Notes
    -----
    Equals metafor's ``transf.ipft.hm`` where it answers.

    References
    ----------
    .. [1] Schwarzer, Chemaitelly, Abu-Raddad & Rücker (2019). Res Synth Methods 10, 476-483.
       doi:10.1002/jrsm.1348

    Examples
    --------
    >>> round(pooled_proportion(0.5, [80, 90, 110]), 4)
    0.2269
    """
    sizes = np.asarray(sizes, float)
    harmonic = len(sizes) / float(np.sum(1 / sizes))
    tried = np.array([harmonic, sizes.min(), sizes.max()])
    found = back("PFT", np.full(3, x), n=tried)
    low, high = _double_sine(np.zeros(3), tried), _double_sine(np.ones(3), tried)
    told = f"sizes {sizes.min():g} to {sizes.max():g}, harmonic mean {harmonic:.4g}: "
    told += f"{found[1]:.4g} to {found[2]:.4g}"
    if np.ptp(found) > _AGREES or not low[0] <= x <= high[0]:
        raise problems.no_way_back("PFT", told, _PFT_HELP)
    return float(found[0])


_PFT_HELP = (
    "pool logits (PLO) or by a generalised linear mixed model instead; the plain arcsine (PAS) "
    "needs no size"
)


def _way(measure: str) -> str:
    known = MEASURES.get(measure.upper())
    if known is None:
        return "exp" if is_ratio(measure) else "identity"
    return known.back_by or "identity"


def _expit(x: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(x / 2)))


def _sine(x: Floats) -> Floats:
    return np.asarray(np.sin(np.clip(x, 0.0, math.pi / 2)) ** 2)


_PLAIN: dict[str, Callable[[Floats], Floats]] = {
    "identity": lambda x: x + 0.0,
    "exp": np.exp,
    "expit": _expit,
    "sine": _sine,
    "tanh": np.tanh,
    "square": lambda x: np.where(x < 0, 0.0, x * x),
    "one less a cube": lambda x: 1 - (1 - x) ** 3,
    "one less an exponential": lambda x: -np.expm1(-x),
}


def _double_sine(p: Floats, n: Floats) -> Floats:
    x = p * n
    return np.asarray((np.arcsin(np.sqrt(x / (n + 1))) + np.arcsin(np.sqrt((x + 1) / (n + 1)))) / 2)


def _from_double_sine(x: Floats, n: Floats) -> Floats:
    """Miller's inverse; beyond the values of 0 and 1, these."""
    x, n = np.broadcast_arrays(x, n)
    low, high = _double_sine(np.zeros(n.shape), n), _double_sine(np.ones(n.shape), n)
    inside = np.clip(x, low, high)
    sine = np.sin(2 * inside)
    root = np.sqrt(np.maximum(0.0, 1 - (sine + (sine - 1 / sine) / n) ** 2))
    p = (1 - np.sign(np.cos(2 * inside)) * root) / 2
    return np.where(x <= low, 0.0, np.where(x >= high, 1.0, p))


def _from_double_square(x: Floats, time: Floats) -> Floats:
    """From x = (√r + √(r + 1/t)) / 2, with √(r + 1/t) - √r = 1 / (2xt)."""
    x, time = np.broadcast_arrays(x, time)
    least = 1 / (2 * np.sqrt(time))
    inside = np.maximum(x, least)
    return np.asarray((inside - 1 / (4 * inside * time)) ** 2)
