"""How much the studies of a regression still differ, and how much less than without it."""

import math
from dataclasses import dataclass

import numpy as np

from osler.core.quantiles import chi2_tail
from osler.synthesis.kernel import block_of
from osler.synthesis.regression.fit import Fit, Tested
from osler.synthesis.regression.kernel import leverage, project, residual_q
from osler.synthesis.tau2 import TAU2_METHODS


@dataclass(frozen=True, slots=True)
class Spread:
    """Residual heterogeneity.

    Attributes
    ----------
    test : Tested
        Cochran's Q about the regression, the sum of squared residuals with weights 1 / v.
    i2, h2 : float
    """

    test: Tested
    i2: float
    h2: float


def spread_of(fit: Fit, tau2: float) -> Spread:
    r"""Q, and I² and H² from tau2 and the typical variance :math:`(k - p) / \mathrm{tr}(P)`.

    Parameters
    ----------
    fit : Fit
    tau2 : float
        NaN in a location-scale model, and so are I² and H².
    """
    w = 1.0 / fit.v
    scale = float(w.max())
    common = project(fit.y, fit.design.matrix.T, w / scale)
    q, df = float(residual_q(common)) * scale, fit.k - fit.p
    test = Tested(q, df, math.inf, float(chi2_tail(q, df)))
    if math.isnan(tau2) or not df:
        return Spread(test, math.nan, math.nan)
    if fit.tau2_method == "CE":
        return Spread(test, max(0.0, 1.0 - df / q) if q > 0 else 0.0, q / df)
    typical = df / (float(common.weights @ (1.0 - leverage(common))) * scale)
    return Spread(test, tau2 / (tau2 + typical), 1.0 + tau2 / typical)


def tau2_of_mean(fit: Fit) -> float:
    """tau2 without moderators; NaN where the model has no others, or no intercept, or no tau2."""
    if fit.tau2_method == "CE" or fit.p == 1 or not fit.design.spans_constant:
        return math.nan
    mean = block_of(fit.y[:, None], fit.v[:, None], np.ones((fit.k, 1), bool))
    return float((TAU2_METHODS[fit.tau2_method](mean) * mean.unit**2)[0])
