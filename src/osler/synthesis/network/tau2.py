"""The between-study variance of a network, one for all comparisons."""

import numpy as np

from osler.core.arrays import Floats
from osler.core.roots import newton_in_bracket
from osler.synthesis.network.kernel import Model, Sums

NETWORK_TAU2 = ("REML", "ML", "DL", "PM")

# Width of the scan in log(v + tau2), with v the smallest variance: a step in which a likelihood
# of this kind has no room to turn twice.
_STEP = 0.25
# Numbers held at a time by the scan.
_AT_A_TIME = 4_000_000
# How often the scan's end is moved out before it is taken as it is.
_MOST = 20


def network_tau2(model: Model, method: str) -> tuple[float, int]:
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
    at_zero = model.sums(np.zeros(1))
    if method == "DL":
        return max(0.0, float((at_zero.q[0] - df) / at_zero.spread[0])), 1
    if method == "PM":
        return (0.0 if at_zero.q[0] <= df else _matching(model, df)), 1
    return _highest(model, restricted=method == "REML")


def _reach(model: Model, restricted: bool | None = None) -> float:
    """A tau2 beyond which Q, or the score, is below what is expected."""
    largest = max(float(np.abs(group.y).max()) for group in model.network.groups)
    reach, df = 4.0 * model.network.contrasts * largest * largest + 1e-12, model.freedom
    for _ in range(_MOST):
        found = model.sums(np.array([reach]))
        if (found.q[0] - df if restricted is None else _score(found, restricted)[0]) < 0:
            break
        reach *= 16.0
    return reach


def _matching(model: Model, df: int) -> float:
    def gap(tau2: Floats) -> tuple[Floats, Floats]:
        found = model.sums(tau2)
        return found.q - df, -found.pull

    upper = np.array([_reach(model)])
    zero = np.zeros(1)
    return float(newton_in_bracket(gap, zero, upper, zero, _unit(model) + zero)[0])


def _unit(model: Model) -> float:
    """The smallest variance of a contrast."""
    return min(float(np.einsum("sii->si", group.v).min()) for group in model.network.groups)


def _highest(model: Model, *, restricted: bool) -> tuple[float, int]:
    unit, reach = _unit(model), _reach(model, restricted)
    points = 2 + int(np.log1p(reach / unit) / _STEP)
    grid = unit * np.expm1(np.linspace(0.0, np.log1p(reach / unit), points))
    score = np.concatenate([_score(part, restricted) for part in _evaluated(model, grid)])
    falls = np.flatnonzero((score[:-1] > 0) & (score[1:] <= 0))
    found = [0.0] if score[0] <= 0 or not falls.size else []
    if falls.size:
        found += _polished(model, grid[falls], grid[falls + 1], unit, restricted=restricted)
    if len(found) == 1:
        return found[0], 1
    heights = _height(model.sums(np.array(found)), restricted)
    return found[int(np.argmax(heights))], len(found)


def _evaluated(model: Model, grid: Floats) -> list[Sums]:
    size = max(len(model.network.treatments) ** 2, 4 * model.network.contrasts)
    step = max(1, _AT_A_TIME // size)
    return [model.sums(grid[at : at + step]) for at in range(0, grid.size, step)]


def _polished(
    model: Model, lower: Floats, upper: Floats, unit: float, *, restricted: bool
) -> list[float]:
    def gap(tau2: Floats) -> tuple[Floats, Floats]:
        found = model.sums(tau2)
        return _score(found, restricted), _slope(found, restricted)

    start = np.sqrt((unit + lower) * (unit + upper)) - unit
    return [float(x) for x in newton_in_bracket(gap, lower, upper, start, unit + upper)]


def _score(found: Sums, restricted: bool) -> Floats:
    return found.pull - (found.spread if restricted else found.crude)


def _slope(found: Sums, restricted: bool) -> Floats:
    return (found.turn if restricted else found.crude_turn) - 2.0 * found.bend


def _height(found: Sums, restricted: bool) -> Floats:
    whole = found.log_weights - found.q
    return 0.5 * (whole - found.log_laplacian if restricted else whole)
