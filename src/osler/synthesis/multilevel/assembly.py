"""From the end of a search to the result a reader sees."""

from collections.abc import Sequence

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.quantiles import chi2_tail
from osler.synthesis.multilevel import problems
from osler.synthesis.multilevel.components import Component, components_of
from osler.synthesis.multilevel.core import (
    Problem,
    Residual,
    Solution,
    free_count,
    marginal_of,
    residual_of,
)
from osler.synthesis.multilevel.fitted import Choices, Fitted, quantiles, two_sided, wald_tail
from osler.synthesis.multilevel.fixed import Design
from osler.synthesis.multilevel.model import Coefficient, Criteria, Multilevel, Omnibus, Share
from osler.synthesis.multilevel.placing import Placed


def assemble(
    problem: Problem,
    solution: Solution,
    design: Design,
    choices: Choices,
    studies: tuple[str, ...],
    tested: Sequence[int] | None,
    notes: tuple[str, ...],
    columns: dict[str, list[object]],
) -> Multilevel:
    """Coefficients, tests, components and criteria of a solved model."""
    marginal = marginal_of(solution)
    df = degrees_of_freedom(problem, choices)
    fitted = Fitted(problem, solution, marginal, design, choices, df, columns)
    components = components_of(
        solution.setting, solution.maximum.z, solution.maximum.hessian, marginal.data.unit
    )
    n, p = problem.X.shape
    residual = residual_of(marginal.data)
    covariance = marginal.fixed.covariance.copy()
    covariance.setflags(write=False)
    return Multilevel(
        measure=choices.measure,
        formula=design.formula,
        terms=tuple(f"{term.label} ({_kind(term)})" for term in problem.terms),
        studies=studies,
        coefficients=_coefficients(fitted),
        covariance=covariance,
        components=components,
        omnibus=_omnibus(fitted, tested),
        criteria=_criteria(solution, n, p),
        q=residual.q,
        q_df=n - p,
        q_p_value=float(chi2_tail(residual.q, n - p)),
        i2=_shares(problem, fitted, components, residual),
        method=choices.method,
        test=choices.test,
        df_method=choices.df if isinstance(choices.df, str) else "given",
        level=choices.level,
        notes=notes + solution.setting.notes + _notes(solution, components),
        fitted=fitted,
    )


def _kind(term: Placed) -> str:
    return {"intercept": "random intercept", "related": "known correlations", "GEN": "slopes"}.get(
        term.kind, term.kind
    )


def degrees_of_freedom(problem: Problem, choices: Choices) -> Floats:
    """Of each coefficient; infinite for the normal distribution."""
    n, p = problem.X.shape
    if choices.test == "z":
        return np.full(p, np.inf)
    if not isinstance(choices.df, str):
        if len(choices.df) != p:
            found = f"{len(choices.df)} degrees of freedom for {p} coefficients"
            raise DataError(problems.sizes_disagree(found))
        return np.array(choices.df, float)
    if choices.df == "residual":
        return np.full(p, float(n - p))
    return np.array([_contained(problem, j) for j in range(p)])


def _contained(problem: Problem, j: int) -> float:
    """Groups of the term within whose groups the column does not vary, less p; least of these."""
    n, p = problem.X.shape
    x = problem.X[:, j]
    found = [float(n - p)]
    for term in problem.terms:
        outer = term.inner if term.kind == "related" else term.outer
        size = int(outer.max()) + 1
        low, high = np.full(size, np.inf), np.full(size, -np.inf)
        np.minimum.at(low, outer, x)
        np.maximum.at(high, outer, x)
        if np.all(low == high):
            found.append(float(size - p))
    return min(found)


def _coefficients(fitted: Fitted) -> tuple[Coefficient, ...]:
    beta = fitted.marginal.fixed.beta
    se = np.sqrt(np.diag(fitted.marginal.fixed.covariance))
    statistic = beta / se
    p = two_sided(statistic, fitted.df)
    half = quantiles(fitted.choices.level, fitted.df) * se
    return tuple(
        Coefficient(name, *map(float, row))
        for name, *row in zip(
            fitted.design.names, beta, se, statistic, fitted.df, p, beta - half, beta + half,
            strict=True,
        )
    )  # fmt: skip


