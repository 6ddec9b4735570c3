"""Every interval of the mean of the random-effects model, under the names users ask by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Bools, Floats
from osler.synthesis.intervals.hartung_knapp import hartung_knapp_interval, hartung_knapp_se
from osler.synthesis.intervals.henmi_copas import henmi_copas
from osler.synthesis.intervals.kenward_roger import kenward_roger
from osler.synthesis.intervals.likelihood import mean_likelihood_interval
from osler.synthesis.intervals.student import student_quantile
from osler.synthesis.intervals.wald import wald_interval
from osler.synthesis.intervals.whole_degrees import t_probability
from osler.synthesis.kernel import Block, sum_of, sum_of_products, weighted_mean, weights

Names: TypeAlias = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Means:
    """Means of random-effects models, each an array of shape (groups,) on the data's scale.

    ``df`` is infinite where the normal or chi-squared distribution was used.
    """

    estimate: Floats
    se: Floats
    lower: Floats
    upper: Floats
    p_value: Floats
    df: Floats


Method: TypeAlias = Callable[[Block, Floats, float], Means]


def _weighted(block: Block, tau2: Floats) -> tuple[Floats, Floats, Floats]:
    """The weights, their sum, and the mean in the block's unit."""
    w = weights(block.v, tau2)
    total = sum_of(w)
    return w, total, sum_of_products(w, block.y) / total


def _wald(block: Block, tau2: Floats, level: float) -> Means:
    _, total, mean = _weighted(block, tau2)
    estimate, se = block.centre + block.unit * mean, block.unit / np.sqrt(total)
    return Means(estimate, se, *wald_interval(estimate, se, level), np.full_like(se, np.inf))


def _t(block: Block, tau2: Floats, level: float) -> Means:
    _, total, mean = _weighted(block, tau2)
    return by_t(block.centre + block.unit * mean, block.unit / np.sqrt(total), block.k - 1.0, level)


def by_t(estimate: Floats, se: Floats, df: Floats, level: float) -> Means:
    """Interval and p-value by t; NaN where ``df`` is below 1."""
    half = student_quantile(0.5 + level / 2.0, df) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = t_probability(estimate / se, df)
    return Means(estimate, se, estimate - half, estimate + half, p_value, df)


def _hksj(block: Block, tau2: Floats, level: float, *, guarded: bool = False) -> Means:
    w, total, mean = _weighted(block, tau2)
    residual = block.y - mean
    q = sum_of_products(w * residual, residual)
    estimate = block.centre + block.unit * mean
    se = block.unit * hartung_knapp_se(q, block.k, total, guarded=guarded)
    interval = hartung_knapp_interval(estimate, se, block.k, level)
    return Means(estimate, se, *interval, block.k - 1.0)


def _hksj_guarded(block: Block, tau2: Floats, level: float) -> Means:
    return _hksj(block, tau2, level, guarded=True)


def _hksj_hybrid(block: Block, tau2: Floats, level: float) -> Means:
    plain, wald = _hksj(block, tau2, level), _wald(block, tau2, level)
    wider = wald.upper - wald.lower > plain.upper - plain.lower
    return _chosen(wider, wald, plain)


def _chosen(first: NDArray[np.bool_], one: Means, other: Means) -> Means:
    names = [f.name for f in fields(Means)]
    return Means(*(np.where(first, getattr(one, n), getattr(other, n)) for n in names))


def _kr(block: Block, tau2: Floats, level: float, *, observed: bool = False) -> Means:
    adjusted = kenward_roger(block, tau2, observed=observed)
    mean = weighted_mean(block.y, weights(block.v, tau2))
    estimate = block.centre + block.unit * mean
    return by_t(estimate, block.unit * adjusted.se, adjusted.df, level)


def _kr_observed(block: Block, tau2: Floats, level: float) -> Means:
    return _kr(block, tau2, level, observed=True)


