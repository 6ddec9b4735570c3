"""One between-study variance for several subgroups, each with a mean of its own."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats
from osler.core.quantiles import chi2_quantile
from osler.core.roots import newton_in_bracket
from osler.synthesis.tau2.peaks import highest

COMMON_TAU2_METHODS = ("REML", "ML", "DL", "PM", "PMM", "EB", "SJIT", "HE")


def common_tau2(groups: NDArray[np.intp], y: Floats, v: Floats, method: str) -> float:
    """Between-study variance within subgroups; 0 where no subgroup has two studies.

    Parameters
    ----------
    groups : array of int, shape (k,)
        The subgroup of each study, from 0, in ascending order.
    y, v : array of shape (k,)
        Estimates and variances.
    method : str
        A name of ``COMMON_TAU2_METHODS``.

    Notes
    -----
    Equals metafor's ``rma(mods = ~ factor(subgroup), method=...)``: with a mean for each
    subgroup the likelihoods, Q and their expectations are sums over the subgroups.

    References
    ----------
    .. [1] Borenstein, Hedges, Higgins & Rothstein (2009). Introduction to Meta-Analysis,
       chapter 19. doi:10.1002/9780470743386
    """
    unit = v.min()
    within = _Within(np.flatnonzero(np.diff(groups, prepend=-1)), groups)
    y = (y - within.sums(y / v, groups) / within.sums(1 / v, groups))[:, None] / np.sqrt(unit)
    v = v[:, None] / unit
    df = float(groups.size - within.starts.size)
    if df == 0:
        return 0.0
    reach = np.array([0.5 * np.ptp(y) ** 2])
    if method in ("REML", "ML"):
        found = highest(
            y, v, reach, within.score(method == "REML"), within.height(method == "REML")
        )[0][0]
    elif method == "DL":
        found = within.moments(1.0 / v, y, v)
    elif method == "HE":
        found = within.moments(np.ones_like(v), y, v)
    else:
        goal = float(chi2_quantile(0.5, df)) if method == "PMM" else df
        found = within.tau2_where_q_is(goal, y, v, df, reach)
    return float(found * unit)


@dataclass(frozen=True, slots=True)
class _Within:
    """Sums within subgroups, whose first rows are ``starts``."""

    starts: NDArray[np.intp]
    groups: NDArray[np.intp]

    def sums(self, x: Floats, spread: NDArray[np.intp] | None = None) -> Floats:
        """By subgroup along the first axis; ``spread`` gives them back to the studies."""
        total = np.add.reduceat(x, self.starts, axis=0)
        return np.asarray(total if spread is None else total[spread])

    def residuals(self, y: Floats, w: Floats) -> Floats:
        return y - self.sums(w * y, self.groups) / self.sums(w, self.groups)

    def score(self, restricted: bool) -> Callable[..., tuple[Floats, Floats]]:
        def of(y: Floats, v: Floats, tau2: Floats) -> tuple[Floats, Floats]:
            w = 1.0 / (v + tau2)
            total, squares = self.sums(w), self.sums(w * w)
            pulled = w * self.residuals(y, w)
            value = (pulled * pulled).sum(axis=0) - total.sum(axis=0)
            slope = squares.sum(axis=0) - 2.0 * (w * pulled * pulled).sum(axis=0)
            slope = slope + (2.0 * self.sums(w * pulled) ** 2 / total).sum(axis=0)
            if restricted:
                value = value + (squares / total).sum(axis=0)
                slope = slope + ((squares / total) ** 2).sum(axis=0)
                slope = slope - (2.0 * self.sums(w**3) / total).sum(axis=0)
            return value, slope

        return of

    def height(self, restricted: bool) -> Callable[..., Floats]:
        def of(y: Floats, v: Floats, tau2: Floats) -> Floats:
            w = 1.0 / (v + tau2)
            residual = self.residuals(y, w)
            fit = 0.5 * np.log(w).sum(axis=0) - 0.5 * (w * residual * residual).sum(axis=0)
            return np.asarray(fit - 0.5 * restricted * np.log(self.sums(w)).sum(axis=0))

        return of

    def moments(self, a: Floats, y: Floats, v: Floats) -> float:
        total = self.sums(a)
        q = (a * self.residuals(y, a) ** 2).sum()
        by_chance = (a * v).sum() - (self.sums(a * a * v) / total).sum()
        return float(max(0.0, (q - by_chance) / (total - self.sums(a * a) / total).sum()))

    def tau2_where_q_is(self, goal: float, y: Floats, v: Floats, df: float, reach: Floats) -> float:
        def gap(tau2: Floats) -> tuple[Floats, Floats]:
            w = 1.0 / (v + tau2)
            residual = self.residuals(y, w)
            q, slope = (w * residual**2).sum(axis=0), (w * residual) ** 2
            return 1.0 - goal / q, -goal * slope.sum(axis=0) / (q * q)

        if gap(np.zeros(1))[0][0] <= 0:
            return 0.0
        top = 1.001 * 2.0 * reach * df / goal
        return float(newton_in_bracket(gap, 0.0 * top, top, 0.0 * top, 1.0 + 0.0 * top)[0])
