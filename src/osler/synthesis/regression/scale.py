r"""Location-scale models: the variance between studies depends on moderators too.

.. math:: \theta_i \sim N(x_i \beta, \tau_i^2), \quad \tau_i^2 = \exp(z_i \alpha)
          \text{ or } z_i \alpha

The coefficients :math:`\beta` are profiled out; what is left is a likelihood of
:math:`\alpha`, climbed by Newton's method with exact derivatives from the best points of a
grid.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg

from osler.core.arrays import Floats
from osler.synthesis.regression.design import Design
from osler.synthesis.regression.fit import Tested, chosen, quantile, ratio, two_sided, wald_test
from osler.synthesis.regression.scale_likelihood import along, derivatives, task_of
from osler.synthesis.regression.scale_search import climbed

LINKS = ("log", "identity")


@dataclass(frozen=True, slots=True, eq=False)
class ScaleModel:
    """How tau2 depends on moderators; tuples are in the order of ``names``.

    Attributes
    ----------
    formula, link : str
    names : tuple of str
    coefficients, se, statistics, p_values, ci_lower, ci_upper : tuple of float
        With the log link a coefficient is a logarithm of a ratio of variances. Standard
        errors come from the observed information.
    vcov : array of shape (q, q)
    df : float
        Of t, k - q; infinite for Wald.
    moderators : Tested
        Omnibus test of all scale coefficients but the intercept.
    tau2 : tuple of float
        One a study.
    converged : bool
    notes : tuple of str
    """

    formula: str
    link: str
    names: tuple[str, ...]
    coefficients: tuple[float, ...]
    se: tuple[float, ...]
    statistics: tuple[float, ...]
    p_values: tuple[float, ...]
    ci_lower: tuple[float, ...]
    ci_upper: tuple[float, ...]
    vcov: Floats
    df: float
    moderators: Tested
    tau2: tuple[float, ...]
    converged: bool
    notes: tuple[str, ...]
    design: Design
    spec: Any = None


def fit_scale(
    y: Floats,
    v: Floats,
    location: Design,
    scale: Design,
    *,
    restricted: bool,
    link: str,
    ci_method: str,
    level: float,
    spec: Any = None,
) -> ScaleModel:
    """Estimate how tau2 depends on moderators.

    Parameters
    ----------
    y, v : array of shape (k,)
    location, scale : Design
    restricted : bool
        REML, else ML.
    link : {"log", "identity"}

    Raises
    ------
    DataError
        Where no admissible start is found (REG031), or the link is not known (SYN005).

    Notes
    -----
    Equal to metafor's ``rma(scale=)`` where that has found the highest point.

    References
    ----------
    .. [1] Viechtbauer & López-López (2022). Res Synth Methods 13, 697-715.
       doi:10.1002/jrsm.1562
    """
    link = chosen("link", link, LINKS)
    unit = math.sqrt(float(v.min()))
    basis, task = task_of(y, v, location, scale, restricted, link, unit)
    gamma, notes, converged = climbed(task)
    hessian = derivatives(task, gamma)[2]
    # Back from the orthogonal basis and the unit.
    eta = task.basis @ gamma + task.offset
    tau2 = task.tau2(gamma) * unit * unit
    target = eta + 2.0 * math.log(unit) if link == "log" else eta * unit * unit
    alpha = linalg.solve_triangular(basis, along(task.basis, target))
    to_alpha = linalg.solve_triangular(basis, np.eye(gamma.size))
    if link == "identity":
        to_alpha = to_alpha * unit * unit
    vcov = np.full_like(hessian, np.nan)
    if converged:
        vcov = to_alpha @ np.linalg.inv(-hessian) @ to_alpha.T
    df = float(y.size - gamma.size) if ci_method != "Wald" else math.inf
    return _told(alpha, vcov, df, level, scale, link, tau2, converged, notes, spec)


def _told(
    alpha: Floats,
    vcov: Floats,
    df: float,
    level: float,
    design: Design,
    link: str,
    tau2: Floats,
    converged: bool,
    notes: tuple[str, ...],
    spec: Any,
) -> ScaleModel:
    se = np.sqrt(np.diag(vcov))
    z = ratio(alpha, se)
    half = quantile(level, df) * se
    at = list(design.moderators)
    vcov.flags.writeable = False
    return ScaleModel(
        formula=design.formula,
        link=link,
        names=design.names,
        coefficients=tuple(alpha.tolist()),
        se=tuple(se.tolist()),
        statistics=tuple(z.tolist()),
        p_values=tuple(two_sided(z, df).tolist()),
        ci_lower=tuple((alpha - half).tolist()),
        ci_upper=tuple((alpha + half).tolist()),
        vcov=vcov,
        df=df,
        moderators=wald_test(alpha[at], vcov[np.ix_(at, at)], df),
        tau2=tuple(tau2.tolist()),
        converged=converged,
        notes=notes,
        design=design,
        spec=spec,
    )


def tau2_at(scale: ScaleModel, Z: Floats) -> Floats:
    """tau2 for rows of the scale's matrix."""
    eta = Z @ np.array(scale.coefficients)
    return np.asarray(np.exp(eta) if scale.link == "log" else np.maximum(0.0, eta))
