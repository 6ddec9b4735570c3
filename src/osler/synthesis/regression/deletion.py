"""The model without each study in turn, all at once."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Bools, Floats
from osler.synthesis.regression.fit import Fit, by_own_weights, stacked
from osler.synthesis.regression.kernel import (
    coefficients,
    covariance,
    leverage,
    project,
    residual_q,
)
from osler.synthesis.regression.scan import found_by, scanned
from osler.synthesis.regression.sums import (
    LARGEST_SQUARES,
    Basis,
    Sums,
    basis_of,
    far_apart,
    sums_without,
)
from osler.synthesis.regression.tau2 import estimate_tau2, problem_of

# Studies x deletions worked on at a time.
_BLOCK = 262_144
# Leverage from which on a study is not taken out of sums by subtraction.
_CARRIED = 0.999


@dataclass(frozen=True, slots=True, eq=False)
class Deletions:
    """Fits without one study; NaN where a coefficient cannot be had without it.

    Attributes
    ----------
    tau2, q, s2 : array of shape (k,)
        ``q`` is Cochran's; ``s2`` the factor of Knapp and Hartung.
    b : array of shape (k, p)
    vcov : array of shape (k, p, p)
        Times ``s2``.
    whole : array of shape (k, p)
        Standard errors that all studies give at the deleted tau2: roots of the diagonal of
        s2 (X'WX)⁻¹.
    fitted_se : array of shape (k,), optional
        Likewise of the study's fitted value. Without weights of one's own the root of
        s2 h (v + tau2) and not kept.
    """

    tau2: Floats
    q: Floats
    s2: Floats
    b: Floats
    vcov: Floats
    whole: Floats
    fitted_se: Floats | None = None


def without_each(fit: Fit) -> Deletions:
    """Fit again without each study; tau2 is estimated anew.

    Notes
    -----
    Sums over all studies less one term, except where variances are far apart or a study all
    but carries a coefficient: little would be left of the sums, and the fits are made anew.
    """
    whole = None if far_apart(fit.v) else basis_of(fit.y, fit.v, fit.design.matrix)
    quick = np.zeros(fit.k, bool)
    # Without residual degrees of freedom there is nothing to estimate tau2 from.
    if whole is not None and fit.k > fit.p + 1 and whole.y @ whole.y < LARGEST_SQUARES:
        quick = whole.leverage < _CARRIED
    width = max(1, _BLOCK // fit.k)
    parts = [(at, _without(fit, at)) for at in _blocks(np.flatnonzero(~quick), width)]
    if whole is not None and quick.any():
        at = np.flatnonzero(quick)
        parts.append((at, _by_sums(fit, whole, at)))
    order = np.argsort(np.concatenate([at for at, _ in parts]))
    joined = (np.concatenate(arrays)[order] for arrays in zip(*(p for _, p in parts), strict=True))
    found = Deletions(*joined)
    return found if fit.own is None else _weighed(fit, fit.own, found)


def _weighed(fit: Fit, own: Floats, found: Deletions) -> Deletions:
    """The same with weights of one's own, on which neither tau2 nor s2 depends."""
    blocks = _blocks(np.arange(fit.k), max(1, _BLOCK // fit.k))
    parts = [_weighed_at(fit, own, found, at) for at in blocks]
    b, vcov, whole, fitted_se = (np.concatenate(p) for p in zip(*parts, strict=True))
    return replace(found, b=b, vcov=vcov, whole=whole, fitted_se=fitted_se)


def _weighed_at(
    fit: Fit, own: Floats, found: Deletions, which: NDArray[np.intp]
) -> tuple[Floats, ...]:
    usable = np.isfinite(found.b[which]).all(axis=1)
    y = np.repeat(fit.y[:, None], which.size, axis=1)
    variance = fit.v[:, None] + np.where(usable, found.tau2[which], 0.0)
    s2 = np.where(usable, found.s2[which], np.nan)
    X, a = stacked(fit.design), np.repeat(own[:, None], which.size, axis=1)
    whole = by_own_weights(y, variance, X, a)[1] * s2
    rows = fit.design.matrix[which]
    a[which, np.arange(which.size)] = 0.0
    with np.errstate(invalid="ignore"):
        b, vcov = by_own_weights(y, variance, X, a)
        return (
            np.where(usable, b, np.nan).T,
            np.moveaxis(vcov * s2, -1, 0),
            np.sqrt(np.einsum("jjm->mj", whole)),
            np.sqrt(np.einsum("mj,jlm,ml->m", rows, whole, rows)),
        )


def _blocks(which: NDArray[np.intp], width: int) -> list[NDArray[np.intp]]:
    return [which[first : first + width] for first in range(0, which.size, width)]


def _by_sums(fit: Fit, whole: Basis, which: NDArray[np.intp]) -> tuple[Floats, ...]:
    """As :func:`_without`, of studies that do not carry a coefficient."""
    sums, unit2, method = sums_without(whole, which), whole.unit**2, fit.tau2_method
    scan = scanned(sums, 0.45 * float(sums.df[0]) if method in ("PM", "PMM", "EB") else np.inf)
    tau2 = found_by(scan, method, _spread_without(fit.y, which) / unit2)
    blocks = _blocks(np.arange(which.size), max(1, _BLOCK // fit.k))
    parts = [_at_own(sums, tau2[part], part) for part in blocks]
    q, b, covariances, whole_covariances = (np.concatenate(p) for p in zip(*parts, strict=True))
    s2 = residual_factors(fit.ci_method, q, sums.df)
    # From the basis back to the moderators.
    back = np.linalg.inv(whole.triangle) * whole.unit
    whole_variances = np.einsum("ij,mjl,il->mi", back, whole_covariances, back)
    return (
        tau2 * unit2,
        scan.figures.q[:, 0],
        s2,
        (b + whole.centre) @ back.T,
        np.einsum("ij,mjl,nl,m->min", back, covariances, back, s2, optimize=True),
        np.sqrt(whole_variances * s2[:, None]),
    )


def _at_own(sums: Sums, tau2: Floats, problem: NDArray[np.intp]) -> tuple[Floats, ...]:
    """Q, coefficients and covariance without a study, then the covariance with it."""
    figures, gram = sums.with_and_without(1.0 / (sums.v + tau2[:, None]), problem)
    one = figures.q[:, 0], figures.coefficients[:, 0], figures.inverse[:, 0]
    return *one, np.asarray(np.linalg.inv(gram))


def _spread_without(y: Floats, which: NDArray[np.intp]) -> Floats:
    """Variance of the other estimates about their plain mean."""
    n = y.size - 1.0
    away = y - y.mean()
    mean = -away[which] / n
    return np.asarray(((away @ away) - away[which] ** 2) / n - mean**2)


def _without(fit: Fit, which: NDArray[np.intp]) -> tuple[Floats, ...]:
    X, columns = stacked(fit.design), np.arange(which.size)
    y = np.repeat(fit.y[:, None], which.size, axis=1)
    v = np.repeat(fit.v[:, None], which.size, axis=1)
    v[which, columns] = np.inf
    problem = problem_of(y, v, X)
    tau2 = estimate_tau2(problem, fit.tau2_method, y)
    usable: Bools = problem.full_rank & np.isfinite(tau2)
    made = project(y, X, 1.0 / (v + np.where(usable, tau2, 0.0)))
    q = residual_q(project(y, X, 1.0 / v))
    s2 = residual_factors(fit.ci_method, residual_q(made), problem.df)
    whole = covariance(project(y, X, 1.0 / (fit.v[:, None] + np.where(usable, tau2, 0.0))))
    gone = np.where(usable, 0.0, np.nan)
    return (
        tau2,
        q + gone,
        s2 + gone,
        (coefficients(made) + gone).T,
        np.moveaxis(covariance(made) * s2 + gone, -1, 0),
        np.sqrt(np.einsum("jjm->mj", whole) * s2[:, None]) + gone[:, None],
    )


def residual_factors(ci_method: str, q: Floats, df: Floats) -> Floats:
    """Knapp and Hartung's factor, for many fits."""
    if ci_method not in ("HKSJ", "HKSJ-adhoc"):
        return np.ones_like(q)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(df > 0, q / df, np.nan)
    return np.maximum(1.0, factor) if ci_method == "HKSJ-adhoc" else factor


def leverages(fit: Fit) -> Floats:
    """How far each estimate pulls its own fitted value, shape (k,); they add up to p."""
    w = fit.weights
    return leverage(project(fit.y, fit.design.matrix.T, w / w.max()))
