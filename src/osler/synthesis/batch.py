"""Many meta-analyses at once, on plain arrays."""

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from osler.core.arrays import Bools, Floats, floats_of
from osler.core.diagnostics import DataError
from osler.synthesis import problems
from osler.synthesis.asked import HIGHEST_LEVEL as HIGHEST_LEVEL
from osler.synthesis.asked import checked_level, checked_name
from osler.synthesis.intervals import CI_METHODS, PRED_METHODS, TAU2_CI_METHODS
from osler.synthesis.intervals.heterogeneity import (
    I2_METHODS,
    from_q,
    from_tau2,
    tau2_interval,
    tau2_interval_name,
)
from osler.synthesis.intervals.mean import Names as Names
from osler.synthesis.intervals.mean import either, mean_intervals, methods_used, own_weights
from osler.synthesis.intervals.prediction import prediction_intervals, prediction_methods
from osler.synthesis.intervals.wald import wald_interval
from osler.synthesis.intervals.whole_degrees import q_probability
from osler.synthesis.kernel import (
    Block,
    block_of,
    keep_freed_memory,
    quotient,
    sum_of,
    sum_of_products,
)
from osler.synthesis.tau2 import TAU2_METHODS, generalised_moments, median_generalised
from osler.synthesis.tau2.generalised_q import inverse_standard_errors
from osler.synthesis.tau2.split import spread_of_weights
from osler.synthesis.tau2.standard_error import tau2_standard_error

# Studies x groups worked on at a time: so many that threads seldom wait for each other at the
# interpreter's door, so few that memory stays small.
_BLOCK = 262_144
# Beyond these the squares of scaled numbers leave the range of double precision.
LARGEST, SMALLEST = 1e100, 1e-100
# Beyond this half of the squared range of the estimates, in units of the smallest variance,
# leaves no room for the powers that are taken of it.
FARTHEST = 1e140


@dataclass(frozen=True, slots=True)
class Choices:
    """How to pool, each by the name that is printed; made by :func:`choices`."""

    tau2: str = "REML"
    ci: str = "auto"
    level: float = 0.95
    tau2_ci: str = "QP"
    pred: str = "auto"
    i2: str = "tau2"
    seed: int = 0


