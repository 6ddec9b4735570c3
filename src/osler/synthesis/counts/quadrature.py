r"""Adaptive Gauss-Hermite quadrature over one random effect, with exact derivatives.

Each study's likelihood is averaged over a standard normal :math:`u`. The nodes are laid
around the mode of the study's own integrand, as wide as its curvature there says, so few
are needed however narrow it is (Liu & Pierce 1994). The nodes move with the parameters;
the gradient given here moves them along, so it is that of the sum itself, for any number
of nodes: one node is Laplace's approximation. Predictors are linear in the nodes, so all
derivatives follow from a few moments of the counts' residuals over them. Several sets of
parameters are worked on at once.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from osler.core.arrays import Floats
from osler.synthesis.counts.families import Family

_MOST_STEPS = 100
# Numbers in one block of work: more sets of parameters at once than this leaves are split.
_BLOCK = 1 << 16


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
class Model:
    r"""J counts of each of k studies; parameters are (own), beta..., tau, in this order.

    The linear predictor of count j is :math:`\theta_{ij} = \text{own}_j \, \alpha_i +
    x_j' \beta + d_j \, \tau u_i`, with :math:`\alpha_i` a parameter of study i alone.

    Attributes
    ----------
    family : Family
        All counts, the first of every study first: shape (J * k,).
    own, d : array of shape (J,)
    x : array of shape (J, p)
    """

    family: Family
    own: Floats
    x: Floats
    d: Floats

    @property
    def k(self) -> int:
        return self.family.y.size // self.d.size

    @property
    def p(self) -> int:
        """Number of betas."""
        return int(self.x.shape[1])

    @property
    def has_own(self) -> bool:
        return bool(self.own.any())

    def log_likelihood(self, theta: Floats) -> tuple[Floats, Floats, Floats]:
        """Of every count with its first two derivatives, at ``theta`` of shape (J, k, ...)."""
        value, first, second = self.family.log_likelihood(theta.reshape(self.family.y.size, -1))
        return value.reshape(theta.shape), first.reshape(theta.shape), second.reshape(theta.shape)


@dataclass(frozen=True, slots=True)
class Marginal:
    """Log-likelihoods (k, n) of k studies at n sets of P parameters.

    With gradients (k, n, P) and curvature (k, n, P, P); P is 1 + p + 1, the study's own
    parameter first (zeros where the model has none). The curvature is that of the integral
    itself (Louis 1982), whatever the number of nodes. ``mode`` (k, n) is where the next
    search may start.
    """

    value: Floats
    gradient: Floats
    curvature: Floats
    mode: Floats


def marginal(
    model: Model,
    own: Floats,
    beta: Floats,
    tau: Floats,
    nodes: int,
    start: Floats | None = None,
    *,
    curved: bool = True,
) -> Marginal:
    """Average each study's likelihood over its random effect.

    Parameters
    ----------
    model : Model
    own : array of shape (k, n)
    beta : array of shape (n, p)
    tau : array of shape (n,)
        Standard deviation of the random effect; 0 leaves it out, and one node will do.
    nodes : int
        Of the quadrature, >= 1.
    start : array of shape (k, n), optional
        Where to begin the search for the modes.
    curved : bool
        Without it the curvature is left at 0.

    References
    ----------
    .. [1] Liu & Pierce (1994). Biometrika 81, 624-629. doi:10.1093/biomet/81.3.624
    .. [2] Louis (1982). J R Stat Soc B 44, 226-233.
    """
    u = np.zeros_like(own) if start is None else start
    at_once = max(1, _BLOCK // (nodes * model.family.terms))
    parts = [
        _marginal(model, own[:, part], beta[part], tau[part], nodes, u[:, part], curved)
        for part in (slice(i, i + at_once) for i in range(0, tau.size, at_once))
    ]
    if len(parts) == 1:
        return parts[0]
    return Marginal(
        np.concatenate([part.value for part in parts], axis=1),
        np.concatenate([part.gradient for part in parts], axis=1),
        np.concatenate([part.curvature for part in parts], axis=1),
        np.concatenate([part.mode for part in parts], axis=1),
    )


def _marginal(
    model: Model,
    own: Floats,
    beta: Floats,
    tau: Floats,
    nodes: int,
    start: Floats,
    curved: bool,
) -> Marginal:
    base = model.own[:, None, None] * own + (model.x @ beta.T)[:, None]  # (J, k, n)
    slopes = model.d[:, None] * tau
    u = _modes(model, base, slopes[:, None], start)
    around = _around_mode(model, base, slopes[:, None], u)
    z, log_w, products = _line(nodes)
    points = u[..., None] + around.width[..., None] * z  # (k, n, nodes)
    found = model.log_likelihood(base[..., None] + slopes[:, None, :, None] * points)
    height = found[0].sum(axis=0) + log_w - 0.5 * points * points
    r, second = (part.transpose(1, 2, 0, 3) for part in found[1:])
    top = height.max(axis=-1)
    share = np.exp(height - top[..., None])
    total = share.sum(axis=-1)
    share /= total[..., None]
    gradient, curvature, _ = summed(
        share, r, second if curved else None, products, around.coefficients, slopes.T[..., None],
        np.stack([u, around.width], axis=-1)[..., None], around.moves[:, :, :, None],
    )  # fmt: skip
    gradient += around.moves[:, :, 1] / around.width[..., None]
    return Marginal(np.log(around.width) + top + np.log(total), gradient, curvature, u)


@lru_cache(maxsize=32)
def _line(nodes: int) -> tuple[Floats, Floats, Floats]:
    """Nodes, log weights over their normal density, and products of (1, z), (nodes, 4)."""
    z, log_w = hermite(nodes)
    return z, log_w + 0.5 * z * z, np.stack([np.ones_like(z), z, z, z * z], axis=1)


def summed(
    share: Floats,
    r: Floats,
    second: Floats | None,
    products: Floats,
    coefficients: Floats,
    loads: Floats,
    place: Floats,
    moves: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Derivatives of log integrals, from moments over the nodes.

    With c for 1 and the nodes' coordinates z, J predictors, e random effects.

    Parameters
    ----------
    share : array of shape (k, n, N)
        Each node's part of the integral.
    r, second : arrays of shape (k, n, J, N)
        Derivatives of the log-likelihood by the predictors; without the second the curvature
        is 0.
    products : array of shape (N, c * c)
    coefficients : array of shape (k, n, J, c, P)
        Derivatives of the predictors by the parameters, as coefficients of 1 and z.
    loads : array of shape (n, J, e)
        What the predictors have of the effects.
    place : array of shape (k, n, c, e)
        The effects, as coefficients of 1 and z.
    moves : array of shape (k, n, c, e, P)
        How they move with the parameters.

    Returns
    -------
    gradient, curvature : arrays of shape (k, n, P), (k, n, P, P)
        Without what the widths of the nodes and a predictor's own curvature add.
    of_r : array of shape (k, n, J, c)
        Means of ``r`` with 1 and z.
    """
    k, n, J = r.shape[:3]
    c = place.shape[2]
    shared = share[:, :, None] * r
    of_r = shared @ products[:, :c]
    flat = coefficients.reshape(k, n, J * c, -1)
    gradient = (of_r.reshape(k, n, 1, J * c) @ flat)[:, :, 0]
    curvature = np.zeros((*gradient.shape, gradient.shape[-1]))
    if second is not None:
        squares = shared[:, :, :, None] * r[:, :, None]
        for j in range(J):
            squares[:, :, j, j] += share * second[:, :, j]
        of_square = (squares @ products).reshape(k, n, J, J, c, c)
        of_square = of_square.transpose(0, 1, 2, 4, 3, 5).reshape(k, n, J * c, J * c)
        curvature = np.swapaxes(flat, 2, 3) @ of_square @ flat
        curvature -= gradient[..., :, None] * gradient[..., None, :]
    # The slope of the log integrand where the nodes lie, along their moves.
    pull = np.swapaxes(of_r, 2, 3) @ loads - (share @ products).reshape(k, n, c, c) @ place
    gradient += np.einsum("knce,kncep->knp", pull, moves)
    return gradient, curvature, of_r


