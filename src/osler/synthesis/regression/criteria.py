"""The likelihood of a regression, and criteria made of it."""

import math
from dataclasses import dataclass

import numpy as np

from osler.synthesis.regression.fit import Fit
from osler.synthesis.regression.kernel import log_determinant, triangle_of


@dataclass(frozen=True, slots=True)
class Criteria:
    """Log-likelihood, restricted for "REML", and what is made of it."""

    log_likelihood: float
    aic: float
    bic: float
    aicc: float


def criteria_of(fit: Fit, of_tau2: int) -> Criteria:
    """By the likelihood of the method in use; ``of_tau2`` parameters describe tau2."""
    full, restricted = likelihoods(fit)
    reml = fit.tau2_method == "REML"
    height = restricted if reml else full
    n = fit.k - fit.p if reml else fit.k
    parameters = fit.p + of_tau2
    room = max(n, parameters + 2)
    deviance = -2.0 * height
    return Criteria(
        height,
        aic=deviance + 2.0 * parameters,
        bic=deviance + parameters * math.log(n) if n > 0 else math.nan,
        aicc=deviance + 2.0 * parameters * room / (room - parameters - 1),
    )


def likelihoods(fit: Fit) -> tuple[float, float]:
    """Log-likelihood and restricted log-likelihood, with all constants."""
    variance = fit.v + fit.tau2
    residual = fit.y - fit.fitted
    q = float((residual * residual / variance).sum())
    full = -0.5 * (fit.k * math.log(2.0 * math.pi) + float(np.log(variance).sum()) + q)
    plain = 2.0 * float(np.log(np.abs(triangle_of(fit.design.matrix.T).diagonal())).sum())
    ratio_of = float(log_determinant(fit.projection)) - plain
    ratio_of -= fit.p * math.log(float(variance.min()))
    return full, full + 0.5 * (fit.p * math.log(2.0 * math.pi) - ratio_of)