@dataclass(frozen=True, slots=True)
class SynthesisBatch:
    """Results of many meta-analyses: every field is an array of shape (groups,).

    The fields mean what they mean in :class:`osler.synthesis.model.Synthesis`;
    ``ci_method`` and ``pred_method`` name the methods that were used for each. Bounds without
    a meaning (the prediction of fewer than three studies, the interval of tau2 of one) are
    NaN.
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
    df: Floats
    pred_lower: Floats
    pred_upper: Floats
    q: Floats
    q_p_value: Floats
    i2: Floats
    i2_ci_lower: Floats
    i2_ci_upper: Floats
    h2: Floats
    h2_ci_lower: Floats
    h2_ci_upper: Floats
    tau2: Floats
    tau2_se: Floats
    tau2_ci_lower: Floats
    tau2_ci_upper: Floats
    ci_method: Names
    pred_method: Names


def synthesise_many(
    estimates: ArrayLike,
    variances: ArrayLike,
    *,
    tau2_method: str = "REML",
    ci_method: str = "auto",
    level: float = 0.95,
    tau2_ci_method: str = "QP",
    pred_method: str = "auto",
    i2_method: str = "tau2",
    weights: ArrayLike | None = None,
    tau2_weights: ArrayLike | None = None,
    seed: int = 0,
) -> SynthesisBatch:
    """Pool each column of a table of studies; the quick way to a million meta-analyses.

    Parameters
    ----------
    estimates, variances : array of shape (k, groups)
        On the analysis scale (ratios as logs). Columns with fewer studies are padded with
        NaN in both.
    tau2_method, ci_method, level, tau2_ci_method, pred_method, i2_method, seed
        As in :func:`osler.synthesis.pool.synthesise`. ``tau2_ci_method="none"`` leaves out
        the search for the interval of tau2, which takes about half of the time. The
        intervals "PL", "PL-Bartlett" and "HC", "GENQ" for tau2 and the prediction "NNF" go
        through the columns one by one, or nearly so.
    weights, tau2_weights : array of shape (k, groups), optional
        As in :func:`osler.synthesis.pool.synthesise`; what stands at padded places is not
        looked at.

    Returns
    -------
    SynthesisBatch

    Raises
    ------
    DataError
        Where a column holds no study (SYN001), the shapes differ (SYN002), a variance is
        not above 0 (SYN003), only one of a pair is NaN or a number is infinite (SYN004) or
        out of range (SYN007), a method is unknown (SYN005), the level is not between 0 and 1
        (SYN006), a weight cannot be used (SYN012), or the methods do not go together (SYN013).

    Examples
    --------
    >>> y = np.array([[0.1, 0.2], [0.3, 0.9], [0.5, np.nan]])
    >>> v = np.array([[0.04, 0.01], [0.04, 0.01], [0.04, np.nan]])
    >>> many = synthesise_many(y, v)
    >>> many.estimate.round(3), many.tau2.round(3), many.k
    (array([0.3 , 0.55]), array([0.   , 0.235]), array([3., 2.]))
    """
    y, v = floats_of(estimates), floats_of(variances)
    _check_shapes(y, v)
    chosen = choices(
        tau2_method, ci_method, level, tau2_ci_method, pred_method, i2_method, seed, weights
    )
    present = ~(np.isnan(y) & np.isnan(v))
    _check_numbers(y, v, present)
    own, for_tau2 = _weights(weights, present), _weights(tau2_weights, present)
    width = max(1, _BLOCK // y.shape[0])
    if y.shape[1] > width:
        keep_freed_memory()
    parts = []
    for at in range(0, y.shape[1], width):
        part = slice(at, at + width)
        block = block_of(y[:, part], v[:, part], present[:, part])
        far = np.flatnonzero(block.reach > FARTHEST)
        if far.size:
            group = at + int(far[0])
            kept = present[:, group]
            whose = f"group {group} (counted from 0)"
            raise too_far_apart(whose, y[kept, group], v[kept, group])
        parts.append(pool_block(block, chosen, _part(own, part), _part(for_tau2, part)))
    if len(parts) == 1:
        return parts[0]
    return SynthesisBatch(
        *(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(SynthesisBatch))
    )


def _part(w: Floats | None, part: slice) -> Floats | None:
    return None if w is None else w[:, part]


def method_names(tau2_method: str, ci_method: str) -> tuple[str, str]:
    """The methods as they are printed; capitals do not matter in what is asked for."""
    return (
        checked_name("tau2 method", tau2_method, TAU2_METHODS),
        checked_name("interval method", ci_method, CI_METHODS),
    )


def choices(
    tau2_method: str = "REML",
    ci_method: str = "auto",
    level: float = 0.95,
    tau2_ci_method: str = "QP",
    pred_method: str = "auto",
    i2_method: str = "tau2",
    seed: int = 0,
    weights: object = None,
) -> Choices:
    """The choices by their printed names, once they are known and go together."""
    tau2, ci = method_names(tau2_method, ci_method)
    tau2_ci = checked_name("method for the interval of tau2", tau2_ci_method, TAU2_CI_METHODS)
    pred = checked_name("prediction method", pred_method, ("auto", *PRED_METHODS))
    i2 = checked_name("method for I2", i2_method, I2_METHODS)
    check_level(level)
    if weights is not None:
        if ci not in ("auto", "Wald", "t"):
            raise DataError(problems.no_interval_with_own_weights("interval", ci, "Wald, t"))
        if pred not in ("auto", "HTS", "V", "S"):
            raise DataError(problems.no_interval_with_own_weights("prediction", pred, "HTS, V, S"))
        ci = "Wald" if ci == "auto" else ci
    return Choices(tau2, ci, level, tau2_interval_name(tau2_ci, tau2), pred, i2, seed)


def check_level(level: float) -> None:
    """Raise where a confidence level is not a fraction that an interval can be computed for."""
    checked_level(level)


def number_problem(whose: str, estimate: float, variance: float) -> DataError | None:
    """Why a study cannot be weighed, or None where it can."""
    if not (math.isfinite(estimate) and math.isfinite(variance)):
        return DataError(problems.not_a_number(whose, estimate, variance))
    if variance <= 0:
        return DataError(problems.variance_not_positive(whose, variance))
    if abs(estimate) > LARGEST or not SMALLEST < variance < LARGEST:
        return DataError(problems.beyond_computing(whose, estimate, variance))
    return None


def too_far_apart(whose: str, y: Floats, v: Floats) -> DataError:
    """That the estimates of one meta-analysis, shape (k,), are beyond computing together."""
    low, high = float(y.min()), float(y.max())
    reach = f"{whose}, {low:g} to {high:g}"
    return DataError(problems.beyond_computing(reach, high, float(v.min())))


def _check_shapes(y: Floats, v: Floats) -> None:
    if y.ndim != 2 or y.shape != v.shape:
        raise DataError(problems.lengths_disagree(f"shapes {y.shape} and {v.shape}"))
    if not y.size:
        raise DataError(problems.no_studies(f"an array of shape {y.shape}"))


def sound(y: Floats, v: Floats) -> Bools:
    """Where an estimate and a variance can be weighed: elementwise :func:`number_problem`."""
    with np.errstate(invalid="ignore"):
        return np.asarray((np.abs(y) <= LARGEST) & (v > SMALLEST) & (v < LARGEST))


def _check_numbers(y: Floats, v: Floats, present: Bools) -> None:
    empty = np.flatnonzero(~present.any(axis=0))
    if empty.size:
        raise DataError(problems.no_studies(f"group {empty[0]} (counted from 0) is all NaN"))
    bad = np.argwhere(present & ~sound(y, v))
    if bad.size:
        study, group = (int(i) for i in bad[0])
        whose = f"study {study} of group {group} (counted from 0)"
        problem = number_problem(whose, float(y[study, group]), float(v[study, group]))
        if problem is not None:
            raise problem


def _weights(given: ArrayLike | None, present: Bools) -> Floats | None:
    """Weights of one's own, 0 where a column is padded."""
    if given is None:
        return None
    w = np.asarray(given, float)
    if w.shape != present.shape:
        raise DataError(problems.lengths_disagree(f"shapes {present.shape} and {w.shape}"))
    with np.errstate(invalid="ignore"):
        bad = np.argwhere(present & ~((w > 0) & (w < LARGEST)))
    if bad.size:
        study, group = (int(i) for i in bad[0])
        whose = f"study {study} of group {group} (counted from 0)"
        raise DataError(problems.weight_not_positive(whose, float(w[study, group])))
    w = np.where(present, w, 0.0)
    return np.asarray(w / w.max(axis=0))


