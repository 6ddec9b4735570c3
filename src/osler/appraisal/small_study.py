"""Small-study effects: do small studies find more than large ones?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from osler.core.quantiles import t_two_sided

MINIMUM_STUDIES = 10
"""Fewer than this and the test has too little power (Sterne et al. 2011, BMJ 343, d4002)."""


@dataclass(frozen=True, slots=True)
class EggerTest:
    """Intercept of the regression of z on precision; 0 where small studies agree with large."""

    intercept: float
    se: float
    p_value: float
    df: int


def egger_test(estimates: Sequence[float], variances: Sequence[float]) -> EggerTest | None:
    r"""Egger's regression test for funnel asymmetry.

    Regresses :math:`y_i / \sqrt{v_i}` on :math:`1 / \sqrt{v_i}` by ordinary least squares
    and tests the intercept against a t distribution with k - 2 degrees of freedom.

    Parameters
    ----------
    estimates, variances : sequences of length k
        On the analysis scale; variances > 0.

    Returns
    -------
    EggerTest or None
        None with fewer than three studies, or where all have the same precision.

    Notes
    -----
    Equals metafor's ``regtest(model="lm", predictor="sei")``. For ratios it can find
    asymmetry where there is no bias; read it beside the reasons for doubt.

    References
    ----------
    .. [1] Egger et al. (1997). BMJ 315, 629-634. doi:10.1136/bmj.315.7109.629

    Examples
    --------
    >>> test = egger_test([0.1, 0.3, 0.5, 1.0], [0.01, 0.04, 0.09, 0.25])
    >>> round(test.intercept, 3), test.df
    (2.135, 2)
    """
    se = np.sqrt(np.asarray(variances, dtype=float))
    k = len(se)
    if k < 3 or np.ptp(1 / se) == 0:
        return None
    design = np.column_stack([np.ones(k), 1 / se])
    z = np.asarray(estimates, dtype=float) / se
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ z
    residual = z - design @ coefficients
    sigma2 = float(residual @ residual) / (k - 2)
    error = math.sqrt(sigma2 * float(inverse[0, 0]))
    intercept = float(coefficients[0])
    p = float(t_two_sided(intercept / error, k - 2)) if error > 0 else 0.0
    return EggerTest(intercept, error, p, k - 2)
