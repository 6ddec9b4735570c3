"""The model without each study in turn, all at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Bools, Floats
from osler.synthesis.regression.fit import Fit, stacked
from osler.synthesis.regression.kernel import (
    coefficients,
    covariance,
    leverage,
    project,
    residual_q,
)
from osler.synthesis.regression.tau2 import estimate_tau2, problem_of

# Studies x deletions worked on at a time.
_BLOCK = 262_144


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
        Roots of the diagonal of s2 (X'WX)⁻¹ over all studies, at the deleted tau2.
    """

    tau2: Floats
    q: Floats
    s2: Floats
    b: Floats
    vcov: Floats
    whole: Floats


def without_each(fit: Fit) -> Deletions:
    """Fit again without each study; tau2 is estimated anew."""
    stride = max(1, _BLOCK // fit.k)
    parts = [
        _without(fit, np.arange(first, min(first + stride, fit.k)))
        for first in range(0, fit.k, stride)
    ]
    joined = [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]
    return Deletions(*joined)


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
    w = 1.0 / (fit.v + fit.tau2)
    return leverage(project(fit.y, fit.design.matrix.T, w / w.max()))
