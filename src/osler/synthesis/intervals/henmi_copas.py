"""The interval of Henmi and Copas: common-effect weights, with tau2 in the error alone."""

from functools import cache

import numpy as np
from scipy.special import gammainc, ndtr

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.quantiles import normal_quantile
from osler.synthesis import problems
from osler.synthesis.kernel import Block
from osler.synthesis.tau2.dl import dersimonian_laird
from osler.synthesis.tau2.generalised_q import LEAST_WEIGHT

# Gauss-Legendre points for the part of the normal density beyond the bound; 10 standard
# deviations hold all of it.
_POINTS = 160
_FAR = 12.0
_HALVINGS = 80


@cache
def _rule() -> tuple[Floats, Floats]:
    """Nodes and weights on [-1, 1]; found when they are first needed."""
    nodes, weights = np.polynomial.legendre.leggauss(_POINTS)
    return nodes, weights


def henmi_copas(block: Block, level: float) -> tuple[Floats, Floats, Floats, Floats]:
    r"""Standard error, multiplier and p-value around the common-effect estimate.

    The estimate gives small studies, which publication bias distorts most, no more weight
    than the common-effect model does; its variance
    :math:`(1 + \hat\tau^2 \sum w_i^2 / \sum w_i) / \sum w_i` allows for heterogeneity, with
    DerSimonian and Laird's tau2 and a reference distribution that knows of its error.

    Parameters
    ----------
    block : Block
        Meta-analyses side by side.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    se : array of shape (groups,)
        In the block's unit.
    multiplier : array of shape (groups,)
        Takes the place of the normal quantile.
    p_value : array of shape (groups,)
        Of a mean of 0.
    tau2 : array of shape (groups,)
        DerSimonian and Laird's, in the block's unit.

    Notes
    -----
    Equals ``hc(fit)`` of metafor. The distribution of Q given the estimate is taken for a
    gamma with its exact mean and variance.

    References
    ----------
    .. [1] Henmi & Copas (2010). Stat Med 29, 2969-2983. doi:10.1002/sim.4029
    """
    tau2 = dersimonian_laird(block)
    w = 1.0 / block.v
    total, squares = w.sum(axis=0), (w * w).sum(axis=0)
    se = np.sqrt((1.0 + tau2 * squares / total) / total)
    multiplier, p_value = np.empty_like(se), np.empty_like(se)
    statistic = np.abs(block.centre / block.unit) / se
    for group, k in enumerate(block.k):
        if k == 1:
            multiplier[group] = normal_quantile(0.5 + level / 2.0)
            p_value[group] = 2.0 * ndtr(-statistic[group])
            continue
        here = block.present[:, group]
        if w[here, group].min() < LEAST_WEIGHT * w[:, group].max():
            ratio = float(w[:, group].max() / w[here, group].min())
            raise DataError(problems.weights_far_apart(ratio))
        pivot = _Pivot(block.v[here, group], float(tau2[group]))
        multiplier[group] = pivot.quantile(1.0 - level)
        p_value[group] = pivot.tail(float(statistic[group]))
    return se, multiplier, p_value, tau2


class _Pivot:
    """The distribution of the estimate's error over its estimated standard error."""

    def __init__(self, v: Floats, tau2: float) -> None:
        w = 1.0 / v
        self.total = w.sum()
        self.ratio = float((w * w).sum() / self.total)
        self.df = v.size - 1
        self.scale = float(self.total - self.ratio)
        # Of R, the standardised error of the estimate, and of Q given R = r: Q = y'Ay with
        # A = W - ww'/S, and y given R is normal with mean m r and variance D - m m' var(R).
        d = v + tau2
        self.variance = float(1.0 + tau2 * self.ratio)
        m = d * w / np.sqrt(self.total) / self.variance

        def a(x: Floats) -> Floats:
            return np.asarray(w * x - w * (w @ x) / self.total)

        am = a(m)
        dam = d * am
        self.slope = float(m @ am)
        wd = w * d
        trace = wd.sum() - (w @ wd) / self.total
        trace2 = (wd @ wd) - 2.0 * (w @ (wd * wd)) / self.total + ((w @ wd) / self.total) ** 2
        spread = float(am @ dam)
        self.mean = float(trace - self.variance * self.slope)
        self.second = float(
            2.0 * (trace2 - 2.0 * self.variance * spread + (self.variance * self.slope) ** 2)
        )
        self.second_slope = float(4.0 * (spread - self.variance * self.slope**2))

    def tail(self, t: float) -> float:
        """Probability that the pivot is farther from 0 than ``t``."""
        if t <= 0:
            return 1.0
        deviation = np.sqrt(self.variance)
        end = max(_FAR * deviation, t + 1.0)
        if t >= _FAR * deviation * 10:
            return 0.0
        nodes, weights = _rule()
        r = 0.5 * (end + t) + 0.5 * (end - t) * nodes
        limit = (r * r / (t * t) - 1.0) * self.scale / self.ratio + self.df
        mean = self.mean + self.slope * r * r
        variance = np.maximum(self.second + self.second_slope * r * r, 1e-300)
        below = gammainc(mean * mean / variance, limit * mean / variance)
        density = np.exp(-0.5 * r * r / self.variance) / np.sqrt(2.0 * np.pi * self.variance)
        return float((end - t) * (weights * below * density).sum())

    def quantile(self, alpha: float) -> float:
        low, high = 0.0, 1.0
        while self.tail(high) > alpha:
            high *= 2.0
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            if self.tail(middle) > alpha:
                low = middle
            else:
                high = middle
        return 0.5 * (low + high)
