r"""Estimators of tau2 in closed form.

Each sets a sum of squared residuals, with weights that do not depend on :math:`\tau^2`,
against what is expected of it. Arrays are shaped as in
:mod:`~osler.synthesis.regression.kernel`; a variance that is infinite leaves a study out.
Values may be below 0.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from osler.core.arrays import Floats
from osler.synthesis.regression.kernel import leverage, project, residual_q


def _moment(y: Floats, v: Floats, X: Floats, a: Floats) -> Floats:
    """The method of moments with fixed weights: expected and observed Q are equal."""
    fit = project(y, X, a)
    free = a * (1.0 - leverage(fit))
    known = free * np.where(a > 0, v, 0.0)
    return np.asarray((residual_q(fit) - known.sum(axis=0)) / free.sum(axis=0))


def dersimonian_laird(y: Floats, v: Floats, X: Floats) -> Floats:
    return _moment(y, v, X, 1.0 / v)


def hedges(y: Floats, v: Floats, X: Floats) -> Floats:
    return _moment(y, v, X, np.isfinite(v).astype(float))


def hunter_schmidt(y: Floats, v: Floats, X: Floats) -> Floats:
    w = 1.0 / v
    return np.asarray((residual_q(project(y, X, w)) - _studies(v)) / w.sum(axis=0))


def hunter_schmidt_corrected(y: Floats, v: Floats, X: Floats) -> Floats:
    """As Hunter and Schmidt, of an unbiased residual variance."""
    w, k = 1.0 / v, _studies(v)
    q = residual_q(project(y, X, w)) * k / (k - X.shape[0])
    return np.asarray((q - k) / w.sum(axis=0))


def sidik_jonkman(y: Floats, v: Floats, X: Floats) -> Floats:
    """From the variance of the estimates about their plain mean."""
    k = _studies(v)
    mean = np.where(np.isfinite(v), y, 0.0).sum(axis=0) / k
    crude = (np.where(np.isfinite(v), y - mean, 0.0) ** 2).sum(axis=0) / k
    return np.asarray(crude * residual_q(project(y, X, 1.0 / (v + crude))) / (k - X.shape[0]))


def common_effect(y: Floats, v: Floats, X: Floats) -> Floats:
    return np.zeros(y.shape[1:])


def _studies(v: Floats) -> Floats:
    return np.asarray(np.isfinite(v).sum(axis=0, dtype=float))


MOMENTS: Mapping[str, Callable[[Floats, Floats, Floats], Floats]] = MappingProxyType(
    {
        "DL": dersimonian_laird,
        "HE": hedges,
        "HS": hunter_schmidt,
        "HSk": hunter_schmidt_corrected,
        "SJ": sidik_jonkman,
        "CE": common_effect,
    }
)