@dataclass(frozen=True, slots=True)
class _Around:
    """Widths (k, n) of the integrands at their modes.

    With derivatives of the predictors as coefficients of 1 and z, (k, n, J, 2, P), and
    ``moves`` of mode and width with the parameters, (k, n, 2, P).
    """

    width: Floats
    coefficients: Floats
    moves: Floats


def _around_mode(model: Model, base: Floats, slopes: Floats, u: Floats) -> _Around:
    size = model.p + 2
    load = np.empty((*u.shape, model.d.size, size))
    load[..., 0], load[..., 1:-1], load[..., -1] = model.own, model.x, model.d * u[..., None]
    coefficients = np.zeros((*u.shape, model.d.size, 2, size))
    coefficients[:, :, :, 0] = load
    moves = np.zeros((*u.shape, 2, size))
    if not slopes.any():  # a standard normal, whatever the counts
        coefficients[:, :, :, 1, -1] = model.d
        return _Around(np.ones_like(u), coefficients, moves)
    theta = base + slopes * u
    _, first, second = model.log_likelihood(theta)
    third = model.family.third(theta.reshape(model.family.y.size, -1)).reshape(theta.shape)
    curved = (second * slopes**2).sum(axis=0) - 1
    bent = (third * slopes**3).sum(axis=0)
    by_both = np.einsum("jkn,knjp->knp", second * slopes, load)
    by_both[..., -1] += np.tensordot(model.d, first, 1)
    by_curved = np.einsum("jkn,knjp->knp", third * slopes**2, load)
    by_curved[..., -1] += 2 * np.tensordot(model.d, second * slopes, 1)
    width = 1 / np.sqrt(-curved)
    coefficients[:, :, :, 1, -1] = model.d * width[..., None]
    moves[:, :, 0] = -by_both / curved[..., None]
    by_curved += bent[..., None] * moves[:, :, 0]
    moves[:, :, 1] = (0.5 * width**3)[..., None] * by_curved
    return _Around(width, coefficients, moves)


def _modes(model: Model, base: Floats, slopes: Floats, start: Floats) -> Floats:
    """Highest points of the integrands: Newton's method, steps halved until they climb.

    The integrands are log-concave, so there is one, and a step that climbs leads to it.
    """
    u = start
    if not slopes.any():
        return np.zeros_like(u)
    value, first, second = _integrand(model, base, slopes, u)
    for _ in range(_MOST_STEPS):
        step = np.clip(-first / second, -20.0, 20.0)
        for _ in range(60):
            new = u + step
            tried = _integrand(model, base, slopes, new)
            low = ~(tried[0] >= value - 1e-9 * (1 + np.abs(value)))
            if not low.any():
                break
            step = np.where(low, 0.5 * step, step)
        u = new
        value, first, second = tried
        # Newton's step squares the error: after one this small only rounding is left.
        if np.abs(step).max() < 1e-7:
            break
    return u


def _integrand(
    model: Model, base: Floats, slopes: Floats, u: Floats
) -> tuple[Floats, Floats, Floats]:
    value, first, second = model.log_likelihood(base + slopes * u)
    return (
        value.sum(axis=0) - 0.5 * u * u,
        (slopes * first).sum(axis=0) - u,
        (slopes**2 * second).sum(axis=0) - 1,
    )