def _pl(block: Block, tau2: Floats, level: float, *, bartlett: bool = False) -> Means:
    wald = _wald(block, tau2, level)
    found = mean_likelihood_interval(block, level, bartlett=bartlett)
    return Means(wald.estimate, wald.se, found.lower, found.upper, found.p_value, wald.df)


def _pl_bartlett(block: Block, tau2: Floats, level: float) -> Means:
    return _pl(block, tau2, level, bartlett=True)


def _hc(block: Block, tau2: Floats, level: float) -> Means:
    se, multiplier, p_value, _ = henmi_copas(block, level)
    se = block.unit * se
    half = multiplier * se
    centre = block.centre
    return Means(centre, se, centre - half, centre + half, p_value, np.full_like(se, np.inf))


MEAN_METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "HKSJ": _hksj,
        "HKSJ-adhoc": _hksj_guarded,
        "HKSJ-hybrid": _hksj_hybrid,
        "KR": _kr,
        "KR-observed": _kr_observed,
        "t": _t,
        "Wald": _wald,
        "PL": _pl,
        "PL-Bartlett": _pl_bartlett,
        "HC": _hc,
    }
)

CI_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "HKSJ": "Hartung, Knapp, Sidik and Jonkman",
        "HKSJ-adhoc": "Hartung, Knapp, Sidik and Jonkman, standard error not below Wald's",
        "HKSJ-hybrid": "Hartung, Knapp, Sidik and Jonkman, or Wald's where that is wider",
        "KR": "Kenward and Roger, expected information",
        "KR-observed": "Kenward and Roger, observed information",
        "t": "Wald's standard error with t",
        "Wald": "normal (Wald)",
        "PL": "profile likelihood",
        "PL-Bartlett": "profile likelihood, Bartlett-corrected",
        "HC": "Henmi and Copas, around the common-effect estimate",
    }
)


def methods_used(tau2: Floats, k: Floats, name: str) -> Names:
    """The interval method of each group: "auto" decides here; one study leaves only Wald."""
    if name == "auto":
        return either((k >= 3) & (tau2 > 0), "HKSJ", "Wald")
    return either(k > 1, name, "Wald")


def either(condition: Bools, name: str | Names, other: str) -> Names:
    """A name for each group."""
    if condition.ndim:
        return np.where(condition, name, other)
    return cast(Names, np.str_(name if condition else other))


def the_same(names: Names) -> str:
    """The name that all groups share; empty where they do not."""
    if names.size == 1:
        return str(names.item())
    return str(names[0]) if (names == names[0]).all() else ""


def mean_intervals(block: Block, tau2: Floats, used: Names, level: float) -> Means:
    """Estimate, standard error, interval and p-value of each group by its own method."""
    if shared := the_same(used):
        return MEAN_METHODS[shared](block, tau2, level)
    out = Means(*(np.empty_like(tau2) for _ in fields(Means)))
    for name in np.unique(used):
        of = used == name
        part = MEAN_METHODS[str(name)](block.columns(of), tau2[of], level)
        for field in fields(Means):
            getattr(out, field.name)[of] = getattr(part, field.name)
    return out


def own_weights(block: Block, tau2: Floats, w: Floats, used: Names, level: float) -> Means:
    r"""The mean with stated weights, :math:`\sum u_i y_i / \sum u_i`, and its interval.

    Its variance is :math:`\sum u_i^2 (v_i + \hat\tau^2) / (\sum u_i)^2`; equals metafor's
    ``rma(weights=u)``. By "Wald" or "t".
    """
    share = w / w.sum(axis=0)
    estimate = block.centre + block.unit * (share * block.y).sum(axis=0)
    spread = share * share * np.where(block.present, block.v + tau2, 0.0)
    se = block.unit * np.sqrt(spread.sum(axis=0))
    wald = Means(estimate, se, *wald_interval(estimate, se, level), np.full_like(se, np.inf))
    return _chosen(used == "t", by_t(estimate, se, block.k - 1.0, level), wald)
