"""Intervals for tau2 by name, and I2 and H2 with the intervals that follow."""

from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats, every
from osler.core.quantiles import normal_quantile
from osler.synthesis.intervals.generalised_q import generalised_q_interval
from osler.synthesis.intervals.likelihood import tau2_likelihood_interval
from osler.synthesis.intervals.q_profile import q_profile
from osler.synthesis.kernel import Block

I2_METHODS = ("tau2", "q")


def tau2_interval_name(asked: str, tau2_method: str) -> str:
    """The interval of tau2 by its full name: "PL" follows the estimator of tau2."""
    if asked != "PL":
        return asked
    return "PL-ML" if tau2_method == "ML" else "PL-REML"


def tau2_interval(
    name: str, block: Block, tau2: Floats, se: Floats, a: Floats, level: float
) -> tuple[Floats, Floats]:
    """Bounds of tau2 in the block's unit, shape (groups,); NaN for one study and for "none".

    Parameters
    ----------
    name : {"QP", "GENQ", "PL-ML", "PL-REML", "Wald", "none"}
    block : Block
    tau2, se : array of shape (groups,)
        Estimate and standard error, for "Wald", whose lower bound is cut off at 0.
    a : array of shape (studies, groups)
        Weights of "GENQ".
    level : float
    """
    if name == "QP":
        return q_profile(block, level)
    if name == "GENQ":
        return generalised_q_interval(block, a, level)
    if name.startswith("PL"):
        return tau2_likelihood_interval(block, level, restricted=name == "PL-REML")
    if name == "none":
        return np.full_like(tau2, np.nan), np.full_like(tau2, np.nan)
    half = normal_quantile(0.5 + level / 2.0) * se
    return np.maximum(tau2 - half, 0.0), tau2 + half


@dataclass(frozen=True, slots=True)
class Spread:
    """I2 and H2 with their bounds, arrays of shape (groups,)."""

    i2: Floats
    i2_lower: Floats
    i2_upper: Floats
    h2: Floats
    h2_lower: Floats
    h2_upper: Floats


def from_tau2(tau2: Floats, bounds: tuple[Floats, Floats], typical: Floats, k: Floats) -> Spread:
    r""":math:`I^2 = \tau^2 / (\tau^2 + \tilde v)` and :math:`H^2 = 1 + \tau^2 / \tilde v`.

    The bounds are those of tau2, put into the same formulas. As metafor does.

    References
    ----------
    .. [1] Higgins & Thompson (2002). Stat Med 21, 1539-1558. doi:10.1002/sim.1186
    """
    h2, lower, upper = (1.0 + each / typical for each in (tau2, *bounds))
    if not every(k > 1):
        h2 = np.where(k > 1, h2, 1.0)
    return Spread(1.0 - 1.0 / h2, 1.0 - 1.0 / lower, 1.0 - 1.0 / upper, h2, lower, upper)


def from_q(q: Floats, k: Floats, level: float) -> Spread:
    r""":math:`H^2 = \max(1, Q / (k - 1))` and :math:`I^2 = 1 - 1 / H^2`, as meta does.

    The bounds are by the normal distribution of :math:`\log H`, with the standard error

    .. math:: \frac{\log Q - \log(k - 1)}{2 (\sqrt{2Q} - \sqrt{2k - 3})} \text{ where } Q > k,
              \text{ else } \sqrt{\frac{1}{2(k - 2)} \Big(1 - \frac{1}{3 (k - 2)^2}\Big)}

    cut off at 1; NaN for fewer than three studies where :math:`Q \le k`.

    References
    ----------
    .. [1] Higgins & Thompson (2002). Stat Med 21, 1539-1558, appendix A2.
       doi:10.1002/sim.1186
    """
    df = k - 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = np.where(k > 1, q / df, 1.0)
        large = 0.5 * (np.log(q) - np.log(df)) / (np.sqrt(2.0 * q) - np.sqrt(2.0 * k - 3.0))
        small = np.where(
            k > 2, np.sqrt((1.0 - 1.0 / (3.0 * (k - 2.0) ** 2)) / (2.0 * (k - 2.0))), np.nan
        )
        half = normal_quantile(0.5 + level / 2.0) * np.where(q > k, large, small)
        log_h = 0.5 * np.log(np.maximum(raw, 1.0))
        lower, upper = np.exp(2.0 * (log_h - half)), np.exp(2.0 * (log_h + half))
    lower, upper = np.where(k > 1, np.maximum(lower, 1.0), np.nan), np.where(k > 1, upper, np.nan)
    h2 = np.maximum(raw, 1.0)
    return Spread(1.0 - 1.0 / h2, 1.0 - 1.0 / lower, 1.0 - 1.0 / upper, h2, lower, upper)
