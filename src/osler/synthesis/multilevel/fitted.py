"""What a fitted model keeps for the questions asked of it later."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from osler.core.arrays import Floats
from osler.core.quantiles import (
    chi2_tail,
    normal_quantile,
    normal_two_sided,
    t_quantile,
    t_two_sided,
)
from osler.synthesis.multilevel.core import Marginal, Problem, Solution
from osler.synthesis.multilevel.fixed import Design


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen: method, distribution, degrees of freedom, level, measure."""

    method: str
    test: str
    df: str | tuple[float, ...]
    level: float
    measure: str


@dataclass(frozen=True, slots=True)
class Fitted:
    """Arrays behind a :class:`Multilevel`.

    Attributes
    ----------
    problem : Problem
    solution : Solution
    marginal : Marginal
    design : Design
    choices : Choices
    df : array of shape (p,)
        Of each coefficient; infinite with the normal distribution.
    columns : dict
        Of the data, rows that were used.
    """

    problem: Problem
    solution: Solution
    marginal: Marginal
    design: Design
    choices: Choices
    df: Floats
    columns: dict[str, list[object]]


def quantiles(level: float, df: Floats) -> Floats:
    """Half-widths of intervals in standard errors: t, or normal where df is infinite."""
    p = 0.5 + level / 2.0
    finite = np.isfinite(df)
    by_t = t_quantile(p, np.where(finite, df, 1.0))
    return np.where(finite, by_t, normal_quantile(p))


def two_sided(statistic: Floats, df: Floats) -> Floats:
    """P-values of t, or of the normal where df is infinite."""
    finite = np.isfinite(df)
    by_t = t_two_sided(statistic, np.where(finite, df, 1.0))
    return np.where(finite, by_t, normal_two_sided(statistic))


def wald_tail(q: float, df1: int, df2: float) -> float:
    """P-value of a Wald statistic: chi-squared, or F of q over df1."""
    if df1 == 0:
        return float("nan")
    if np.isinf(df2):
        return float(chi2_tail(q, df1))
    return float(special.fdtrc(df1, df2, q / df1)) if df2 > 0 else float("nan")
