"""Standard error of tau2, by the formula that belongs to its estimator."""

import math

import numpy as np

from osler.core.arrays import Floats
from osler.synthesis.regression.fit import Fit
from osler.synthesis.regression.kernel import Projection, leverage, project, trace_of_product
from osler.synthesis.regression.tau2 import Problem, fitted


def tau2_standard_error(fit: Fit, problem: Problem) -> float:
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
    with np.errstate(invalid="ignore", over="ignore"):
        variance = _variance(fit, problem)
    return math.sqrt(variance) * float(problem.unit[0]) ** 2 if variance >= 0 else math.nan


def _variance(fit: Fit, problem: Problem) -> float:
    """In the problem's unit; NaN where nothing but rounding is left of it."""
    method, k, p = fit.tau2_method, fit.k, fit.p
    scaled = np.array([float(fit.tau2[0]) / float(problem.unit[0]) ** 2])
    made = fitted(problem, scaled)
    w = made.weights
    if method == "ML":
        return 2.0 / float((w * w).sum())
    if method == "REML":
        information = float(trace_of_product(made, w, w, leverage(made))[0])
        # Weights that differ by 16 digits leave nothing but rounding of it.
        return 2.0 / information if information > 0 else math.nan
    if method in ("PM", "EB"):
        return 2.0 * k * k / (k - p) / float(w.sum()) ** 2
    return _of_form(fit, problem, scaled)


def _of_form(fit: Fit, problem: Problem, tau2: Floats) -> float:
    """Variance of an estimator that is linear in a quadratic form."""
    method = fit.tau2_method
    if method == "SJ":
        crude = np.array([float(np.var(fit.y)) / float(problem.unit[0]) ** 2])
        made = fitted(problem, crude)
        return _form_variance(made, problem, tau2) * float(crude[0] / (fit.k - fit.p)) ** 2
    a = np.ones_like(problem.v) if method == "HE" else 1.0 / problem.v
    made = project(problem.y, problem.X, a)
    slope = float((a * (1.0 - leverage(made))).sum())
    if method in ("HS", "HSk"):
        slope = float(a.sum())
    factor = fit.k / (fit.k - fit.p) if method == "HSk" else 1.0
    return _form_variance(made, problem, tau2) * (factor / slope) ** 2


def _form_variance(made: Projection, problem: Problem, tau2: Floats) -> float:
    g = made.weights * (problem.v + tau2)
    return 2.0 * float(trace_of_product(made, g, g, leverage(made))[0])
