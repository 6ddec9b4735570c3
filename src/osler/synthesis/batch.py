"""Many meta-analyses at once, on plain arrays."""

import math
from dataclasses import dataclass, fields
from typing import TypeAlias, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osler.core.arrays import Bools, Floats
from osler.core.diagnostics import DataError
from osler.core.quantiles import chi2_tail
from osler.synthesis import problems
from osler.synthesis.intervals.hartung_knapp import hartung_knapp_interval, hartung_knapp_se
from osler.synthesis.intervals.prediction import prediction_interval
from osler.synthesis.intervals.q_profile import q_profile
from osler.synthesis.intervals.wald import wald_interval
from osler.synthesis.kernel import (
    Block,
    block_of,
    q_statistic,
    typical_variance,
    weighted_mean,
    weights,
)
from osler.synthesis.tau2 import TAU2_METHODS

Names: TypeAlias = NDArray[np.str_]

CI_METHODS = ("auto", "HKSJ", "HKSJ-adhoc", "Wald")

# Studies x groups worked on at a time, so that the arrays stay in a core's cache.
_BLOCK = 16_384
# Beyond these the squares of scaled numbers leave the range of double precision.
# Beyond it the quantiles of t with one degree of freedom lose their digits.
HIGHEST_LEVEL = 0.999999
_LARGEST, _SMALLEST = 1e100, 1e-100


@dataclass(frozen=True, slots=True)
class SynthesisBatch:
    """Results of many meta-analyses: every field is an array of shape (groups,).

    The fields mean what they mean in :class:`osler.synthesis.model.Synthesis`;
    ``ci_method`` names the method that was used for each. Bounds without a meaning (the
    prediction of fewer than three studies, the interval of tau2 of one) are NaN.
    """

    k: Floats
    common_estimate: Floats
    common_se: Floats
    common_ci_lower: Floats
    common_ci_upper: Floats
    common_p_value: Floats
    estimate: Floats
    se: Floats
    ci_lower: Floats
    ci_upper: Floats
    p_value: Floats
    pred_lower: Floats
    pred_upper: Floats
    q: Floats
    q_p_value: Floats
    i2: Floats
    h2: Floats
    tau2: Floats
    tau2_ci_lower: Floats
    tau2_ci_upper: Floats
    ci_method: Names


