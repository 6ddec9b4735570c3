"""The interval of Kenward and Roger for a pooled estimate."""

from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.synthesis.kernel import Block, weighted_mean, weights
from osler.synthesis.tau2.split import Split
from osler.synthesis.tau2.standard_error import trace_pp


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Standard error in the block's unit and degrees of freedom, arrays of shape (groups,).

    ``observed`` tells where the observed information was used.
    """

    se: Floats
    df: Floats
    observed: np.ndarray


def kenward_roger(block: Block, tau2: Floats, *, observed: bool = False) -> Adjusted:
    r"""Standard error and degrees of freedom that know that tau2 was estimated.

    With :math:`S_r = \sum w_i^r` and :math:`V` the variance of the estimate of tau2, the
    inverse of the information in the restricted likelihood,

    .. math:: \mathrm{se}^2 = \frac{1}{S_1} + \frac{2 V}{S_1^2}
              \left(S_3 - \frac{S_2^2}{S_1}\right), \qquad
              \mathrm{df} = \frac{2 S_1^2}{V S_2^2}

    Parameters
    ----------
    block : Block
        Meta-analyses side by side.
    tau2 : array of shape (groups,)
        In the block's unit; the method was made for REML estimates.
    observed : bool
        The observed information instead of the expected
        :math:`\tfrac12 (S_2 - 2 S_3 / S_1 + (S_2 / S_1)^2)`. It is not above 0 everywhere,
        and the expected one is taken where it is not.

    Returns
    -------
    Adjusted
        NaN for one study. Equal variances give se of Wald and k - 1 degrees of freedom.

    Notes
    -----
    For a mean alone the general formulas of Kenward and Roger come down to these; the
    scaling of their F statistic is 1.

    References
    ----------
    .. [1] Kenward & Roger (1997). Biometrics 53, 983-997. doi:10.2307/2533558
    .. [2] Partlett & Riley (2017). Stat Med 36, 301-317. doi:10.1002/sim.7140
    .. [3] Morris, Fisher, Kenward & Carpenter (2018). Stat Med 37, 1419-1428 (which
       information). doi:10.1002/sim.7589
    """
    w = weights(block.v, tau2)
    s1, s2 = w.sum(axis=0), (w * w).sum(axis=0)
    expected = 0.5 * trace_pp(w)
    seen = _observed_information(block, w, s1, expected) if observed else expected
    use = observed & (seen > 0)
    information = np.where(use, seen, expected)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(block.k > 1, 1.0 / information, np.nan)
        added = 2.0 * variance * _inequality(w, s1) / (s1 * s1)
        df = 2.0 * (s1 / s2) ** 2 / variance
    # Two studies of one variance have exactly 1, which rounding must not take from them.
    df = np.where(np.abs(df - 1.0) < 1e-9, 1.0, df)
    return Adjusted(np.sqrt(1.0 / s1 + added), df, use)


def _inequality(w: Floats, total: Floats) -> Floats:
    """S3 - S2**2 / S1, which is 0 for equal weights; written so that nothing cancels."""
    split = Split.of(w)
    top, one, two, three = split.top, split.rest(w), split.rest(w * w), split.rest(w**3)
    rest = np.maximum(three * one - two * two, 0.0)
    return np.maximum(top**3 * one - 2.0 * top**2 * two + top * three + rest, 0.0) / total


def _observed_information(block: Block, w: Floats, total: Floats, expected: Floats) -> Floats:
    r"""Minus the second derivative: :math:`r' W (W P) r` less the expected information."""
    pulled = w * (block.y - weighted_mean(block.y, w))
    curve = (w * pulled * pulled).sum(axis=0) - (w * pulled).sum(axis=0) ** 2 / total
    return np.asarray(curve - expected)
