r"""The likelihood of studies that were selected by their p-values, with its derivatives.

With :math:`z_i = y_i / \sqrt{v_i}`, a study that exists has :math:`z \sim N(m_i, \sigma_i^2)`,
:math:`m_i = \mu_i / \sqrt{v_i}`, :math:`\sigma_i^2 = 1 + \tau^2 / v_i`; one that is seen has that
density times :math:`w(p(z)) / A_i`, where :math:`A_i` is the mean weight. p depends on z alone,
so every study's integral uses the same nodes in z, on which the weights are found once:

.. math:: A_i = \sum_c w_c P_i(\text{cell } c) + \sum_j h_j w(p_j) f_i(z_j)

Cells have constant weight (steps, tails beyond the nodes); :math:`\sigma_i \ge 1`, so the
densities are smooth at the distance of the nodes and the sum is exact to rounding.

Every derivative is one in the mean: by the heat equation, half the second derivative in the
mean is the first in the variance. All functions take several sets of parameters at once.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import special

from osler.appraisal.selection.families import Curves, Family
from osler.core.arrays import Bools, Floats

# Width of the panels of nodes, in z; wider beyond _NEAR.
_PANEL, _WIDE_PANEL, _NEAR = 1.0, 2.5, 9.5
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(14)
_LOG_2PI = float(np.log(2.0 * np.pi))
# Mean weights are held above this.
_LEAST = 1e-300


# Numbers in one block of work: more sets of parameters at once than this leaves are split.
_BLOCK = 1 << 19


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights at n sets of the d parameters.

    Attributes
    ----------
    log_data, log_data_slopes, log_data_curves : arrays (n,), (n, d), (n, d, d)
        The sum of the studies' log weights, with its derivatives.
    table : array of shape (n, 1 or k, cells and nodes, 1 + d + d * d)
        Weights, their slopes and, unless they are linear, second derivatives. Weights of nodes
        hold those of the quadrature.
    """

    log_data: Floats
    log_data_slopes: Floats
    log_data_curves: Floats
    table: Floats


class Selection(Protocol):
    """What the likelihood asks of a weight function laid out on the studies."""

    @property
    def edges(self) -> Floats:
        """Falling z between the cells, shape (c - 1,), or (k, c - 1) where studies differ."""

    @property
    def nodes(self) -> Floats:
        """Z at the nodes of the quadrature."""

    def at(self, delta: Floats) -> Weights:
        """Weights at ``delta`` of shape (n, d)."""


def z_of_p(p: Floats, two_sided: bool) -> Floats:
    """The z that has this p-value."""
    return np.asarray(-special.ndtri(p / 2.0 if two_sided else p))


def log_p_of_z(z: Floats, two_sided: bool) -> tuple[Floats, Floats]:
    """Logarithms of p and of 1 - p."""
    if not two_sided:
        return special.log_ndtr(-z), special.log_ndtr(z)
    log_p = np.log(2.0) + special.log_ndtr(-np.abs(z))
    return log_p, np.log(np.maximum(special.erf(np.abs(z) / np.sqrt(2.0)), 1e-300))


@dataclass(frozen=True, slots=True)
class Steps:
    """A step function: constant weights between p-values, or between estimates."""

    edges: Floats
    which: np.ndarray[tuple[int, ...], np.dtype[np.intp]]

    @property
    def nodes(self) -> Floats:
        return np.empty(0)

    def at(self, delta: Floats) -> Weights:
        n, c = delta.shape
        counts = np.bincount(self.which, minlength=c)
        slopes = counts / np.maximum(delta, 1e-300)
        logs = np.log(delta, out=np.zeros_like(delta), where=counts > 0)
        curves = np.zeros((n, c, c))
        curves[:, range(c), range(c)] = -slopes / np.maximum(delta, 1e-300)
        each = np.broadcast_to(np.eye(c), (n, c, c))
        table = np.concatenate([delta[:, :, None], each], axis=2)
        return Weights(logs @ counts, slopes, curves, table[:, None])


