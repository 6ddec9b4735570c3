"""A regression from arrays: the variance left, the coefficients, and what can be said of both."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.synthesis import problems as shared
from osler.synthesis.batch import LARGEST, check_level, number_problem, sound
from osler.synthesis.regression import problems
from osler.synthesis.regression.between import Between, between
from osler.synthesis.regression.design import Design, design_of
from osler.synthesis.regression.fit import (
    CI_METHODS,
    Fit,
    chosen,
    quantile,
    ratio,
    two_sided,
    weighted,
)
from osler.synthesis.regression.model import Omitted, Regression
from osler.synthesis.regression.scale import ScaleModel, fit_scale
from osler.synthesis.regression.tau2 import TAU2_METHODS


@dataclass(frozen=True, slots=True)
class Choices:
    """Methods, checked."""

    tau2_method: str
    ci_method: str
    level: float
    link: str = "log"


@dataclass(frozen=True, slots=True)
class Labels:
    """What a result remembers of its data."""

    studies: tuple[str, ...]
    measure: str = ""
    omitted: tuple[Omitted, ...] = ()
    spec: Any = None
    scale_spec: Any = None


def regress_arrays(
    estimates: ArrayLike,
    variances: ArrayLike,
    moderators: ArrayLike,
    names: Sequence[str],
    *,
    studies: Sequence[str] | None = None,
    measure: str = "",
    tau2_method: str = "REML",
    ci_method: str = "HKSJ",
    level: float = 0.95,
    scale: ArrayLike | None = None,
    scale_names: Sequence[str] = (),
    link: str = "log",
    weights: ArrayLike | None = None,
) -> Regression:
    r"""Meta-regression with a matrix of moderators; needs no formula and no data frame.

    Parameters
    ----------
    estimates, variances : array of shape (k,)
        On the analysis scale (ratios as logs).
    moderators : array of shape (k, p)
        The whole design: a column of ones where there is to be an intercept.
    names : sequence of str, length p
    studies : sequence of str, length k, optional
        Labels; numbers where left out.
    measure, tau2_method, ci_method, level, link
        As in :func:`osler.synthesis.regression.data.regress`.
    scale : array of shape (k, q), optional
        Design of a location-scale model, with its intercept.
    scale_names : sequence of str, length q
    weights : array of shape (k,), optional
        Instead of the inverse variances; only their ratios matter.

    Returns
    -------
    Regression

    Raises
    ------
    DataError
        As :func:`osler.synthesis.regression.data.regress`.

    Examples
    --------
    >>> y, v = [0.1, 0.3, 0.9, 0.7], [0.04, 0.02, 0.03, 0.05]
    >>> fit = regress_arrays(y, v, [[1, 0], [1, 1], [1, 4], [1, 3]], ["intercept", "dose"])
    >>> round(fit.coefficient("dose"), 4), fit.ci_method, fit.df
    (0.2, 'HKSJ', 2.0)
    """
    # Copies: what is made on asking must not see what becomes of the caller's arrays.
    y, v = np.array(estimates, float), np.array(variances, float)
    X = np.asarray(moderators, float)
    labels = tuple(studies) if studies is not None else tuple(map(str, range(1, y.size + 1)))
    _check_shapes(y, v, X, labels)
    choices = choices_of(tau2_method, ci_method, level, link)
    check_numbers(labels, y, v)
    design = design_of(X, tuple(names), studies=labels)
    scale_design = None
    if scale is not None:
        Z = np.asarray(scale, float)
        if Z.ndim != 2 or Z.shape[0] != y.size:
            raise DataError(problems.shapes_disagree(f"scale of shape {Z.shape}, {y.size} studies"))
        scale_design = design_of(Z, tuple(scale_names), studies=labels)
    own = None if weights is None else own_weights(labels, np.asarray(weights, float))
    return regression_of(y, v, design, choices, Labels(labels, measure), scale_design, own)


def choices_of(tau2_method: str, ci_method: str, level: float, link: str = "log") -> Choices:
    """Methods by their names.

    Raises
    ------
    DataError
        Where one is not known (SYN005) or the level is out of range (SYN006).
    """
    check_level(level)
    tau2 = "CE" if str(tau2_method).upper() in ("FE", "EE") else tau2_method
    return Choices(
        chosen("estimator of tau2", tau2, TAU2_METHODS),
        chosen("interval method", ci_method, CI_METHODS),
        level,
        link,
    )


def _check_shapes(y: Floats, v: Floats, X: Floats, labels: tuple[str, ...]) -> None:
    if y.ndim != 1 or y.shape != v.shape or X.ndim != 2 or X.shape[0] != y.size:
        found = f"estimates {y.shape}, variances {v.shape}, moderators {X.shape}"
        raise DataError(problems.shapes_disagree(found))
    if len(labels) != y.size:
        raise DataError(problems.shapes_disagree(f"{len(labels)} labels, {y.size} estimates"))


def check_numbers(labels: Sequence[str], y: Floats, v: Floats) -> None:
    """Every study must be one that can be weighed (SYN001, SYN003, SYN004, SYN007)."""
    if not y.size:
        raise DataError(shared.no_studies("no estimates"))
    if sound(y, v).all():
        return
    bad = [number_problem(a, float(b), float(c)) for a, b, c in zip(labels, y, v, strict=True)]
    found = [d for problem in bad if problem for d in problem.diagnostics]
    if found:
        raise DataError(*found)


def own_weights(labels: Sequence[str], given: Floats) -> Floats:
    """Weights of one's own, the largest 1 (REG011, SYN012)."""
    if given.shape != (len(labels),):
        raise DataError(problems.shapes_disagree(f"weights {given.shape}, {len(labels)} studies"))
    wrong = [i for i, a in enumerate(given.tolist()) if not 0.0 < a < LARGEST]
    if wrong:
        raise DataError(*(shared.weight_not_positive(labels[i], float(given[i])) for i in wrong))
    return np.asarray(given / given.max())