def _omnibus(fitted: Fitted, tested: Sequence[int] | None) -> Omnibus:
    names = fitted.design.names
    if tested is None:
        has = names[0] == "Intercept" and len(names) > 1
        tested = range(1 if has else 0, len(names))
    which = list(tested)
    b = fitted.marginal.fixed.beta[which]
    C = fitted.marginal.fixed.covariance[np.ix_(which, which)]
    q = float(b @ np.linalg.solve(C, b)) if which else 0.0
    df2 = float(fitted.df[which].min()) if which else float("nan")
    return Omnibus(
        tuple(names[j] for j in which), q, len(which), df2, wald_tail(q, len(which), df2)
    )


def _criteria(solution: Solution, n: int, p: int) -> Criteria:
    ll = solution.log_likelihood
    estimated = p + free_count(solution.setting)
    rows = n - p if solution.likelihood.restricted else n
    room = max(rows, estimated + 2)
    return Criteria(
        ll,
        estimated,
        -2.0 * ll + 2.0 * estimated,
        -2.0 * ll + 2.0 * estimated * room / (room - estimated - 1),
        -2.0 * ll + estimated * float(np.log(rows)),
    )


def _shares(
    problem: Problem, fitted: Fitted, components: tuple[Component, ...], residual: Residual
) -> tuple[Share, ...]:
    """Shares of heterogeneity in the variance of a typical estimate: in all, by term, by level."""
    terms = fitted.solution.setting.terms
    if not terms:
        return ()
    each = [t.row_variances(T) for t, T in zip(terms, fitted.marginal.covariances, strict=True)]
    rows = np.arange(problem.y.size)
    varying = [
        t
        for t, v in zip(terms, each, strict=True)
        if t.loadings is None and t.kind != "related" and np.ptp(v) > 1e-12 * v.max()
    ]
    out = _shares_of(rows, "", problem, terms, each, residual)
    for term in varying[:1]:
        for j, level in enumerate(term.levels):
            mine = np.flatnonzero(term.inner == j)
            if mine.size > np.linalg.matrix_rank(problem.X[mine]):
                out += _shares_of(mine, level, problem, terms, each, residual)
    return tuple(out)


def _shares_of(
    rows: np.ndarray,
    level: str,
    problem: Problem,
    terms: Sequence[Placed],
    each: list[Floats],
    residual: Residual,
) -> list[Share]:
    freedom = rows.size - int(np.linalg.matrix_rank(problem.X[rows]))
    typical = freedom / float(residual.leverage[rows].sum())
    variances = [float(v[rows].mean()) for v in each]
    whole = sum(variances) + typical
    out = [Share("total", level, sum(variances) / whole)]
    if len(terms) > 1:
        out += [Share(t.label, level, v / whole) for t, v in zip(terms, variances, strict=True)]
    return out


def _notes(solution: Solution, components: tuple[Component, ...]) -> tuple[str, ...]:
    notes = []
    for each in components:
        if each.at_boundary and each.name not in solution.setting.unidentified:
            what = "0" if each.kind == "variance" else "an end of its range"
            notes.append(f"{each.name} is estimated at {what}")
    unknown = [
        c.name
        for c in components
        if not c.identified and not c.held and c.name not in solution.setting.unidentified
    ]
    if unknown:
        notes.append(f"the data do not tell {', '.join(unknown)}: other values fit as well")
    if solution.others:
        heights = ", ".join(f"{h:.4f}" for h in solution.others)
        notes.append(
            f"the likelihood has several maxima; the highest is used (others at {heights})"
        )
    if not solution.maximum.arrived:
        notes.append("the search did not come to rest: estimates of components may be inexact")
    return tuple(notes)
