r"""A weighted straight line through the studies, and the spread left around it.

Everything is O(k): with weights :math:`w_i` the predictor is centred on its weighted mean, so
that slope and height are uncorrelated and no matrix is formed. Arrays may carry a leading
axis of trial values of tau2; studies are the last axis.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.core.roots import newton_in_bracket

# Distance of scan points in log(smallest variance + tau2), as for pooling: the score has no
# room to turn twice in a step.
_SCAN_STEP = 0.25

TAU2_METHODS = ("REML", "ML", "DL", "HE", "PM", "EB")


@dataclass(frozen=True, slots=True)
class Line:
    """y = height + slope (x - centre); ``intercept`` is where x is 0.

    Variances are those under weights that are exact reciprocals of variances.
    """

    slope: float
    slope_variance: float
    intercept: float
    intercept_variance: float
    covariance: float
    q: float


def fit_line(y: Floats, x: Floats, w: Floats) -> Line:
    """Weighted least squares of ``y`` on ``x``, all of shape (k,); ``x`` must vary.

    Examples
    --------
    >>> line = fit_line(np.array([1.0, 2.0, 4.0]), np.array([0.0, 1.0, 2.0]), np.ones(3))
    >>> round(line.slope, 6), round(line.intercept, 6), round(line.q, 6)
    (1.5, 0.833333, 0.166667)
    """
    total = w.sum()
    centre, height = (w * x).sum() / total, (w * y).sum() / total
    spread = (w * (x - centre) ** 2).sum()
    slope = (w * (x - centre) * (y - height)).sum() / spread
    residual = y - height - slope * (x - centre)
    return Line(
        slope=float(slope),
        slope_variance=float(1.0 / spread),
        intercept=float(height - slope * centre),
        intercept_variance=float(1.0 / total + centre * centre / spread),
        covariance=float(-centre / spread),
        q=float((w * residual * residual).sum()),
    )


@dataclass(frozen=True, slots=True)
class _Sums:
    """What every estimator of tau2 is made of, shape (n,) or ().

    ``q`` = y'Py, ``pulled`` = y'PPy, ``thrice`` = y'PPPy, ``trace`` = tr P,
    ``trace2`` = tr PP, ``weight`` and ``weight2`` = sums of w and of its square.
    """

    q: Floats
    pulled: Floats
    thrice: Floats
    trace: Floats
    trace2: Floats
    weight: Floats
    weight2: Floats


def _sums(y: Floats, x: Floats, v: Floats, tau2: Floats) -> _Sums:
    w = 1.0 / (v + tau2[..., None])
    total = w.sum(-1, keepdims=True)
    a = 1.0 / np.sqrt(total)
    offset = x - (w * x).sum(-1, keepdims=True) / total
    b = offset / np.sqrt((w * offset * offset).sum(-1, keepdims=True))
    residual = y - a * (w * a * y).sum(-1, keepdims=True)
    residual = residual - b * (w * b * residual).sum(-1, keepdims=True)
    u = w * residual
    leverage = a * a + b * b
    aa, bb, ab = ((w * w * f).sum(-1) for f in (a * a, b * b, a * b))
    return _Sums(
        q=(u * residual).sum(-1),
        pulled=(u * u).sum(-1),
        thrice=(w * u * u).sum(-1) - (w * a * u).sum(-1) ** 2 - (w * b * u).sum(-1) ** 2,
        trace=w.sum(-1) - (w * w * leverage).sum(-1),
        trace2=(w * w).sum(-1)
        - 2.0 * (w**3 * leverage).sum(-1)
        + (aa * aa + bb * bb + 2.0 * ab * ab),
        weight=w.sum(-1),
        weight2=(w * w).sum(-1),
    )


def residual_tau2(y: Floats, x: Floats, v: Floats, method: str) -> float:
    r"""Spread between studies left around a straight line, k >= 3.

    Parameters
    ----------
    y, x, v : array of shape (k,)
        Estimates, predictor and variances; ``x`` varies.
    method : {"REML", "ML", "DL", "HE", "PM", "EB"}
        "PM" and "EB" are two names of one estimator.

    Returns
    -------
    float
        A variance, 0 or above. For "REML" and "ML" the highest of all maxima: the score is
        scanned over everything that can hold one, then polished.

    Notes
    -----
    Equals tau2 of metafor's ``rma(yi, vi, mods = ~ x, method = ...)``.

    References
    ----------
    .. [1] Raudenbush (2009). In: The Handbook of Research Synthesis and Meta-Analysis,
       2nd ed., chapter 16.
    """
    unit = v.min()
    scale = np.sqrt(unit)
    y, v = (y - y.mean()) / scale, v / unit
    x = (x - x.mean()) / np.ptp(x)
    df = y.size - 2.0
    if method in ("DL", "HE"):
        return float(unit * max(0.0, _moments(y, x, v, method, df)))
    ols = _sums(y, x, np.ones_like(v), np.zeros(()))
    # Beyond this every score is below 0, by the extreme eigenvalues of P.
    s = ols.q / df
    top = 1.001 * (s + np.sqrt(s * v.max()))
    score = {"REML": _reml_score, "ML": _ml_score}.get(method, _paule_mandel(df))
    return float(unit * _highest(y, x, v, score, float(top), method))


_Score = Callable[[_Sums], tuple[Floats, Floats]]


def _reml_score(s: _Sums) -> tuple[Floats, Floats]:
    return s.pulled - s.trace, s.trace2 - 2.0 * s.thrice


def _ml_score(s: _Sums) -> tuple[Floats, Floats]:
    return s.pulled - s.weight, s.weight2 - 2.0 * s.thrice


def _paule_mandel(df: float) -> _Score:
    return lambda s: (s.q - df, -s.pulled)


def _moments(y: Floats, x: Floats, v: Floats, method: str, df: float) -> float:
    if method == "DL":
        s = _sums(y, x, v, np.zeros(()))
        return float((s.q - df) / s.trace)
    ones = np.ones_like(v)
    s = _sums(y, x, ones, np.zeros(()))
    offset = x - x.mean()
    leverage = 1.0 / y.size + offset**2 / (offset**2).sum()
    return float((s.q - (v * (1.0 - leverage)).sum()) / df)


def _highest(y: Floats, x: Floats, v: Floats, score: _Score, top: float, method: str) -> float:
    points = 2 + int(np.log1p(top) / _SCAN_STEP)
    grid = np.expm1(np.linspace(0.0, np.log1p(top), points))
    value = score(_sums(y, x, v, grid))[0]
    turns = np.flatnonzero((value[:-1] > 0) & (value[1:] <= 0))
    found = [0.0] if value[0] <= 0 or not turns.size else []
    for i in turns:
        found.append(_polished(y, x, v, score, grid[i : i + 2]))
    if len(found) == 1:
        return found[0]
    heights = [_height(y, x, v, tau2, method) for tau2 in found]
    return found[int(np.argmax(heights))]


def _polished(y: Floats, x: Floats, v: Floats, score: _Score, bracket: Floats) -> float:
    lower, upper = bracket[:1], bracket[1:]

    def at(tau2: Floats) -> tuple[Floats, Floats]:
        return score(_sums(y, x, v, tau2))

    return float(newton_in_bracket(at, lower, upper, 0.5 * (lower + upper), 1.0 + upper)[0])


def _height(y: Floats, x: Floats, v: Floats, tau2: float, method: str) -> float:
    """Log-likelihood without constants."""
    w = 1.0 / (v + tau2)
    offset = x - (w * x).sum() / w.sum()
    value = 0.5 * np.log(w).sum() - 0.5 * _sums(y, x, v, np.array(tau2)).q
    if method == "REML":
        value -= 0.5 * np.log(w.sum()) + 0.5 * np.log((w * offset**2).sum())
    return float(value)