def pool_block(
    block: Block,
    chosen: Choices,
    own: Floats | None = None,
    for_tau2: Floats | None = None,
    tau2: Floats | None = None,
) -> SynthesisBatch:
    """Pool the meta-analyses of a block; weights of one's own have its shape.

    ``tau2``, in the block's unit, is the estimate by the chosen method where it is at hand.
    """
    unit, k = block.unit, block.k
    a = _weights_for_tau2(block, chosen) if for_tau2 is None else for_tau2
    if tau2 is None:
        tau2 = _tau2(block, chosen.tau2, a)
    se = tau2_standard_error(chosen.tau2, block, tau2, a)
    common_w = 1.0 / block.v
    common_se = unit / np.sqrt(sum_of(common_w))
    # The block is centred on the common-effect estimate.
    q = sum_of_products(common_w * block.y, block.y)
    common_ci = wald_interval(block.centre, common_se, chosen.level)
    used = methods_used(tau2, k, chosen.ci)
    if own is None:
        means = mean_intervals(block, tau2, used, chosen.level)
    else:
        means = own_weights(block, tau2, own, used, chosen.level)
    predicted = prediction_methods(used, chosen.pred)
    prediction = prediction_intervals(
        block, tau2, means, used, predicted, chosen.level, chosen.seed
    )
    tau2_ci = tau2_interval(chosen.tau2_ci, block, tau2, se, a, chosen.level)
    if chosen.i2 == "q":
        spread = from_q(q, k, chosen.level)
    else:
        spread = from_tau2(tau2, tau2_ci, _typical_variance(common_w, k), k)
    square = unit * unit
    return SynthesisBatch(
        k=k,
        common_estimate=block.centre,
        common_se=common_se,
        common_ci_lower=common_ci[0],
        common_ci_upper=common_ci[1],
        common_p_value=common_ci[2],
        estimate=means.estimate,
        se=means.se,
        ci_lower=means.lower,
        ci_upper=means.upper,
        p_value=means.p_value,
        df=means.df,
        pred_lower=prediction[0],
        pred_upper=prediction[1],
        q=q,
        q_p_value=q_probability(q, k - 1.0),
        i2=spread.i2,
        i2_ci_lower=spread.i2_lower,
        i2_ci_upper=spread.i2_upper,
        h2=spread.h2,
        h2_ci_lower=spread.h2_lower,
        h2_ci_upper=spread.h2_upper,
        tau2=tau2 * square,
        tau2_se=se * square,
        tau2_ci_lower=tau2_ci[0] * square,
        tau2_ci_upper=tau2_ci[1] * square,
        ci_method=used,
        pred_method=either(k >= 3, predicted, ""),
    )


def _weights_for_tau2(block: Block, chosen: Choices) -> Floats:
    """Those of "GENQ" where none are given; anything will do where nothing asks for them."""
    if "GENQ" in chosen.tau2 or chosen.tau2_ci == "GENQ":
        return inverse_standard_errors(block)
    return block.v


def _typical_variance(w: Floats, k: Floats) -> Floats:
    r"""Variance of a typical study, from the common-effect weights; NaN for one study.

    .. math:: \tilde v = (k - 1) \Big/ \left(\sum w_i - \sum w_i^2 / \sum w_i\right),
              \quad w_i = 1 / v_i

    References
    ----------
    .. [1] Higgins & Thompson (2002). Stat Med 21, 1539-1558, equation 9. doi:10.1002/sim.1186
    """
    return quotient(k - 1.0, spread_of_weights(w), np.nan)


def _tau2(block: Block, name: str, a: Floats) -> Floats:
    if name == "GENQ":
        return generalised_moments(block, a)
    if name == "GENQM":
        return median_generalised(block, a)
    return TAU2_METHODS[name](block)
