"""Mean and standard deviation where a study reports quantiles: median, quartiles, range.

Luo (2018), Wan (2014) and Shi (2020) suppose nearly normal data; :func:`skewness_test` says
where that is doubtful. McGrath (2020) fits distributions ("QE") or straightens the quantiles
by a power ("BC").
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from osler.core.arrays import Floats
from osler.core.quantiles import normal_quantile
from osler.effects import problems

Method = Literal["luo", "wan", "qe", "bc"]
METHODS: tuple[Method, ...] = ("luo", "wan", "qe", "bc")


@dataclass(frozen=True, slots=True)
class FromQuantiles:
    """A mean and standard deviation that were not reported, but estimated from quantiles.

    ``method`` says how, by whose formulas; ``skewed`` whether a test finds the quantiles too
    lopsided for normal data, None where there are too few to tell; ``note`` in words.
    """

    mean: float
    sd: float
    n: int
    method: str
    skewed: bool | None
    note: str


@dataclass(frozen=True, slots=True)
class _Quantiles:
    n: int
    low: float | None
    q1: float | None
    median: float
    q3: float | None
    high: float | None

    @property
    def case(self) -> str:
        """S1: range; S2: quartiles; S3: both."""
        if self.q1 is None:
            return "S1"
        return "S2" if self.low is None else "S3"

    def values(self) -> list[float]:
        given = (self.low, self.q1, self.median, self.q3, self.high)
        return [value for value in given if value is not None]

    def shares(self) -> Floats:
        """What part of the data lies below each; the extremes of n stand at 1/n and 1 - 1/n."""
        ends, quarters = 1 / self.n, 0.25
        given = (self.low, self.q1, self.median, self.q3, self.high)
        shares = (ends, quarters, 0.5, 1 - quarters, 1 - ends)
        kept = [s for s, value in zip(shares, given, strict=True) if value is not None]
        return np.array(kept)


def mean_sd_from_quantiles(
    n: int,
    *,
    median: float,
    minimum: float | None = None,
    q1: float | None = None,
    q3: float | None = None,
    maximum: float | None = None,
    method: Method = "luo",
) -> FromQuantiles:
    r"""Mean and standard deviation from the median with quartiles, range, or both.

    Parameters
    ----------
    n : int
        Participants, >= 5.
    median : float
    minimum, maximum : float, optional
        Both or none.
    q1, q3 : float, optional
        Both or none.
    method : {"luo", "wan", "qe", "bc"}
        "luo": the mean of Luo (2018), the standard deviation of Wan (2014) or, from five
        numbers, Shi (2020); for nearly normal data. "wan": both of Wan (2014). "qe": of the
        normal, log-normal, gamma and Weibull distributions the one whose quantiles lie
        nearest (McGrath 2020); "bc": quantiles made symmetric by a Box-Cox power from 0 to
        10, then Luo and Wan or Shi, and back by integration (McGrath 2020).

    Returns
    -------
    FromQuantiles

    Raises
    ------
    DataError
        Where n is below 5, quantiles are not in order, or have no spread, neither quartiles
        nor range are given, or "bc" meets a value not above 0 (EFF062).

    Notes
    -----
    The formulas are those of metafor's ``conv.fivenum(method="default")`` (newer releases)
    and of ``meta`` with ``method.mean="Luo"``, ``method.sd="Shi"``; ``meta`` takes Wan's
    tables instead of his formula below n = 50. ``estmeansd`` also tries the beta
    distribution under "qe", and simulates under "bc".

    References
    ----------
    .. [1] Wan, Wang, Liu & Tong (2014). BMC Med Res Methodol 14, 135.
       doi:10.1186/1471-2288-14-135
    .. [2] Luo, Wan, Liu & Tong (2018). Stat Methods Med Res 27, 1785-1805.
       doi:10.1177/0962280216669183
    .. [3] Shi et al. (2020). Res Synth Methods 11, 641-654. doi:10.1002/jrsm.1429
    .. [4] McGrath et al. (2020). Stat Methods Med Res 29, 2520-2537.
       doi:10.1177/0962280219889080

    Examples
    --------
    >>> found = mean_sd_from_quantiles(60, median=20.0, q1=14.0, q3=28.0)
    >>> round(found.mean, 3), round(found.sd, 3), found.skewed
    (20.706, 10.634, False)
    """
    given = _checked(n, median, minimum, q1, q3, maximum)
    if method not in METHODS:
        raise problems.unknown_choice("method", "a median", str(method), METHODS)
    skewed = _skewed(given)
    if method in ("luo", "wan"):
        mean, sd, told = _normal(given, method)
    elif method == "qe":
        mean, sd, told = _nearest_distribution(given)
    else:
        mean, sd, told = _box_cox(given)
    note = ""
    if skewed and method in ("luo", "wan"):
        note = "the quantiles are too lopsided for normal data (Shi 2023); try method 'qe' or 'bc'"
    return FromQuantiles(mean, sd, n, told, skewed, note)


def skewness_test(
    n: int,
    *,
    median: float,
    minimum: float | None = None,
    q1: float | None = None,
    q3: float | None = None,
    maximum: float | None = None,
) -> tuple[float, float]:
    """Statistic and its 5 % critical value: above it, the data are not symmetric.

    References
    ----------
    .. [1] Shi et al. (2023). Detecting the skewness of data from the five-number summary and
       its application in meta-analysis. Stat Methods Med Res 32, 1338-1360.
       doi:10.1177/09622802231172043

    Examples
    --------
    >>> statistic, critical = skewness_test(60, median=20.0, q1=14.0, q3=40.0)
    >>> round(statistic, 3), round(critical, 3)
    (0.538, 0.342)
    """
    return _lopsided(_checked(n, median, minimum, q1, q3, maximum))


def _checked(
    n: int,
    median: float,
    minimum: float | None,
    q1: float | None,
    q3: float | None,
    maximum: float | None,
) -> _Quantiles:
    found = _Quantiles(n, minimum, q1, median, q3, maximum)
    values = found.values()
    told = f"n {n}: " + ", ".join(f"{value:g}" for value in values)
    if n < 5:
        raise problems.quantiles_unusable(told, "there are fewer than five people")
    if not all(math.isfinite(value) for value in values):
        raise problems.quantiles_unusable(told, "one is not finite")
    if (minimum is None) != (maximum is None) or (q1 is None) != (q3 is None):
        raise problems.quantiles_unusable(told, "one of a pair is missing")
    if minimum is None and q1 is None:
        raise problems.quantiles_unusable(told, "a median alone tells nothing of the spread")
    if values != sorted(values):
        raise problems.quantiles_unusable(told, "they are not in order")
    if values[0] == values[-1] or (q1 is not None and q1 == q3):
        raise problems.quantiles_unusable(told, "they have no spread")
    return found


def _lopsided(x: _Quantiles) -> tuple[float, float]:
    n = x.n
    ends = quarters = 0.0
    if x.low is not None and x.high is not None:
        ends = abs(x.low + x.high - 2 * x.median) / (x.high - x.low)
    if x.q1 is not None and x.q3 is not None:
        quarters = abs(x.q1 + x.q3 - 2 * x.median) / (x.q3 - x.q1)
    if x.case == "S1":
        return ends, 1.01 / math.log(n + 9) + 2.43 / (n + 1)
    if x.case == "S2":
        return quarters, 2.66 / math.sqrt(n) - 5.92 / n**2
    ends *= 2.65 * math.log(0.6 * n) / math.sqrt(n)
    return max(ends, quarters), 2.97 / math.sqrt(n) - 39.1 / n**3


def _skewed(x: _Quantiles) -> bool:
    statistic, critical = _lopsided(x)
    return statistic > critical


# --- nearly normal data -------------------------------------------------------------------


def _normal(x: _Quantiles, method: str) -> tuple[float, float, str]:
    mean = _wan_mean(x) if method == "wan" else _luo_mean(x)
    shi = x.case == "S3" and method != "wan"
    sd = _shi_sd(x) if shi else _wan_sd(x)
    first = "Wan 2014" if method == "wan" else "Luo 2018"
    return mean, sd, f"mean by {first}, SD by {'Shi 2020' if shi else 'Wan 2014'}"


def _middles(x: _Quantiles) -> tuple[float, float]:
    """Middle of the range and of the quartiles; NaN where not given."""
    ends = math.nan if x.low is None or x.high is None else (x.low + x.high) / 2
    return ends, math.nan if x.q1 is None or x.q3 is None else (x.q1 + x.q3) / 2


def _luo_mean(x: _Quantiles) -> float:
    """Equations 7, 11 and 15 of Luo et al. (2018)."""
    n, (ends, quarters) = x.n, _middles(x)
    if x.case == "S1":
        w = 4 / (4 + math.pow(n, 0.75))
        return w * ends + (1 - w) * x.median
    if x.case == "S2":
        w = 0.7 + 0.39 / n
        return w * quarters + (1 - w) * x.median
    first, second = 2.2 / (2.2 + math.pow(n, 0.75)), 0.7 - 0.72 / math.pow(n, 0.55)
    return first * ends + second * quarters + (1 - first - second) * x.median


def _wan_mean(x: _Quantiles) -> float:
    ends, quarters = _middles(x)
    if x.case == "S1":
        return (ends + x.median) / 2
    if x.case == "S2":
        return (2 * quarters + x.median) / 3
    return (ends + 2 * quarters + x.median) / 4


def _z_of_extremes(n: int) -> float:
    """How far out the largest of n normal values is expected. Blom (1958)."""
    return float(normal_quantile((n - 0.375) / (n + 0.25)))


def _z_of_quartiles(n: int) -> float:
    return float(normal_quantile((0.75 * n - 0.125) / (n + 0.25)))


def _widths(x: _Quantiles) -> tuple[float, float]:
    ends = math.nan if x.low is None or x.high is None else x.high - x.low
    return ends, math.nan if x.q1 is None or x.q3 is None else x.q3 - x.q1


def _wan_sd(x: _Quantiles) -> float:
    """Equations 9, 16 and 13 of Wan et al. (2014)."""
    ends, quarters = _widths(x)
    by_ends, by_quarters = (
        ends / (2 * _z_of_extremes(x.n)),
        quarters / (2 * _z_of_quartiles(x.n)),
    )
    if x.case == "S1":
        return by_ends
    return by_quarters if x.case == "S2" else (by_ends + by_quarters) / 2


def _shi_sd(x: _Quantiles) -> float:
    """The shortcut formula of Shi et al. (2020)."""
    ends, quarters = _widths(x)
    first = (2 + 0.14 * math.pow(x.n, 0.6)) * _z_of_extremes(x.n)
    second = (2 + 2 / (0.07 * math.pow(x.n, 0.6))) * _z_of_quartiles(x.n)
    return ends / first + quarters / second


# --- fitted distributions -----------------------------------------------------------------

# A family of positive values: quantiles at scale 1 for many shapes, shape (m, q), and mean and
# standard deviation at scale 1 for one shape.
_SHAPES = np.geomspace(1e-2, 1e4, 241)


def _log_normal(shapes: Floats, p: Floats) -> Floats:
    return np.exp(normal_quantile(p) / shapes[:, None])


def _gamma(shapes: Floats, p: Floats) -> Floats:
    return np.asarray(special.gammaincinv(shapes[:, None], p))


def _weibull(shapes: Floats, p: Floats) -> Floats:
    return np.asarray((-np.log1p(-p)) ** (1 / shapes[:, None]))


def _log_normal_moments(shape: float) -> tuple[float, float]:
    u = 1 / shape**2
    mean = math.exp(u / 2)
    return mean, mean * math.sqrt(math.expm1(u))


def _gamma_moments(shape: float) -> tuple[float, float]:
    return shape, math.sqrt(shape)


def _weibull_moments(shape: float) -> tuple[float, float]:
    mean = math.gamma(1 + 1 / shape)
    return mean, math.sqrt(max(0.0, math.gamma(1 + 2 / shape) - mean * mean))


_FAMILIES: tuple[
    tuple[str, Callable[[Floats, Floats], Floats], Callable[[float], tuple[float, float]]], ...
] = (
    ("log-normal", _log_normal, _log_normal_moments),
    ("gamma", _gamma, _gamma_moments),
    ("Weibull", _weibull, _weibull_moments),
)


def _nearest_distribution(x: _Quantiles) -> tuple[float, float, str]:
    """Least squares between quantiles; scale by scale in closed form, so one search a family."""
    values, p = np.array(x.values()), x.shares()
    z = normal_quantile(p)
    sd = float(np.sum((z - z.mean()) * values) / np.sum((z - z.mean()) ** 2))
    mean = float(values.mean() - sd * z.mean())
    best = (float(np.sum((values - mean - sd * z) ** 2)), mean, sd, "normal")
    if values[0] > 0:
        for name, quantiles, moments in _FAMILIES:
            shape, scale, miss = _best_shape(quantiles, values, p)
            unit_mean, unit_sd = moments(shape)
            # On a tie (symmetric data) the simpler distribution is kept.
            if miss < best[0] * (1 - 1e-9):
                best = (miss, scale * unit_mean, scale * unit_sd, name)
    return best[1], best[2], f"quantile estimation (McGrath 2020), {best[3]} distribution"


def _best_shape(
    quantiles: Callable[[Floats, Floats], Floats], values: Floats, p: Floats
) -> tuple[float, float, float]:
    """Shape, scale, and sum of squares: a scan of all sizes, then ever finer ones."""
    shapes = _SHAPES
    for _ in range(12):
        with np.errstate(all="ignore"):
            unit = quantiles(shapes, p)
            top = unit.max(axis=1, keepdims=True)
            unit = unit / top  # tiny shapes overflow squares
            scale = unit @ values / np.sum(unit * unit, axis=1)
            miss = np.sum((values - scale[:, None] * unit) ** 2, axis=1)
        miss = np.where(np.isfinite(miss), miss, np.inf)
        i = int(np.argmin(miss))
        low, high = shapes[max(0, i - 1)], shapes[min(len(shapes) - 1, i + 1)]
        found = float(shapes[i]), float(scale[i] / top[i, 0]), float(miss[i])
        shapes = np.linspace(low, high, 41)
    return found


# --- a power that makes the quantiles symmetric ---------------------------------------------

_POWERS = np.linspace(0.0, 10.0, 401)
_GRID = np.linspace(-9.0, 9.0, 3601)
_BELL = np.exp(-_GRID * _GRID / 2)


def _power(values: Floats, power: float) -> Floats:
    """Box and Cox's transformation."""
    return np.log(values) if power == 0 else np.expm1(power * np.log(values)) / power


