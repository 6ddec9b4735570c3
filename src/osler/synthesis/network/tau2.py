"""The between-study variance of a network, one for all comparisons."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats
from osler.core.roots import newton_in_bracket
from osler.synthesis.network.data import Network
from osler.synthesis.network.kernel import Sums

NETWORK_TAU2 = ("REML", "ML", "DL", "PM")

# Width of the scan in log(v + tau2), with v the smallest variance: a step in which a likelihood
# of this kind has no room to turn twice.
_STEP = 0.25
# Numbers held at a time by the scan.
_AT_A_TIME = 4_000_000
# Rounding may not put a root beyond its bound.
_MARGIN = 1.001


class Centre(Protocol):
    """A fit at one tau2 or more: where the treatments lie, and Q."""

    @property
    def position(self) -> Floats: ...

    @property
    def q(self) -> Floats: ...


class Spread(Protocol):
    """A model whose tau2 can be estimated: a network, alone or with covariates."""

    @property
    def network(self) -> Network: ...

    @property
    def freedom(self) -> int:
        """Contrasts less the dimensions that they can tell."""

    @property
    def at_zero(self) -> Centre:
        """Fitted without tau2."""

    @property
    def spread(self) -> float:
        """Slope of the expected Q in tau2, at weights without tau2."""

    def sums(self, tau2: Floats) -> Sums: ...

    def residuals(self, position: Floats) -> list[Floats]:
        """Of each group's contrasts; shape (s, m - 1)."""


def network_tau2(model: Spread, method: str) -> tuple[float, int]:
    r"""The estimate by one of ``NETWORK_TAU2``, and how many maxima the likelihood has.

    Notes
    -----
    "DL" is the generalised method of moments,
    :math:`(Q - \mathrm{df}) / \operatorname{tr} P\Sigma` at weights without tau2 [1]_, as in
    netmeta; "PM" makes Q at weights of tau2 equal its degrees of freedom; "REML" and "ML" take
    the highest maximum, with the full covariance of studies with several arms.

    References
    ----------
    .. [1] Jackson, White & Riley (2012). Stat Med 31, 3805-3820. doi:10.1002/sim.5453
    """
    df = model.freedom
    if df <= 0:
        return 0.0, 1
    q = float(model.at_zero.q[0])
    if method == "DL":
        return max(0.0, (q - df) / model.spread), 1
    if method == "PM":
        return (0.0 if q <= df else _matching(model, df)), 1
    return _highest(model, restricted=method == "REML")


def _beyond(model: Spread, expected: int | None = None) -> float:
    r"""A tau2 beyond which Q is below its degrees of freedom, or the score below 0.

    With :math:`S = e' \Sigma^{-1} e` of any residuals e, Q at weights of tau2 is S / tau2 at
    most, and ``pull`` is Q / tau2 at most; ``spread`` is at least the degrees of freedom over
    :math:`\lambda + \tau^2`, where :math:`V \le \lambda \Sigma` for every study, and so is
    ``crude`` with the number of contrasts (``expected``).
    """
    s, largest = 0.0, 0.0
    residuals = model.residuals(model.at_zero.position[0])
    for group, residual in zip(model.network.groups, residuals, strict=True):
        m = group.arms.shape[1]
        inverse = 2.0 * np.eye(m - 1) - 2.0 / m
        s += float(np.einsum("si,ij,sj->", residual, inverse, residual))
        largest = max(largest, float(np.einsum("ij,sji->s", inverse, group.v).max()))
    c = s / (expected or model.freedom)
    bound = c if expected is None else 0.5 * (c + float(np.sqrt(c * (c + 4.0 * largest))))
    return _MARGIN * bound


def _matching(model: Spread, df: int) -> float:
    def gap(tau2: Floats) -> tuple[Floats, Floats]:
        found = model.sums(tau2)
        return found.q - df, -found.pull

    upper, zero = np.array([_beyond(model)]), np.zeros(1)
    start = np.minimum(upper, (model.at_zero.q - df) / model.spread)
    return float(newton_in_bracket(gap, zero, upper, start, _unit(model) + zero)[0])


def _unit(model: Spread) -> float:
    """The smallest variance of a contrast."""
    return min(float(np.einsum("sii->si", group.v).min()) for group in model.network.groups)


def _highest(model: Spread, *, restricted: bool) -> tuple[float, int]:
    df = model.freedom if restricted else model.network.contrasts
    unit, reach = _unit(model), _beyond(model, df)
    points = 2 + int(np.log1p(reach / unit) / _STEP)
    grid = unit * np.expm1(np.linspace(0.0, np.log1p(reach / unit), points))
    parts = _evaluated(model, grid)
    score = np.concatenate([_score(part, restricted) for part in parts])
    falls = np.flatnonzero((score[:-1] > 0) & (score[1:] <= 0))
    found = [0.0] if score[0] <= 0 or not falls.size else []
    if falls.size:
        slope = np.concatenate([_slope(part, restricted) for part in parts]) * (unit + grid)
        start = unit * np.expm1(_crossing(np.log1p(grid / unit), score, slope, falls))
        start = np.clip(start, grid[falls], grid[falls + 1])
        found += _polished(model, grid[falls], grid[falls + 1], start, unit, restricted=restricted)
    if len(found) == 1:
        return found[0], 1
    heights = _height(model.sums(np.array(found)), restricted)
    return found[int(np.argmax(heights))], len(found)


def _crossing(u: Floats, score: Floats, slope: Floats, falls: NDArray[np.intp]) -> Floats:
    """Where scores cross 0 after each of ``falls``, by a cubic in the score through both ends."""
    ends = falls, falls + 1
    f0, f1 = (score[at] for at in ends)
    share = f0 / (f0 - f1)
    line = u[falls] + share * (u[ends[1]] - u[falls])
    both = (slope[ends[0]] < 0) & (slope[ends[1]] < 0)
    m0, m1 = ((f1 - f0) / np.where(both, slope[at], -np.inf) for at in ends)
    bent = (
        (1.0 - share) ** 2 * ((1.0 + 2.0 * share) * u[falls] + share * m0)
        + share**2 * ((3.0 - 2.0 * share) * u[ends[1]] - (1.0 - share) * m1)
    )  # fmt: skip
    inside = both & (bent > u[falls]) & (bent < u[ends[1]])
    return np.asarray(np.where(inside, bent, line))


def _evaluated(model: Spread, grid: Floats) -> list[Sums]:
    size = max(len(model.network.treatments) ** 2, 4 * model.network.contrasts)
    step = max(1, _AT_A_TIME // size)
    return [model.sums(grid[at : at + step]) for at in range(0, grid.size, step)]


def _polished(
    model: Spread, lower: Floats, upper: Floats, start: Floats, unit: float, *, restricted: bool
) -> list[float]:
    def gap(tau2: Floats) -> tuple[Floats, Floats]:
        found = model.sums(tau2)
        return _score(found, restricted), _slope(found, restricted)

    return [float(x) for x in newton_in_bracket(gap, lower, upper, start, unit + upper)]


def _score(found: Sums, restricted: bool) -> Floats:
    return found.pull - (found.spread if restricted else found.crude)


def _slope(found: Sums, restricted: bool) -> Floats:
    return (found.turn if restricted else found.crude_turn) - 2.0 * found.bend


def _height(found: Sums, restricted: bool) -> Floats:
    whole = found.log_weights - found.q
    return 0.5 * (whole - found.log_laplacian if restricted else whole)