@dataclass(frozen=True, slots=True)
class Smooth:
    """A smooth weight function, constant beyond its nodes, and 1 above the first edge if asked."""

    family: Family
    edges: Floats
    nodes: Floats
    steps: Floats
    log_p: Floats
    log_q: Floats
    certain: Bools
    node_log_p: Floats
    node_log_q: Floats
    edge_log_p: Floats
    edge_log_q: Floats
    threshold: bool
    imprecision: Floats

    def at(self, delta: Floats) -> Weights:
        d = [delta[:, i, None, None] for i in range(delta.shape[1])]
        c = self.imprecision[:, None]
        value = self.family.log_weight
        data = _told(value(d, self.log_p[:, None], self.log_q[:, None], c))
        data = np.where(self.certain[:, None, None], 0.0, data).sum(axis=(1, 2))
        logs, slopes, curves = _derivatives(data, len(d))
        nodes = _weighed(_told(value(d, self.node_log_p, self.node_log_q, c)), len(d))
        ends = _weighed(_told(value(d, self.edge_log_p, self.edge_log_q, c)), len(d))
        # Cells: above the first edge, the stretch of the nodes (nothing here), below the last.
        cells = np.stack(
            [ends[..., 0, :], np.zeros_like(ends[..., 0, :]), ends[..., 1, :]], axis=-2
        )
        if self.threshold:
            cells[..., 0, :] = np.arange(cells.shape[-1]) == 0
        table = np.concatenate([cells, self.steps[:, None] * nodes], axis=-2)
        return Weights(logs, slopes, curves, table)


def _told(parts: tuple[Floats, list[Floats], Curves]) -> Floats:
    """Value, slopes and second derivatives along one last axis, (1 + d + d * d,)."""
    value, slopes, curves = parts
    d = len(slopes)
    out = np.zeros((*value.shape, 1 + d + d * d))
    out[..., 0] = value
    for i, slope in enumerate(slopes):
        out[..., 1 + i] = slope
    for (i, j), curve in curves.items():
        out[..., 1 + d + d * i + j] = out[..., 1 + d + d * j + i] = curve
    return out


def _derivatives(told: Floats, d: int) -> tuple[Floats, Floats, Floats]:
    """The last axis taken apart again."""
    shape = told.shape[:-1]
    return told[..., 0], told[..., 1 : 1 + d], told[..., 1 + d :].reshape(*shape, d, d)


def _weighed(told: Floats, d: int) -> Floats:
    """Of a logarithm's value and derivatives those of the number itself."""
    log, slopes, curves = _derivatives(told, d)
    weight = np.exp(log)[..., None]
    second = curves + slopes[..., :, None] * slopes[..., None, :]
    return np.concatenate(
        [weight, weight * slopes, weight * second.reshape(*log.shape, d * d)], axis=-1
    )


def smooth_selection(
    family: Family,
    z: Floats,
    *,
    two_sided: bool,
    threshold: float | None,
    p_min: float,
    imprecision: Floats,
) -> Smooth:
    """Lay a weight function out on studies of these ``z``."""
    least = max(p_min, float(special.ndtr(-family.widest)))
    highest = float(z_of_p(np.array(least if threshold is None else threshold), two_sided))
    if two_sided:
        lowest = float(z_of_p(np.array(1.0 - max(p_min, 1e-14)), two_sided))
    else:
        lowest = -float(z_of_p(np.array(max(p_min, 1e-21)), False))
    nodes, steps = _panels(lowest, highest, two_sided)
    edges = np.array([highest, lowest])
    held = np.clip(np.abs(z) if two_sided else z, lowest, None)
    if threshold is None or p_min:
        held = np.minimum(held, float(z_of_p(np.array(least), two_sided)))
    certain = np.zeros(z.size, bool)
    if threshold is not None:
        certain = (np.abs(z) if two_sided else z) >= highest
    return Smooth(
        family,
        edges,
        nodes,
        steps,
        *log_p_of_z(held, two_sided),
        certain,
        *log_p_of_z(nodes, two_sided),
        *log_p_of_z(edges, two_sided),
        threshold is not None,
        imprecision,
    )


