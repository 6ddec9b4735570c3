"""Intervals from the likelihood: for tau2, and for the mean with tau2 profiled out."""

from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Bools, Floats
from osler.core.quantiles import chi2_quantile, chi2_tail
from osler.synthesis.kernel import Block, weighted_mean, weights
from osler.synthesis.tau2.generalised_q import Curve, regula_falsi
from osler.synthesis.tau2.ml import (
    log_likelihood,
    log_likelihood_with_known_mean,
    maximum_likelihood,
    restricted_log_likelihood,
    score_with_known_mean,
)
from osler.synthesis.tau2.peaks import highest, scan_points
from osler.synthesis.tau2.reml import restricted_likelihood

# Points looked at between the estimate and the far end, so that a second peak is not missed.
_MEAN_POINTS = 48


def tau2_likelihood_interval(
    block: Block, level: float, *, restricted: bool
) -> tuple[Floats, Floats]:
    r"""The values of :math:`\tau^2` whose likelihood is not too far below the highest.

    .. math:: 2\{\ell(\hat\tau^2) - \ell(\tau^2)\} \le \chi^2_{1, \mathrm{level}}

    Parameters
    ----------
    block : Block
        Meta-analyses side by side.
    level : float
        Confidence level, between 0 and 1.
    restricted : bool
        The restricted likelihood, else the likelihood with the mean profiled out.

    Returns
    -------
    lower, upper : array of shape (groups,)
        In the block's unit; NaN for one study. Where a valley of the likelihood parts such
        values in two sets, the smallest and the largest of them all.

    Notes
    -----
    Equals ``confint(fit, type="PL")`` of metafor after "ML" and "REML" where there is one
    peak; metafor's search starts at its estimate and stops at the nearest crossing.

    References
    ----------
    .. [1] Hardy & Thompson (1996). Stat Med 15, 619-629.
       doi:10.1002/(SICI)1097-0258(19960330)15:6<619::AID-SIM188>3.0.CO;2-A
    .. [2] Viechtbauer (2007). Stat Med 26, 37-52. doi:10.1002/sim.2514
    """
    lower, upper = np.full_like(block.k, np.nan), np.full_like(block.k, np.nan)
    several = np.flatnonzero(block.k > 1)
    if several.size:
        part = block.columns(several)
        lower[several], upper[several] = _tau2_interval(part, level, restricted)
    return lower, upper


def _tau2_interval(block: Block, level: float, restricted: bool) -> tuple[Floats, Floats]:
    estimate = (restricted_likelihood if restricted else maximum_likelihood)(block)
    height = restricted_log_likelihood if restricted else log_likelihood
    fall = float(chi2_quantile(level, 1.0)) / 2.0
    goal = height(block.y, block.v, estimate) - fall

    def above(s: Floats) -> Floats:
        return np.asarray(height(block.y, block.v, np.expm1(s)) - goal)

    top = np.log1p(block.reach) + 1.0
    while (high := above(top) > 0).any():
        top = np.where(high, top + 2.0, top)
    points = np.log1p(scan_points(np.expm1(top)))
    inside = np.stack([above(s) >= 0 for s in points])
    at = np.log1p(estimate)
    lower = _crossing(above, *_first_entry(points, inside, at))
    upper = _crossing(above, *_last_exit(points, inside, at))
    return np.where(inside[0], 0.0, np.expm1(lower)), np.expm1(upper)


def _first_entry(points: Floats, inside: Bools, at: Floats) -> tuple[Floats, Floats]:
    """The last point that is outside before the first inside, and a point inside."""
    within = np.where(inside, points, np.inf).min(axis=0)
    within = np.minimum(within, at)
    return np.where(points < within, points, points[0]).max(axis=0), within


def _last_exit(points: Floats, inside: Bools, at: Floats) -> tuple[Floats, Floats]:
    """The first point that is outside after the last inside, and a point inside."""
    within = np.where(inside, points, -np.inf).max(axis=0)
    within = np.maximum(within, at)
    return np.where(points > within, points, points[-1]).min(axis=0), within


def _crossing(above: Curve, outside: Floats, inside: Floats) -> Floats:
    """Where a curve that is negative outside and not inside crosses 0."""
    return regula_falsi(above, outside, inside)


