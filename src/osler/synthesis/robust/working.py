"""What a robust variance needs to know of a fitted model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats
from osler.synthesis.multilevel.layout import joined
from osler.synthesis.multilevel.model import Multilevel
from osler.synthesis.regression.model import Regression

Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class WorkingModel:
    """A linear model fitted by generalised least squares.

    Attributes
    ----------
    names : tuple of str
        Of the coefficients.
    beta : array of shape (p,)
    X : array of shape (n, p)
    y : array of shape (n,)
    weighted : function
        W U for an array U of shape (n, c).
    groups : array of shape (n,)
        Estimates of different groups have no weight in common; 0 ... n − 1 where the
        weights are diagonal.
    weight_blocks, target_blocks : functions
        Blocks of W and of the working covariance for lists of rows.
    columns : mapping
        Of the data, to look clusters up in.
    level : float
    measure : str
    """

    names: tuple[str, ...]
    beta: Floats
    X: Floats
    y: Floats
    weighted: Callable[[Floats], Floats]
    groups: Codes
    weight_blocks: Callable[[Sequence[Codes]], list[Floats]]
    target_blocks: Callable[[Sequence[Codes]], list[Floats]]
    columns: dict[str, list[object]]
    level: float
    measure: str = ""


def working_model(
    names: Sequence[str],
    X: Floats,
    y: Floats,
    weights: Floats,
    *,
    variances: Floats | None = None,
    columns: dict[str, list[object]] | None = None,
    level: float = 0.95,
    measure: str = "",
) -> WorkingModel:
    """The working model of a meta-regression with independent estimates.

    Parameters
    ----------
    names : sequence of str, length p
    X : array of shape (n, p)
    y, weights : arrays of shape (n,)
    variances : array of shape (n,), optional
        Marginal variances (v + τ²); without, the inverse of the weights.
    columns, level, measure
        Kept for looking clusters up and for the report.

    Examples
    --------
    >>> model = working_model(["Intercept"], np.ones((3, 1)), np.array([1.0, 2.0, 6.0]), np.ones(3))
    >>> model.beta
    array([3.])
    """
    w = np.asarray(weights, float)
    phi = 1.0 / w if variances is None else np.asarray(variances, float)
    beta = np.linalg.solve((X.T * w) @ X, (X.T * w) @ y)
    return WorkingModel(
        tuple(names),
        beta,
        X,
        y,
        lambda U: (w * U.T).T,
        np.arange(y.size),
        lambda rows: [np.diag(w[r]) for r in rows],
        lambda rows: [np.diag(phi[r]) for r in rows],
        columns or {},
        level,
        measure,
    )


def working_of_regression(fit: Regression) -> WorkingModel:
    """The working model of a meta-regression: variances v + tau², weights those of the fit."""
    return working_model(
        fit.names,
        fit.design.matrix,
        fit.fit.y,
        fit.fit.weights,
        variances=fit.fit.v + fit.fit.tau2,
        level=fit.level,
        measure=fit.measure,
    )


def working_of(fit: Multilevel) -> WorkingModel:
    """The working model of a multilevel fit: weights are the inverse marginal covariance."""
    problem, marginal = fit.fitted.problem, fit.fitted.marginal
    terms = list(zip(fit.fitted.solution.setting.terms, marginal.covariances, strict=True))
    sampling = problem.sampling
    groups = joined([sampling.components(), *(term.outer for term, _ in terms)])
    by_row: dict[int, list[int]] = {}
    for entry, row in enumerate(sampling.rows.tolist()):
        by_row.setdefault(row, []).append(entry)

    def covariance(rows: Codes) -> Floats:
        M = np.diag(sampling.variances[rows])
        place = {int(row): i for i, row in enumerate(rows)}
        for row, i in place.items():
            for entry in by_row.get(row, ()):
                j = place.get(int(sampling.columns[entry]))
                if j is not None:
                    M[i, j] = sampling.covariances[entry]
        for term, T in terms:
            same = term.outer[rows][:, None] == term.outer[rows]
            if term.loadings is None:
                inner = term.inner[rows]
                M += same * T[np.ix_(inner, inner)]
            else:
                M += same * (term.loadings[rows] @ T @ term.loadings[rows].T)
        return M

    return WorkingModel(
        tuple(c.name for c in fit.coefficients),
        marginal.fixed.beta,
        problem.X,
        problem.y,
        marginal.times,
        groups,
        lambda blocks: [np.asarray(np.linalg.inv(covariance(rows))) for rows in blocks],
        lambda blocks: [covariance(rows) for rows in blocks],
        fit.fitted.columns,
        fit.level,
        fit.measure,
    )
