"""Robust tests and intervals for the coefficients of a fitted model."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import column
from osler.core.quantiles import t_quantile, t_two_sided
from osler.synthesis.multilevel.model import Multilevel
from osler.synthesis.regression.model import Regression
from osler.synthesis.robust import problems
from osler.synthesis.robust.freedom import satterthwaite
from osler.synthesis.robust.model import RobustCoefficient, RobustTests
from osler.synthesis.robust.sandwich import (
    KINDS,
    Codes,
    Kind,
    Robust,
    cluster_codes,
    robust_covariance,
    rows_of,
)
from osler.synthesis.robust.working import WorkingModel, working_of, working_of_regression

_CROSSING = (
    "estimates of different clusters are correlated in the model: the weights of other clusters "
    "enter the scores, and degrees of freedom are clusters less coefficients"
)
_FEW = 4.0


def robust(
    fit: Multilevel | Regression | WorkingModel,
    cluster: str | Sequence[object],
    *,
    kind: Kind = "CR2",
    df: Literal["satterthwaite", "residual"] = "satterthwaite",
    level: float | None = None,
) -> RobustTests:
    """Tests that hold where the assumed correlations do not: cluster-robust variance.

    Parameters
    ----------
    fit : Multilevel, Regression or WorkingModel
        What :func:`multilevel` or :func:`regress` gives, or :func:`working_model`.
    cluster : str or sequence of length n
        Column of the data (of a multilevel model), or the cluster of every estimate: the
        grouping within which estimates may depend on each other in any way, usually the study.
    kind : {"CR2", "CR1", "CR1p", "CR0"}
        CR2 corrects each cluster so that the variance is unbiased under the working model;
        with few clusters CR0 and CR1 are too small.
    df : {"satterthwaite", "residual"}
        Estimated from the design, or clusters less coefficients.
    level : float, optional
        Without, that of the fit.

    Returns
    -------
    RobustTests

    Raises
    ------
    DataError
        ROB001 to ROB004, ROB006.

    Notes
    -----
    CR0 to CR2 equal clubSandwich's ``vcovCR`` and ``coef_test(test="Satterthwaite")``.
    ``kind="CR1p", df="residual"`` equals metafor's ``robust()`` without clubSandwich.

    References
    ----------
    .. [1] Pustejovsky & Tipton (2022). Prev Sci 23, 425-438. doi:10.1007/s11121-021-01246-3
    .. [2] Tipton (2015). Psychol Methods 20, 375-393. doi:10.1037/met0000011

    Examples
    --------
    >>> from osler.synthesis.robust import working_model
    >>> model = working_model(
    ...     ["Intercept"], np.ones((6, 1)), np.array([0.1, 0.3, 0.8, 0.6, 0.2, 0.5]), np.ones(6)
    ... )
    >>> tests = robust(model, ["a", "a", "b", "b", "c", "c"])
    >>> round(tests.coefficients[0].se, 3), round(tests.coefficients[0].df, 2)
    (0.148, 2.0)
    """
    model = _working(fit)
    if df not in ("satterthwaite", "residual"):
        raise DataError(problems.unknown_kind("df", df, '"satterthwaite" or "residual"'))
    codes, column_name = clusters_of(model, cluster)
    crossing = _crosses(model, codes)
    sandwich = _crossed(model, codes, kind) if crossing else nested_sandwich(model, codes, kind)
    level = model.level if level is None else level
    p, m = len(model.names), int(codes.max()) + 1
    freedom = "residual" if crossing else df
    each = satterthwaite(sandwich, np.eye(p)) if freedom == "satterthwaite" else _residual(m, p)
    return RobustTests(
        measure=model.measure,
        coefficients=_coefficients(model, sandwich.covariance, each, level),
        covariance=sandwich.covariance,
        kind=kind,
        df_method=freedom,
        cluster=column_name,
        clusters=m,
        k=model.y.size,
        level=level,
        notes=_notes(crossing, model, each),
        sandwich=None if crossing else sandwich,
        beta=model.beta,
    )


def _working(fit: Multilevel | Regression | WorkingModel) -> WorkingModel:
    if isinstance(fit, Multilevel):
        return working_of(fit)
    if isinstance(fit, Regression):
        return working_of_regression(fit)
    if not isinstance(fit, WorkingModel):
        known = 'what osler.multilevel or osler.regress gives; osler.regress("1", effects) pools'
        raise DataError(problems.unknown_kind("model", type(fit).__name__, known))
    return fit


def clusters_of(model: WorkingModel, cluster: str | Sequence[object]) -> tuple[Codes, str]:
    """Codes of the clusters, and the name of their column."""
    values = column(model.columns, cluster) if isinstance(cluster, str) else cluster
    codes = cluster_codes(values)
    if codes.size != model.y.size:
        found = f"{codes.size} clusters named for {model.y.size} estimates"
        raise DataError(problems.lengths_disagree(found))
    return codes, cluster if isinstance(cluster, str) else "given"


def _residual(m: int, p: int) -> Floats:
    if m <= p:
        raise DataError(problems.too_few_clusters(m, p))
    return np.full(p, float(m - p))


def _crosses(model: WorkingModel, codes: Codes) -> bool:
    """Whether the model correlates estimates of different clusters."""
    low = np.full(int(model.groups.max()) + 1, codes.size)
    high = np.full(low.size, -1)
    np.minimum.at(low, model.groups, codes)
    np.maximum.at(high, model.groups, codes)
    return bool(np.any(low != high))


def nested_sandwich(model: WorkingModel, codes: Codes, kind: Kind) -> Robust:
    """The sandwich where the model's correlations stay within clusters."""
    if _crosses(model, codes):
        raise DataError(problems.across_clusters())
    rows = rows_of(codes)
    return robust_covariance(
        model.X,
        model.y - model.X @ model.beta,
        model.weight_blocks(rows),
        codes,
        kind,
        target_blocks=model.target_blocks(rows),
    )