def synthesise_many(
    estimates: ArrayLike,
    variances: ArrayLike,
    *,
    tau2_method: str = "REML",
    ci_method: str = "auto",
    level: float = 0.95,
) -> SynthesisBatch:
    """Pool each column of a table of studies; the quick way to a million meta-analyses.

    Parameters
    ----------
    estimates, variances : array of shape (studies, groups)
        On the analysis scale (ratios as logs). Columns with fewer studies are padded with
        NaN in both.
    tau2_method, ci_method, level
        As in :func:`osler.synthesis.pool.synthesise`.

    Returns
    -------
    SynthesisBatch

    Raises
    ------
    DataError
        Where a column holds no study (SYN001), the shapes differ (SYN002), a variance is
        not above 0 (SYN003), only one of a pair is NaN or a number is infinite (SYN004),
        a method is unknown (SYN005), or the level is not between 0 and 1 (SYN006).

    Examples
    --------
    >>> y = np.array([[0.1, 0.2], [0.3, 0.9], [0.5, np.nan]])
    >>> v = np.array([[0.04, 0.01], [0.04, 0.01], [0.04, np.nan]])
    >>> many = synthesise_many(y, v)
    >>> many.estimate.round(3), many.tau2.round(3), many.k
    (array([0.3 , 0.55]), array([0.   , 0.235]), array([3., 2.]))
    """
    y, v = np.asarray(estimates, float), np.asarray(variances, float)
    _check_shapes(y, v)
    tau2_name, ci_name = method_names(tau2_method, ci_method)
    check_level(level)
    present = ~(np.isnan(y) & np.isnan(v))
    _check_numbers(y, v, present)
    width = max(1, _BLOCK // y.shape[0])
    parts = [
        _pool_block(
            block_of(y[:, at : at + width], v[:, at : at + width], present[:, at : at + width]),
            tau2_name,
            ci_name,
            level,
        )
        for at in range(0, y.shape[1], width)
    ]
    if len(parts) == 1:
        return parts[0]
    return SynthesisBatch(
        *(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(SynthesisBatch))
    )


def method_names(tau2_method: str, ci_method: str) -> tuple[str, str]:
    """The methods as they are printed; capitals do not matter in what is asked for."""
    known = {name.lower(): name for name in TAU2_METHODS}
    intervals = {name.lower(): name for name in CI_METHODS}
    if tau2_method.lower() not in known:
        choices = ", ".join(TAU2_METHODS)
        raise DataError(problems.unknown_method("tau2 method", tau2_method, choices))
    if ci_method.lower() not in intervals:
        choices = ", ".join(CI_METHODS)
        raise DataError(problems.unknown_method("interval method", ci_method, choices))
    return known[tau2_method.lower()], intervals[ci_method.lower()]


def check_level(level: float) -> None:
    """Raise where a confidence level is not a fraction that an interval can be computed for."""
    if not 0.0 < level <= HIGHEST_LEVEL:
        raise DataError(problems.level_out_of_range(level))


def number_problem(whose: str, estimate: float, variance: float) -> DataError | None:
    """Why a study cannot be weighed, or None where it can."""
    if not (math.isfinite(estimate) and math.isfinite(variance)):
        return DataError(problems.not_a_number(whose, estimate, variance))
    if variance <= 0:
        return DataError(problems.variance_not_positive(whose, variance))
    if abs(estimate) > _LARGEST or not _SMALLEST < variance < _LARGEST:
        return DataError(problems.beyond_computing(whose, estimate, variance))
    return None


def _check_shapes(y: Floats, v: Floats) -> None:
    if y.ndim != 2 or y.shape != v.shape:
        raise DataError(problems.lengths_disagree(f"shapes {y.shape} and {v.shape}"))
    if not y.size:
        raise DataError(problems.no_studies(f"an array of shape {y.shape}"))


def _check_numbers(y: Floats, v: Floats, present: Bools) -> None:
    empty = np.flatnonzero(~present.any(axis=0))
    if empty.size:
        raise DataError(problems.no_studies(f"group {empty[0]} (counted from 0) is all NaN"))
    with np.errstate(invalid="ignore"):
        sound = (np.abs(y) <= _LARGEST) & (v > _SMALLEST) & (v < _LARGEST)
    bad = np.argwhere(present & ~sound)
    if bad.size:
        study, group = (int(i) for i in bad[0])
        whose = f"study {study} of group {group} (counted from 0)"
        problem = number_problem(whose, float(y[study, group]), float(v[study, group]))
        if problem is not None:
            raise problem


class _Random(TypedDict):
    estimate: Floats
    se: Floats
    ci_lower: Floats
    ci_upper: Floats
    p_value: Floats
    pred_lower: Floats
    pred_upper: Floats


def _pool_block(block: Block, tau2_name: str, ci_name: str, level: float) -> SynthesisBatch:
    tau2 = TAU2_METHODS[tau2_name](block)
    unit, k = block.unit, block.k
    common_w = weights(block.v, np.zeros_like(k))
    common_se = unit / np.sqrt(common_w.sum(axis=0))
    q, _ = q_statistic(block.y, block.v, np.zeros_like(k))
    typical = typical_variance(block.v, k)
    share = np.where(k > 1, tau2 / np.where(k > 1, typical, 1.0), 0.0)
    common_ci = wald_interval(block.centre, common_se, level)
    random = _random(block, tau2, ci_name, level)
    tau2_ci = q_profile(block, level)
    return SynthesisBatch(
        k=k,
        common_estimate=block.centre,
        common_se=common_se,
        common_ci_lower=common_ci[0],
        common_ci_upper=common_ci[1],
        common_p_value=common_ci[2],
        **random,
        q=q,
        q_p_value=chi2_tail(q, k - 1.0),
        i2=share / (1.0 + share),
        h2=1.0 + share,
        tau2=tau2 * unit**2,
        tau2_ci_lower=tau2_ci[0] * unit**2,
        tau2_ci_upper=tau2_ci[1] * unit**2,
        ci_method=_methods_used(tau2, k, ci_name),
    )


def _random(block: Block, tau2: Floats, ci_name: str, level: float) -> _Random:
    """The random-effects model's part of the results."""
    k, unit = block.k, block.unit
    w = weights(block.v, tau2)
    total = w.sum(axis=0)
    estimate = block.centre + unit * weighted_mean(block.y, w)
    used = _methods_used(tau2, k, ci_name)
    wald_se = unit / np.sqrt(total)
    q, _ = q_statistic(block.y, block.v, tau2)
    hk_se = unit * hartung_knapp_se(q, k, total, guarded=ci_name == "HKSJ-adhoc")
    by_wald = used == "Wald"
    se = np.where(by_wald, wald_se, hk_se)
    by_z = wald_interval(estimate, wald_se, level)
    by_t = hartung_knapp_interval(estimate, hk_se, k, level)
    predicted = prediction_interval(estimate, se, tau2 * unit**2, k, level)
    return {
        "estimate": estimate,
        "se": se,
        "ci_lower": np.where(by_wald, by_z[0], by_t[0]),
        "ci_upper": np.where(by_wald, by_z[1], by_t[1]),
        "p_value": np.where(by_wald, by_z[2], by_t[2]),
        "pred_lower": predicted[0],
        "pred_upper": predicted[1],
    }


def _methods_used(tau2: Floats, k: Floats, ci_name: str) -> Names:
    """The interval method of each group: "auto" decides here; one study leaves only Wald."""
    if ci_name == "auto":
        return np.where((k >= 3) & (tau2 > 0), "HKSJ", "Wald")
    return np.where(k > 1, ci_name, "Wald")