@dataclass(frozen=True, slots=True)
class LikelihoodMean:
    """The mean by maximum likelihood, its interval and the p-value of a mean of 0.

    Each an array of shape (groups,), on the scale of the data; ``correction`` is what the
    likelihood ratio was divided by.
    """

    estimate: Floats
    lower: Floats
    upper: Floats
    p_value: Floats
    correction: Floats


def mean_likelihood_interval(block: Block, level: float, *, bartlett: bool) -> LikelihoodMean:
    r"""The means whose likelihood, at its best tau2, is not too far below the highest.

    .. math:: 2\{\ell(\hat\mu, \hat\tau^2) - \max_{\tau^2} \ell(\mu, \tau^2)\}
              \le (1 + b)\, \chi^2_{1, \mathrm{level}}

    Parameters
    ----------
    block : Block
        Meta-analyses side by side.
    level : float
        Confidence level, between 0 and 1.
    bartlett : bool
        Whether :math:`b = 2 S_3 / (S_1 S_2) - S_2 / (2 S_1^2)`, with :math:`S_r = \sum w_i^r`
        at the estimate, so that the ratio has the mean of its reference distribution up to
        terms of order :math:`k^{-2}`; else b is 0.

    Notes
    -----
    The likelihood is that of maximum likelihood, whatever estimator of tau2 was chosen. Where
    a valley parts the means that pass in two sets, the smallest and largest of all are given.

    References
    ----------
    .. [1] Hardy & Thompson (1996). Stat Med 15, 619-629.
       doi:10.1002/(SICI)1097-0258(19960330)15:6<619::AID-SIM188>3.0.CO;2-A
    .. [2] Huizenga, Visser & Dolan (2011). Br J Math Stat Psychol 64, 1-19.
       doi:10.1348/000711010X522687
    .. [3] Lawley (1956). Biometrika 43, 295-303 (the general correction). doi:10.2307/2332908
    """
    tau2 = maximum_likelihood(block)
    w = weights(block.v, tau2)
    estimate = weighted_mean(block.y, w)
    best = log_likelihood(block.y, block.v, tau2)
    s1, s2, s3 = w.sum(axis=0), (w * w).sum(axis=0), (w**3).sum(axis=0)
    factor = 1.0 + (2.0 * s3 / (s1 * s2) - 0.5 * s2 / s1**2 if bartlett else 0.0 * s1)
    goal = best - 0.5 * factor * chi2_quantile(level, 1.0)

    def above(mean: Floats) -> Floats:
        return np.asarray(_height_at(block, mean) - goal)

    step = 2.0 / np.sqrt(s1)
    ends = []
    for side in (-1.0, 1.0):
        # Beyond the estimates the likelihood only falls.
        far = estimate + side * step
        far = (
            np.minimum(far, block.y.min(axis=0))
            if side < 0
            else np.maximum(far, block.y.max(axis=0))
        )
        while (high := above(far) > 0).any():
            far = np.where(high, estimate + 2.0 * (far - estimate), far)
        points = estimate + np.linspace(0.0, 1.0, _MEAN_POINTS)[:, None] * (far - estimate)
        inside = np.stack([above(mean) >= 0 for mean in points])
        inside[0] = True
        last = _MEAN_POINTS - 1 - inside[::-1].argmax(axis=0)
        column = np.arange(last.size)
        ends.append(_crossing(above, points[last + 1, column], points[last, column]))
    ratio = 2.0 * (best - _height_at(block, -block.centre / block.unit)) / factor
    return LikelihoodMean(
        block.centre + block.unit * estimate,
        block.centre + block.unit * ends[0],
        block.centre + block.unit * ends[1],
        chi2_tail(np.maximum(ratio, 0.0), np.ones_like(ratio)),
        factor,
    )


def _height_at(block: Block, mean: Floats) -> Floats:
    """The likelihood of a mean at its best tau2; means of shape (groups,)."""
    y = np.where(block.present, block.y - mean, 0.0)
    # Beyond the largest squared residual every study pulls tau2 down.
    reach = (y * y).max(axis=0)
    tau2, _ = highest(y, block.v, reach, score_with_known_mean, log_likelihood_with_known_mean)
    return log_likelihood_with_known_mean(y, block.v, tau2)
