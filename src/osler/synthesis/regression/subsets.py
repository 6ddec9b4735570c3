"""The regression of each of many subsets of its studies."""

from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Bools, Floats
from osler.synthesis.regression.fit import Fit, by_own_weights, stacked
from osler.synthesis.regression.kernel import coefficients, leverage, project, residual_q
from osler.synthesis.regression.tau2 import estimate_tau2, problem_of

# Studies x subsets worked on at a time.
_BLOCK = 65_536


@dataclass(frozen=True, slots=True)
class SubsetFits:
    """One regression a subset; NaN where it has too few studies, or a coefficient no data.

    Attributes
    ----------
    b : array of shape (subsets, p)
    tau2, q, i2 : array of shape (subsets,)
    """

    b: Floats
    tau2: Floats
    q: Floats
    i2: Floats


def subset_fits(fit: Fit, members: Bools) -> SubsetFits:
    """Fit the subsets marked in the rows of ``members``, shape (subsets, k).

    tau2 is estimated anew in each.
    """
    width = max(1, _BLOCK // fit.k)
    parts = [_block(fit, members[at : at + width].T) for at in range(0, len(members), width)]
    return SubsetFits(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def _block(fit: Fit, present: Bools) -> tuple[Floats, Floats, Floats, Floats]:
    """Subsets in the columns of ``present``, shape (k, subsets)."""
    X = stacked(fit.design)
    y = np.repeat(fit.y[:, None], present.shape[1], axis=1)
    v = np.where(present, fit.v[:, None], np.inf)
    problem = problem_of(y, v, X)
    tau2 = estimate_tau2(problem, fit.tau2_method, y)
    usable = problem.full_rank & (problem.df > 0) & np.isfinite(tau2)
    at = np.where(usable, tau2, 0.0)
    if fit.own is None:
        b = coefficients(project(y, X, 1.0 / (v + at)))
    else:
        own = np.where(present, fit.own[:, None], 0.0)
        b = by_own_weights(y, fit.v[:, None] + at, X, own)[0]
    plain = project(y, X, 1.0 / v)
    q, free = residual_q(plain), (plain.weights * (1.0 - leverage(plain))).sum(axis=0)
    gone = np.where(usable, 0.0, np.nan)
    return (b + gone).T, tau2 + gone, q + gone, _share(fit, at, q, problem.df, free) + gone


def _share(fit: Fit, tau2: Floats, q: Floats, df: Floats, free: Floats) -> Floats:
    """I2 from tau2 and the typical variance df / tr(P); by a common effect from Q."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if fit.tau2_method == "CE":
            return np.asarray(np.where(q > df, 1.0 - df / q, 0.0))
        return np.asarray(tau2 / (tau2 + df / free))
