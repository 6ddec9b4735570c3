r"""The model without some of its rows, and what it says of these.

Variance components are searched for anew, or kept as they were. With the rows d that stay and
the rows c that are left out, and everything estimated from d,

.. math:: e_c = y_c - X_c b, \quad
          \mathrm{Var}(e_c) = M_{cc} + X_c V X_c' - C - C', \quad C = X_c V X_d' M_{dd}^{-1} M_{dc}

where C is 0 if the rows left out share nothing random with the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Bools, Floats
from osler.synthesis.multilevel.blocks import NotDefiniteError, inverse_at
from osler.synthesis.multilevel.core import (
    Fixed,
    Marginal,
    Problem,
    component_values,
    fixed_of,
    marginal_of,
    solve_near,
)
from osler.synthesis.multilevel.fitted import Fitted
from osler.synthesis.multilevel.layout import layout_of
from osler.synthesis.multilevel.likelihood import scaled
from osler.synthesis.multilevel.placing import Placed

Codes = NDArray[np.intp]
# A covariance matrix whose smallest eigenvalue is below this part of the largest has no inverse.
_SINGULAR = 1e-10


@dataclass(frozen=True, slots=True)
class Deletion:
    """A fit without some rows, and what it expects of them.

    Attributes
    ----------
    beta : array of shape (p,)
    se_of_all : array of shape (p,)
        Standard errors that all rows give with the components of this fit.
    residuals : array of shape (c,)
        Of the rows left out.
    covariance : array of shape (c, c)
        Of these residuals; NaN where a level of theirs is in no other row.
    components : mapping of str to float
    """

    beta: Floats
    se_of_all: Floats
    residuals: Floats
    covariance: Floats
    components: Mapping[str, float]


def without(fitted: Fitted, rows: Codes, *, reestimate: bool) -> Deletion | None:
    """The fit without these rows; None where a coefficient cannot be had without them."""
    whole = fitted.problem
    keep = np.ones(whole.y.size, bool)
    keep[rows] = False
    less = _kept(whole, keep)
    if not _determined(less.X):
        return None
    try:
        at, components = _refitted(fitted, less, reestimate)
        of_all = _of_all(fitted, at.covariances) if reestimate else fitted.marginal.fixed
    except NotDefiniteError:
        return None
    covariance = _of_residuals(whole, less, at, rows, np.flatnonzero(keep))
    if _loses_a_level(whole, keep, rows):
        covariance = np.full_like(covariance, np.nan)
    return Deletion(
        at.fixed.beta,
        np.sqrt(np.diag(of_all.covariance)),
        whole.y[rows] - whole.X[rows] @ at.fixed.beta,
        covariance,
        components,
    )


def _refitted(
    fitted: Fitted, less: Problem, reestimate: bool
) -> tuple[Marginal, Mapping[str, float]]:
    """The fit to less, and its components."""
    solution = fitted.solution
    known = dict(zip(solution.setting.names, component_values(solution), strict=True))
    if reestimate and less.terms:
        hold = {name: known[name] for name in solution.setting.held}
        found = solve_near(less, hold, solution)
        named = zip(found.setting.names, component_values(found), strict=True)
        return marginal_of(found), dict(named)
    T, data = fitted.marginal.covariances, scaled(less.y, less.X, less.sampling)
    inverse = inverse_at(layout_of(less.terms, data.sampling), [t / data.unit**2 for t in T])
    return Marginal(inverse, T, data, fixed_of(data, inverse)), known


def _of_all(fitted: Fitted, T: tuple[Floats, ...]) -> Fixed:
    """Coefficients from all rows, with the components of another fit."""
    data, layout = fitted.marginal.data, fitted.marginal.inverse.layout
    return fixed_of(data, inverse_at(layout, [t / data.unit**2 for t in T]))


def _of_residuals(
    whole: Problem, less: Problem, at: Marginal, rows: Codes, others: Codes
) -> Floats:
    """Covariance of the residuals of rows that a fit to the others leaves."""
    X, V, T = whole.X[rows], at.fixed.covariance, at.covariances
    covariance = between(whole, T, rows, rows) + X @ V @ X.T
    shared = between(whole, T, others, rows)
    if not shared.any():
        return np.asarray(covariance)
    crossed = X @ V @ (less.X.T @ at.times(shared))
    return np.asarray(covariance - crossed - crossed.T)


def between(problem: Problem, T: tuple[Floats, ...], rows: Codes, columns: Codes) -> Floats:
    """The part of the marginal covariance in these rows and columns."""
    sampling = problem.sampling
    at_row, at_column = _places(rows, problem.y.size), _places(columns, problem.y.size)
    out = np.zeros((rows.size, columns.size))
    both = np.intersect1d(rows, columns)
    out[at_row[both], at_column[both]] = sampling.variances[both]
    i, j = at_row[sampling.rows], at_column[sampling.columns]
    here = (i >= 0) & (j >= 0)
    out[i[here], j[here]] = sampling.covariances[here]
    for term, covariance in zip(problem.terms, T, strict=True):
        same = term.outer[rows][:, None] == term.outer[columns]
        if term.loadings is None:
            out += same * covariance[term.inner[rows][:, None], term.inner[columns]]
        else:
            out += same * (term.loadings[rows] @ covariance @ term.loadings[columns].T)
    return out


def quadratic(e: Floats, covariance: Floats) -> float:
    """Residuals measured by their covariance, e' S⁻¹ e; NaN where S has no inverse."""
    if not np.isfinite(covariance).all():
        return float("nan")
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2.0)
    if values[0] <= _SINGULAR * values[-1]:
        return float("nan")
    along = vectors.T @ e
    return float((along * along / values).sum())


def _places(rows: Codes, n: int) -> Codes:
    """Position of each row of the data among these, or -1."""
    out = np.full(n, -1)
    out[rows] = np.arange(rows.size)
    return out


def _determined(X: Floats) -> bool:
    n, p = X.shape
    length = np.linalg.norm(X, axis=0)
    return bool(n > p and (length > 0).all() and np.linalg.matrix_rank(X / length) == p)


def _kept(problem: Problem, keep: Bools) -> Problem:
    terms = tuple(_kept_of(term, keep) for term in problem.terms)
    sampling = problem.sampling.kept(keep)
    return Problem(problem.y[keep], problem.X[keep], sampling, terms, problem.restricted)


def _kept_of(term: Placed, keep: Bools) -> Placed:
    """The term on some of the rows; groups that are gone are forgotten, levels are not."""
    groups, outer = np.unique(term.outer[keep], return_inverse=True)
    return replace(
        term,
        outer=outer.ravel(),
        inner=term.inner[keep],
        loadings=None if term.loadings is None else term.loadings[keep],
        groups=tuple(term.groups[g] for g in groups),
    )


def _loses_a_level(problem: Problem, keep: Bools, rows: Codes) -> bool:
    """Whether a level with a variance of its own is in no row that stays."""
    return any(
        term.kind in ("UN", "DIAG", "HCS", "HAR")
        and not np.isin(term.inner[rows], term.inner[keep]).all()
        for term in problem.terms
    )
