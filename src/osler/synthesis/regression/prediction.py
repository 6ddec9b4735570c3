"""The mean effect, and that of a new study, where moderators are known."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import Table, columns_of
from osler.core.results import Result, Why
from osler.core.wording import aligned
from osler.effects.scales import scale_of
from osler.synthesis.regression import problems
from osler.synthesis.regression.figures_in_words import figure
from osler.synthesis.regression.fit import Fit, quantile
from osler.synthesis.regression.scale import ScaleModel, tau2_at


@dataclass(frozen=True, slots=True, repr=False)
class Predictions(Result):
    """Predicted effects on the analysis scale, one for each row of moderators.

    Attributes
    ----------
    labels : tuple of str
    estimates, se, ci_lower, ci_upper : tuple of float
        The mean of studies with these moderators.
    pred_lower, pred_upper : tuple of float
        Where the true effect of one new study lies.
    tau2 : tuple of float
    ci_method : str
    df : float
        Of t for both intervals; infinite for the normal.
    level : float
    measure : str
    """

    labels: tuple[str, ...]
    estimates: tuple[float, ...]
    se: tuple[float, ...]
    ci_lower: tuple[float, ...]
    ci_upper: tuple[float, ...]
    pred_lower: tuple[float, ...]
    pred_upper: tuple[float, ...]
    tau2: tuple[float, ...]
    ci_method: str
    df: float
    level: float
    measure: str

    def summary(self) -> str:
        """A line for each row, ratios as ratios."""
        ratio = scale_of(self.measure).ratio

        def shown(value: float) -> str:
            return figure(math.exp(value) if ratio and abs(value) < 700 else value)

        name = self.measure or "Estimate"
        head = ["", name, f"{100 * self.level:g}% interval of the mean", "of a new study"]
        rows = [
            [
                label[:30],
                shown(b),
                f"{shown(lo)} to {shown(hi)}",
                f"{shown(plo)} to {shown(phi)}",
            ]
            for label, b, lo, hi, plo, phi in zip(
                self.labels, self.estimates, self.ci_lower, self.ci_upper, self.pred_lower,
                self.pred_upper, strict=True,
            )
        ]  # fmt: skip
        df = "the normal distribution" if math.isinf(self.df) else f"t with {self.df:g} df"
        return "\n".join([*aligned([head, *rows]), "", f"Intervals: {self.ci_method}, {df}"])

    def columns(self) -> dict[str, list[object]]:
        """One row for each row of moderators."""
        return {
            "label": list(self.labels),
            "estimate": list(self.estimates),
            "se": list(self.se),
            "ci_lower": list(self.ci_lower),
            "ci_upper": list(self.ci_upper),
            "pred_lower": list(self.pred_lower),
            "pred_upper": list(self.pred_upper),
        }

    def text(self) -> str:
        """How the intervals were made."""
        return (
            f"Mean effects were predicted with {100 * self.level:g}% confidence intervals "
            f"({self.ci_method}) and prediction intervals that add the variance between studies."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        """One for each row, by its label."""
        return {label: partial(self._why, i) for i, label in enumerate(self.labels)}

    def _why(self, i: int) -> Why:
        return Why(
            self.labels[i],
            self.estimates[i],
            "The coefficients times the moderators; the interval of a new study adds tau2.",
            "xb ± t √(x V x'),  xb ± t √(x V x' + τ²)",
            (("se", self.se[i]), ("tau2", self.tau2[i]), ("df", self.df)),
            "Riley, Higgins & Deeks 2011, BMJ 342, d549",
        )


def predict(
    fit: Fit,
    studies: tuple[str, ...],
    measure: str,
    spec: Any,
    data: Table | ArrayLike | None,
    scale: ScaleModel | None,
    scale_rows: ArrayLike | None,
) -> Predictions:
    """Predict at new values of the moderators.

    Parameters
    ----------
    data : mapping of columns, data frame, or array of shape (rows, p), optional
        Moderators by name, each as in the formula; or rows of the matrix, with the
        intercept. The studies themselves where left out.
    scale_rows : array of shape (rows, q), optional
        For location-scale models fitted without formula: rows of the matrix of the scale.

    Raises
    ------
    DataError
        Where a moderator is absent (REG023), a category was in no study (REG022), or a
        matrix has the wrong shape (REG011).

    Notes
    -----
    Equal to metafor's ``predict``: both intervals take the distribution of the coefficients'
    tests, t with k - p degrees of freedom or the normal.
    """
    X, labels = _rows(fit, studies, spec, data)
    mean = X @ fit.b
    variance = np.einsum("ij,jl,il->i", X, fit.vcov, X)
    tau2 = _tau2(fit, data, X.shape[0], scale, scale_rows)
    t = quantile(fit.level, fit.df)
    half, wide = t * np.sqrt(variance), t * np.sqrt(variance + tau2)
    return Predictions(
        labels=labels,
        estimates=tuple(mean.tolist()),
        se=tuple(np.sqrt(variance).tolist()),
        ci_lower=tuple((mean - half).tolist()),
        ci_upper=tuple((mean + half).tolist()),
        pred_lower=tuple((mean - wide).tolist()),
        pred_upper=tuple((mean + wide).tolist()),
        tau2=tuple(tau2.tolist()),
        ci_method=fit.ci_method,
        df=fit.df,
        level=fit.level,
        measure=measure,
    )


def _rows(
    fit: Fit, studies: tuple[str, ...], spec: Any, data: Any
) -> tuple[Floats, tuple[str, ...]]:
    if data is None:
        return fit.design.matrix, studies
    if spec is not None and _is_table(data):
        X, rows = _formed(spec, fit.design.formula, data)
        X = X[:, list(fit.design.kept)]
        return X, _labels(data, rows)
    try:
        X = np.atleast_2d(np.asarray(data, float))
    except (TypeError, ValueError):
        found = "a table of moderators, but the model was made from a matrix"
        raise DataError(problems.new_data_incomplete(found)) from None
    if X.ndim != 2 or X.shape[1] != fit.p or not np.isfinite(X).all():
        found = f"rows of shape {X.shape} for {fit.p} columns: {', '.join(fit.design.names)}"
        raise DataError(problems.shapes_disagree(found))
    return X, tuple(f"row {i + 1}" for i in range(X.shape[0]))


def _is_table(data: Any) -> bool:
    return not isinstance(data, (np.ndarray, list, tuple)) and hasattr(data, "__getitem__")


def _formed(spec: Any, formula: str, data: Any) -> tuple[Floats, int]:
    formulas = import_module("osler.synthesis.regression.formulas")
    matrix, rows = formulas.formed_again(spec, formula, data)
    if not np.isfinite(matrix).all():
        found = f"{formula} is not a finite number in every row"
        raise DataError(problems.new_data_incomplete(found))
    return matrix, rows


def _labels(data: Any, rows: int) -> tuple[str, ...]:
    """The values of each row, as "ablat 33, alloc random"."""
    columns = columns_of(data)
    made = [
        ", ".join(f"{name} {_short(values[i])}" for name, values in columns.items())
        for i in range(rows if columns else 0)
    ]
    return tuple(made) or tuple(f"row {i + 1}" for i in range(rows))


def _short(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _tau2(
    fit: Fit, data: Any, rows: int, scale: ScaleModel | None, scale_rows: ArrayLike | None
) -> Floats:
    if scale is None:
        return np.full(rows, float(fit.tau2[0]))
    if data is None:
        return fit.tau2
    if scale_rows is not None:
        Z = np.atleast_2d(np.asarray(scale_rows, float))
    elif scale.spec is not None and _is_table(data):
        Z = _formed(scale.spec, scale.formula, data)[0][:, list(scale.design.kept)]
    else:
        Z = np.empty((0, 0))
    if Z.shape != (rows, len(scale.names)):
        found = f"rows of shape {Z.shape} for the scale's columns: {', '.join(scale.names)}"
        raise DataError(problems.shapes_disagree(found))
    return tau2_at(scale, Z)
