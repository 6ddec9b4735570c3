r"""The likelihood of scale coefficients, with exact derivatives.

The coefficients of the location are profiled out. The coefficients of the scale are taken along an
orthogonal basis of their design, in which their likelihood is rounder.
"""

import math
from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.synthesis.regression.design import Design
from osler.synthesis.regression.kernel import (
    Projection,
    leverage,
    log_determinant,
    project,
    quadratic,
    residual_q,
    trace_of_product,
)


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A likelihood of alpha in an orthogonal basis of the scale design, in units of ``unit``."""

    y: Floats
    v: Floats
    X: Floats
    basis: Floats
    offset: float
    restricted: bool
    link: str

    def tau2(self, gamma: Floats) -> Floats:
        """Shape (k,) or (k, points), from (q,) or (q, points)."""
        eta = self.basis @ gamma + self.offset
        if self.link == "log":
            return np.asarray(np.exp(np.clip(eta, -700.0, 600.0)))
        return np.maximum(0.0, eta)


def _projection(task: Task, tau2: Floats) -> Projection:
    further = (None,) * (tau2.ndim - 1)
    at = (..., *further)
    return project(task.y[at], task.X[at], 1.0 / (task.v[at] + tau2))


def height_of(task: Task, gamma: Floats) -> Floats:
    """Log-likelihood without constants, for gamma of shape (q,) or (q, points)."""
    fit = _projection(task, task.tau2(gamma))
    height = 0.5 * np.log(fit.weights).sum(axis=0) - 0.5 * residual_q(fit)
    return np.asarray(height - 0.5 * log_determinant(fit) if task.restricted else height)


def derivatives(task: Task, gamma: Floats) -> tuple[float, Floats, Floats]:
    r"""Height, gradient and Hessian.

    With :math:`D_j = \partial M / \partial \gamma_j`, diagonal: the gradient is
    :math:`\tfrac12 (y'P D_j P y - \mathrm{tr}(P D_j))` and the Hessian
    :math:`\tfrac12 (\mathrm{tr}(P D_j P D_l) - \mathrm{tr}(P D_{jl}) - 2 y'P D_j P D_l P y
    + y'P D_{jl} P y)`; the likelihood, not restricted, has :math:`M^{-1}` for P in the traces.
    """
    tau2 = task.tau2(gamma)
    fit = _projection(task, tau2)
    w = fit.weights
    hat = leverage(fit) if task.restricted else np.zeros_like(w)
    log = task.link == "log"
    D = task.basis * tau2[:, None] if log else task.basis
    surplus = w * fit.residuals**2 - w * (1.0 - hat)
    gradient = 0.5 * D.T @ surplus
    q = gamma.size
    hessian = np.empty((q, q))
    pulled = [w * fit.residuals * D[:, j] for j in range(q)]
    for j in range(q):
        for m in range(j + 1):
            inner = _trace(task, fit, w * D[:, j], w * D[:, m], hat)
            curve = float(surplus @ (tau2 * task.basis[:, j] * task.basis[:, m])) if log else 0.0
            value = 0.5 * (inner + curve) - float(quadratic(fit, pulled[j], pulled[m]))
            hessian[j, m] = hessian[m, j] = value
    height = 0.5 * float(np.log(w).sum()) - 0.5 * float(residual_q(fit))
    if task.restricted:
        height -= 0.5 * float(log_determinant(fit))
    return height, gradient, hessian


def _trace(task: Task, fit: Projection, a: Floats, b: Floats, hat: Floats) -> float:
    return float(trace_of_product(fit, a, b, hat)) if task.restricted else float(a @ b)


def along(basis: Floats, eta: Floats) -> Floats:
    """Coefficients along the basis."""
    return np.asarray(basis.T @ eta / basis.shape[0])


def task_of(
    y: Floats, v: Floats, location: Design, scale: Design, restricted: bool, link: str, unit: float
) -> tuple[Floats, Task]:
    """The likelihood, and the triangle that takes alpha to gamma."""
    orthogonal, triangle = np.linalg.qr(scale.matrix)
    root = math.sqrt(y.size)
    X = (location.matrix / np.linalg.norm(location.matrix, axis=0)).T
    plain = project(y / unit, X, unit * unit / v)
    residual = plain.residuals * np.sqrt(v) / unit
    # With an intercept among the columns a change of unit only moves that; without one
    # the model is about logs of variances in the unit of the data.
    offset = 0.0 if link == "identity" or scale.spans_constant else -2.0 * math.log(unit)
    task = Task(residual, v / unit**2, X, orthogonal * root, offset, restricted, link)
    return triangle / root, task
