r"""Adaptive Gauss-Hermite quadrature over one random effect, with exact derivatives.

Each study's likelihood is averaged over a standard normal :math:`u`. The nodes are laid
around the mode of the study's own integrand, as wide as its curvature there says, so few
are needed however narrow it is (Liu & Pierce 1994). The nodes move with the parameters;
the gradient given here moves them along, so it is that of the sum itself, for any number
of nodes: one node is Laplace's approximation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from osler.core.arrays import Bools, Floats
from osler.synthesis.counts.families import Family

_MOST_STEPS = 100


@lru_cache(maxsize=32)
def hermite(nodes: int) -> tuple[Floats, Floats]:
    """Nodes and log weights for the mean over a standard normal variable.

    Examples
    --------
    >>> z, log_w = hermite(5)
    >>> round(float((np.exp(log_w) * z**4).sum()), 12)
    3.0
    """
    z, w = np.polynomial.hermite_e.hermegauss(nodes)
    return z, np.log(w) - 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True, slots=True)
class Row:
    r"""One count of every study and what its linear predictor is made of.

    :math:`\theta_i = \text{own} \, \alpha_i + x' \beta + d \, \tau u_i`, with
    :math:`\alpha_i` a parameter of study i alone.
    """

    family: Family
    own: float
    x: tuple[float, ...]
    d: float


@dataclass(frozen=True, slots=True)
class Model:
    """Counts of k studies; parameters are (own), beta..., tau, in this order."""

    rows: tuple[Row, ...]
    k: int
    has_own: bool

    @property
    def p(self) -> int:
        """Number of betas."""
        return len(self.rows[0].x)


@dataclass(frozen=True, slots=True)
class Marginal:
    """Log-likelihood of each study: value (k,), gradient (k, P), curvature (k, P, P).

    P is 1 + p + 1, the study's own parameter first (zeros where the model has none). The
    curvature is that of the integral itself (Louis 1982), whatever the number of nodes.
    ``mode`` is where the next search may start.
    """

    value: Floats
    gradient: Floats
    curvature: Floats
    mode: Floats


def marginal(
    model: Model,
    own: Floats,
    beta: Floats,
    tau: float,
    nodes: int,
    start: Floats | None = None,
) -> Marginal:
    """Average each study's likelihood over its random effect.

    Parameters
    ----------
    model : Model
    own : array of shape (k,)
    beta : array of shape (p,)
    tau : float
        Standard deviation of the random effect; 0 leaves it out.
    nodes : int
        Of the quadrature, >= 1.
    start : array of shape (k,), optional
        Where to begin the search for the modes.

    References
    ----------
    .. [1] Liu & Pierce (1994). Biometrika 81, 624-629. doi:10.1093/biomet/81.3.624
    .. [2] Louis (1982). J R Stat Soc B 44, 226-233.
    """
    base = [row.own * own + float(np.dot(row.x, beta)) for row in model.rows]
    slopes = [row.d * tau for row in model.rows]
    u = np.zeros(model.k) if start is None or tau == 0 else start
    u = _modes(model, base, slopes, u) if tau else u
    z, log_w = hermite(nodes if tau else 1)
    around = _around_mode(model, base, slopes, u, tau)
    s = around.width
    points = u[:, None] + s[:, None] * z
    height, d1, d2 = np.zeros_like(points), [], []
    for row, b, slope in zip(model.rows, base, slopes, strict=True):
        value, first, second = row.family.log_likelihood(b[:, None] + slope * points)
        height = height + value
        d1.append(first)
        d2.append(second)
    terms = height - 0.5 * points**2 + 0.5 * z * z + log_w
    top = terms.max(axis=1)
    share = np.exp(terms - top[:, None])
    total = share.sum(axis=1)
    share /= total[:, None]
    h_u = sum(slope * first for slope, first in zip(slopes, d1, strict=True)) - points
    loads = [_loads(row, points) for row in model.rows]
    h_a = sum(first[..., None] * load for first, load in zip(d1, loads, strict=True))  # (k, q, P)
    moved = around.d_mode[:, None, :] + around.d_width[:, None, :] * z[None, :, None]
    gradient = np.einsum("kq,kqp->kp", share, h_a + h_u[..., None] * moved)
    gradient += around.d_width / s[:, None]
    mean = np.einsum("kq,kqp->kp", share, h_a)
    curvature = np.einsum("kq,kqp,kqr->kpr", share, h_a, h_a) - mean[:, :, None] * mean[:, None, :]
    for second, load in zip(d2, loads, strict=True):
        curvature += np.einsum("kq,kqp,kqr->kpr", share * second, load, load)
    return Marginal(np.log(s) + top + np.log(total), gradient, curvature, u)


def _loads(row: Row, u: Floats) -> Floats:
    """Derivatives of the linear predictor by (own, beta..., tau) at given u: (k, q, P)."""
    out = np.empty((*u.shape, len(row.x) + 2))
    out[..., 0] = row.own
    out[..., 1:-1] = row.x
    out[..., -1] = row.d * u
    return out


@dataclass(frozen=True, slots=True)
class _Around:
    width: Floats
    d_mode: Floats
    d_width: Floats


def _around_mode(
    model: Model, base: Sequence[Floats], slopes: Sequence[float], u: Floats, tau: float
) -> _Around:
    """Width of the integrand at its mode, and how mode and width move with the parameters."""
    size = model.p + 2
    h_uu, h_uuu = -np.ones(model.k), np.zeros(model.k)
    h_ua, h_uua = np.zeros((model.k, size)), np.zeros((model.k, size))
    if tau:
        for row, b, slope in zip(model.rows, base, slopes, strict=True):
            theta = (b + slope * u)[:, None]
            _, first, second = (part[:, 0] for part in row.family.log_likelihood(theta))
            third = row.family.third(theta)[:, 0]
            load = _loads(row, u[:, None])[:, 0]
            h_uu += second * slope**2
            h_uuu += third * slope**3
            h_ua += (second * slope)[:, None] * load
            h_uua += (third * slope**2)[:, None] * load
            h_ua[:, -1] += first * row.d
            h_uua[:, -1] += second * 2 * row.d * slope
    width = 1 / np.sqrt(-h_uu)
    d_mode = -h_ua / h_uu[:, None]
    d_width = 0.5 * (width**3)[:, None] * (h_uua + h_uuu[:, None] * d_mode)
    return _Around(width, d_mode, d_width)


def _modes(model: Model, base: Sequence[Floats], slopes: Sequence[float], start: Floats) -> Floats:
    """Highest points of the integrands: Newton's method, steps halved until they climb.

    The integrands are log-concave, so there is one, and a step that climbs leads to it.
    """
    u = start
    value, first, second = _integrand(model, base, slopes, u)
    for _ in range(_MOST_STEPS):
        step = np.clip(-first / second, -20.0, 20.0)
        new = u + step
        tried = _integrand(model, base, slopes, new)
        low: Bools = ~(tried[0] >= value - 1e-9 * (1 + np.abs(value)))
        for _ in range(60):
            if not low.any():
                break
            step = np.where(low, 0.5 * step, step)
            new = u + step
            tried = _integrand(model, base, slopes, new)
            low = ~(tried[0] >= value - 1e-9 * (1 + np.abs(value)))
        u = new
        value, first, second = tried
        # Newton's step squares the error: after one this small only rounding is left.
        if np.max(np.abs(step)) < 1e-8:
            break
    return u


def _integrand(
    model: Model, base: Sequence[Floats], slopes: Sequence[float], u: Floats
) -> tuple[Floats, Floats, Floats]:
    value, first, second = -0.5 * u * u, -u, -np.ones_like(u)
    for row, b, slope in zip(model.rows, base, slopes, strict=True):
        v, f, s = row.family.log_likelihood((b + slope * u)[:, None])
        value = value + v[:, 0]
        first = first + slope * f[:, 0]
        second = second + slope**2 * s[:, 0]
    return value, first, second
