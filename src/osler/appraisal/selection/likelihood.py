r"""The likelihood of studies that were selected by their p-values, and its gradient.

With :math:`z_i = y_i / \sqrt{v_i}`, a study that exists has :math:`z \sim N(m_i, \sigma_i^2)`,
:math:`m_i = \mu_i / \sqrt{v_i}`, :math:`\sigma_i^2 = 1 + \tau^2 / v_i`; one that is seen has that
density times :math:`w(p(z)) / A_i`, where :math:`A_i` is the mean weight. p depends on z alone,
so every study's integral uses the same nodes in z, on which the weights are found once:

.. math:: A_i = \sum_c w_c P_i(\text{cell } c) + \sum_j h_j w(p_j) f_i(z_j)

Cells have constant weight (steps, tails beyond the nodes); :math:`\sigma_i \ge 1`, so the
densities are smooth at the distance of the nodes and the sum is exact to rounding.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import special

from osler.appraisal.selection.families import Family
from osler.core.arrays import Bools, Floats

# Width of the panels of nodes, in z; wider beyond _NEAR.
_PANEL, _WIDE_PANEL, _NEAR = 1.0, 2.5, 9.5
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(14)
_LOG_2PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the studies, cells and nodes, and their slopes in each parameter.

    ``log_data`` has shape (k,), ``cells`` (c,) or (k, c), ``nodes`` (n,) or (k, n); the
    slopes have one axis more, first.
    """

    log_data: Floats
    cells: Floats
    nodes: Floats
    log_data_slopes: Floats
    cell_slopes: Floats
    node_slopes: Floats