def _asymmetry(values: Floats, powers: Sequence[float] | Floats) -> Floats:
    """Squared differences of distances from the median, inner and outer pairs, relative."""
    out = []
    for power in powers:
        y = _power(values, float(power))
        y = y / (y[-1] - y[0])
        middle, half = y[len(y) // 2], len(y) // 2
        out.append(sum((y[i] + y[-1 - i] - 2 * middle) ** 2 for i in range(half)))
    return np.array(out)


def _box_cox(x: _Quantiles) -> tuple[float, float, str]:
    values = np.array(x.values())
    if values[0] <= 0:
        told = ", ".join(f"{value:g}" for value in values)
        raise problems.quantiles_unusable(told, "a Box-Cox power needs values above 0")
    unit = values / x.median  # powers of large numbers overflow
    powers = _POWERS
    for _ in range(6):
        miss = _asymmetry(unit, powers)
        i = int(np.argmin(miss))
        power = float(powers[i])
        low, high = powers[max(0, i - 1)], powers[min(len(powers) - 1, i + 1)]
        powers = np.linspace(low, high, 41)
    straight = _power(unit, power)
    names = {"S1": ("low", "median", "high"), "S2": ("q1", "median", "q3")}
    named = dict(zip(names.get(x.case, _ALL_FIVE), straight.tolist(), strict=True))
    nothing = dict.fromkeys(_ALL_FIVE)
    mean, sd, _ = _normal(_Quantiles(n=x.n, **{**nothing, **named}), "luo")
    centre, spread = _unbent(mean, sd, power)
    told = f"Box-Cox power {power:.3f} (McGrath 2020), then Luo 2018"
    return centre * x.median, spread * x.median, told


_ALL_FIVE = ("low", "q1", "median", "q3", "high")


def _unbent(mean: float, sd: float, power: float) -> tuple[float, float]:
    """Mean and standard deviation of what a power made normal; values stay above 0."""
    points, weights = mean + sd * _GRID, _BELL
    if power == 0:
        back = np.exp(points)
    else:
        inside = 1 + power * points > 0
        weights = np.where(inside, weights, 0.0)
        back = np.where(inside, 1 + power * points, 1.0) ** (1 / power)
    weights = weights / weights.sum()
    centre = float(weights @ back)
    return centre, math.sqrt(float(weights @ (back - centre) ** 2))
