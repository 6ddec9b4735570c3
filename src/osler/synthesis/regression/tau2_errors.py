"""Standard error of tau2, by the formula that belongs to its estimator."""

import math

import numpy as np

from osler.core.arrays import Floats
from osler.synthesis.regression.fit import Fit
from osler.synthesis.regression.kernel import Projection, leverage, project, trace_of_product


def tau2_standard_error(fit: Fit) -> float:
    r"""Large-sample standard error of tau2; NaN for "CE" and "PMM".

    Notes
    -----
    ML and REML: the expected information, :math:`\sqrt{2 / \sum w_i^2}` and
    :math:`\sqrt{2 / \mathrm{tr}(PP)}`. Estimators from a quadratic form
    :math:`y'Py` with fixed weights (DL, HE, HS, HSk, SJ): its variance,
    :math:`2\,\mathrm{tr}(P \Sigma P \Sigma)`, over the square of the form's slope. PM and EB:
    :math:`\sqrt{2 k^2 / (k - p)} / \sum w_i`. Equal to metafor's ``se.tau2``.

    References
    ----------
    .. [1] Viechtbauer (2005). J Educ Behav Stat 30, 261-293. doi:10.3102/10769986030003261
    """
    if fit.tau2_method in ("CE", "PMM"):
        return math.nan
    # In units that keep numbers near 1: the inverse of the largest weight.
    likely = fit.tau2_method in ("REML", "ML", "PM", "EB")
    crude = float(np.var(fit.y)) if fit.tau2_method == "SJ" else 0.0
    unit = float((fit.v + (fit.tau2 if likely else crude)).min())
    with np.errstate(invalid="ignore", over="ignore"):
        variance = _from_weights(fit) if likely else _of_form(fit, unit, crude / unit)
    return math.sqrt(variance) * unit if variance >= 0 else math.nan


def _from_weights(fit: Fit) -> float:
    """NaN where nothing but rounding is left of it."""
    made, w = fit.projection, fit.projection.weights
    if fit.tau2_method == "ML":
        return 2.0 / float(w @ w)
    if fit.tau2_method == "REML":
        information = float(trace_of_product(made, w, w, leverage(made)))
        # Weights that differ by 16 digits leave nothing but rounding of it.
        return 2.0 / information if information > 0 else math.nan
    return 2.0 * fit.k * fit.k / (fit.k - fit.p) / float(w.sum()) ** 2


def _of_form(fit: Fit, unit: float, crude: float) -> float:
    """Variance of an estimator that is linear in a quadratic form."""
    method, v, tau2 = fit.tau2_method, fit.v / unit, fit.tau2 / unit
    X = fit.design.matrix.T
    if method == "SJ":
        made = project(v, X, 1.0 / (v + crude))
        return _form_variance(made, v + tau2) * (crude / (fit.k - fit.p)) ** 2
    a = np.ones_like(v) if method == "HE" else 1.0 / v
    made = project(v, X, a)
    slope = float((a * (1.0 - leverage(made))).sum())
    if method in ("HS", "HSk"):
        slope = float(a.sum())
    factor = fit.k / (fit.k - fit.p) if method == "HSk" else 1.0
    return _form_variance(made, v + tau2) * (factor / slope) ** 2


def _form_variance(made: Projection, variance: Floats) -> float:
    g = made.weights * variance
    return 2.0 * float(trace_of_product(made, g, g, leverage(made)))