def _crossed(model: WorkingModel, codes: Codes, kind: Kind) -> Robust:
    """Scores of clusters with the weights of the whole matrix; CR2 needs it to be in blocks."""
    if kind == "CR2":
        raise DataError(problems.across_clusters())
    if kind not in KINDS:
        raise DataError(problems.unknown_kind("kind", kind, ", ".join(KINDS)))
    m, p = int(codes.max()) + 1, len(model.names)
    if m < 2 or m <= p:
        raise DataError(problems.too_few_clusters(m, p))
    WX = model.weighted(model.X)
    bread = np.asarray(np.linalg.inv(model.X.T @ WX))
    residuals = model.y - model.X @ model.beta
    scores = np.zeros((m, p))
    np.add.at(scores, codes, WX * residuals[:, None])
    factor = {"CR1": m / (m - 1), "CR1p": m / (m - p)}.get(kind, 1.0)
    half = scores @ bread * np.sqrt(factor)
    return Robust(half.T @ half, bread, scores * np.sqrt(factor), kind, (), (), bread)


def _coefficients(
    model: WorkingModel, covariance: Floats, df: Floats, level: float
) -> tuple[RobustCoefficient, ...]:
    se = np.sqrt(np.diag(covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = model.beta / se
    # Below one degree of freedom there is no quantile to speak of: NaN, with a note.
    half = t_quantile(0.5 + level / 2.0, df) * se
    p = t_two_sided(t, df)
    lower, upper = model.beta - half, model.beta + half
    return tuple(
        RobustCoefficient(name, *map(float, row))
        for name, *row in zip(model.names, model.beta, se, t, df, p, lower, upper, strict=True)
    )


def _notes(crossing: bool, model: WorkingModel, df: Floats) -> tuple[str, ...]:
    notes = [_CROSSING] if crossing else []
    few = [name for name, d in zip(model.names, df, strict=True) if not d >= _FEW]
    if few:
        notes.append(
            f"fewer than 4 degrees of freedom for {', '.join(few)}: the t approximation may be "
            "off, p-values near a threshold should not be trusted"
        )
    return tuple(notes)