def _panels(lowest: float, highest: float, two_sided: bool) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes in panels, ever narrower towards 0 where p is two-sided."""
    if two_sided:
        near = lowest * 3.0 ** np.arange(0.0, 60.0)
        near = near[near < min(_PANEL, highest)]
        start = max(near[-1], lowest)
        far = np.linspace(start, highest, 2 + int((highest - start) / _PANEL))
        cuts = np.concatenate([near[:-1], far])
    else:
        inner = min(highest, _NEAR)
        cuts = np.linspace(lowest, inner, 2 + int((inner - lowest) / _PANEL))
        if highest > inner:
            # Weights change slowly out there, and no density is narrower than 1.
            outer = np.linspace(inner, highest, 2 + int((highest - inner) / _WIDE_PANEL))
            cuts = np.concatenate([cuts, outer[1:]])
    half = np.diff(cuts) / 2.0
    middle = cuts[:-1] + half
    nodes = (middle[:, None] + half[:, None] * _NODES).ravel()
    return nodes, (half[:, None] * _NODE_WEIGHTS).ravel()


@dataclass(frozen=True, slots=True)
class Slopes:
    """Heights (n,), gradients (n, m) and second derivatives (n, m, m) of n sets of parameters."""

    height: Floats
    gradient: Floats
    hessian: Floats


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Log-likelihood of (coefficients, tau2, delta), sets of which are rows of shape (m,).

    ``y`` and ``v`` of shape (k,) and ``X`` of shape (k, q) are in the unit of the fit. Without
    selection there is no delta.
    """

    y: Floats
    v: Floats
    X: Floats
    selection: Selection | None
    two_sided: bool

    def heights(self, x: Floats) -> Floats:
        """Log-likelihoods at sets of shape (n, m)."""
        return np.concatenate([self._heights(part) for part in self._blocks(x, 1)])

    def slopes(self, x: Floats) -> Slopes:
        """The same with first and second derivatives."""
        parts = [self._slopes(part) for part in self._blocks(x, 5)]
        if len(parts) == 1:
            return parts[0]
        joined = (
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("height", "gradient", "hessian")
        )
        return Slopes(*joined)

    def _blocks(self, x: Floats, derivatives: int) -> list[Floats]:
        width = 1 if self.selection is None else self.selection.nodes.size + x.shape[1]
        at_once = max(1, _BLOCK // (derivatives * width * self.y.size))
        return [x[i : i + at_once] for i in range(0, len(x), at_once)]

    def _normal(self, x: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Means, variances, slopes in the means, (n, k), and heights (n,) without selection."""
        q = self.X.shape[1]
        mu, total = x[:, :q] @ self.X.T, self.v + x[:, q, None]
        by_mu = (self.y - mu) / total
        height = -0.5 * (np.log(total) + (self.y - mu) * by_mu + _LOG_2PI).sum(1)
        return mu, total, by_mu, height

    def _heights(self, x: Floats) -> Floats:
        mu, total, _, height = self._normal(x)
        if self.selection is None:
            return height
        w = self.selection.at(x[:, self.X.shape[1] + 1 :])
        mean = (self._chances(self.selection, mu, total, 0) @ w.table[..., :1])[..., 0, 0]
        return np.asarray(height + w.log_data - np.log(np.maximum(mean, _LEAST)).sum(1))

    def _slopes(self, x: Floats) -> Slopes:
        mu, total, by_mu, height = self._normal(x)
        n, k = mu.shape
        d = x.shape[1] - self.X.shape[1] - 1
        # Of each study by mean, variance and delta.
        first, second = np.zeros((n, k, 2 + d)), np.zeros((n, k, 2 + d, 2 + d))
        squared = by_mu * by_mu
        first[..., 0], first[..., 1] = by_mu, 0.5 * (squared - 1.0 / total)
        second[..., 0, 0], second[..., 1, 1] = -1.0 / total, (0.5 / total - squared) / total
        second[..., 0, 1] = second[..., 1, 0] = -by_mu / total
        if self.selection is None:
            return self._gathered(height, first, second)
        w = self.selection.at(x[:, self.X.shape[1] + 1 :])
        log_mean, a, b = self._mean_weight(w, self._chances(self.selection, mu, total, 4))
        found = self._gathered(height + w.log_data - log_mean.sum(1), first - a, second - b)
        found.gradient[:, -d:] += w.log_data_slopes
        found.hessian[:, -d:, -d:] += w.log_data_curves
        return found

    def _gathered(self, height: Floats, first: Floats, second: Floats) -> Slopes:
        """Derivatives by the studies' means as those by coefficients, all studies summed."""
        q = self.X.shape[1]
        of = np.array([0] * q + list(range(1, first.shape[2])))
        loads = np.concatenate([self.X, np.ones((self.y.size, of.size - q))], axis=1)
        both = loads[:, :, None] * loads[:, None, :]
        hessian = (second[:, :, of[:, None], of] * both).sum(1)
        return Slopes(height, (first[:, :, of] * loads).sum(1), hessian)

    def _mean_weight(self, w: Weights, chances: Floats) -> tuple[Floats, Floats, Floats]:
        """Logarithm of the mean weight, and its derivatives by mean, variance and delta."""
        found = chances @ w.table  # derivatives in the mean by those in delta
        d = w.log_data_slopes.shape[1]
        mean = np.maximum(found[..., 0, 0], _LEAST)
        found = found / mean[..., None, None]
        first, second = np.empty((*mean.shape, 2 + d)), np.zeros((*mean.shape, 2 + d, 2 + d))
        first[..., 0], first[..., 1] = found[..., 1, 0], 0.5 * found[..., 2, 0]
        first[..., 2:] = found[..., 0, 1 : 1 + d]
        second[..., 0, 0], second[..., 1, 1] = found[..., 2, 0], 0.25 * found[..., 4, 0]
        second[..., 0, 1] = second[..., 1, 0] = 0.5 * found[..., 3, 0]
        second[..., 0, 2:] = second[..., 2:, 0] = found[..., 1, 1 : 1 + d]
        second[..., 1, 2:] = second[..., 2:, 1] = 0.5 * found[..., 2, 1 : 1 + d]
        if w.table.shape[-1] > 1 + d:
            second[..., 2:, 2:] = found[..., 0, 1 + d :].reshape(*mean.shape, d, d)
        second -= first[..., :, None] * first[..., None, :]
        return np.log(mean), first, second

    def _chances(self, at: Selection, mu: Floats, total: Floats, most: int) -> Floats:
        """Chances of cells and densities at nodes, shape (n, k, 1 + most, cells and nodes).

        With derivatives in the studies' means up to the order ``most``.
        """
        se = np.sqrt(self.v)
        m, sigma = mu / se, np.sqrt(total) / se
        found = _of_one_side(at, m, sigma, most)
        if self.two_sided:
            turn = (-1.0) ** np.arange(1 + most)
            found += turn[:, None] * _of_one_side(at, -m, sigma, most)
        cells = np.zeros((*found.shape[:-1], found.shape[-1] + 1))
        edges = at.edges.shape[-1]
        cells[..., :edges] = found[..., :edges]
        cells[..., 0, edges] = 1.0
        cells[..., 1 : edges + 1] -= found[..., :edges]
        cells[..., edges + 1 :] = found[..., edges:]
        if most:
            cells /= (se[:, None] ** np.arange(1 + most))[:, :, None]
        return cells


def _of_one_side(at: Selection, m: Floats, sigma: Floats, most: int) -> Floats:
    """Chances beyond the edges, and densities at the nodes, with derivatives in m."""
    sigma = sigma[..., None]
    u = (at.edges - m[..., None]) / sigma
    beyond = [special.ndtr(-u), *(_bell(u, sigma, most) if most else ())]
    found = np.stack(beyond, axis=-2)
    if not at.nodes.size:
        return found
    u = (at.nodes - m[..., None]) / sigma
    return np.concatenate([found, np.stack(_bell(u, sigma, 1 + most), axis=-2)], axis=-1)


def _bell(u: Floats, sigma: Floats, count: int) -> list[Floats]:
    """The normal density and its derivatives in the mean: Hermite polynomials times it."""
    found = [np.exp(-0.5 * u * u - 0.5 * _LOG_2PI) / sigma]
    by_sigma = u / sigma
    if count > 1:
        found.append(found[0] * by_sigma)
    for j in range(1, count - 1):
        found.append(by_sigma * found[j] - j / (sigma * sigma) * found[j - 1])
    return found
