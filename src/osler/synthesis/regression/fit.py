r"""Coefficients, their covariance, tests and intervals, once tau2 is known."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.quantiles import (
    chi2_tail,
    normal_quantile,
    normal_two_sided,
    t_quantile,
    t_two_sided,
)
from osler.synthesis import problems as shared
from osler.synthesis.regression.design import Design
from osler.synthesis.regression.kernel import (
    Projection,
    coefficients,
    inverse_triangle,
    project,
)

CI_METHODS = ("HKSJ", "HKSJ-adhoc", "t", "Wald")


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A weighted regression in arrays; the results of this package are made from it.

    Attributes
    ----------
    y, v : array of shape (k,)
    design : Design
    tau2 : array of shape (k,)
        Variance between studies, the same for all but in location-scale models.
    tau2_method, ci_method : str
    level : float
    b : array of shape (p,)
    vcov : array of shape (p, p)
        With the factor ``s2`` of Knapp and Hartung, where that is used.
    s2 : float
        Residual variance per degree of freedom, by which ``vcov`` was multiplied; 1 without.
    df : float
        Of t and of the denominator of F; infinite for Wald.
    projection : Projection
        Of the estimates, with weights 1 / (v + tau2) of which the largest is 1.
    own : array of shape (k,), optional
        Weights of one's own, the largest 1, where they are not the inverse variances.
    """

    y: Floats
    v: Floats
    design: Design
    tau2: Floats
    tau2_method: str
    ci_method: str
    level: float
    b: Floats
    vcov: Floats
    s2: float
    df: float
    projection: Projection
    own: Floats | None = None

    @property
    def k(self) -> int:
        return int(self.y.size)

    @property
    def p(self) -> int:
        return self.design.p

    @property
    def se(self) -> Floats:
        return np.sqrt(np.diag(self.vcov))

    @property
    def fitted(self) -> Floats:
        return np.asarray(self.design.matrix @ self.b)

    @property
    def weights(self) -> Floats:
        return 1.0 / (self.v + self.tau2) if self.own is None else self.own


@dataclass(frozen=True, slots=True)
class Tested:
    """Numbers of one test: F with ``df1`` and ``df2``, or chi-squared where ``df2`` is infinite."""

    statistic: float
    df1: int
    df2: float
    p_value: float


def column_of(values: Floats) -> Floats:
    """One problem: shape (k, 1)."""
    return values[:, None]


def stacked(design: Design) -> Floats:
    """The design as the kernel wants it: shape (p, k, 1)."""
    return np.ascontiguousarray(design.matrix.T)[:, :, None]


def weighted(
    y: Floats,
    v: Floats,
    design: Design,
    tau2: Floats,
    *,
    tau2_method: str,
    ci_method: str,
    level: float,
    own: Floats | None = None,
) -> Fit:
    """Weighted least squares with weights 1 / (v + tau2), fitted twice for the last digits.

    With weights of one's own ``s2`` still comes from 1 / (v + tau2); coefficients and their
    covariance are those of :func:`by_own_weights`.
    """
    X, variance = design.matrix.T, v + tau2
    w = 1.0 / variance
    scale = w.max()
    made = project(y, X, w / scale)
    inverse = inverse_triangle(made)
    b = inverse.dot(made.effects)
    b = b + inverse.dot(made.basis.dot(np.sqrt(made.weights) * (y - b.dot(X))))
    residual = y - b.dot(X)
    df = y.size - design.p
    s2 = _factor(ci_method, float(w.dot(residual * residual)), df)
    plain = inverse.dot(inverse.T) / scale
    if own is not None:
        b, plain = by_own_weights(y, variance, X, own)
    vcov = s2 * plain
    vcov.flags.writeable = False
    return Fit(
        y, v, design, tau2, tau2_method, ci_method, level, b, vcov, s2,
        math.inf if ci_method == "Wald" else float(df), made, own,
    )  # fmt: skip


def by_own_weights(y: Floats, variance: Floats, X: Floats, own: Floats) -> tuple[Floats, Floats]:
    r"""Coefficients with weights that need not be inverse variances, and their covariance.

    .. math:: b = B y, \quad B = (X'AX)^{-1} X'A, \quad V = B\,\mathrm{diag}(v_i + \tau^2)\,B'

    Parameters
    ----------
    y, variance : array of shape (k, *batch)
        ``variance`` is that of an estimate, v + tau2; where a weight is 0 it must be finite.
    X : array of shape (p, k, *batch)
    own : array of shape (k, *batch)

    Returns
    -------
    coefficients : array of shape (p, *batch)
    covariance : array of shape (p, p, *batch)

    Examples
    --------
    >>> y, ones = np.array([1.0, 3.0]), np.ones((1, 2))
    >>> b, V = by_own_weights(y, np.array([0.1, 0.3]), ones, np.ones(2))
    >>> b.round(3), V.round(3)
    (array([2.]), array([[0.1]]))
    """
    made = project(y, X, own)
    inverse = inverse_triangle(made)
    rows = np.einsum("ij...,jk...->ik...", inverse, made.basis * np.sqrt(own))
    vcov = np.einsum("ik...,k...,jk...->ij...", rows, variance, rows)
    return coefficients(made), np.asarray(vcov)


def _factor(ci_method: str, q: float, df: int) -> float:
    if ci_method == "HKSJ":
        return q / df
    if ci_method == "HKSJ-adhoc":
        return max(1.0, q / df)
    return 1.0


@lru_cache(maxsize=128)
def quantile(level: float, df: float) -> float:
    """Two-sided quantile of t, or of the normal where ``df`` is infinite."""
    p = 0.5 + level / 2.0
    return float(normal_quantile(p) if math.isinf(df) else t_quantile(p, np.array(df)))


def two_sided(statistic: Floats, df: float) -> Floats:
    return normal_two_sided(statistic) if math.isinf(df) else t_two_sided(statistic, df)


def ratio(estimate: Floats, se: Floats) -> Floats:
    """Estimate over standard error; infinite, or NaN, where the latter is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(estimate / se)


def f_tail(f: float, df1: float, df2: float) -> float:
    """Probability that F is at least ``f``.

    Examples
    --------
    >>> round(f_tail(3.0, 2, 10), 6)
    0.095367
    """
    if math.isnan(f):
        return math.nan
    if math.isinf(f):
        return 0.0
    return float(special.betainc(df2 / 2.0, df1 / 2.0, df2 / (df2 + df1 * f)))


def wald_test(b: Floats, vcov: Floats, df: float) -> Tested:
    """Whether all of ``b`` is 0: F where ``df`` is finite, else chi-squared.

    Parameters
    ----------
    b : array of shape (m,)
    vcov : array of shape (m, m)
    df : float
    """
    m = b.size
    if not m:
        return Tested(math.nan, 0, df, math.nan)
    scale = np.sqrt(np.diag(vcov))
    if not (np.isfinite(scale).all() and (scale > 0).all()):
        return Tested(math.nan, m, df, math.nan)
    z = b / scale
    statistic = float(z @ np.linalg.solve(vcov / np.outer(scale, scale), z))
    if math.isinf(df):
        return Tested(statistic, m, df, float(chi2_tail(statistic, m)))
    return Tested(statistic / m, m, df, f_tail(statistic / m, m, df))


def chosen(kind: str, given: str, known: tuple[str, ...]) -> str:
    """A method by its name, whatever its capitals.

    Raises
    ------
    DataError
        Where it is not known (SYN005).
    """
    if given in known:
        return given
    for name in known:
        if str(given).lower() == name.lower():
            return name
    raise DataError(shared.unknown_method(kind, str(given), ", ".join(known)))
