r"""One regression: the :math:`\tau^2` at which its residual Q has a given value."""

import math
from collections.abc import Sequence

import numpy as np
from scipy.linalg import lapack

from osler.core.arrays import Floats
from osler.core.quantiles import chi2_quantile
from osler.synthesis.regression.kernel import coefficients, project

# Newton's step squares the error: one this small, relative to 1 + tau2, is the last.
_LAST_STEP, _MOST_STEPS = 1e-7, 200


def tau2_interval(y: Floats, v: Floats, X: Floats, level: float) -> tuple[float, float]:
    r"""All :math:`\tau^2` that the residual Q, chi-squared with k - p, does not contradict.

    Parameters
    ----------
    y, v : array of shape (k,)
    X : array of shape (k, p)
        Of full rank.
    level : float

    Returns
    -------
    lower, upper : float
        On the scale of the data; NaN where k is p.

    References
    ----------
    .. [1] Viechtbauer (2007). Stat Med 26, 37-52. doi:10.1002/sim.2514
    .. [2] Jackson, Turner, Rhodes & Viechtbauer (2014). BMC Med Res Methodol 14, 103.
       doi:10.1186/1471-2288-14-103

    Examples
    --------
    >>> y, v = np.array([0.1, 0.3, 0.9, 0.7]), np.array([0.04, 0.02, 0.03, 0.05])
    >>> lower, upper = tau2_interval(y, v, np.ones((4, 1)), 0.95)
    >>> round(lower, 4), round(upper, 4)
    (0.0092, 1.8186)
    """
    df = y.size - X.shape[1]
    if not df:
        return math.nan, math.nan
    ends = [float(chi2_quantile(0.5 + side * level / 2.0, df)) for side in (1.0, -1.0)]
    lower, upper = tau2_where_q_is(y, v, X, ends)
    return lower, upper


def tau2_where_q_is(y: Floats, v: Floats, X: Floats, targets: Sequence[float]) -> list[float]:
    r"""The :math:`\tau^2` at which Q is each of the targets; 0 where Q(0) is not above it.

    Parameters
    ----------
    y, v : array of shape (k,)
    X : array of shape (k, p)
        Of full rank.
    targets : sequence of float
        Above 0.

    Returns
    -------
    list of float
        On the scale of the data.

    Notes
    -----
    Newton's method on 1 / Q, which is concave in :math:`\tau^2`, so that from 0 no step passes
    the root: :func:`osler.synthesis.tau2.pm.tau2_where_q_is` has the proof, which holds for
    every Q that is a sum of :math:`z_j^2 / (d_j + \tau^2)`, as this one is
    (:class:`~osler.synthesis.regression.scan.Scan`).
    """
    unit2 = float(v.min())
    y, v = y / math.sqrt(unit2), v / unit2
    # The residuals of the fit itself are inexact where its weights are next to nothing.
    centred = y - coefficients(project(y, X.T, 1.0 / v)).dot(X.T)
    rows = np.vstack([X.T, centred])
    at_0 = _q_and_slope(rows, v)
    return [_root(rows, v, target, *at_0) * unit2 for target in targets]


def _root(rows: Floats, v: Floats, target: float, q: float, slope: float) -> float:
    """From Q and its slope at 0."""
    tau2 = 0.0
    for _ in range(_MOST_STEPS):
        step = q / target * ((target - q) / slope) if q > target else 0.0
        tau2 += step
        if step <= _LAST_STEP * (1.0 + tau2):
            break
        q, slope = _q_and_slope(rows, v + tau2)
    return tau2


def _q_and_slope(rows: Floats, variance: Floats) -> tuple[float, float]:
    """Residual Q of the last row on the others, and how it changes with all variances."""
    p = len(rows) - 1
    w = 1.0 / variance
    triangle = lapack.dgeqrf((rows * np.sqrt(w)).T)[0]
    b = lapack.dtrtrs(triangle[:p, :p], triangle[:p, p])[0]
    pulled = w * (rows[p] - b.dot(rows[:p]))
    return triangle[p, p].item() ** 2, -pulled.dot(pulled).item()