class Selection(Protocol):
    """What the likelihood asks of a weight function laid out on the studies."""

    @property
    def edges(self) -> Floats:
        """Falling z between the cells, shape (c - 1,), or (k, c - 1) where studies differ."""

    @property
    def nodes(self) -> Floats:
        """Z at the nodes, shape (n,)."""

    @property
    def steps(self) -> Floats:
        """Quadrature weights of the nodes, shape (n,)."""

    def at(self, delta: Floats) -> Weights: ...


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

    @property
    def steps(self) -> Floats:
        return np.empty(0)

    def at(self, delta: Floats) -> Weights:
        c, k = delta.size, self.which.size
        slopes = np.zeros((c, k))
        slopes[self.which, np.arange(k)] = 1.0 / np.maximum(delta[self.which], 1e-300)
        with np.errstate(divide="ignore"):
            logs = np.log(delta)[self.which]
        return Weights(logs, delta, np.empty(0), slopes, np.eye(c), np.empty((c, 0)))


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
        value = self.family.log_weight
        flat = self.imprecision.size == 1
        c = self.imprecision[0] * np.ones(1) if flat else self.imprecision[:, None]
        logs, slopes = value(delta, self.log_p, self.log_q, self.imprecision)
        logs = np.where(self.certain, 0.0, logs)
        data_slopes = np.array([np.where(self.certain, 0.0, each) for each in slopes])
        node_logs, node_slopes = value(delta, self.node_log_p, self.node_log_q, c)
        nodes = np.exp(node_logs)
        edge_logs, edge_slopes = value(delta, self.edge_log_p, self.edge_log_q, c)
        ends = np.exp(edge_logs)
        # Cells: above the first edge, the stretch of the nodes (nothing here), below the last.
        first = np.ones_like(ends[..., :1]) if self.threshold else ends[..., :1]
        empty = np.zeros_like(first)
        cells = np.concatenate([first, empty, ends[..., 1:]], axis=-1)
        cell_slopes = []
        for slope in edge_slopes:
            moved = slope * ends
            top = empty if self.threshold else moved[..., :1]
            cell_slopes.append(np.concatenate([top, empty, moved[..., 1:]], axis=-1))
        return Weights(
            logs,
            cells,
            nodes,
            data_slopes,
            np.array(cell_slopes),
            np.array([slope * nodes for slope in node_slopes]),
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
class Likelihood:
    """Log-likelihood of (coefficients, tau2, delta), with its gradient.

    ``y`` and ``v`` of shape (k,) and ``X`` of shape (k, q) are in the unit of the fit.
    """

    y: Floats
    v: Floats
    X: Floats
    selection: Selection | None
    two_sided: bool

    def __call__(
        self, beta: Floats, tau2: float, delta: Floats
    ) -> tuple[float, Floats, float, Floats]:
        """Height, and its slopes in the coefficients, tau2 and delta."""
        total = self.v + tau2
        residual = self.y - self.X @ beta
        height = -0.5 * (np.log(total) + residual**2 / total + _LOG_2PI).sum()
        by_mu = residual / total
        by_total = 0.5 * (by_mu**2 - 1.0 / total)
        by_delta = np.zeros(delta.size)
        if self.selection is not None:
            w = self.selection.at(delta)
            log_a, a_mu, a_total, a_delta = self._mean_weight(w, self.X @ beta, total)
            height += float((w.log_data - log_a).sum())
            by_mu = by_mu - a_mu
            by_total = by_total - a_total
            by_delta = w.log_data_slopes.sum(1) - a_delta
        return float(height), self.X.T @ by_mu, float(by_total.sum()), by_delta

    def _mean_weight(
        self, w: Weights, mu: Floats, total: Floats
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """Logarithm of the mean weight, and its slopes."""
        assert self.selection is not None
        se = np.sqrt(self.v)
        m, spread = mu / se, total / self.v
        moments = self._cells(m, spread)
        mean, by_m, by_s, by_delta = _weighed(moments, w.cells, w.cell_slopes)
        if self.selection.nodes.size:
            h = self.selection.steps
            more = _weighed(self._density(m, spread), h * w.nodes, h * w.node_slopes)
            mean, by_m, by_s = mean + more[0], by_m + more[1], by_s + more[2]
            by_delta = by_delta + more[3]
        mean = np.maximum(mean, 1e-300)
        return (
            np.log(mean),
            by_m / mean / se,
            by_s / mean / self.v,
            (by_delta / mean).sum(1),
        )

    def _cells(self, m: Floats, spread: Floats) -> tuple[Floats, Floats, Floats]:
        """Chances of the cells, shape (k, c), and their slopes in m and in the spread."""
        assert self.selection is not None
        edges = self.selection.edges
        above, by_m, by_s = _beyond(m, spread, edges)
        if self.two_sided:
            other, other_m, other_s = _beyond(-m, spread, edges)
            above, by_m, by_s = above + other, by_m - other_m, by_s + other_s
        zero, one = np.zeros((m.size, 1)), np.ones((m.size, 1))
        return (
            np.diff(above, axis=1, prepend=zero, append=one),
            np.diff(by_m, axis=1, prepend=zero, append=zero),
            np.diff(by_s, axis=1, prepend=zero, append=zero),
        )

    def _density(self, m: Floats, spread: Floats) -> tuple[Floats, Floats, Floats]:
        """Densities at the nodes, shape (k, n), and their slopes."""
        assert self.selection is not None
        nodes = self.selection.nodes
        f, by_m, by_s = _normal(m, spread, nodes)
        if not self.two_sided:
            return f, by_m, by_s
        other, other_m, other_s = _normal(-m, spread, nodes)
        return f + other, by_m - other_m, by_s + other_s


def _weighed(
    moments: tuple[Floats, Floats, Floats], weights: Floats, slopes: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Sums over cells or nodes: of each moment with the weights, of the first with the slopes."""
    first, by_m, by_s = moments
    if weights.ndim == 1:
        return first @ weights, by_m @ weights, by_s @ weights, (first @ slopes.T).T
    each = [(moment * weights).sum(1) for moment in moments]
    return each[0], each[1], each[2], (first * slopes).sum(-1)


def _beyond(m: Floats, spread: Floats, edges: Floats) -> tuple[Floats, Floats, Floats]:
    sigma = np.sqrt(spread)[:, None]
    u = (np.atleast_2d(edges) - m[:, None]) / sigma
    density = np.exp(-0.5 * u * u - 0.5 * _LOG_2PI)
    return special.ndtr(-u), density / sigma, 0.5 * density * u / spread[:, None]


def _normal(m: Floats, spread: Floats, nodes: Floats) -> tuple[Floats, Floats, Floats]:
    sigma = np.sqrt(spread)[:, None]
    u = (nodes[None] - m[:, None]) / sigma
    f = np.exp(-0.5 * u * u - 0.5 * _LOG_2PI) / sigma
    return f, f * u / sigma, 0.5 * f * (u * u - 1.0) / spread[:, None]
