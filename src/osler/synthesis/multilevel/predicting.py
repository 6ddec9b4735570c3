"""Means and prediction intervals of a fitted model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeGuard

import numpy as np
from numpy.typing import ArrayLike

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import Table, columns_of
from osler.core.results import Result, Why
from osler.core.wording import aligned, counted, level_percent, number
from osler.synthesis.multilevel import problems
from osler.synthesis.multilevel.fitted import Fitted, quantiles
from osler.synthesis.multilevel.fixed import new_rows
from osler.synthesis.multilevel.placing import Placed
from osler.synthesis.multilevel.terms import shown


@dataclass(frozen=True, slots=True, repr=False)
class Predictions(Result):
    """Predicted means; tuples have one entry a row asked for.

    Attributes
    ----------
    labels : tuple of str
    estimates, se, ci_lower, ci_upper : tuple of float
        The mean, on the analysis scale.
    pred_lower, pred_upper : tuple of float
        Where the true effect of a new group at every level is expected.
    variances : tuple of float
        Sum of all components that hold for the row.
    level : float
    distribution : str
        "t" or "normal".
    """

    labels: tuple[str, ...]
    estimates: tuple[float, ...]
    se: tuple[float, ...]
    ci_lower: tuple[float, ...]
    ci_upper: tuple[float, ...]
    pred_lower: tuple[float, ...]
    pred_upper: tuple[float, ...]
    variances: tuple[float, ...]
    df: tuple[float, ...]
    level: float
    distribution: str

    def summary(self) -> str:
        share = level_percent(self.level)
        rows = [["", "mean", "se", f"{share} CI", f"{share} prediction"]]
        for i in range(min(len(self.labels), 40)):
            ci = f"{number(self.ci_lower[i], 3)} to {number(self.ci_upper[i], 3)}"
            pi = f"{number(self.pred_lower[i], 3)} to {number(self.pred_upper[i], 3)}"
            numbers = number(self.estimates[i], 3), number(self.se[i], 3)
            rows.append([self.labels[i][:30], *numbers, ci, pi])
        lines = [f"Predicted means ({self.distribution} distribution)", "", *aligned(rows)]
        if len(self.labels) > 40:
            lines.append(f"... and {len(self.labels) - 40} more")
        return "\n".join(lines)

    def columns(self) -> dict[str, list[object]]:
        names = "estimates se ci_lower ci_upper pred_lower pred_upper variances df".split()
        return {"label": list(self.labels)} | {n: list(getattr(self, n)) for n in names}

    def text(self) -> str:
        return (
            f"Means were predicted for {counted(len(self.labels), 'set')} of moderators, with "
            f"{level_percent(self.level)} prediction intervals for the true effect in a new group "
            f"at every level ({self.distribution} distribution)."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {"estimates": self._why_mean, "pred_lower": self._why, "pred_upper": self._why}

    def _why_mean(self) -> Why:
        return Why("estimates", self.estimates, "Coefficients times moderators.", "x'b", ())

    def _why(self) -> Why:
        return Why(
            "prediction interval",
            tuple(zip(self.pred_lower, self.pred_upper, strict=True)),
            "The variance of the mean and every variance component that holds for the row are "
            "added; sampling error of a new estimate is not.",
            "x'b ± q √(x' Var(b) x + Σ σ²)",
            (("se", self.se), ("Σ σ²", self.variances), ("df", self.df)),
            "Riley, Higgins & Deeks 2011, doi:10.1136/bmj.d549",
        )


def predictions(
    fitted: Fitted, new: Table | ArrayLike | None, levels: Mapping[str, str]
) -> Predictions:
    """See :meth:`Multilevel.predict`."""
    columns = columns_of(new) if _is_table(new) else None
    X, variances, labels = _asked(fitted, new, columns, levels)
    beta, C = fitted.marginal.fixed.beta, fitted.marginal.fixed.covariance
    mean = X @ beta
    var = np.maximum(np.einsum("ij,jk,ik->i", X, C, X), 0.0)
    df = np.array([fitted.df[row != 0].min(initial=np.inf) for row in X])
    half = quantiles(fitted.choices.level, df)
    se, wide = np.sqrt(var), np.sqrt(var + variances)
    lower, upper = mean - half * se, mean + half * se
    return Predictions(
        labels=labels,
        estimates=tuple(mean.tolist()),
        se=tuple(se.tolist()),
        ci_lower=tuple(lower.tolist()),
        ci_upper=tuple(upper.tolist()),
        pred_lower=tuple((mean - half * wide).tolist()),
        pred_upper=tuple((mean + half * wide).tolist()),
        variances=tuple(variances.tolist()),
        df=tuple(df.tolist()),
        level=fitted.choices.level,
        distribution="normal" if fitted.choices.test == "z" else "t",
    )


def _is_table(new: object) -> TypeGuard[Table]:
    if isinstance(new, (np.ndarray, list, tuple)):
        return False
    return isinstance(new, Mapping) or hasattr(new, "columns")


def _asked(
    fitted: Fitted,
    new: Table | ArrayLike | None,
    columns: dict[str, list[object]] | None,
    levels: Mapping[str, str],
) -> tuple[Floats, Floats, tuple[str, ...]]:
    """Design rows, their heterogeneity, and labels."""
    terms = fitted.solution.setting.terms
    pairs = list(zip(terms, fitted.marginal.covariances, strict=True))
    varied = {t.label for t, T in pairs if _differs(t, T)}
    if new is None:
        X = fitted.problem.X
        if fitted.design.intercept_only and varied <= set(levels):
            X = np.ones((1, 1))
            return X, _by_level(pairs, levels, None, 1), ("mean",)
        labels = tuple(f"row {i}" for i in range(1, len(X) + 1))
        if levels:
            return X, _by_level(pairs, levels, None, len(X)), labels
        return X, sum((t.row_variances(T) for t, T in pairs), np.zeros(len(X))), labels
    X = new_rows(fitted.design, new, columns)
    labels = tuple(f"new {i}" for i in range(1, len(X) + 1))
    return X, _by_level(pairs, levels, columns, len(X)), labels


def _differs(term: Placed, T: Floats) -> bool:
    return term.loadings is not None or bool(np.ptp(np.diag(T)) > 1e-12 * max(np.diag(T).max(), 0))


def _by_level(
    pairs: list[tuple[Placed, Floats]],
    levels: Mapping[str, str],
    columns: dict[str, list[object]] | None,
    rows: int,
) -> Floats:
    total = np.zeros(rows)
    for term, T in pairs:
        if term.loadings is not None:
            total += _slope_variance(term, T, columns, rows)
        elif not _differs(term, T):
            total += T[0, 0]
        else:
            total += np.diag(T)[_levels_of(term, levels, columns, rows)]
    return total


def _levels_of(
    term: Placed,
    levels: Mapping[str, str],
    columns: dict[str, list[object]] | None,
    rows: int,
) -> np.ndarray:
    inner = term.label.rpartition("|")[0].strip() if "|" in term.label else term.label
    if term.label in levels:
        wanted = [shown(levels[term.label])] * rows
    elif columns is not None and inner in columns:
        wanted = [shown(value) for value in columns[inner]]
    else:
        raise DataError(problems.new_level(term.label, "none was named", term.levels))
    for level in wanted:
        if level not in term.levels:
            raise DataError(problems.new_level(term.label, level, term.levels))
    return np.array([term.levels.index(level) for level in wanted], np.intp)


def _slope_variance(
    term: Placed, T: Floats, columns: dict[str, list[object]] | None, rows: int
) -> Floats:
    names = term.levels
    missing = [n for n in names if n != "intercept" and (columns is None or n not in columns)]
    if missing:
        raise DataError(problems.new_level(term.label, f"no column {missing[0]}", names))
    parts = [
        np.ones(rows) if n == "intercept" else np.asarray((columns or {})[n], float) for n in names
    ]
    A = np.stack(parts, axis=1)
    return np.asarray(np.einsum("ij,jk,ik->i", A, T, A))
