"""The same synthesis of other choices of the studies, all choices in one batch."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import isnan

import numpy as np

from osler.appraisal.influence.studies import Studies, short
from osler.core.arrays import Bools
from osler.core.wording import aligned, level_percent, p_value, percent, significant
from osler.effects.scales import Scale, interval, shown
from osler.synthesis.account import compares
from osler.synthesis.batch import SynthesisBatch, synthesise_many


@dataclass(frozen=True, slots=True)
class Refit:
    """One synthesis of some of the studies, by one model; on the analysis scale.

    Under a common effect ``tau2`` is 0 by assumption, ``i2`` and ``h2`` come from Q, and
    there is no prediction interval and no interval of tau2: both are NaN.
    """

    k: int
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    p_value: float
    ci_method: str
    pred_lower: float
    pred_upper: float
    q: float
    df: int
    q_p_value: float
    i2: float
    h2: float
    tau2: float
    tau2_ci_lower: float
    tau2_ci_upper: float


def refits(studies: Studies, members: Bools) -> tuple[Refit, ...]:
    """One synthesis a column of ``members``, shape (k, columns), made as that of all."""
    many = pooled_columns(studies, members)
    of = _random if studies.model == "random_effects" else _common
    return tuple(of(many, at) for at in range(members.shape[1]))


def pooled_columns(studies: Studies, members: Bools) -> SynthesisBatch:
    """The batch of syntheses of the studies marked in each column."""
    y = np.where(members, studies.y[:, None], np.nan)
    v = np.where(members, studies.v[:, None], np.nan)
    return synthesise_many(
        y,
        v,
        tau2_method=studies.tau2_method,
        ci_method=studies.fit.ci_asked,
        level=studies.level,
    )


REFIT_FORMULA = "Σ wⱼyⱼ / Σ wⱼ over the studies pooled, wⱼ = 1 / (vⱼ + τ²)"
# Of more refits a person reads no table to its end.
MOST_SHOWN = 60


def all_but_one(k: int) -> Bools:
    """Column j holds every study but the j-th."""
    return np.asarray(~np.eye(k, dtype=bool))


def refit_columns(rows: Sequence[Refit]) -> dict[str, list[object]]:
    """The fields of the refits as columns."""
    return {f.name: [getattr(row, f.name) for row in rows] for f in fields(Refit)}


def refit_table(
    head: str, labels: Sequence[str], rows: Sequence[Refit], scale: Scale, level: float
) -> list[str]:
    """The refits as lines of an aligned table; of very many the first, and how many more."""
    more = len(rows) - MOST_SHOWN
    if more > 0:
        labels, rows = labels[:MOST_SHOWN], rows[:MOST_SHOWN]
    name = scale.measure or "Estimate"
    tested = compares(scale.measure)
    p_head = ["p"] if tested else []
    cells = [[head, "k", name, f"{level_percent(level)} CI", *p_head, "tau²", "I²", "Q"]]
    for label, row in zip(labels, rows, strict=True):
        cells.append(
            [
                short(label),
                str(row.k),
                shown(scale, row.estimate),
                interval(scale, row.ci_lower, row.ci_upper),
                *([p_value(row.p_value).removeprefix("p ").removeprefix("= ")] if tested else []),
                significant(row.tau2),
                percent(row.i2),
                "–" if isnan(row.q) else f"{row.q:.1f}",
            ]
        )
    return aligned(cells) + ([f"... {more} more; columns() has them all"] if more > 0 else [])


def _random(many: SynthesisBatch, at: int) -> Refit:
    k = int(many.k[at])
    return Refit(
        k=k,
        estimate=float(many.estimate[at]),
        se=float(many.se[at]),
        ci_lower=float(many.ci_lower[at]),
        ci_upper=float(many.ci_upper[at]),
        p_value=float(many.p_value[at]),
        ci_method=str(many.ci_method[at]),
        pred_lower=float(many.pred_lower[at]),
        pred_upper=float(many.pred_upper[at]),
        q=float(many.q[at]),
        df=k - 1,
        q_p_value=float(many.q_p_value[at]),
        i2=float(many.i2[at]),
        h2=float(many.h2[at]),
        tau2=float(many.tau2[at]),
        tau2_ci_lower=float(many.tau2_ci_lower[at]),
        tau2_ci_upper=float(many.tau2_ci_upper[at]),
    )


def _common(many: SynthesisBatch, at: int) -> Refit:
    k, q = int(many.k[at]), float(many.q[at])
    return Refit(
        k=k,
        estimate=float(many.common_estimate[at]),
        se=float(many.common_se[at]),
        ci_lower=float(many.common_ci_lower[at]),
        ci_upper=float(many.common_ci_upper[at]),
        p_value=float(many.common_p_value[at]),
        ci_method="Wald",
        pred_lower=float("nan"),
        pred_upper=float("nan"),
        q=q,
        df=k - 1,
        q_p_value=float(many.q_p_value[at]),
        i2=max(0.0, (q - (k - 1)) / q) if k > 1 and q > 0 else 0.0,
        h2=q / (k - 1) if k > 1 else 1.0,
        tau2=0.0,
        tau2_ci_lower=float("nan"),
        tau2_ci_upper=float("nan"),
    )
