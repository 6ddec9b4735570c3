"""The prediction interval of Nagashima, Noma and Furukawa."""

import numpy as np
from scipy.special import ndtr, ndtri

from osler.core.arrays import Floats
from osler.synthesis.kernel import Block, weights
from osler.synthesis.tau2.generalised_q import probability_of_q

DRAWS = 25_000
_GRID = 400


def prediction_by_draws(block: Block, level: float, seed: int) -> tuple[Floats, Floats]:
    r"""Quantiles of :math:`\hat\mu_b + z_b \tau_b - t_b\, \mathrm{se}_b` over draws b.

    :math:`\tau_b^2` comes from its confidence distribution, which gives to all values up to
    :math:`\tau^2` the probability that Q exceeds what was observed;
    :math:`\hat\mu_b` and the standard error of Hartung and Knapp go with it, z is normal and
    t has k - 1 degrees of freedom.

    Parameters
    ----------
    block : Block
        Meta-analyses side by side.
    level : float
        Confidence level, between 0 and 1.
    seed : int
        The same seed gives the same bounds, whatever stands beside.

    Returns
    -------
    lower, upper : array of shape (groups,)
        On the data's scale, from 25,000 draws; NaN where fewer than three studies were pooled.

    Notes
    -----
    Keeps its promised coverage with few studies, where intervals by t are too narrow. Does
    not depend on an estimate of tau2.

    References
    ----------
    .. [1] Nagashima, Noma & Furukawa (2019). Stat Methods Med Res 28, 1689-1702.
       doi:10.1177/0962280218773520
    """
    lower, upper = np.full_like(block.k, np.nan), np.full_like(block.k, np.nan)
    for group in np.flatnonzero(block.k >= 3):
        new = _draws(block, int(group), np.random.default_rng(seed))
        ends = np.quantile(new, [0.5 - level / 2.0, 0.5 + level / 2.0])
        lower[group], upper[group] = block.centre[group] + block.unit[group] * ends
    return lower, upper


def _draws(block: Block, group: int, rng: np.random.Generator) -> Floats:
    here = block.present[:, group]
    y, v = block.y[here, group][:, None], block.v[here, group][:, None]
    df = y.shape[0] - 1
    tau2 = confidence_draws(block, group, rng.uniform(size=DRAWS))
    w = weights(v, tau2)
    total = w.sum(axis=0)
    mean = (w * y).sum(axis=0) / total
    se = np.sqrt((w * (y - mean) ** 2).sum(axis=0) / (df * total))
    new = mean + rng.standard_normal(DRAWS) * np.sqrt(tau2) - rng.standard_t(df, DRAWS) * se
    return np.asarray(new)


def confidence_draws(block: Block, group: int, u: Floats) -> Floats:
    """The tau2 up to which the confidence distribution gives probability ``u``; 0 below it."""
    below = probability_of_q(block, 1.0 / block.v, group)
    top = 2.0 + np.log1p(block.reach[group])
    while below(np.expm1(np.array([top])))[0] > 1e-6:
        top += 2.0
    s = np.linspace(0.0, top, _GRID)
    # On the scale of normal quantiles the curve is nearly straight between points.
    reached = np.maximum.accumulate(-ndtri(np.clip(below(np.expm1(s)), 1e-15, 1.0 - 1e-15)))
    return np.where(u <= ndtr(reached[0]), 0.0, np.expm1(np.interp(ndtri(u), reached, s)))