def regression_of(
    y: Floats,
    v: Floats,
    design: Design,
    choices: Choices,
    labels: Labels,
    scale_design: Design | None = None,
    own: Floats | None = None,
) -> Regression:
    """tau2, the coefficients at it, and the :class:`Regression` that tells of both."""
    k, p = design.matrix.shape
    if k <= p and not (k == p and choices.tau2_method == "CE" and choices.ci_method == "Wald"):
        raise DataError(problems.too_few_studies(k, design.names))
    if own is not None and scale_design is not None:
        raise DataError(problems.not_for_scale_models("weighting of one's own"))
    scale = _scale(y, v, design, choices, labels, scale_design)
    if scale is None:
        found = between(y, v, design.matrix, choices.tau2_method)
        tau2 = np.full(k, found.tau2)
    else:
        found, tau2 = Between(math.nan), np.array(scale.tau2)
    fit = weighted(
        y, v, design, tau2,
        tau2_method=choices.tau2_method, ci_method=choices.ci_method, level=choices.level,
        own=own,
    )  # fmt: skip
    return _told(fit, found, labels, scale)


def _scale(
    y: Floats,
    v: Floats,
    design: Design,
    choices: Choices,
    labels: Labels,
    scale_design: Design | None,
) -> ScaleModel | None:
    if scale_design is None:
        return None
    if choices.tau2_method not in ("REML", "ML"):
        raise DataError(problems.scale_needs_likelihood(choices.tau2_method))
    if y.size <= scale_design.p:
        raise DataError(problems.too_few_studies(y.size, scale_design.names))
    return fit_scale(
        y, v, design, scale_design,
        restricted=choices.tau2_method == "REML", link=choices.link,
        ci_method=choices.ci_method, level=choices.level, spec=labels.scale_spec,
    )  # fmt: skip


def _told(fit: Fit, found: Between, labels: Labels, scale: ScaleModel | None) -> Regression:
    se = fit.se
    z = ratio(fit.b, se)
    half = quantile(fit.level, fit.df) * se
    return Regression(
        formula=fit.design.formula,
        measure=labels.measure,
        studies=labels.studies,
        estimates=tuple(fit.y.tolist()),
        variances=tuple(fit.v.tolist()),
        names=fit.design.names,
        coefficients=tuple(fit.b.tolist()),
        se=tuple(se.tolist()),
        statistics=tuple(z.tolist()),
        p_values=tuple(two_sided(z, fit.df).tolist()),
        ci_lower=tuple((fit.b - half).tolist()),
        ci_upper=tuple((fit.b + half).tolist()),
        vcov=fit.vcov,
        tau2_method=fit.tau2_method,
        ci_method=fit.ci_method,
        level=fit.level,
        df=fit.df,
        tau2=found.tau2,
        maxima=found.maxima,
        scale=scale,
        omitted=labels.omitted,
        redundant=(*fit.design.redundant, *(scale.design.redundant if scale else ())),
        fit=fit,
        spec=labels.spec,
    )
